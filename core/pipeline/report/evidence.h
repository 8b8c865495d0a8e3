/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_EVIDENCE_H
#define GB_PIPELINE_REPORT_EVIDENCE_H

/**
 * @file pipeline/report/evidence.h
 * The chapters of report.md behind its results, and the cells they share.
 */
#include <stdint.h>

#include "base/text.h"
#include "model/result.h"

/** "12.3 ± 3.4 W" */
void gb_cell_pm(gb_str *out, double value, double u, const char *unit);
/** Four digits, without a u of its own. */
void gb_cell_value(gb_str *out, double value, const char *unit);
void gb_cell_u64(gb_str *out, uint64_t value);
/** Id and the parameters that are not defaults. */
void gb_cell_bench(gb_str *out, const gb_result *result,
                   const gb_bench_result *bench);
/** A row of two cells; "" is "not known". */
void gb_add_fact(gb_str *out, const char *name, const char *text);

/** How far nodes differ, and which stand out; nothing for one node. */
void gb_add_spreads(const gb_result *result, gb_str *out);
void gb_add_energy(const gb_result *result, gb_str *out);
void gb_add_budget(const gb_result *result, gb_str *out);
void gb_add_counters(const gb_result *result, gb_str *out);
void gb_add_notes(const gb_result *result, gb_str *out);
void gb_add_system(const gb_result *result, gb_str *out);

#endif /* GB_PIPELINE_REPORT_EVIDENCE_H */
