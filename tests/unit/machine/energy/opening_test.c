/* SPDX-License-Identifier: Apache-2.0 */
/* Sources that hang from the start, which a run must survive. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/energy/opening.h"
#include "machine/energy/set.h"
#include "tree.h"

#define PATIENCE_NS (100 * MS)

struct gb_energy_source {
    int reads;
};

static gb_energy_source the_source;
static gb_energy_domain the_domain = {.name = "node"};
static sem_t let_go, gone;

static int threads_before; /* the tests began */

/* How many threads this process has. */
static int threads(void) {
    DIR *dir = opendir("/proc/self/task");
    int count = 0;

    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

/* What is lost has come back and has ended. */
static void wait_for_the_lost(void) {
    while (threads() > threads_before)
        gb_clock_system.sleep_until(gb_clock_system.ctx,
                                    gb_clock_now_ns(&gb_clock_system) + MS);
}

static gb_status open_at_once(const gb_energy_env *env,
                              gb_energy_source **source_out, gb_error *err) {
    (void)env;
    (void)err;
    *source_out = &the_source;
    return GB_OK;
}

static gb_status open_late(const gb_energy_env *env,
                           gb_energy_source **source_out, gb_error *err) {
    (void)sem_wait(&let_go);
    return open_at_once(env, source_out, err);
}

static gb_status open_nothing(const gb_energy_env *env,
                              gb_energy_source **source_out, gb_error *err) {
    (void)env;
    (void)source_out;
    return gb_fail(err, GB_ERR_UNSUPPORTED, "buy one", "no meter here");
}

static const gb_energy_domain *one_domain(const gb_energy_source *source,
                                          size_t *count_out) {
    (void)source;
    *count_out = 1;
    return &the_domain;
}

static void close_it(gb_energy_source *source) {
    (void)source;
    sem_post(&gone);
}

static void read_at_once(gb_energy_source *source,
                         gb_energy_reading *readings) {
    source->reads++;
    readings[0] = (gb_energy_reading){.ok = true};
}

static void read_late(gb_energy_source *source, gb_energy_reading *readings) {
    (void)sem_wait(&let_go);
    read_at_once(source, readings);
}

static uint64_t slow(const gb_energy_source *source) {
    (void)source;
    return S;
}

static void what_opens_is_read_once_and_handed_over(void **state) {
    const gb_energy_source_ops ops = {.name = "x",
                                      .open = open_at_once,
                                      .domains = one_domain,
                                      .read = read_at_once};
    const gb_energy_env env = {.clock = &gb_clock_system};
    gb_energy_source *source = NULL;
    bool lost = true;

    (void)state;
    the_source.reads = 0;
    assert_int_equal(gb_opening_run(&ops, &env, 10 * S, &source, &lost, NULL),
                     GB_OK);
    assert_ptr_equal(source, &the_source);
    assert_int_equal(source->reads, 1);
    assert_false(lost);
}

static pthread_t opened_on;

static gb_status open_here(const gb_energy_env *env,
                           gb_energy_source **source_out, gb_error *err) {
    opened_on = pthread_self();
    return open_at_once(env, source_out, err);
}

static void what_is_bound_to_its_thread_is_opened_here(void **state) {
    gb_energy_source_ops ops = {.name = "x",
                                .open = open_here,
                                .domains = one_domain,
                                .read = read_at_once};
    const gb_energy_env env = {.clock = &gb_clock_system};
    gb_energy_source *source = NULL;
    bool lost = true;

    (void)state;
    for (int bound = 0; bound <= 1; bound++) {
        ops.bound = bound;
        assert_int_equal(
            gb_opening_run(&ops, &env, 10 * S, &source, &lost, NULL), GB_OK);
        assert_int_equal(pthread_equal(opened_on, pthread_self()) != 0, bound);
    }
}

/* Its first read may take seconds, and has a thread of its own. */
static void a_slow_source_is_not_read(void **state) {
    const gb_energy_source_ops ops = {.name = "x",
                                      .open = open_at_once,
                                      .domains = one_domain,
                                      .read = read_at_once,
                                      .slow_ns = slow};
    const gb_energy_env env = {.clock = &gb_clock_system};
    gb_energy_source *source = NULL;
    bool lost = true;

    (void)state;
    the_source.reads = 0;
    assert_int_equal(gb_opening_run(&ops, &env, 10 * S, &source, &lost, NULL),
                     GB_OK);
    assert_int_equal(source->reads, 0);
}

static void what_cannot_be_opened_says_why(void **state) {
    const gb_energy_source_ops ops = {.name = "x", .open = open_nothing};
    const gb_energy_env env = {.clock = &gb_clock_system};
    gb_energy_source *source = NULL;
    gb_error err = {0};
    bool lost = true;

    (void)state;
    assert_int_equal(gb_opening_run(&ops, &env, 10 * S, &source, &lost, &err),
                     GB_ERR_UNSUPPORTED);
    assert_string_equal(err.what, "no meter here");
    assert_string_equal(err.hint, "buy one");
    assert_null(source);
    assert_false(lost);
}

static void what_hangs_is_lost_after_its_time(void **state) {
    const gb_energy_source_ops cases[] = {
        {.name = "open",
         .open = open_late,
         .domains = one_domain,
         .read = read_at_once,
         .close = close_it},
        {.name = "read",
         .open = open_at_once,
         .domains = one_domain,
         .read = read_late,
         .close = close_it},
    };
    const gb_energy_env env = {.clock = &gb_clock_system};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_energy_source *source = NULL;
        gb_error err = {0};
        bool lost = false;
        const uint64_t begin_ns = gb_clock_now_ns(&gb_clock_system);

        assert_int_equal(
            gb_opening_run(&cases[i], &env, PATIENCE_NS, &source, &lost, &err),
            GB_ERR_TIMEOUT);
        assert_true(lost);
        assert_null(source);
        assert_true(gb_clock_now_ns(&gb_clock_system) - begin_ns >=
                    PATIENCE_NS);
        assert_string_equal(err.what, "no answer within 0.1 s of being opened");
        /* It may come back when nobody waits any more, and is closed. */
        sem_post(&let_go);
        (void)sem_wait(&gone);
        wait_for_the_lost();
    }
}

/* A pipe that nobody writes to blocks who opens it, as a dead driver does. */
static void a_set_goes_on_without_a_source_that_hangs(void **state) {
    static const char zone[] =
        "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/energy_uj";
    static gb_energy_set *set; /* it is not freed while a source is lost */
    gb_error err = {0};
    size_t count = 0;
    char pipe[512];
    test_tree tree;

    (void)state;
    tree_open(&tree, "intel-2s-spr-psys", "t0");
    /* Long enough for the other one on a machine with other work. */
    tree.env.patience_ns = 2 * S;
    snprintf(pipe, sizeof(pipe), "%s%s", tree.dir, zone);
    tree_remove(&tree, zone);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    if (gb_energy_set_open(&tree.env, "powercap,model", &set, &err) != GB_OK)
        fail_msg("%s", err.what);

    const gb_energy_domain *domains = gb_energy_set_domains(set, &count);
    assert_string_equal(domains[0].source, "powercap");
    assert_int_equal(domains[0].status, GB_DOMAIN_FAILED);
    assert_non_null(strstr(domains[0].reason, "no answer within 2 s"));
    assert_non_null(strstr(domains[0].fix, "restart"));
    assert_true(count > 1);
    assert_string_equal(domains[1].source, "model");
    assert_int_equal(domains[1].status, GB_DOMAIN_OK);
    assert_false(gb_energy_set_close(set));
    /* The thread comes back and closes what it has opened. */
    const int fd = open(pipe, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    wait_for_the_lost();
    close(fd);
    tree_close(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_opens_is_read_once_and_handed_over),
        cmocka_unit_test(what_is_bound_to_its_thread_is_opened_here),
        cmocka_unit_test(a_slow_source_is_not_read),
        cmocka_unit_test(what_cannot_be_opened_says_why),
        cmocka_unit_test(what_hangs_is_lost_after_its_time),
        cmocka_unit_test(a_set_goes_on_without_a_source_that_hangs),
    };

    sem_init(&let_go, 0, 0);
    sem_init(&gone, 0, 0);
    threads_before = threads();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
