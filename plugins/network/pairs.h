/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PLUGINS_NETWORK_PAIRS_H
#define GB_PLUGINS_NETWORK_PAIRS_H

/**
 * @file pairs.h
 * This rank's partner, by the parameters `pairs` and `active`. Who has none
 * waits asleep until the pairs are through: its core is then as idle as one on
 * which nothing was started.
 */
#include "layout.h"
#include "network.h"

#define GB_PAIRS_PARAMS                                                        \
    {"pairs",                                                                  \
     "partners on one node, or on two; auto: inter where there are several",   \
     "auto", "auto|intra|inter"},                                              \
    {                                                                          \
        "active", "all pairs at once, or only one while the others wait",      \
            "all", "all|one"                                                   \
    }

typedef struct gb_pairs {
    gb_pair_kind kind;
    bool alone;       /* one pair is active, the others wait */
    int32_t partner;  /* -1: none, this rank waits */
    bool first;       /* it sends first; the partner answers */
    int32_t count;    /* active pairs in all */
    int32_t *waiting; /* [waiting_count]: who sends the end, then who waits */
    int32_t waiting_count;
    int32_t waiting_index; /* this rank's; -1: in another pair */
    int32_t *sorted;       /* [size], ranks in the order of their nodes */
    int32_t *scratch;      /* [2 size + 1] */
    gb_pair *list;         /* [size], scratch */
} gb_pairs;

/** Choose and note the pairs; refuse where there is none of the kind asked for.
 *  @param[out] pairs_out  to be released with gb_pairs_fini(), also after a
 *                         failure */
gb_status gb_pairs_init(const gb_network *net, const gb_params *values,
                        gb_pairs *pairs_out);
void gb_pairs_fini(const gb_network *net, gb_pairs *pairs);

/** The partners of another round, by gb_layout_turn(); those of
 *  gb_pairs_init() are round 0's. As many pairs as there were. */
void gb_pairs_turn(const gb_network *net, int32_t round, gb_pairs *pairs);

/** At the end of run(), also of one that failed: those without a partner return
 *  when the first pair has come here.
 *  @param code  what MPI returned so far
 *  @return that, or what it returned here */
int gb_pairs_finish(const gb_network *net, const gb_pairs *pairs, int code);

#endif /* GB_PLUGINS_NETWORK_PAIRS_H */
