/* SPDX-License-Identifier: Apache-2.0 */
#include "support/gb_test.h"

#include <stdlib.h>

#include "stats/change.h"

#define ALPHA 0.01

enum { MOST = 400 };

/* SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014): 0 < x < 1. */
static double uniform(uint64_t *seed) {
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) / 9007199254740992.0;
}

static double noise(uint64_t *seed) {
    const double radius = sqrt(-2.0 * log(uniform(seed)));
    return radius * cos(2.0 * acos(-1.0) * uniform(seed));
}

static size_t find(const double *values, size_t count, gb_change *out) {
    gb_error err = {0};
    size_t found = 0;
    GB_EXPECT_STATUS(GB_OK,
                     gb_changes_find(values, count, ALPHA, out, &found, &err),
                     "find", err);
    assert_true(found <= gb_changes_most(count));
    return found;
}

/* @param level_after  from `at` on, where 1 is the level before it */
static size_t find_step(size_t count, size_t at, double level_after,
                        double spread, uint64_t *seed, gb_change *out) {
    double values[MOST];
    for (size_t i = 0; i < count; i++)
        values[i] = (i < at ? 1.0 : level_after) * exp(spread * noise(seed));
    return find(values, count, out);
}

static void series_without_a_change_seldom_have_one(void **state) {
    static const size_t counts[] = {10, 12, 20, 40, 100, 400};
    gb_change out[MOST];
    (void)state;
    for (size_t c = 0; c < GB_COUNT(counts); c++) {
        const size_t tries = counts[c] > 100 ? 1000 : 4000;
        size_t alarms = 0;
        uint64_t seed = 1000 + c;
        for (size_t i = 0; i < tries; i++)
            alarms += find_step(counts[c], 0, 1.0, 0.02, &seed, out) > 0;
        const double rate = (double)alarms / (double)tries;
        print_message("n = %zu: %.2f %% false alarms\n", counts[c],
                      100.0 * rate);
        assert_true(rate <= ALPHA);
    }
}

/* Heavy tails, of which ranks know nothing. */
static void outliers_are_no_changes(void **state) {
    gb_change out[MOST];
    double values[40];
    size_t alarms = 0;
    uint64_t seed = 7;
    (void)state;
    for (size_t i = 0; i < 2000; i++) {
        for (size_t k = 0; k < 40; k++)
            values[k] = 1.0 + 0.01 * tan(acos(-1.0) * (uniform(&seed) - 0.5));
        alarms += find(values, 40, out) > 0;
    }
    assert_true(alarms <= 20);
}

/* 5 % at 2 % of noise, in the middle and where five runs are new. */
static void steps_are_found_where_they_are(void **state) {
    static const struct {
        size_t count, at;
        double least; /* share that must be found */
    } cases[] = {
        {40, 20, 0.99}, {40, 33, 0.85}, {20, 10, 0.70}, {60, 50, 0.95}};
    gb_change out[MOST];
    (void)state;
    for (size_t c = 0; c < GB_COUNT(cases); c++) {
        size_t found = 0, near = 0;
        uint64_t seed = 50 + c;
        for (size_t i = 0; i < 500; i++) {
            const size_t n =
                find_step(cases[c].count, cases[c].at, 0.95, 0.02, &seed, out);
            found += n > 0;
            near += n > 0 && labs((long)out[0].at - (long)cases[c].at) <= 3;
        }
        print_message("n = %zu, at %zu: %.1f %% found, %.1f %% within 3\n",
                      cases[c].count, cases[c].at, (double)found / 5.0,
                      (double)near / 5.0);
        assert_true((double)found >= cases[c].least * 500.0);
        assert_true((double)near >= 0.9 * (double)found);
    }
}

static void several_steps_are_told_apart(void **state) {
    gb_change out[MOST];
    double values[60];
    uint64_t seed = 3;
    (void)state;
    for (size_t i = 0; i < 60; i++)
        values[i] = (i < 20   ? 1.0
                     : i < 40 ? 1.2
                              : 0.9) *
                    exp(0.01 * noise(&seed));
    assert_int_equal(find(values, 60, out), 2);
    assert_int_equal(out[0].at, 20);
    assert_int_equal(out[1].at, 40);
    GB_EXPECT_NEAR(1.0, out[0].before, 0.01, "before");
    GB_EXPECT_NEAR(1.2, out[0].after, 0.01, "between");
    GB_EXPECT_NEAR(1.2, out[1].before, 0.01, "between");
    GB_EXPECT_NEAR(0.9, out[1].after, 0.01, "after");
    assert_true(out[0].p < 1e-4 && out[1].p < 1e-4);
}

/* The formula by hand: 8 values below 8 others. z = sqrt(3 * 64 / 17), 5 of 16
 * on either side at least. */
static void chance_is_the_formula_of_the_source(void **state) {
    double values[16];
    gb_change out[MOST];
    (void)state;
    for (int i = 0; i < 16; i++)
        values[i] = i < 8 ? (i * 5) % 8 : 100 + (i * 5) % 8;
    assert_int_equal(find(values, 16, out), 1);
    assert_int_equal(out[0].at, 8);
    const double z = sqrt(3.0 * 64.0 / 17.0);
    const double density = exp(-z * z / 2.0) / sqrt(2.0 * acos(-1.0));
    GB_EXPECT_NEAR(4.0 * density / z + density * (z - 1.0 / z) * 2.0 *
                                           log((11.0 / 16.0) / (5.0 / 16.0)),
                   out[0].p, 1e-12, "p");
}

static void short_and_constant_series_have_none(void **state) {
    static const double step[] = {1, 1, 1, 1, 9, 9, 9, 9, 9};
    double same[50];
    gb_change out[MOST];
    (void)state;
    for (size_t i = 0; i < 50; i++)
        same[i] = 2.5;
    assert_int_equal(find(step, 9, out), 0);
    assert_int_equal(find(step, 0, out), 0);
    assert_int_equal(find(same, 50, out), 0);
    /* Ties share a rank. */
    for (size_t i = 25; i < 50; i++)
        same[i] = 2.6;
    assert_int_equal(find(same, 50, out), 1);
    assert_int_equal(out[0].at, 25);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(series_without_a_change_seldom_have_one),
        cmocka_unit_test(outliers_are_no_changes),
        cmocka_unit_test(steps_are_found_where_they_are),
        cmocka_unit_test(several_steps_are_told_apart),
        cmocka_unit_test(chance_is_the_formula_of_the_source),
        cmocka_unit_test(short_and_constant_series_have_none),
    };
    return cmocka_run_group_tests_name("stats/change", tests, NULL, NULL);
}
