/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/domains.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "metering/delta.h"

/* The sampler's fastest rate. */
#define FASTEST_HZ 1000.0

gb_energy_domain *gb_domain_list_add(gb_domain_list *list, const char *source,
                                     const char *name, const char *path,
                                     gb_energy_scope scope) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 8;
        gb_energy_domain *items =
            realloc(list->items, capacity * sizeof(*items));

        if (!items)
            return NULL;
        list->items = items;
        list->capacity = capacity;
    }

    gb_energy_domain *domain = &list->items[list->count++];

    *domain = (gb_energy_domain){
        .kind = GB_READING_ENERGY,
        .scope = scope,
        .package = -1,
        .die = -1,
        .refresh = -1,
        .tick_j = 1e-6,
        .step_j = 1e-6,
        .max_power_w = GB_MAX_NODE_W,
        .status = GB_DOMAIN_OK,
        .quality = GB_QUALITY_MEASURED,
    };
    gb_copy(domain->source, sizeof(domain->source), source);
    gb_copy(domain->name, sizeof(domain->name), name);
    gb_copy(domain->path, sizeof(domain->path), path ? path : "");
    return domain;
}

bool gb_domain_list_has(const gb_domain_list *list, const char *name) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return true;
    return false;
}

void gb_domain_list_fini(gb_domain_list *list) {
    free(list->items);
    *list = (gb_domain_list){0};
}

void gb_domain_refuse(gb_energy_domain *domain, gb_domain_status status,
                      const char *fix, const char *fmt, ...) {
    char reason[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(reason, sizeof(reason), fmt, args);
    va_end(args);
    domain->status = status;
    domain->quality = GB_QUALITY_UNAVAILABLE;
    gb_copy(domain->reason, sizeof(domain->reason), reason);
    gb_copy(domain->fix, sizeof(domain->fix), fix ? fix : "");
}

void gb_domain_refuse_too_fast(gb_energy_domain *domain) {
    if (domain->status != GB_DOMAIN_OK || domain->kind != GB_READING_ENERGY)
        return;
    const double longest_s = gb_delta_longest_interval_s(domain);
    if (longest_s * FASTEST_HZ >= 1.0)
        return;
    gb_domain_refuse(
        domain, GB_DOMAIN_UNSUPPORTED,
        "report its range to the maker: greenbench sensors --json "
        "shows wrap_ticks, tick_j and max_power_w",
        "expected a counter that %.0f samples a second can follow, "
        "got one that wraps after %.3g J and needs %.3g",
        FASTEST_HZ, (double)domain->wrap_ticks * domain->tick_j,
        1.0 / longest_s);
}

void gb_domain_note(gb_energy_domain *domain, const char *fmt, ...) {
    char reason[512];
    va_list args;
    size_t used = 0;

    if (domain->reason[0] != '\0')
        used = (size_t)snprintf(reason, sizeof(reason), "%s; ", domain->reason);
    va_start(args, fmt);
    vsnprintf(reason + used, sizeof(reason) - used, fmt, args);
    va_end(args);
    gb_copy(domain->reason, sizeof(domain->reason), reason);
}

void gb_domain_refuse_error(gb_energy_domain *domain, const gb_error *why,
                            const char *path, const char *fix) {
    if (why->status == GB_ERR_PERMISSION || why->os_errno == EACCES ||
        why->os_errno == EPERM)
        gb_domain_refuse(domain, GB_DOMAIN_FORBIDDEN, fix,
                         "cannot read '%s': permission denied (errno %d, "
                         "uid %ld)",
                         path, why->os_errno ? why->os_errno : EACCES,
                         (long)geteuid());
    else if (why->os_errno)
        gb_domain_refuse(domain, GB_DOMAIN_FAILED, why->hint,
                         "cannot read '%s': %s (errno %d)", path,
                         strerror(why->os_errno), why->os_errno);
    else
        gb_domain_refuse(domain, GB_DOMAIN_FAILED, why->hint, "%s", why->what);
}

void gb_domain_access_fix(char *out, size_t size) {
    const char *rule = GB_UDEV_RULE; /* where CMake installs it */
    struct passwd entry, *found = NULL;
    char text[1024], user[40];

    if (access(rule, R_OK) != 0) /* run from the build tree, or moved */
        rule = strrchr(rule, '/') + 1;
    if (getpwuid_r(getuid(), &entry, text, sizeof(text), &found) == 0 && found)
        gb_copy(user, sizeof(user), entry.pw_name);
    else
        snprintf(user, sizeof(user), "#%ld", (long)getuid());
    snprintf(
        out, size,
        "as root: cp %s /etc/udev/rules.d; groupadd -f greenbench; gpasswd "
        "-a %s greenbench; reload udev, log in again; never readable by "
        "all (CVE-2020-8694)",
        rule, user);
}

void gb_reading_stamp(gb_energy_reading *reading, uint64_t before_ns,
                      uint64_t after_ns) {
    uint64_t half_ns = after_ns > before_ns ? (after_ns - before_ns) / 2 : 0;

    reading->time_ns = before_ns + half_ns;
    reading->half_ns = half_ns > UINT32_MAX ? UINT32_MAX : (uint32_t)half_ns;
}

void gb_reading_take(const gb_energy_env *env, int fd, const char *path,
                     uint64_t ticks_max, gb_energy_reading *reading) {
    uint64_t before_ns = gb_clock_now_ns(env->clock);
    uint64_t ticks = 0;
    gb_status status = gb_sysroot_pread_u64(env->root, fd, path, &ticks, NULL);

    gb_reading_stamp(reading, before_ns, gb_clock_now_ns(env->clock));
    reading->ok = status == GB_OK && ticks <= ticks_max;
    reading->ticks = reading->ok ? ticks : 0;
}

void gb_close_fd(int fd) {
    if (fd >= 0)
        close(fd);
}

bool gb_node_is_amd(const gb_node *node) {
    return strcmp(node->cpu_vendor, "AuthenticAMD") == 0 ||
           strcmp(node->cpu_vendor, "HygonGenuine") == 0;
}
