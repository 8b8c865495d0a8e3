/* SPDX-License-Identifier: Apache-2.0 */
#include "model/record.h"

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
