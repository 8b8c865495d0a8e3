/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/platform/doctor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "machine/platform/doctor_parts.h"

#define CPU0 "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"

void gb_doctor_add(const gb_examination *e, gb_severity severity,
                   const char *code, const char *title, const char *evidence,
                   const char *fix) {
    gb_finding finding = {.severity = severity};
    gb_copy(finding.code, sizeof(finding.code), code);
    gb_copy(finding.title, sizeof(finding.title), title);
    gb_copy(finding.evidence, sizeof(finding.evidence), evidence);
    gb_copy(finding.fix, sizeof(finding.fix), fix);
    (void)gb_findings_add(e->findings, &finding);
}

/* --- the CPU -------------------------------------------------------------- */

static void examine_governor(const gb_examination *e) {
    const char *governor = e->node->governor;
    char title[120], evidence[160];
    if (governor[0] == '\0') {
        gb_doctor_add(e, GB_SEVERITY_NOTE, "cpu.governor",
                      "no CPU frequency governor",
                      CPU0 " is not there: firmware or hypervisor decides", "");
        return;
    }
    snprintf(title, sizeof(title), "CPU governor is %s", governor);
    snprintf(evidence, sizeof(evidence), CPU0 ": %s", governor);
    const bool steady = strcmp(governor, "performance") == 0;
    gb_doctor_add(
        e, steady ? GB_SEVERITY_OK : GB_SEVERITY_WARNING, "cpu.governor", title,
        evidence,
        steady ? ""
               : "cpupower frequency-set -g performance, or keep it if this is "
                 "how jobs run here");
}

static void examine_turbo(const gb_examination *e) {
    const char *turbo = e->node->turbo;
    if (turbo[0] == '\0') {
        gb_doctor_add(e, GB_SEVERITY_NOTE, "cpu.turbo",
                      "whether turbo is on cannot be told",
                      "neither intel_pstate/no_turbo nor cpufreq/boost is in "
                      "/sys/devices/system/cpu",
                      "");
        return;
    }
    const bool on = strcmp(turbo, "on") == 0;
    gb_doctor_add(
        e, GB_SEVERITY_NOTE, "cpu.turbo", on ? "turbo is on" : "turbo is off",
        on ? "frequency depends on temperature and on how many cores work"
           : "frequency is held at its nominal value",
        on ? "for steadier figures: echo 1 > "
             "/sys/devices/system/cpu/intel_pstate/no_turbo, or echo 0 > "
             "/sys/devices/system/cpu/cpufreq/boost"
           : "");
}

static void examine_smt(const gb_examination *e) {
    char evidence[96];
    snprintf(evidence, sizeof(evidence), "%u cores, %u hardware threads",
             e->node->cores, e->node->pus);
    gb_doctor_add(e, GB_SEVERITY_OK, "cpu.smt",
                  e->node->smt ? "SMT is on; one thread per core is used"
                               : "SMT is off or absent",
                  evidence, "");
}

static void examine_power_caps(const gb_examination *e) {
    if (e->node->power_caps[0] != '\0')
        gb_doctor_add(
            e, GB_SEVERITY_NOTE, "cpu.power_caps", "power limits are in force",
            e->node->power_caps,
            "compare only runs under the same limits; the result records them");
}

/* --- energy --------------------------------------------------------------- */

static void examine_domain(const gb_examination *e,
                           const gb_energy_domain *domain) {
    char code[48], title[120];
    gb_severity severity = GB_SEVERITY_OK;
    if (domain->status == GB_DOMAIN_FORBIDDEN ||
        domain->status == GB_DOMAIN_HIDDEN ||
        domain->status == GB_DOMAIN_FAILED)
        severity = GB_SEVERITY_WARNING;
    else if (domain->status != GB_DOMAIN_OK)
        severity = GB_SEVERITY_NOTE;
    snprintf(code, sizeof(code), "energy.%s", domain->source);
    snprintf(title, sizeof(title), "%s%s%s is %s", domain->source,
             domain->name[0] != '\0' ? ":" : "", domain->name,
             gb_domain_status_name(domain->status));
    if (domain->suspect[0] != '\0') {
        severity = GB_SEVERITY_WARNING;
        snprintf(code, sizeof(code), "energy.suspect");
        snprintf(title, sizeof(title), "%s:%s is suspect: %s", domain->source,
                 domain->name, domain->suspect);
    }
    gb_doctor_add(e, severity, code, title,
                  domain->reason[0] != '\0' ? domain->reason : domain->path,
                  severity == GB_SEVERITY_WARNING && domain->fix[0] == '\0'
                      ? "greenbench sensors shows what is summed; --energy "
                        "chooses other sources"
                      : domain->fix);
}

/* One finding for each source and status, or known fault: a node with many
 * packages has many domains that all lack the same permission. */
static bool seen_before(const gb_node *node, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (strcmp(node->domains[k].source, node->domains[i].source) == 0 &&
            node->domains[k].status == node->domains[i].status &&
            strcmp(node->domains[k].suspect, node->domains[i].suspect) == 0)
            return true;
    return false;
}

/* What is not there at all is one finding: no machine has all sources. */
static void examine_absent(const gb_examination *e) {
    char evidence[320] = "";

    for (size_t i = 0; i < e->node->domain_count; i++) {
        const size_t length = strlen(evidence);
        if (e->node->domains[i].status == GB_DOMAIN_ABSENT)
            snprintf(evidence + length, sizeof(evidence) - length, "%s%s",
                     length > 0 ? ", " : "", e->node->domains[i].source);
    }
    if (evidence[0] != '\0')
        gb_doctor_add(e, GB_SEVERITY_NOTE, "energy.absent",
                      "energy sources that this node does not have", evidence,
                      "greenbench sensors says of each why, and how to get it");
}

static void examine_energy(const gb_examination *e) {
    const gb_node *node = e->node;
    char evidence[320];
    for (size_t i = 0; i < node->domain_count; i++)
        if (node->domains[i].status != GB_DOMAIN_ABSENT &&
            !seen_before(node, i))
            examine_domain(e, &node->domains[i]);
    examine_absent(e);

    snprintf(evidence, sizeof(evidence), "holds: %s; leaves out: %s",
             node->cover.summed_count > 0 ? node->cover.holds : "nothing",
             node->cover.leaves_out[0] != '\0' ? node->cover.leaves_out
                                               : "nothing");
    if (node->cover.missing[0] != '\0')
        gb_doctor_add(e, GB_SEVERITY_WARNING, "energy.partial",
                      "energy is that of a part of the node",
                      node->cover.missing,
                      "see the findings above; a socket without a counter has "
                      "one after its driver (intel_rapl_msr) is loaded again");
    switch (node->cover.quality) {
    case GB_QUALITY_MEASURED:
        gb_doctor_add(e, GB_SEVERITY_OK, "energy", "energy is measured",
                      evidence, "");
        break;
    case GB_QUALITY_UNAVAILABLE:
        gb_doctor_add(
            e, GB_SEVERITY_ERROR, "energy", "no energy can be read", evidence,
            "see the findings above; on a VM ask for the host's counters or a "
            "meter");
        break;
    case GB_QUALITY_MODELLED:
        gb_doctor_add(
            e, GB_SEVERITY_WARNING, "energy",
            "energy can only be modelled, not measured", evidence,
            "see the findings above; figures will be labelled 'modelled' and "
            "may be wrong by a factor");
        break;
    case GB_QUALITY_REPLAYED:
    case GB_QUALITY_SIMULATED:
        gb_doctor_add(
            e, GB_SEVERITY_NOTE, "energy", "energy is simulated", evidence,
            "unset GREENBENCH_SYSROOT, and take stand-ins for vendors' "
            "libraries out of LD_LIBRARY_PATH, to read this machine");
        break;
    }
}

static void examine_paranoid(const gb_examination *e) {
    char evidence[96];
    const int level = e->node->perf_event_paranoid;
    if (level == -100)
        return;
    snprintf(evidence, sizeof(evidence),
             "/proc/sys/kernel/perf_event_paranoid: %d", level);
    gb_doctor_add(
        e, level <= 0 ? GB_SEVERITY_OK : GB_SEVERITY_NOTE, "perf.paranoid",
        level <= 0 ? "system-wide perf events are allowed"
                   : "system-wide perf events need a privilege",
        evidence,
        level <= 0 ? ""
                   : "sysctl kernel.perf_event_paranoid=0, or setcap "
                     "cap_perfmon+ep on the program (Linux 5.8 and later)");
}

/* --- the system ----------------------------------------------------------- */

static void examine_memory(const gb_examination *e) {
    const gb_node *node = e->node;
    char evidence[160], total[32], usable[32], limit[32];
    if (node->memory_bytes == 0) {
        gb_doctor_add(e, GB_SEVERITY_NOTE, "memory",
                      "how much memory is free cannot be told",
                      "/proc/meminfo is not there or says nothing", "");
        return;
    }
    gb_format_si((double)node->memory_bytes, "byte", total, sizeof(total));
    gb_format_si((double)node->memory_usable_bytes, "byte", usable,
                 sizeof(usable));
    gb_format_si((double)node->cgroup_limit_bytes, "byte", limit,
                 sizeof(limit));
    snprintf(evidence, sizeof(evidence), "%s usable of %s%s%s", usable, total,
             node->cgroup_limit_bytes > 0 ? ", cgroup limit " : "",
             node->cgroup_limit_bytes > 0 ? limit : "");
    const bool tight =
        node->memory_usable_bytes < 4 * node->cache_bytes * 3 / 2;
    gb_doctor_add(
        e, tight ? GB_SEVERITY_WARNING : GB_SEVERITY_OK, "memory",
        tight ? "little free memory" : "enough free memory", evidence,
        tight ? "memory benchmarks need four times the last-level caches: free "
                "memory or raise the limit"
              : "");
}

static void examine_quota(const gb_examination *e) {
    char text[64], evidence[128];
    double quota = 0.0, period = 0.0;
    if (gb_sysroot_read_text(e->root, "/sys/fs/cgroup/cpu.max", text,
                             sizeof(text), NULL) != GB_OK ||
        sscanf(text, "%lf %lf", &quota, &period) != 2 || period <= 0.0)
        return;
    snprintf(evidence, sizeof(evidence),
             "/sys/fs/cgroup/cpu.max: %s (%.2f of %u CPUs)", text,
             quota / period, e->node->pus);
    if (quota / period < (double)e->node->pus)
        gb_doctor_add(
            e, GB_SEVERITY_WARNING, "cgroup.cpu_quota",
            "CPU time is limited by a quota", evidence,
            "measure without a quota: it stops all threads in the middle of "
            "timed calls");
}

static void examine_load(const gb_examination *e) {
    char text[64], evidence[96];
    double load = 0.0;
    if (gb_sysroot_read_text(e->root, "/proc/loadavg", text, sizeof(text),
                             NULL) != GB_OK ||
        sscanf(text, "%lf", &load) != 1)
        return;
    snprintf(evidence, sizeof(evidence),
             "/proc/loadavg: %.2f in the last "
             "minute, %u hardware threads",
             load, e->node->pus);
    const bool busy = load > 0.1 * (double)e->node->pus + 0.2;
    gb_doctor_add(
        e, busy ? GB_SEVERITY_WARNING : GB_SEVERITY_OK, "load",
        busy ? "something else is running" : "nothing else is running",
        evidence,
        busy ? "find it with 'top'; idle power would include it" : "");
}

static void examine_clock(const gb_examination *e) {
    char evidence[120];
    const char *source = e->node->clock_source;
    if (source[0] == '\0')
        return;
    snprintf(
        evidence, sizeof(evidence),
        "/sys/devices/system/clocksource/clocksource0/current_clocksource: "
        "%s",
        source);
    const bool slow =
        strcmp(source, "hpet") == 0 || strcmp(source, "acpi_pm") == 0;
    gb_doctor_add(
        e, slow ? GB_SEVERITY_WARNING : GB_SEVERITY_OK, "clock",
        slow ? "the clock is slow to read" : "the clock is fast to read",
        evidence,
        slow ? "boot with clocksource=tsc if the TSC is stable here" : "");
}

static void examine_virtualisation(const gb_examination *e) {
    const char *kind = e->node->virtualisation;
    if (kind[0] != '\0' && strcmp(kind, "none") != 0)
        gb_doctor_add(
            e, GB_SEVERITY_WARNING, "virtualisation",
            "this is a virtual machine",
            "/proc/cpuinfo lists the flag 'hypervisor'",
            "energy counters are rarely passed through, and other guests share "
            "the CPU: measure on the host for figures that stand");
}

void gb_doctor_examine(const gb_node *node, const gb_sysroot *root,
                       gb_findings *findings_out) {
    const gb_examination e = {node, root, findings_out};
    *findings_out = (gb_findings){0};
    examine_energy(&e);
    examine_paranoid(&e);
    examine_governor(&e);
    examine_turbo(&e);
    examine_smt(&e);
    examine_power_caps(&e);
    examine_virtualisation(&e);
    gb_doctor_examine_process(&e);
    examine_memory(&e);
    examine_quota(&e);
    examine_load(&e);
    examine_clock(&e);
}

void gb_doctor_examine_clock_offset(double offset_s, double bound_s,
                                    gb_findings *findings_out) {
    const gb_examination e = {.findings = findings_out};
    const double apart_s = fabs(offset_s);
    char evidence[160];

    snprintf(
        evidence, sizeof(evidence),
        "CLOCK_REALTIME %+.3f ms +- %.3f ms from rank 0's, by the shortest "
        "of %d round trips",
        1e3 * offset_s, 1e3 * bound_s, GB_CLOCK_ROUND_TRIPS);
    if (apart_s > GB_CLOCK_OFFSET_MAX_S + bound_s)
        gb_doctor_add(&e, GB_SEVERITY_ERROR, "clock.offset",
                      "this node's clock is more than 0.4 s off", evidence,
                      "synchronise it: chronyc makestep, or systemctl restart "
                      "chronyd; power of nodes cannot be put on one time axis "
                      "(MLPerf Power refuses more than 400 ms)");
    else if (apart_s > GB_CLOCK_OFFSET_NOTE_S + bound_s)
        gb_doctor_add(&e, GB_SEVERITY_NOTE, "clock.offset",
                      "this node's clock is some milliseconds off", evidence,
                      "greenbench's windows are each node's own and do not "
                      "depend on it; plots of several nodes do");
    else
        gb_doctor_add(&e, GB_SEVERITY_OK, "clock.offset",
                      "this node's clock agrees with rank 0's", evidence, "");
}
