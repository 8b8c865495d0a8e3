/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <stdio.h>
#include <string.h>

#include "stream_values.h"

/* A working set below this many times the caches measures the caches. */
#define CACHES_TO_EXCEED 4u
/* All arrays together, for each core, where the size of the caches is not
 * known, and on small ones: larger than a core's part of most, yet swept in
 * some tens of milliseconds. It is per core, so that a node's working set does
 * not depend on how many ranks its cores are divided among. */
#define WORKING_SET_PER_CORE ((uint64_t)96 << 20)
#define PAGE_BYTES           4096u
#define BLOCK_BYTES          ((uint64_t)STREAM_BLOCK * sizeof(double))

enum { A, B, C, ARRAYS_MAX };

/* One thread's findings, on a cache line of its own. */
typedef struct stream_finding {
    double sum;        /* of the first iteration of run(); STREAM_READ */
    uint64_t sums_off; /* iterations whose sum was another */
    size_t wrong;      /* first wrong element; n: none */
    char padding[40];
} stream_finding;

struct gb_instance {
    const gb_host *host;
    const gb_ext_team *team;
    const stream_kernel *kernel;
    size_t n;                  /* elements per array, whole blocks */
    bool past_caches;          /* together they are larger than the caches */
    unsigned bits;             /* of a value */
    double *array[ARRAYS_MAX]; /* [n] each, as many as the operation has */
    stream_finding *findings;  /* [thread_count] */
    double s;                  /* changes with every run() */
    uint64_t turns;            /* of STREAM_UPDATE since prepare() */
    uint64_t iterations;       /* of the run() in progress */
};

const char *const stream_needs[] = {GB_EXT_TEAM, NULL};

static bool is(stream_op op) {
    return stream_this.op == op;
}

/* --- sizes ---------------------------------------------------------------- */

static uint64_t auto_array_bytes(const gb_host *host) {
    const unsigned arrays = stream_this.array_count;
    uint64_t bytes = WORKING_SET_PER_CORE * host->core_count / arrays;
    const uint64_t beyond = host->cache_bytes * CACHES_TO_EXCEED / arrays;
    const uint64_t half = host->memory_bytes / 2u / arrays;

    /* Where memory is short, only as much as the caches make necessary. */
    if (host->memory_bytes > 0 && bytes > half)
        bytes = half;
    if (bytes < beyond + BLOCK_BYTES)
        bytes = beyond + BLOCK_BYTES;
    if (host->memory_bytes > 0 && bytes > half)
        bytes =
            half; /* the note cache_multiple tells that this is too little */
    return bytes;
}

static gb_status refuse_large(const gb_host *host, uint64_t total,
                              uint64_t room) {
    static const char *const arrays[] = {"no array", "one array", "two arrays",
                                         "three arrays"};
    /* What is free changes from one start to the next: leave some. */
    const uint64_t fit_bytes = (room - room / 32u) / stream_this.array_count;
    char hint[96];

    snprintf(hint, sizeof(hint),
             "set array_bytes smaller: %lluMiB fit, or give the job more "
             "memory",
             (unsigned long long)(fit_bytes >> 20));
    return host->fail(host, GB_ERR_NO_MEMORY, hint,
                      "expected %s within %llu MiB, this rank's share of the "
                      "memory, got %llu MiB",
                      arrays[stream_this.array_count],
                      (unsigned long long)(host->memory_bytes >> 20),
                      (unsigned long long)(total >> 20));
}

static gb_status choose_size(gb_instance *self, uint64_t array_bytes) {
    const gb_host *host = self->host;
    const unsigned arrays = stream_this.array_count;
    const uint32_t threads = self->team->thread_count;
    const uint64_t own_bytes =
        sizeof(*self) + (uint64_t)threads * sizeof(*self->findings);
    char hint[64];

    if (array_bytes == 0)
        array_bytes = auto_array_bytes(host);
    const uint64_t blocks = array_bytes / BLOCK_BYTES;
    if (blocks < threads) {
        const uint64_t least_bytes = threads * BLOCK_BYTES;
        snprintf(hint, sizeof(hint), "set array_bytes=%lluB or more",
                 (unsigned long long)least_bytes);
        return host->fail(host, GB_ERR_INVALID, hint,
                          "expected an array of %llu bytes for each of %u "
                          "cores, got %llu bytes for all",
                          (unsigned long long)BLOCK_BYTES, (unsigned)threads,
                          (unsigned long long)array_bytes);
    }
    const uint64_t total = arrays * blocks * BLOCK_BYTES;
    const uint64_t room =
        host->memory_bytes > own_bytes ? host->memory_bytes - own_bytes : 0;
    if (host->memory_bytes > 0 && total > room)
        return refuse_large(host, total, room);
    self->n = (size_t)blocks * STREAM_BLOCK;
    self->past_caches = total > host->cache_bytes;
    self->bits = is(STREAM_READ) ? stream_sum_bits(self->n) : STREAM_VALUE_BITS;
    if (host->cache_bytes == 0)
        host->note(host, "cache_multiple", "unknown");
    else
        host->note(host, "cache_multiple", "%.3g",
                   (double)total / (double)host->cache_bytes);
    return GB_OK;
}

/* --- create and destroy --------------------------------------------------- */

void stream_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->host;
    host->free(host, self->findings);
    for (unsigned k = ARRAYS_MAX; k-- > 0;)
        host->free(host, self->array[k]);
    host->free(host, self);
}

static gb_status choose_kernel(gb_instance *self, const gb_params *values) {
    const gb_host *host = self->host;
    const char *isa = host->param_text(values, "isa");
    const char *stores =
        stream_this.has_stores ? host->param_text(values, "stores") : "plain";
    stream_stores wanted =
        self->past_caches ? STREAM_STORES_PREFER : STREAM_STORES_PLAIN;

    if (strcmp(stores, "nt") == 0)
        wanted = STREAM_STORES_NT;
    else if (strcmp(stores, "plain") == 0)
        wanted = STREAM_STORES_PLAIN;
    self->kernel = stream_choose_kernel(stream_this.op, isa, wanted);
    if (self->kernel == NULL &&
        stream_choose_kernel(stream_this.op, isa, STREAM_STORES_PLAIN) != NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED, "use stores=auto",
                          "expected a kind of store that isa=%s has on this "
                          "CPU, got '%s'",
                          isa, stores);
    if (self->kernel == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED,
                          "use isa=auto: it takes the widest this CPU has",
                          "expected an instruction set of this CPU, got '%s'",
                          isa);
    host->note(host, "isa", "%s", self->kernel->isa);
    if (stream_this.has_stores)
        host->note(host, "stores", "%s",
                   self->kernel->non_temporal ? "nt" : "plain");
    host->note(host, "array_bytes", "%zu", self->n * sizeof(double));
    return GB_OK;
}

gb_status stream_create(const gb_host *host, const gb_params *values,
                        gb_instance **self_out) {
    const gb_ext_team *team = host->extension(host, GB_EXT_TEAM);

    if (team == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED, NULL,
                          "needs the extension '%s', got none", GB_EXT_TEAM);
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.host = host, .team = team, .s = 2.0};
    gb_status status =
        choose_size(self, host->param_u64(values, "array_bytes"));
    if (status == GB_OK)
        status = choose_kernel(self, values);
    if (status != GB_OK) {
        stream_destroy(self);
        return status;
    }
    *self_out = self;
    return GB_OK;
}

/* --- prepare -------------------------------------------------------------- */

/* Of read and update, a[] is what goes in; else it is what comes out. */
static bool a_is_input(void) {
    return is(STREAM_READ) || is(STREAM_UPDATE);
}

static void touch_part(void *arg, uint32_t thread, uint32_t thread_count) {
    const gb_instance *self = arg;
    size_t begin, end;

    stream_part(self->n, thread, thread_count, &begin, &end);
    for (unsigned k = 0; k < stream_this.array_count; k++)
        for (size_t i = begin; i < end; i++)
            self->array[k][i] =
                k > 0 || a_is_input() ? stream_value(k, i, self->bits) : 0.0;
}

gb_status stream_prepare(gb_instance *self) {
    const gb_host *host = self->host;
    const size_t bytes = self->n * sizeof(double);

    for (unsigned k = 0; k < stream_this.array_count; k++)
        if ((self->array[k] = host->alloc(host, bytes, PAGE_BYTES)) == NULL)
            return GB_ERR_NO_MEMORY; /* destroy() frees those that worked */
    self->findings = host->alloc(
        host, self->team->thread_count * sizeof(*self->findings), 64);
    if (self->findings == NULL)
        return GB_ERR_NO_MEMORY;
    memset(self->findings, 0,
           self->team->thread_count * sizeof(*self->findings));
    self->team->run(self->team, touch_part, self);
    return GB_OK;
}

static void wipe_part(void *arg, uint32_t thread, uint32_t thread_count) {
    const gb_instance *self = arg;
    size_t begin, end;

    stream_part(self->n, thread, thread_count, &begin, &end);
    for (size_t i = begin; i < end; i++)
        self->array[A][i] = -1.0;
}

/* What an earlier run() left must not pass for the result of the next. */
gb_status stream_rearm(gb_instance *self) {
    if (!a_is_input())
        self->team->run(self->team, wipe_part, self);
    return GB_OK;
}

/* --- run ------------------------------------------------------------------ */

static void read_part(gb_instance *self, uint32_t thread, size_t begin,
                      size_t end) {
    double *a = self->array[A] + begin;
    stream_finding found = {.wrong = self->n};

    found.sum = self->kernel->run(a, NULL, NULL, 0.0, end - begin);
    for (uint64_t k = 1; k < self->iterations; k++) {
        GB_KEEP_WORK();
        const double sum = self->kernel->run(a, NULL, NULL, 0.0, end - begin);
        found.sums_off += sum != found.sum;
    }
    self->findings[thread] = found;
}

static void run_part(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;
    size_t begin, end;

    stream_part(self->n, thread, thread_count, &begin, &end);
    if (is(STREAM_READ)) {
        read_part(self, thread, begin, end);
        return;
    }
    double *a = self->array[A] + begin;
    const double *b = stream_this.array_count > 1 ? self->array[B] + begin : a;
    const double *c = stream_this.array_count > 2 ? self->array[C] + begin : a;
    double s = self->s;
    for (uint64_t k = 0; k < self->iterations; k++) {
        if (is(STREAM_UPDATE))
            s = stream_turn_factor(self->turns + k);
        self->kernel->run(a, b, c, s, end - begin);
        GB_KEEP_WORK();
    }
}

gb_status stream_run(gb_instance *self, uint64_t iterations, gb_work *work) {
    const double elements = (double)self->n * (double)iterations;

    self->iterations = iterations;
    self->s = self->s == 2.0 ? 3.0 : 2.0;
    self->team->run(self->team, run_part, self);
    self->turns += iterations;

    work->done = stream_this.bytes_per_element * elements;
    work->checksum =
        is(STREAM_READ) ? self->findings[0].sum : self->array[A][self->n / 2];
    GB_WORK_SET(work, flops, stream_this.flops_per_element * elements);
    /* What moves between the caches alone is not known to reach memory. */
    if (self->past_caches)
        GB_WORK_SET(work, memory_bytes, work->done);
    return GB_OK;
}

/* --- verify --------------------------------------------------------------- */

/** What a[i] must be, from the values and not from memory. @p turned is what
 *  all turns of an update have made of 1. */
static double wanted(const gb_instance *self, size_t i, double turned) {
    const double b = stream_value(B, i, self->bits);

    switch (stream_this.op) {
    case STREAM_COPY:
        return b;
    case STREAM_SCALE:
        return self->s * b;
    case STREAM_ADD:
        return b + stream_value(C, i, self->bits);
    case STREAM_TRIAD:
        return b + self->s * stream_value(C, i, self->bits);
    case STREAM_UPDATE:
        return turned * stream_value(A, i, self->bits);
    case STREAM_READ:
    default:
        return stream_value(A, i, self->bits);
    }
}

/* Also what went in: had it changed, a[] could be right for the wrong reason.
 */
static bool is_right(const gb_instance *self, size_t i, double turned) {
    if (self->array[A][i] != wanted(self, i, turned))
        return false;
    for (unsigned k = B; k < stream_this.array_count; k++)
        if (self->array[k][i] != stream_value(k, i, self->bits))
            return false;
    return true;
}

static void verify_part(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;
    const double turned = stream_turns_product(self->turns);
    size_t begin, end, i;

    stream_part(self->n, thread, thread_count, &begin, &end);
    for (i = begin; i < end && is_right(self, i, turned); i++)
        ;
    self->findings[thread].wrong = i < end ? i : self->n;
}

static gb_status verify_sums(gb_instance *self) {
    const uint32_t threads = self->team->thread_count;

    for (uint32_t t = 0; t < threads; t++) {
        const stream_finding *found = &self->findings[t];
        size_t begin, end;
        double sum = 0.0;

        stream_part(self->n, t, threads, &begin, &end);
        for (size_t i = begin; i < end; i++)
            sum += stream_value(A, i, self->bits);
        if (found->sum != sum || found->sums_off > 0)
            return self->host->fail(
                self->host, GB_ERR_VERIFY, NULL,
                "thread %u: expected the sum %.17g in every iteration, got "
                "%.17g and %llu others",
                (unsigned)t, sum, found->sum,
                (unsigned long long)found->sums_off);
    }
    return GB_OK;
}

gb_status stream_verify(gb_instance *self) {
    const gb_host *host = self->host;
    const double turned = stream_turns_product(self->turns);

    self->team->run(self->team, verify_part, self);
    for (uint32_t t = 0; t < self->team->thread_count; t++) {
        const size_t i = self->findings[t].wrong;
        if (i == self->n)
            continue;
        const double want = wanted(self, i, turned);
        if (self->array[A][i] != want)
            return host->fail(host, GB_ERR_VERIFY, NULL,
                              "a[%zu]: expected %.17g, got %.17g", i, want,
                              self->array[A][i]);
        return host->fail(host, GB_ERR_VERIFY, NULL,
                          "element %zu: expected the inputs as they were, got "
                          "others",
                          i);
    }
    return is(STREAM_READ) ? verify_sums(self) : GB_OK;
}
