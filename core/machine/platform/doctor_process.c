/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "machine/platform/doctor_parts.h"

#define STATUS "/proc/self/status"

/* The words after "Field:" in /proc/self/status. */
static bool status_field(const gb_sysroot *root, const char *field, char *out,
                         size_t size) {
    char text[8192], wanted[48];

    if (gb_sysroot_read_text(root, STATUS, text, sizeof(text), NULL) != GB_OK)
        return false;
    snprintf(wanted, sizeof(wanted), "\n%s:", field);
    const char *at = strstr(text, wanted);
    if (at == NULL)
        return false;
    at += strlen(wanted);
    at += strspn(at, " \t");
    snprintf(out, size, "%.*s", (int)strcspn(at, "\n"), at);
    return true;
}

/* --- capabilities --------------------------------------------------------- */

/* capabilities(7): those that matter to reading energy. */
static const struct {
    unsigned bit;
    const char *name, *gives;
} capabilities[] = {
    {2, "CAP_DAC_READ_SEARCH", "reads energy_uj whatever its mode"},
    {17, "CAP_SYS_RAWIO", "reads /dev/cpu/*/msr"},
    {21, "CAP_SYS_ADMIN", "opens system-wide perf events"},
    {38, "CAP_PERFMON", "opens system-wide perf events"},
};

static void examine_capabilities(const gb_examination *e) {
    char text[40], evidence[320];
    size_t length = 0;

    if (!status_field(e->root, "CapEff", text, sizeof(text)))
        return;
    const uint64_t effective = strtoull(text, NULL, 16);
    snprintf(evidence, sizeof(evidence), STATUS " CapEff: %s", text);
    length = strlen(evidence);
    bool any = false;
    for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++)
        if ((effective >> capabilities[i].bit & 1u) != 0) {
            snprintf(evidence + length, sizeof(evidence) - length, "; %s %s",
                     capabilities[i].name, capabilities[i].gives);
            length = strlen(evidence);
            any = true;
        }
    gb_doctor_add(e, any ? GB_SEVERITY_OK : GB_SEVERITY_NOTE, "capabilities",
                  any ? "this process has capabilities that read energy"
                      : "this process has no capability that reads energy",
                  evidence,
                  any ? ""
                      : "none is needed where the group rule for energy_uj is "
                        "installed or perf_event_paranoid is 0 or less");
}

/* --- container ------------------------------------------------------------ */

/* "0 0 4294967295" is the first user namespace. */
static bool in_user_namespace(const gb_sysroot *root, char *map, size_t size) {
    unsigned long inside, outside, count;

    return gb_sysroot_read_text(root, "/proc/self/uid_map", map, size, NULL) ==
               GB_OK &&
           sscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3 &&
           (outside != 0 || count < 4294967295ul);
}

static void examine_container(const gb_examination *e) {
    static const char *const marks[] = {"/.dockerenv", "/run/.containerenv",
                                        "/singularity", "/.singularity.d"};
    char evidence[320] = "", map[120];
    const bool confined = in_user_namespace(e->root, map, sizeof(map));

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        const gb_path_kind kind = gb_sysroot_kind(e->root, marks[i]);
        if (kind == GB_PATH_FILE || kind == GB_PATH_DIR)
            snprintf(evidence, sizeof(evidence), "%s is there", marks[i]);
    }
    if (confined) {
        const size_t length = strlen(evidence);
        snprintf(evidence + length, sizeof(evidence) - length,
                 "%s/proc/self/uid_map: %s: root here is not root outside",
                 length > 0 ? "; " : "", map);
    }
    if (evidence[0] == '\0')
        return;
    gb_doctor_add(e, GB_SEVERITY_NOTE, "container", "this is a container",
                  evidence,
                  "containers mask /sys/devices/virtual/powercap and limit "
                  "CPUs and memory: compare with a run outside");
}

/* --- binding -------------------------------------------------------------- */

/* "0-3,8" */
static uint32_t count_cpus(const char *list) {
    uint32_t count = 0;

    for (const char *at = list; *at != '\0';) {
        unsigned first, last;
        int used = 0;
        if (sscanf(at, "%u-%u%n", &first, &last, &used) == 2 && last >= first)
            count += last - first + 1;
        else if (sscanf(at, "%u%n", &first, &used) == 1)
            count++;
        else
            return 0;
        at += used;
        at += *at == ',';
    }
    return count;
}

static void examine_binding(const gb_examination *e) {
    char list[200], title[120], evidence[320];

    if (!status_field(e->root, "Cpus_allowed_list", list, sizeof(list)) ||
        e->node->pus == 0)
        return;
    const uint32_t may = count_cpus(list);
    const bool all = may >= e->node->pus;
    snprintf(title, sizeof(title), "this process may use %s hardware threads",
             all ? "all" : "only some");
    snprintf(evidence, sizeof(evidence),
             STATUS " Cpus_allowed_list: %s (%" PRIu32 " of %" PRIu32 ")", list,
             may, e->node->pus);
    gb_doctor_add(e, all ? GB_SEVERITY_OK : GB_SEVERITY_NOTE, "binding", title,
                  evidence,
                  all ? ""
                      : "bound by the launcher or the batch system; a run "
                        "warns if ranks share cores (mpirun --bind-to core)");
}

/* --- registers, swap, pages ----------------------------------------------- */

static void examine_msr(const gb_examination *e) {
    const bool safe =
        gb_sysroot_kind(e->root, "/dev/cpu/msr_batch") == GB_PATH_FILE ||
        gb_sysroot_kind(e->root, "/dev/cpu/0/msr_safe") == GB_PATH_FILE;
    const bool plain =
        gb_sysroot_kind(e->root, "/dev/cpu/0/msr") == GB_PATH_FILE;

    if (safe || plain)
        gb_doctor_add(e, GB_SEVERITY_NOTE, "msr",
                      safe ? "msr-safe is loaded" : "the msr driver is loaded",
                      safe ? "/dev/cpu/0/msr_safe" : "/dev/cpu/0/msr",
                      "not needed: greenbench reads powercap or perf; PAPI's "
                      "rapl component can use it (--energy papi)");
}

static bool meminfo_bytes(const char *text, const char *field,
                          uint64_t *bytes_out) {
    const char *at = strstr(text, field);
    unsigned long long kib;

    if (at == NULL || sscanf(at + strlen(field), ": %llu kB", &kib) != 1)
        return false;
    *bytes_out = (uint64_t)kib * 1024;
    return true;
}

static void examine_swap(const gb_examination *e) {
    char text[8192], evidence[160], used_text[32];
    uint64_t total = 0, free_bytes = 0;

    if (gb_sysroot_read_text(e->root, "/proc/meminfo", text, sizeof(text),
                             NULL) != GB_OK ||
        !meminfo_bytes(text, "SwapTotal", &total) ||
        !meminfo_bytes(text, "SwapFree", &free_bytes) || total <= free_bytes)
        return;
    gb_format_si((double)(total - free_bytes), "byte", used_text,
                 sizeof(used_text));
    snprintf(evidence, sizeof(evidence), "/proc/meminfo: %s of swap in use",
             used_text);
    gb_doctor_add(e, GB_SEVERITY_WARNING, "swap", "memory was swapped out",
                  evidence,
                  "free memory, then swapoff -a; swapon -a: what is fetched "
                  "back during a timed call disturbs it");
}

static void examine_huge_pages(const gb_examination *e) {
    static const char path[] = "/sys/kernel/mm/transparent_hugepage/enabled";
    char text[64], evidence[160];

    if (gb_sysroot_read_text(e->root, path, text, sizeof(text), NULL) != GB_OK)
        return;
    snprintf(evidence, sizeof(evidence), "%s: %s", path, text);
    const bool never = strstr(text, "[never]") != NULL;
    gb_doctor_add(e, never ? GB_SEVERITY_NOTE : GB_SEVERITY_OK, "huge_pages",
                  never ? "transparent huge pages are off"
                        : "transparent huge pages can be had",
                  evidence,
                  never
                      ? "memory benchmarks may be slower for it: echo madvise "
                        "> /sys/kernel/mm/transparent_hugepage/enabled"
                      : "");
}

void gb_doctor_examine_process(const gb_examination *e) {
    examine_capabilities(e);
    examine_container(e);
    examine_binding(e);
    examine_msr(e);
    examine_swap(e);
    examine_huge_pages(e);
}
