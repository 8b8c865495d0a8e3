/* SPDX-License-Identifier: Apache-2.0 */
/* Two sides of one benchmark -> ratios with their uncertainty. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/phrase.h"
#include "base/text.h"
#include "metering/window.h"
#include "pipeline/compare/parts.h"

const gb_compare_metric gb_primaries[GB_PRIMARIES] = {
    GB_COMPARE_PERFORMANCE, GB_COMPARE_POWER, GB_COMPARE_ENERGY,
    GB_COMPARE_EDP};

gb_compare_metric gb_reciprocal_of(gb_compare_metric primary) {
    return primary == GB_COMPARE_PERFORMANCE ? GB_COMPARE_TIME
           : primary == GB_COMPARE_ENERGY    ? GB_COMPARE_EFFICIENCY
                                             : GB_COMPARE_METRICS;
}

static bool needs_energy(gb_compare_metric metric) {
    return metric != GB_COMPARE_PERFORMANCE && metric != GB_COMPARE_TIME;
}

static bool needs_work(gb_compare_metric metric) {
    return metric != GB_COMPARE_POWER;
}

/* --- one side ------------------------------------------------------------- */

static const gb_bench_result *bench_of(const gb_compare_side *side, size_t r) {
    return &side->runs[r].run->result->benches[side->runs[r].at];
}

static const gb_reduced_case *case_of(const gb_compare_side *side, size_t r) {
    return &side->runs[r].run->reduced->cases[side->runs[r].at];
}

static const gb_plan_case *planned_of(const gb_compare_side *side, size_t r) {
    return &side->runs[r].run->plan->cases[case_of(side, r)->case_index];
}

static gb_energy_figure energy_of(const gb_compare_side *side) {
    gb_energy_figure sum = gb_figure_zero();

    for (size_t r = 0; r < side->count; r++)
        gb_figure_add_serial(&sum, &bench_of(side, r)->energy);
    return sum;
}

/* Mean work of a repetition; NAN: none is done. */
static double work_of(const gb_compare_side *side) {
    double work = 0.0;
    size_t count = 0;

    for (size_t r = 0; r < side->count; r++) {
        if (planned_of(side, r)->no_work)
            return NAN;
        work += bench_of(side, r)->work;
        count += bench_of(side, r)->time_s.n;
    }
    return work > 0.0 ? work / (double)count : (double)NAN;
}

static double value_of(const gb_reduced_rep *rep, gb_compare_metric primary,
                       double work) {
    const double share = work / rep->work;

    switch (primary) {
    case GB_COMPARE_PERFORMANCE:
        return rep->work / rep->time_s;
    case GB_COMPARE_POWER:
        return rep->energy.energy_j / rep->energy.window_s;
    case GB_COMPARE_ENERGY:
        return rep->energy.energy_j * share;
    default:
        return rep->energy.energy_j * share * rep->time_s * share;
    }
}

/* Values of the valid repetitions of one run. @return how many */
static size_t run_values(const gb_compare_side *side, size_t r,
                         gb_compare_metric primary, double work,
                         double *values) {
    const gb_reduced_case *one = case_of(side, r);
    size_t count = 0;

    for (size_t i = 0; i < one->rep_count; i++)
        if (one->reps[i].valid)
            values[count++] = value_of(&one->reps[i], primary, work);
    return count;
}

/* Geometric mean; arithmetic if a value is not above 0. */
static double centre(const double *values, size_t count) {
    double sum = 0.0, logs = 0.0;

    for (size_t i = 0; i < count; i++) {
        sum += values[i];
        logs += log(values[i]);
    }
    return isfinite(logs) ? exp(logs / (double)count) : sum / (double)count;
}

static size_t most_reps(const gb_compare_side *side) {
    size_t most = side->count;

    for (size_t r = 0; r < side->count; r++) {
        if (case_of(side, r)->rep_count > most)
            most = case_of(side, r)->rep_count;
    }
    return most;
}

/* One value for each repetition, or, of interleaved runs, for each run: what
 * differs from launch to launch is then in their scatter.
 * @param values  [most_reps()]; @param scratch  the same */
static size_t side_values(const gb_compare_side *side,
                          gb_compare_metric primary, double work,
                          double *values, double *scratch) {
    if (side->count == 1)
        return run_values(side, 0, primary, work, values);
    for (size_t r = 0; r < side->count; r++)
        values[r] =
            centre(scratch, run_values(side, r, primary, work, scratch));
    return side->count;
}

/* --- meters --------------------------------------------------------------- */

/* What meters of kind @p at of @p figure may be off by, of 1. */
static double bias_of(const gb_energy_figure *figure, size_t at) {
    return figure->budget.kinds[at].u_j / figure->energy_j;
}

/* Where the list is full its last entry holds several kinds. */
static bool one_kind(const gb_energy_figure *figure, size_t at) {
    return at + 1 < GB_CALIBRATION_KINDS && at < figure->budget.kind_count;
}

static size_t find_kind(const gb_energy_figure *figure, uint32_t kind) {
    size_t at = 0;

    while (at < figure->budget.kind_count &&
           figure->budget.kinds[at].kind != kind)
        at++;
    return at;
}

/* Standard uncertainty of the ratio from what meters are off by. One kind of
 * meters on one type of node has one bias, which stands above and below the
 * line and cancels as far as its share of the energy is the same. The error of
 * an estimate is no such factor: it never cancels. */
static double meters_rel(const gb_energy_figure *base,
                         const gb_energy_figure *next) {
    const bool estimates = base->quality == GB_QUALITY_MODELLED ||
                           next->quality == GB_QUALITY_MODELLED;
    double square = 0.0;

    for (size_t i = 0; i < base->budget.kind_count; i++) {
        const size_t k = find_kind(next, base->budget.kinds[i].kind);
        const double bias = bias_of(base, i);
        if (!estimates && one_kind(base, i) && one_kind(next, k))
            square += pow(bias - bias_of(next, k), 2.0);
        else
            square += bias * bias;
    }
    for (size_t k = 0; k < next->budget.kind_count; k++) {
        const size_t i = find_kind(base, next->budget.kinds[k].kind);
        if (estimates || !one_kind(base, i) || !one_kind(next, k))
            square += pow(bias_of(next, k), 2.0);
    }
    return sqrt(square);
}

static double resolution_rel(const gb_energy_figure *figure) {
    return gb_budget_resolution_j(&figure->budget) / fabs(figure->energy_j);
}

/* --- what cannot be compared ---------------------------------------------- */

static uint32_t scopes_of(const gb_session *session) {
    uint32_t scopes = 0;

    for (size_t n = 0; n < session->node_count; n++)
        for (size_t d = 0; d < session->nodes[n].domain_count; d++)
            if (session->nodes[n].domains[d].summed)
                scopes |= UINT32_C(1) << session->nodes[n].domains[d].scope;
    return scopes;
}

/* "CPU package, DRAM" */
static void name_scopes(uint32_t scopes, gb_language language, char *out,
                        size_t size) {
    const char *names[GB_SCOPE_COUNT];
    size_t count = 0;

    for (int s = 0; s < GB_SCOPE_COUNT; s++)
        if ((scopes >> s & 1u) != 0)
            names[count++] =
                gb_phrase(language, gb_scope_text((gb_energy_scope)s));
    gb_join(names, count, out, size);
}

/* Why something is not compared, in both languages. */
typedef struct refusal {
    char text[320], chinese[320];
} refusal;

static const char *chinese_of(const gb_energy_figure *figure) {
    return figure->chinese[0] != '\0'
               ? figure->chinese
               : gb_phrase(GB_LANGUAGE_ZH, figure->reason);
}

static void say_none(const gb_energy_figure *a, const gb_energy_figure *b,
                     gb_language language, char *out, size_t size) {
    const gb_energy_figure *none = isnan(b->energy_j) ? b : a;

    snprintf(out, size,
             gb_phrase(language, !isnan(b->energy_j) ? "BASE has no energy: %s"
                                 : !isnan(a->energy_j) ? "NEW has no energy: %s"
                                                       : "neither has energy: "
                                                         "%s"),
             language == GB_LANGUAGE_ZH ? chinese_of(none) : none->reason);
}

static void say_scopes(uint32_t in_base, uint32_t in_next, gb_language language,
                       char *out, size_t size) {
    char holds[120], other[120];

    name_scopes(in_base, language, holds, sizeof(holds));
    name_scopes(in_next, language, other, sizeof(other));
    snprintf(out, size,
             gb_phrase(language, "energy holds %s in BASE and %s in NEW"),
             holds, other);
}

static void say_qualities(gb_quality base, gb_quality next,
                          gb_language language, char *out, size_t size) {
    snprintf(out, size,
             gb_phrase(language, "energy is %s in BASE and %s in NEW"),
             gb_phrase(language, gb_quality_name(base)),
             gb_phrase(language, gb_quality_name(next)));
}

/* Why energy cannot be compared. @return false: it can */
static bool refuse_energy(const gb_compare_side *base,
                          const gb_energy_figure *a,
                          const gb_compare_side *next,
                          const gb_energy_figure *b, refusal *why) {
    char *const words[GB_LANGUAGES] = {why->text, why->chinese};
    const size_t size = sizeof(why->text);

    if (isnan(a->energy_j) || isnan(b->energy_j)) {
        for (int l = 0; l < GB_LANGUAGES; l++)
            say_none(a, b, (gb_language)l, words[l], size);
        return true;
    }
    if (a->quality != b->quality) {
        for (int l = 0; l < GB_LANGUAGES; l++)
            say_qualities(a->quality, b->quality, (gb_language)l, words[l],
                          size);
        return true;
    }
    for (size_t r = 0; r < base->count; r++) {
        const uint32_t in_base = scopes_of(base->runs[r].run->result->session);
        const uint32_t in_next = scopes_of(next->runs[r].run->result->session);
        if (in_base == in_next)
            continue;
        for (int l = 0; l < GB_LANGUAGES; l++)
            say_scopes(in_base, in_next, (gb_language)l, words[l], size);
        return true;
    }
    return false;
}

static void refuse(gb_compared_bench *out, const char *fmt, ...)
    GB_PRINTF_LIKE(2, 3);

static void refuse(gb_compared_bench *out, const char *fmt, ...) {
    va_list args;

    va_start(args, fmt);
    gb_phrase_vboth(out->reason, sizeof(out->reason), out->chinese,
                    sizeof(out->chinese), fmt, args);
    va_end(args);
}

/* @p why  a phrase, or what a plugin said */
static void refuse_invalid(gb_compared_bench *out, bool base, const char *why) {
    char *const words[GB_LANGUAGES] = {out->reason, out->chinese};

    for (int l = 0; l < GB_LANGUAGES; l++)
        snprintf(words[l], sizeof(out->reason),
                 gb_phrase((gb_language)l,
                           base ? "BASE has no result: %s" : "NEW failed: %s"),
                 gb_phrase((gb_language)l, why));
}

/* Why nothing can be compared. @return false: it can */
static bool refuse_bench(const gb_compare_side *base,
                         const gb_compare_side *next, gb_compared_bench *out) {
    for (size_t r = 0; r < base->count; r++) {
        const gb_plan_case *a = planned_of(base, r), *b = planned_of(next, r);
        const gb_bench_result *was = bench_of(base, r), *is = bench_of(next, r);
        if (strcmp(a->version, b->version) != 0)
            refuse(out, "the plugin is of version %s in BASE and %s in NEW",
                   a->version, b->version);
        else if (strcmp(a->work_unit, b->work_unit) != 0)
            refuse(out, "work is counted in %s in BASE and %s in NEW",
                   a->work_unit, b->work_unit);
        else if (!was->valid)
            refuse_invalid(out, true, was->reason);
        else if (!is->valid)
            refuse_invalid(out, false, is->reason);
        else
            continue;
        out->failed = was->valid && !is->valid;
        return true;
    }
    return false;
}

/* --- together ------------------------------------------------------------- */

static void name_unit(gb_compare_metric metric, const char *work_unit,
                      char *out, size_t size) {
    static const char *const units[GB_COMPARE_METRICS] = {
        [GB_COMPARE_TIME] = "s",
        [GB_COMPARE_POWER] = "W",
        [GB_COMPARE_ENERGY] = "J",
        [GB_COMPARE_EDP] = "J s",
    };
    if (units[metric] != NULL)
        gb_copy(out, size, units[metric]);
    else
        snprintf(out, size, "%s/s%s", work_unit,
                 metric == GB_COMPARE_EFFICIENCY ? "/W" : "");
}

static void begin_metrics(const gb_compare_options *options,
                          gb_compared_bench *out) {
    static const bool by_itself[] = {
#define DECIDES(name, text, higher, decides) decides,
        GB_COMPARE_METRIC_MAP(DECIDES)
#undef DECIDES
    };
    const bool named = options->metrics != GB_COMPARE_ALL;

    for (int m = 0; m < GB_COMPARE_METRICS; m++) {
        gb_compared_metric *metric = &out->metrics[m];
        *metric = (gb_compared_metric){
            .present = (options->metrics & GB_COMPARE_BIT(m)) != 0,
            .decides = named || by_itself[m] ||
                       (m == GB_COMPARE_POWER && isnan(out->work)),
            .base = NAN,
            .next = NAN,
            .method = "",
            .ratio = NAN,
            .ci95 = {NAN, NAN},
            .u_rel = NAN,
            .meters_u_rel = NAN,
            .dof = NAN,
            .p_differs = NAN,
            .p_outside = NAN,
            .holm_differs = NAN,
            .holm_outside = NAN,
            .verdict = GB_COMPARE_REFUSED,
            .repetitions = NAN,
        };
        name_unit((gb_compare_metric)m, out->work_unit, metric->unit,
                  sizeof(metric->unit));
    }
}

static void show_ratio(const gb_ratio *ratio, double scale, double meters,
                       size_t base_n, size_t next_n, gb_compared_metric *out) {
    static const char *const methods[] = {
        [GB_RATIO_NONE] = "",
        [GB_RATIO_WELCH] = "welch",
        [GB_RATIO_PAIRED] = "paired",
        [GB_RATIO_FIELLER] = "fieller",
    };
    out->base = scale * ratio->base;
    out->next = scale * ratio->next;
    out->base_n = base_n;
    out->next_n = next_n;
    out->method = methods[ratio->method];
    out->ratio = ratio->ratio;
    out->ci95[0] = ratio->ci95[0];
    out->ci95[1] = ratio->ci95[1];
    out->u_rel = ratio->u_rel;
    out->meters_u_rel = meters;
    out->dof = ratio->dof;
}

/* What both sides have of one primary metric. */
typedef struct primary_values {
    gb_ratio_side base, next;
    double meters;
} primary_values;

static void show_primary(const primary_values *values, bool paired,
                         gb_compare_metric primary, gb_compared_bench *out,
                         gb_ratio *ratio) {
    const gb_compare_metric other = gb_reciprocal_of(primary);

    gb_ratio_compare(&values->base, &values->next, paired, values->meters,
                     ratio);
    show_ratio(ratio, 1.0, values->meters, values->base.count,
               values->next.count, &out->metrics[primary]);
    if (other == GB_COMPARE_METRICS)
        return;
    gb_ratio inverse;
    gb_ratio_invert(ratio, &inverse);
    show_ratio(&inverse, out->work, values->meters, values->base.count,
               values->next.count, &out->metrics[other]);
}

static void refuse_energy_metrics(const refusal *why, gb_compared_bench *out) {
    for (int m = 0; m < GB_COMPARE_METRICS; m++) {
        gb_compared_metric *metric = &out->metrics[m];
        if (!needs_energy((gb_compare_metric)m))
            continue;
        gb_copy(metric->reason, sizeof(metric->reason), why->text);
        gb_copy(metric->chinese, sizeof(metric->chinese), why->chinese);
    }
}

static void leave_out(bool energy, gb_compared_bench *out) {
    for (int m = 0; m < GB_COMPARE_METRICS; m++)
        if (energy ? needs_energy((gb_compare_metric)m)
                   : needs_work((gb_compare_metric)m))
            out->metrics[m].present = false;
}

static bool wanted(const gb_compared_bench *bench, gb_compare_metric primary) {
    const gb_compare_metric other = gb_reciprocal_of(primary);

    return (bench->metrics[primary].present &&
            bench->metrics[primary].reason[0] == '\0') ||
           (other != GB_COMPARE_METRICS && bench->metrics[other].present &&
            bench->metrics[other].reason[0] == '\0');
}

static gb_status compare_values(const gb_compare_side *base,
                                const gb_energy_figure *base_energy,
                                const gb_compare_side *next,
                                const gb_energy_figure *next_energy,
                                gb_compared_bench *out, gb_ratio *ratios,
                                bool *tested, gb_error *err) {
    const size_t room_a = most_reps(base), room_b = most_reps(next);
    double *values = calloc(2 * (room_a + room_b), sizeof(*values));

    if (values == NULL)
        return gb_fail_memory(err, "the repetitions of a benchmark");
    double *a = values, *b = a + room_a, *scratch = b + room_b;
    for (int p = 0; p < GB_PRIMARIES; p++) {
        const gb_compare_metric primary = gb_primaries[p];
        const bool energy = needs_energy(primary);
        tested[p] = wanted(out, primary);
        if (!tested[p])
            continue;
        const primary_values both = {
            .base = {a, side_values(base, primary, out->work, a, scratch),
                     energy ? resolution_rel(base_energy) : 0.0},
            .next = {b, side_values(next, primary, out->work, b, scratch),
                     energy ? resolution_rel(next_energy) : 0.0},
            .meters = energy ? meters_rel(base_energy, next_energy) : 0.0,
        };
        show_primary(&both, base->count > 1, primary, out, &ratios[p]);
    }
    free(values);
    return GB_OK;
}

gb_status gb_compare_bench(const gb_compare_side *base,
                           const gb_compare_side *next,
                           const gb_compare_options *options,
                           gb_compared_bench *out, gb_ratio *ratios,
                           bool *tested, gb_error *err) {
    refusal why;

    gb_copy(out->work_unit, sizeof(out->work_unit),
            planned_of(base, 0)->work_unit);
    out->work = work_of(base);
    begin_metrics(options, out);
    for (int p = 0; p < GB_PRIMARIES; p++)
        tested[p] = false;
    if (refuse_bench(base, next, out)) {
        return GB_OK;
    }
    const gb_energy_figure a = energy_of(base), b = energy_of(next);
    if (refuse_energy(base, &a, next, &b, &why)) {
        refuse_energy_metrics(&why, out);
        /* Runs without meters are compared by their performance, unless energy
         * was asked for. */
        if (isnan(a.energy_j) && isnan(b.energy_j) &&
            options->metrics == GB_COMPARE_ALL) {
            leave_out(true, out);
            gb_copy(out->no_energy, sizeof(out->no_energy), b.reason);
        }
    }
    if (isnan(out->work) || isnan(work_of(next)))
        leave_out(false, out);
    return compare_values(base, &a, next, &b, out, ratios, tested, err);
}
