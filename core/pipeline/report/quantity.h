/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_QUANTITY_H
#define GB_PIPELINE_REPORT_QUANTITY_H

/**
 * @file pipeline/report/quantity.h
 * Numbers as people read them: an SI prefix, and no more digits than their
 * uncertainty leaves. No number is "-", never "nan".
 */
#include <stddef.h>

#define GB_QUANTITY_SIZE 96

/** 7.32824e10, 1.1e8, "flop/s" -> "73.28 Gflop/s": at most four significant
 *  digits, fewer if @p u (standard uncertainty; NAN or 0: not known) says so.
 *  "byte" is written "B". @return @p out */
const char *gb_quantity(double value, double u, const char *unit, char *out,
                        size_t size);

/** 12.34, 3.4, "W" -> "12.3 ± 3.4 W"; without @p u as gb_quantity(). */
const char *gb_quantity_pm(double value, double u, const char *unit, char *out,
                           size_t size);

/** Half the width of an interval relative to @p value: "0.3%", "<0.1%"; "-" if
 *  there is no interval. */
const char *gb_quantity_half_width(double value, const double ci95[2],
                                   char *out, size_t size);

/** 0.0234 -> "2.3 %". */
const char *gb_quantity_percent(double fraction, char *out, size_t size);

/** "message/s" -> "msg/s", "operation/s" -> "op/s", for narrow columns. */
const char *gb_quantity_short_unit(const char *unit, char *out, size_t size);

#endif /* GB_PIPELINE_REPORT_QUANTITY_H */
