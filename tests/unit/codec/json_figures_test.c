/* SPDX-License-Identifier: Apache-2.0 */
/* What the history keeps of a run reads back equal, and nothing else is taken
 * for it. */
#include "support/gb_test.h"

#include <stdlib.h>

#include "codec/json.h"

static const gb_energy_figure energy = {
    .energy_j = 1.0 / 3.0,
    .budget = {.quantisation_j = 1e-6,
               .phase_j = 0.1,
               .latency_j = 0.0,
               .unsampled_j = 2.5,
               .calibration_j = 3.0,
               .kinds = {{7, 2.0}, {4294967295u, 1.5}},
               .kind_count = 2},
    .quality = GB_QUALITY_MODELLED,
    .flags = GB_FLAG(GAPS) | GB_FLAG(SHARED),
    .reason = "say \"no\""};

static char *figures_text(void) {
    gb_reduced_rep reps[] = {
        {.valid = true,
         .time_s = 0.1,
         .work = 1e9,
         .energy = {.energy_j = 12.34, .window_s = 0.11}},
        {.valid = false, .time_s = 0.2, .energy = {.energy_j = NAN}},
        {.valid = true, .time_s = 0.3, .work = 1e9}};
    gb_reduced_case one = {.case_index = 1, .reps = reps, .rep_count = 3};
    gb_bench_result bench = {
        .valid = true, .reason = "too late", .work = 2e9, .energy = energy};
    const gb_reduced reduced = {.cases = &one, .case_count = 1};
    const gb_result result = {
        .status = GB_RUN_INTERRUPTED, .benches = &bench, .bench_count = 1};
    return gb_json_figures(&reduced, &result);
}

static void figures_read_back_equal(void **state) {
    char *text = figures_text();
    gb_reduced reduced = {0};
    gb_result result = {0};
    gb_error err = {0};
    (void)state;
    assert_non_null(text);
    GB_EXPECT_STATUS(GB_OK,
                     gb_json_read_figures(text, 2, &reduced, &result, &err),
                     "read", err);
    const gb_reduced_case *one = &reduced.cases[0];
    const gb_bench_result *bench = &result.benches[0];
    assert_int_equal(result.status, GB_RUN_INTERRUPTED);
    assert_int_equal(one->case_index, 1);
    assert_int_equal(one->rep_count, 3);
    assert_true(one->reps[0].valid && !one->reps[1].valid);
    assert_true(one->reps[0].time_s == 0.1 && one->reps[0].work == 1e9);
    assert_true(one->reps[0].energy.energy_j == 12.34);
    assert_true(isnan(one->reps[1].energy.energy_j));
    assert_int_equal(bench->time_s.n, 2);
    assert_string_equal(bench->reason, "too late");
    assert_true(bench->energy.energy_j == energy.energy_j);
    assert_int_equal(bench->energy.quality, energy.quality);
    assert_int_equal(bench->energy.flags, energy.flags);
    assert_string_equal(bench->energy.reason, energy.reason);
    assert_int_equal(bench->energy.budget.kind_count, 2);
    assert_int_equal(bench->energy.budget.kinds[1].kind, 4294967295u);
    assert_true(bench->energy.budget.kinds[1].u_j == 1.5);
    assert_true(bench->energy.budget.unsampled_j == 2.5);
    gb_reduced_fini(&reduced);
    gb_result_fini(&result);
    free(text);
}

static void what_is_no_figure_is_refused(void **state) {
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"status\":\"well\",\"cases\":[]}",
        "{\"status\":\"complete\",\"cases\":7}",
        "{\"status\":\"complete\",\"cases\":[1]}",
        "{\"status\":\"complete\",\"cases\":[{\"case\":2,\"energy\":{"
        "\"quality\":\"measured\"}}]}",
        "{\"status\":\"complete\",\"cases\":[{\"case\":0,\"energy\":{"
        "\"quality\":\"perfect\"}}]}",
        "{\"status\":\"complete\",\"cases\":[{\"case\":0,\"energy\":{"
        "\"quality\":\"measured\",\"kinds\":[{},{},{},{},{},{},{}]}}]}",
        "{\"status\":\"complete\",\"cases\":[{\"case\":0,\"energy\":{"
        "\"quality\":\"measured\"},\"repetitions\":[{\"time_s\":\"1\"}]}]}",
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(bad); i++) {
        gb_reduced reduced = {0};
        gb_result result = {0};
        gb_error err = {0};
        GB_EXPECT_STATUS(
            GB_ERR_INVALID,
            gb_json_read_figures(bad[i], 2, &reduced, &result, &err), bad[i],
            err);
        assert_true(err.what[0] != '\0');
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_read_back_equal),
        cmocka_unit_test(what_is_no_figure_is_refused),
    };
    return cmocka_run_group_tests_name("codec/json_figures", tests, NULL, NULL);
}
