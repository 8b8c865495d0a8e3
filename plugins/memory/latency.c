/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory.latency: loads that wait for each other. Each core follows a random
 * cycle through all lines of its block, and the address of each load is what
 * the one before it returned.
 *
 * Every line of 64 bytes is part of the cycle, so that what the caches hold is
 * what size_bytes says. Where the hardware fetches a line's neighbour as well,
 * the neighbour is no sooner wanted than any other line: in random order that
 * saves nothing.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "greenbench/ext/team.h"
#include "greenbench/plugin.h"

#include "chase.h"

/* One load in eight then hits the last-level cache at most. */
#define CACHES_TO_EXCEED 8u
/* For each core, where the size of the caches is not known. */
#define SIZE_BYTES_USUAL    ((uint64_t)64 << 20)
#define LOADS_PER_ITERATION 4096u
#define SMALL_PAGE_BYTES    ((uint64_t)4096)
#define HUGE_PAGE_BYTES     ((uint64_t)2 << 20)
/* From here on the host gives a block pages of its own, so that advice on them
 * concerns no other memory (docs/plugin-guide.md, alloc). */
#define MAPPED_BYTES ((size_t)4 << 20)

typedef enum latency_pages {
    LATENCY_PAGES_AUTO,
    LATENCY_PAGES_SMALL,
    LATENCY_PAGES_HUGE,
} latency_pages;

/* One core's chains, on cache lines of its own. */
typedef struct latency_core {
    uint64_t at[CHASE_CHAINS_MAX]; /* bytes from the start of its block */
    uint64_t faults;               /* pages it took for its block */
    size_t wrong;                  /* the first wrong line; lines: none */
    uint64_t wrong_chain; /* the first that is elsewhere; chains: none */
    char padding[40];
} latency_core;

struct gb_instance {
    const gb_host *host;
    const gb_ext_team *team;
    latency_pages pages;
    chase_fn loop;
    uint64_t chains;     /* on each core */
    size_t lines;        /* in the cycle of each chain */
    size_t block_bytes;  /* of a core: all its cycles, whole pages */
    char *blocks;        /* [thread_count][block_bytes] */
    latency_core *cores; /* [thread_count] */
    uint64_t loads;      /* of each chain since prepare() */
    uint64_t iterations; /* of the run() in progress */
};

static const gb_param_decl params[] = {
    {"size_bytes",
     "memory that each core's chains go through; auto: 8 times its caches",
     "auto", "auto|1KiB..1TiB"},
    {"chains", "independent chains on each core, a power of two", "1", "1..32"},
    {"pages", "pages asked for; auto: huge ones where the kernel has them",
     "auto", "auto|small|huge"},
};

static const char *const needs[] = {GB_EXT_TEAM, NULL};

/* --- create and destroy --------------------------------------------------- */

static void latency_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->host;
    host->free(host, self->cores);
    host->free(host, self->blocks);
    host->free(host, self);
}

static uint64_t whole(uint64_t bytes, uint64_t unit) {
    return (bytes + unit - 1) / unit * unit;
}

/** A huge page is not shared between cores, which may be far apart. */
static uint64_t block_bytes_for(uint64_t size_bytes) {
    return whole(size_bytes, size_bytes < HUGE_PAGE_BYTES ? SMALL_PAGE_BYTES
                                                          : HUGE_PAGE_BYTES);
}

/** What each core may take at most; 0: unknown. */
static uint64_t room_bytes(const gb_host *host, uint32_t threads) {
    const uint64_t own_bytes =
        sizeof(gb_instance) + threads * sizeof(latency_core);

    if (host->memory_bytes == 0)
        return 0;
    return host->memory_bytes > own_bytes
               ? (host->memory_bytes - own_bytes) / threads
               : 1;
}

static uint64_t auto_size_bytes(const gb_host *host, uint32_t threads) {
    const uint64_t room = room_bytes(host, threads);
    uint64_t bytes = host->cache_bytes / threads * CACHES_TO_EXCEED;

    if (bytes < SIZE_BYTES_USUAL)
        bytes = SIZE_BYTES_USUAL;
    /* The note cache_multiple tells where this is too little. */
    if (room > 0 && bytes > room / 2u)
        bytes = room / 2u;
    return bytes;
}

static gb_status refuse_size(const gb_host *host, uint64_t size_bytes,
                             uint64_t least_bytes, uint64_t room) {
    char hint[96];

    if (size_bytes < least_bytes) {
        snprintf(hint, sizeof(hint), "set size_bytes=%lluB, or fewer chains",
                 (unsigned long long)least_bytes);
        return host->fail(host, GB_ERR_INVALID, hint,
                          "expected two lines of %u bytes for each chain, got "
                          "%llu bytes",
                          CHASE_LINE_BYTES, (unsigned long long)size_bytes);
    }
    /* What is free changes from one start to the next: leave some. */
    const uint64_t fit_bytes =
        (room - room / 32u) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
    snprintf(hint, sizeof(hint),
             "set size_bytes=%lluMiB or less, or give the job more memory",
             (unsigned long long)(fit_bytes >> 20));
    return host->fail(host, GB_ERR_NO_MEMORY, hint,
                      "expected at most %llu MiB for each core, its share of "
                      "the memory, got %llu MiB",
                      (unsigned long long)(room >> 20),
                      (unsigned long long)(size_bytes >> 20));
}

static gb_status choose_size(gb_instance *self, uint64_t size_bytes) {
    const gb_host *host = self->host;
    const uint32_t threads = self->team->thread_count;
    const uint64_t room = room_bytes(host, threads);
    const uint64_t least_bytes = self->chains * 2u * CHASE_LINE_BYTES;

    if (size_bytes == 0)
        size_bytes = auto_size_bytes(host, threads);
    if (size_bytes < least_bytes ||
        (room > 0 && block_bytes_for(size_bytes) > room))
        return refuse_size(host, size_bytes, least_bytes, room);
    self->lines = (size_t)(size_bytes / CHASE_LINE_BYTES / self->chains);
    self->block_bytes = (size_t)block_bytes_for(size_bytes);
    const uint64_t used = self->lines * self->chains * CHASE_LINE_BYTES;
    host->note(host, "size_bytes", "%llu", (unsigned long long)used);
    if (host->cache_bytes == 0)
        host->note(host, "cache_multiple", "unknown");
    else
        host->note(host, "cache_multiple", "%.3g",
                   (double)used * threads / (double)host->cache_bytes);
    return GB_OK;
}

static latency_pages pages_of(const char *word) {
    if (strcmp(word, "small") == 0)
        return LATENCY_PAGES_SMALL;
    return strcmp(word, "huge") == 0 ? LATENCY_PAGES_HUGE : LATENCY_PAGES_AUTO;
}

static gb_status latency_create(const gb_host *host, const gb_params *values,
                                gb_instance **self_out) {
    const gb_ext_team *team = host->extension(host, GB_EXT_TEAM);
    const uint64_t chains = host->param_u64(values, "chains");
    char hint[48];

    if (team == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED, NULL,
                          "needs the extension '%s', got none", GB_EXT_TEAM);
    if (chase_loop(chains) == NULL) {
        uint64_t below = 1;
        while (below * 2u <= chains)
            below *= 2u;
        snprintf(hint, sizeof(hint), "set chains=%llu",
                 (unsigned long long)below);
        return host->fail(host, GB_ERR_INVALID, hint,
                          "expected a power of two chains, got %llu",
                          (unsigned long long)chains);
    }
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.host = host,
                          .team = team,
                          .pages = pages_of(host->param_text(values, "pages")),
                          .loop = chase_loop(chains),
                          .chains = chains};
    const gb_status status =
        choose_size(self, host->param_u64(values, "size_bytes"));
    if (status != GB_OK) {
        latency_destroy(self);
        return status;
    }
    host->note(host, "line_bytes", "%u", CHASE_LINE_BYTES);
    *self_out = self;
    return GB_OK;
}

/* --- prepare -------------------------------------------------------------- */

static chase_line *cycle_of(const gb_instance *self, uint32_t thread,
                            uint64_t chain) {
    char *block = self->blocks + thread * self->block_bytes;

    return (chase_line *)(void *)block + chain * self->lines;
}

/** Where the cycle of @p chain starts in its core's block. */
static uint64_t start_of(const gb_instance *self, uint64_t chain) {
    return chain * self->lines * CHASE_LINE_BYTES;
}

static uint64_t faults_so_far(void) {
    struct rusage usage;

    return getrusage(RUSAGE_THREAD, &usage) == 0 ? (uint64_t)usage.ru_minflt
                                                 : 0;
}

static void link_part(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;
    latency_core core = {.wrong = self->lines, .wrong_chain = self->chains};
    const uint64_t faults = faults_so_far();

    (void)thread_count;
    memset(self->blocks + thread * self->block_bytes, 0, self->block_bytes);
    core.faults = faults_so_far() - faults;
    for (uint64_t c = 0; c < self->chains; c++) {
        core.at[c] = start_of(self, c);
        chase_link(cycle_of(self, thread, c), self->lines, core.at[c],
                   thread * self->chains + c);
    }
    self->cores[thread] = core;
}

/* How large the pages are cannot be asked, but the faults can be counted that
 * it took to touch the block. */
static gb_status note_pages(gb_instance *self) {
    const gb_host *host = self->host;
    const uint32_t threads = self->team->thread_count;
    uint64_t faults = 0;

    for (uint32_t t = 0; t < threads; t++)
        faults += self->cores[t].faults;
    const uint64_t bytes = self->block_bytes * (uint64_t)threads;
    const uint64_t page_bytes = faults > 0 ? bytes / faults : 0;
    if (faults == 0 || bytes < 2u * HUGE_PAGE_BYTES) {
        host->note(host, "page_bytes", "unknown");
        return GB_OK;
    }
    host->note(host, "page_bytes", "%llu", (unsigned long long)page_bytes);
    if (self->pages == LATENCY_PAGES_HUGE && page_bytes < HUGE_PAGE_BYTES / 2u)
        return host->fail(host, GB_ERR_UNSUPPORTED,
                          "use pages=auto, or let the kernel have them: echo "
                          "madvise > /sys/kernel/mm/transparent_hugepage/"
                          "enabled",
                          "expected huge pages, got pages of %llu bytes on "
                          "average",
                          (unsigned long long)page_bytes);
    return GB_OK;
}

static gb_status latency_prepare(gb_instance *self) {
    const gb_host *host = self->host;
    const uint32_t threads = self->team->thread_count;
    size_t bytes = self->block_bytes * threads;

    if (bytes < MAPPED_BYTES)
        bytes = MAPPED_BYTES;
    if ((self->blocks = host->alloc(host, bytes, HUGE_PAGE_BYTES)) == NULL ||
        (self->cores = host->alloc(host, threads * sizeof(*self->cores), 64)) ==
            NULL)
        return GB_ERR_NO_MEMORY;
    /* The host asks for huge pages from some size on. A refusal shows in the
     * page size. */
    if (self->pages == LATENCY_PAGES_SMALL)
        (void)madvise(self->blocks, bytes, MADV_NOHUGEPAGE);
    else if (self->pages == LATENCY_PAGES_HUGE)
        (void)madvise(self->blocks, bytes, MADV_HUGEPAGE);
    self->loads = 0;
    self->team->run(self->team, link_part, self);
    return note_pages(self);
}

/* --- run and verify ------------------------------------------------------- */

static void run_part(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;

    (void)thread_count;
    self->loop(self->blocks + thread * self->block_bytes,
               self->cores[thread].at, self->iterations * LOADS_PER_ITERATION);
}

static gb_status latency_run(gb_instance *self, uint64_t iterations,
                             gb_work *work) {
    const double chains = (double)self->chains * self->team->thread_count;

    self->iterations = iterations;
    self->team->run(self->team, run_part, self);
    self->loads += iterations * LOADS_PER_ITERATION;

    work->done = chains * LOADS_PER_ITERATION * (double)iterations;
    work->checksum = (double)self->cores[0].at[0];
    GB_WORK_SET(work, in_flight, chains);
    return GB_OK;
}

static void verify_part(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;
    latency_core *core = &self->cores[thread];
    const uint64_t position = self->loads % self->lines;

    (void)thread_count;
    core->wrong_chain = self->chains;
    for (uint64_t c = 0; c < self->chains; c++) {
        const chase_line *lines = cycle_of(self, thread, c);
        const uint64_t start = start_of(self, c);
        if (!chase_is_cycle(lines, self->lines, start, &core->wrong) ||
            !chase_is_at(lines, self->lines, start, core->at[c], position)) {
            core->wrong_chain = c;
            return;
        }
    }
}

static gb_status latency_verify(gb_instance *self) {
    const gb_host *host = self->host;

    self->team->run(self->team, verify_part, self);
    for (uint32_t t = 0; t < self->team->thread_count; t++) {
        const latency_core *core = &self->cores[t];
        if (core->wrong_chain == self->chains)
            continue;
        if (core->wrong < self->lines)
            return host->fail(host, GB_ERR_VERIFY, NULL,
                              "core %u, chain %llu: expected a cycle through "
                              "all %zu lines, got another at line %zu",
                              (unsigned)t,
                              (unsigned long long)core->wrong_chain,
                              self->lines, core->wrong);
        return host->fail(
            host, GB_ERR_VERIFY, NULL,
            "core %u, chain %llu: expected it at line %llu of its "
            "cycle after %llu loads, got it elsewhere",
            (unsigned)t, (unsigned long long)core->wrong_chain,
            (unsigned long long)(self->loads % self->lines),
            (unsigned long long)self->loads);
    }
    return GB_OK;
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "memory.latency",
    .version = "1.0.0",
    .summary = "random chains of loads, each waiting for the one before it",
    .work_unit = "load",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = latency_create,
    .prepare = latency_prepare,
    .run = latency_run,
    .verify = latency_verify,
    .destroy = latency_destroy,
};
