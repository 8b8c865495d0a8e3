/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_BASE_UNITS_H
#define GB_BASE_UNITS_H

/**
 * @file base/units.h
 * Numbers with units, from and to text.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define GB_J_IN_KWH 3.6e6
#define GB_YEAR_S   31536000.0 /* 365 days, as the example of the SCI counts */

/** "4KiB", "1.5GiB", "2MB", "512" -> bytes. @retval GB_ERR_RANGE with expected
 *  and got in @p err (nullable); no negative, no overflow, no junk. */
gb_status gb_parse_bytes(const char *text, uint64_t *bytes_out, gb_error *err);

/** "1s", "250ms", "2min", "1.5h", "10us", "100ns", "3" (seconds) -> seconds. */
gb_status gb_parse_duration(const char *text, double *seconds_out,
                            gb_error *err);

/** Whole decimal number, nothing else around it. */
gb_status gb_parse_u64(const char *text, uint64_t *value_out, gb_error *err);

/** Finite decimal number, nothing else around it; independent of locale. */
gb_status gb_parse_f64(const char *text, double *value_out, gb_error *err);

/** The decimal number that @p text begins with, independent of locale; an
 *  infinity where it is too large. @param[out] end_out  behind it */
double gb_real_at(const char *text, const char **end_out);

/** "5%" or "5" -> 5.0; @p text must be >= 0. */
gb_status gb_parse_percent(const char *text, double *percent_out,
                           gb_error *err);

/** 1234567890, "flop/s" -> "1.235 Gflop/s" (4 significant digits, SI prefix
 *  from n to E). "byte/s" is written "GB/s", "byte" "GB". Returns @p out. */
const char *gb_format_si(double value, const char *unit, char *out,
                         size_t size);

/** 67108864 -> "64MiB"; exact: a value no IEC unit divides is "67108865B". */
const char *gb_format_bytes(uint64_t bytes, char *out, size_t size);

/** 0.25 -> "250 ms", 61.2 -> "61.2 s", 3700 -> "1 h 02 min". */
const char *gb_format_duration(double seconds, char *out, size_t size);

/** Digits that read back equal: 15, as in the decimal that was meant where
 *  there is one, or 17. @p value is finite; @p size >= 32. */
const char *gb_format_exact(double value, char *out, size_t size);

/** @p value rounded so that its uncertainty @p u keeps two significant digits
 *  (standards.md §11 item 24): 73.2824, 2.9 -> "73.3". u <= 0: 4 digits. What
 *  is zero then has no minus. */
const char *gb_format_rounded(double value, double u, char *out, size_t size);

#endif /* GB_BASE_UNITS_H */
