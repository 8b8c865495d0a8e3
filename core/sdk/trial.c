/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/trial.h"

#include <stdlib.h>
#include <string.h>

#include "model/accepts.h"

/* Small, so that the check is quick; a plugin sizes itself by them. */
#define CACHE_BYTES ((uint64_t)1 << 20)
#define BLOCKS_MAX  256u

/* Between the host and the plugin: create() hands over a copy of the host table
 * with these two services replaced. One trial at a time, so one of it. */
static struct spy {
    const gb_plugin *plugin;
    const gb_host *host;
    gb_host table;
    bool watching; /* true within prepare() */
    struct {
        unsigned char *start; /* null: given back */
        size_t bytes;
    } blocks[BLOCKS_MAX];
    size_t count;
} spy;

static void *spy_alloc(const gb_host *host, size_t bytes, size_t align) {
    (void)host;
    void *start = spy.host->alloc(spy.host, bytes, align);

    if (start != NULL && spy.watching && spy.count < BLOCKS_MAX) {
        spy.blocks[spy.count].start = start;
        spy.blocks[spy.count++].bytes = bytes;
    }
    return start;
}

static void spy_free(const gb_host *host, void *start) {
    (void)host;
    for (size_t i = 0; i < spy.count; i++)
        if (spy.blocks[i].start == start)
            spy.blocks[i].start = NULL;
    spy.host->free(spy.host, start);
}

static gb_status spy_create(const gb_host *host, const gb_params *params,
                            gb_instance **self_out) {
    spy.host = host;
    spy.table = *host;
    spy.table.alloc = spy_alloc;
    spy.table.free = spy_free;
    return spy.plugin->create(&spy.table, params, self_out);
}

/* --- the parameters --------------------------------------------------------
 */

static gb_status plan_params(gb_trial *trial, const gb_trial_setup *setup,
                             gb_error *err) {
    const gb_plugin *plugin = trial->plugin;
    gb_plan_case *planned = &trial->planned;

    planned->params = calloc(plugin->param_count + 1, sizeof(gb_plan_param));
    if (planned->params == NULL)
        return gb_fail_memory(err, "the parameters");
    for (size_t i = 0; i < plugin->param_count; i++) {
        const gb_param_decl *decl = &plugin->params[i];
        const bool own = setup->text != NULL && i == setup->changed;
        gb_plan_param *param = &planned->params[i];
        param->name = strdup(decl->name);
        param->text = strdup(own ? setup->text : decl->default_text);
        param->is_default = !own;
        planned->param_count++;
        if (param->name == NULL || param->text == NULL)
            return gb_fail_memory(err, "the parameters");
        const gb_status status =
            gb_accepts_parse(decl->accepts, param->text, param, err);
        if (status != GB_OK)
            return status;
    }
    return GB_OK;
}

/* --- the life of an instance -----------------------------------------------
 */

gb_status gb_trial_create(const gb_plugin *plugin, gb_comm *comm,
                          const gb_trial_setup *setup, gb_trial *trial,
                          gb_error *err) {
    gb_rank_share share = {.core_count = setup->thread_count,
                           .memory_bytes = setup->memory_bytes,
                           .cache_bytes = CACHE_BYTES};

    *trial = (gb_trial){.plugin = plugin, .comm = comm};
    gb_status status = gb_team_create(&share, false, &trial->team, err);
    if (status == GB_OK)
        status = plan_params(trial, setup, err);
    status = gb_comm_agree(comm, status, err);
    if (status != GB_OK)
        return status;
    trial->ext_mpi = comm->ops->plugin_open(comm);

    gb_pace_init(&gb_clock_system, 0, &trial->pace);
    trial->flags = plugin->flags;
    gb_plugin watched = *plugin;
    watched.create = spy_create;
    spy = (struct spy){.plugin = plugin};
    const gb_host_setup host = {
        .core_count = setup->thread_count,
        .memory_bytes = setup->memory_bytes,
        .cache_bytes = CACHE_BYTES,
        .ext_mpi = trial->ext_mpi,
        .ext_team = gb_team_ext(trial->team),
        .ext_pace = &trial->pace.ext,
    };
    status = gb_plugin_run_create(&watched, &trial->planned, &host, &trial->run,
                                  err);
    return gb_comm_agree(comm, status, err);
}

gb_status gb_trial_prepare(gb_trial *trial, gb_error *err) {
    spy.watching = true;
    const gb_status status = gb_plugin_run_prepare(trial->run, err);
    spy.watching = false;
    return gb_comm_agree(trial->comm, status, err);
}

gb_status gb_trial_call(gb_trial *trial, uint64_t iterations, double *done_out,
                        gb_error *err) {
    gb_work work = {.struct_size = sizeof(work)};
    uint64_t elapsed_ns = 0;
    gb_status status = gb_plugin_run_rearm(trial->run, err);
    if (status == GB_OK)
        status =
            gb_plugin_run_call(trial->run, iterations, &work, &elapsed_ns, err);

    status = gb_comm_agree(trial->comm, status, err);
    if (status != GB_OK)
        return status;
    *done_out = work.done;
    return trial->comm->ops->sum_f64(trial->comm, done_out, 1);
}

gb_status gb_trial_verify(gb_trial *trial, gb_error *err) {
    const gb_status status = gb_plugin_run_verify(trial->run, err);

    return gb_comm_agree(trial->comm, status, err);
}

uint64_t gb_trial_spoil(gb_trial *trial) {
    uint64_t spoilt_bytes = 0;

    (void)trial;
    for (size_t i = 0; i < spy.count; i++) {
        unsigned char *start = spy.blocks[i].start;
        if (start == NULL)
            continue;
        for (size_t k = 0; k < spy.blocks[i].bytes; k++)
            start[k] ^= 0x55u;
        spoilt_bytes += spy.blocks[i].bytes;
    }
    return spoilt_bytes;
}

static uint64_t next_random(uint64_t *state) {
    /* splitmix64: https://prng.di.unimi.it/splitmix64.c (public domain) */
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Where a word begins that is not zero, from word @p first on and around: what
 * was never written, such as the padding of an array, is nobody's result. */
static size_t find_used(const unsigned char *start, size_t words,
                        size_t first) {
    for (size_t i = 0; i < words; i++) {
        const size_t at = (first + i) % words * sizeof(uint64_t);
        uint64_t word;
        memcpy(&word, start + at, sizeof(word));
        if (word != 0)
            return at;
    }
    return first * sizeof(uint64_t);
}

uint64_t gb_trial_spoil_words(gb_trial *trial, uint64_t seed) {
    uint64_t spoilt = 0, state = seed;

    (void)trial;
    for (size_t i = 0; i < spy.count; i++) {
        unsigned char *start = spy.blocks[i].start;
        const size_t bytes = spy.blocks[i].bytes;
        const size_t words = bytes / sizeof(uint64_t);
        const uint64_t which = next_random(&state);
        const uint64_t bits = next_random(&state) | 1u;
        if (start == NULL)
            continue;
        /* A block below eight bytes is a word of its own. */
        if (words > 0)
            start += find_used(start, words, (size_t)(which % words));
        for (size_t k = 0; k < sizeof(bits) && k < bytes; k++)
            start[k] ^= (unsigned char)(bits >> (8 * k));
        spoilt++;
    }
    return spoilt;
}

gb_status gb_trial_end(gb_trial *trial, uint64_t *kept_bytes_out,
                       gb_error *err) {
    const gb_status status = gb_plugin_run_end(trial->run, err);

    *kept_bytes_out = gb_plugin_run_leaked_bytes(trial->run);
    return gb_comm_agree(trial->comm, status, err);
}

void gb_trial_fini(gb_trial *trial) {
    gb_plugin_run_destroy(trial->run);
    if (trial->ext_mpi != NULL)
        trial->comm->ops->plugin_close(trial->comm, trial->ext_mpi);
    for (size_t i = 0; i < trial->planned.param_count; i++) {
        free(trial->planned.params[i].name);
        free(trial->planned.params[i].text);
    }
    free(trial->planned.params);
    gb_team_destroy(trial->team);
    *trial = (gb_trial){0};
}
