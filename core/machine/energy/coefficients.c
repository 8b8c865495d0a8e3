/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/coefficients.h"

#include <string.h>

/* No one publishes a validated bound. 0.5 lets k = 2 reach from nothing to
 * twice the estimate; single rows of the tables are known to be wrong by
 * factors of 2 to 5 (EPYC 5, Graviton), so even this may be too narrow. A CPU
 * without a row of its own is worse. */
#define U_KNOWN   0.5
#define U_UNKNOWN 1.0

/* Cloud Carbon Footprint, watts per hardware thread, derived from
 * SPECpower_ssj2008 whole-server AC watts divided by threads: fans, power
 * supply and part of the DRAM are inside. ccf-coefficients b0032d9 (AWS, 2026)
 * where it has a row, else the application's table, b7a049c7;
 * reference/energy.md §10.1. Not used: EPYC 5 (Turin), whose 3.682 / 8.961 is
 * an outlier, and Graviton, which is a copy of EPYC 2. */
static const gb_thread_power rows[] = {
    {"ccf-sandy-bridge", "Sandy Bridge", 2.17, 8.58, U_KNOWN},
    {"ccf-ivy-bridge", "Ivy Bridge", 3.04, 8.25, U_KNOWN},
    {"ccf-haswell", "Haswell", 1.857, 5.595, U_KNOWN},
    {"ccf-broadwell", "Broadwell", 0.713, 3.685, U_KNOWN},
    {"ccf-skylake", "Skylake", 0.613, 4.104, U_KNOWN},
    {"ccf-cascade-lake", "Cascade Lake", 0.690, 4.063, U_KNOWN},
    {"ccf-coffee-lake", "Coffee Lake", 1.14, 5.42, U_KNOWN},
    {"ccf-ice-lake", "Ice Lake", 0.767, 3.758, U_KNOWN},
    {"ccf-sapphire-rapids", "Sapphire Rapids", 1.036, 4.160, U_KNOWN},
    {"ccf-emerald-rapids", "Emerald Rapids", 0.814, 4.482, U_KNOWN},
    {"ccf-granite-rapids", "Granite Rapids", 0.582, 2.527, U_KNOWN},
    {"ccf-epyc-1", "EPYC 1 (Naples)", 0.847, 2.604, U_KNOWN},
    {"ccf-epyc-2", "EPYC 2 (Rome)", 0.474, 1.693, U_KNOWN},
    {"ccf-epyc-3", "EPYC 3 (Milan)", 0.456, 1.957, U_KNOWN},
    {"ccf-epyc-4", "EPYC 4 (Genoa)", 0.739, 2.282, U_KNOWN},
    {"ccf-unknown", "unknown CPU (average of all)", 0.74, 3.50, U_UNKNOWN},
};

/* CPUID family and model (the display values of /proc/cpuinfo) to a row.
 * Source: Linux arch/x86/include/asm/intel-family.h, arch/x86/kernel/cpu/amd.c.
 * Client parts share their server's row only where CCF has a client row. */
static const struct {
    bool amd;
    uint32_t family, model_first, model_last;
    uint32_t stepping_first, stepping_last;
    const char *id;
} cpus[] = {
    {false, 6, 0x2a, 0x2a, 0, 15, "ccf-sandy-bridge"},
    {false, 6, 0x2d, 0x2d, 0, 15, "ccf-sandy-bridge"},
    {false, 6, 0x3a, 0x3a, 0, 15, "ccf-ivy-bridge"},
    {false, 6, 0x3e, 0x3e, 0, 15, "ccf-ivy-bridge"},
    {false, 6, 0x3c, 0x3c, 0, 15, "ccf-haswell"},
    {false, 6, 0x3f, 0x3f, 0, 15, "ccf-haswell"},
    {false, 6, 0x45, 0x46, 0, 15, "ccf-haswell"},
    {false, 6, 0x3d, 0x3d, 0, 15, "ccf-broadwell"},
    {false, 6, 0x47, 0x47, 0, 15, "ccf-broadwell"},
    {false, 6, 0x4f, 0x4f, 0, 15, "ccf-broadwell"},
    {false, 6, 0x56, 0x56, 0, 15, "ccf-broadwell"},
    {false, 6, 0x4e, 0x4e, 0, 15, "ccf-skylake"},
    {false, 6, 0x5e, 0x5e, 0, 15, "ccf-skylake"},
    {false, 6, 0x55, 0x55, 0, 4, "ccf-skylake"},
    {false, 6, 0x55, 0x55, 5, 15, "ccf-cascade-lake"},
    {false, 6, 0x8e, 0x8e, 0, 15, "ccf-coffee-lake"},
    {false, 6, 0x9e, 0x9e, 0, 15, "ccf-coffee-lake"},
    {false, 6, 0x6a, 0x6a, 0, 15, "ccf-ice-lake"},
    {false, 6, 0x6c, 0x6c, 0, 15, "ccf-ice-lake"},
    {false, 6, 0x7d, 0x7e, 0, 15, "ccf-ice-lake"},
    {false, 6, 0x8f, 0x8f, 0, 15, "ccf-sapphire-rapids"},
    {false, 6, 0xcf, 0xcf, 0, 15, "ccf-emerald-rapids"},
    {false, 6, 0xad, 0xae, 0, 15, "ccf-granite-rapids"},
    {true, 0x17, 0x01, 0x01, 0, 15, "ccf-epyc-1"},
    {true, 0x17, 0x30, 0x3f, 0, 15, "ccf-epyc-2"},
    {true, 0x19, 0x00, 0x0f, 0, 15, "ccf-epyc-3"},
    {true, 0x19, 0x10, 0x1f, 0, 15, "ccf-epyc-4"},
    {true, 0x19, 0xa0, 0xaf, 0, 15, "ccf-epyc-4"},
};

static const gb_thread_power *row_of(const char *id) {
    size_t count = sizeof(rows) / sizeof(rows[0]);

    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].id, id) == 0)
            return &rows[i];
    return &rows[count - 1];
}

const gb_thread_power *gb_thread_power_find(const gb_node *node) {
    bool amd = strcmp(node->cpu_vendor, "AuthenticAMD") == 0;
    bool intel = strcmp(node->cpu_vendor, "GenuineIntel") == 0;

    for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++)
        if ((cpus[i].amd ? amd : intel) && cpus[i].family == node->cpu_family &&
            node->cpu_model >= cpus[i].model_first &&
            node->cpu_model <= cpus[i].model_last &&
            node->cpu_stepping >= cpus[i].stepping_first &&
            node->cpu_stepping <= cpus[i].stepping_last)
            return row_of(cpus[i].id);
    return row_of("ccf-unknown");
}
