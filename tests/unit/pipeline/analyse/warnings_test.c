/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "case.h"
#include "metering/window.h"

static void add_log_warning(test_case *one, const char *code) {
    one->log.warnings =
        realloc(one->log.warnings,
                (one->log.warning_count + 1) * sizeof(*one->log.warnings));
    assert_non_null(one->log.warnings);
    gb_warning *warning = &one->log.warnings[one->log.warning_count++];
    *warning = (gb_warning){0};
    gb_copy(warning->code, sizeof(warning->code), code);
}

static void each_quality_below_measured_is_said_once(void **state) {
    static const struct {
        gb_quality quality;
        const char *code;
    } cases[] = {{GB_QUALITY_UNAVAILABLE, "energy.unavailable"},
                 {GB_QUALITY_MODELLED, "energy.modelled"},
                 {GB_QUALITY_REPLAYED, "energy.replayed"},
                 {GB_QUALITY_SIMULATED, "energy.simulated"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int said = 0; said < 2; said++) {
            test_case one;
            size_t found = 0;

            case_open(&one, 2, 10);
            one.log.session.nodes[1].cover.quality = cases[i].quality;
            if (said)
                add_log_warning(&one, cases[i].code);
            gb_result result = case_analyse(&one);
            for (size_t k = 0; k < result.warning_count; k++)
                found += strcmp(result.warnings[k].code, cases[i].code) == 0;
            if (found != 1)
                fail_msg("%s: %zu times", cases[i].code, found);
            gb_result_fini(&result);
            case_close(&one);
        }
}

/* Without another root it is a library that makes the figures up. */
static void what_simulates_is_named(void **state) {
    static const char *const sysroots[] = {"/saved/machine", ""};
    static const char *const words[] = {"'/saved/machine'",
                                        "library of 'nvml'"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        test_case one;

        case_open(&one, 1, 10);
        gb_copy(one.log.session.sysroot, sizeof(one.log.session.sysroot),
                sysroots[i]);
        gb_node *node = &one.log.session.nodes[0];
        node->cover.quality = GB_QUALITY_SIMULATED;
        node->domains = calloc(1, sizeof(*node->domains));
        assert_non_null(node->domains);
        node->domain_count = 1;
        node->domains[0].quality = GB_QUALITY_SIMULATED;
        gb_copy(node->domains[0].source, 16, "nvml");
        gb_result result = case_analyse(&one);
        const gb_warning *warning = case_warning(&result, "energy.simulated");
        assert_non_null(warning);
        if (!strstr(warning->what, words[i]))
            fail_msg("expected %s, got %s", words[i], warning->what);
        gb_result_fini(&result);
        case_close(&one);
    }
}

static void what_cannot_be_read_is_said_with_its_fix(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 1, 10);
    gb_node *node = &one.log.session.nodes[0];
    node->cover.quality = GB_QUALITY_UNAVAILABLE;
    node->domains = calloc(2, sizeof(*node->domains));
    assert_non_null(node->domains);
    node->domain_count = 2;
    node->domains[0].status = GB_DOMAIN_ABSENT;
    node->domains[1].status = GB_DOMAIN_FORBIDDEN;
    gb_copy(node->domains[1].reason, 200, "permission denied");
    gb_copy(node->domains[1].fix, 240, "install the rules file");
    gb_result result = case_analyse(&one);
    const gb_warning *warning = case_warning(&result, "energy.unavailable");
    assert_non_null(warning);
    assert_non_null(strstr(warning->what, "1 of 1 nodes"));
    assert_non_null(strstr(warning->what, "permission denied"));
    assert_string_equal(warning->hint, "install the rules file");
    gb_result_fini(&result);
    case_close(&one);
}

static void warnings_of_the_run_come_first(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 1, 10);
    add_log_warning(&one, "binding.overlap");
    add_log_warning(&one, "plugin.refused");
    one.log.has_end = false;
    gb_result result = case_analyse(&one);
    assert_int_equal(result.warning_count, 3);
    assert_string_equal(result.warnings[0].code, "binding.overlap");
    assert_string_equal(result.warnings[1].code, "plugin.refused");
    gb_result_fini(&result);
    case_close(&one);
}

static void a_window_that_is_not_the_timed_call_is_flagged(void **state) {
    static const struct {
        double ratio;
        bool flagged;
        const char *word;
    } cases[] = {{1.009, false, ""},
                 {1.011, true, "longer"},
                 {0.991, false, ""},
                 {0.989, true, "shorter"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_case one;

        case_open(&one, 1, 10);
        for (size_t k = 0; k < 10; k++)
            one.reduced.cases[0].reps[k].window_s = 2.0 * cases[i].ratio;
        gb_result result = case_analyse(&one);
        const gb_warning *warning = case_warning(&result, "energy.window");
        if ((warning != NULL) != cases[i].flagged ||
            (warning != NULL && strstr(warning->what, cases[i].word) == NULL))
            fail_msg("ratio %g: '%s'", cases[i].ratio,
                     warning != NULL ? warning->what : "");
        gb_result_fini(&result);
        case_close(&one);
    }
}

static void clocks_far_apart_are_told_and_those_near_are_not(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 3, 10);
    one.log.session.nodes[1].clock_offset_s = -0.5; /* within its bound */
    one.log.session.nodes[1].clock_offset_bound_s = 0.2;
    one.log.session.nodes[2].clock_offset_s = 0.3;
    one.log.session.nodes[2].clock_offset_bound_s = 1e-5;
    gb_result result = case_analyse(&one);
    assert_null(case_warning(&result, "clock.offset"));
    gb_result_fini(&result);

    one.log.session.nodes[2].clock_offset_s = 3.5;
    result = case_analyse(&one);
    const gb_warning *warning = case_warning(&result, "clock.offset");
    assert_non_null(warning);
    assert_non_null(strstr(warning->what, "1 of 3 nodes"));
    assert_non_null(strstr(warning->what, "node2 by +3.5 s (known to "
                                          "+-1e-05 s) from node0's"));
    gb_result_fini(&result);
    case_close(&one);
}

static void a_node_without_counters_does_not_measure_something_else(
    void **state) {
    test_case one;

    (void)state;
    case_open(&one, 3, 10);
    one.log.session.nodes[2].cover = (gb_energy_cover){0};
    gb_result result = case_analyse(&one);
    assert_null(case_warning(&result, "energy.scopes"));
    gb_result_fini(&result);
    case_close(&one);
}

/* Rule 19: the first node that lacks something speaks for the others; energy
 * that was required was not had. */
static void a_partial_sum_is_told_and_is_not_all_energy(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 3, 10);
    gb_result result = case_analyse(&one);
    assert_null(case_warning(&result, "energy.partial"));
    assert_false(result.energy_short);
    gb_result_fini(&result);
    for (size_t n = 1; n < 3; n++) {
        gb_energy_cover *cover = &one.log.session.nodes[n].cover;
        gb_copy(cover->holds, sizeof(cover->holds), "1 of 2 packages");
        gb_copy(cover->missing, sizeof(cover->missing),
                "1 of 2 packages has no counter");
    }
    for (size_t i = 0; i < 10; i++)
        one.reduced.cases[0].reps[i].energy.flags |= GB_FLAG(PARTIAL);
    result = case_analyse(&one);
    const gb_warning *warning = case_warning(&result, "energy.partial");
    assert_non_null(warning);
    assert_non_null(strstr(warning->what,
                           "2 of 3 nodes is partial: node1 sums 1 of 2 "
                           "packages: 1 of 2 packages has no counter"));
    assert_true(result.energy_short);
    assert_int_equal(result.benches[0].energy.flags, GB_FLAG(PARTIAL));
    gb_result_fini(&result);
    case_close(&one);
}

static void nodes_that_measure_different_things_are_named(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 3, 10);
    gb_copy(one.log.session.nodes[2].cover.holds,
            sizeof(one.log.session.nodes[2].cover.holds), "2 packages + DRAM");
    gb_result result = case_analyse(&one);
    const gb_warning *warning = case_warning(&result, "energy.scopes");
    assert_non_null(warning);
    assert_non_null(strstr(warning->what, "node2 has '2 packages + DRAM'"));
    gb_result_fini(&result);
    case_close(&one);
}

static void missing_things_are_counted(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 1, 10);
    one.plan.cases[0].repeats = 12;
    one.log.session.counters_absent = strdup("PAPI_TOT_INS: no counters");
    one.log.damaged_lines = 1;
    one.reduced.sources = calloc(1, sizeof(*one.reduced.sources));
    assert_non_null(one.reduced.sources);
    one.reduced.sources[0] = (gb_source_figure){.reads = 100, .errors = 10};
    one.reduced.source_count = 1;
    one.reduced.cases[0].reps[0].energy.gaps = 2;
    gb_result result = case_analyse(&one);
    const gb_warning *errors = case_warning(&result, "energy.errors");
    const gb_warning *reps = case_warning(&result, "trial.repetitions");
    assert_non_null(errors);
    assert_non_null(strstr(errors->what, "10 of 100 reads"));
    assert_non_null(reps);
    assert_non_null(strstr(reps->what, "10 of 12 repetitions"));
    assert_non_null(case_warning(&result, "counters.absent"));
    assert_non_null(case_warning(&result, "run.damaged"));
    assert_non_null(case_warning(&result, "energy.gaps"));
    gb_result_fini(&result);
    case_close(&one);
}

/* Rule 46: 10 % at k = 2, of the resolution alone. 2000 J in ten repetitions,
 * of which each has this phase error. */
static void energy_is_resolved_to_ten_percent_or_not_at_all(void **state) {
    static const struct {
        double phase_j;
        bool resolved;
    } cases[] = {{31.0, true}, {32.0, false}};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        test_case one;

        case_open(&one, 1, 10);
        for (size_t i = 0; i < 10; i++) {
            gb_energy_budget *budget =
                &one.reduced.cases[0].reps[i].energy.budget;
            budget->phase_j = cases[k].phase_j;
            gb_budget_calibrate(budget, 1, 60.0); /* hides nothing */
        }
        gb_result result = case_analyse(&one);
        assert_true(result.benches[0].valid);
        assert_int_equal(!isnan(result.benches[0].efficiency),
                         cases[k].resolved);
        assert_int_equal(case_warning(&result, "energy.resolution") == NULL,
                         cases[k].resolved);
        gb_result_fini(&result);
        case_close(&one);
    }
}

static void a_figure_that_is_missing_is_explained(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 1, 10);
    one.reduced.cases[0].reps[0].energy = (gb_energy_figure){
        .energy_j = NAN, .u_j = NAN, .reason = "it was reset"};
    gb_result result = case_analyse(&one);
    const gb_warning *warning = case_warning(&result, "energy.none");
    assert_non_null(warning);
    assert_non_null(strstr(warning->what, "it was reset"));
    gb_result_fini(&result);

    case_set(&one, 0, 2.0, 100.0, 200.0);
    for (size_t i = 0; i < 10; i++)
        one.reduced.cases[0].reps[i].energy.budget.phase_j = 100.0;
    result = case_analyse(&one);
    warning = case_warning(&result, "energy.resolution");
    assert_non_null(warning);
    assert_non_null(strstr(warning->what, "not resolvable"));
    gb_result_fini(&result);
    case_close(&one);
}

/* Rule 53: 2 s at 100 W, then up to 110 W; scatter of a watt, or of ten. */
static void power_that_drifts_is_warned_about(void **state) {
    static const struct {
        double rise_w, scatter_w;
        bool warned;
    } cases[] = {{0.0, 1.0, false},
                 {10.0, 1.0, true},
                 {-10.0, 1.0, true},
                 {10.0, 20.0, false},
                 {0.5, 0.01, false}}; /* sure, and too little to matter */

    (void)state;
    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
        test_case one;

        case_open(&one, 1, 10);
        for (size_t i = 0; i < 10; i++) {
            const double power_w = 100.0 + cases[k].rise_w * (double)i / 9.0 +
                                   (i % 2 ? 0.5 : -0.5) * cases[k].scatter_w;
            case_set(&one, i, 2.0, 100.0, power_w * 2.0 * 1.005);
            one.reduced.cases[0].reps[i].energy.budget.phase_j = 0.0;
        }
        gb_result result = case_analyse(&one);
        const gb_bench_result *bench = &result.benches[0];
        const gb_warning *warning = case_warning(&result, "power.drift");
        /* Three of ten either side: 1 and 8 on the way. */
        const double drift_w = cases[k].rise_w * 7.0 / 9.0;
        assert_true(fabs(bench->drift_w - drift_w) <=
                    cases[k].scatter_w / 3.0 + 1e-9);
        assert_true(bench->drift_u95_w > 0.0);
        if ((warning != NULL) != cases[k].warned)
            fail_msg("%g W of %g W: drift %g +- %g W", cases[k].rise_w,
                     cases[k].scatter_w, bench->drift_w, bench->drift_u95_w);
        gb_result_fini(&result);
        case_close(&one);

        case_open(&one, 1, 5);
        result = case_analyse(&one);
        assert_true(isnan(result.benches[0].drift_w));
        gb_result_fini(&result);
        case_close(&one);
    }
}

/* Rules 3, 13 and 29: one warning for each fault, of the first such counter. */
static void counters_with_known_faults_are_warned_about(void **state) {
    gb_energy_domain domains[] = {
        {.source = "powercap", .name = "package-0"},
        {.source = "powercap",
         .name = "package-0/dram",
         .suspect = "spr_dram_unit",
         .reason = "3.99 times",
         .fix = "use Linux 6.1"},
        {.source = "powercap",
         .name = "package-1/dram",
         .suspect = "spr_dram_unit"},
        {.source = "powercap",
         .name = "foo",
         .status = GB_DOMAIN_OK,
         .scope = GB_SCOPE_OTHER,
         .suspect = "unknown_zone",
         .reason = "what it covers is not known; zone 99"},
    };
    test_case one;

    (void)state;
    case_open(&one, 1, 10);
    gb_node *node = &one.log.session.nodes[0];
    const gb_node before = *node;
    node->domains = domains;
    node->domain_count = 4;
    gb_result result = case_analyse(&one);
    const gb_warning *first = case_warning(&result, "energy.suspect");
    size_t told = 0;
    for (size_t i = 0; i < result.warning_count; i++)
        told += strcmp(result.warnings[i].code, "energy.suspect") == 0;
    assert_int_equal(told, 2);
    assert_non_null(strstr(
        first->what, "powercap package-0/dram (spr_dram_unit): 3.99 times"));
    assert_string_equal(first->hint, "use Linux 6.1");
    assert_non_null(strstr(first[1].chinese, "覆盖范围未知；zone 99"));
    gb_result_fini(&result);
    *node = before;
    case_close(&one);
}

/* One warning for each kind: its first node speaks for the others. */
static void contradictions_are_told_with_both_values(void **state) {
    gb_contradiction found[] = {
        {0, "energy.exceeds", "4 of 'powercap' 200 W inside 'hwmon' 150 W",
         "部分之和超过整体"},
        {0, "energy.disagree", "'powercap' 60 W, 'perf' 90 W", ""},
        {1, "energy.exceeds", "4 of 'powercap' 210 W inside 'hwmon' 155 W", ""},
    };
    test_case one;

    (void)state;
    case_open(&one, 2, 10);
    one.reduced.contradictions = found;
    one.reduced.contradiction_count = 3;
    gb_result result = case_analyse(&one);
    const gb_warning *exceeds = case_warning(&result, "energy.exceeds");
    size_t told = 0;
    for (size_t i = 0; i < result.warning_count; i++)
        told += strcmp(result.warnings[i].code, "energy.exceeds") == 0;
    assert_int_equal(told, 1);
    assert_non_null(strstr(exceeds->what, "200 W inside 'hwmon' 150 W"));
    assert_non_null(strstr(exceeds->what, "(2 of 2 nodes)"));
    assert_non_null(
        strstr(exceeds->chinese, "（2 个节点中的 2 个）：部分之和"));
    assert_non_null(case_warning(&result, "energy.disagree"));
    gb_result_fini(&result);
    one.reduced.contradictions = NULL;
    case_close(&one);
}

static void a_sampler_that_cannot_keep_up_is_named(void **state) {
    gb_sampler_cost costs[2] = {{.wakeups = 1000, .late = 9},
                                {.wakeups = 900, .late = 100}};
    test_case one;

    (void)state;
    case_open(&one, 2, 10);
    gb_sampler_cost *before = one.log.end.costs;
    const bool had_end = one.log.has_end;
    one.log.end.costs = costs;
    one.log.has_end = true;
    gb_result result = case_analyse(&one);
    const gb_warning *late = case_warning(&result, "sampler.late");
    assert_non_null(late);
    assert_non_null(strstr(late->what, "missed 100 of 1000 ticks"));
    gb_result_fini(&result);
    costs[1].late = 1;
    result = case_analyse(&one);
    assert_null(case_warning(&result, "sampler.late"));
    gb_result_fini(&result);
    one.log.end.costs = before;
    one.log.has_end = had_end;
    case_close(&one);
}

/* Measured energy that did not stay readable is not measured energy. */
static void a_summed_counter_that_failed_is_missing_energy(void **state) {
    gb_source_figure sources[] = {
        {.reads = 100},
        {.domain = 1,
         .reads = 100,
         .errors = 3,
         .status = GB_DOMAIN_FAILED,
         .reason = "3 of 100 reads failed"},
    };
    test_case one;

    (void)state;
    case_open(&one, 1, 10);
    gb_node *node = &one.log.session.nodes[0];
    gb_energy_domain *before = node->domains;
    const size_t before_count = node->domain_count;
    gb_energy_domain domains[] = {
        {.source = "powercap", .name = "package-0", .summed = true},
        {.source = "powercap", .name = "package-1", .summed = true}};
    node->domains = domains;
    node->domain_count = 2;
    one.reduced.sources = sources;
    one.reduced.source_count = 2;
    gb_result result = case_analyse(&one);
    const gb_warning *warning = case_warning(&result, "energy.source");
    assert_non_null(warning);
    assert_non_null(
        strstr(warning->what, "powercap package-1 is failed: 3 of"));
    assert_true(result.energy_short);
    gb_result_fini(&result);
    /* Of a counter that nobody sums, nothing depends. */
    domains[1].summed = false;
    result = case_analyse(&one);
    assert_null(case_warning(&result, "energy.source"));
    assert_false(result.energy_short);
    gb_result_fini(&result);
    one.reduced.sources = NULL;
    one.reduced.source_count = 0;
    node->domains = before;
    node->domain_count = before_count;
    case_close(&one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_quality_below_measured_is_said_once),
        cmocka_unit_test(what_simulates_is_named),
        cmocka_unit_test(what_cannot_be_read_is_said_with_its_fix),
        cmocka_unit_test(warnings_of_the_run_come_first),
        cmocka_unit_test(a_window_that_is_not_the_timed_call_is_flagged),
        cmocka_unit_test(a_partial_sum_is_told_and_is_not_all_energy),
        cmocka_unit_test(energy_is_resolved_to_ten_percent_or_not_at_all),
        cmocka_unit_test(nodes_that_measure_different_things_are_named),
        cmocka_unit_test(
            a_node_without_counters_does_not_measure_something_else),
        cmocka_unit_test(clocks_far_apart_are_told_and_those_near_are_not),
        cmocka_unit_test(missing_things_are_counted),
        cmocka_unit_test(a_figure_that_is_missing_is_explained),
        cmocka_unit_test(power_that_drifts_is_warned_about),
        cmocka_unit_test(counters_with_known_faults_are_warned_about),
        cmocka_unit_test(contradictions_are_told_with_both_values),
        cmocka_unit_test(a_sampler_that_cannot_keep_up_is_named),
        cmocka_unit_test(a_summed_counter_that_failed_is_missing_energy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
