/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/program.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "greenbench/ext/pace.h"
#include "greenbench/ext/team.h"
#include "machine/comm/comm.h"

gb_status gb_program_path(char *path, size_t size, gb_error *err) {
    const ssize_t length = readlink("/proc/self/exe", path, size - 1);
    if (length < 0)
        return gb_fail_os(err, GB_ERR_IO, "is /proc mounted?",
                          "cannot find this program's own path");
    path[length] = '\0';
    return GB_OK;
}

static const char *const *extensions_of(bool with_mpi) {
    static const char *const offered[] = {GB_EXT_TEAM, GB_EXT_PACE, NULL};
    static const char *const with[] = {GB_EXT_TEAM, GB_EXT_PACE,
                                       GB_COMM_PLUGIN_EXTENSION, NULL};
    return with_mpi ? with : offered;
}

gb_status gb_program_load_plugins(bool with_mpi, gb_plugin_set **set_out,
                                  gb_catalogue *catalogue_out, gb_error *err) {
    char path[PATH_MAX];
    char **folders = NULL;
    size_t folder_count = 0;

    gb_status status = gb_program_path(path, sizeof(path), err);
    if (status != GB_OK)
        return status;
    *strrchr(path, '/') = '\0';
    status = gb_plugin_folders(getenv("GREENBENCH_PLUGIN_PATH"), path, &folders,
                               &folder_count, err);
    if (status == GB_OK)
        status = gb_plugin_set_load((const char *const *)folders, folder_count,
                                    extensions_of(with_mpi), set_out,
                                    catalogue_out, err);
    for (size_t i = 0; i < folder_count; i++)
        free(folders[i]);
    free(folders);
    return status;
}

gb_status gb_program_unpack_plugins(bool with_mpi, const void *packed,
                                    size_t bytes, gb_plugin_set **set_out,
                                    gb_error *err) {
    return gb_plugin_set_unpack(packed, bytes, extensions_of(with_mpi), set_out,
                                err);
}

gb_status gb_program_sysroot(gb_sysroot **root_out, gb_error *err) {
    return gb_sysroot_open(getenv("GREENBENCH_SYSROOT"), root_out, err);
}

const char *gb_program_energy_setting(const char *source) {
    char name[64] = "GREENBENCH_";
    size_t length = strlen(name);

    for (; *source != '\0' && length + 1 < sizeof(name); source++)
        name[length++] = (char)toupper((unsigned char)*source);
    name[length] = '\0';
    const char *setting = getenv(name);
    return setting != NULL && setting[0] != '\0' ? setting : NULL;
}

void gb_program_scheduler(char *job_id, size_t job_id_size, char *description,
                          size_t description_size) {
    static const struct {
        const char *name, *id, *queue, *nodes;
    } systems[] = {
        {"slurm", "SLURM_JOB_ID", "SLURM_JOB_PARTITION", "SLURM_JOB_NODELIST"},
        {"pbs", "PBS_JOBID", "PBS_QUEUE", NULL},
        {"lsf", "LSB_JOBID", "LSB_QUEUE", "LSB_HOSTS"},
        {"flux", "FLUX_JOB_ID", NULL, NULL},
    };
    job_id[0] = '\0';
    description[0] = '\0';
    for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
        const char *id = getenv(systems[i].id);
        if (id == NULL || id[0] == '\0')
            continue;
        const char *queue =
            systems[i].queue != NULL ? getenv(systems[i].queue) : NULL;
        const char *nodes =
            systems[i].nodes != NULL ? getenv(systems[i].nodes) : NULL;
        gb_copy(job_id, job_id_size, id);
        snprintf(description, description_size, "%s job %s%s%s%s%s",
                 systems[i].name, id, queue != NULL ? ", queue " : "",
                 queue != NULL ? queue : "", nodes != NULL ? ", nodes " : "",
                 nodes != NULL ? nodes : "");
        return;
    }
}

char *gb_program_command_line(int argc, char **argv) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
                                "uvwxyz0123456789-_=+./,:@%";
    gb_str line = {0};
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        gb_str_add(&line, i > 0 ? " " : "");
        if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
            gb_str_add(&line, word);
            continue;
        }
        gb_str_add(&line, "'");
        for (; *word != '\0'; word++) {
            if (*word == '\'')
                gb_str_add(&line, "'\\''");
            else
                gb_str_addn(&line, word, 1);
        }
        gb_str_add(&line, "'");
    }
    return gb_str_take(&line);
}
