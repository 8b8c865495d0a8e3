/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_SELFTEST_H
#define GB_MODEL_SELFTEST_H

/**
 * @file model/selftest.h
 * Saved machines with the totals they must give, and what they gave.
 */
#include <stdbool.h>
#include <stddef.h>

#include "model/energy.h"

enum { GB_WRONG_MAX = 16, GB_PRINTED_MAX = 8 };

/** What a program printed, and the power in it. */
typedef struct gb_printed {
    char file[64];
    double power_w; /* NAN: no reading */
} gb_printed;

/** A total that a usual mistake gives. */
typedef struct gb_wrong_total {
    char mistake[48]; /* "sum_every_zone_j" */
    double value;     /* J; W where the machine has no time */
    bool rejected;    /* it is not what came out */
} gb_wrong_total;

/** expected.json of a saved machine. NAN: not stated. */
typedef struct gb_expected {
    double dt_s;        /* between its two states */
    double node_joules; /* in that time */
    double node_watts;
    bool no_energy;          /* it has no energy counter at all */
    gb_domain_status status; /* of its powercap source, if `has_status` */
    bool has_status;
    char open_on_cpus[32]; /* "0, 64": where perf must open its events; "" */
    double true_joules;    /* where the counters are wrong: what the interval
                              of node_joules must hold */
    char suspect[32];      /* the flag that some summed counter must have; "" */
    gb_printed printed[GB_PRINTED_MAX]; /* [printed_count]; then nothing else */
    size_t printed_count;
    gb_wrong_total wrong[GB_WRONG_MAX]; /* [wrong_count] */
    size_t wrong_count;
} gb_expected;

/** One machine, tried. */
typedef struct gb_selftest_case {
    char machine[64];
    bool right;
    char expected[64], got[64]; /* "55080.000 J", "stuck" */
    char why[200];              /* what is wrong; "" if right */
    gb_wrong_total wrong[GB_WRONG_MAX];
    size_t wrong_count;
} gb_selftest_case;

typedef struct gb_selftest {
    gb_selftest_case *cases; /* [count] */
    size_t count;
    size_t wrong_rejected; /* totals of usual mistakes that did not come out */
    bool right;            /* all of them, and there was at least one */
    double took_s;
} gb_selftest;

void gb_selftest_fini(gb_selftest *selftest);

#endif /* GB_MODEL_SELFTEST_H */
