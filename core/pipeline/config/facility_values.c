/* SPDX-License-Identifier: Apache-2.0 */
/* Words and numbers of a facility file. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "pipeline/config/facility_parts.h"

const gb_facility_unit gb_facility_units[] = {
    {"J", GB_FACILITY_OF_ENERGY, false, 1.0},
    {"MJ", GB_FACILITY_OF_ENERGY, false, 1e6},
    {"GJ", GB_FACILITY_OF_ENERGY, false, 1e9},
    {"Wh", GB_FACILITY_OF_ENERGY, false, 3.6e3},
    {"kWh", GB_FACILITY_OF_ENERGY, false, 3.6e6},
    {"MWh", GB_FACILITY_OF_ENERGY, false, 3.6e9},
    {"W", GB_FACILITY_OF_ENERGY, true, 1.0},
    {"kW", GB_FACILITY_OF_ENERGY, true, 1e3},
    {"MW", GB_FACILITY_OF_ENERGY, true, 1e6},
    {"L", GB_FACILITY_OF_VOLUME, false, 1.0},
    {"m3", GB_FACILITY_OF_VOLUME, false, 1e3},
    {"degC", GB_FACILITY_OF_TEMPERATURE, false, 1.0},
};
const size_t gb_facility_unit_count =
    sizeof(gb_facility_units) / sizeof(gb_facility_units[0]);

/* --- values --------------------------------------------------------------- */

const gb_facility_unit *gb_facility_find_unit(const char *text) {
    for (size_t i = 0; i < gb_facility_unit_count; i++)
        if (strcmp(gb_facility_units[i].text, text) == 0)
            return &gb_facility_units[i];
    return NULL;
}

/* "1.5 kWh" */
bool gb_facility_parse_quantity(const char *text, double *value_out,
                                const gb_facility_unit **unit_out) {
    const char *end = NULL;

    if (strspn(text, "0123456789.") == 0)
        return false;
    *value_out = gb_real_at(text, &end);
    *unit_out = gb_facility_find_unit(end + strspn(end, " "));
    return isfinite(*value_out) && *unit_out != NULL;
}

gb_status gb_facility_read_percent(const gb_facility_reader *in,
                                   const gb_yaml_node *value, const char *key,
                                   double most, double *out) {
    double percent = 0.0;

    if (value->kind != GB_YAML_SCALAR || !gb_ends_with(value->text, "%") ||
        gb_parse_percent(value->text, &percent, NULL) != GB_OK ||
        percent > most)
        return gb_tree_unexpected(&in->at, value, key,
                                  "a percentage such as 1%", NULL);
    *out = percent / 100.0;
    return GB_OK;
}
