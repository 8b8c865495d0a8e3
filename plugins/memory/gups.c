/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory.gups: random updates of a table over all ranks, by the rules of HPCC
 * RandomAccess (https://icl.utk.edu/projectsfiles/hpcc/RandomAccess/).
 *
 * T[x & (N - 1)] ^= x, where x goes through a fixed stream, N is a power of two
 * and T begins as T[i] = i. No core may store more than 1024 numbers before it
 * makes the updates or sends them on. A core is what HPCC calls a process: one
 * rank of k cores does the same as k ranks.
 *
 * memory_bytes stays untold: an update needs 16 bytes and moves two whole
 * lines, and neither says anything about bandwidth.
 */
#include <stdio.h>
#include <string.h>

#include "greenbench/ext/mpi.h"
#include "greenbench/ext/team.h"
#include "greenbench/plugin.h"

#include "gups_rounds.h"

#define CACHES_TO_EXCEED 4u
/* For each core, where the size of the caches is not known, and on small ones.
 */
#define PART_BYTES_PER_CORE ((uint64_t)64 << 20)
/* About a millisecond. */
#define ROUNDS_PER_ITERATION 64u
/* So that a batch is spread over many words of each core. */
#define WORDS_PER_CORE_LEAST 1024u
#define PAGE_BYTES           4096u
#define WORD_BYTES           ((uint64_t)sizeof(uint64_t))
/* Checksums over the words whose low bits are the same, and over those whose
 * high bits are. */
#define CLASS_BITS 10u
#define CLASSES    ((size_t)1 << CLASS_BITS)
#define SUMS       (2u * CLASSES)

struct gb_instance {
    const gb_host *host;
    gups_rounds rounds;
    uint64_t done;    /* updates of each core since the table was as it began */
    uint64_t *sums;   /* [thread_count][SUMS] */
    uint64_t *errors; /* [thread_count][8], one cache line each */
    uint32_t threads;
};

static const gb_param_decl params[] = {
    {"table_bytes",
     "each rank's part; all parts hold a power of two; auto: 4 times its caches",
     "auto", "auto|64KiB..4TiB"},
};

static const char *const needs[] = {GB_EXT_TEAM, GB_EXT_MPI, NULL};

/* --- create and destroy --------------------------------------------------- */

static void gups_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->host;
    host->free(host, self->errors);
    host->free(host, self->sums);
    host->free(host, self->rounds.sent);
    host->free(host, self->rounds.held);
    host->free(host, self->rounds.begins);
    host->free(host, self->rounds.boxes);
    host->free(host, self->rounds.table);
    host->free(host, self);
}

/** What the ranks must know of each other to agree on one table. */
typedef struct gups_shares {
    uint64_t want_bytes;   /* of all ranks */
    uint64_t room_bytes;   /* the least that a rank may allocate */
    uint64_t threads_most; /* of a rank */
    uint64_t core_first;
    uint64_t core_count;
} gups_shares;

static uint64_t held_max_for(uint32_t threads) {
    return 4u * (uint64_t)GUPS_BATCH * threads;
}

/** All that prepare() takes besides the table. */
static uint64_t own_bytes(uint32_t threads) {
    const uint64_t begins =
        2u * (uint64_t)threads * (threads + 1u) * sizeof(uint32_t);

    return sizeof(gb_instance) + 2u * threads * sizeof(gups_box) + begins +
           2u * held_max_for(threads) * WORD_BYTES +
           threads * (SUMS + 8u) * WORD_BYTES;
}

static gb_status share_out(const gb_host *host, const gb_ext_mpi *mpi,
                           uint32_t threads, uint64_t table_bytes,
                           gups_shares *out) {
    const uint64_t taken = own_bytes(threads);
    uint64_t want = table_bytes, room = UINT64_MAX, before = 0;

    if (want == 0) {
        want = host->cache_bytes * CACHES_TO_EXCEED;
        if (want < PART_BYTES_PER_CORE * threads)
            want = PART_BYTES_PER_CORE * threads;
    }
    if (host->memory_bytes > 0)
        room = host->memory_bytes > taken ? host->memory_bytes - taken : 0;
    uint64_t sums[2] = {want, threads};
    /* The least of ~threads is the most of threads. */
    uint64_t least[2] = {room, ~(uint64_t)threads};
    int code =
        MPI_Exscan(&sums[1], &before, 1, MPI_UINT64_T, MPI_SUM, mpi->comm);
    if (code == MPI_SUCCESS)
        code = MPI_Allreduce(MPI_IN_PLACE, sums, 2, MPI_UINT64_T, MPI_SUM,
                             mpi->comm);
    if (code == MPI_SUCCESS)
        code = MPI_Allreduce(MPI_IN_PLACE, least, 2, MPI_UINT64_T, MPI_MIN,
                             mpi->comm);
    if (code != MPI_SUCCESS)
        return host->fail(host, GB_ERR_MPI, NULL,
                          "the ranks cannot agree on a table: MPI error %d",
                          code);
    *out = (gups_shares){.want_bytes = sums[0],
                         .room_bytes = least[0],
                         .threads_most = ~least[1],
                         .core_first = mpi->rank == 0 ? 0 : before,
                         .core_count = sums[1]};
    return GB_OK;
}

/** The largest part of a rank with a table of 2^bits words. */
static uint64_t part_bytes(unsigned bits, uint64_t ranks) {
    return ((((uint64_t)1 << bits) + ranks - 1u) / ranks) * WORD_BYTES;
}

/** The most words, as a power of two, within that many bytes. */
static unsigned bits_within(uint64_t bytes) {
    unsigned bits = 0;

    while (bits < 50 && ((uint64_t)1 << (bits + 1u)) <= bytes / WORD_BYTES)
        bits++;
    return bits;
}

static gb_status choose_bits(const gb_host *host, const gups_shares *shares,
                             uint64_t ranks, bool automatic,
                             unsigned *bits_out) {
    const uint64_t least_words = WORDS_PER_CORE_LEAST * shares->threads_most;
    const bool known = shares->room_bytes != UINT64_MAX;
    unsigned bits = bits_within(shares->want_bytes);
    char hint[80];

    if (automatic) {
        if ((WORD_BYTES << bits) < shares->want_bytes)
            bits++;
        /* HPCC asks for half of the memory; no more than that here. */
        while (known && bits > 0 &&
               part_bytes(bits, ranks) > shares->room_bytes / 2u)
            bits--;
    }
    if (((uint64_t)1 << bits) / ranks < least_words) {
        unsigned enough = bits;
        while (((uint64_t)1 << enough) / ranks < least_words)
            enough++;
        snprintf(
            hint, sizeof(hint), "set table_bytes=%lluKiB or more",
            (unsigned long long)((part_bytes(enough, ranks) + 1023u) >> 10));
        return host->fail(host, GB_ERR_INVALID, hint,
                          "expected %llu words or more for each rank, got a "
                          "table of 2^%u for %llu",
                          (unsigned long long)least_words, bits,
                          (unsigned long long)ranks);
    }
    if (known && part_bytes(bits, ranks) > shares->room_bytes) {
        unsigned fit = bits;
        while (fit > 0 && part_bytes(fit, ranks) > shares->room_bytes)
            fit--;
        snprintf(
            hint, sizeof(hint), "set table_bytes=%lluMiB or less",
            (unsigned long long)((part_bytes(fit, ranks) + 0xfffffu) >> 20));
        return host->fail(host, GB_ERR_NO_MEMORY, hint,
                          "expected at most %llu MiB for each rank, its share "
                          "of the memory, got %llu MiB",
                          (unsigned long long)(shares->room_bytes >> 20),
                          (unsigned long long)(part_bytes(bits, ranks) >> 20));
    }
    *bits_out = bits;
    return GB_OK;
}

static void note_table(const gb_instance *self) {
    const gb_host *host = self->host;
    const gups_rounds *rounds = &self->rounds;
    const double part = (double)rounds->layout.words * (double)WORD_BYTES;

    host->note(host, "table_bytes", "%llu",
               (unsigned long long)(WORD_BYTES << rounds->layout.bits));
    if (host->cache_bytes == 0)
        host->note(host, "cache_multiple", "unknown");
    else
        host->note(host, "cache_multiple", "%.3g",
                   part / (double)host->cache_bytes);
    host->note(host, "look_ahead", "%u", GUPS_BATCH);
    host->note(
        host, "iterations_of_a_pass", "%.6g",
        4.0 * (double)((uint64_t)1 << rounds->layout.bits) /
            ((double)rounds->core_count * GUPS_BATCH * ROUNDS_PER_ITERATION));
}

static gb_status gups_create(const gb_host *host, const gb_params *values,
                             gb_instance **self_out) {
    const gb_ext_team *team = host->extension(host, GB_EXT_TEAM);
    const gb_ext_mpi *mpi = host->extension(host, GB_EXT_MPI);
    const uint64_t table_bytes = host->param_u64(values, "table_bytes");
    gups_shares shares = {0};
    unsigned bits = 0;

    if (team == NULL || mpi == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED, "start it under mpirun",
                          "needs the extensions '%s' and '%s', got %s",
                          GB_EXT_TEAM, GB_EXT_MPI,
                          team == NULL ? "no team" : "no MPI");
    gb_status status =
        share_out(host, mpi, team->thread_count, table_bytes, &shares);
    if (status == GB_OK)
        status = choose_bits(host, &shares, (uint64_t)mpi->size,
                             table_bytes == 0, &bits);
    if (status != GB_OK)
        return status;
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.host = host, .threads = team->thread_count};
    self->rounds = (gups_rounds){
        .team = team,
        .mpi = mpi,
        .layout = gups_layout_of(bits, (uint32_t)mpi->size, (uint32_t)mpi->rank,
                                 team->thread_count),
        .held_max = (size_t)held_max_for((uint32_t)shares.threads_most),
        .core_first = shares.core_first,
        .core_count = shares.core_count,
    };
    note_table(self);
    *self_out = self;
    return GB_OK;
}

/* --- prepare -------------------------------------------------------------- */

/** This rank's words that @p thread has for itself when nobody updates: nearly
 *  those that it updates. */
static void words_of(const gb_instance *self, uint32_t thread, uint64_t *begin,
                     uint64_t *end) {
    const uint64_t words = self->rounds.layout.words;
    const uint64_t each = words / self->threads;

    *begin = each * thread;
    *end = thread + 1u == self->threads ? words : each * (thread + 1u);
}

static void fill_part(void *arg, uint32_t thread, uint32_t thread_count) {
    const gb_instance *self = arg;
    uint64_t begin, end;

    (void)thread_count;
    words_of(self, thread, &begin, &end);
    for (uint64_t i = begin; i < end; i++)
        self->rounds.table[i] = self->rounds.layout.first + i;
}

static gb_status gups_rearm(gb_instance *self) {
    self->rounds.team->run(self->rounds.team, fill_part, self);
    self->done = 0;
    return GB_OK;
}

static gb_status gups_prepare(gb_instance *self) {
    const gb_host *host = self->host;
    gups_rounds *r = &self->rounds;
    const size_t threads = self->threads;
    const size_t held_bytes = r->held_max * sizeof(uint64_t);

    if ((r->table = host->alloc(host, (size_t)(r->layout.words * WORD_BYTES),
                                PAGE_BYTES)) == NULL ||
        (r->boxes = host->alloc(host, 2u * threads * sizeof(*r->boxes), 64)) ==
            NULL ||
        (r->begins = host->alloc(
             host, 2u * threads * (threads + 1u) * sizeof(*r->begins), 64)) ==
            NULL ||
        (r->held = host->alloc(host, held_bytes, 64)) == NULL ||
        (r->sent = host->alloc(host, held_bytes, 64)) == NULL ||
        (self->sums = host->alloc(host, threads * SUMS * sizeof(*self->sums),
                                  64)) == NULL ||
        (self->errors = host->alloc(host, threads * 8u * sizeof(*self->errors),
                                    64)) == NULL)
        return GB_ERR_NO_MEMORY;
    return gups_rearm(self);
}

/* --- run ------------------------------------------------------------------ */

static gb_status update(gb_instance *self, uint64_t begin, uint64_t rounds) {
    gups_update(&self->rounds, begin, rounds);
    if (self->rounds.mpi_error != MPI_SUCCESS)
        return self->host->fail(self->host, GB_ERR_MPI, NULL,
                                "handing updates on failed with MPI error %d",
                                self->rounds.mpi_error);
    return GB_OK;
}

static gb_status gups_run(gb_instance *self, uint64_t iterations,
                          gb_work *work) {
    const uint64_t rounds = iterations * ROUNDS_PER_ITERATION;
    const gb_status status = update(self, self->done, rounds);

    if (status != GB_OK)
        return status;
    self->done += rounds * GUPS_BATCH;
    work->done = (double)rounds * GUPS_BATCH * (double)self->threads;
    work->checksum = (double)(self->rounds.table[0] >> 11);
    GB_WORK_SET(work, network_bytes, (double)self->rounds.network_bytes);
    GB_WORK_SET(work, messages, (double)self->rounds.messages);
    return GB_OK;
}

/* --- verify --------------------------------------------------------------- */

static void add_to_sums(const gups_layout *layout, uint64_t *sums,
                        uint64_t word, uint64_t value) {
    const unsigned shift =
        layout->bits > CLASS_BITS ? layout->bits - CLASS_BITS : 0;

    sums[word & (CLASSES - 1u)] ^= value;
    sums[CLASSES + (word >> shift)] ^= value;
}

/** All numbers of @p thread's stretch, and what its words are less what they
 *  were: over all threads and ranks the sums of both are the same. */
static void sum_part(void *arg, uint32_t thread, uint32_t thread_count) {
    const gb_instance *self = arg;
    const gups_rounds *rounds = &self->rounds;
    const gups_layout *layout = &rounds->layout;
    uint64_t *sums = self->sums + thread * SUMS;
    uint64_t begin, end;
    uint64_t x = gups_jump(gups_stretch(rounds, rounds->core_first + thread));

    (void)thread_count;
    memset(sums, 0, SUMS * sizeof(sums[0]));
    for (uint64_t k = 0; k < self->done; k++) {
        x = gups_next(x);
        add_to_sums(layout, sums, gups_word(layout, x), x);
    }
    words_of(self, thread, &begin, &end);
    for (uint64_t i = begin; i < end; i++)
        add_to_sums(layout, sums, layout->first + i,
                    rounds->table[i] ^ (layout->first + i));
}

static void count_part(void *arg, uint32_t thread, uint32_t thread_count) {
    const gb_instance *self = arg;
    uint64_t begin, end, errors = 0;

    (void)thread_count;
    words_of(self, thread, &begin, &end);
    for (uint64_t i = begin; i < end; i++)
        errors += self->rounds.table[i] != self->rounds.layout.first + i;
    self->errors[8u * thread] = errors;
}

static gb_status agree(const gb_instance *self, uint64_t *values, size_t count,
                       MPI_Op op) {
    const int code = MPI_Allreduce(MPI_IN_PLACE, values, (int)count,
                                   MPI_UINT64_T, op, self->rounds.mpi->comm);
    if (code != MPI_SUCCESS)
        return self->host->fail(self->host, GB_ERR_MPI, NULL,
                                "MPI_Allreduce failed with MPI error %d", code);
    return GB_OK;
}

/** Was every update made once, and to its word? What the replay cannot tell: it
 *  would lose the same ones again. All ranks get the same answer. */
static gb_status verify_sums(gb_instance *self) {
    size_t wrong = 0;

    self->rounds.team->run(self->rounds.team, sum_part, self);
    for (size_t t = 1; t < self->threads; t++)
        for (size_t i = 0; i < SUMS; i++)
            self->sums[i] ^= self->sums[t * SUMS + i];
    const gb_status status = agree(self, self->sums, SUMS, MPI_BXOR);
    if (status != GB_OK)
        return status;
    for (size_t i = 0; i < SUMS; i++)
        wrong += self->sums[i] != 0;
    if (wrong > 0)
        return self->host->fail(self->host, GB_ERR_VERIFY, NULL,
                                "expected every update made once, got %zu of "
                                "%zu checksums of the table that say otherwise",
                                wrong, (size_t)SUMS);
    return GB_OK;
}

/** HPCC's check: made a second time, the updates undo the first. It allows 1 %
 *  of words to be wrong, for updates lost between threads; none are lost here.
 */
static gb_status verify_replay(gb_instance *self) {
    uint64_t errors = 0;
    gb_status status = update(self, 0, self->done / GUPS_BATCH);

    if (status != GB_OK)
        return status;
    self->done = 0;
    self->rounds.team->run(self->rounds.team, count_part, self);
    for (uint32_t t = 0; t < self->threads; t++)
        errors += self->errors[8u * t];
    status = agree(self, &errors, 1, MPI_SUM);
    if (status == GB_OK && errors > 0)
        return self->host->fail(
            self->host, GB_ERR_VERIFY, NULL,
            "expected all words as they began after each update was made "
            "twice, got %llu others",
            (unsigned long long)errors);
    return status;
}

static gb_status gups_verify(gb_instance *self) {
    const gb_status status = verify_sums(self);

    return status == GB_OK ? verify_replay(self) : status;
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "memory.gups",
    .version = "1.0.0",
    .summary = "random updates of a table over all ranks, by HPCC's rules",
    .work_unit = "update",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = gups_create,
    .prepare = gups_prepare,
    .run = gups_run,
    .verify = gups_verify,
    .destroy = gups_destroy,
    .rearm = gups_rearm,
};
