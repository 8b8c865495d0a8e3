/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_SCORES_H
#define GB_PIPELINE_REPORT_SCORES_H

/**
 * @file pipeline/report/scores.h
 * What the terminal, Markdown and JSON say about scores, in the same words.
 */
#include "base/text.h"
#include "model/scores.h"
#include "pipeline/report/facts.h"

/** Room for a score with its uncertainty and interval. */
enum { GB_SCORE_TEXT = 160 };

/** "1.234 ± 0.012 (95 %: 1.210 to 1.258)"; "-" for none. @return @p out */
const char *gb_score_text(const gb_score *score, char *out, size_t size);

/** The same without the interval, of joules a unit of work: in pJ. */
const char *gb_score_pj(const gb_score *score, const char *per, char *out,
                        size_t size);

/** "1.210..1.258"; "-" for none. */
const char *gb_score_interval(const double ci95[2], double u, char *out,
                              size_t size);

/** Each as a sentence, in English or Chinese; nothing where there is no such
 *  score. */
void gb_scores_say_index(const gb_scores *scores, bool chinese, gb_str *out);
void gb_scores_say_load(const gb_load_curve *load, bool chinese, gb_str *out);
void gb_scores_say_roofline(const gb_energy_roofline *fit, bool chinese,
                            gb_str *out);

/** What the weights are. */
const char *gb_scores_weights(gb_weighting weighting, bool chinese);

/** Why there are no energy-delay products at all; "": there are some, or each
 *  has its reason. */
const char *gb_scores_no_products(const gb_scores *scores);

/** What a score does without, each reason once. */
void gb_scores_left_out(const gb_left_outs *outs, gb_reasons *reasons);

/** "measured: 2 packages + DRAM; not fans, NIC". */
void gb_scores_say_energy(const gb_scores *scores, gb_str *out);

/** The residual, degrees of freedom, and what the meters add. */
void gb_scores_say_residual(const gb_energy_roofline *fit, gb_str *out);

#endif /* GB_PIPELINE_REPORT_SCORES_H */
