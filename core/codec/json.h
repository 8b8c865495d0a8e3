/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_JSON_H
#define GB_CODEC_JSON_H

/**
 * @file codec/json.h
 * Plain structs to and from JSON text: the only folder that knows jansson.
 * Encoders return malloc'ed text, or null when out of memory. NAN becomes null,
 * "" a null where the field means "unknown". Lines carry no newline. Real
 * numbers are written with 17 digits and read back equal; whole numbers above
 * 2^63-1 are written as their digits in quotes, and read back equal as well.
 */
#include "base/error.h"
#include "base/text.h"
#include "model/catalogue.h"
#include "model/claim.h"
#include "model/comparison.h"
#include "model/conformance.h"
#include "model/finding.h"
#include "model/footprint.h"
#include "model/grading.h"
#include "model/history.h"
#include "model/page.h"
#include "model/plan.h"
#include "model/record.h"
#include "model/result.h"
#include "model/scores.h"
#include "model/selftest.h"
#include "model/validation.h"

/* Records: {"record": "session" | "trial" | "repetition" | "idle" | "warning" |
 * "end", ...}, each one line. */
char *gb_json_session(const gb_session *record);
char *gb_json_trial(const gb_trial_record *record, const gb_plan *plan);
char *gb_json_rep(const gb_rep_record *record, uint32_t rank_count,
                  size_t node_count);
char *gb_json_idle(const gb_idle_record *record, size_t node_count);
char *gb_json_warning(const gb_warning *record);
char *gb_json_end(const gb_end_record *record, size_t node_count);

/**
 * Decode one line and append it to @p log. The session comes first; every
 * array over ranks or nodes must be as long as the session says.
 * @retval GB_ERR_INVALID  not JSON, unknown record, a field of another type, or
 *                         an array of another length
 * A field that is missing or null takes its zero, a real number NAN; unknown
 * fields are ignored.
 */
gb_status gb_json_read_record(const char *text, gb_run_log *log, gb_error *err);

char *gb_json_plan(const gb_plan *plan); /* pretty, ends in a newline */
gb_status gb_json_read_plan(const char *text, gb_plan *plan_out, gb_error *err);

/** "greenbench.summary/1"; pretty, ends in a newline. Written while it is made:
 *  what it takes of memory grows by 4 bytes for each node and for each rank.
 *  @return GB_ERR_NO_MEMORY, or what @p sink returned */
gb_status gb_json_summary(const gb_result *result, const gb_text_sink *sink,
                          gb_error *err);

/** For github-action-benchmark: customBiggerIsBetter (performance, and per
 *  watt) or customSmallerIsBetter (power, energy of a unit of work, time of a
 *  solve); pretty, ends in a newline. */
char *gb_json_github(const gb_result *result, bool bigger_is_better);

/** "greenbench.list/1" */
char *gb_json_list(const gb_catalogue *catalogue);

/** "greenbench.doctor/1". @param nodes  [count], count > 0 */
char *gb_json_findings(const gb_node_findings *nodes, size_t count);

/** "greenbench.sensors/1". @param measured  nullable: nothing was measured */
char *gb_json_sensors(const gb_node *node, const gb_node_figures *measured);

/** expected.json of a saved machine.
 *  @retval GB_ERR_INVALID  no JSON, or a field of another type */
gb_status gb_json_read_expected(const char *text, gb_expected *expected_out,
                                gb_error *err);

/** "greenbench.compare/1"; pretty, ends in a newline. */
char *gb_json_comparison(const gb_comparison *comparison);

/** "greenbench.claim/1"; pretty, ends in a newline.
 *  @param words  [assessment->count] */
char *gb_json_assessment(const gb_assessment *assessment,
                         const gb_claim_words *words);

/** "greenbench.carbon/1"; pretty, ends in a newline. */
char *gb_json_footprint(const gb_footprint *footprint);
/** "greenbench.factors/1"; the same. */
char *gb_json_factors(const gb_factors *factors);

/** "greenbench.grade/1"; pretty, ends in a newline. */
char *gb_json_grading(const gb_grading *grading);

/** "greenbench.score/1"; pretty, ends in a newline.
 *  @param words  what all of it means */
char *gb_json_scores(const gb_scores *scores, const gb_claim_words *words);

/** What an HTML page draws, "greenbench.page/1": on one line, with what of a
 *  large result a page leaves out (model/page.h) left out. */
char *gb_json_page(const gb_page *page);
char *gb_json_page_comparison(const gb_comparison *comparison);

/** "greenbench.history_list/1"; pretty, ends in a newline. */
char *gb_json_history_runs(const gb_history_runs *runs);
/** "greenbench.trend/1", into @p sink while it is made: a point may stand in it
 *  a million times. @return GB_ERR_NO_MEMORY, or what the sink returned */
gb_status gb_json_trends(const gb_trends *trends, const gb_text_sink *sink,
                         gb_error *err);
/** "greenbench.gate/1"; pretty, ends in a newline. */
char *gb_json_gate(const gb_gate *gate);

/** "greenbench.plugin_check/1" */
char *gb_json_conformance(const gb_conformance *c);

/** "greenbench.selftest/1" */
char *gb_json_selftest(const gb_selftest *selftest);

/** "greenbench.validate/1" */
char *gb_json_validation(const gb_validation *validation);

/** "greenbench.figures/1", one line: what a comparison takes of a run beside
 * its plan and its session. */
char *gb_json_figures(const gb_reduced *reduced, const gb_result *result);
/** Its inverse; the result has neither plan nor session yet.
 *  @param planned  cases of the run's plan
 *  @retval GB_ERR_INVALID  not JSON, or a field of another type */
gb_status gb_json_read_figures(const char *text, size_t planned,
                               gb_reduced *reduced_out, gb_result *result_out,
                               gb_error *err);

/** One file named in manifest.json. */
typedef struct gb_manifest_entry {
    char path[4096]; /* relative to the run directory; absolute for plugins */
    char role[16];   /* "result" | "plugin" | "tool" */
    char sha256[65];
    uint64_t size_bytes;
} gb_manifest_entry;

/** A manifest with more files is nobody's. */
enum { GB_MANIFEST_MAX = 10000 };

/** manifest.json, read back. */
typedef struct gb_manifest {
    char run_id[96];
    gb_manifest_entry *entries; /* [count], at most GB_MANIFEST_MAX */
    size_t count;
    char sha256[65]; /* of itself, see gb_json_manifest_blank(); "": none */
} gb_manifest;

/** "greenbench.manifest/1"; pretty, ends in a newline. Its own digest is 64
 *  zeros: whoever writes it puts the digest of that text in their place. */
char *gb_json_manifest(const char *run_id, const gb_manifest_entry *entries,
                       size_t count);
/** The 64 digits of a manifest's own digest within @p text; null: it has none,
 *  or not where greenbench writes it. */
char *gb_json_manifest_blank(char *text);

/** @param[out] manifest_out  gb_manifest_fini() it
 *  @retval GB_ERR_INVALID    no JSON, or a field is missing or of another type
 */
gb_status gb_json_read_manifest(const char *text, gb_manifest *manifest_out,
                                gb_error *err);
void gb_manifest_fini(gb_manifest *manifest);

#endif /* GB_CODEC_JSON_H */
