/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_LAYOUT_H
#define GB_PIPELINE_REPORT_LAYOUT_H

/**
 * @file pipeline/report/layout.h
 * Quantities, cells and colours: shared by the texts of this folder.
 */
#include "pipeline/report/report.h"

typedef enum gb_ink {
    GB_INK_PLAIN,
    GB_INK_BOLD,
    GB_INK_DIM,
    GB_INK_GOOD,
    GB_INK_CAUTION,
    GB_INK_BAD,
} gb_ink;

/** Append @p text, coloured if the style says so. */
void gb_add_ink(gb_str *out, const gb_report_style *style, gb_ink ink,
                const char *text);

/** Append @p text in @p width columns; a negative width aligns to the left. */
void gb_add_cell(gb_str *out, const gb_report_style *style, gb_ink ink,
                 int width, const char *text);

/** "27.03 Gflop/s/W": SI prefix, rounded to @p u (<= 0 or NAN: 4 digits); "-"
 *  for NAN. Units of work are shortened: "message" to "msg", "operation" to
 *  "op", "byte" to "B". @return @p out */
const char *gb_format_quantity(double value, double u, const char *unit,
                               char *out, size_t size);

/** "flop/J" as performance per watt: "flop/s/W". */
const char *gb_format_per_watt_unit(const char *work_unit, char *out,
                                    size_t size);

/** Half the width of an interval, in percent of @p value: "0.42 %"; "-". */
const char *gb_format_half_width(double value, const double ci[2], char *out,
                                 size_t size);

/** "precision=fp64 n=2048": parameters that are not defaults; all if @p all. */
void gb_format_params(const gb_plan_case *planned, bool all, char *out,
                      size_t size);

gb_ink gb_ink_of_quality(gb_quality quality);

/** "label  text", wrapped under the text. */
void gb_add_item(gb_str *out, const gb_report_style *style, const char *label,
                 const char *text);

#endif /* GB_PIPELINE_REPORT_LAYOUT_H */
