/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMORY_GUPS_ROUNDS_H
#define MEMORY_GUPS_ROUNDS_H

/**
 * @file memory/gups_rounds.h
 * The updates themselves, in rounds: each core takes the next numbers of
 * its stretch of the stream, hands those for others on, and makes those for its
 * own part of the table. As every word has one core that updates it, no update
 * is lost.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "greenbench/ext/mpi.h"
#include "greenbench/ext/team.h"

#include "gups_stream.h"

/** Numbers that a core generates before it makes or sends them. HPCC's limit is
 *  1024. With these, half of them, as go from one rank to another of two and in
 *  each hop between more, stay below 4 KiB in nearly all rounds: up to there
 * MPI libraries send within a node at once, without asking the receiver first.
 */
#define GUPS_BATCH 960u

/** What one thread sends to the others in a round. */
typedef struct gups_box {
    uint64_t home[GUPS_BATCH]; /* for this rank, by thread */
    uint64_t away[GUPS_BATCH]; /* for other ranks */
    size_t home_count, away_count;
} gups_box;

typedef struct gups_rounds {
    const gb_ext_team *team;
    const gb_ext_mpi *mpi;
    gups_layout layout;
    uint64_t *table;  /* [layout.words] */
    gups_box *boxes;  /* [thread_count][2]: of even and of odd rounds */
    uint32_t *begins; /* [thread_count][2][thread_count + 1] into home */
    uint64_t *held;   /* [held_max] on the way through this rank */
    uint64_t *sent;   /* [held_max] */
    size_t held_max;  /* far more than ever happens */
    size_t held_count;
    uint64_t core_first; /* this rank's first core among all cores */
    uint64_t core_count; /* of all ranks */

    /* Of the call in progress. */
    uint64_t begin, rounds;
    int mpi_error;
    uint64_t network_bytes, messages;
} gups_rounds;

/** The first number of core @p core is that many steps from 1: as in HPCC, the
 *  4 x table size updates of one pass are shared out evenly. */
uint64_t gups_stretch(const gups_rounds *self, uint64_t core);

/** Make the updates [begin, begin + rounds * GUPS_BATCH) of the stretch of
 *  each core, on all ranks; sets mpi_error, network_bytes and messages. */
void gups_update(gups_rounds *self, uint64_t begin, uint64_t rounds);

#endif /* MEMORY_GUPS_ROUNDS_H */
