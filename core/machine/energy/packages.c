/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/packages.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/units.h"

#define CPU_DIR "/sys/devices/system/cpu"
/* Ids are small numbers; what is beyond is a virtual machine's fancy. */
#define IDS_MAX 4096

typedef struct id_set {
    uint64_t bits[IDS_MAX / 64];
    uint32_t count;
} id_set;

static void add_id(id_set *ids, uint64_t id) {
    if (id >= IDS_MAX || (ids->bits[id / 64] >> id % 64 & 1u) != 0)
        return;
    ids->bits[id / 64] |= UINT64_C(1) << id % 64;
    ids->count++;
}

/* "physical id\t: 1\n" */
static void take_line(id_set *ids, char *line) {
    uint64_t id = 0;
    char *colon = strchr(line, ':');

    if (!gb_starts_with(line, "physical id") || colon == NULL)
        return;
    char *text = colon + 1 + strspn(colon + 1, " \t");
    text[strcspn(text, "\n")] = '\0';
    if (gb_parse_u64(text, &id, NULL) == GB_OK)
        add_id(ids, id);
}

uint32_t gb_energy_packages_listed(FILE *cpuinfo) {
    id_set ids = {0};
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, cpuinfo) >= 0)
        take_line(&ids, line);
    free(line);
    return ids.count;
}

static uint32_t ask_cpuinfo(const gb_sysroot *root) {
    int fd = -1;

    if (gb_sysroot_open_file(root, "/proc/cpuinfo", &fd, NULL) != GB_OK)
        return 0;
    FILE *file = fdopen(fd, "r");
    if (file == NULL) {
        close(fd);
        return 0;
    }
    const uint32_t count = gb_energy_packages_listed(file);
    fclose(file);
    return count;
}

/* "cpu12", but not "cpufreq" */
static bool is_cpu(const char *name) {
    return gb_starts_with(name, "cpu") && name[3] != '\0' &&
           name[3 + strspn(name + 3, "0123456789")] == '\0';
}

static uint32_t ask_sysfs(const gb_sysroot *root) {
    id_set ids = {0};
    char **names = NULL, path[320];
    size_t count = 0;
    uint64_t id = 0;

    if (gb_sysroot_list(root, CPU_DIR, &names, &count, NULL) != GB_OK)
        return 0;
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof(path), CPU_DIR "/%s/topology/physical_package_id",
                 names[i]);
        /* -1, where firmware does not say, is no number here. */
        if (is_cpu(names[i]) &&
            gb_sysroot_read_u64(root, path, &id, NULL) == GB_OK)
            add_id(&ids, id);
    }
    gb_sysroot_free_names(names, count);
    return ids.count;
}

uint32_t gb_energy_packages(const gb_sysroot *root) {
    const uint32_t listed = ask_cpuinfo(root);

    return listed > 0 ? listed : ask_sysfs(root);
}
