/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_DECIDE_H
#define GB_CLI_DECIDE_H

/**
 * @file cli/decide.h
 * Files that a verdict rests on -> verdicts: the one way of `claim`, of
 * `bundle`, and of a bundle that is looked at on another machine.
 */
#include "model/claim.h"
#include "model/comparison.h"
#include "model/facility.h"
#include "model/footprint.h"
#include "model/outcome.h"
#include "model/tariff.h"
#include "pipeline/assess/assess.h"

/** Files beside claims and runs. A kind is the flag of `claim` and `bundle`
 *  that names one, the role that it has in a bundle, and the flag's help; it is
 *  read in decide.c. What such a file names at a key `file`, relative to its
 *  own place, goes into a bundle with it. */
#define GB_CLAIM_INPUT_MAP(X)                                                  \
    X(FACILITY, "facility",                                                    \
      "what the meters of the data centre said (docs/facility.md)")            \
    X(BASELINE_FACILITY, "baseline-facility",                                  \
      "those of where the baseline ran, if it is another one")                 \
    X(CARBON, "carbon", "what electricity emits (docs/carbon.md)")             \
    X(TARIFF, "tariff", "what electricity costs (docs/tariffs.md)")            \
    X(BASELINE_TARIFF, "baseline-tariff",                                      \
      "what it cost the baseline, where a claim says 'prices: own'")

typedef enum gb_claim_input {
#define GB_CLAIM_INPUT_ENUM(name, word, help) GB_CLAIM_INPUT_##name,
    GB_CLAIM_INPUT_MAP(GB_CLAIM_INPUT_ENUM)
#undef GB_CLAIM_INPUT_ENUM
        GB_CLAIM_INPUTS
} gb_claim_input;

/** A row for each kind in a command's table of flags. */
#define GB_CLAIM_INPUT_FLAG(name, word, help) {word, 0, "FILE", help},

/** "facility" */
const char *gb_claim_input_word(gb_claim_input kind);

/** Paths of all that verdicts are made from. */
typedef struct gb_claim_sources {
    const char *claims;
    const char *const *runs; /* [run_count] directories; their order counts */
    size_t run_count;
    const char *inputs[GB_CLAIM_INPUTS]; /* null: there is none */
    const char *factors; /* folder of the tables that a carbon file looks
                            regions up in; null: those beside the program */
} gb_claim_sources;

/** One run's directory. */
typedef struct gb_decided_run {
    char name[256];   /* the last part of its path: where it lies is left out */
    char damage[320]; /* what is not as its manifest says; "": all is */
} gb_decided_run;

/** Verdicts, and what they were made from. */
typedef struct gb_decision {
    gb_assessment assessment;
    gb_claims claims;
    gb_outcome *outcomes;        /* [run_count] */
    gb_assess_run *runs;         /* [run_count] */
    gb_decided_run *folders;     /* [run_count] */
    gb_comparison *comparisons;  /* [claims.count] */
    const gb_comparison **given; /* [claims.count]: of them, or null */
    size_t run_count;
    gb_facility facility, baseline_facility;
    gb_carbon_setting carbon;
    gb_tariff tariffs[2]; /* [tariff_count]: claims know them by their hashes */
    size_t tariff_count;
} gb_decision;

/**
 * Read all that @p sources names and decide the claims. What comes out depends
 * on the content of the files and on the last part of the names of run
 * directories, not on where they lie.
 *
 * @param[out] out  gb_decision_fini() it, after a failure as well
 * @retval GB_ERR_NOT_FOUND, GB_ERR_IO, GB_ERR_INVALID  from reading
 */
gb_status gb_decide(const gb_claim_sources *sources, gb_decision *out,
                    gb_error *err);
/** Their runs alone. */
gb_status gb_decide_read_runs(const gb_claim_sources *sources, gb_decision *out,
                              gb_error *err);
void gb_decision_fini(gb_decision *decision);

/** "greenbench.claim/1". @param[out] text_out  malloc'ed */
gb_status gb_decision_json(const gb_decision *decision, char **text_out,
                           gb_error *err);

#endif /* GB_CLI_DECIDE_H */
