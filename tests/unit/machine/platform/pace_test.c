/* SPDX-License-Identifier: Apache-2.0 */
#include "support/gb_test.h"

#include "machine/platform/pace.h"

#define SLOT_NS UINT64_C(100000000)

/* Sleeping moves it on, at most a tenth of a slot at a time: a signal wakes
 * early. */
typedef struct fake_clock {
    uint64_t now_ns;
    unsigned sleeps;
} fake_clock;

static uint64_t now(void *ctx) {
    return ((fake_clock *)ctx)->now_ns;
}

static void sleep_until(void *ctx, uint64_t deadline_ns) {
    fake_clock *fake = ctx;
    const uint64_t most_ns = fake->now_ns + SLOT_NS / 10;
    fake->now_ns = deadline_ns < most_ns ? deadline_ns : most_ns;
    fake->sleeps++;
}

static fake_clock fake;
static const gb_clock clock_of_fake = {now, sleep_until, &fake};

static gb_pace begun(uint32_t first) {
    fake = (fake_clock){.now_ns = 5000};
    gb_pace pace;
    gb_pace_init(&clock_of_fake, first, &pace);
    return pace;
}

static void slots_come_one_after_the_other(void **state) {
    gb_pace pace = begun(0);
    const gb_ext_pace *ext = &pace.ext;
    (void)state;
    pace.ext.pace_data = &pace; /* it was copied */
    ext->begin(ext, 0.1);
    ext->wait(ext, 0, 0);
    assert_int_equal(fake.sleeps, 0);
    ext->wait(ext, 0, 3);
    assert_int_equal(fake.now_ns, 5000 + 3 * SLOT_NS);
    assert_int_equal(ext->passed(ext, 0), 3);
    fake.now_ns += SLOT_NS - 1;
    assert_int_equal(ext->passed(ext, 0), 3);
    const unsigned sleeps = fake.sleeps;
    ext->wait(ext, 0, 3); /* late: at once */
    assert_int_equal(fake.sleeps, sleeps);
    ext->begin(ext, 0.2);
    assert_int_equal(ext->passed(ext, 0), 0);
}

/* Also across ranks: the second rank of 4 threads goes on where the first
 * ends. */
static void no_two_threads_of_a_node_begin_at_the_same_time(void **state) {
    enum { THREADS = 16, RANK_THREADS = 4 };
    uint64_t at_ns[THREADS];
    (void)state;
    for (uint32_t i = 0; i < THREADS; i++) {
        gb_pace pace = begun(i / RANK_THREADS * RANK_THREADS);
        pace.ext.pace_data = &pace;
        pace.ext.begin(&pace.ext, 0.1);
        pace.ext.wait(&pace.ext, i % RANK_THREADS, 0);
        at_ns[i] = fake.now_ns - 5000;
        assert_true(at_ns[i] < SLOT_NS);
        assert_int_equal(pace.ext.passed(&pace.ext, i % RANK_THREADS), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        for (size_t k = 0; k < i; k++) {
            const uint64_t apart_ns =
                at_ns[i] > at_ns[k] ? at_ns[i] - at_ns[k] : at_ns[k] - at_ns[i];
            if (apart_ns < SLOT_NS / 64)
                fail_msg("threads %zu and %zu: %llu ns apart", i, k,
                         (unsigned long long)apart_ns);
        }
}

static void a_thread_whose_slots_begin_later_has_passed_none(void **state) {
    gb_pace pace = begun(1);
    (void)state;
    pace.ext.pace_data = &pace;
    pace.ext.begin(&pace.ext, 0.1);
    assert_int_equal(pace.ext.passed(&pace.ext, 0), 0);
    pace.ext.wait(&pace.ext, 0, 2);
    assert_int_equal(pace.ext.passed(&pace.ext, 0), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_come_one_after_the_other),
        cmocka_unit_test(no_two_threads_of_a_node_begin_at_the_same_time),
        cmocka_unit_test(a_thread_whose_slots_begin_later_has_passed_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
