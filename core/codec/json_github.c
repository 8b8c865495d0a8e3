/* SPDX-License-Identifier: Apache-2.0 */
/* A result as github-action-benchmark's own format takes it: an array of
 * {name, unit, value, range, extra} (README of
 * github.com/benchmark-action/github-action-benchmark). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "codec/json_parts.h"
#include "model/coverage.h"

/** One figure of a benchmark. */
typedef struct figure {
    const char *name;
    double value;
    double half; /* of the 95 % interval; NAN: none */
    const char *unit;
} figure;

/** The document under construction. */
typedef struct entries {
    gb_json_out out;
    json_t *array;
    const gb_result *result;
    gb_coverage coverage;
} entries;

/* What the figure holds, in words: an estimate is not shown as a measurement.
 */
static char *extra_of(const entries *all, const gb_bench_result *bench) {
    const gb_str *holds = &all->coverage.holds;
    const bool have = isfinite(bench->energy.energy_j) != 0;
    gb_str text = {0};

    gb_str_addf(
        &text, "run: %s\nrepetitions: %zu\nenergy: %s",
        all->result->session->run_id, bench->time_s.n,
        gb_quality_name(have ? bench->energy.quality : GB_QUALITY_UNAVAILABLE));
    if (have && holds->text != NULL)
        gb_str_addf(&text, "\nscope: %s", holds->text);
    if (have && all->coverage.leaves_out.text != NULL)
        gb_str_addf(&text, "\nnot in it: %s", all->coverage.leaves_out.text);
    return gb_str_take(&text);
}

static void add_entry(entries *all, const gb_bench_result *bench,
                      const figure *one) {
    const gb_plan_case *planned = &all->result->plan->cases[bench->case_index];
    gb_json_out *out = &all->out;
    gb_str name = {0};
    char range[48];

    if (!isfinite(one->value))
        return;
    gb_str_add(&name, planned->id);
    gb_plan_add_params(planned, false, &name);
    gb_str_addf(&name, ": %s", one->name);
    char *title = gb_str_take(&name), *extra = extra_of(all, bench);
    json_t *o = gb_json_object(out);
    if (title == NULL || extra == NULL)
        out->failed = true;
    gb_json_put(out, o, "name", gb_json_text(out, title != NULL ? title : ""));
    gb_json_put(out, o, "unit", gb_json_text(out, one->unit));
    gb_json_put(out, o, "value", gb_json_real(out, one->value));
    if (isfinite(one->half)) {
        snprintf(range, sizeof(range), "± %.3g", one->half);
        gb_json_put(out, o, "range", gb_json_text(out, range));
    }
    gb_json_put(out, o, "extra", gb_json_text(out, extra != NULL ? extra : ""));
    gb_json_append(out, all->array, o);
    free(title);
    free(extra);
}

static double half_of(const double ends[2]) {
    return 0.5 * (ends[1] - ends[0]);
}

static void add_bigger(entries *all, const gb_bench_result *bench) {
    char unit[64];

    snprintf(unit, sizeof(unit), "%s/s/W", bench->work_unit);
    const figure figures[] = {
        {"performance", bench->performance.value,
         half_of(bench->performance.ci95), bench->unit},
        {"performance per watt", bench->efficiency,
         half_of(bench->efficiency_ci95), unit},
    };
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
        add_entry(all, bench, &figures[i]);
}

/* Time and energy of one unit of work: those of a timed call are no figures to
 * follow, as its iterations are calibrated anew in each run. */
static void add_smaller(entries *all, const gb_bench_result *bench) {
    const gb_plan_case *planned = &all->result->plan->cases[bench->case_index];
    const bool works = bench->work > 0.0;
    const double per_work_j = bench->energy.energy_j / bench->work;
    const double u95_rel = bench->energy.u95_j / bench->energy.energy_j;
    char unit[64];

    snprintf(unit, sizeof(unit), "J/%s", bench->work_unit);
    const figure figures[] = {
        {"time of a solve",
         planned->one_shot ? bench->time_s.value : (double)NAN,
         half_of(bench->time_s.ci95), "s"},
        {"power", bench->power_w, bench->power_w * u95_rel, "W"},
        {"energy of work", works ? per_work_j : (double)NAN,
         per_work_j * u95_rel, unit},
    };
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
        add_entry(all, bench, &figures[i]);
}

char *gb_json_github(const gb_result *result, bool bigger_is_better) {
    entries all = {.result = result};

    all.array = gb_json_array(&all.out);
    gb_coverage_collect(result->session, &all.coverage);
    if (all.coverage.failed)
        all.out.failed = true;
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        if (bench->valid && bigger_is_better)
            add_bigger(&all, bench);
        else if (bench->valid)
            add_smaller(&all, bench);
    }
    gb_coverage_fini(&all.coverage);
    return gb_json_pretty(&all.out, all.array);
}
