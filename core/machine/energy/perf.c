/* SPDX-License-Identifier: Apache-2.0 */
/* The perf_event power PMU: RAPL counters, widened to 64 bits by the kernel
 * while an event stays open. Rules and traps: reference/energy.md §2, rule 17;
 * Linux arch/x86/events/rapl.c; perf_event_open(2). */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "base/units.h"
#include "machine/energy/cpu_list.h"
#include "machine/energy/domains.h"

#define PMU_DIR  "/sys/bus/event_source/devices/power"
#define MAX_CPUS 256 /* in a cpumask: one for each package or die */

typedef struct event_kind {
    const char *event; /* file name below events/ */
    gb_energy_scope scope;
    const char *suffix; /* of the domain name, after the package */
} event_kind;

static const event_kind event_kinds[] = {
    {"energy-pkg", GB_SCOPE_PACKAGE, ""},
    {"energy-cores", GB_SCOPE_CORES, "/core"},
    {"energy-gpu", GB_SCOPE_UNCORE, "/uncore"},
    {"energy-ram", GB_SCOPE_DRAM, "/dram"},
    {"energy-psys", GB_SCOPE_PLATFORM, "/psys"},
};

struct gb_energy_source {
    gb_energy_env env;
    gb_domain_list domains;
    int *fds;      /* [domains.count]; -1: not open */
    uint64_t type; /* of the PMU */
    uint32_t cpus[MAX_CPUS];
    size_t cpu_count;
    int64_t packages[MAX_CPUS], dies[MAX_CPUS]; /* of each cpu; -1: unknown */
    int32_t paranoid;                           /* -100: unknown */
};

/* One event of one CPU, as the directory describes it. */
typedef struct pmu_event {
    const event_kind *kind;
    uint64_t config;
    double scale_j;
} pmu_event;

static void perf_close(gb_energy_source *source) {
    if (!source)
        return;
    for (size_t i = 0; i < source->domains.count && source->fds; i++)
        gb_close_fd(source->fds[i]);
    free(source->fds);
    gb_domain_list_fini(&source->domains);
    free(source);
}

/* --- the directory -------------------------------------------------------- */

static int64_t read_topology(const gb_sysroot *root, uint32_t cpu,
                             const char *file) {
    char path[128];
    uint64_t value;

    snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/topology/%s",
             (unsigned)cpu, file);
    if (gb_sysroot_read_u64(root, path, &value, NULL) != GB_OK ||
        value > INT32_MAX)
        return -1;
    return (int64_t)value;
}

static gb_status read_pmu(gb_energy_source *source, gb_error *err) {
    const gb_sysroot *root = source->env.root;
    char text[1024], paranoid[16];
    gb_status status =
        gb_sysroot_read_u64(root, PMU_DIR "/type", &source->type, err);

    if (status == GB_OK)
        status = gb_sysroot_read_text(root, PMU_DIR "/cpumask", text,
                                      sizeof(text), err);
    if (status == GB_OK)
        status = gb_cpu_list_parse(text, source->cpus, MAX_CPUS,
                                   &source->cpu_count, err);
    if (status != GB_OK)
        return status;
    for (size_t i = 0; i < source->cpu_count; i++) {
        uint32_t cpu = source->cpus[i];
        source->packages[i] = read_topology(root, cpu, "physical_package_id");
        source->dies[i] = read_topology(root, cpu, "die_id");
    }
    source->paranoid = -100;
    if (gb_sysroot_read_text(root, "/proc/sys/kernel/perf_event_paranoid",
                             paranoid, sizeof(paranoid), NULL) == GB_OK)
        source->paranoid = (int32_t)strtol(paranoid, NULL, 10);
    return GB_OK;
}

/* "event=0x02" */
static bool parse_config(const char *text, uint64_t *config_out) {
    char *end;

    if (!gb_starts_with(text, "event=0x"))
        return false;
    text += strlen("event=");
    errno = 0;
    *config_out = strtoull(text, &end, 16);
    return errno == 0 && end != text && *end == '\0' && *config_out <= 0xff;
}

/* Read events/<name>, its .scale and .unit. */
static gb_status read_event(const gb_sysroot *root, const event_kind *kind,
                            pmu_event *event_out, gb_error *err) {
    char path[160], text[80];
    gb_status status;

    event_out->kind = kind;
    snprintf(path, sizeof(path), PMU_DIR "/events/%s", kind->event);
    status = gb_sysroot_read_text(root, path, text, sizeof(text), err);
    if (status != GB_OK)
        return status;
    if (!parse_config(text, &event_out->config))
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "'%s': expected 'event=0x..', got '%s'", path, text);

    snprintf(path, sizeof(path), PMU_DIR "/events/%s.unit", kind->event);
    status = gb_sysroot_read_text(root, path, text, sizeof(text), err);
    if (status != GB_OK)
        return status;
    if (strcmp(text, "Joules") != 0)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "'%s': expected 'Joules', got '%s'", path, text);

    snprintf(path, sizeof(path), PMU_DIR "/events/%s.scale", kind->event);
    status = gb_sysroot_read_text(root, path, text, sizeof(text), err);
    if (status != GB_OK)
        return status;
    if (gb_parse_f64(text, &event_out->scale_j, NULL) != GB_OK ||
        !(event_out->scale_j > 0))
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "'%s': expected joules per count, got '%s'", path, text);
    return GB_OK;
}

/* --- one event of one CPU as a domain ------------------------------------- */

/* Several CPUs of one package in the mask: one for each die. */
static bool package_has_dies(const gb_energy_source *source, size_t at) {
    for (size_t i = 0; i < source->cpu_count; i++)
        if (i != at && source->packages[i] == source->packages[at])
            return source->packages[at] >= 0;
    return false;
}

static void compose_name(const gb_energy_source *source, const pmu_event *event,
                         size_t at, char *name, size_t size) {
    char place[48];

    bool dies = package_has_dies(source, at);

    if (source->packages[at] < 0 || (dies && source->dies[at] < 0))
        snprintf(place, sizeof(place), "cpu-%u", (unsigned)source->cpus[at]);
    else if (dies)
        snprintf(place, sizeof(place), "package-%d-die-%d",
                 (int)source->packages[at], (int)source->dies[at]);
    else
        snprintf(place, sizeof(place), "package-%d", (int)source->packages[at]);
    snprintf(name, size, "%s%s", place, event->kind->suffix);
}

static void describe_counter(const gb_energy_source *source,
                             const pmu_event *event, size_t at,
                             gb_energy_domain *domain) {
    bool amd = gb_node_is_amd(source->env.node);
    bool platform = event->kind->scope == GB_SCOPE_PLATFORM;

    domain->package = platform ? -1 : (int32_t)source->packages[at];
    domain->refresh = domain->package;
    domain->die = !amd && !platform && package_has_dies(source, at)
                      ? (int32_t)source->dies[at]
                      : -1;
    domain->tick_j = event->scale_j;
    /* The hardware's own unit, not the scale: 2^-14 J, psys up to 1 J. */
    domain->step_j = platform ? 1.0 : 0x1p-14;
    domain->update_ns = 1000000;
    domain->max_power_w = platform ? GB_MAX_NODE_W
                          : event->kind->scope == GB_SCOPE_DRAM
                              ? GB_MAX_DRAM_W
                              : GB_MAX_PACKAGE_W;
    domain->u_rel = event->kind->scope == GB_SCOPE_DRAM ? GB_U_REL_RAPL_DRAM
                    : amd                               ? GB_U_REL_RAPL_MODELLED
                          : GB_U_REL_RAPL_MEASURED;
}

static void refuse_open(const gb_energy_source *source, const pmu_event *event,
                        uint32_t cpu, int os_errno, gb_energy_domain *domain) {
    char paranoid[16] = "unknown";

    if (source->paranoid != -100)
        snprintf(paranoid, sizeof(paranoid), "%d", (int)source->paranoid);
    if (os_errno == EACCES || os_errno == EPERM)
        gb_domain_refuse(
            domain, GB_DOMAIN_FORBIDDEN,
            "sysctl kernel.perf_event_paranoid=0, or 'setcap cap_perfmon=ep' "
            "on the greenbench program (Linux 5.8 or later; CAP_SYS_ADMIN "
            "before)",
            "perf_event_open(%s, cpu %u): permission denied (errno %d, uid "
            "%ld, perf_event_paranoid %s; system-wide events need 0 or less "
            "or CAP_PERFMON)",
            event->kind->event, (unsigned)cpu, os_errno, (long)geteuid(),
            paranoid);
    else
        gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED, NULL,
                         "perf_event_open(%s, cpu %u): %s (errno %d)",
                         event->kind->event, (unsigned)cpu, strerror(os_errno),
                         os_errno);
}

static int system_call(const struct perf_event_attr *attr, int pid, int cpu,
                       int group_fd, unsigned long flags) {
    return (int)syscall(SYS_perf_event_open, attr, pid, cpu, group_fd, flags);
}

static int open_event(const gb_energy_source *source, const pmu_event *event,
                      uint32_t cpu) {
    struct perf_event_attr attr = {
        .type = (uint32_t)source->type,
        .size = sizeof(attr),
        .config = event->config,
    };

    return (source->env.perf_event_open ? source->env.perf_event_open
                                        : system_call)(
        &attr, -1, (int)cpu, -1, (unsigned long)PERF_FLAG_FD_CLOEXEC);
}

static gb_status add_domain(gb_energy_source *source, const pmu_event *event,
                            const gb_error *bad, size_t at, gb_error *err) {
    char name[64], path[160];
    uint32_t cpu = source->cpus[at];
    size_t index = source->domains.count;

    compose_name(source, event, at, name, sizeof(name));
    snprintf(path, sizeof(path), PMU_DIR "/events/%s cpu=%u",
             event->kind->event, (unsigned)cpu);
    gb_energy_domain *domain = gb_domain_list_add(
        &source->domains, gb_energy_perf.name, name, path, event->kind->scope);
    if (!domain)
        return gb_fail_memory(err, "a perf domain");
    source->fds[index] = -1;

    if (bad->status != GB_OK) {
        gb_domain_refuse_error(domain, bad, path, "");
        return GB_OK;
    }
    describe_counter(source, event, at, domain);
    if (gb_node_is_amd(source->env.node) &&
        event->kind->scope != GB_SCOPE_PACKAGE) {
        domain->scope = GB_SCOPE_OTHER; /* nothing that could be missed */
        gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED, NULL,
                         "AMD counts energy-pkg only; kernels before 5.17 list "
                         "%s as well (commit 0036fb00a756)",
                         event->kind->event);
    } else if (gb_sysroot_simulated(source->env.root) &&
               !source->env.perf_event_open) {
        gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED, NULL,
                         "perf_event_open would read this machine's counters, "
                         "not those of the simulated root");
    } else if ((source->fds[index] = open_event(source, event, cpu)) < 0) {
        refuse_open(source, event, cpu, errno, domain);
    }
    return GB_OK;
}

static gb_status add_events(gb_energy_source *source, gb_error *err) {
    const size_t kind_count = sizeof(event_kinds) / sizeof(event_kinds[0]);
    gb_status status = GB_OK;

    for (size_t k = 0; k < kind_count; k++) {
        const event_kind *kind = &event_kinds[k];
        char path[160];
        pmu_event event = {0};
        gb_error bad = {0};

        snprintf(path, sizeof(path), PMU_DIR "/events/%s", kind->event);
        if (gb_sysroot_kind(source->env.root, path) != GB_PATH_FILE)
            continue;
        read_event(source->env.root, kind, &event, &bad);
        for (size_t i = 0; status == GB_OK && i < source->cpu_count; i++)
            status = add_domain(source, &event, &bad, i, err);
    }
    return status;
}

static gb_status perf_open(const gb_energy_env *env,
                           gb_energy_source **source_out, gb_error *err) {
    if (gb_sysroot_kind(env->root, PMU_DIR) != GB_PATH_DIR)
        return gb_fail(err, GB_ERR_UNSUPPORTED,
                       "on bare metal: modprobe rapl; in a virtual machine: "
                       "measure on its host",
                       "no '" PMU_DIR "': a virtual machine, a CPU without "
                       "RAPL, or its driver is not loaded");

    gb_energy_source *source = calloc(1, sizeof(*source));
    if (!source)
        return gb_fail_memory(err, "the perf source");
    source->env = *env;

    gb_status status = read_pmu(source, err);
    if (status == GB_OK) {
        source->fds =
            calloc(MAX_CPUS * sizeof(event_kinds) / sizeof(event_kinds[0]),
                   sizeof(*source->fds));
        if (!source->fds)
            status = gb_fail_memory(err, "the perf events");
    }
    if (status == GB_OK)
        status = add_events(source, err);
    if (status == GB_OK && source->domains.count == 0)
        status = gb_fail(err, GB_ERR_UNSUPPORTED, NULL,
                         "expected energy-* in '" PMU_DIR
                         "/events' and CPUs in its cpumask, found none");
    if (status != GB_OK) {
        perf_close(source);
        return status;
    }
    *source_out = source;
    return GB_OK;
}

static const gb_energy_domain *perf_domains(const gb_energy_source *source,
                                            size_t *count_out) {
    *count_out = source->domains.count;
    return source->domains.items;
}

static void perf_read(gb_energy_source *source, gb_energy_reading *readings) {
    for (size_t i = 0; i < source->domains.count; i++) {
        gb_energy_reading *reading = &readings[i];
        uint64_t before_ns, ticks = 0;

        *reading = (gb_energy_reading){0};
        if (source->domains.items[i].status != GB_DOMAIN_OK)
            continue;
        before_ns = gb_clock_now_ns(source->env.clock);
        reading->ok = read(source->fds[i], &ticks, sizeof(ticks)) ==
                      (ssize_t)sizeof(ticks);
        gb_reading_stamp(reading, before_ns,
                         gb_clock_now_ns(source->env.clock));
        reading->ticks = reading->ok ? ticks : 0;
    }
}

const gb_energy_source_ops gb_energy_perf = {
    .name = "perf",
    .summary = "RAPL counters of the CPU through the perf_event power PMU",
    .open = perf_open,
    .domains = perf_domains,
    .read = perf_read,
    .close = perf_close,
};
