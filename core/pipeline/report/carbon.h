/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_CARBON_H
#define GB_PIPELINE_REPORT_CARBON_H

/**
 * @file pipeline/report/carbon.h
 * What the terminal and the Markdown of `carbon` say in the same words. Each
 * appends nothing where there is nothing to say.
 */
#include "base/text.h"
#include "model/footprint.h"

/** "location-based", "market-based", "marginal (no inventory)" */
const char *gb_carbon_basis_words(gb_carbon_basis basis);

/** Value, kind, gas, region, year, publication, source and hash. */
void gb_carbon_say_rate(const gb_carbon_rate *rate, gb_str *out);

/** "1.30 ± 0.04 gCO2e (U, k = 2), 381 gCO2e/kWh; ..", or why there is none. */
void gb_carbon_say_amount(const gb_carbon_rate *rate,
                          const gb_carbon_amount *amount, gb_str *out);

/** "12.3 mgCO2e/Gflop; 0.5 gCO2e/solution" */
void gb_carbon_say_pers(const gb_carbon_rate *rate,
                        const gb_carbon_amount *amount,
                        const gb_carbon_per *pers, size_t count, gb_str *out);

/** What was left out of the uncertainty, estimated, forecast or filled. */
void gb_carbon_say_doubts(const gb_carbon_amount *amount, gb_str *out);

void gb_carbon_say_energy(const gb_carbon_run *run,
                          const gb_carbon_bench *bench, gb_str *out);
void gb_carbon_say_sci(const gb_carbon_setting *setting, const gb_sci *sci,
                       gb_str *out);
void gb_carbon_say_embodied(const gb_embodied *embodied, gb_str *out);
void gb_carbon_say_site(const gb_carbon_site *site, gb_str *out);
/** CUE, or iCUE of less than 12 months. */
void gb_carbon_say_cue(const gb_carbon_site *site, gb_str *out);

#endif /* GB_PIPELINE_REPORT_CARBON_H */
