/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_FACILITY_H
#define GB_MODEL_FACILITY_H

/**
 * @file model/facility.h
 * What the meters of a data centre say, as it was imported: energy in J, water
 * in L, temperature in degrees Celsius, shares of 1.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/config.h"

/** What is metered: its word in files, and what units it has. */
#define GB_FACILITY_MAP(X)                                                     \
    X(IT, "it", ENERGY)             /* all IT equipment */                     \
    X(FACILITY, "facility", ENERGY) /* all that crosses the boundary */        \
    X(OVERHEAD, "overhead", ENERGY) /* facility less IT, all of it */          \
    X(COMPUTE, "compute", ENERGY)   /* into compute components */              \
    X(REUSED_HEAT, "reused_heat", ENERGY)                                      \
    X(RENEWABLE, "renewable", ENERGY)                                          \
    X(WATER, "water", VOLUME)                                                  \
    X(OUTDOOR, "outdoor", TEMPERATURE)                                         \
    X(COOLANT, "coolant", TEMPERATURE)

typedef enum gb_facility_quantity {
#define GB_FACILITY_ENUM(name, text, kind) GB_FACILITY_##name,
    GB_FACILITY_MAP(GB_FACILITY_ENUM)
#undef GB_FACILITY_ENUM
        GB_FACILITY_QUANTITIES
} gb_facility_quantity;

typedef enum gb_facility_kind {
    GB_FACILITY_OF_ENERGY,
    GB_FACILITY_OF_VOLUME,
    GB_FACILITY_OF_TEMPERATURE,
} gb_facility_kind;

/** One interval of a meter. */
typedef struct gb_facility_row {
    int64_t begin_ns, end_ns; /* UTC */
    double value; /* over the interval; of a temperature its mean; NAN: the
                     meter gave none */
} gb_facility_row;

/** One meter, or several of one kind whose readings are added. */
typedef struct gb_facility_meter {
    char id[48];
    gb_facility_quantity quantity;
    gb_facility_row *rows; /* [row_count], in order, without overlap */
    size_t row_count;
    size_t columns; /* meters that were added up */
    double u_rel;   /* standard uncertainty relative to the reading */
    double u_abs;   /* of its range: per second, in J, L; of a temperature K */
    char accuracy[64]; /* as stated: "1 % of reading, bound" */
    char note[160];    /* what is doubtful in its file, with the line; "" */
    gb_origin origin;
} gb_facility_meter;

/** What electricity is charged with, as its owner states it. */
typedef struct gb_emission_factor {
    double kg_per_j; /* NAN: none is stated */
    char gas[8];     /* "CO2" | "CO2e" */
    char words[200]; /* kind, scope, year and source */
} gb_emission_factor;

typedef struct gb_facility {
    char name[64];
    char boundary[200]; /* in words */
    int category;       /* 1 .. 3: where IT is metered; 0: not stated */
    double rated_w;     /* of the IT equipment; NAN */
    double missing_max; /* share of a window that may lack a value, of 1 */
    gb_emission_factor factor;
    gb_facility_meter *meters; /* [meter_count] */
    size_t meter_count;
} gb_facility;

const char *gb_facility_quantity_name(gb_facility_quantity quantity);
gb_facility_kind gb_facility_quantity_kind(gb_facility_quantity quantity);

void gb_facility_fini(gb_facility *facility);

#endif /* GB_MODEL_FACILITY_H */
