/* SPDX-License-Identifier: Apache-2.0 */
/* What the numbers of a summary say of each other, computed from those that
 * stand in it: no record is looked at, and no code of the stages that made
 * them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/validate_parts.h"
#include "base/text.h"
#include "codec/json_stored.h"
#include "stats/sample.h"

/* Of the larger of two numbers that should be one: rounding. */
#define ROUNDING 1e-9

/* One benchmark being looked at. */
typedef struct checker {
    gb_validation *out;
    size_t bench;
    size_t checked;
} checker;

static void violate(const checker *c, const char *path, const char *expected,
                    const char *found) {
    const gb_violation_kind kind = {GB_CHECK_IDENTITIES, GB_SEVERITY_ERROR,
                                    "identities.value", "summary.json"};
    char where[120];

    snprintf(where, sizeof(where), "benchmarks[%zu].%s", c->bench, path);
    gb_violate(c->out, &kind, where, expected, found);
}

/* @param rule  where `expected` comes from: "sum of energy.raw" */
static void equal(checker *c, const char *path, const char *rule,
                  double expected, double found) {
    char a[120], b[40];

    c->checked++;
    if (isnan(expected) && isnan(found))
        return;
    if (fabs(expected - found) <= ROUNDING * fmax(fabs(expected), fabs(found)))
        return;
    if (isnan(expected))
        snprintf(a, sizeof(a), "null (%s)", rule);
    else
        snprintf(a, sizeof(a), "%.17g (%s)", expected, rule);
    snprintf(b, sizeof(b), "%.17g", found);
    violate(c, path, a, isnan(found) ? "null" : b);
}

static void same_text(checker *c, const char *path, const char *unit,
                      const char *per, const char *found) {
    char expected[160];

    c->checked++;
    snprintf(expected, sizeof(expected), "%s%s", unit, per);
    if (strcmp(expected, found) != 0)
        violate(c, path, expected, found);
}

/* --- one series ----------------------------------------------------------- */

static bool all_finite(const gb_stored_list *list) {
    for (size_t i = 0; i < list->count; i++)
        if (!isfinite(list->values[i]))
            return false;
    return list->count > 0;
}

static void check_series(checker *c, const char *name,
                         const gb_stored_series *series) {
    const double *raw = series->raw.values;
    const size_t n = series->raw.count;
    double ci95[2] = {NAN, NAN};
    char path[64];

    snprintf(path, sizeof(path), "%s.n", name);
    equal(c, path, "length of raw", (double)n, (double)series->n);
    if (!all_finite(&series->raw))
        return;
    snprintf(path, sizeof(path), "%s.mean", name);
    equal(c, path, "mean of raw", gb_mean(raw, n), series->mean);
    snprintf(path, sizeof(path), "%s.median", name);
    equal(c, path, "median of raw", gb_median(raw, n), series->median);
    snprintf(path, sizeof(path), "%s.value", name);
    equal(c, path, "the median", series->median, series->value);
    snprintf(path, sizeof(path), "%s.stddev", name);
    equal(c, path, "standard deviation of raw",
          n > 1 ? gb_stddev(raw, n) : (double)NAN, series->stddev);
    if (!gb_median_ci95(raw, n, ci95))
        ci95[0] = ci95[1] = NAN;
    snprintf(path, sizeof(path), "%s.ci95[0]", name);
    equal(c, path, "rank interval of raw", ci95[0], series->ci95[0]);
    snprintf(path, sizeof(path), "%s.ci95[1]", name);
    equal(c, path, "rank interval of raw", ci95[1], series->ci95[1]);
}

/* --- one benchmark -------------------------------------------------------- */

static void check_energy(checker *c, const gb_stored_bench *bench) {
    double square_j2 = 0.0;

    if (bench->energy_raw_j.count > 0)
        equal(c, "energy.raw", "one for each repetition: time_s.n",
              (double)bench->time_s.n, (double)bench->energy_raw_j.count);
    if (!isfinite(bench->energy_j))
        return;
    if (all_finite(&bench->energy_raw_j))
        equal(c, "energy.value_j", "sum of energy.raw",
              gb_sum(bench->energy_raw_j.values, bench->energy_raw_j.count),
              bench->energy_j);
    if (all_finite(&bench->node_energy_j))
        equal(c, "energy.value_j", "sum of per_node[].energy_j",
              gb_sum(bench->node_energy_j.values, bench->node_energy_j.count),
              bench->energy_j);
    for (size_t i = 0; i < GB_STORED_BUDGET; i++)
        square_j2 += bench->budget_j[i] * bench->budget_j[i];
    equal(c, "energy.u_j", "root of the squares of budget_j", sqrt(square_j2),
          bench->u_j);
    equal(c, "power_w.value", "energy.value_j / energy.window_s",
          bench->energy_j / bench->window_s, bench->power_w);
}

static void check_ratios(checker *c, const gb_stored_bench *bench) {
    const gb_stored_list *rate = &bench->performance.raw;
    const gb_stored_list *time_s = &bench->time_s.raw;
    const gb_stored_list *energy_j = &bench->energy_raw_j;
    const size_t n = rate->count;
    double ci95[2] = {NAN, NAN}, work = 0.0;

    if (n == 0 || time_s->count != n || !all_finite(rate) ||
        !all_finite(time_s))
        return;
    double *each = calloc(n, sizeof(*each));
    for (size_t i = 0; each != NULL && i < n; i++)
        each[i] = rate->values[i] * time_s->values[i];
    if (each != NULL)
        work = gb_sum(each, n);
    equal(c, "work.value", "sum of performance.raw x time_s.raw", work,
          bench->work);
    if (isfinite(bench->efficiency) && !bench->efficiency_partial)
        equal(c, "efficiency.value", "work.value / energy.value_j",
              bench->work / bench->energy_j, bench->efficiency);
    if (isfinite(bench->edp_js))
        equal(c, "edp_js", "energy.value_j / n x time_s.mean",
              bench->energy_j / (double)n * bench->time_s.mean, bench->edp_js);
    if (each != NULL && isfinite(bench->efficiency_ci95[0]) &&
        energy_j->count == n && all_finite(energy_j)) {
        for (size_t i = 0; i < n; i++)
            each[i] /= energy_j->values[i];
        if (!gb_median_ci95(each, n, ci95))
            ci95[0] = ci95[1] = NAN;
        equal(c, "efficiency.ci95[0]", "rank interval of work / energy",
              ci95[0], bench->efficiency_ci95[0]);
        equal(c, "efficiency.ci95[1]", "rank interval of work / energy",
              ci95[1], bench->efficiency_ci95[1]);
    }
    free(each);
}

static void check_units(checker *c, const gb_stored_bench *bench) {
    const char *unit = bench->work_unit;

    if (bench->performance_unit[0] != '\0')
        same_text(c, "performance.unit", unit, "/s", bench->performance_unit);
    if (bench->efficiency_unit[0] != '\0')
        same_text(c, "efficiency.unit", unit, "/s/W", bench->efficiency_unit);
    if (bench->efficiency_unit_per_joule[0] != '\0')
        same_text(c, "efficiency.unit_per_joule", unit, "/J",
                  bench->efficiency_unit_per_joule);
}

/* An invalid benchmark has no figure that could be right. */
static void check_invalid(checker *c, const gb_stored_bench *bench) {
    const char *rule = "the benchmark is not valid";

    equal(c, "performance.value", rule, NAN, bench->performance.value);
    equal(c, "energy.value_j", rule, NAN, bench->energy_j);
    equal(c, "efficiency.value", rule, NAN, bench->efficiency);
}

static void check_bench(checker *c, const gb_stored_bench *bench) {
    check_units(c, bench);
    if (!bench->valid) {
        check_invalid(c, bench);
        return;
    }
    check_series(c, "performance", &bench->performance);
    check_series(c, "time_s", &bench->time_s);
    check_energy(c, bench);
    check_ratios(c, bench);
}

static void check_run_id(const gb_stored_summary *summary, gb_validation *out) {
    const gb_violation_kind kind = {GB_CHECK_IDENTITIES, GB_SEVERITY_ERROR,
                                    "identities.run_id", "summary.json"};

    if (out->run_id[0] == '\0')
        gb_copy(out->run_id, sizeof(out->run_id), summary->run_id);
    else if (strcmp(out->run_id, summary->run_id) != 0)
        gb_violate(out, &kind, "run.id", out->run_id, summary->run_id);
}

void gb_validate_identities(const char *dir_path, gb_validation *out) {
    gb_stored_summary summary = {0};
    gb_error err = {.rank = -1};
    checker c = {.out = out};
    char *text = NULL;

    gb_status status = gb_read_stored(dir_path, "summary.json", &text, &err);
    if (status == GB_OK)
        status = gb_json_read_stored(text, &summary, &err);
    free(text);
    if (status != GB_OK) {
        gb_validation_skip(out, GB_CHECK_IDENTITIES, err.what);
        return;
    }
    check_run_id(&summary, out);
    for (c.bench = 0; c.bench < summary.count; c.bench++)
        check_bench(&c, &summary.benches[c.bench]);
    gb_validation_done(out, GB_CHECK_IDENTITIES,
                       "%zu sums, ratios, intervals and units of %zu "
                       "benchmarks",
                       c.checked, summary.count);
    gb_stored_summary_fini(&summary);
}
