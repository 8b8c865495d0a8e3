/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_TARIFF_H
#define GB_MODEL_TARIFF_H

/**
 * @file model/tariff.h
 * What electricity costs, by the clock on the wall: each minute of each kind of
 * day in each season has one price.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"
#include "base/zone.h"

enum {
    GB_TARIFF_SEASONS_MAX = 12,
    GB_TARIFF_PRICES_MAX = 100,
    GB_TARIFF_DAYS = 8, /* Monday .. Sunday, holiday */
    GB_TARIFF_HOLIDAY = 7,
    GB_DAY_MINUTES = 1440,
};

typedef struct gb_tariff_price {
    char id[32];  /* "peak" */
    double per_j; /* >= 0 */
} gb_tariff_price;

/** Prices of the minutes of one kind of day: [price's index]. */
typedef uint8_t gb_tariff_day[GB_DAY_MINUTES];

typedef struct gb_tariff {
    char name[64], source[200];
    char currency[4]; /* ISO 4217 */
    char sha256[GB_SHA256_SIZE];
    gb_zone zone;
    char zone_text[64];
    int64_t valid_ns[2]; /* from its first day to after its last, UTC */
    int64_t *holidays;   /* [holiday_count], days since 1970, sorted */
    size_t holiday_count;
    gb_tariff_price *prices; /* [price_count] */
    size_t price_count;
    uint8_t season_of[12][31];             /* by month and day, from 0 */
    gb_tariff_day (*grid)[GB_TARIFF_DAYS]; /* [season_count] */
    size_t season_count;                   /* >= 1 */
    double demand_per_w; /* of the peak interval of a calendar month; NAN: that
                            costs nothing */
    int64_t demand_interval_ns;
} gb_tariff;

void gb_tariff_fini(gb_tariff *tariff);

#endif /* GB_MODEL_TARIFF_H */
