/* SPDX-License-Identifier: Apache-2.0 */
/* What may disturb a timed call from outside: time a hypervisor took away, and
 * the clock the cores ran at. */
#include "machine/platform/platform.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/text.h"

/* Fields of a cpu line of /proc/stat before steal: user, nice, system, idle,
 * iowait, irq, softirq (Documentation/filesystems/proc.rst, section 1.7). */
#define FIELDS_BEFORE_STEAL 7
/* Some drivers interrupt the core that is asked, or wait 10 ms for a sample:
 * so many cores, spread over all, tell the node's clock. */
#define CORES_ASKED 8

/* Steal ticks of "cpu12 1 2 3 4 5 6 7 8 ..."; false for any other line. */
static bool parse_cpu_line(const char *line, uint32_t *pu_out,
                           uint64_t *steal_out) {
    char *end;

    if (strncmp(line, "cpu", 3) != 0 || line[3] < '0' || line[3] > '9')
        return false;
    const unsigned long pu = strtoul(line + 3, &end, 10);
    for (int i = 0; i < FIELDS_BEFORE_STEAL; i++) {
        const char *at = end;
        (void)strtoull(at, &end, 10);
        if (end == at)
            return false;
    }
    const char *at = end;
    *steal_out = strtoull(at, &end, 10);
    *pu_out = (uint32_t)pu;
    return end != at && pu < GB_MAX_PUS;
}

double gb_platform_stolen_s(const gb_sysroot *root, const gb_cpu_mask *mask) {
    const long ticks_per_s = sysconf(_SC_CLK_TCK);
    char *line = NULL;
    size_t size = 0;
    uint64_t ticks = 0, steal = 0;
    uint32_t pu = 0;
    uint32_t found = 0;
    int fd = -1;

    if (ticks_per_s <= 0 ||
        gb_sysroot_open_file(root, "/proc/stat", &fd, NULL) != GB_OK)
        return NAN;
    FILE *file = fdopen(fd, "r");
    if (file == NULL) {
        close(fd);
        return NAN;
    }
    /* The lines of the CPUs come first; those after them can be very long. */
    while (getline(&line, &size, file) > 0 && strncmp(line, "cpu", 3) == 0) {
        if (!parse_cpu_line(line, &pu, &steal) || !gb_cpu_mask_has(mask, pu))
            continue;
        ticks += steal;
        found++;
    }
    free(line);
    fclose(file);
    return found > 0 ? (double)ticks / (double)ticks_per_s / found : NAN;
}

double gb_platform_clock_hz(const gb_sysroot *root, const gb_cpu_mask *mask) {
    uint32_t count = 0, seen = 0, read = 0;
    double sum_khz = 0.0;

    for (uint32_t pu = 0; pu < GB_MAX_PUS; pu++)
        count += gb_cpu_mask_has(mask, pu);
    const uint32_t stride =
        count > CORES_ASKED ? (count + CORES_ASKED - 1) / CORES_ASKED : 1;
    for (uint32_t pu = 0; pu < GB_MAX_PUS; pu++) {
        char path[96];
        uint64_t khz = 0;
        if (!gb_cpu_mask_has(mask, pu) || seen++ % stride != 0)
            continue;
        snprintf(path, sizeof(path),
                 "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_cur_freq", pu);
        if (gb_sysroot_read_u64(root, path, &khz, NULL) != GB_OK)
            continue;
        sum_khz += (double)khz;
        read++;
    }
    return read > 0 ? sum_khz / read * 1e3 : NAN;
}

double gb_platform_preempted(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (double)usage.ru_nivcsw
                                               : (double)NAN;
}
