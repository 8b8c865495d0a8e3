/* SPDX-License-Identifier: Apache-2.0 */
/* How much memory this process may really use: hwloc's total is wrong on some
 * VMs, and MemAvailable knows nothing of a container's limit. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/text.h"
#include "base/units.h"
#include "machine/platform/platform.h"

#define PATH_SIZE 512

/* "MemAvailable:   24448880 kB" -> bytes; 0 if there is no such line. */
static uint64_t meminfo_bytes(const gb_sysroot *root, const char *field) {
    char text[8192];
    if (gb_sysroot_read_text(root, "/proc/meminfo", text, sizeof(text), NULL) !=
        GB_OK)
        return 0;
    const size_t length = strlen(field);
    for (const char *line = text; line != NULL;
         line = strchr(line, '\n') != NULL ? strchr(line, '\n') + 1 : NULL) {
        unsigned long long kib = 0;
        if (strncmp(line, field, length) == 0 && line[length] == ':' &&
            sscanf(line + length + 1, "%llu kB", &kib) == 1)
            return (uint64_t)kib * 1024;
    }
    return 0;
}

/* What one cgroup still allows: its limit less what it uses (without the page
 * cache it would give back). UINT64_MAX: no limit here. */
static uint64_t group_room(const gb_sysroot *root, const char *folder,
                           const char *limit_file, const char *usage_file,
                           uint64_t *limit_out) {
    char path[PATH_SIZE + 64], text[64];
    uint64_t limit = 0, used = 0;
    snprintf(path, sizeof(path), "%s/%s", folder, limit_file);
    if (gb_sysroot_read_text(root, path, text, sizeof(text), NULL) != GB_OK ||
        gb_parse_u64(text, &limit, NULL) != GB_OK)
        return UINT64_MAX; /* "max", or no such controller */
    if (limit > UINT64_MAX / 4)
        return UINT64_MAX; /* v1 writes "no limit" as a huge number */
    snprintf(path, sizeof(path), "%s/%s", folder, usage_file);
    if (gb_sysroot_read_u64(root, path, &used, NULL) != GB_OK)
        used = 0;
    snprintf(path, sizeof(path), "%s/memory.stat", folder);
    char stat[8192];
    unsigned long long cache = 0;
    if (gb_sysroot_read_text(root, path, stat, sizeof(stat), NULL) == GB_OK) {
        const char *line = strstr(stat, "\ninactive_file ");
        if (line != NULL)
            (void)sscanf(line + 1, "inactive_file %llu", &cache);
    }
    used = used > cache ? used - cache : 0;
    if (*limit_out == 0 || limit < *limit_out)
        *limit_out = limit;
    return limit > used ? limit - used : 0;
}

/* From the process's own group up to the root of the hierarchy. */
static uint64_t room_on_the_way_up(const gb_sysroot *root, const char *mount,
                                   const char *group, const char *limit_file,
                                   const char *usage_file,
                                   uint64_t *limit_out) {
    char folder[PATH_SIZE];
    uint64_t room = UINT64_MAX;
    snprintf(folder, sizeof(folder), "%s%s", mount,
             strcmp(group, "/") == 0 ? "" : group);
    for (;;) {
        const uint64_t here =
            group_room(root, folder, limit_file, usage_file, limit_out);
        room = here < room ? here : room;
        char *slash = strrchr(folder, '/');
        if (strlen(folder) <= strlen(mount) || slash == NULL)
            return room;
        *slash = '\0';
    }
}

static uint64_t cgroup_room(const gb_sysroot *root, uint64_t *limit_out) {
    char text[4096];
    uint64_t room = UINT64_MAX;
    if (gb_sysroot_read_text(root, "/proc/self/cgroup", text, sizeof(text),
                             NULL) != GB_OK)
        gb_copy(text, sizeof(text), "0::/");
    for (char *line = text, *next; line != NULL; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        /* "0::/user.slice" (v2), "4:memory:/docker/ab12" (v1) */
        const char *controllers = strchr(line, ':');
        const char *group =
            controllers != NULL ? strchr(controllers + 1, ':') : NULL;
        if (group == NULL)
            continue;
        uint64_t here = UINT64_MAX;
        if (group == controllers + 1)
            here =
                room_on_the_way_up(root, "/sys/fs/cgroup", group + 1,
                                   "memory.max", "memory.current", limit_out);
        else if (strstr(controllers, "memory") != NULL)
            here = room_on_the_way_up(root, "/sys/fs/cgroup/memory", group + 1,
                                      "memory.limit_in_bytes",
                                      "memory.usage_in_bytes", limit_out);
        room = here < room ? here : room;
    }
    return room;
}

uint64_t gb_platform_usable_memory(const gb_sysroot *root,
                                   uint64_t *cgroup_limit_out) {
    struct rlimit own;
    uint64_t usable = meminfo_bytes(root, "MemAvailable");
    *cgroup_limit_out = 0;
    const uint64_t room = cgroup_room(root, cgroup_limit_out);
    if (room < usable || usable == 0)
        usable = room != UINT64_MAX ? room : usable;
    if (getrlimit(RLIMIT_AS, &own) == 0 && own.rlim_cur != RLIM_INFINITY &&
        (uint64_t)own.rlim_cur < usable)
        usable = (uint64_t)own.rlim_cur;
    return usable;
}
