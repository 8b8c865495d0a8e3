/* SPDX-License-Identifier: Apache-2.0 */
/* A result as CSV: a row for each benchmark and repetition (docs/exports.md).
 */
#include <math.h>

#include "base/clock.h"
#include "model/coverage.h"
#include "pipeline/report/csv.h"
#include "pipeline/report/report.h"

static const char *const columns[] = {
    "run_id",
    "started_utc",
    "suite",
    "tool_version",
    "nodes",
    "ranks",
    "case",
    "benchmark",
    "benchmark_version",
    "params",
    "launch",
    "repetition",
    "begin_utc",
    "valid",
    "status",
    "reason",
    "disturbed",
    "time_s",
    "work",
    "work_unit",
    "performance_per_s",
    "energy_j",
    "energy_u_j",
    "energy_u95_j",
    "energy_window_s",
    "power_w",
    "efficiency_per_j",
    "quality",
    "source",
    "coverage",
    "leaves_out",
    "missing",
    "flags",
    "energy_reason",
};

/* Where the cells of a repetition begin, and those that a benchmark without one
 * has as well. */
enum { LAUNCH_AT = 10, VALID_AT = 13, DISTURBED_AT = 16 };

/** What every row of a document has from the run. */
typedef struct run_cells {
    const gb_result *result;
    gb_coverage coverage;
    char started_utc[32];
} run_cells;

static void add_utc(gb_csv *csv, uint64_t utc_ns) {
    char text[32] = "";

    if (utc_ns > 0)
        gb_clock_format_utc(utc_ns, text, sizeof(text));
    gb_csv_text(csv, text);
}

static void add_held(gb_csv *csv, const gb_str *text) {
    gb_csv_text(csv, text->text != NULL ? text->text : "");
}

/* Takes @p text. */
static void add_made(gb_csv *csv, gb_str *text) {
    if (text->failed)
        csv->out->failed = true;
    add_held(csv, text);
    gb_str_fini(text);
}

/* All of them: a default may be another one in the next version. */
static void add_params(gb_csv *csv, const gb_plan_case *planned) {
    gb_str text = {0};

    gb_plan_add_params(planned, true, &text);
    add_made(csv, &text);
}

static void add_flags(gb_csv *csv, uint32_t flags) {
    gb_str text = {0};

    for (int f = 0; f < GB_FLAG_COUNT; f++)
        if ((flags >> f & 1u) != 0)
            gb_str_addf(&text, "%s%s", text.length > 0 ? " " : "",
                        gb_energy_flag_name((gb_energy_flag)f));
    add_made(csv, &text);
}

static void add_run(gb_csv *csv, const run_cells *run, size_t at) {
    const gb_session *session = run->result->session;
    const gb_bench_result *bench = &run->result->benches[at];
    const gb_plan_case *planned = &run->result->plan->cases[bench->case_index];

    gb_csv_text(csv, session->run_id);
    gb_csv_text(csv, run->started_utc);
    gb_csv_text(csv, session->suite);
    gb_csv_text(csv, session->tool_version);
    gb_csv_whole(csv, session->node_count);
    gb_csv_whole(csv, session->ranks);
    gb_csv_whole(csv, bench->case_index);
    gb_csv_text(csv, planned->id);
    gb_csv_text(csv, planned->version);
    add_params(csv, planned);
}

static void add_energy(gb_csv *csv, const run_cells *run,
                       const gb_reduced_rep *rep) {
    const gb_energy_figure *energy = &rep->energy;
    const bool have = isfinite(energy->energy_j) != 0;
    const gb_quality quality = have ? energy->quality : GB_QUALITY_UNAVAILABLE;

    gb_csv_real(csv, energy->energy_j);
    gb_csv_real(csv, have ? energy->u_j : (double)NAN);
    gb_csv_real(csv, have ? energy->u95_j : (double)NAN);
    gb_csv_real(csv, have ? energy->window_s : (double)NAN);
    gb_csv_real(csv, energy->energy_j / energy->window_s);
    gb_csv_real(csv, rep->valid && rep->work > 0.0 && energy->energy_j > 0.0
                         ? rep->work / energy->energy_j
                         : (double)NAN);
    gb_csv_text(csv, gb_quality_name(quality));
    add_held(csv, &run->coverage.sources);
    add_held(csv, &run->coverage.holds);
    add_held(csv, &run->coverage.leaves_out);
    add_held(csv, &run->coverage.missing);
    add_flags(csv, energy->flags);
    gb_csv_text(csv, energy->reason);
}

/* @param valid_at  its number among the valid ones */
static void add_rep(gb_csv *csv, const run_cells *run, size_t at,
                    const gb_reduced_rep *rep, size_t valid_at) {
    const gb_bench_result *bench = &run->result->benches[at];
    const char *unit = run->result->plan->cases[bench->case_index].work_unit;
    const gb_result *result = run->result;
    const bool works = rep->valid && rep->work > 0.0 && rep->time_s > 0.0;

    add_run(csv, run, at);
    gb_csv_whole(csv, rep->launch < result->launch_count
                          ? result->launches[rep->launch].session->launch
                          : rep->launch + 1);
    gb_csv_whole(csv, rep->repetition);
    add_utc(csv, rep->begin_utc_ns);
    gb_csv_bool(csv, rep->valid);
    gb_csv_text(csv, rep->valid ? gb_status_name(GB_OK)
                                : gb_status_name(bench->status));
    gb_csv_text(csv, rep->reason);
    if (rep->valid && bench->disturbed != NULL && valid_at < bench->time_s.n)
        gb_csv_bool(csv, bench->disturbed[valid_at]);
    else
        gb_csv_empty(csv);
    gb_csv_real(csv, rep->time_s);
    gb_csv_real(csv, works ? rep->work : (double)NAN);
    gb_csv_text(csv, unit);
    gb_csv_real(csv, works ? rep->work / rep->time_s : (double)NAN);
    add_energy(csv, run, rep);
    gb_csv_end_row(csv);
}

/* A benchmark without a repetition is not left out: a missing number is a
 * status. */
static void add_none(gb_csv *csv, const run_cells *run, size_t at) {
    const gb_bench_result *bench = &run->result->benches[at];

    add_run(csv, run, at);
    for (int i = LAUNCH_AT; i < VALID_AT; i++)
        gb_csv_empty(csv);
    gb_csv_bool(csv, false);
    gb_csv_text(csv, gb_status_name(bench->status));
    gb_csv_text(csv, bench->reason);
    for (size_t i = DISTURBED_AT; i < sizeof(columns) / sizeof(columns[0]); i++)
        gb_csv_empty(csv);
    gb_csv_end_row(csv);
}

void gb_report_csv(const gb_result *result, const gb_reduced *reduced,
                   gb_str *out) {
    run_cells run = {.result = result};
    gb_csv csv = {.out = out};

    gb_coverage_collect(result->session, &run.coverage);
    if (run.coverage.failed)
        out->failed = true;
    if (result->session->started_utc_ns > 0)
        gb_clock_format_utc(result->session->started_utc_ns, run.started_utc,
                            sizeof(run.started_utc));
    gb_csv_head(&csv, columns, sizeof(columns) / sizeof(columns[0]));
    for (size_t b = 0; b < result->bench_count; b++) {
        const gb_reduced_case *one = &reduced->cases[b];
        size_t valid = 0;
        for (size_t i = 0; i < one->rep_count; i++) {
            add_rep(&csv, &run, b, &one->reps[i], valid);
            valid += one->reps[i].valid;
        }
        if (one->rep_count == 0)
            add_none(&csv, &run, b);
    }
    gb_coverage_fini(&run.coverage);
}
