/* SPDX-License-Identifier: Apache-2.0 */
/* The energy roofline of made runs. */
#include "scored.h"
#include "support/gb_test.h"

typedef struct kernel {
    double flop_per_s, byte_per_s;
} kernel;

static const kernel kernels[] = {{2e12, 0.0},
                                 {1.5e10, 1.8e11},
                                 {0.0, 1.7e11},
                                 {2.8e10, 1.6e11},
                                 {5e11, 1e11}};

/* 30 pJ a flop, 200 pJ a byte, 45 W, and `off` of the last one. */
static void make_kernels(compared_run *run, size_t count, double off) {
    scored_make(run, "run", count);
    scored_rename(run, 0, "compute.fma");
    for (size_t c = 0; c < count; c++) {
        const kernel *k = &kernels[c];
        gb_bench_result *bench = &run->result.benches[c];
        const double power_w =
            (30e-12 * k->flop_per_s + 200e-12 * k->byte_per_s + 45.0) *
            (1.0 + (c + 1 == count ? off : 0.0));
        compared_run_fill(run, c,
                          &(compared_values){.rate = 1.0, .power_w = power_w},
                          &(uint64_t){1});
        bench->power_w = power_w;
        bench->time_s.mean = 1.0;
        bench->counts.flops =
            k->flop_per_s * (double)run->reduced.cases[c].rep_count;
        bench->counts.memory_bytes =
            k->byte_per_s * (double)run->reduced.cases[c].rep_count;
    }
    compared_run_sum(run);
    run->result.proportionality.idle_w = NAN;
}

static void the_fit_finds_what_was_put_in(void **state) {
    compared_run run;
    gb_scores got;

    (void)state;
    make_kernels(&run, GB_COUNT(kernels), 0.0);
    scored_alone(&run, &got);
    const gb_energy_roofline *fit = &got.roofline;
    GB_EXPECT_TEXT("", fit->reason, "fit");
    GB_EXPECT_NEAR(30e-12, fit->flop_j.value, 1e-18, "flop");
    GB_EXPECT_NEAR(200e-12, fit->byte_j.value, 1e-17, "byte");
    GB_EXPECT_NEAR(45.0, fit->constant_w.value, 1e-6, "constant");
    GB_EXPECT_NEAR(200.0 / 30.0, fit->balance.value, 1e-6, "balance");
    GB_EXPECT_NEAR(0.0, fit->residual, 1e-9, "residual");
    assert_int_equal(fit->dof, 2);
    assert_int_equal(fit->quality, GB_QUALITY_MEASURED);
    /* The meter's 3 % is in every coefficient, and not in their ratio. */
    GB_EXPECT_NEAR(SCORED_CALIBRATION * 45.0, fit->constant_w.u, 1e-6,
                   "constant");
    GB_EXPECT_NEAR(SCORED_CALIBRATION * 30e-12, fit->flop_j.u, 1e-17, "flop");
    GB_EXPECT_NEAR(0.0, fit->balance.u, 1e-6, "balance");
    gb_scores_fini(&got);
    run.result.benches[1].energy.quality = GB_QUALITY_SIMULATED;
    scored_alone(&run, &got);
    assert_int_equal(got.roofline.quality, GB_QUALITY_SIMULATED);
    gb_scores_fini(&got);
    compared_run_free(&run);
}

static void a_point_beside_the_model_shows_in_the_residual(void **state) {
    compared_run run;
    gb_scores got;

    (void)state;
    make_kernels(&run, GB_COUNT(kernels), 0.2);
    scored_alone(&run, &got);
    assert_true(got.roofline.residual > 0.02);
    assert_true(got.roofline.worst > 0.02);
    assert_true(got.roofline.flop_j.u >
                SCORED_CALIBRATION * got.roofline.flop_j.value);
    assert_true(got.roofline.flop_j.ci95[0] < 30e-12 &&
                30e-12 < got.roofline.flop_j.ci95[1]);
    gb_scores_fini(&got);
    compared_run_free(&run);
}

static void three_points_are_not_fitted(void **state) {
    compared_run run;
    gb_scores got;

    (void)state;
    make_kernels(&run, 3, 0.0);
    scored_alone(&run, &got);
    assert_true(isnan(got.roofline.constant_w.value));
    assert_non_null(strstr(got.roofline.reason, "takes 4"));
    gb_scores_fini(&got);
    compared_run_free(&run);
    /* Four, of which one does not tell its bytes. */
    make_kernels(&run, 4, 0.0);
    run.result.benches[3].counts.memory_bytes = 0.0;
    scored_alone(&run, &got);
    assert_non_null(strstr(got.roofline.reason, "takes 4"));
    assert_non_null(strstr(scored_reason(&got.roofline.left_out, "memory.b3"),
                           "bytes of memory"));
    gb_scores_fini(&got);
    /* Four of one intensity. */
    for (size_t i = 0; i < 4; i++) {
        run.result.benches[i].counts.flops = 1e9 * (double)(i + 1);
        run.result.benches[i].counts.memory_bytes = 2e9 * (double)(i + 1);
    }
    scored_alone(&run, &got);
    assert_non_null(strstr(got.roofline.reason, "apart"));
    gb_scores_fini(&got);
    run.result.benches[0].energy.quality = GB_QUALITY_MODELLED;
    scored_alone(&run, &got);
    assert_non_null(strstr(got.roofline.reason, "estimate"));
    gb_scores_fini(&got);
    compared_run_free(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fit_finds_what_was_put_in),
        cmocka_unit_test(a_point_beside_the_model_shows_in_the_residual),
        cmocka_unit_test(three_points_are_not_fitted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
