/* SPDX-License-Identifier: Apache-2.0 */
/* Energy proportionality from the levels of the benchmark `load` (F. Ryckbosch,
 * S. Polfliet, L. Eeckhout, "Trends in Server Energy Proportionality", Computer
 * 44(9), 2011; idle-to-peak ratio and linear deviation after G. Varsamopoulos,
 * S. Gupta, ICPPW 2010). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "metering/window.h"
#include "pipeline/assess/score_parts.h"

#define LEVELS_LEAST 3
#define FULL         1.0

/* A point of the curve, with what its power may be off by. */
typedef struct measured {
    double load; /* asked for, of 1 */
    double performance, power_w, power_u_w;
    gb_mean_error error;
} measured;

/* --- what was measured ---------------------------------------------------- */

static double level_of(const gb_plan_case *planned) {
    for (size_t i = 0; i < planned->param_count; i++)
        if (strcmp(planned->params[i].name, "level") == 0)
            return planned->params[i].f64 / 100.0;
    return NAN;
}

static size_t powers_of(const gb_reduced_case *one, double *values) {
    size_t count = 0;

    for (size_t i = 0; i < one->rep_count; i++)
        if (one->reps[i].valid)
            values[count++] =
                one->reps[i].energy.energy_j / one->reps[i].energy.window_s;
    return count;
}

static gb_status take_level(const gb_assess_run *run, size_t at, measured *out,
                            gb_error *err) {
    const gb_reduced_case *one = &run->reduced->cases[at];
    const gb_bench_result *bench = &run->result->benches[at];
    double *values = calloc(one->rep_count + 1, sizeof(*values));

    if (values == NULL)
        return gb_fail_memory(err, "the levels of load");
    const size_t count = powers_of(one, values);
    *out =
        (measured){.load = level_of(&run->plan->cases[one->case_index]),
                   .performance = bench->performance.median,
                   .power_w = bench->power_w,
                   .power_u_w = bench->power_u_w,
                   .error = gb_score_mean_error(values, count, &bench->energy)};
    free(values);
    return GB_OK;
}

/* At rest: the benchmark `idle`, else the windows around the suite, as
 * pipeline/analyse takes it. @return false: there is none */
static bool take_idle(const gb_assess_run *run, measured *out,
                      gb_quality *quality) {
    const gb_result *result = run->result;
    gb_energy_figure energy = gb_figure_zero();

    for (size_t i = 0; i < result->bench_count; i++)
        if (result->benches[i].valid &&
            strcmp(run->plan->cases[result->benches[i].case_index].id,
                   "idle") == 0)
            energy = result->benches[i].energy;
    if (!(energy.energy_j > 0.0)) {
        if (result->idle_before.present)
            gb_figure_add_serial(&energy, &result->idle_before.energy);
        if (result->idle_after.present)
            gb_figure_add_serial(&energy, &result->idle_after.energy);
    }
    if (!(energy.energy_j > 0.0) || !(result->proportionality.idle_w > 0.0))
        return false;
    *out = (measured){.power_w = result->proportionality.idle_w,
                      .power_u_w = result->proportionality.idle_u_w,
                      .error = gb_score_figure_error(&energy)};
    if (energy.quality < *quality)
        *quality = energy.quality;
    return true;
}

static int by_load(const void *a, const void *b) {
    const double x = ((const measured *)a)->load;
    const double y = ((const measured *)b)->load;

    return (x > y) - (x < y);
}

/* --- the curve ------------------------------------------------------------ */

/* Sums of terms c_k of a quantity: what varies in quadrature, the bias of the
 * meter, of which that of full load is taken off, linearly. */
typedef struct terms {
    double squares, bias, quartic;
} terms;

static void add_term(terms *sum, double c, const gb_mean_error *error) {
    const double varies = c * error->varies;

    sum->squares += varies * varies;
    sum->quartic += pow(varies, 4.0) / error->dof;
    sum->bias += c * error->bias;
}

static gb_score conclude(double value, const terms *sum) {
    const double u = sqrt(sum->squares + sum->bias * sum->bias);

    return gb_score_make(value, u, gb_score_dof(u, sum->quartic));
}

/* EP = 2 - 2 A, A the area below power by full power over load, trapezoids. */
static void find_proportionality(const measured *points, gb_load_curve *out) {
    const size_t last = out->count - 1;
    double area = 0.0, of_full = 0.0;
    terms sum = {0};

    for (size_t k = 0; k <= last; k++) {
        const double left = k > 0 ? out->points[k - 1].load : 0.0;
        const double right = k < last ? out->points[k + 1].load : FULL;
        const double width = 0.5 * (right - left);
        area += width * out->points[k].share;
        if (k == last)
            continue;
        of_full += width * out->points[k].share;
        add_term(&sum, 2.0 * width * out->points[k].share, &points[k].error);
    }
    add_term(&sum, -2.0 * of_full, &points[last].error);
    out->proportionality = conclude(2.0 - 2.0 * area, &sum);
}

static void find_range(const measured *points, gb_load_curve *out) {
    const double share = out->points[0].share;
    terms sum = {0};

    add_term(&sum, share, &points[0].error);
    add_term(&sum, -share, &points[out->count - 1].error);
    out->idle_share = conclude(share, &sum);
    out->dynamic_range = conclude(1.0 - share, &sum);
}

/* The largest of (P - line) / line, the line from idle to full load. */
static void find_deviation(const measured *points, gb_load_curve *out) {
    const gb_load_point *list = out->points;
    const size_t last = out->count - 1;
    double worst = 0.0;
    terms sum = {0};
    size_t at = 0;

    for (size_t k = 1; k < last; k++) {
        const double line =
            list[0].share + list[k].load * (FULL - list[0].share);
        const double off = list[k].share / line - 1.0;
        if (at > 0 && !(fabs(off) > fabs(worst)))
            continue;
        worst = off;
        at = k;
    }
    const double line = list[0].share + list[at].load * (FULL - list[0].share);
    const double whole = 1.0 + worst;
    add_term(&sum, whole, &points[at].error);
    add_term(&sum, -whole * list[0].share * (FULL - list[at].load) / line,
             &points[0].error);
    add_term(&sum, -whole * list[at].load / line, &points[last].error);
    out->deviation = conclude(worst, &sum);
    out->deviation_load = list[at].load;
}

/* @return false: loads do not rise from point to point */
static bool fill_points(const measured *points, gb_load_curve *out) {
    const measured *full = &points[out->count - 1];

    for (size_t k = 0; k < out->count; k++) {
        out->points[k] = (gb_load_point){
            .load = k > 0 ? points[k].performance / full->performance : 0.0,
            .share = points[k].power_w / full->power_w,
            .power_w = points[k].power_w,
            .power_u_w = points[k].power_u_w};
        if (k > 0 && !(out->points[k].load > out->points[k - 1].load))
            return false;
    }
    return true;
}

/* --- together ------------------------------------------------------------- */

static void refuse(gb_load_curve *out, const char *reason) {
    gb_copy(out->reason, sizeof(out->reason), reason);
    out->count = 0;
}

static void find_curve(const measured *points, gb_load_curve *out) {
    if (!fill_points(points, out)) {
        refuse(out, "more load was not more work per second");
        return;
    }
    find_proportionality(points, out);
    find_range(points, out);
    find_deviation(points, out);
}

/* Levels behind points[0], which is left to idle. */
static gb_status gather(const gb_assess_run *run, measured *points,
                        gb_load_curve *out, gb_error *err) {
    gb_status status = GB_OK;

    out->count = 1;
    for (size_t i = 0; i < run->reduced->case_count && status == GB_OK; i++) {
        const gb_bench_result *bench = &run->result->benches[i];
        if (strcmp(run->plan->cases[bench->case_index].id, "load") != 0)
            continue;
        if (gb_score_doubt(bench, out->reason, sizeof(out->reason)))
            return GB_OK;
        if (bench->energy.quality == GB_QUALITY_MODELLED)
            gb_copy(out->reason, sizeof(out->reason),
                    "energy was estimated from the load, not measured: this "
                    "would be the proportionality of the estimate");
        if (bench->energy.quality < out->quality)
            out->quality = bench->energy.quality;
        status = take_level(run, i, &points[out->count++], err);
    }
    if (status == GB_OK)
        qsort(points + 1, out->count - 1, sizeof(*points), by_load);
    return status;
}

gb_status gb_score_load(const gb_assess_run *run, gb_load_curve *out,
                        gb_error *err) {
    const size_t room = run->reduced->case_count + 2;
    measured *points = calloc(room, sizeof(*points));

    *out = (gb_load_curve){.points = calloc(room, sizeof(*out->points)),
                           .proportionality = gb_score_none(),
                           .idle_share = gb_score_none(),
                           .dynamic_range = gb_score_none(),
                           .deviation = gb_score_none(),
                           .deviation_load = NAN,
                           .quality = GB_QUALITY_MEASURED};
    if (points == NULL || out->points == NULL) {
        free(points);
        return gb_fail_memory(err, "the levels of load");
    }
    const gb_status status = gather(run, points, out, err);
    if (status == GB_OK && out->reason[0] != '\0')
        out->count = 0;
    else if (status == GB_OK && (out->count - 1 < LEVELS_LEAST ||
                                 points[out->count - 1].load < FULL))
        refuse(out, "it takes load at three levels or more, 100 % among them: "
                    "-b load,idle -p load.level=10%..100%+10%");
    else if (status == GB_OK && !take_idle(run, &points[0], &out->quality))
        refuse(out, "power at rest was not measured: -b load,idle");
    else if (status == GB_OK)
        find_curve(points, out);
    free(points);
    return status;
}
