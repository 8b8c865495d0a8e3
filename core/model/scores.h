/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_SCORES_H
#define GB_MODEL_SCORES_H

/**
 * @file model/scores.h
 * Figures over several benchmarks of a run: what `greenbench score` shows.
 * docs/scores.md has the formulas. NAN stands for "no figure"; a reason stands
 * beside it.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/sha256.h"
#include "model/result.h"

/** What a component's weight in an index is proportional to. */
#define GB_WEIGHTING_MAP(X)                                                    \
    X(EQUAL, "equal")                                                          \
    X(TIME, "time")     /* that the run needs for the reference's work */      \
    X(ENERGY, "energy") /* the same, joules */                                 \
    X(POWER, "power")

typedef enum gb_weighting {
#define GB_WEIGHTING_ENUM(name, word) GB_WEIGHTING_##name,
    GB_WEIGHTING_MAP(GB_WEIGHTING_ENUM)
#undef GB_WEIGHTING_ENUM
        GB_WEIGHTINGS
} gb_weighting;

/** A number with its standard uncertainty and its 95 % interval. */
typedef struct gb_score {
    double value; /* NAN: none */
    double u;     /* NAN: not known, of a single repetition for example */
    double dof;   /* its effective degrees of freedom; INFINITY */
    double ci95[2];
} gb_score;

/** Something that a score does without, and why. */
typedef struct gb_left_out {
    char bench[192];
    char reason[320];
} gb_left_out;

typedef struct gb_left_outs {
    gb_left_out *list; /* [count] */
    size_t count;
} gb_left_outs;

/** Energy and delay of one benchmark, for the work of one repetition. */
typedef struct gb_delay_products {
    char bench[192]; /* "memory.triad array_bytes=64MiB" */
    double work;     /* of one repetition, mean */
    char work_unit[32];
    size_t n;           /* repetitions */
    gb_score edp_js;    /* E t */
    gb_score ed2p_js2;  /* E t^2 */
    gb_quality quality; /* of the energy */
    char reason[320];   /* why there are none; "" */
} gb_delay_products;

/** One benchmark of an index. */
typedef struct gb_index_component {
    char bench[192];
    double value, reference;     /* work per joule of both */
    double value_u, reference_u; /* standard uncertainty of each by itself */
    char unit[56];               /* of both: "flop/s/W" */
    double ratio;                /* value / reference */
    double u_rel;            /* relative standard uncertainty of the ratio */
    double meters_u_rel;     /* what of it no repetition reduces */
    double dof;              /* effective degrees of freedom of u_rel */
    double ci95[2];          /* of the ratio; NAN: none */
    double time_s, energy_j; /* of the run, for the work that the reference did
                                in one repetition */
    double power_w;
    double weight; /* all add up to 1 */
} gb_index_component;

/** The Green Index (B. Subramaniam, W. Feng, HPPAC 2012). */
typedef struct gb_green_index {
    bool asked;                  /* a reference was named */
    const gb_session *reference; /* borrowed */
    char sha256[GB_SHA256_SIZE]; /* of the reference's records.jsonl */
    gb_weighting weighting;
    gb_index_component *components; /* [component_count] */
    size_t component_count;
    gb_left_outs left_out;
    gb_score arithmetic; /* sum_i W_i REE_i, as published */
    gb_score geometric;  /* prod_i REE_i^W_i */
    gb_quality quality;  /* of the energy on both sides */
    char reason[400];    /* why there is none; "" */
} gb_green_index;

/** Power at one load. */
typedef struct gb_load_point {
    double load;  /* work per second, of that at full load; 0: idle */
    double share; /* power, of that at full load */
    double power_w, power_u_w;
} gb_load_point;

/** How far power follows load, from the benchmark `load`. */
typedef struct gb_load_curve {
    gb_load_point *points; /* [count], idle first */
    size_t count;
    gb_score proportionality; /* 1: proportional; 0: the same at any load */
    gb_score idle_share;      /* power at rest by that at full load */
    gb_score dynamic_range;   /* 1 - idle_share */
    gb_score deviation;       /* largest, from the line idle - full load */
    double deviation_load;    /* where */
    gb_quality quality;       /* of the energy of all points */
    char reason[320];         /* why there is none; "" */
} gb_load_curve;

/** One benchmark in the fit of an energy roofline. */
typedef struct gb_energy_point {
    char bench[192];
    double flop_per_s, byte_per_s;
    double intensity; /* flop per byte; INFINITY: no bytes */
    double power_w;
    double off; /* (fitted - measured) / measured power */
} gb_energy_point;

/** P = e_flop F + e_byte B + P0 (J. Choi et al., IPDPS 2013). */
typedef struct gb_energy_roofline {
    gb_energy_point *points; /* [count] */
    size_t count;
    gb_left_outs left_out;
    gb_score flop_j;     /* J per flop */
    gb_score byte_j;     /* J per byte of memory */
    gb_score constant_w; /* W, whatever is done */
    gb_score balance;    /* byte_j / flop_j: flop per byte; NAN: one of them is
                            not above 0 */
    double residual;     /* root mean square of `off`, over the degrees of
                            freedom */
    double worst;        /* largest |off| */
    size_t dof;          /* points less 3 */
    double meters_u_rel; /* of all three, from the meters */
    double idle_w;       /* to be seen beside constant_w; NAN */
    gb_quality quality;  /* of the energy of all points */
    char reason[320];    /* why there is no fit; "" */
} gb_energy_roofline;

typedef struct gb_scores {
    const gb_session *session; /* borrowed */
    gb_run_status status;
    gb_quality quality; /* of the run's energy, the worst benchmark's */
    gb_green_index index;
    gb_delay_products *products; /* [product_count] */
    size_t product_count;
    gb_load_curve load;
    gb_energy_roofline roofline;
} gb_scores;

const char *gb_weighting_name(gb_weighting weighting);
/** Inverse; false, and @p out untouched, for unknown text. */
bool gb_weighting_from_name(const char *name, gb_weighting *out);

void gb_scores_fini(gb_scores *scores);

#endif /* GB_MODEL_SCORES_H */
