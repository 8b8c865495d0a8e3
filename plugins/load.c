/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load: a share of what the cores can do, for power at partial load.
 *
 * After the idea of SPECpower_ssj2008 (https://www.spec.org/power_ssj2008/):
 * find out how much work the machine does when nothing holds it back, then
 * offer a fixed share of that rate, and count what was done. prepare() measures
 * how many operations a thread finishes in a slot of the host's pace; run()
 * does `level` of that in each slot and sleeps for the rest of it.
 *
 * An operation is a dot product and a hash over a block that fits the first
 * cache: the floating-point and the integer units are busy, memory is not. It
 * has one right answer, and every one is compared with it.
 */
#include <math.h>
#include <string.h>

#include "greenbench/ext/pace.h"
#include "greenbench/ext/team.h"
#include "greenbench/plugin.h"

#define BLOCK       1024u /* numbers in each of the two vectors: 16 KiB */
#define LANES       8u
#define ALIGN_BYTES 64u
#define SLOT_S      0.1
#define TRIAL_SLOTS 5u /* prepare() runs at full speed for so long */
#define PER_CENT    100.0

typedef struct answer {
    double dot;
    uint64_t hash;
} answer;

/* One thread's; no two share a cache line. */
typedef struct worker {
    double *a, *b;     /* [BLOCK] */
    uint64_t capacity; /* operations in a slot at full speed */
    uint64_t wrong;    /* operations with another answer, since the run began */
    double dot;        /* of the last operation */
    char padding[ALIGN_BYTES - 2 * sizeof(void *) - 3 * sizeof(uint64_t)];
} worker;

struct gb_instance {
    const gb_host *host;
    const gb_ext_team *team;
    const gb_ext_pace *pace;
    double level;    /* 0 .. 1 */
    worker *workers; /* [thread_count] */
    double *blocks;  /* [thread_count][2][BLOCK] */
    answer right;
    uint64_t iterations;
};

static const gb_param_decl params[] = {
    {"level", "share of the work that the cores can do", "100%", "1%..100%"},
};

static const char *const needs[] = {GB_EXT_TEAM, GB_EXT_PACE, NULL};

/* --- an operation ----------------------------------------------------------
 */

/* Small whole numbers: every order of summation gives the same dot product. */
static double a_value(size_t i) {
    return (double)(i % 61u);
}
static double b_value(size_t i) {
    return (double)(i % 53u + 1u);
}

static answer operate(const double *a, const double *b) {
    double sums[LANES] = {0.0};
    uint64_t hashes[LANES] = {0};
    answer out = {0.0, 0};

    for (size_t i = 0; i < BLOCK; i += LANES)
        for (size_t k = 0; k < LANES; k++) {
            uint64_t bits;
            memcpy(&bits, &a[i + k], sizeof(bits));
            sums[k] += a[i + k] * b[i + k];
            /* FNV's step, a word at a time (http://www.isthe.com/chongo/tech/
             * comp/fnv/, public domain). */
            hashes[k] = (hashes[k] ^ bits) * 0x100000001b3u;
        }
    for (size_t k = 0; k < LANES; k++) {
        out.dot += sums[k];
        out.hash = out.hash * 31u + hashes[k];
    }
    return out;
}

static void operate_often(gb_instance *self, worker *own, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        const answer got = operate(own->a, own->b);
        own->wrong +=
            got.dot != self->right.dot || got.hash != self->right.hash;
        own->dot = got.dot;
        GB_KEEP_WORK();
    }
}

/* --- the ops ---------------------------------------------------------------
 */

static void load_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->host;
    host->free(host, self->blocks);
    host->free(host, self->workers);
    host->free(host, self);
}

static gb_status load_create(const gb_host *host, const gb_params *values,
                             gb_instance **self_out) {
    const gb_ext_team *team = host->extension(host, GB_EXT_TEAM);
    const gb_ext_pace *pace = host->extension(host, GB_EXT_PACE);

    if (team == NULL || pace == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED, NULL,
                          "needs the extensions '%s' and '%s', got not both",
                          GB_EXT_TEAM, GB_EXT_PACE);
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.host = host,
                          .team = team,
                          .pace = pace,
                          .level = host->param_f64(values, "level") / PER_CENT};
    *self_out = self;
    return GB_OK;
}

static void fill_and_calibrate(void *arg, uint32_t thread,
                               uint32_t thread_count) {
    gb_instance *self = arg;
    worker *own = &self->workers[thread];
    uint64_t done = 0;

    (void)thread_count;
    *own = (worker){.a = self->blocks + (size_t)thread * 2 * BLOCK};
    own->b = own->a + BLOCK;
    for (size_t i = 0; i < BLOCK; i++) {
        own->a[i] = a_value(i);
        own->b[i] = b_value(i);
    }
    self->team->barrier(self->team);
    if (thread == 0) {
        self->right = operate(own->a, own->b);
        self->pace->begin(self->pace, SLOT_S);
    }
    self->team->barrier(self->team);
    /* From one beginning of a slot to another: phases do not matter. */
    self->pace->wait(self->pace, thread, 1);
    while (self->pace->passed(self->pace, thread) < 1 + TRIAL_SLOTS) {
        operate_often(self, own, LANES);
        done += LANES;
    }
    own->capacity = done / TRIAL_SLOTS;
    self->team->barrier(self->team);
}

static gb_status load_prepare(gb_instance *self) {
    const gb_host *host = self->host;
    const size_t threads = self->team->thread_count;
    uint64_t capacity = 0;

    if ((self->workers = host->alloc(host, threads * sizeof(worker),
                                     ALIGN_BYTES)) == NULL ||
        (self->blocks = host->alloc(host, threads * 2 * BLOCK * sizeof(double),
                                    4096)) == NULL)
        return GB_ERR_NO_MEMORY;
    self->team->run(self->team, fill_and_calibrate, self);
    for (size_t t = 0; t < threads; t++)
        capacity += self->workers[t].capacity;
    if ((double)capacity * self->level < (double)threads)
        return host->fail(host, GB_ERR_UNSUPPORTED, "use a higher level",
                          "expected an operation or more in each slot of "
                          "%g s, got room for %llu at full speed",
                          SLOT_S, (unsigned long long)capacity);
    host->note(host, "capacity", "%.4g operations/s",
               (double)capacity / SLOT_S);
    return GB_OK;
}

/* Operations of a slot: a whole number, the same for each. */
static uint64_t share_of(const gb_instance *self, const worker *own) {
    const uint64_t share =
        (uint64_t)(self->level * (double)own->capacity + 0.5);
    return share > 0 ? share : 1;
}

static void run_slots(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;
    worker *own = &self->workers[thread];
    const uint64_t share = share_of(self, own);

    (void)thread_count;
    own->wrong = 0;
    for (uint64_t slot = 0; slot < self->iterations; slot++) {
        /* At full speed nothing waits: what is late stays late. */
        if (self->level < 1.0)
            self->pace->wait(self->pace, thread, slot);
        operate_often(self, own, share);
    }
    if (self->level < 1.0)
        self->pace->wait(self->pace, thread, self->iterations);
}

static gb_status load_run(gb_instance *self, uint64_t iterations,
                          gb_work *work) {
    double share = 0.0;

    self->iterations = iterations;
    self->pace->begin(self->pace, SLOT_S);
    self->team->run(self->team, run_slots, self);
    for (uint32_t t = 0; t < self->team->thread_count; t++)
        share += (double)share_of(self, &self->workers[t]);
    work->done = share * (double)iterations;
    work->checksum = self->workers[0].dot;
    GB_WORK_SET(work, flops, 2.0 * BLOCK * work->done);
    return GB_OK;
}

static gb_status load_verify(gb_instance *self) {
    const gb_host *host = self->host;

    for (uint32_t t = 0; t < self->team->thread_count; t++) {
        const worker *own = &self->workers[t];
        if (own->wrong > 0 || own->dot != self->right.dot)
            return host->fail(host, GB_ERR_VERIFY, NULL,
                              "thread %u: expected %.17g from every operation, "
                              "got another from %llu, and %.17g from the last",
                              (unsigned)t, self->right.dot,
                              (unsigned long long)own->wrong, own->dot);
        for (size_t i = 0; i < BLOCK; i++) {
            const double a = self->blocks[(size_t)t * 2 * BLOCK + i];
            const double b = self->blocks[((size_t)t * 2 + 1) * BLOCK + i];
            if (a != a_value(i) || b != b_value(i))
                return host->fail(host, GB_ERR_VERIFY, NULL,
                                  "thread %u, input %zu: expected %g and %g, "
                                  "got %g and %g",
                                  (unsigned)t, i, a_value(i), b_value(i), a, b);
        }
    }
    return GB_OK;
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "load",
    .version = "1.0.0",
    .summary = "a share of the work the cores can do: power at partial load",
    .work_unit = "operation",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = load_create,
    .prepare = load_prepare,
    .run = load_run,
    .verify = load_verify,
    .destroy = load_destroy,
};
