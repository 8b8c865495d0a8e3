/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_PLAN_H
#define GB_MODEL_PLAN_H

/**
 * @file model/plan.h
 * What will run, checked: every benchmark exists, every parameter is valid, and
 * the ranks fit. Made without running plugin code; the same on every rank.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/phrase.h"
#include "base/sha256.h"
#include "base/text.h"
#include "greenbench/status.h"

typedef enum gb_value_kind {
    GB_VALUE_TEXT, /* a word or free text */
    GB_VALUE_U64,
    GB_VALUE_BYTES,
    GB_VALUE_F64,
} gb_value_kind;

typedef struct gb_plan_param {
    char *name;
    char *text; /* as written, or the default */
    gb_value_kind kind;
    uint64_t u64; /* 0 for TEXT */
    double f64;   /* equals u64 for U64 and BYTES; 0 for TEXT */
    bool is_default;
} gb_plan_param;

/** One benchmark with one set of parameters: "trial" in the records. */
typedef struct gb_plan_case {
    char *id;
    char *version;
    char *sha256;   /* of the plugin's file; "" if not known */
    char *insecure; /* who else could have changed that; "" */
    char *work_unit;
    size_t plugin;         /* gb_catalogue_entry.plugin */
    gb_plan_param *params; /* [param_count], in the order of declaration */
    size_t param_count;
    uint32_t repeats;     /* >= 1: the least number of repetitions */
    uint32_t max_repeats; /* >= repeats; larger only with ci_percent */
    double ci_percent;    /* 0: exactly `repeats` */
    double min_time_s;
    double timeout_s;  /* of one step: preparing, a call, verifying; 0: none */
    bool one_shot;     /* one iteration a call, not calibrated */
    bool no_work;      /* measured for its power alone */
    bool communicates; /* its ranks may wait for each other */
    bool optional;     /* left out, with a warning, where it cannot run */
    gb_status given_up_status; /* GB_ERR_CRASHED, GB_ERR_TIMEOUT */
    char *given_up; /* why it is planned and not run: its process was lost when
                       it was tried; null or "" */
} gb_plan_case;

typedef struct gb_plan_skip {
    char *id;
    char *reason; /* one line */
    char *hint;   /* "" if none */
    /* The numbers of ranks that it can run with, where these are why; else 0.
     * At least 1. */
    uint32_t ranks_least, ranks_multiple;
} gb_plan_skip;

typedef struct gb_plan {
    char *suite_name;
    gb_plan_case *cases; /* [case_count] */
    size_t case_count;
    gb_plan_skip *skips; /* [skip_count]: optional ones that do not fit */
    size_t skip_count;
    double idle_s;
    char *energy;
    bool require_energy, partial_energy;
    double sample_hz;
    char *counters;
    uint32_t ranks;
    char claims_sha256[GB_SHA256_SIZE]; /* of the claims that the run is to
                                           support, as they were before it; "":
                                           none */
    double estimate_s; /* gb_plan_estimate_s(), when it was made */
} gb_plan;

/** Append "name=value" of the parameters, with a blank before each where there
 *  is text; those that are defaults only if @p defaults. */
void gb_plan_add_params(const gb_plan_case *planned, bool defaults,
                        gb_str *out);
/** "array_bytes=64MiB", what is not the default; malloc'ed, null: no memory. */
char *gb_plan_case_params(const gb_plan_case *planned);

/** About how long one call of a case takes, s; of a solve 0: its time is known
 *  when its first has ended. */
double gb_plan_call_s(const gb_plan_case *planned);

/** About how long the cases from @p first on take and the idle window after
 *  them, s, without solves; for people only. */
double gb_plan_left_s(const gb_plan *plan, size_t first);

/** The whole run: both idle windows and all cases, without solves, s. */
double gb_plan_estimate_s(const gb_plan *plan);

/** Calls of the cases from @p first on whose time is not in the estimate. */
size_t gb_plan_solves(const gb_plan *plan, size_t first);

/** How far a case had come when its run is resumed. */
typedef struct gb_case_progress {
    bool done;            /* nothing is missing, or it failed for good */
    uint32_t repetitions; /* that are there: 0, 1, .. are not repeated */
    uint64_t iterations;  /* of each of their calls; 0: to be found */
    double *rates;        /* rank 0: [repetitions], work per second */
} gb_case_progress;

void gb_case_progress_free(gb_case_progress *cases, size_t count);
/** Why @p ranks do not fit, and how to start it: "expected a number of ranks
 *  that is a multiple of 2, got 3", "start with mpirun -n 2 or -n 4".
 *  @param least, multiple  >= 1 */
void gb_plan_say_ranks(uint32_t least, uint32_t multiple, uint32_t ranks,
                       gb_language language, char *what, size_t what_size,
                       char *hint, size_t hint_size);

void gb_plan_case_fini(gb_plan_case *planned);
void gb_plan_fini(gb_plan *plan);

#endif /* GB_MODEL_PLAN_H */
