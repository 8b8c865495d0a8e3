/* SPDX-License-Identifier: Apache-2.0 */
/* Joules per flop and per byte, and the power that is always there: the model
 * of J. Choi, D. Bedard, R. Fowler, R. Vuduc, "A Roofline Model of Energy",
 * IPDPS 2013, E = W e_flop + Q e_byte + P0 T, divided by T and fitted over the
 * benchmarks of a run. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "pipeline/assess/score_parts.h"
#include "stats/fit.h"

/* Three unknowns, and one more point so that there is a residual. */
#define POINTS_LEAST 4
/* A working set below this many times the caches does not come from memory. */
#define CACHES_TO_EXCEED 2.0

/* --- which benchmarks ----------------------------------------------------- */

static bool fits_caches(const gb_bench_result *bench) {
    static const char *const keys[] = {"cache_multiple",
                                       "matrix_cache_multiple"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        double multiple = 0.0;
        if (gb_parse_f64(gb_score_note(bench, keys[i]), &multiple, NULL) ==
                GB_OK &&
            multiple < CACHES_TO_EXCEED)
            return true;
    }
    return false;
}

/* Why a benchmark is no point of the fit. @return false: it is one */
static bool refuse(const gb_bench_result *bench, const gb_plan_case *planned,
                   char *out, size_t size) {
    const gb_work_counts *counts = &bench->counts;
    const char *why = "";

    if (planned->no_work)
        why = "it does no work";
    else if (strcmp(planned->id, "load") == 0)
        why = "its rate is held down";
    else if (gb_starts_with(planned->id, "network."))
        why = "its work is messages";
    else if (strcmp(gb_score_param(planned, "precision"), "fp32") == 0)
        why = "its flop are single precision";
    else if (!(counts->memory_bytes > 0.0) &&
             strcmp(planned->id, "compute.fma") != 0)
        why = "it does not tell its bytes of memory";
    else if (fits_caches(bench))
        why = "its data fit into the caches";
    if (why[0] == '\0')
        return gb_score_doubt(bench, out, size);
    gb_copy(out, size, why);
    return true;
}

static void take_point(const gb_bench_result *bench, gb_energy_point *out) {
    const double time_s = bench->time_s.mean * (double)bench->time_s.n;

    out->flop_per_s = fmax(bench->counts.flops, 0.0) / time_s;
    out->byte_per_s = fmax(bench->counts.memory_bytes, 0.0) / time_s;
    out->intensity = out->byte_per_s > 0.0 ? out->flop_per_s / out->byte_per_s
                                           : (double)INFINITY;
    out->power_w = bench->power_w;
}

/* @param bias_out  of the meters, of 1; the largest of any point */
static gb_status gather(const gb_assess_run *run, gb_energy_roofline *out,
                        double *bias_out, gb_error *err) {
    gb_status status = GB_OK;

    for (size_t i = 0; i < run->result->bench_count && status == GB_OK; i++) {
        const gb_bench_result *bench = &run->result->benches[i];
        const gb_plan_case *planned = &run->plan->cases[bench->case_index];
        gb_energy_point *point = &out->points[out->count];
        char why[320] = "";
        gb_score_name(planned, point->bench, sizeof(point->bench));
        if (refuse(bench, planned, why, sizeof(why))) {
            status = gb_score_leave_out(&out->left_out, point->bench, why, err);
            continue;
        }
        if (bench->energy.quality == GB_QUALITY_MODELLED)
            gb_copy(out->reason, sizeof(out->reason),
                    "energy was estimated, not measured: this would be a fit "
                    "of the estimate");
        take_point(bench, point);
        if (bench->energy.quality < out->quality)
            out->quality = bench->energy.quality;
        *bias_out = fmax(*bias_out, gb_score_figure_error(&bench->energy).bias);
        out->count++;
    }
    return status;
}

/* --- the fit -------------------------------------------------------------- */

/* The meters' bias is a factor of all powers, and so of all coefficients. */
static gb_score coefficient(const gb_fit *fit, int k, double bias, double dof) {
    const double own = sqrt(fit->covariance[k][k]);
    const double u = hypot(own, bias * fit->value[k]);

    return gb_score_make(fit->value[k], u,
                         gb_score_dof(u, pow(own, 4.0) / dof));
}

/* Their ratio, in which the bias cancels. */
static gb_score balance_of(const gb_fit *fit, double dof) {
    const double flop = fit->value[0], byte = fit->value[1];

    if (!(flop > 0.0) || !(byte > 0.0))
        return gb_score_none();
    const double square = fit->covariance[0][0] / (flop * flop) +
                          fit->covariance[1][1] / (byte * byte) -
                          2.0 * fit->covariance[0][1] / (flop * byte);
    return gb_score_make(byte / flop, byte / flop * sqrt(fmax(square, 0.0)),
                         dof);
}

static void show_fit(const gb_fit *fit, double bias, gb_energy_roofline *out) {
    out->dof = out->count - GB_FIT_TERMS;
    out->flop_j = coefficient(fit, 0, bias, (double)out->dof);
    out->byte_j = coefficient(fit, 1, bias, (double)out->dof);
    out->constant_w = coefficient(fit, 2, bias, (double)out->dof);
    out->balance = balance_of(fit, (double)out->dof);
    out->residual = fit->residual;
    out->meters_u_rel = bias;
    out->worst = 0.0;
    for (size_t i = 0; i < out->count; i++) {
        gb_energy_point *point = &out->points[i];
        point->off = (fit->value[0] * point->flop_per_s +
                      fit->value[1] * point->byte_per_s + fit->value[2]) /
                         point->power_w -
                     1.0;
        out->worst = fmax(out->worst, fabs(point->off));
    }
}

static gb_status fit_points(double bias, gb_energy_roofline *out,
                            gb_error *err) {
    double(*x)[GB_FIT_TERMS] = calloc(out->count, sizeof(*x));
    double *power_w = calloc(out->count, sizeof(*power_w));
    gb_fit fit = {0};

    for (size_t i = 0; x != NULL && power_w != NULL && i < out->count; i++) {
        x[i][0] = out->points[i].flop_per_s;
        x[i][1] = out->points[i].byte_per_s;
        x[i][2] = 1.0;
        power_w[i] = out->points[i].power_w;
    }
    const bool room = x != NULL && power_w != NULL;
    const bool fitted =
        room && gb_fit_linear((const double(*)[GB_FIT_TERMS])x, power_w,
                              power_w, out->count, &fit);
    free(x);
    free(power_w);
    if (!room)
        return gb_fail_memory(err, "the fit of an energy roofline");
    if (fitted)
        show_fit(&fit, bias, out);
    else
        gb_copy(out->reason, sizeof(out->reason),
                "these benchmarks do not tell flop, bytes and constant power "
                "apart: add compute.fma, memory.read and memory.triad");
    return GB_OK;
}

gb_status gb_score_roofline(const gb_assess_run *run, gb_energy_roofline *out,
                            gb_error *err) {
    double bias = 0.0;

    *out = (gb_energy_roofline){
        .points = calloc(run->result->bench_count + 1, sizeof(*out->points)),
        .flop_j = gb_score_none(),
        .byte_j = gb_score_none(),
        .constant_w = gb_score_none(),
        .balance = gb_score_none(),
        .residual = NAN,
        .worst = NAN,
        .meters_u_rel = NAN,
        .idle_w = run->result->proportionality.idle_w,
        .quality = GB_QUALITY_MEASURED};
    if (out->points == NULL)
        return gb_fail_memory(err, "the points of an energy roofline");
    const gb_status status = gather(run, out, &bias, err);
    if (status != GB_OK || out->reason[0] != '\0')
        return status;
    if (out->count < POINTS_LEAST) {
        snprintf(out->reason, sizeof(out->reason),
                 "%zu benchmark%s with known flop and bytes: it takes %d or "
                 "more, such as compute.fma, compute.hpcg, memory.read and "
                 "memory.triad",
                 out->count, out->count == 1 ? "" : "s", POINTS_LEAST);
        return GB_OK;
    }
    return fit_points(bias, out, err);
}
