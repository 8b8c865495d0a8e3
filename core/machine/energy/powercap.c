/* SPDX-License-Identifier: Apache-2.0 */
/* Linux powercap: RAPL counters in microjoules below /sys/class/powercap.
 * Rules and traps: reference/energy.md §1, §13 rules 1-5, 7-14, 21, 27-29. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "machine/energy/domains.h"
#include "machine/energy/zone.h"

#define CLASS_DIR "/sys/class/powercap"

static const char hidden_fix[] =
    "run outside the container, or unmask it: docker run --security-opt "
    "systempaths=unconfined, podman run --security-opt "
    "unmask=/sys/devices/virtual/powercap";

/* One directory entry that is a zone. */
typedef struct rapl_zone {
    char entry[64]; /* "intel-rapl:0:1": an address, never an identity */
    char name[64];  /* the file `name` */
    char real[192]; /* canonical path of the directory */
    bool hidden;    /* the link dangles */
    gb_error error; /* status != OK: the name could not be read */
    int parent;     /* index of the zone it lies in; -1: top level */
    uint64_t range_uj;
} rapl_zone;

struct gb_energy_source {
    gb_energy_env env;
    gb_domain_list domains;
    int *fds;           /* [domains.count]; -1: not read */
    uint64_t *first_uj; /* [domains.count]: value when opened */
    size_t fd_count;    /* how many of fds are set */
    rapl_zone *zones;   /* [zone_count], only while opening */
    size_t zone_count;
    bool amd;
};

static void powercap_close(gb_energy_source *source) {
    if (!source)
        return;
    for (size_t i = 0; i < source->fd_count; i++)
        gb_close_fd(source->fds[i]);
    free(source->fds);
    free(source->first_uj);
    free(source->zones);
    gb_domain_list_fini(&source->domains);
    free(source);
}

/* --- finding zones -------------------------------------------------------- */

static void zone_file(const rapl_zone *zone, const char *file, char *path,
                      size_t size) {
    snprintf(path, size, CLASS_DIR "/%s/%s", zone->entry, file);
}

static bool seen_before(const gb_energy_source *source, const char *real) {
    for (size_t i = 0; i < source->zone_count; i++)
        if (!source->zones[i].hidden &&
            strcmp(source->zones[i].real, real) == 0)
            return true;
    return false;
}

/* Add @p entry of the class directory if it is a zone: a control type has no
 * `name`, and no ':' in its own. */
static void consider_entry(gb_energy_source *source, const char *entry) {
    const gb_sysroot *root = source->env.root;
    char path[192];
    rapl_zone found = {.parent = -1};

    gb_copy(found.entry, sizeof(found.entry), entry);
    snprintf(path, sizeof(path), CLASS_DIR "/%s", entry);
    gb_path_kind kind = gb_sysroot_kind(root, path);
    if (kind == GB_PATH_DANGLING) {
        found.hidden = strchr(entry, ':') != NULL;
        if (found.hidden)
            source->zones[source->zone_count++] = found;
        return;
    }
    if (kind != GB_PATH_DIR)
        return;

    zone_file(&found, "name", path, sizeof(path));
    if (gb_sysroot_kind(root, path) != GB_PATH_FILE)
        return;
    gb_sysroot_read_text(root, path, found.name, sizeof(found.name),
                         &found.error);
    snprintf(path, sizeof(path), CLASS_DIR "/%s", entry);
    if (gb_sysroot_real_path(root, path, found.real, sizeof(found.real),
                             NULL) != GB_OK)
        gb_copy(found.real, sizeof(found.real), path);
    if (!seen_before(source, found.real))
        source->zones[source->zone_count++] = found;
}

static void find_parents(gb_energy_source *source) {
    for (size_t i = 0; i < source->zone_count; i++) {
        rapl_zone *child = &source->zones[i];
        const char *slash = strrchr(child->real, '/');
        size_t length = slash ? (size_t)(slash - child->real) : 0;

        for (size_t j = 0; j < source->zone_count; j++) {
            const char *real = source->zones[j].real;
            if (j != i && !source->zones[j].hidden && length &&
                strlen(real) == length &&
                strncmp(real, child->real, length) == 0)
                child->parent = (int)j;
        }
    }
}

static void read_ranges(gb_energy_source *source) {
    for (size_t i = 0; i < source->zone_count; i++) {
        rapl_zone *zone = &source->zones[i];
        char path[192];

        zone_file(zone, "max_energy_range_uj", path, sizeof(path));
        if (!zone->hidden)
            gb_sysroot_read_u64(source->env.root, path, &zone->range_uj, NULL);
        if (source->env.node->cpu_vendor[0] == '\0' &&
            gb_starts_with(zone->name, "package-") &&
            zone->range_uj == GB_ZONE_RANGE_AMD_UJ)
            source->amd = true;
    }
}

static gb_status find_zones(gb_energy_source *source, gb_error *err) {
    char **entries;
    size_t count;
    gb_status status =
        gb_sysroot_list(source->env.root, CLASS_DIR, &entries, &count, err);

    if (status != GB_OK)
        return status;
    source->zones = calloc(count + 1, sizeof(*source->zones));
    if (!source->zones)
        status = gb_fail_memory(err, "the list of powercap zones");
    for (size_t i = 0; status == GB_OK && i < count; i++)
        consider_entry(source, entries[i]);
    gb_sysroot_free_names(entries, count);
    if (status != GB_OK)
        return status;
    if (source->zone_count == 0)
        return gb_fail(err, GB_ERR_UNSUPPORTED,
                       "on bare metal: modprobe intel_rapl_msr; in a virtual "
                       "machine: measure on its host",
                       "expected zones in '" CLASS_DIR "', found none");
    find_parents(source);
    read_ranges(source);
    return GB_OK;
}

/* --- one zone as a domain ------------------------------------------------- */

static bool of_control_type(const rapl_zone *zone, const char *type) {
    size_t length = strlen(type);

    return strncmp(zone->entry, type, length) == 0 &&
           zone->entry[length] == ':';
}

/* The zone's own name after those of the zones it lies in, so that the `dram`
 * of each package is told apart; the address where that is still not unique. */
static void compose_name(const gb_energy_source *source, const rapl_zone *zone,
                         char *name, size_t size) {
    char below[64] = "";

    if (zone->parent >= 0)
        snprintf(below, sizeof(below), "%.56s/",
                 source->zones[zone->parent].name);
    snprintf(name, size, "%s%s%s",
             of_control_type(zone, "intel-rapl-mmio") ? "mmio:" : "", below,
             zone->name);
    if (gb_domain_list_has(&source->domains, name)) {
        size_t length = strlen(name);
        snprintf(name + length, size - length, "@%s", zone->entry);
    }
}

/* Twice the largest power the zone names, so that a burst above the design
 * power is not taken for a fault (rule 22). A limit alone proves nothing:
 * boards set it to 4 kW to mean "none". */
static double plausible_power_w(const gb_energy_source *source,
                                const rapl_zone *zone, gb_energy_scope scope) {
    double default_w = scope == GB_SCOPE_DRAM       ? GB_MAX_DRAM_W
                       : scope == GB_SCOPE_PLATFORM ? GB_MAX_NODE_W
                                                    : GB_MAX_PACKAGE_W;
    uint64_t max_uw = 0, limit_uw = 0;

    for (int i = 0; i < 4; i++) {
        char file[48], path[192];
        uint64_t uw;

        snprintf(file, sizeof(file), "constraint_%d_max_power_uw", i);
        zone_file(zone, file, path, sizeof(path));
        if (gb_sysroot_read_u64(source->env.root, path, &uw, NULL) == GB_OK &&
            uw > max_uw)
            max_uw = uw;
        snprintf(file, sizeof(file), "constraint_%d_power_limit_uw", i);
        zone_file(zone, file, path, sizeof(path));
        if (gb_sysroot_read_u64(source->env.root, path, &uw, NULL) == GB_OK &&
            uw > limit_uw)
            limit_uw = uw;
    }
    if (max_uw == 0)
        return default_w;
    return fmax(2e-6 * (double)max_uw,
                fmin(2e-6 * (double)limit_uw, default_w));
}

static bool has_joule_psys(const gb_energy_source *source) {
    for (size_t i = 0; i < source->zone_count; i++)
        if (source->zones[i].range_uj == GB_ZONE_RANGE_JOULE_PSYS_UJ)
            return true;
    return false;
}

/* Kernels before 6.1 give the DRAM of these CPUs a quarter of its unit. */
static void flag_known_faults(const gb_energy_source *source,
                              const rapl_zone *zone, gb_energy_domain *domain) {
    const gb_node *node = source->env.node;
    bool rapids = (strcmp(node->cpu_vendor, "GenuineIntel") == 0 &&
                   node->cpu_family == 6 &&
                   (node->cpu_model == 0x8f || node->cpu_model == 0xcf)) ||
                  (node->cpu_vendor[0] == '\0' && has_joule_psys(source));

    if (domain->scope == GB_SCOPE_DRAM && rapids &&
        zone->range_uj == GB_ZONE_RANGE_OLD_DRAM_UJ) {
        domain->u_rel = 3.0; /* the truth may be four times the reading */
        gb_copy(domain->suspect, sizeof(domain->suspect), "spr_dram_unit");
        gb_copy(domain->reason, sizeof(domain->reason),
                "this kernel's DRAM unit (15.3 uJ) is "
                "for older CPUs, the energy may be 3.99 times as large");
        gb_copy(domain->fix, sizeof(domain->fix), "use Linux 6.1 or later");
    }
}

static void describe_counter(const gb_energy_source *source,
                             const rapl_zone *zone, gb_energy_domain *domain) {
    double step_uj;

    domain->update_ns = 1000000;
    domain->max_power_w = plausible_power_w(source, zone, domain->scope);
    domain->u_rel = domain->scope == GB_SCOPE_DRAM ? GB_U_REL_RAPL_DRAM
                    : source->amd                  ? GB_U_REL_RAPL_MODELLED
                                                   : GB_U_REL_RAPL_MEASURED;
    if (gb_zone_wrap(zone->range_uj, &domain->wrap_ticks, &step_uj))
        domain->step_j = step_uj * 1e-6;
    else
        gb_domain_refuse(
            domain, GB_DOMAIN_FAILED, "update the kernel, or use --energy perf",
            "cannot unwrap '%s': expected "
            "max_energy_range_uj > 0, it is %s",
            domain->path, zone->range_uj ? "implausible" : "0 or missing");
    flag_known_faults(source, zone, domain);
}

/* Package, die and scope of a zone; false if its name is not known. */
static bool place_zone(const gb_energy_source *source, const rapl_zone *zone,
                       gb_energy_domain *domain) {
    gb_zone_meaning meaning = gb_zone_parse_name(zone->name, source->amd);

    if (zone->parent >= 0 && meaning.scope != GB_SCOPE_PACKAGE &&
        meaning.scope != GB_SCOPE_PLATFORM) {
        const rapl_zone *parent = &source->zones[zone->parent];
        gb_zone_meaning above = gb_zone_parse_name(parent->name, source->amd);
        meaning.package = above.package;
        meaning.die = above.die;
    }
    domain->scope = meaning.scope;
    domain->package = meaning.package;
    domain->refresh = meaning.package;
    /* Each die zone of an AMD package mirrors the whole package's counter
     * (kernels 6.9 to 6.10.12; fixed by commit 26096aed255f). */
    domain->die = source->amd ? -1 : meaning.die;
    return meaning.scope != GB_SCOPE_OTHER;
}

/* Open the counter and read it once. @p fd_out is -1 if it cannot be read. */
static void open_counter(gb_energy_source *source, gb_energy_domain *domain,
                         int *fd_out, uint64_t *first_uj_out) {
    gb_error err = {0};
    int fd = -1;
    gb_status status =
        gb_sysroot_open_file(source->env.root, domain->path, &fd, &err);

    if (status == GB_OK)
        status = gb_sysroot_pread_u64(source->env.root, fd, domain->path,
                                      first_uj_out, &err);
    if (status == GB_OK && *first_uj_out >= domain->wrap_ticks)
        status = gb_fail(&err, GB_ERR_RANGE, NULL,
                         "'%s': expected at most max_energy_range_uj, got "
                         "%llu",
                         domain->path, (unsigned long long)*first_uj_out);
    if (status != GB_OK) {
        char fix[sizeof(domain->fix)];
        gb_domain_access_fix(fix, sizeof(fix));
        gb_domain_refuse_error(domain, &err, domain->path, fix);
        gb_close_fd(fd);
        fd = -1;
    }
    *fd_out = fd;
}

static gb_status add_zone(gb_energy_source *source, const rapl_zone *zone,
                          gb_error *err) {
    char name[192], path[192], fix[240];
    size_t index = source->domains.count;

    zone_file(zone, "energy_uj", path, sizeof(path));
    compose_name(source, zone, name, sizeof(name));
    gb_energy_domain *domain = gb_domain_list_add(
        &source->domains, gb_energy_powercap.name,
        zone->hidden ? zone->entry : name, path, GB_SCOPE_OTHER);
    if (!domain)
        return gb_fail_memory(err, "a powercap domain");
    source->fds[index] = -1;
    source->fd_count = source->domains.count;

    if (zone->hidden) {
        gb_domain_refuse(domain, GB_DOMAIN_HIDDEN, hidden_fix,
                         "'" CLASS_DIR "/%s' is a link to nothing: a container "
                         "masks /sys/devices/virtual/powercap "
                         "(GHSA-jq35-85cj-fj4p)",
                         zone->entry);
        return GB_OK;
    }
    if (zone->error.status != GB_OK) {
        zone_file(zone, "name", path, sizeof(path));
        gb_domain_access_fix(fix, sizeof(fix));
        gb_domain_refuse_error(domain, &zone->error, path, fix);
        return GB_OK;
    }

    bool known = place_zone(source, zone, domain);
    if (gb_sysroot_kind(source->env.root, path) != GB_PATH_FILE) {
        gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED, NULL,
                         "no energy_uj: %s",
                         of_control_type(zone, "dtpm")
                             ? "dtpm gives modelled power only"
                             : "this zone limits power, it counts no energy");
        return GB_OK;
    }
    if (!known) {
        gb_copy(domain->suspect, sizeof(domain->suspect), "unknown_zone");
        gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED, NULL,
                         "unknown zone name '%s': what it covers is not known, "
                         "left out",
                         zone->name);
        return GB_OK;
    }
    describe_counter(source, zone, domain);
    if (domain->status == GB_DOMAIN_OK)
        open_counter(source, domain, &source->fds[index],
                     &source->first_uj[index]);
    return GB_OK;
}

/* Mirrors agree to within what the package uses between two reads, which take
 * well under a second; distinct counters differ by kilojoules. A mirror is
 * recognised by vendor, its value only confirms it: rule 13. */
static void check_mirrors(gb_energy_source *source) {
    const double agree_j = GB_MAX_PACKAGE_W;

    for (size_t i = 0; i < source->domains.count; i++) {
        gb_energy_domain *mirror = &source->domains.items[i];
        if (!source->amd || mirror->scope != GB_SCOPE_PACKAGE ||
            mirror->status != GB_DOMAIN_OK)
            continue;
        for (size_t j = 0; j < i; j++) {
            gb_energy_domain *first = &source->domains.items[j];
            if (first->scope != GB_SCOPE_PACKAGE ||
                first->package != mirror->package ||
                first->status != GB_DOMAIN_OK)
                continue;

            double apart_j = fabs((double)source->first_uj[i] -
                                  (double)source->first_uj[j]) *
                             1e-6;
            double wrap_j = (double)mirror->wrap_ticks * 1e-6;
            bool agree = fmin(apart_j, wrap_j - apart_j) <= agree_j;
            char reason[200];

            snprintf(reason, sizeof(reason),
                     "counts the same package as '%s'%s", first->name,
                     agree ? "" : ", but their values disagree");
            gb_copy(mirror->reason, sizeof(mirror->reason), reason);
            if (!agree) {
                gb_copy(mirror->suspect, sizeof(mirror->suspect),
                        "dies_disagree");
                gb_copy(first->suspect, sizeof(first->suspect),
                        "dies_disagree");
            }
            break;
        }
    }
}

static gb_status powercap_open(const gb_energy_env *env,
                               gb_energy_source **source_out, gb_error *err) {
    if (gb_sysroot_kind(env->root, CLASS_DIR) != GB_PATH_DIR)
        return gb_fail(err, GB_ERR_UNSUPPORTED,
                       "on bare metal: modprobe intel_rapl_msr; in a virtual "
                       "machine: measure on its host",
                       "no '" CLASS_DIR "': a virtual machine, a CPU without "
                       "RAPL, or its driver is not loaded");

    gb_energy_source *source = calloc(1, sizeof(*source));
    if (!source)
        return gb_fail_memory(err, "the powercap source");
    source->env = *env;
    source->amd = gb_node_is_amd(env->node);

    gb_status status = find_zones(source, err);
    if (status == GB_OK) {
        source->fds = calloc(source->zone_count, sizeof(*source->fds));
        source->first_uj =
            calloc(source->zone_count, sizeof(*source->first_uj));
        if (!source->fds || !source->first_uj)
            status = gb_fail_memory(err, "the powercap domains");
    }
    for (size_t i = 0; status == GB_OK && i < source->zone_count; i++)
        status = add_zone(source, &source->zones[i], err);
    if (status != GB_OK) {
        powercap_close(source);
        return status;
    }
    check_mirrors(source);
    free(source->zones);
    source->zones = NULL;
    *source_out = source;
    return GB_OK;
}

static const gb_energy_domain *powercap_domains(const gb_energy_source *source,
                                                size_t *count_out) {
    *count_out = source->domains.count;
    return source->domains.items;
}

static void powercap_read(gb_energy_source *source,
                          gb_energy_reading *readings) {
    for (size_t i = 0; i < source->domains.count; i++) {
        const gb_energy_domain *domain = &source->domains.items[i];

        readings[i] = (gb_energy_reading){0};
        if (domain->status == GB_DOMAIN_OK)
            gb_reading_take(&source->env, source->fds[i], domain->path,
                            domain->wrap_ticks - 1, &readings[i]);
    }
}

const gb_energy_source_ops gb_energy_powercap = {
    .name = "powercap",
    .summary = "RAPL counters of the CPU through Linux powercap",
    .open = powercap_open,
    .domains = powercap_domains,
    .read = powercap_read,
    .close = powercap_close,
};
