/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/trace.h"

#include <stdio.h>
#include <stdlib.h>

#include "emulator/counter.h"
#include "support/gb_test.h"

static gb_trace *points_trace(gb_trace_kind kind, const gb_trace_point *points,
                              size_t count, double repeat_s, gb_status want) {
    gb_error err = {0};
    gb_trace *trace = calloc(1, sizeof(*trace));
    gb_trace_point *copy = calloc(count + 1, sizeof(*copy));
    assert_non_null(trace);
    assert_non_null(copy);
    memcpy(copy, points, count * sizeof(*copy));
    trace->kind = kind;
    GB_EXPECT_STATUS(want,
                     gb_trace_set_points(trace, copy, count, repeat_s, &err),
                     "points", err);
    return trace;
}

static const gb_trace_point stairs[] = {
    {0, 50}, {1.25, 200}, {3.5, 0}, {4, 80}};

/* Midpoint rule; @p steps so many that a jump weighs less than the tolerance.
 */
static double quadrature(const gb_trace *trace, double t0_s, double t1_s,
                         int steps) {
    const double h_s = (t1_s - t0_s) / steps;
    double sum = 0;
    for (int i = 0; i < steps; i++)
        sum += gb_trace_power_w(trace, t0_s + (i + 0.5) * h_s);
    return sum * h_s;
}

typedef struct shapes {
    gb_history history;
    gb_trace constant, sine, square, cpu, share, sum;
    gb_trace *step, *step_again, *line, *line_again;
    gb_trace *parts[3];
    const gb_trace *all[10];
} shapes;

static void make_history(gb_history *history) {
    gb_error err = {0};
    for (int i = 0; i <= 2000; i++)
        GB_EXPECT_STATUS(GB_OK,
                         gb_history_append(history, 0.01 * i,
                                           gb_mix_unit(5, (uint64_t)i), &err),
                         "history", err);
}

static void make_shapes(shapes *s) {
    *s = (shapes){
        .constant = {.kind = GB_TRACE_CONSTANT, .low_w = 123.4},
        .sine = {.kind = GB_TRACE_SINE,
                 .low_w = 100,
                 .high_w = 100,
                 .frequency_hz = 0.73,
                 .phase_cycles = 0.2},
        .square = {.kind = GB_TRACE_SQUARE,
                   .low_w = 50,
                   .high_w = 250,
                   .frequency_hz = 0.7,
                   .phase_cycles = -0.1,
                   .duty = 0.3},
        .cpu = {.kind = GB_TRACE_CPU, .low_w = 30, .high_w = 230},
        .share = {.kind = GB_TRACE_DOMAIN, .share = 0.25},
        .sum = {.kind = GB_TRACE_SUM, .part_count = 3},
    };
    make_history(&s->history);
    s->cpu.history = &s->history;
    s->step = points_trace(GB_TRACE_STEP, stairs, 4, 0, GB_OK);
    s->step_again = points_trace(GB_TRACE_STEP, stairs, 4, 5.5, GB_OK);
    s->line = points_trace(GB_TRACE_LINE, stairs, 4, 0, GB_OK);
    s->line_again = points_trace(GB_TRACE_LINE, stairs, 4, 4, GB_OK);
    s->share.other = &s->square;
    s->parts[0] = &s->sine;
    s->parts[1] = s->step_again;
    s->parts[2] = &s->share;
    s->sum.parts = s->parts;
    const gb_trace *all[10] = {
        &s->constant, &s->sine, &s->square,    &s->cpu, &s->share,
        &s->sum,      s->step,  s->step_again, s->line, s->line_again};
    memcpy(s->all, all, sizeof(all));
}

static void free_shapes(shapes *s) {
    gb_trace_free(s->step);
    gb_trace_free(s->step_again);
    gb_trace_free(s->line);
    gb_trace_free(s->line_again);
    gb_history_fini(&s->history);
}

static void integrals_agree_with_quadrature(void **state) {
    (void)state;
    shapes s;
    make_shapes(&s);
    for (size_t i = 0; i < 10; i++)
        for (uint64_t n = 0; n < 40; n++) {
            const double t0_s = 14 * gb_mix_unit(1, n);
            const double t1_s = t0_s + 5 * gb_mix_unit(2, n);
            const double want_j = quadrature(s.all[i], t0_s, t1_s, 40000);
            char label[40];
            snprintf(label, sizeof(label), "trace %zu window %d", i, (int)n);
            /* A cell that holds a jump of 250 W is wrong by half of it; the
             * processors' trace has a jump each 10 ms. */
            GB_EXPECT_NEAR(want_j, gb_trace_energy_j(s.all[i], t0_s, t1_s),
                           s.all[i]->kind == GB_TRACE_CPU ? 0.2 : 0.12, label);
        }
    free_shapes(&s);
}

static void integrals_add_up(void **state) {
    (void)state;
    shapes s;
    make_shapes(&s);
    for (size_t i = 0; i < 10; i++)
        for (uint64_t n = 0; n < 200; n++) {
            const double a_s = 20 * gb_mix_unit(3, n);
            const double b_s = a_s + 10 * gb_mix_unit(4, n);
            const double c_s = b_s + 10 * gb_mix_unit(5, n);
            const double whole_j = gb_trace_energy_j(s.all[i], a_s, c_s);
            GB_EXPECT_NEAR(whole_j,
                           gb_trace_energy_j(s.all[i], a_s, b_s) +
                               gb_trace_energy_j(s.all[i], b_s, c_s),
                           1e-9, "sum of two windows");
            assert_true(whole_j >= 0);
        }
    free_shapes(&s);
}

static void exact_values(void **state) {
    (void)state;
    shapes s;
    make_shapes(&s);
    /* Whole periods of a square wave: low + duty * (high - low). */
    GB_EXPECT_NEAR(110.0 * 1000 / 0.7,
                   gb_trace_energy_j(&s.square, 3, 3 + 1000 / 0.7), 1e-7,
                   "square");
    GB_EXPECT_NEAR(100.0 * 1000 / 0.73,
                   gb_trace_energy_j(&s.sine, 5, 5 + 1000 / 0.73), 1e-7,
                   "sine");
    GB_EXPECT_NEAR(50 * 1.25 + 200 * 2.25 + 0 + 80 * 6,
                   gb_trace_energy_j(s.step, 0, 10), 1e-12, "step");
    GB_EXPECT_NEAR(50 * 1.25 + 200 * 2.25 + 80 * 1.5,
                   gb_trace_energy_j(s.step_again, 5.5, 11), 1e-12, "repeat");
    GB_EXPECT_NEAR(125 * 1.25 + 100 * 2.25 + 40 * 0.5,
                   gb_trace_energy_j(s.line, 0, 4), 1e-12, "line");
    GB_EXPECT_NEAR(0.25 * 110 * 10 / 0.7,
                   gb_trace_energy_j(&s.share, 0, 10 / 0.7), 1e-9, "share");
    GB_EXPECT_NEAR(250, gb_trace_max_w(&s.square), 0, "max of a square");
    GB_EXPECT_NEAR(200 + 200 + 62.5, gb_trace_max_w(&s.sum), 0, "max of a sum");
    free_shapes(&s);
}

static void a_month_keeps_its_last_place(void **state) {
    (void)state;
    const gb_trace sine = {.kind = GB_TRACE_SINE,
                           .low_w = 1000,
                           .high_w = 1000,
                           .frequency_hz = 50};
    double before_j = gb_trace_energy_j(&sine, 0, 2.6e6);
    for (int i = 1; i <= 4000; i++) {
        const double now_j = gb_trace_energy_j(&sine, 0, 2.6e6 + i * 1e-5);
        assert_true(now_j >= before_j);
        before_j = now_j;
    }
}

static void points_that_make_no_trace(void **state) {
    (void)state;
    static const gb_trace_point late[] = {{1, 50}};
    static const gb_trace_point back[] = {{0, 50}, {2, 50}, {2, 60}};
    static const gb_trace_point negative[] = {{0, -1}};
    static const gb_trace_point not_finite[] = {{0, INFINITY}};
    gb_trace_free(points_trace(GB_TRACE_STEP, late, 1, 0, GB_ERR_RANGE));
    gb_trace_free(points_trace(GB_TRACE_STEP, back, 3, 0, GB_ERR_RANGE));
    gb_trace_free(points_trace(GB_TRACE_LINE, negative, 1, 0, GB_ERR_RANGE));
    gb_trace_free(points_trace(GB_TRACE_LINE, not_finite, 1, 0, GB_ERR_RANGE));
    gb_trace_free(points_trace(GB_TRACE_LINE, stairs, 0, 0, GB_ERR_RANGE));
    gb_trace_free(points_trace(GB_TRACE_STEP, stairs, 4, 4, GB_ERR_RANGE));
    gb_trace_free(points_trace(GB_TRACE_LINE, stairs, 4, 3.9, GB_ERR_RANGE));
}

static void csv(void **state) {
    (void)state;
    static const struct {
        const char *text;
        gb_status status;
        size_t count;
        const char *message;
    } cases[] = {
        {"time_s,power_w\n5,100\n6, 120 \n\n# end\n8,90\r\n", GB_OK, 3, ""},
        {"0,1\n1,2", GB_OK, 2, ""},
        {"", GB_OK, 0, ""},
        {"0,1\nword,2\n", GB_ERR_INVALID, 0,
         "x.csv:2: expected 'time_s,power_w', got 'word,2'"},
        {"0,1\n1;2\n", GB_ERR_INVALID, 0,
         "x.csv:2: expected 'time_s,power_w', got '1;2'"},
        {"0,1\n1,2W\n", GB_ERR_INVALID, 0,
         "x.csv:2: expected 'time_s,power_w', got '1,2W'"},
    };
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        gb_trace_point *points = NULL;
        size_t count = 0;
        gb_error err = {0};
        GB_EXPECT_STATUS(
            cases[i].status,
            gb_trace_parse_csv("x.csv", cases[i].text, &points, &count, &err),
            cases[i].text, err);
        assert_int_equal(count, cases[i].count);
        GB_EXPECT_TEXT(cases[i].message, err.what, cases[i].text);
        if (i == 0) {
            GB_EXPECT_NEAR(0, points[0].t_s, 0, "shifted to 0");
            GB_EXPECT_NEAR(3, points[2].t_s, 0, "shifted to 0");
            GB_EXPECT_NEAR(120, points[1].power_w, 0, "spaces");
        }
        free(points);
    }
}

static void the_history_forgets_its_oldest(void **state) {
    (void)state;
    gb_history history = {0};
    gb_error err = {0};
    double begin_s = -1, end_s = -1;
    assert_false(gb_history_span(&history, &begin_s, &end_s));
    const size_t count = GB_HISTORY_SEGMENTS + 1000;
    for (size_t i = 0; i < count; i++)
        GB_EXPECT_STATUS(GB_OK,
                         gb_history_append(&history, 0.01 * (double)i,
                                           i % 2 == 0 ? 1.5 : -1, &err),
                         "append", err);
    assert_true(gb_history_span(&history, &begin_s, &end_s));
    GB_EXPECT_NEAR(10, begin_s, 1e-9, "begin");
    GB_EXPECT_NEAR(0.01 * (double)(count - 1), end_s, 1e-9, "end");
    /* Clamped to 0 and 1, so that half of the time was busy. */
    GB_EXPECT_NEAR(50,
                   gb_history_busy_s(&history, 1100) -
                       gb_history_busy_s(&history, 1000),
                   1e-6, "busy");
    GB_EXPECT_NEAR(0, gb_history_utilisation(&history, 5), 0, "forgotten");
    /* An instant in the past changes nothing. */
    gb_history_append(&history, 3, 1, &err);
    assert_true(gb_history_span(&history, &begin_s, &end_s));
    GB_EXPECT_NEAR(0.01 * (double)(count - 1), end_s, 1e-9, "end");
    gb_history_fini(&history);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integrals_agree_with_quadrature),
        cmocka_unit_test(integrals_add_up),
        cmocka_unit_test(exact_values),
        cmocka_unit_test(a_month_keeps_its_last_place),
        cmocka_unit_test(points_that_make_no_trace),
        cmocka_unit_test(csv),
        cmocka_unit_test(the_history_forgets_its_oldest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
