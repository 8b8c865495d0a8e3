/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/event_units.h"

#include <string.h>

#include "base/text.h"
#include "machine/energy/domains.h"

#define GPU_MAX_W GB_MAX_ACCEL_W
/* As for other estimates: k = 2 reaches from nothing to twice the value. */
#define U_REL_SOFTWARE 0.5

/* Units: reference/energy.md §8.2 and PAPI's component sources (rapl, nvml,
 * amd_smi, cray_pm) as of 7.2. All values are 64 bits wide: `rapl` folds the
 * 32-bit register at each read, which the sampling interval keeps safe. */
static const gb_event_unit units[] = {
    {"powercap", "*", "", GB_SCOPE_OTHER, false, 0, 0, 0, 0, 0,
     "read by greenbench's own source 'powercap': PAPI's component undoes one "
     "wrap at most, with one range for all zones, returns the absolute counter "
     "when it has not moved, and knows Intel only"},
    {"rapl", "*_CNT:*", "", GB_SCOPE_OTHER, false, 0, 0, 0, 0, 0,
     "the raw count of an energy event that is read"},
    {"rapl", "*PACKAGE_ENERGY:*", "PACKAGE", GB_SCOPE_PACKAGE, false, 1e-9,
     0x1p-14, 1000000, GB_MAX_PACKAGE_W, GB_U_REL_RAPL_MODELLED, NULL},
    {"rapl", "*DRAM_ENERGY:*", "PACKAGE", GB_SCOPE_DRAM, false, 1e-9, 0x1p-14,
     1000000, GB_MAX_DRAM_W, GB_U_REL_RAPL_DRAM, NULL},
    {"rapl", "*PP0_ENERGY:*", "PACKAGE", GB_SCOPE_CORES, false, 1e-9, 0x1p-14,
     1000000, GB_MAX_PACKAGE_W, GB_U_REL_RAPL_MODELLED, NULL},
    {"rapl", "*PP1_ENERGY:*", "PACKAGE", GB_SCOPE_UNCORE, false, 1e-9, 0x1p-14,
     1000000, GB_MAX_PACKAGE_W, GB_U_REL_RAPL_MODELLED, NULL},
    {"rapl", "*PSYS_ENERGY:*", "", GB_SCOPE_PLATFORM, false, 1e-9, 1.0, 1000000,
     GB_MAX_NODE_W, GB_U_REL_RAPL_MODELLED, NULL},
    {"nvml", "*:total_energy_consumption", "device", GB_SCOPE_ACCEL, false,
     1e-3, 1e-3, 100000000, GPU_MAX_W, GB_U_REL_METER, NULL},
    {"amd_smi", "*energy_consumed:device=*", "device", GB_SCOPE_ACCEL, false,
     1e-6, 0x1p-16, 1000000, GPU_MAX_W, GB_U_REL_METER, NULL},
    {"rocm_smi", "*", "", GB_SCOPE_OTHER, false, 0, 0, 0, 0, 0,
     "counts in steps whose size is another event: use PAPI's amd_smi"},
    {"cray_pm", "*PM_ENERGY:NODE*", "", GB_SCOPE_NODE_DC, false, 1.0, 1.0,
     100000000, GB_MAX_NODE_W, GB_U_REL_METER, NULL},
    {"sde", "*::PACKAGE*_ENERGY_UJ", "PACKAGE", GB_SCOPE_PACKAGE, true, 1e-6,
     1e-6, 0, GB_MAX_PACKAGE_W, U_REL_SOFTWARE, NULL},
    {"sde", "*::DRAM*_ENERGY_UJ", "DRAM", GB_SCOPE_DRAM, true, 1e-6, 1e-6, 0,
     GB_MAX_DRAM_W, U_REL_SOFTWARE, NULL},
    {"sde", "*::ACCEL*_ENERGY_UJ", "ACCEL", GB_SCOPE_ACCEL, true, 1e-6, 1e-6, 0,
     GPU_MAX_W, U_REL_SOFTWARE, NULL},
    {"sde", "*::NODE_ENERGY_UJ", "", GB_SCOPE_NODE_DC, true, 1e-6, 1e-6, 0,
     GB_MAX_NODE_W, U_REL_SOFTWARE, NULL},
    {"perf_event*", "*RAPL_ENERGY*", "", GB_SCOPE_OTHER, false, 0, 0, 0, 0, 0,
     "the kernel's power PMU without its scale: read by the source 'perf'"},
};

const gb_event_unit *gb_event_unit_find(const gb_event_info *event) {
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (gb_glob_match(units[i].component, event->component) &&
            gb_glob_match(units[i].pattern, event->name))
            return &units[i];
    return NULL;
}

bool gb_event_unit_stated(const gb_event_info *event, gb_event_unit *unit_out) {
    static const struct {
        const char *text;
        double tick_j;
    } stated[] = {
        {"nJ", 1e-9}, {"uJ", 1e-6},    {"mJ", 1e-3},
        {"J", 1.0},   {"Joules", 1.0}, {"nJoules", 1e-9},
    };

    for (size_t i = 0; i < sizeof(stated) / sizeof(stated[0]); i++) {
        if (strcmp(stated[i].text, event->units) != 0)
            continue;
        *unit_out = (gb_event_unit){.component = "",
                                    .pattern = "",
                                    .index = "",
                                    .scope = GB_SCOPE_OTHER,
                                    .tick_j = stated[i].tick_j,
                                    .step_j = stated[i].tick_j,
                                    .max_power_w = GB_MAX_NODE_W,
                                    .u_rel = GB_U_REL_METER};
        return true;
    }
    return false;
}

int32_t gb_event_unit_index(const gb_event_unit *unit, const char *name) {
    int64_t number = 0;
    const char *at = NULL;

    if (unit->index[0] == '\0')
        return -1;
    /* The last one: "rapl:::PACKAGE_ENERGY:PACKAGE0", and a device's own name
     * may contain the word. */
    for (const char *found = strstr(name, unit->index); found;
         found = strstr(found + 1, unit->index))
        at = found + strlen(unit->index);
    if (!at)
        return -1;
    if (*at == '_' || *at == ':' || *at == '=')
        at++;
    if (*at < '0' || *at > '9')
        return -1;
    while (*at >= '0' && *at <= '9' && number <= INT32_MAX)
        number = 10 * number + (*at++ - '0');
    return number > INT32_MAX ? -1 : (int32_t)number;
}
