/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_COST_H
#define GB_MODEL_COST_H

/**
 * @file model/cost.h
 * What a claim about energy cost rests on: a model of prices, not a bill.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/sha256.h"

/** What a claim says of prices and overhead. */
typedef struct gb_cost_terms {
    char tariff[GB_SHA256_SIZE];          /* of the file; "": it is no cost */
    char baseline_tariff[GB_SHA256_SIZE]; /* ""; the same one */
    bool own_prices; /* each side at the prices of its own time; else both at
                        those of the run */
    bool overhead;   /* the facility's is in it, as it was metered */
} gb_cost_terms;

/** Prices and overhead of one side. */
typedef struct gb_cost_side {
    char tariff[64];  /* its name; "": there is no such side */
    char source[200]; /* of the tariff */
    double per_j;     /* mean price, by energy; NAN */
    double least_per_j, most_per_j;
    double overhead; /* facility energy over the run's; NAN: not in it */
    char overhead_metric[8]; /* "iPUE" | "iTUE"; "" */
} gb_cost_side;

/** How a cost was made. */
typedef struct gb_cost {
    char currency[4]; /* "": it is none */
    gb_cost_side run, baseline;
    double total;        /* of all repetitions of the run; NAN */
    double equal_prices; /* the ratio or saving were prices equal; NAN */
    bool by_prices;      /* it is supported, and would not be at equal prices */
    double demand;       /* what of a period's cost is for its peaks; NAN */
    bool demand_left_out; /* the tariff charges for peaks, which no run has */
} gb_cost;

#endif /* GB_MODEL_COST_H */
