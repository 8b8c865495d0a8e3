/* SPDX-License-Identifier: Apache-2.0 */
#include "model/footprint.h"

#include <stdlib.h>

const char *gb_sci_per_name(gb_sci_per per) {
    static const char *const names[] = {
#define NAME(name, text) text,
        GB_SCI_PER_MAP(NAME)
#undef NAME
    };
    return names[per];
}

const gb_carbon_type *gb_carbon_rate_type(const gb_carbon_rate *rate) {
    return rate->traced ? &rate->trace.type : &rate->factor.type;
}

void gb_carbon_setting_fini(gb_carbon_setting *setting) {
    for (size_t i = 0; i < setting->supply_count; i++)
        for (int b = 0; b < GB_CARBON_BASES; b++)
            gb_intensity_trace_fini(&setting->supplies[i].rates[b].trace);
    free(setting->supplies);
    *setting = (gb_carbon_setting){0};
}

void gb_footprint_fini(gb_footprint *footprint) {
    for (size_t i = 0; i < footprint->run_count; i++)
        free(footprint->runs[i].benches);
    free(footprint->runs);
    *footprint = (gb_footprint){0};
}
