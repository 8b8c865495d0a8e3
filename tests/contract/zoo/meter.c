/* SPDX-License-Identifier: Apache-2.0 */
/* A meter that is sound but for the one fault that a definition, ZOO_<fault>,
 * brings in: a counter and a gauge of a node that draws 100 W. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "greenbench/meter.h"

/* Some faults leave parts out. */
#pragma GCC diagnostic ignored "-Wunused-function"

enum { DOMAINS = 2 };
#define WRAP_TICKS UINT64_C(262144000000) /* microjoules */

struct gb_meter_instance {
    const gb_meter_host *host;
    gb_meter_domain domains[DOMAINS];
    const gb_meter_domain *list[DOMAINS];
    void *kept;
    unsigned reads;
};

static unsigned opened; /* times open() was called */

/* --- the descriptor ------------------------------------------------------- */

#ifdef ZOO_meter_accepts_anything
#define ACCEPTS "1..9|no such value"
#else
#define ACCEPTS "1..9"
#endif
#ifdef ZOO_meter_default_outside
#define DEFAULT "12"
#else
#define DEFAULT "1"
#endif
#ifdef ZOO_meter_secret
#define NAME "password"
#elif defined(ZOO_meter_param_name)
#define NAME "Outlet Number"
#else
#define NAME "outlet"
#endif

static const gb_param_decl params[] = {
    {NAME, "number of the outlet", DEFAULT, ACCEPTS},
#ifdef ZOO_meter_unreachable
    {"host", "where it is", NULL, NULL},
#endif
};

/* --- faults of one line --------------------------------------------------- */

#ifdef ZOO_meter_thread
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

#ifdef ZOO_meter_child
static void start_child(void) {
    if (fork() == 0) {
        for (;;)
            pause();
    }
}
#endif

#ifdef ZOO_meter_slowly
static void take_long(void) {
    const struct timespec pause = {.tv_nsec = 5000000};

    nanosleep(&pause, NULL);
}
#endif

#ifdef ZOO_meter_environment
#define IN_OPEN setenv("ZOO_METER", "1", 1)
#elif defined(ZOO_meter_signal_handler)
#define IN_OPEN signal(SIGPIPE, SIG_IGN)
#elif defined(ZOO_meter_thread)
#define IN_OPEN start_thread()
#elif defined(ZOO_meter_file)
#define IN_OPEN (void)open("/dev/null", O_RDONLY)
#elif defined(ZOO_meter_child)
#define IN_OPEN start_child()
#else
#define IN_OPEN (void)0
#endif

#ifdef ZOO_meter_prints
#define IN_READ puts("reading the meter")
#elif defined(ZOO_meter_exits)
#define IN_READ exit(0)
#elif defined(ZOO_meter_crashes)
#define IN_READ raise(SIGSEGV)
#elif defined(ZOO_meter_hangs)
#define IN_READ                                                                \
    for (;;)                                                                   \
    pause()
#elif defined(ZOO_meter_slowly)
#define IN_READ take_long()
#else
#define IN_READ (void)0
#endif

/* --- the calls ------------------------------------------------------------ */

static void zoo_close(gb_meter_instance *self) {
    const gb_meter_host *host = self->host;
#ifdef ZOO_meter_frees_twice
    void *block = host->alloc(host, 16);
    host->free(host, block);
    host->free(host, block);
#endif
    host->free(host, self);
}

static void describe(gb_meter_instance *self) {
    gb_meter_domain *counter = &self->domains[0];
    gb_meter_domain *gauge = &self->domains[1];

    *counter = (gb_meter_domain){
        .struct_size = sizeof(*counter),
        .name = "board",
        .scope = "node-dc",
        .unit = GB_METER_JOULE,
        .flags = GB_METER_SIMULATED,
        .package = -1,
        .accuracy_form = GB_METER_ACCURACY_EXPANDED,
        .tick = 1e-6,
        .step = 1e-6,
        .wrap_ticks = WRAP_TICKS,
        .update_ns = 1000000,
        .accuracy_of_reading = 0.01,
        .accuracy_k = 2.0,
    };
    *gauge = (gb_meter_domain){
        .struct_size = sizeof(*gauge),
        .name = "wall",
        .scope = "node-ac",
        .unit = GB_METER_WATT,
        .flags = GB_METER_SIMULATED,
        .package = -1,
        .accuracy_form = GB_METER_ACCURACY_LIMITS,
        .tick = 0.1,
        .step = 0.1,
        .update_ns = 1000000,
        .range_w = 600.0,
        .accuracy_of_range = 0.005,
        .accuracy_w = 0.2,
    };
#ifdef ZOO_meter_scope
    counter->scope = "the whole machine";
#elif defined(ZOO_meter_unit)
    counter->unit = 0;
#elif defined(ZOO_meter_tick)
    counter->tick = 0.0;
#elif defined(ZOO_meter_step)
    counter->step = 1e-9;
#elif defined(ZOO_meter_update)
    counter->update_ns = 0;
#elif defined(ZOO_meter_wrap_of_gauge)
    gauge->wrap_ticks = 65536;
#elif defined(ZOO_meter_twice)
    gauge->name = "board";
#elif defined(ZOO_meter_accuracy_form)
    gauge->accuracy_form = GB_METER_ACCURACY_UNKNOWN;
#elif defined(ZOO_meter_accuracy_percent)
    counter->accuracy_of_reading = 1.5;
#elif defined(ZOO_meter_accuracy_of_nothing)
    gauge->range_w = 0.0;
#elif defined(ZOO_meter_coverage)
    counter->accuracy_k = 0.0;
#elif defined(ZOO_meter_other_each_time)
    counter->name = opened % 2 != 0 ? "board" : "blade";
#elif defined(ZOO_meter_unexplained)
    gauge->status = GB_ERR_PERMISSION;
#elif defined(ZOO_meter_stamps)
    counter->flags |= GB_METER_STAMPED;
#endif
    self->list[0] = counter;
    self->list[1] = gauge;
}

static gb_status zoo_open(const gb_meter_host *host,
                          gb_meter_instance **self_out) {
    opened++;
    IN_OPEN;
#ifdef ZOO_meter_refuses_silently
    if (host->param_u64(host, "outlet") == 9)
        return GB_ERR_UNSUPPORTED;
#endif
#ifdef ZOO_meter_opens_once
    if (opened == 4) /* two values, and two lives */
        return host->fail(host, GB_ERR_BUSY, NULL, "it is open already");
#endif
#ifdef ZOO_meter_unreachable
    return host->fail(host, GB_ERR_IO, NULL, "cannot connect to %s",
                      host->param_text(host, "host"));
#endif
    gb_meter_instance *self = host->alloc(host, sizeof(*self));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    self->host = host;
    describe(self);
#ifdef ZOO_meter_leaks
    self->kept = host->alloc(host, 64);
#endif
    *self_out = self;
    return GB_OK;
}

static const gb_meter_domain *const *zoo_domains(const gb_meter_instance *self,
                                                 size_t *count_out) {
#ifdef ZOO_meter_no_domains
    *count_out = 0;
#else
    *count_out = DOMAINS;
#endif
    return self->list;
}

static gb_status zoo_read(gb_meter_instance *self, gb_meter_reading *readings) {
    IN_READ;
    self->reads++;
    /* 100 W: a microjoule each 10 ns. */
    readings[0].ticks = self->host->now_ns(self->host) / 10 % WRAP_TICKS;
    readings[1].ticks = 1000;
#ifdef ZOO_meter_beyond_wrap
    readings[0].ticks += WRAP_TICKS;
#elif defined(ZOO_meter_beyond_range)
    readings[1].ticks = 100000;
#elif defined(ZOO_meter_falls)
    readings[0].ticks = WRAP_TICKS / 2 - (uint64_t)self->reads * 1000000;
#elif defined(ZOO_meter_silent_failure)
    readings[1].status = GB_ERR_IO;
#elif defined(ZOO_meter_unknown_status)
    readings[1].status = 7777;
#elif defined(ZOO_meter_fails_silently)
    return GB_ERR_IO;
#elif defined(ZOO_meter_says)
    readings[1].status = self->host->fail(self->host, GB_ERR_IO, NULL,
                                          "the outlet is switched off");
#endif
    return GB_OK;
}

#ifdef ZOO_meter_both
const gb_plugin greenbench_plugin = {.struct_size = sizeof(gb_plugin)};
#endif

const gb_meter greenbench_meter = {
#ifdef ZOO_meter_struct_small
    .struct_size = 16,
#else
    .struct_size = sizeof(gb_meter),
#endif
#ifdef ZOO_meter_abi_major
    .abi_major = GB_METER_ABI_MAJOR + 1,
#else
    .abi_major = GB_METER_ABI_MAJOR,
#endif
    .abi_minor = GB_METER_ABI_MINOR,
#ifdef ZOO_meter_id_form
    .id = "Zoo Id-Form",
#else
    .id = ZOO_ID,
#endif
#ifdef ZOO_meter_version
    .version = "the new one",
#else
    .version = "0.1.0",
#endif
#ifdef ZOO_meter_summary
    .summary = "It has\ntwo lines.",
#else
    .summary = "keeps all promises but one",
#endif
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .open = zoo_open,
    .domains = zoo_domains,
#ifndef ZOO_meter_op_missing
    .read = zoo_read,
#endif
    .close = zoo_close,
#ifdef ZOO_meter_flags
    .flags = 0x40000000u,
#elif defined(ZOO_meter_slow)
    .flags = GB_METER_SLOW,
#endif
};
