/* SPDX-License-Identifier: Apache-2.0 */
/* hwmon: board power meters (ACPI, Grace, OCC) and AMD's energy driver.
 * Chips are found by `name` and channels by label, never by number.
 * Rules and traps: reference/energy.md §3, rules 6, 15, 27, 39, 51. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "machine/energy/domains.h"
#include "machine/energy/meter.h"

#define CLASS_DIR "/sys/class/hwmon"

static const char read_fix[] =
    "give a group read access to this file with a udev rule as in "
    "60-greenbench-powercap.rules (SUBSYSTEM==\"hwmon\"), never to everyone";

struct gb_energy_source {
    gb_energy_env env;
    gb_domain_list domains;
    int *fds; /* [fd_capacity] */
    size_t fd_capacity;
};

static void hwmon_close(gb_energy_source *source) {
    if (!source)
        return;
    for (size_t i = 0; i < source->domains.count && i < source->fd_capacity;
         i++)
        gb_close_fd(source->fds[i]);
    free(source->fds);
    gb_domain_list_fini(&source->domains);
    free(source);
}

/* --- opening one channel -------------------------------------------------- */

static gb_energy_domain *add_domain(gb_energy_source *source, const char *name,
                                    const char *chip_dir, const char *path,
                                    gb_energy_scope scope, gb_error *err) {
    char unique[64];

    gb_copy(unique, sizeof(unique), name);
    if (gb_domain_list_has(&source->domains, unique))
        snprintf(unique, sizeof(unique), "%.40s@%.16s", name,
                 strrchr(chip_dir, '/') + 1);
    gb_energy_domain *domain = gb_domain_list_add(
        &source->domains, gb_energy_hwmon.name, unique, path, scope);
    size_t count = source->domains.count;

    if (domain && count > source->fd_capacity) {
        size_t capacity = 2 * count;
        int *fds = realloc(source->fds, capacity * sizeof(*fds));
        if (!fds) {
            source->domains.count--;
            domain = NULL;
        } else {
            source->fds = fds;
            source->fd_capacity = capacity;
        }
    }
    if (!domain)
        gb_fail_memory(err, "a hwmon domain");
    else
        source->fds[count - 1] = -1;
    return domain;
}

/* Largest tick that is a value: the driver's error values lie far above. */
static uint64_t ticks_max(const gb_energy_domain *domain) {
    return domain->kind == GB_READING_POWER
               ? (uint64_t)(domain->max_power_w / domain->tick_j)
               : UINT64_MAX;
}

/* Open the file and read it once; the domain's verdict tells the outcome. */
static void open_channel(gb_energy_source *source, gb_energy_domain *domain) {
    size_t index = (size_t)(domain - source->domains.items);
    gb_error err = {0};
    uint64_t ticks = 0;
    int fd = -1;
    gb_status status =
        gb_sysroot_open_file(source->env.root, domain->path, &fd, &err);

    if (status == GB_OK)
        status = gb_sysroot_pread_u64(source->env.root, fd, domain->path,
                                      &ticks, &err);
    if (status == GB_OK &&
        (ticks > ticks_max(domain) || gb_meter_is_sentinel(ticks)))
        status = gb_fail(&err, GB_ERR_RANGE, NULL,
                         "'%s': expected a value, got the driver's mark for "
                         "none (%llu)",
                         domain->path, (unsigned long long)ticks);
    if (status != GB_OK) {
        gb_domain_refuse_error(domain, &err, domain->path, read_fix);
        gb_close_fd(fd);
        fd = -1;
    }
    source->fds[index] = fd;
}

/* --- power_meter ---------------------------------------------------------- */

/* Where the attributes are: beside `name` since the driver's conversion of
 * March 2025, below `device` before. */
static bool attribute_dir(const gb_sysroot *root, const char *chip_dir,
                          char *dir, size_t size) {
    static const char *const places[] = {"", "/device"};
    static const char *const values[] = {"power1_average", "power1_input"};

    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 2; j++) {
            char path[192];
            snprintf(path, sizeof(path), "%s%s/%s", chip_dir, places[i],
                     values[j]);
            if (gb_sysroot_kind(root, path) == GB_PATH_FILE) {
                snprintf(dir, size, "%s%s", chip_dir, places[i]);
                return true;
            }
        }
    return false;
}

static gb_status add_power_meter(gb_energy_source *source, const char *chip_dir,
                                 gb_error *err) {
    const gb_sysroot *root = source->env.root;
    char dir[160], path[192], label[64] = "";
    uint64_t value;

    if (!attribute_dir(root, chip_dir, dir, sizeof(dir)))
        return GB_OK; /* a meter that only measures capability */
    snprintf(path, sizeof(path), "%s/power1_is_battery", dir);
    if (gb_sysroot_read_u64(root, path, &value, NULL) == GB_OK && value == 1)
        return GB_OK;
    snprintf(path, sizeof(path), "%s/power1_oem_info", dir);
    gb_sysroot_read_text(root, path, label, sizeof(label), NULL);

    gb_meter_meaning meaning = gb_meter_parse_label(label);
    snprintf(path, sizeof(path), "%s/power1_average", dir);
    if (gb_sysroot_kind(root, path) != GB_PATH_FILE)
        snprintf(path, sizeof(path), "%s/power1_input", dir);
    gb_energy_domain *domain =
        add_domain(source, label[0] ? label : "power_meter", chip_dir, path,
                   meaning.scope, err);
    if (!domain)
        return GB_ERR_NO_MEMORY;

    gb_meter_describe(domain);
    domain->package = meaning.package;
    domain->refresh = meaning.package;
    domain->max_power_w = meaning.scope == GB_SCOPE_NODE_AC
                              ? GB_MAX_NODE_W
                              : 4 * GB_MAX_PACKAGE_W;
    snprintf(path, sizeof(path), "%s/power1_average_interval", dir);
    if (gb_sysroot_read_u64(root, path, &value, NULL) == GB_OK && value > 0 &&
        value <= 3600000)
        domain->update_ns = domain->average_ns = value * 1000000;
    snprintf(path, sizeof(path), "%s/power1_accuracy", dir);
    if (gb_sysroot_read_text(root, path, label, sizeof(label), NULL) == GB_OK)
        domain->accuracy_stated =
            gb_meter_accuracy_u_rel(label, &domain->u_rel);
    if (meaning.scope == GB_SCOPE_NODE_AC)
        gb_copy(domain->reason, sizeof(domain->reason),
                "the firmware does not say on which side of the power supply "
                "it measures: taken as the input, as BMCs usually do");
    return GB_OK;
}

/* --- occ (POWER9 and later) ----------------------------------------------- */

static gb_status add_occ(gb_energy_source *source, const char *chip_dir,
                         gb_error *err) {
    const gb_sysroot *root = source->env.root;

    for (int n = 1; n <= 64; n++) {
        char path[192], label[64];
        uint64_t value;

        snprintf(path, sizeof(path), "%s/power%d_label", chip_dir, n);
        if (gb_sysroot_read_text(root, path, label, sizeof(label), NULL) !=
            GB_OK)
            continue;
        gb_meter_meaning meaning = gb_meter_parse_occ_label(label);
        if (meaning.scope == GB_SCOPE_OTHER)
            continue;
        snprintf(path, sizeof(path), "%s/power%d_average", chip_dir, n);
        if (gb_sysroot_kind(root, path) != GB_PATH_FILE)
            snprintf(path, sizeof(path), "%s/power%d_input", chip_dir, n);
        gb_energy_domain *domain =
            add_domain(source, label, chip_dir, path, meaning.scope, err);
        if (!domain)
            return GB_ERR_NO_MEMORY;
        gb_meter_describe(domain);
        domain->package = meaning.package;
        domain->refresh = 0; /* one scan of the controller */
        domain->step_j = 1.0;
        domain->update_ns = domain->average_ns = 40000000; /* about 25 Sa/s */
        /* This driver gives the interval in us, unlike all others (occ.rst). */
        snprintf(path, sizeof(path), "%s/power%d_average_interval", chip_dir,
                 n);
        if (gb_sysroot_read_u64(root, path, &value, NULL) == GB_OK &&
            value > 0 && value <= 3600000000)
            domain->average_ns = value * 1000;
        domain->max_power_w = meaning.scope == GB_SCOPE_NODE_DC
                                  ? GB_MAX_NODE_W
                                  : GB_MAX_PACKAGE_W;
        open_channel(source, domain);
    }
    return GB_OK;
}

/* --- amd_energy ----------------------------------------------------------- */

static gb_status add_amd_energy(gb_energy_source *source, const char *chip_dir,
                                gb_error *err) {
    const gb_sysroot *root = source->env.root;
    size_t cores = 0;

    for (int n = 1; n <= 4096; n++) {
        char path[192], label[64];
        int package;

        snprintf(path, sizeof(path), "%s/energy%d_label", chip_dir, n);
        if (gb_sysroot_kind(root, path) == GB_PATH_ABSENT)
            break;
        if (gb_sysroot_read_text(root, path, label, sizeof(label), NULL) !=
            GB_OK)
            continue;
        cores += gb_starts_with(label, "Ecore") ? 1u : 0u;
        if (sscanf(label, "Esocket%d", &package) != 1)
            continue;
        snprintf(path, sizeof(path), "%s/energy%d_input", chip_dir, n);
        gb_energy_domain *domain =
            add_domain(source, label, chip_dir, path, GB_SCOPE_PACKAGE, err);
        if (!domain)
            return GB_ERR_NO_MEMORY;
        domain->package = package;
        domain->refresh = 0; /* one kernel thread accumulates them all */
        domain->step_j = 0x1p-16;
        domain->update_ns = 1000000;
        domain->max_power_w = GB_MAX_PACKAGE_W;
        domain->u_rel = GB_U_REL_RAPL_MODELLED;
        open_channel(source, domain);
    }
    if (cores == 0)
        return GB_OK;

    char path[192];
    snprintf(path, sizeof(path), "%s/energy*_input", chip_dir);
    gb_energy_domain *domain =
        add_domain(source, "Ecore*", chip_dir, path, GB_SCOPE_CORE, err);
    if (!domain)
        return GB_ERR_NO_MEMORY;
    gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED, NULL,
                     "%zu channels of one core each, inside Esocket*: not "
                     "read",
                     cores);
    return GB_OK;
}

/* --- the source ----------------------------------------------------------- */

/* The meters of a Grace socket share one freshness timer of 50 ms and only the
 * one asked for is refreshed, so that reading several gives stale values: only
 * the outermost that can be read is (rule 39). */
static void open_power_meters(gb_energy_source *source) {
    for (size_t i = 0; i < source->domains.count; i++) {
        gb_energy_domain *inner = &source->domains.items[i];
        const gb_energy_domain *outer = NULL;

        if (inner->kind != GB_READING_POWER || source->fds[i] >= 0 ||
            inner->status != GB_DOMAIN_OK)
            continue;
        for (size_t j = 0; j < source->domains.count && !outer; j++) {
            const gb_energy_domain *other = &source->domains.items[j];
            if (other->kind == GB_READING_POWER && other->package >= 0 &&
                other->package == inner->package && source->fds[j] >= 0)
                outer = other;
        }
        if (outer)
            gb_domain_refuse(inner, GB_DOMAIN_UNSUPPORTED, NULL,
                             "not read: '%s' is read instead, and reading "
                             "several returns stale values (one 50 ms timer "
                             "for all meters of a socket)",
                             outer->name);
        else
            open_channel(source, inner);
    }
}

static int by_containment(const void *a, const void *b) {
    const gb_energy_domain *left = a, *right = b;

    if (left->package != right->package)
        return left->package < right->package ? -1 : 1;
    if (left->scope != right->scope)
        return left->scope < right->scope ? -1 : 1;
    return strcmp(left->name, right->name);
}

static gb_status add_chip(gb_energy_source *source, const char *chip_dir,
                          const char *chip, gb_error *err) {
    if (strcmp(chip, "power_meter") == 0)
        return add_power_meter(source, chip_dir, err);
    if (strcmp(chip, "occ") == 0)
        return add_occ(source, chip_dir, err);
    if (strcmp(chip, "amd_energy") == 0)
        return add_amd_energy(source, chip_dir, err);
    return GB_OK;
}

/* Power meters first: they are sorted, outermost first, before any is opened;
 * @p meters says which half of the chips to add. */
static gb_status add_chips(gb_energy_source *source, char **entries,
                           size_t count, bool meters, gb_error *err) {
    gb_status status = GB_OK;

    for (size_t i = 0; status == GB_OK && i < count; i++) {
        char dir[128], path[160], chip[32];
        bool found;

        snprintf(dir, sizeof(dir), CLASS_DIR "/%.64s", entries[i]);
        snprintf(path, sizeof(path), "%s/name", dir);
        found = gb_sysroot_read_text(source->env.root, path, chip, sizeof(chip),
                                     NULL) == GB_OK;
        snprintf(path, sizeof(path), "%s/device/name", dir);
        if (!found && gb_sysroot_read_text(source->env.root, path, chip,
                                           sizeof(chip), NULL) != GB_OK)
            continue;
        if ((strcmp(chip, "power_meter") == 0) == meters)
            status = add_chip(source, dir, chip, err);
    }
    return status;
}

static gb_status hwmon_open(const gb_energy_env *env,
                            gb_energy_source **source_out, gb_error *err) {
    static const char none_hint[] =
        "Grace: boot with acpi_power_meter.force_cap_on=y; servers: modprobe "
        "acpi_power_meter";
    char **entries;
    size_t count;

    if (gb_sysroot_kind(env->root, CLASS_DIR) != GB_PATH_DIR)
        return gb_fail(err, GB_ERR_UNSUPPORTED, none_hint,
                       "no '" CLASS_DIR "': this kernel or virtual machine "
                       "has no hardware monitors");
    gb_status status =
        gb_sysroot_list(env->root, CLASS_DIR, &entries, &count, err);
    if (status != GB_OK)
        return status;

    gb_energy_source *source = calloc(1, sizeof(*source));
    if (!source)
        status = gb_fail_memory(err, "the hwmon source");
    else
        source->env = *env;
    if (status == GB_OK)
        status = add_chips(source, entries, count, true, err);
    if (status == GB_OK && source->domains.count) {
        qsort(source->domains.items, source->domains.count,
              sizeof(*source->domains.items), by_containment);
        open_power_meters(source);
    }
    if (status == GB_OK)
        status = add_chips(source, entries, count, false, err);
    gb_sysroot_free_names(entries, count);
    if (status == GB_OK && source->domains.count == 0)
        status =
            gb_fail(err, GB_ERR_UNSUPPORTED, none_hint,
                    "expected power_meter, occ or amd_energy in '" CLASS_DIR
                    "', found none of them");
    if (status != GB_OK) {
        hwmon_close(source);
        return status;
    }
    *source_out = source;
    return GB_OK;
}

static const gb_energy_domain *hwmon_domains(const gb_energy_source *source,
                                             size_t *count_out) {
    *count_out = source->domains.count;
    return source->domains.items;
}

static void hwmon_read(gb_energy_source *source, gb_energy_reading *readings) {
    for (size_t i = 0; i < source->domains.count; i++) {
        const gb_energy_domain *domain = &source->domains.items[i];

        readings[i] = (gb_energy_reading){0};
        if (domain->status != GB_DOMAIN_OK)
            continue;
        gb_reading_take(&source->env, source->fds[i], domain->path,
                        ticks_max(domain), &readings[i]);
        if (domain->kind == GB_READING_POWER &&
            gb_meter_is_sentinel(readings[i].ticks))
            readings[i].ok = false;
    }
}

const gb_energy_source_ops gb_energy_hwmon = {
    .name = "hwmon",
    .summary = "board power meters and AMD energy counters through hwmon",
    .open = hwmon_open,
    .domains = hwmon_domains,
    .read = hwmon_read,
    .close = hwmon_close,
};
