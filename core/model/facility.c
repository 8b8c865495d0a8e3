/* SPDX-License-Identifier: Apache-2.0 */
#include "model/facility.h"

#include <stdlib.h>

static const struct {
    const char *name;
    gb_facility_kind kind;
} quantities[] = {
#define ROW(name, text, kind) {text, GB_FACILITY_OF_##kind},
    GB_FACILITY_MAP(ROW)
#undef ROW
};

const char *gb_facility_quantity_name(gb_facility_quantity quantity) {
    return quantities[quantity].name;
}

gb_facility_kind gb_facility_quantity_kind(gb_facility_quantity quantity) {
    return quantities[quantity].kind;
}

void gb_facility_fini(gb_facility *facility) {
    for (size_t i = 0; i < facility->meter_count; i++)
        free(facility->meters[i].rows);
    free(facility->meters);
    *facility = (gb_facility){0};
}
