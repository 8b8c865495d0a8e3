/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_FOOTPRINT_H
#define GB_MODEL_FOOTPRINT_H

/**
 * @file model/footprint.h
 * What a carbon file says (docs/carbon.md), and what `greenbench carbon` makes
 * of runs with it. Masses in g unless a name says kg. NAN stands for "no
 * figure".
 */
#include "model/carbon.h"
#include "model/plan.h"
#include "model/result.h"

/* --- what the user says --------------------------------------------------- */

/** What electricity is charged with, by one basis. */
typedef struct gb_carbon_rate {
    bool present, traced;
    gb_factor factor;         /* unless traced */
    gb_intensity_trace trace; /* if traced */
} gb_carbon_rate;

enum { GB_CARBON_SUPPLIES_MAX = 100 };

/** Where some runs had their electricity from. */
typedef struct gb_carbon_supply {
    char runs[96]; /* glob of run ids and names of directories */
    gb_carbon_rate rates[GB_CARBON_BASES];
    char instruments[200]; /* that the market-based one rests on */
} gb_carbon_supply;

/** One kind of part of a node. */
typedef struct gb_embodied_part {
    char name[32];
    double count;
    double low_kg, high_kg; /* of all of them */
    char how[120];
} gb_embodied_part;

enum { GB_EMBODIED_PARTS = 24 };

/** CO2e of making one node. */
typedef struct gb_embodied {
    bool present;
    double low_kg, high_kg; /* equal: no range is known */
    double kg;              /* as stated, or the middle */
    double lifetime_s;      /* EL */
    double share;           /* RR / ToR, of 1 */
    char source[200];
    gb_embodied_part parts[GB_EMBODIED_PARTS]; /* [part_count] */
    size_t part_count;                         /* 0: one value */
} gb_embodied;

/** R of the SCI. */
#define GB_SCI_PER_MAP(X)                                                      \
    X(WORK, "work")                                                            \
    X(SOLUTION, "solution")

typedef enum gb_sci_per {
#define GB_SCI_PER_ENUM(name, text) GB_SCI_PER_##name,
    GB_SCI_PER_MAP(GB_SCI_PER_ENUM)
#undef GB_SCI_PER_ENUM
        GB_SCI_PERS
} gb_sci_per;

typedef struct gb_sci_setting {
    bool present;
    gb_sci_per per;
    gb_carbon_basis basis; /* LOCATION or MARGINAL */
    double overhead;       /* E is multiplied with it: a PUE; 1: none */
    char overhead_source[120];
} gb_sci_setting;

typedef struct gb_carbon_setting {
    char name[64];
    char boundary[200]; /* what the energy is that of, in words */
    char sha256[GB_SHA256_SIZE];
    double missing_max; /* share of an energy that a trace may not cover */
    gb_carbon_supply *supplies; /* [supply_count] */
    size_t supply_count;
    gb_embodied embodied;
    gb_sci_setting sci;
} gb_carbon_setting;

/* --- what comes of it ----------------------------------------------------- */

/** Energy under one rate. */
typedef struct gb_carbon_amount {
    double g;         /* NAN: none, see reason */
    double u_g;       /* standard, of what is known; NAN with g */
    double energy_j;  /* that was charged */
    double g_per_kwh; /* mean by energy */
    double energy_u_rel, factor_u_rel; /* NAN: not stated, and left out */
    double filled_u_rel;
    double missing; /* share of the energy that no value was there for: it
                       is charged with the mean of the rest */
    double estimated, forecast; /* shares of the energy */
    char reason[200];           /* why there is none; "" */
} gb_carbon_amount;

/** Grams for one unit of something. */
typedef struct gb_carbon_per {
    char unit[48]; /* "Gflop", "GB", "solution" */
    char what[48]; /* "moved in memory"; "" */
    double amount; /* how many units the energy of `location` did */
} gb_carbon_per;

enum { GB_CARBON_PERS = 5 };

/** Software Carbon Intensity (ISO/IEC 21031:2024) of one benchmark. */
typedef struct gb_sci {
    double energy_kwh;    /* E, with overhead; NAN: not measured */
    double g_per_kwh;     /* I */
    double operational_g; /* O = E I */
    double embodied_g, embodied_low_g, embodied_high_g; /* M */
    double time_s;                                      /* TiR, of each node */
    size_t nodes;
    double amount;  /* R, in `unit` */
    char unit[48];  /* "Gflop", "solution" */
    double g_per_r; /* NAN: none, see reason */
    double u_g_per_r;
    char reason[200];
} gb_sci;

typedef struct gb_carbon_bench {
    const gb_plan_case *planned;   /* borrowed */
    const gb_bench_result *result; /* borrowed */
    gb_carbon_amount amounts[GB_CARBON_BASES];
    gb_carbon_per pers[GB_CARBON_PERS]; /* [per_count]; its work first */
    size_t per_count;
    gb_sci sci; /* unless the file asks for none */
} gb_carbon_bench;

typedef struct gb_carbon_run {
    const char *name;               /* of its directory; borrowed */
    const gb_result *result;        /* borrowed */
    const gb_carbon_supply *supply; /* borrowed; null: none fits */
    gb_carbon_bench *benches;       /* [bench_count] */
    size_t bench_count;
} gb_carbon_run;

/** A site over a period. */
typedef struct gb_carbon_site {
    bool present;
    char name[64], boundary[200];
    int64_t from_ns, to_ns;  /* of what is summed */
    double facility_j, it_j; /* it_j NAN: not metered */
    double missing;          /* share of the period without meters, of 1 */
    gb_carbon_amount amounts[GB_CARBON_BASES];
    const gb_carbon_supply *supply;
    bool annual; /* 12 months or more */
    char reason[200];
} gb_carbon_site;

typedef struct gb_footprint {
    const gb_carbon_setting *setting; /* borrowed */
    gb_carbon_run *runs;              /* [run_count] */
    size_t run_count;
    gb_carbon_site site;
} gb_footprint;

const char *gb_sci_per_name(gb_sci_per per);

/** The type of what a rate charges with. */
const gb_carbon_type *gb_carbon_rate_type(const gb_carbon_rate *rate);

void gb_carbon_setting_fini(gb_carbon_setting *setting);
void gb_footprint_fini(gb_footprint *footprint);

#endif /* GB_MODEL_FOOTPRINT_H */
