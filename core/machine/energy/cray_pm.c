/* SPDX-License-Identifier: Apache-2.0 */
/* Cray pm_counters: the blade controller's energy counters of a node.
 * Rules and traps: reference/energy.md §4, rules 15, 23, 30, 34, 38, 40, 43.
 *
 * Files are opened anew for every read, as TU Dresden's libpm does: the driver
 * is not in the kernel's tree, and nobody documents that a descriptor kept open
 * shows new values. It costs a few system calls per file at 10 Hz. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "machine/energy/domains.h"
#include "machine/energy/pm_counter.h"

#define COUNTER_DIR "/sys/cray/pm_counters"

/* The controller scans ten times a second and a snapshot takes about a
 * millisecond: several torn ones in a row are no accident. */
#define SNAPSHOT_TRIES 5

#define DEFAULT_SCAN_HZ  10u
#define MAX_ACCEL_W      2000.0
#define PACKAGES_AT_MOST 4.0 /* of a node whose packages are not known */

/* Put between the stamps of two lives of the controller. Energies across its
 * restart are not comparable even where the counter went on upwards, and a
 * reading has no other way to say so: no window can hold 36 years, so that
 * metering refuses each one that straddles a restart, and no other. */
#define RESTART_NS (UINT64_C(1) << 60)

static const char read_fix[] =
    "Cray's driver makes these files readable by everyone (0444): ask the site "
    "why this one is not";

/* What must be the same before and after for values to be of one scan. */
typedef struct scan_marks {
    uint64_t startup, freshness; /* 0 where there is no such file */
} scan_marks;

/* What a domain needs to outlive a restart without a stamp. */
typedef struct counter_life {
    uint64_t last_ticks;
    bool restarted; /* and not yet seen below last_ticks */
} counter_life;

struct gb_energy_source {
    gb_energy_env env;
    gb_domain_list domains;
    counter_life *lives; /* [domains.count] */
    bool has_startup, has_freshness;
    uint64_t startup, restarts;
};

static void cray_close(gb_energy_source *source) {
    if (!source)
        return;
    free(source->lives);
    gb_domain_list_fini(&source->domains);
    free(source);
}

/* --- one file ------------------------------------------------------------- */

/* Does not allocate. err->what names the text if it is no value. */
static gb_status read_value(const gb_sysroot *root, const char *path,
                            const char *unit, gb_pm_value *out, gb_error *err) {
    char text[65];
    size_t length = 0;
    int fd = -1;
    gb_status status = gb_sysroot_open_file(root, path, &fd, err);

    if (status != GB_OK)
        return status;
    status =
        gb_sysroot_pread_text(root, fd, path, text, sizeof(text), &length, err);
    gb_close_fd(fd);
    if (status == GB_OK && !gb_pm_value_parse(text, length, unit, out))
        status = gb_fail(err, GB_ERR_RANGE, NULL,
                         "'%s': expected '<number> %s <stamp> us', got '%.*s'",
                         path, unit, (int)strcspn(text, "\n"), text);
    return status;
}

/* A bare number of the directory; false: there is none. */
static bool read_number(const gb_energy_source *source, const char *file,
                        uint64_t *number_out) {
    char path[64];
    gb_pm_value value;

    snprintf(path, sizeof(path), COUNTER_DIR "/%s", file);
    if (read_value(source->env.root, path, "", &value, NULL) != GB_OK)
        return false;
    *number_out = value.value;
    return true;
}

static const char *unit_of(const gb_energy_domain *domain) {
    return domain->kind == GB_READING_ENERGY ? "J" : "W";
}

/* Largest tick that is a value; counters of a controller that has run for years
 * may show any. */
static uint64_t ticks_max(const gb_energy_domain *domain) {
    return domain->kind == GB_READING_POWER ? (uint64_t)domain->max_power_w
                                            : UINT64_MAX;
}

/* --- a consistent snapshot ------------------------------------------------ */

static bool read_marks(const gb_energy_source *source, scan_marks *out) {
    *out = (scan_marks){0};
    return (!source->has_startup ||
            read_number(source, "startup", &out->startup)) &&
           (!source->has_freshness ||
            read_number(source, "freshness", &out->freshness));
}

/* @return false if the driver asks to try again */
static bool read_domain(const gb_energy_source *source,
                        const gb_energy_domain *domain,
                        gb_energy_reading *reading) {
    const uint64_t before_ns = gb_clock_now_ns(source->env.clock);
    gb_pm_value value = {0};
    gb_error err = {0};
    const gb_status status = read_value(source->env.root, domain->path,
                                        unit_of(domain), &value, &err);

    *reading = (gb_energy_reading){0};
    gb_reading_stamp(reading, before_ns, gb_clock_now_ns(source->env.clock));
    if (status != GB_OK)
        return err.os_errno != EAGAIN;
    reading->ok = value.value <= ticks_max(domain) &&
                  (!domain->stamped || value.stamp_ns != 0);
    reading->ticks = reading->ok ? value.value : 0;
    reading->stamp_ns = reading->ok && domain->stamped ? value.stamp_ns : 0;
    return true;
}

/* One attempt to read all domains between two equal pairs of marks. */
static bool read_snapshot(const gb_energy_source *source,
                          gb_energy_reading *readings, scan_marks *marks) {
    scan_marks after;
    bool whole = read_marks(source, marks);

    for (size_t i = 0; i < source->domains.count; i++) {
        readings[i] = (gb_energy_reading){0};
        if (source->domains.items[i].status == GB_DOMAIN_OK &&
            !read_domain(source, &source->domains.items[i], &readings[i]))
            whole = false;
    }
    return read_marks(source, &after) && whole &&
           after.startup == marks->startup &&
           after.freshness == marks->freshness;
}

static void fail_all(const gb_energy_source *source,
                     gb_energy_reading *readings) {
    for (size_t i = 0; i < source->domains.count; i++) {
        readings[i].ok = false;
        readings[i].ticks = readings[i].stamp_ns = 0;
    }
}

static void note_restart(gb_energy_source *source, uint64_t startup) {
    source->startup = startup;
    source->restarts++;
    for (size_t i = 0; i < source->domains.count; i++)
        source->lives[i].restarted = true;
}

/* Make a restart visible in an energy reading: by its stamp, else by a fall of
 * the counter. One without a stamp that went on upwards could be taken for the
 * same count: it is not ok any more. */
static void mark_life(const gb_energy_source *source,
                      const gb_energy_domain *domain, counter_life *life,
                      gb_energy_reading *reading) {
    if (!reading->ok || domain->kind != GB_READING_ENERGY)
        return;
    if (domain->stamped)
        reading->stamp_ns += source->restarts * RESTART_NS;
    else if (life->restarted && reading->ticks >= life->last_ticks)
        reading->ok = false;
    if (reading->ok) {
        life->restarted = false;
        life->last_ticks = reading->ticks;
    }
}

static void cray_read(gb_energy_source *source, gb_energy_reading *readings) {
    scan_marks marks = {0};
    bool whole = false;

    for (int i = 0; i < SNAPSHOT_TRIES && !whole; i++)
        whole = read_snapshot(source, readings, &marks);
    if (!whole) {
        fail_all(source, readings); /* torn */
        return;
    }
    if (marks.startup != source->startup) {
        note_restart(source, marks.startup);
        fail_all(source, readings);
        return;
    }
    for (size_t i = 0; i < source->domains.count; i++)
        mark_life(source, &source->domains.items[i], &source->lives[i],
                  &readings[i]);
}

/* --- which files ---------------------------------------------------------- */

static bool has_file(char **files, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(files[i], name) == 0)
            return true;
    return false;
}

/* The counter is better than the gauge it comes from. */
static bool has_counter(char **files, size_t count, const char *power_file) {
    char energy[80];
    const size_t part = strlen(power_file) - strlen("power");

    snprintf(energy, sizeof(energy), "%.*senergy", (int)part, power_file);
    return has_file(files, count, energy);
}

static void describe(const gb_energy_source *source, gb_energy_domain *domain,
                     const gb_pm_meaning *meaning, uint64_t scan_hz) {
    const double packages = source->env.node->packages > 0
                                ? (double)source->env.node->packages
                                : PACKAGES_AT_MOST;

    domain->kind = meaning->kind;
    domain->package = meaning->number;
    /* `cpu` of a node with one package is that package. */
    if (meaning->scope == GB_SCOPE_PACKAGE && meaning->number < 0 &&
        source->env.node->packages == 1)
        domain->package = 0;
    domain->tick_j = domain->step_j = 1.0;
    domain->update_ns = UINT64_C(1000000000) / scan_hz;
    domain->u_rel = GB_U_REL_METER;
    domain->refresh = 0;
    if (meaning->scope == GB_SCOPE_PACKAGE)
        domain->max_power_w =
            GB_MAX_PACKAGE_W * (meaning->number < 0 ? packages : 1.0);
    else if (meaning->scope == GB_SCOPE_DRAM)
        domain->max_power_w = GB_MAX_DRAM_W * packages;
    else if (meaning->scope == GB_SCOPE_ACCEL)
        domain->max_power_w = MAX_ACCEL_W;
}

/* Is it worth reading? Whether the driver gives stamps shows in the first
 * value. */
static void try_domain(const gb_energy_source *source,
                       gb_energy_domain *domain) {
    gb_pm_value value = {0};
    gb_error err = {0};
    gb_status status = GB_ERR_IO;

    for (int i = 0; i < SNAPSHOT_TRIES && status != GB_OK; i++) {
        err = (gb_error){0};
        status = read_value(source->env.root, domain->path, unit_of(domain),
                            &value, &err);
        if (err.os_errno != EAGAIN)
            break;
    }
    if (status != GB_OK)
        gb_domain_refuse_error(domain, &err, domain->path, read_fix);
    domain->stamped = value.stamp_ns != 0;
}

static gb_status add_file(gb_energy_source *source, char **files, size_t count,
                          const char *file, uint64_t scan_hz, gb_error *err) {
    gb_pm_meaning meaning;
    char path[192];

    if (!gb_pm_file_parse(file, &meaning) ||
        (meaning.kind == GB_READING_POWER && has_counter(files, count, file)))
        return GB_OK;
    snprintf(path, sizeof(path), COUNTER_DIR "/%.120s", file);
    gb_energy_domain *domain =
        gb_domain_list_add(&source->domains, gb_energy_cray_pm.name,
                           meaning.name, path, meaning.scope);
    if (!domain)
        return gb_fail_memory(err, "a pm_counters domain");
    describe(source, domain, &meaning, scan_hz);
    if (meaning.scope == GB_SCOPE_OTHER)
        gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED, NULL,
                         "unknown file '%s': what it covers is not known, left "
                         "out",
                         file);
    else if (strcmp(meaning.name, "cpu") == 0 &&
             (has_file(files, count, "cpu0_energy") ||
              has_file(files, count, "cpu0_power")))
        gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED, NULL,
                         "not read: the sum of cpu0, cpu1, .., which are");
    else
        try_domain(source, domain);
    return GB_OK;
}

static int by_containment(const void *a, const void *b) {
    const gb_energy_domain *left = a, *right = b;

    if (left->scope != right->scope)
        return left->scope < right->scope ? -1 : 1;
    if (left->package != right->package)
        return left->package < right->package ? -1 : 1;
    return strcmp(left->name, right->name);
}

/* --- evidence ------------------------------------------------------------- */

static void say(char *text, size_t size, const char *fmt, ...)
    GB_PRINTF_LIKE(3, 4);

static void say(char *text, size_t size, const char *fmt, ...) {
    const size_t length = strlen(text);
    va_list args;

    va_start(args, fmt);
    vsnprintf(text + length, size - length, fmt, args);
    va_end(args);
}

static gb_energy_domain *first_ok(const gb_energy_source *source) {
    for (size_t i = 0; i < source->domains.count; i++)
        if (source->domains.items[i].status == GB_DOMAIN_OK)
            return &source->domains.items[i];
    return NULL;
}

/* What the directory says about itself, on the first domain that is read: rule
 * 9. A power cap explains a slow run; `generation` counts its changes. */
static void note_evidence(const gb_energy_source *source, uint64_t scan_hz) {
    gb_energy_domain *domain = first_ok(source);
    gb_pm_value cap;
    uint64_t number;
    char text[256] = "";

    if (!domain)
        return;
    say(text, sizeof(text), "%" PRIu64 " scans/s", scan_hz);
    if (read_number(source, "version", &number))
        say(text, sizeof(text), ", version %" PRIu64, number);
    if (read_number(source, "generation", &number))
        say(text, sizeof(text), ", generation %" PRIu64, number);
    if (read_value(source->env.root, COUNTER_DIR "/power_cap", "W", &cap,
                   NULL) == GB_OK) {
        if (cap.value > 0)
            say(text, sizeof(text), ", power cap %" PRIu64 " W", cap.value);
        else
            say(text, sizeof(text), ", no power cap");
    }
    if (!domain->stamped)
        say(text, sizeof(text), ", no time stamps (old firmware)");
    if (!source->has_freshness)
        say(text, sizeof(text), ", no `freshness`: torn scans go unseen");
    if (!source->has_startup)
        say(text, sizeof(text), ", no `startup`: restarts go unseen");
    gb_copy(domain->reason, sizeof(domain->reason), text);
}

/* --- the source ----------------------------------------------------------- */

static gb_status find_domains(gb_energy_source *source, char **files,
                              size_t count, gb_error *err) {
    uint64_t scan_hz, ignored;
    gb_status status = GB_OK;

    if (!read_number(source, "raw_scan_hz", &scan_hz) || scan_hz == 0 ||
        scan_hz > 1000)
        scan_hz = DEFAULT_SCAN_HZ;
    source->has_startup = read_number(source, "startup", &source->startup);
    source->has_freshness = read_number(source, "freshness", &ignored);
    for (size_t i = 0; status == GB_OK && i < count; i++)
        status = add_file(source, files, count, files[i], scan_hz, err);
    if (status == GB_OK && source->domains.count == 0)
        status = gb_fail(err, GB_ERR_UNSUPPORTED, NULL,
                         "expected files with energy or power in '" COUNTER_DIR
                         "', found none of them");
    if (status != GB_OK)
        return status;
    qsort(source->domains.items, source->domains.count,
          sizeof(*source->domains.items), by_containment);
    source->lives = calloc(source->domains.count, sizeof(*source->lives));
    if (!source->lives)
        return gb_fail_memory(err, "the pm_counters domains");
    note_evidence(source, scan_hz);
    return GB_OK;
}

static gb_status cray_open(const gb_energy_env *env,
                           gb_energy_source **source_out, gb_error *err) {
    char **files;
    size_t count;

    if (gb_sysroot_kind(env->root, COUNTER_DIR) != GB_PATH_DIR)
        return gb_fail(err, GB_ERR_UNSUPPORTED,
                       "HPE Cray EX and XC compute nodes have it",
                       "no '" COUNTER_DIR "': not a Cray compute node");
    gb_status status =
        gb_sysroot_list(env->root, COUNTER_DIR, &files, &count, err);
    if (status != GB_OK)
        return status;

    gb_energy_source *source = calloc(1, sizeof(*source));
    if (!source) {
        status = gb_fail_memory(err, "the pm_counters source");
    } else {
        source->env = *env;
        status = find_domains(source, files, count, err);
    }
    gb_sysroot_free_names(files, count);
    if (status != GB_OK) {
        cray_close(source);
        return status;
    }
    *source_out = source;
    return GB_OK;
}

static const gb_energy_domain *cray_domains(const gb_energy_source *source,
                                            size_t *count_out) {
    *count_out = source->domains.count;
    return source->domains.items;
}

const gb_energy_source_ops gb_energy_cray_pm = {
    .name = "cray_pm",
    .summary = "node, CPU, memory and accelerators of a Cray node through "
               "pm_counters",
    .open = cray_open,
    .domains = cray_domains,
    .read = cray_read,
    .close = cray_close,
};
