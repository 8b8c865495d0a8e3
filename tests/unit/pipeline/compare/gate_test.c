/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/compare/gate.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "pipeline/compare/compare.h"
#include "support/compared_run.h"
#include "support/gb_test.h"

enum { REPS = 12, REFERENCES = 3, CASES = 2 };

static const gb_compare_options defaults = {
    .alpha = 0.05, .margin = 0.02, .metrics = GB_COMPARE_ALL};

typedef struct fixture {
    compared_run references[REFERENCES], next;
    gb_comparison compared[REFERENCES];
    gb_gate gate;
    uint64_t seed;
} fixture;

static void fill(fixture *f, compared_run *run, size_t at, double rate) {
    const compared_values values = {rate, 100.0, 0.003};
    compared_run_fill(run, at, &values, &f->seed);
}

static int begin(void **state) {
    fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->seed = 9;
    compared_run_make(&f->next, "next", CASES, REPS);
    for (size_t c = 0; c < CASES; c++)
        fill(f, &f->next, c, 1e9);
    for (size_t r = 0; r < REFERENCES; r++) {
        compared_run_make(&f->references[r], "reference", CASES, REPS);
        for (size_t c = 0; c < CASES; c++)
            fill(f, &f->references[r], c, 1e9);
    }
    *state = f;
    return 0;
}

static int end(void **state) {
    fixture *f = *state;
    gb_gate_fini(&f->gate);
    for (size_t r = 0; r < REFERENCES; r++) {
        gb_comparison_fini(&f->compared[r]);
        compared_run_free(&f->references[r]);
    }
    compared_run_free(&f->next);
    free(f);
    return 0;
}

static const gb_gate *decide(fixture *f) {
    gb_error err = {.rank = -1};
    compared_run_sum(&f->next);
    for (size_t r = 0; r < REFERENCES; r++) {
        compared_run_sum(&f->references[r]);
        const gb_compare_input runs[] = {f->references[r].input, f->next.input};
        GB_EXPECT_STATUS(GB_OK,
                         gb_compare(runs, 2, &defaults, &f->compared[r], &err),
                         "compare", err);
    }
    GB_EXPECT_STATUS(GB_OK,
                     gb_gate_decide(f->compared, REFERENCES, &f->gate, &err),
                     "gate", err);
    return &f->gate;
}

static void equal_runs_pass(void **state) {
    const gb_gate *gate = decide(*state);
    assert_int_equal(gate->found_count, 0);
    assert_int_equal(gate->comparable, REFERENCES);
}

static void worse_than_all_is_worse(void **state) {
    fixture *f = *state;
    fill(f, &f->next, 1, 0.9e9);
    const gb_gate *gate = decide(f);
    assert_true(gate->found_count >= 2);
    for (size_t i = 0; i < gate->found_count; i++)
        assert_string_equal(gate->found[i].benchmark, "memory.b1");
    assert_int_equal(gate->found[0].metric, GB_COMPARE_PERFORMANCE);
    GB_EXPECT_NEAR(0.9, gate->found[0].least, 0.01, "least");
    GB_EXPECT_NEAR(0.9, gate->found[0].most, 0.01, "most");
    assert_true(gate->found[0].least < gate->found[0].most);
}

/* One reference was lucky: the new run is worse than that one alone. */
static void one_lucky_reference_does_not_decide(void **state) {
    fixture *f = *state;
    fill(f, &f->references[1], 0, 1.1e9);
    const gb_gate *gate = decide(f);
    assert_true(f->compared[1].regression);
    assert_int_equal(gate->found_count, 0);
}

static void a_benchmark_that_fails_now_is_found(void **state) {
    fixture *f = *state;
    f->next.result.benches[0].valid = false;
    const gb_gate *gate = decide(f);
    assert_int_equal(gate->found_count, 1);
    assert_true(gate->found[0].failed);
    assert_string_equal(gate->found[0].benchmark, "memory.b0");
}

/* What one reference cannot tell is left to the others. */
static void a_reference_that_is_refused_does_not_count(void **state) {
    fixture *f = *state;
    fill(f, &f->next, 0, 0.9e9);
    gb_plan_case *planned = &f->references[2].plan.cases[0];
    free(planned->version);
    planned->version = strdup("0.9.0");
    const gb_gate *gate = decide(f);
    assert_int_equal(gate->comparable, REFERENCES - 1);
    assert_true(gate->found_count > 0);
}

static void nothing_comparable_is_neither_good_nor_bad(void **state) {
    fixture *f = *state;
    for (size_t c = 0; c < CASES; c++) {
        free(f->next.plan.cases[c].version);
        f->next.plan.cases[c].version = strdup("2.0.0");
    }
    const gb_gate *gate = decide(f);
    assert_int_equal(gate->comparable, 0);
    assert_int_equal(gate->found_count, 0);
}

int main(void) {
#define GATE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        GATE_TEST(equal_runs_pass),
        GATE_TEST(worse_than_all_is_worse),
        GATE_TEST(one_lucky_reference_does_not_decide),
        GATE_TEST(a_benchmark_that_fails_now_is_found),
        GATE_TEST(a_reference_that_is_refused_does_not_count),
        GATE_TEST(nothing_comparable_is_neither_good_nor_bad),
    };
    return cmocka_run_group_tests_name("pipeline/compare/gate", tests, NULL,
                                       NULL);
}
