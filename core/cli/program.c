/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/program.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/rundir.h"
#include "base/clock.h"

gb_status gb_program_path(char *path, size_t size, gb_error *err) {
    const ssize_t length = readlink("/proc/self/exe", path, size - 1);
    if (length < 0)
        return gb_fail_os(err, GB_ERR_IO, "is /proc mounted?",
                          "cannot find this program's own path");
    path[length] = '\0';
    return GB_OK;
}

gb_status gb_program_prefix(char *path, size_t size, gb_error *err) {
    const gb_status status = gb_program_path(path, size, err);

    for (int i = 0; i < 2 && status == GB_OK; i++) {
        char *slash = strrchr(path, '/');
        if (slash != NULL)
            *slash = '\0';
    }
    return status;
}

gb_status gb_program_share(const char *name, char *path, size_t size,
                           gb_error *err) {
    char prefix[PATH_MAX];
    const gb_status status = gb_program_prefix(prefix, sizeof(prefix), err);

    if (status == GB_OK)
        snprintf(path, size, "%s/share/greenbench/%s", prefix, name);
    return status;
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

static const char *set_or_null(const char *name) {
    const char *value = name != NULL ? getenv(name) : NULL;
    return value != NULL && value[0] != '\0' ? value : NULL;
}

gb_status gb_program_job(gb_job *job_out, gb_error *err) {
    static const struct {
        const char *name, *id, *queue, *nodes;
    } systems[] = {
        {"slurm", "SLURM_JOB_ID", "SLURM_JOB_PARTITION", "SLURM_JOB_NODELIST"},
        {"pbs", "PBS_JOBID", "PBS_QUEUE", NULL},
        {"lsf", "LSB_JOBID", "LSB_QUEUE", "LSB_HOSTS"},
        {"flux", "FLUX_JOB_ID", NULL, NULL},
    };
    *job_out = (gb_job){0};
    for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
        const char *id = set_or_null(systems[i].id);
        if (id == NULL)
            continue;
        const char *queue = set_or_null(systems[i].queue);
        const char *nodes = set_or_null(systems[i].nodes);
        gb_copy(job_out->system, sizeof(job_out->system), systems[i].name);
        gb_copy(job_out->id, sizeof(job_out->id), id);
        gb_copy(job_out->queue, sizeof(job_out->queue),
                queue != NULL ? queue : "");
        if (nodes == NULL)
            return GB_OK;
        job_out->nodes = strdup(nodes);
        return job_out->nodes != NULL ? GB_OK
                                      : gb_fail_memory(err, "the job's nodes");
    }
    return GB_OK;
}

void gb_program_job_text(const gb_job *job, char *out, size_t size) {
    gb_str text = {0};
    if (job->system[0] != '\0')
        gb_str_addf(&text, "%s job %s", job->system, job->id);
    if (job->queue[0] != '\0')
        gb_str_addf(&text, ", queue %s", job->queue);
    if (job->nodes != NULL)
        gb_str_addf(&text, ", nodes %s", job->nodes);
    gb_copy(out, size, text.text != NULL ? text.text : "");
    gb_str_fini(&text);
}

gb_status gb_program_describe(int argc, char **argv, gb_session *session,
                              gb_error *err) {
    const char *sysroot = getenv("GREENBENCH_SYSROOT");
    const gb_status status = gb_program_job(&session->job, err);

    if (status != GB_OK)
        return status;
    gb_program_job_text(&session->job, session->scheduler,
                        sizeof(session->scheduler));
    gb_rundir_make_id(session->job.id, session->run_id,
                      sizeof(session->run_id));
    gb_copy(session->tool_version, sizeof(session->tool_version),
            gb_program_version);
    gb_copy(session->tool_git, sizeof(session->tool_git), gb_program_git);
    gb_copy(session->tool_build, sizeof(session->tool_build), gb_program_build);
    gb_copy(session->sysroot, sizeof(session->sysroot),
            sysroot != NULL ? sysroot : "");
    session->command = gb_program_command_line(argc, argv);
    session->started_utc_ns = gb_clock_utc_ns();
    return session->command != NULL ? GB_OK
                                    : gb_fail_memory(err, "the command line");
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
