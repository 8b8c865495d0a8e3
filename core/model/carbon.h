/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_CARBON_H
#define GB_MODEL_CARBON_H

/**
 * @file model/carbon.h
 * What electricity is charged with: factors of a year, and traces over time.
 * Intensities in g/kWh. NAN stands for "no figure".
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"
#include "model/config.h"

/** More is in another unit: the dirtiest lignite is below 1,500. */
#define GB_CARBON_MOST_G_PER_KWH 5000.0

/** One is no other: CO2 alone, or all gases by their warming. */
#define GB_CARBON_GAS_MAP(X)                                                   \
    X(CO2, "CO2")                                                              \
    X(CO2E, "CO2e")

typedef enum gb_carbon_gas {
#define GB_CARBON_GAS_ENUM(name, text) GB_CARBON_##name,
    GB_CARBON_GAS_MAP(GB_CARBON_GAS_ENUM)
#undef GB_CARBON_GAS_ENUM
        GB_CARBON_GASES
} gb_carbon_gas;

/** What a number may be used as (GHG Protocol Scope 2 Guidance, 2015): an
 *  inventory by place or by contract, or what one more kWh causes. */
#define GB_CARBON_BASIS_MAP(X)                                                 \
    X(LOCATION, "location")                                                    \
    X(MARKET, "market")                                                        \
    X(MARGINAL, "marginal")

typedef enum gb_carbon_basis {
#define GB_CARBON_BASIS_ENUM(name, text) GB_CARBON_BY_##name,
    GB_CARBON_BASIS_MAP(GB_CARBON_BASIS_ENUM)
#undef GB_CARBON_BASIS_ENUM
        GB_CARBON_BASES
} gb_carbon_basis;

/** Of which generation it is, and what it may be used as. */
#define GB_CARBON_KIND_MAP(X)                                                  \
    X(AVERAGE, "average", LOCATION)                                            \
    X(RESIDUAL, "residual", MARKET) /* without what was sold by contract */    \
    X(CONTRACT, "contract", MARKET) /* of an instrument or a supplier */       \
    X(FOSSIL, "fossil", MARKET)     /* of fossil power alone */                \
    X(MARGINAL, "marginal", MARGINAL)

typedef enum gb_carbon_kind {
#define GB_CARBON_KIND_ENUM(name, text, basis) GB_CARBON_OF_##name,
    GB_CARBON_KIND_MAP(GB_CARBON_KIND_ENUM)
#undef GB_CARBON_KIND_ENUM
        GB_CARBON_KINDS
} gb_carbon_kind;

#define GB_CARBON_SCOPE_MAP(X)                                                 \
    X(DIRECT, "direct") /* out of the stack */                                 \
    X(LIFECYCLE, "lifecycle")

typedef enum gb_carbon_scope {
#define GB_CARBON_SCOPE_ENUM(name, text) GB_CARBON_##name,
    GB_CARBON_SCOPE_MAP(GB_CARBON_SCOPE_ENUM)
#undef GB_CARBON_SCOPE_ENUM
        GB_CARBON_SCOPES
} gb_carbon_scope;

/** What kind of number an intensity is: two that differ in any of it are of
 *  different quantities. */
typedef struct gb_carbon_type {
    gb_carbon_gas gas;
    gb_carbon_kind kind;
    gb_carbon_scope scope;
} gb_carbon_type;

/** A published intensity of one region and one year. */
typedef struct gb_factor {
    char region[24]; /* "CN-BJ": ISO 3166, or as its file calls it */
    char name[64];   /* "北京"; "" */
    char series[32]; /* values of different ones cannot follow each other */
    int year;        /* of the data */
    gb_carbon_type type;
    double g_per_kwh;
    double u_rel;                /* standard, relative; NAN: not stated */
    char accuracy[48];           /* as stated: "5%, bound"; "" */
    char publication[96];        /* announcement or document, with its date */
    char source[200];            /* how it came here */
    char sha256[GB_SHA256_SIZE]; /* of the file that it is from; "" */
    gb_origin origin;            /* "china.csv:12" */
} gb_factor;

typedef struct gb_factors {
    gb_factor *rows; /* [count] */
    size_t count;
} gb_factors;

#define GB_INTENSITY_STATUS_MAP(X)                                             \
    X(ACTUAL, "actual")                                                        \
    X(ESTIMATED, "estimated")                                                  \
    X(FORECAST, "forecast")

typedef enum gb_intensity_status {
#define GB_INTENSITY_STATUS_ENUM(name, text) GB_INTENSITY_##name,
    GB_INTENSITY_STATUS_MAP(GB_INTENSITY_STATUS_ENUM)
#undef GB_INTENSITY_STATUS_ENUM
        GB_INTENSITY_STATUSES
} gb_intensity_status;

/** One interval of a trace. */
typedef struct gb_intensity_row {
    int64_t begin_ns, end_ns; /* UTC */
    double g_per_kwh;         /* NAN: the file says that it has none */
    gb_intensity_status status;
    uint32_t line; /* where it stands */
} gb_intensity_row;

/** Intensity over time, as it was imported. */
typedef struct gb_intensity_trace {
    char file[128]; /* as it was named */
    char format[32];
    char zone[64]; /* "" */
    char source[200];
    char sha256[GB_SHA256_SIZE]; /* "" */
    gb_carbon_type type;
    gb_intensity_row *rows; /* [row_count], in order, without overlap */
    size_t row_count;
    size_t nulls;   /* rows without a value */
    size_t gaps;    /* holes between rows */
    char note[160]; /* what is doubtful in it, with the line; "" */
} gb_intensity_trace;

const char *gb_carbon_gas_name(gb_carbon_gas gas);
const char *gb_carbon_basis_name(gb_carbon_basis basis);
const char *gb_carbon_kind_name(gb_carbon_kind kind);
gb_carbon_basis gb_carbon_kind_basis(gb_carbon_kind kind);
const char *gb_carbon_scope_name(gb_carbon_scope scope);

bool gb_carbon_same_type(const gb_carbon_type *a, const gb_carbon_type *b);

/** "average, direct CO2" */
void gb_carbon_type_text(const gb_carbon_type *type, char *out, size_t size);

const char *gb_intensity_status_name(gb_intensity_status status);

void gb_factors_fini(gb_factors *factors);
void gb_intensity_trace_fini(gb_intensity_trace *trace);

#endif /* GB_MODEL_CARBON_H */
