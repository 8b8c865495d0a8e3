/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_SOURCES_H
#define GB_PIPELINE_REPORT_SOURCES_H

/**
 * @file pipeline/report/sources.h
 * Every energy counter, read or not: those that are alike on several nodes
 * together.
 */
#include "model/result.h"

/** Nodes of a machine are alike; where they are not, these are enough to see
 *  how. */
enum { GB_SOURCE_GROUPS = 60 };

typedef struct gb_source_group {
    const gb_energy_domain *domain; /* of the first node */
    const gb_source_figure *figure; /* of the first node; null: never read */
    const gb_node *node;            /* the first */
    size_t nodes;
    double energy_j; /* of all of them; NAN */
} gb_source_group;

/** @param groups_out  [GB_SOURCE_GROUPS], in the order of their first
 *  @return how many counters found no room */
size_t gb_group_sources(const gb_result *result, gb_source_group *groups_out,
                        size_t *count_out);

/** Over the run: the domain's, or worse. */
gb_domain_status gb_source_status(const gb_source_group *group);
const char *gb_source_reason(const gb_source_group *group);

#endif /* GB_PIPELINE_REPORT_SOURCES_H */
