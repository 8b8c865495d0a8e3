/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_REDFISH_VALUE_H
#define GB_CODEC_REDFISH_VALUE_H

/**
 * @file codec/redfish_value.h
 * Times and numbers as Redfish writes them. Pure.
 */
#include <stdbool.h>
#include <stdint.h>

/** "PT1S", "PT0.1S", "P1DT2H" -> ns. False: another text, years and months
 *  (which have no length), or above a year. */
bool gb_iso_duration(const char *text, uint64_t *ns_out);

/** "2026-01-31T12:00:00.25Z", "...+02:00" -> ns since 1970 UTC.
 *  @param[out] step_ns_out  what its last digit is worth, ns; at most 1 s
 *  False: another text, before 1970, or without a time zone. */
bool gb_iso_time(const char *text, uint64_t *ns_out, uint64_t *step_ns_out);

/** What the last decimal of @p value is worth: 12.34 -> 0.01, 374 -> 1. Zeros
 *  at the end are gone in a parsed number, so that it may be finer. */
double gb_decimal_step(double value);

#endif /* GB_CODEC_REDFISH_VALUE_H */
