/* SPDX-License-Identifier: Apache-2.0 */
/* The benchmark `load` on a clock that is a counter: the rate of each level. */
#include <stdlib.h>

#include "greenbench/ext/pace.h"
#include "greenbench/ext/team.h"
#include "greenbench/plugin.h"
#include "support/gb_test.h"

/* While a slot lasts, a thread looks at the clock so often, and does eight
 * operations each time. */
#define LOOKS_PER_SLOT 100u
#define CAPACITY       (8u * LOOKS_PER_SLOT)
#define SLOTS          7u

static struct {
    double level_percent;
    uint64_t looks, waits, last_slot;
} is;

/* --- a host --------------------------------------------------------------- */

static void team_run(const gb_ext_team *team, gb_team_fn fn, void *arg) {
    fn(arg, 0, team->thread_count);
}

static void team_barrier(const gb_ext_team *team) {
    (void)team;
}

static void begin(const gb_ext_pace *pace, double slot_s) {
    (void)pace;
    (void)slot_s;
    is.waits = is.looks = 0;
}

static void wait_for(const gb_ext_pace *pace, uint32_t thread, uint64_t slot) {
    (void)pace;
    (void)thread;
    is.waits++;
    is.last_slot = slot;
}

static uint64_t passed(const gb_ext_pace *pace, uint32_t thread) {
    (void)pace;
    (void)thread;
    return 1 + is.looks++ / LOOKS_PER_SLOT;
}

static const gb_ext_team team = {.struct_size = sizeof(team),
                                 .thread_count = 1,
                                 .run = team_run,
                                 .barrier = team_barrier};
static const gb_ext_pace pace = {.struct_size = sizeof(pace),
                                 .begin = begin,
                                 .wait = wait_for,
                                 .passed = passed};

static void *take(const gb_host *host, size_t bytes, size_t align) {
    (void)host;
    return aligned_alloc(align, (bytes + align - 1) / align * align);
}

static void give_back(const gb_host *host, void *block) {
    (void)host;
    free(block);
}

static double level_of(const gb_params *params, const char *name) {
    (void)params;
    assert_string_equal(name, "level");
    return is.level_percent;
}

static gb_status fail_with(const gb_host *host, gb_status status,
                           const char *hint, const char *fmt, ...) {
    (void)host;
    (void)hint;
    print_message("refused: %s\n", fmt);
    return status;
}

static void note(const gb_host *host, const char *key, const char *fmt, ...) {
    (void)host;
    (void)key;
    (void)fmt;
}

static const void *extension(const gb_host *host, const char *id) {
    (void)host;
    return strcmp(id, GB_EXT_TEAM) == 0   ? (const void *)&team
           : strcmp(id, GB_EXT_PACE) == 0 ? &pace
                                          : NULL;
}

static const gb_host host = {.struct_size = sizeof(host),
                             .core_count = 1,
                             .alloc = take,
                             .free = give_back,
                             .param_f64 = level_of,
                             .fail = fail_with,
                             .note = note,
                             .extension = extension};

/* --- levels --------------------------------------------------------------- */

/** Operations of one call of SLOTS slots at that level. */
static double work_at(double level_percent) {
    const gb_plugin *load = &greenbench_plugin;
    gb_work work = {.struct_size = sizeof(work)};
    gb_instance *self = NULL;

    is.level_percent = level_percent;
    assert_int_equal(load->create(&host, NULL, &self), GB_OK);
    assert_int_equal(load->prepare(self), GB_OK);
    assert_int_equal(load->run(self, SLOTS, &work), GB_OK);
    assert_int_equal(load->verify(self), GB_OK);
    load->destroy(self);
    return work.done;
}

static void each_level_is_its_share_of_the_calibrated_rate(void **state) {
    (void)state;
    for (unsigned level = 10; level <= 100; level += 10)
        GB_EXPECT_NEAR(CAPACITY * level / 100.0 * SLOTS, work_at(level), 0.0,
                       "operations");
}

static void a_share_is_rounded_to_whole_operations(void **state) {
    (void)state;
    GB_EXPECT_NEAR(100.0 * SLOTS, work_at(12.45), 0.0, "99.6 a slot");
    GB_EXPECT_NEAR(8.0 * SLOTS, work_at(1.0), 0.0, "the lowest");
}

/* Below full load every slot is waited for, and the end of the last. */
static void only_at_full_load_nothing_sleeps(void **state) {
    (void)state;
    work_at(50.0);
    assert_int_equal(is.waits, SLOTS + 1);
    assert_int_equal(is.last_slot, SLOTS);
    work_at(100.0);
    assert_int_equal(is.waits, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_level_is_its_share_of_the_calibrated_rate),
        cmocka_unit_test(a_share_is_rounded_to_whole_operations),
        cmocka_unit_test(only_at_full_load_nothing_sleeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
