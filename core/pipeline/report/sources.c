/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/report/sources.h"

#include <math.h>
#include <string.h>

gb_domain_status gb_source_status(const gb_source_group *group) {
    return group->figure != NULL ? group->figure->status
                                 : group->domain->status;
}

const char *gb_source_reason(const gb_source_group *group) {
    return group->figure != NULL && group->figure->reason[0] != '\0'
               ? group->figure->reason
               : group->domain->reason;
}

static bool alike(const gb_source_group *a, const gb_source_group *b) {
    return gb_source_status(a) == gb_source_status(b) &&
           a->domain->scope == b->domain->scope &&
           a->domain->summed == b->domain->summed &&
           a->domain->quality == b->domain->quality &&
           strcmp(a->domain->source, b->domain->source) == 0 &&
           strcmp(a->domain->name, b->domain->name) == 0 &&
           strcmp(gb_source_reason(a), gb_source_reason(b)) == 0;
}

size_t gb_group_sources(const gb_result *result, gb_source_group *groups_out,
                        size_t *count_out) {
    const gb_session *session = result->session;
    size_t count = 0, left_out = 0, at = 0;

    for (size_t n = 0; n < session->node_count; n++) {
        const gb_node *node = &session->nodes[n];
        for (size_t d = 0; d < node->domain_count; d++) {
            gb_source_group one = {.domain = &node->domains[d],
                                   .node = node,
                                   .nodes = 1,
                                   .energy_j = NAN};
            size_t same = 0;
            if (at < result->source_count && result->sources[at].node == n &&
                result->sources[at].domain == d)
                one.figure = &result->sources[at++];
            if (one.figure != NULL)
                one.energy_j = one.figure->energy_j;
            while (same < count && !alike(&groups_out[same], &one))
                same++;
            if (same < count) {
                groups_out[same].nodes++;
                groups_out[same].energy_j += one.energy_j;
            } else if (count < GB_SOURCE_GROUPS) {
                groups_out[count++] = one;
            } else {
                left_out++;
            }
        }
    }
    *count_out = count;
    return left_out;
}
