/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_ANALYSE_WARNING_LIST_H
#define GB_PIPELINE_ANALYSE_WARNING_LIST_H

/**
 * @file pipeline/analyse/warning_list.h
 * The warnings of a result while they are gathered. Private to
 * pipeline/analyse.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/result.h"

typedef struct gb_warning_list {
    gb_result *result; /* has the warnings themselves */
    size_t capacity;
    bool failed; /* out of memory */
} gb_warning_list;

/** Room for one more, to be filled in; null without memory. */
gb_warning *gb_warning_list_grow(gb_warning_list *list);

/** @param fmt  a phrase: the Chinese sentence is made from the same values */
void gb_warn(gb_warning_list *list, const char *code, const char *hint,
             const char *fmt, ...) GB_PRINTF_LIKE(4, 5);

/** The Chinese of the last warning once more, where its values are sentences
 *  themselves. */
void gb_warn_chinese(gb_warning_list *list, const char *fmt, ...)
    GB_PRINTF_LIKE(2, 3);

/** The Chinese that a figure came with, or else what is known of the text. */
const char *gb_warning_zh(const char *chinese, const char *english);

/** The first domain that could be had, and how; null: none. */
const gb_energy_domain *gb_warning_mendable(const gb_node *node);

/** Nodes that sum different things, or a part of what they should. */
void gb_warn_covers(gb_warning_list *list, const gb_session *session);

/** Counters that failed, or cannot all be right. */
void gb_warn_counters(gb_warning_list *list, const gb_session *session,
                      const gb_reduced *reduced);

/** One warning for the run: the worst three nodes that are unlike the others,
 *  each where it is worst. */
void gb_warn_outliers(gb_warning_list *list, const gb_session *session,
                      const gb_result *result);

/** One for each benchmark that has slow pairs of nodes: the slowest three.
 *  @param id  of the benchmark */
void gb_warn_pairs(gb_warning_list *list, const gb_session *session,
                   const char *id, const gb_pair_variability *pairs);

#endif /* GB_PIPELINE_ANALYSE_WARNING_LIST_H */
