/* SPDX-License-Identifier: Apache-2.0 */
#include "gups_rounds.h"

#include <string.h>

#define TAG 1

/* --- one thread's numbers ------------------------------------------------- */

static gups_box *box_of(const gups_rounds *self, uint32_t thread,
                        uint64_t round) {
    return &self->boxes[2u * thread + (round & 1u)];
}

/** Where in a box's home[] the numbers for each thread begin; [threads + 1] */
static uint32_t *begins_of(const gups_rounds *self, uint32_t thread,
                           uint64_t round) {
    const uint32_t threads = self->layout.threads;

    return self->begins + (2u * thread + (round & 1u)) * (size_t)(threads + 1u);
}

/** Fill @p box from the stream. Both places are written, and one is kept: which
 *  rank a number is for cannot be foreseen, so a branch would be missed. */
static uint64_t generate(const gups_rounds *self, gups_box *box, uint64_t x) {
    const gups_layout layout = self->layout;
    size_t home = 0, away = 0;

    if (layout.ranks == 1)
        for (; home < GUPS_BATCH; home++)
            box->home[home] = x = gups_next(x);
    while (home + away < GUPS_BATCH) {
        x = gups_next(x);
        const bool own =
            gups_rank_of(&layout, gups_word(&layout, x)) == layout.rank;
        box->home[home] = x;
        box->away[away] = x;
        home += own;
        away += !own;
    }
    box->home_count = home;
    box->away_count = away;
    return x;
}

static uint32_t thread_for(const gups_layout *layout, uint64_t x) {
    return gups_thread_of(layout, gups_word(layout, x) - layout->first);
}

/** Order the home numbers of @p box by thread. */
static void sort_by_thread(const gups_rounds *self, gups_box *box,
                           uint32_t *begins) {
    const gups_layout layout = self->layout;
    uint64_t from[GUPS_BATCH];

    memcpy(from, box->home, box->home_count * sizeof(from[0]));
    memset(begins, 0, (layout.threads + 1u) * sizeof(begins[0]));
    for (size_t i = 0; i < box->home_count; i++)
        begins[thread_for(&layout, from[i])]++;
    uint32_t end = 0;
    for (uint32_t t = 0; t <= layout.threads; t++)
        begins[t] = end += begins[t];
    /* Backwards, each end moves down to its begin. */
    for (size_t i = box->home_count; i-- > 0;)
        box->home[--begins[thread_for(&layout, from[i])]] = from[i];
}

/* --- the table ------------------------------------------------------------ */

static void apply(const gups_rounds *self, const uint64_t *updates,
                  size_t count) {
    const gups_layout layout = self->layout;
    uint64_t *table = self->table;

    for (size_t i = 0; i < count; i++)
        table[gups_word(&layout, updates[i]) - layout.first] ^= updates[i];
}

/** Those of the numbers for this rank that are @p thread's. */
static void apply_own(const gups_rounds *self, const uint64_t *updates,
                      size_t count, uint32_t thread) {
    const gups_layout layout = self->layout;

    for (size_t i = 0; i < count; i++) {
        const uint64_t local = gups_word(&layout, updates[i]) - layout.first;
        if (gups_thread_of(&layout, local) == thread)
            self->table[local] ^= updates[i];
    }
}

/* --- between the ranks ---------------------------------------------------- */

/** Move those whose way has the hop of @p stride ranks from held[] to sent[].
 *  @return how many */
static size_t take_hop(gups_rounds *self, uint32_t stride) {
    const gups_layout layout = self->layout;
    uint64_t *restrict held = self->held, *restrict sent = self->sent;
    size_t kept = 0, count = 0;

    for (size_t i = 0; i < self->held_count; i++) {
        const uint64_t x = held[i];
        const uint32_t to = gups_rank_of(&layout, gups_word(&layout, x));
        const uint32_t way = to >= layout.rank
                                 ? to - layout.rank
                                 : to + layout.ranks - layout.rank;
        const bool hops = (way & stride) != 0;
        held[kept] = x;
        sent[count] = x;
        kept += !hops;
        count += hops;
    }
    self->held_count = kept;
    return count;
}

/**
 * Bring all that is held to its rank, and leave in held[] what came for this
 * one. The way of a number is how many ranks up its target is, and goes in hops
 * of 1, 2, 4 .. ranks, those of its binary digits: any number of ranks will do,
 * log2 of it messages are sent, and each of them is long (J. Bruck et al.,
 * "Efficient algorithms for all-to-all communications in multiport
 * message-passing systems", IEEE TPDS 8(11), 1997).
 */
static void route(gups_rounds *self) {
    const uint32_t ranks = self->layout.ranks, rank = self->layout.rank;

    for (uint32_t stride = 1; stride < ranks; stride *= 2u) {
        MPI_Status status;
        int arrived = 0;
        const size_t count = take_hop(self, stride);
        const size_t room = self->held_max - self->held_count;
        int code =
            MPI_Sendrecv(self->sent, (int)count, MPI_UINT64_T,
                         (int)((rank + (uint64_t)stride) % ranks), TAG,
                         self->held + self->held_count, (int)room, MPI_UINT64_T,
                         (int)((rank + (uint64_t)ranks - stride) % ranks), TAG,
                         self->mpi->comm, &status);
        if (code == MPI_SUCCESS)
            code = MPI_Get_count(&status, MPI_UINT64_T, &arrived);
        if (code != MPI_SUCCESS) {
            self->mpi_error = code;
            return;
        }
        self->held_count += (size_t)arrived;
        self->network_bytes += count * sizeof(uint64_t);
        self->messages++;
    }
}

/** By thread 0, once all threads have filled their boxes. */
static void exchange(gups_rounds *self, uint64_t round) {
    self->held_count = 0;
    for (uint32_t t = 0; t < self->layout.threads; t++) {
        const gups_box *box = box_of(self, t, round);
        memcpy(self->held + self->held_count, box->away,
               box->away_count * sizeof(uint64_t));
        self->held_count += box->away_count;
    }
    route(self);
}

/* --- rounds --------------------------------------------------------------- */

/** One core alone in its rank. */
static void rounds_alone(gups_rounds *self) {
    uint64_t x = gups_jump(gups_stretch(self, self->core_first) + self->begin);
    gups_box *box = box_of(self, 0, 0);

    for (uint64_t r = 0; r < self->rounds && self->mpi_error == MPI_SUCCESS;
         r++) {
        x = generate(self, box, x);
        apply(self, box->home, box->home_count);
        if (self->layout.ranks > 1) {
            exchange(self, 0);
            apply(self, self->held, self->held_count);
        }
    }
}

/* A box is written again two rounds later: by then all have passed a barrier
 * that each reached after it had read it. */
static void rounds_in_team(void *arg, uint32_t thread, uint32_t thread_count) {
    gups_rounds *self = arg;
    const gb_ext_team *team = self->team;
    uint64_t x =
        gups_jump(gups_stretch(self, self->core_first + thread) + self->begin);

    for (uint64_t r = 0; r < self->rounds; r++) {
        gups_box *own = box_of(self, thread, r);
        x = generate(self, own, x);
        sort_by_thread(self, own, begins_of(self, thread, r));
        team->barrier(team);
        if (self->layout.ranks > 1 && thread == 0)
            exchange(self, r);
        for (uint32_t t = 0; t < thread_count; t++) {
            const uint32_t *begins = begins_of(self, t, r);
            apply(self, box_of(self, t, r)->home + begins[thread],
                  begins[thread + 1u] - begins[thread]);
        }
        if (self->layout.ranks == 1)
            continue;
        team->barrier(team);
        if (self->mpi_error != MPI_SUCCESS)
            return;
        apply_own(self, self->held, self->held_count, thread);
    }
}

uint64_t gups_stretch(const gups_rounds *self, uint64_t core) {
    const uint64_t updates = (uint64_t)4 << self->layout.bits;
    const uint64_t whole = updates / self->core_count;
    const uint64_t rest = updates % self->core_count;

    return whole * core + rest * core / self->core_count;
}

void gups_update(gups_rounds *self, uint64_t begin, uint64_t rounds) {
    self->begin = begin;
    self->rounds = rounds;
    self->mpi_error = MPI_SUCCESS;
    self->network_bytes = self->messages = 0;
    if (self->layout.threads == 1)
        rounds_alone(self);
    else
        self->team->run(self->team, rounds_in_team, self);
}
