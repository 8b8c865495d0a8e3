/* SPDX-License-Identifier: Apache-2.0 */
#include "model/record.h"

#include <string.h>

#define COUNT(field)                                                           \
    { #field, offsetof(gb_rank_rep, field) }

const gb_rank_count gb_rank_counts[] = {
    COUNT(flops),    COUNT(memory_bytes), COUNT(network_bytes),
    COUNT(messages), COUNT(in_flight),
};
const size_t gb_rank_count_count =
    sizeof(gb_rank_counts) / sizeof(gb_rank_counts[0]);

const double *gb_rank_count_of(const gb_rank_count *counted,
                               const gb_rank_rep *rep) {
    return (const double *)(const void *)((const char *)rep + counted->offset);
}

double *gb_rank_count_in(const gb_rank_count *counted, gb_rank_rep *rep) {
    return (double *)(void *)((char *)rep + counted->offset);
}

const gb_run_log *gb_run_log_last(const gb_run_log *log) {
    while (log->next != NULL)
        log = log->next;
    return log;
}

size_t gb_run_log_launches(const gb_run_log *log) {
    size_t count = 0;
    for (; log != NULL; log = log->next)
        count++;
    return count;
}

size_t gb_session_rebooted(const gb_session *first, const gb_session *later) {
    size_t count = 0;
    for (size_t n = 0; n < first->node_count && n < later->node_count; n++)
        count += strcmp(first->nodes[n].boot_id, later->nodes[n].boot_id) != 0;
    return count;
}
