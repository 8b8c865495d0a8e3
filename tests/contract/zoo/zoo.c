/* SPDX-License-Identifier: Apache-2.0 */
/* Sound but for the one fault that a definition, ZOO_<fault>, brings in. */
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "greenbench/ext/team.h"
#include "greenbench/plugin.h"

/* Some faults leave parts out. */
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-const-variable"

enum { BYTES = 4096 };

struct gb_instance {
    const gb_host *host;
    const gb_ext_team *team;
    unsigned char *bytes; /* [BYTES] */
    unsigned char *kept;
    unsigned calls;
    unsigned value; /* what run() wrote last */
    uint64_t iterations;
    uint64_t waste;
};

/* --- the descriptor ------------------------------------------------------- */

#ifdef ZOO_accepts_anything
#define ACCEPTS "1..9|no such value"
#elif defined(ZOO_accepts_malformed)
#define ACCEPTS "9..1"
#else
#define ACCEPTS "1..9"
#endif
#ifdef ZOO_default_outside
#define DEFAULT "12"
#else
#define DEFAULT "1"
#endif
#ifdef ZOO_help_missing
#define HELP ""
#else
#define HELP "not used"
#endif

static const gb_param_decl params[] = {
    {"size", HELP, DEFAULT, ACCEPTS},
#ifdef ZOO_param_twice
    {"size", HELP, DEFAULT, ACCEPTS},
#endif
#ifdef ZOO_param_name
    {"Second Size", HELP, DEFAULT, ACCEPTS},
#endif
};

static const char *const needs[] = {
    GB_EXT_TEAM,
#ifdef ZOO_needs_unknown
    "zoo.oracle/1",
#endif
    NULL,
};

#ifdef ZOO_exports
GB_PLUGIN_EXPORT int stray_function(void);
int stray_function(void) {
    return 1;
}
#endif

#ifdef ZOO_unresolved
int nowhere_to_be_found(void);
#endif

/* --- faults that any call may have ---------------------------------------- */

/* Where a fault is one line in one call. */
#ifdef ZOO_prints
#define IN_RUN puts("one more iteration done")
#elif defined(ZOO_crashes)
#define IN_RUN raise(SIGSEGV)
#elif defined(ZOO_hangs)
#define IN_RUN                                                                 \
    for (;;)                                                                   \
    pause()
#elif defined(ZOO_rounding)
#define IN_RUN fesetround(FE_UPWARD)
#else
#define IN_RUN (void)0
#endif

#ifdef ZOO_exits
#define IN_PREPARE exit(0)
#elif defined(ZOO_signal_handler)
#define IN_PREPARE signal(SIGUSR1, SIG_IGN)
#elif defined(ZOO_signal_mask)
#define IN_PREPARE block_signal()
#elif defined(ZOO_locale)
#define IN_PREPARE setlocale(LC_ALL, "C.UTF-8")
#elif defined(ZOO_umask)
#define IN_PREPARE umask(0077)
#elif defined(ZOO_affinity)
#define IN_PREPARE bind_here()
#elif defined(ZOO_environment)
#define IN_PREPARE setenv("ZOO_THREADS", "4", 1)
#elif defined(ZOO_environment_unset)
#define IN_PREPARE unsetenv("PATH")
#elif defined(ZOO_folder)
#define IN_PREPARE (void)!chdir("/")
#elif defined(ZOO_thread)
#define IN_PREPARE start_thread()
#elif defined(ZOO_file)
#define IN_PREPARE (void)open("/dev/null", O_RDONLY)
#elif defined(ZOO_file_closed)
#define IN_PREPARE close(STDIN_FILENO)
#elif defined(ZOO_child)
#define IN_PREPARE start_child()
#else
#define IN_PREPARE (void)0
#endif

#ifdef ZOO_signal_mask
static void block_signal(void) {
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}
#endif

#ifdef ZOO_affinity
static void bind_here(void) {
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET((unsigned)sched_getcpu(), &one);
    sched_setaffinity(0, sizeof(one), &one);
}
#endif

#ifdef ZOO_thread
static void *wait_for_ever(void *arg) {
    for (;;)
        pause();
    return arg;
}

static void start_thread(void) {
    pthread_t thread;

    pthread_create(&thread, NULL, wait_for_ever, NULL);
    pthread_detach(thread);
}
#endif

#ifdef ZOO_child
static void start_child(void) {
    if (fork() == 0) {
        for (;;)
            pause();
    }
}
#endif

#ifdef ZOO_constructor
__attribute__((constructor)) static void at_load(void) {
    setenv("ZOO_LOADED", "1", 1);
}
#endif

#ifdef ZOO_team_rounding
static void round_up(void *arg, uint32_t thread, uint32_t thread_count) {
    (void)arg, (void)thread_count;
    if (thread > 0)
        fesetround(FE_UPWARD);
}
#endif

/* --- the calls ------------------------------------------------------------ */

static void zoo_destroy(gb_instance *self) {
    const gb_host *host = self->host;
#ifdef ZOO_frees_twice
    host->free(host, self->bytes);
#endif
    host->free(host, self->bytes);
    host->free(host, self);
}

static gb_status zoo_create(const gb_host *host, const gb_params *values,
                            gb_instance **self_out) {
#ifdef ZOO_refuses_silently
    if (host->param_u64(values, "size") == 9)
        return GB_ERR_UNSUPPORTED;
#endif
#ifdef ZOO_asks_undeclared
    (void)host->param_u64(values, "colour");
#endif
#ifdef ZOO_unresolved
    if (nowhere_to_be_found())
        return GB_ERR_UNSUPPORTED;
#endif
    (void)values;
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.host = host};
    self->team = host->extension(host, GB_EXT_TEAM);
#ifdef ZOO_no_instance
    host->free(host, self);
    return GB_OK;
#endif
    *self_out = self;
    return GB_OK;
}

static gb_status zoo_prepare(gb_instance *self) {
    IN_PREPARE;
    self->bytes = self->host->alloc(self->host, BYTES, 64);
#ifdef ZOO_leaks
    self->kept = self->host->alloc(self->host, 64, 64);
#endif
#ifdef ZOO_team_rounding
    self->team->run(self->team, round_up, NULL);
#endif
    return self->bytes != NULL ? GB_OK : GB_ERR_NO_MEMORY;
}

static void fill(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;
    const size_t begin = (size_t)BYTES * thread / thread_count;
    const size_t end = (size_t)BYTES * (thread + 1) / thread_count;
#ifdef ZOO_one_thread_only
    if (thread > 0)
        return;
#endif
    for (uint64_t k = 0; k < self->iterations; k++) {
        memset(self->bytes + begin, (int)self->value, end - begin);
        GB_KEEP_WORK();
    }
}

static gb_status zoo_run(gb_instance *self, uint64_t iterations,
                         gb_work *work) {
    IN_RUN;
    self->calls++;
    self->value = self->calls % 200 + 1;
    self->iterations = iterations;
#ifdef ZOO_time_constant
    self->iterations = 1;
#elif defined(ZOO_time_grows)
    /* By all that was ever done: late calls take six times as long as early
     * ones, and calls of few iterations hardly longer. */
    self->iterations = iterations * (self->waste + 1);
    self->waste += iterations;
#elif defined(ZOO_runs_once)
    if (self->calls > 2)
        self->iterations = 1;
#endif
    self->team->run(self->team, fill, self);
#ifdef ZOO_work_constant
    iterations = 1;
#endif
    work->done = (double)BYTES * (double)iterations;
#ifdef ZOO_work_nothing
    work->done = 0.0;
#endif
#ifdef ZOO_fails_silently
    return GB_ERR_INTERNAL;
#endif
    return GB_OK;
}

#ifdef ZOO_verify_coarse
static gb_status zoo_verify(gb_instance *self) {
    size_t wrong = 0;

    for (size_t i = 0; i < BYTES; i++)
        wrong += self->bytes[i] != self->value;
    return 100u * wrong <= BYTES
               ? GB_OK
               : self->host->fail(self->host, GB_ERR_VERIFY, NULL,
                                  "expected 1 %% wrong at most, got %zu bytes",
                                  wrong);
}
#elif !defined(ZOO_verify_blind)
static gb_status zoo_verify(gb_instance *self) {
    for (size_t i = 0; i < BYTES; i++)
        if (self->bytes[i] != self->value)
            return self->host->fail(self->host,
#ifdef ZOO_verify_other_status
                                    GB_ERR_IO,
#else
                                    GB_ERR_VERIFY,
#endif
                                    NULL, "byte %zu: expected %u, got %u", i,
                                    self->value, (unsigned)self->bytes[i]);
    return GB_OK;
}
#else
static gb_status zoo_verify(gb_instance *self) {
    (void)self;
    return GB_OK;
}
#endif

#ifndef ZOO_no_descriptor
const gb_plugin greenbench_plugin = {
#ifdef ZOO_struct_small
    .struct_size = 16,
#else
    .struct_size = sizeof(gb_plugin),
#endif
#ifdef ZOO_abi_major
    .abi_major = GB_PLUGIN_ABI_MAJOR + 1,
#else
    .abi_major = GB_PLUGIN_ABI_MAJOR,
#endif
    .abi_minor = GB_PLUGIN_ABI_MINOR,
#ifdef ZOO_id_form
    .id = "Zoo Id-Form",
#else
    .id = ZOO_ID,
#endif
#ifdef ZOO_version
    .version = "the new one",
#else
    .version = "0.1.0",
#endif
#ifdef ZOO_summary_missing
    .summary = NULL,
#elif defined(ZOO_summary_sentence)
    .summary = "It has\ntwo lines.",
#else
    .summary = "keeps all promises but one",
#endif
#ifdef ZOO_unit
    .work_unit = "Bytes / s",
#else
    .work_unit = "byte",
#endif
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = zoo_create,
    .prepare = zoo_prepare,
#ifndef ZOO_op_missing
    .run = zoo_run,
#endif
    .verify = zoo_verify,
    .destroy = zoo_destroy,
#ifdef ZOO_ranks
    .ranks_min = 0xffffffffu,
#endif
#ifdef ZOO_flags
    .flags = 0x40000000u,
#endif
};
#endif
