/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_ASSESSMENT_H
#define GB_PIPELINE_REPORT_ASSESSMENT_H

/**
 * @file pipeline/report/assessment.h
 * What the terminal, Markdown, HTML and JSON say about a claim, in the same
 * words.
 * Each appends to @p out.
 */
#include "base/phrase.h"
#include "base/text.h"
#include "model/claim.h"

/** "the energy saving": what is claimed of what. */
void gb_claim_say_quantity(const gb_claim *claim, bool chinese, gb_str *out);

/** "efficiency of compute.hpl n=4096 >= 3.5 Gflop/J". */
void gb_claim_say_test(const gb_claim_result *result, gb_language language,
                       gb_str *out);

/** "43.1 ± 1.2 % (U, k = 2.1)" and both sides of a ratio; nothing where there
 *  is no value. */
void gb_claim_say_value(const gb_claim_result *result, gb_language language,
                        gb_str *out);

/** A value in the terms of the claim: "43.1 ± 1.2 %". @param u  NAN: none */
void gb_claim_say_number(const gb_claim_result *result, double value, double u,
                         gb_str *out);

/** Where a term of the budget comes from. */
const char *gb_claim_how(const gb_claim_term *term, gb_language language);

/** The standard uncertainty of a term: "5.3 %" of the value, or "u = 0.12 W"
 *  where the value is nearer to zero than its expanded uncertainty. */
void gb_claim_say_term(const gb_claim_result *result, const gb_claim_term *term,
                       gb_str *out);

/** The terms of its uncertainty. */
void gb_claim_say_budget(const gb_claim_result *result, gb_str *out);

/** Of what energy it is, and what no such counter can be. */
void gb_claim_say_energy(const gb_claim_result *result, gb_language language,
                         gb_str *out);

/** What a saving says of the time before without saying it; nothing of others.
 */
void gb_claim_say_implied(const gb_claim *claim, bool chinese, gb_str *out);

/** Prices and overhead of a cost, and whether it is the prices alone that make
 *  the difference; nothing of other claims. */
void gb_claim_say_cost(const gb_claim_result *result, bool chinese,
                       gb_str *out);

/** The rule that decided it. */
void gb_claim_say_rule(const gb_claim_result *result, gb_language language,
                       gb_str *out);

/** What would decide it; nothing unless it is inconclusive. */
void gb_claim_say_need(const gb_claim_result *result, bool chinese,
                       gb_str *out);

/** What the verdict means. */
void gb_claim_say_verdict(const gb_claim_result *result, bool chinese,
                          gb_str *out);

/** "2 supported, 1 inconclusive". */
void gb_assessment_total(const gb_assessment *assessment, gb_str *out);

/** How verdicts of one file hang together. */
void gb_assessment_family(const gb_assessment *assessment, gb_language language,
                          gb_str *out);

#endif /* GB_PIPELINE_REPORT_ASSESSMENT_H */
