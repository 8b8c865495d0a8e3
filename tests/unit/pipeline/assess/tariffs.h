/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_TESTS_ASSESS_TARIFFS_H
#define GB_TESTS_ASSESS_TARIFFS_H

/**
 * @file tariffs.h
 * A tariff of two prices, in CNY, for all of 2026.
 */
#include <stdint.h>

#include "model/tariff.h"

/** J in a kWh. */
#define TARIFF_KWH_J 3.6e6

/**
 * @param sha256  of its file
 * @param zone    as POSIX's TZ tells it
 * @param high    for a kWh from 08:00 to 22:00
 * @param low     for a kWh in the other hours
 */
void tariff_make(const char *sha256, const char *zone, double high, double low,
                 gb_tariff *out);

/** ns since 1970 of a time such as 2026-01-01T00:00:00Z. */
int64_t tariff_utc(const char *stamp);

#endif /* GB_TESTS_ASSESS_TARIFFS_H */
