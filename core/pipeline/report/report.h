/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_H
#define GB_PIPELINE_REPORT_H

/**
 * @file pipeline/report/report.h
 * gb_result -> text. Pure: nothing is written here.
 */
#include <stdbool.h>

#include "base/error.h"
#include "base/phrase.h"
#include "base/text.h"
#include "model/bundle.h"
#include "model/catalogue.h"
#include "model/claim.h"
#include "model/comparison.h"
#include "model/conformance.h"
#include "model/finding.h"
#include "model/footprint.h"
#include "model/grading.h"
#include "model/history.h"
#include "model/page.h"
#include "model/result.h"
#include "model/scores.h"
#include "model/selftest.h"
#include "model/validation.h"

typedef struct gb_report_style {
    bool colour;      /* ANSI colours: only for a terminal */
    unsigned columns; /* >= 80 */
    bool detail;      /* also what the figures of a run rest on: -v */
} gb_report_style;

/** The table of the run: benchmark, performance with its interval, power,
 *  energy, performance per watt, quality; then what the energy holds and leaves
 *  out, idle power, the sampler's cost, and warnings. At most 80 columns. */
void gb_report_terminal(const gb_result *result, const gb_report_style *style,
                        gb_str *out);

/** The same as report.md, with the system and the raw values' spread. */
void gb_report_markdown(const gb_result *result, gb_str *out);

/** A row for each benchmark and repetition, RFC 4180; docs/exports.md has the
 *  columns. */
void gb_report_csv(const gb_result *result, const gb_reduced *reduced,
                   gb_str *out);

/** A row for each sample of each launch, in joules and watts: a gb_text_source.
 *  @param log  gb_run_log */
gb_status gb_report_csv_samples(const void *log, const gb_text_sink *sink,
                                gb_error *err);

/** OpenMetrics 1.0, which is Prometheus text as well. */
void gb_report_openmetrics(const gb_result *result, gb_str *out);

/** `compare`: each NEW with its table, what differs, and the verdicts. */
void gb_report_comparison(const gb_comparison *comparison,
                          const gb_report_style *style, gb_str *out);

/** The same for a merge request. */
void gb_report_comparison_markdown(const gb_comparison *comparison,
                                   gb_str *out);

/** `claim`: each claim with its verdict, what it means and what it rests on. */
void gb_report_assessment(const gb_assessment *assessment,
                          const gb_report_style *style, gb_str *out);

/** The same as Markdown. */
void gb_report_assessment_markdown(const gb_assessment *assessment,
                                   gb_str *out);

/** What its verdict means, as sentences for JSON.
 *  @param[out] words_out  [assessment->count]; owned texts
 *  @retval GB_ERR_NO_MEMORY */
gb_status gb_report_assessment_words(const gb_assessment *assessment,
                                     gb_claim_words *words_out, gb_error *err);

/** `carbon`: each benchmark of each run, a site, and what all of it rests on.
 */
void gb_report_footprint(const gb_footprint *footprint,
                         const gb_report_style *style, gb_str *out);

/** The same as Markdown. */
void gb_report_footprint_markdown(const gb_footprint *footprint, gb_str *out);

/** `carbon --factors`: all rows, under what they are published in. */
void gb_report_factors(const gb_factors *factors, const gb_report_style *style,
                       gb_str *out);

/** What of a bundle is not in itself. */
typedef struct gb_report_bundle_facts {
    const char *path;
    uint64_t size_bytes; /* of the archive */
    bool is_signed;
} gb_report_bundle_facts;

/** `bundle`: what it holds. */
void gb_report_bundle(const gb_bundle *bundle, const gb_assessment *assessment,
                      const gb_report_bundle_facts *facts,
                      const gb_report_style *style, gb_str *out);

/** `score`: each score with what it is made of, and what it leaves out. */
void gb_report_scores(const gb_scores *scores, const gb_report_style *style,
                      gb_str *out);

/** The same as Markdown. */
void gb_report_scores_markdown(const gb_scores *scores, gb_str *out);

/** What the scores mean, as sentences for JSON.
 *  @param[out] words_out  owned texts
 *  @retval GB_ERR_NO_MEMORY */
gb_status gb_report_scores_words(const gb_scores *scores,
                                 gb_claim_words *words_out, gb_error *err);

/** `grade`: each aspect with its level, why, and what is missing. */
void gb_report_grading(const gb_grading *grading, const gb_report_style *style,
                       gb_str *out);

/** A sheet for a submission, as Markdown; what the run lacks is marked. */
void gb_report_green500(const gb_grading *grading, gb_str *out);

/**
 * A run as one HTML file that needs no other (docs/report-html.md).
 * @param document  what gb_json_page() makes of @p page
 * @param language  that it opens in; it holds both
 * @retval GB_ERR_UNSUPPORTED  libcrypto cannot be loaded
 */
gb_status gb_report_html(const gb_page *page, const char *document,
                         gb_language language, gb_str *out, gb_error *err);

/** `compare` as such a file. @param document  of gb_json_page_comparison() */
gb_status gb_report_comparison_html(const gb_comparison *comparison,
                                    const char *tool_version,
                                    const char *document, gb_language language,
                                    gb_str *out, gb_error *err);

/** `history list` */
void gb_report_history_runs(const gb_history_runs *runs,
                            const gb_report_style *style, gb_str *out);

/** `history trend`: each series with its metrics, and where they changed. */
void gb_report_trends(const gb_trends *trends, const gb_report_style *style,
                      gb_str *out);

/** `history gate`: what is worse than in each reference. */
void gb_report_gate(const gb_gate *gate, const gb_report_style *style,
                    gb_str *out);

/** `--dry-run`: what would run. */
void gb_report_plan(const gb_plan *plan, const gb_report_style *style,
                    gb_str *out);

/** `list` */
void gb_report_list(const gb_catalogue *catalogue, const gb_report_style *style,
                    gb_str *out);

/** `list --plugins`: each file with its hash, as --plugin-allow @FILE reads
 *  them; those refused are comments. */
void gb_report_plugins(const gb_catalogue *catalogue, gb_str *out);

/** `sensors`; @param measured  nullable: nothing was measured */
void gb_report_sensors(const gb_node *node, const gb_node_figures *measured,
                       const gb_report_style *style, gb_str *out);

/** `plugin check` */
void gb_report_conformance(const gb_conformance *c,
                           const gb_report_style *style, gb_str *out);

/** `selftest` */
void gb_report_selftest(const gb_selftest *selftest,
                        const gb_report_style *style, gb_str *out);

/** `validate`: what is wrong, what was looked at, and what was not. */
void gb_report_validation(const gb_validation *validation,
                          const gb_report_style *style, gb_str *out);

/** `doctor` */
void gb_report_findings(const char *node, const gb_findings *findings,
                        const gb_report_style *style, gb_str *out);

#endif /* GB_PIPELINE_REPORT_H */
