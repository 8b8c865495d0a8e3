/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about the node. Counts come from hwloc, which sees the machine the
 * ranks run on; texts come from the root, so that a saved machine keeps its own
 * CPU model. What cannot be had stays "" or 0. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/text.h"
#include "base/units.h"
#include "machine/platform/topology.h"

static bool read_line(const gb_sysroot *root, const char *path, char *out,
                      size_t size) {
    char text[257];
    int fd = -1;
    if (gb_sysroot_open_file(root, path, &fd, NULL) != GB_OK)
        return false;
    const ssize_t got = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (got < 0)
        return false;
    text[got] = '\0';
    text[strcspn(text, "\n")] = '\0';
    gb_copy(out, size, text);
    return true;
}

void gb_platform_node_key(const gb_sysroot *root, char *key, size_t size) {
    char host[64] = "";
    if (read_line(root, "/proc/sys/kernel/random/boot_id", key, size) &&
        key[0] != '\0')
        return;
    gethostname(host, sizeof(host) - 1);
    gb_copy(key, size, host);
}

/* --- /proc/cpuinfo -------------------------------------------------------- */

/* "model name\t: AMD EPYC" -> "AMD EPYC" */
static bool cpuinfo_field(const char *text, const char *field, char *out,
                          size_t size) {
    const size_t length = strlen(field);
    for (const char *line = text; line != NULL;
         line = strchr(line, '\n') != NULL ? strchr(line, '\n') + 1 : NULL) {
        if (strncmp(line, field, length) != 0)
            continue;
        const char *at = line + length + strspn(line + length, " \t");
        if (*at != ':')
            continue;
        at += 1 + strspn(at + 1, " \t");
        const size_t end = strcspn(at, "\n");
        snprintf(out, size, "%.*s", (int)end, at);
        return true;
    }
    return false;
}

static uint32_t cpuinfo_number(const char *text, const char *field) {
    char value[32];
    uint64_t number = 0;
    if (!cpuinfo_field(text, field, value, sizeof(value)) ||
        gb_parse_u64(value, &number, NULL) != GB_OK)
        return 0;
    return (uint32_t)number;
}

/* The first CPU's block is enough, and the file is long on large nodes. */
void gb_platform_cpu_facts(const gb_sysroot *root, gb_node *node) {
    char text[4096] = "", flags[2048] = "";
    int fd = -1;
    if (gb_sysroot_open_file(root, "/proc/cpuinfo", &fd, NULL) != GB_OK)
        return;
    const ssize_t got = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (got <= 0)
        return;
    text[got] = '\0';
    if (!cpuinfo_field(text, "model name", node->cpu, sizeof(node->cpu)))
        (void)cpuinfo_field(text, "CPU implementer", node->cpu,
                            sizeof(node->cpu));
    (void)cpuinfo_field(text, "vendor_id", node->cpu_vendor,
                        sizeof(node->cpu_vendor));
    (void)cpuinfo_field(text, "microcode", node->microcode,
                        sizeof(node->microcode));
    node->cpu_family = cpuinfo_number(text, "cpu family");
    node->cpu_model = cpuinfo_number(text, "model");
    node->cpu_stepping = cpuinfo_number(text, "stepping");
    if (cpuinfo_field(text, "flags", flags, sizeof(flags)))
        gb_copy(node->virtualisation, sizeof(node->virtualisation),
                strstr(flags, " hypervisor") != NULL ? "vm" : "none");
}

/* --- /sys ----------------------------------------------------------------- */

static void read_governor(const gb_sysroot *root, gb_node *node) {
    char path[96], other[32];
    if (!read_line(root,
                   "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
                   node->governor, sizeof(node->governor)))
        return;
    for (uint32_t cpu = 1; cpu < node->pus; cpu++) {
        snprintf(path, sizeof(path),
                 "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_governor", cpu);
        if (read_line(root, path, other, sizeof(other)) &&
            strcmp(other, node->governor) != 0) {
            gb_copy(node->governor, sizeof(node->governor), "mixed");
            return;
        }
    }
}

static void read_turbo(const gb_sysroot *root, gb_node *node) {
    uint64_t value = 0;
    const char *turbo = "";
    if (gb_sysroot_read_u64(root,
                            "/sys/devices/system/cpu/intel_pstate/no_turbo",
                            &value, NULL) == GB_OK)
        turbo = value == 0 ? "on" : "off";
    else if (gb_sysroot_read_u64(root, "/sys/devices/system/cpu/cpufreq/boost",
                                 &value, NULL) == GB_OK)
        turbo = value != 0 ? "on" : "off";
    gb_copy(node->turbo, sizeof(node->turbo), turbo);
}

/* Is the long-term limit of this zone one that somebody set? Every Intel CPU
 * has one from the factory, its design power, which is its maximum as well; and
 * `enabled` is 0 where none is enforced. */
static bool is_capped(const gb_sysroot *root, const char *zone,
                      uint64_t limit_uw, uint64_t *max_uw) {
    char path[256];
    uint64_t enabled = 1;

    snprintf(path, sizeof(path), "/sys/class/powercap/%s/enabled", zone);
    (void)gb_sysroot_read_u64(root, path, &enabled, NULL);
    snprintf(path, sizeof(path),
             "/sys/class/powercap/%s/constraint_0_max_power_uw", zone);
    if (gb_sysroot_read_u64(root, path, max_uw, NULL) != GB_OK)
        *max_uw = 0;
    return enabled != 0 && limit_uw != 0 &&
           (*max_uw == 0 || limit_uw < *max_uw);
}

/* Limits of the packages: "package-0 long_term 200 W of 250 W; ...". */
static void read_power_caps(const gb_sysroot *root, gb_node *node) {
    char **zones = NULL;
    size_t count = 0;
    gb_str caps = {0};
    if (gb_sysroot_list(root, "/sys/class/powercap", &zones, &count, NULL) !=
        GB_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        char path[256], zone[48], name[48];
        uint64_t limit_uw = 0, max_uw = 0;
        snprintf(path, sizeof(path), "/sys/class/powercap/%s/name", zones[i]);
        if (!read_line(root, path, zone, sizeof(zone)) ||
            !gb_starts_with(zone, "package-") ||
            gb_starts_with(zones[i], "intel-rapl-mmio"))
            continue;
        snprintf(path, sizeof(path),
                 "/sys/class/powercap/%s/constraint_0_power_limit_uw",
                 zones[i]);
        if (gb_sysroot_read_u64(root, path, &limit_uw, NULL) != GB_OK ||
            !is_capped(root, zones[i], limit_uw, &max_uw))
            continue;
        snprintf(path, sizeof(path), "/sys/class/powercap/%s/constraint_0_name",
                 zones[i]);
        if (!read_line(root, path, name, sizeof(name)))
            name[0] = '\0';
        gb_str_addf(&caps, "%s%s %s %.0f W", caps.length > 0 ? "; " : "", zone,
                    name, (double)limit_uw * 1e-6);
        if (max_uw > 0)
            gb_str_addf(&caps, " of %.0f W", (double)max_uw * 1e-6);
    }
    gb_sysroot_free_names(zones, count);
    gb_copy(node->power_caps, sizeof(node->power_caps),
            caps.text != NULL ? caps.text : "");
    gb_str_fini(&caps);
}

static void read_kernel(const gb_sysroot *root, gb_node *node) {
    struct utsname names;
    char version[256];
    if (gb_sysroot_simulated(root)) {
        /* "Linux version 6.1.0-18-amd64 (...)" */
        if (read_line(root, "/proc/version", version, sizeof(version)) &&
            gb_starts_with(version, "Linux version ")) {
            char *release = version + strlen("Linux version ");
            release[strcspn(release, " ")] = '\0';
            gb_copy(node->kernel, sizeof(node->kernel), release);
        }
    } else if (uname(&names) == 0) {
        gb_copy(node->kernel, sizeof(node->kernel), names.release);
    }
}

static void read_counts(const gb_topology *topology, gb_node *node) {
    if (topology == NULL)
        return;
    const hwloc_topology_t tree = topology->tree;
    const int packages = hwloc_get_nbobjs_by_type(tree, HWLOC_OBJ_PACKAGE);
    const int cores = hwloc_get_nbobjs_by_type(tree, HWLOC_OBJ_CORE);
    const int pus = hwloc_get_nbobjs_by_type(tree, HWLOC_OBJ_PU);
    const int numa = hwloc_get_nbobjs_by_type(tree, HWLOC_OBJ_NUMANODE);
    node->packages = packages > 0 ? (uint32_t)packages : 0;
    node->cores = cores > 0 ? (uint32_t)cores : 0;
    node->pus = pus > 0 ? (uint32_t)pus : 0;
    node->numa_nodes = numa > 0 ? (uint32_t)numa : 0;
    node->smt = node->cores > 0 && node->pus > node->cores;
    node->cache_bytes = gb_topology_cache_bytes(topology);
}

void gb_platform_facts(const gb_topology *topology, const gb_sysroot *root,
                       gb_node *node_out) {
    gb_node node = {.perf_event_paranoid = -100, .sampler_pu = -1};
    char text[32];
    gethostname(node.name, sizeof(node.name) - 1);
    node.clock_offset_s = node.clock_offset_bound_s = NAN;
    (void)read_line(root, "/proc/sys/kernel/random/boot_id", node.boot_id,
                    sizeof(node.boot_id));
    read_counts(topology, &node);
    gb_platform_cpu_facts(root, &node);
    read_kernel(root, &node);
    read_governor(root, &node);
    read_turbo(root, &node);
    read_power_caps(root, &node);
    (void)read_line(
        root,
        "/sys/devices/system/clocksource/clocksource0/current_clocksource",
        node.clock_source, sizeof(node.clock_source));
    if (read_line(root, "/proc/sys/kernel/perf_event_paranoid", text,
                  sizeof(text)))
        node.perf_event_paranoid = atoi(text);

    unsigned long long kib = 0;
    char meminfo[64];
    if (read_line(root, "/proc/meminfo", meminfo, sizeof(meminfo)) &&
        sscanf(meminfo, "MemTotal: %llu kB", &kib) == 1)
        node.memory_bytes = (uint64_t)kib * 1024;
    node.memory_usable_bytes =
        gb_platform_usable_memory(root, &node.cgroup_limit_bytes);
    *node_out = node;
}
