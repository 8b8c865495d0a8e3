/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/meter.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "machine/energy/domains.h"

/* A small whole number that ends the text; -1 for anything else. */
static int32_t parse_tail(const char *text) {
    uint64_t number;

    if (gb_parse_u64(text, &number, NULL) != GB_OK || number > INT32_MAX)
        return -1;
    return (int32_t)number;
}

gb_meter_meaning gb_meter_parse_label(const char *label) {
    /* The CPU rail and SysIO are parts of the Grace socket beside its DRAM. */
    static const struct {
        const char *prefix;
        gb_energy_scope scope;
    } labels[] = {
        {"Module Power Socket ", GB_SCOPE_MODULE},
        {"Grace Power Socket ", GB_SCOPE_GRACE},
        {"CPU Power Socket ", GB_SCOPE_CORES},
        {"SysIO Power Socket ", GB_SCOPE_UNCORE},
    };

    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
        if (gb_starts_with(label, labels[i].prefix))
            return (gb_meter_meaning){
                labels[i].scope, parse_tail(label + strlen(labels[i].prefix))};
    return (gb_meter_meaning){GB_SCOPE_NODE_AC, -1};
}

gb_meter_meaning gb_meter_parse_occ_label(const char *label) {
    const char *word = strchr(label, '_');
    int32_t package = -1;

    if (word && word - label < 8) {
        char number[8] = "";
        memcpy(number, label, (size_t)(word - label));
        package = parse_tail(number);
        word++;
    } else {
        word = label;
    }
    if (strcmp(word, "system") == 0)
        return (gb_meter_meaning){GB_SCOPE_NODE_DC, -1};
    if (strcmp(word, "proc") == 0)
        return (gb_meter_meaning){GB_SCOPE_PACKAGE, package};
    if (strcmp(word, "vdd") == 0)
        return (gb_meter_meaning){GB_SCOPE_CORES, package};
    if (strcmp(word, "vdn") == 0)
        return (gb_meter_meaning){GB_SCOPE_UNCORE, package};
    return (gb_meter_meaning){GB_SCOPE_OTHER, package};
}

void gb_meter_describe(gb_energy_domain *domain) {
    domain->kind = GB_READING_POWER;
    domain->tick_j = 1e-6;
    domain->step_j = 1e-3; /* the firmware's own unit is 1 mW */
    domain->update_ns = domain->average_ns = 1000000000;
    domain->u_rel = GB_U_REL_METER;
}

bool gb_meter_accuracy_u_rel(const char *text, double *u_rel_out) {
    double percent;

    if (gb_parse_percent(text, &percent, NULL) != GB_OK || percent <= 0 ||
        percent >= 100)
        return false;
    *u_rel_out = (100 - percent) / 100 / sqrt(3.0);
    return true;
}

bool gb_meter_is_sentinel(uint64_t microwatts) {
    return microwatts == UINT64_C(4294967295000) || microwatts == UINT32_MAX ||
           microwatts == UINT64_MAX;
}
