/* SPDX-License-Identifier: Apache-2.0 */
/* A result as OpenMetrics 1.0 text, which a reader of the Prometheus text
 * format 0.0.4 (node_exporter's textfile collector) takes as well: gauges
 * alone, no time stamps, and what only one of them knows is a comment to the
 * other. docs/exports.md names the families. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "model/coverage.h"
#include "pipeline/report/report.h"

#define NAME_SIZE 128

/** The document under construction. */
typedef struct metrics {
    const gb_result *result;
    gb_coverage coverage;
    size_t *occurrence; /* [bench_count]: of several equal ones: 1, 2, .. */
    gb_str *out;
} metrics;

/* --- the format ----------------------------------------------------------- */

/* @param unit  the last words of the name; "" if it has none */
static void add_head(gb_str *out, const char *name, const char *unit,
                     const char *help) {
    gb_str_addf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
    if (unit[0] != '\0')
        gb_str_addf(out, "# UNIT %s %s\n", name, unit);
}

/* Escapes of a label's value; other control characters become blanks. */
static void add_label(gb_str *out, const char *name, const char *value) {
    const char last = out->length > 0 ? out->text[out->length - 1] : '{';

    gb_str_addf(out, "%s%s=\"", last == '{' ? "" : ",", name);
    for (const char *at = value; *at != '\0'; at++) {
        const unsigned char byte = (unsigned char)*at;
        if (*at == '\\' || *at == '"')
            gb_str_addf(out, "\\%c", *at);
        else if (*at == '\n')
            gb_str_add(out, "\\n");
        else
            gb_str_addn(out, byte < 0x20 || byte == 0x7f ? " " : at, 1);
    }
    gb_str_add(out, "\"");
}

/* Ends a sample. */
static void add_value(gb_str *out, double value) {
    char text[32];

    gb_str_addf(out, "} %s\n", gb_format_exact(value, text, sizeof(text)));
}

/* "flop" -> "flops", "byte" -> "bytes"; what a name cannot hold becomes '_'. */
static void plural_of(const char *work_unit, char *out, size_t size) {
    size_t length = 0;

    for (; work_unit[length] != '\0' && length + 2 < size; length++) {
        const char c = (char)tolower((unsigned char)work_unit[length]);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        out[length] = plain ? c : '_';
    }
    if (length > 0 && out[length - 1] != 's')
        out[length++] = 's';
    out[length] = '\0';
}

/* --- what is told of each benchmark --------------------------------------- */

typedef struct family {
    const char *name; /* without "greenbench_" and its unit */
    const char *unit; /* "": the work unit's, with `per` */
    const char *per;  /* "second"; of families without a unit of their own */
    const char *help;
    bool energy; /* its samples say how good the energy is */
    double (*value)(const gb_bench_result *bench); /* NAN: no sample */
} family;

static double if_valid(const gb_bench_result *bench, double value) {
    return bench->valid ? value : (double)NAN;
}

static double valid_of(const gb_bench_result *bench) {
    return bench->valid ? 1.0 : 0.0;
}

static double repetitions_of(const gb_bench_result *bench) {
    return (double)bench->time_s.n;
}

static double time_of(const gb_bench_result *bench) {
    return if_valid(bench, bench->time_s.value);
}

static double rate_of(const gb_bench_result *bench) {
    return if_valid(bench, bench->performance.value);
}

static double rate_low_of(const gb_bench_result *bench) {
    return if_valid(bench, bench->performance.ci95[0]);
}

static double rate_high_of(const gb_bench_result *bench) {
    return if_valid(bench, bench->performance.ci95[1]);
}

static double energy_of(const gb_bench_result *bench) {
    return bench->energy.energy_j;
}

static double energy_u95_of(const gb_bench_result *bench) {
    return isfinite(bench->energy.energy_j) ? bench->energy.u95_j : (double)NAN;
}

static double power_of(const gb_bench_result *bench) {
    return bench->power_w;
}

static double power_u95_of(const gb_bench_result *bench) {
    return bench->power_w * energy_u95_of(bench) / bench->energy.energy_j;
}

static double efficiency_of(const gb_bench_result *bench) {
    return if_valid(bench, bench->efficiency);
}

static double efficiency_low_of(const gb_bench_result *bench) {
    return if_valid(bench, bench->efficiency_ci95[0]);
}

static double efficiency_high_of(const gb_bench_result *bench) {
    return if_valid(bench, bench->efficiency_ci95[1]);
}

static const family families[] = {
    {"benchmark_valid", "", NULL,
     "1: it ran and its result is right, 0: it failed.", false, valid_of},
    {"benchmark_repetitions", "", NULL, "Valid repetitions.", false,
     repetitions_of},
    {"time", "seconds", NULL, "Duration of a timed call, median.", false,
     time_of},
    {"performance", "", "second", "Work per second, median.", false, rate_of},
    {"performance_ci95_low", "", "second",
     "Lower end of the median's 95 % interval.", false, rate_low_of},
    {"performance_ci95_high", "", "second",
     "Upper end of the median's 95 % interval.", false, rate_high_of},
    {"energy", "joules", NULL, "Energy of all valid repetitions.", true,
     energy_of},
    {"energy_u95", "joules", NULL,
     "Half the width of the energy's 95 % interval.", true, energy_u95_of},
    {"power", "watts", NULL, "Mean power during the repetitions.", true,
     power_of},
    {"power_u95", "watts", NULL, "Half the width of the power's 95 % interval.",
     true, power_u95_of},
    {"efficiency", "", "joule",
     "Work per joule, which is performance per watt.", true, efficiency_of},
    {"efficiency_ci95_low", "", "joule",
     "Lower end of the efficiency's 95 % interval.", true, efficiency_low_of},
    {"efficiency_ci95_high", "", "joule",
     "Upper end of the efficiency's 95 % interval.", true, efficiency_high_of},
};

static const gb_plan_case *planned_of(const metrics *m, size_t at) {
    return &m->result->plan->cases[m->result->benches[at].case_index];
}

static void add_bench_labels(const metrics *m, size_t at, bool energy) {
    const gb_plan_case *planned = planned_of(m, at);
    gb_str params = {0};

    gb_str_add(m->out, "{");
    add_label(m->out, "benchmark", planned->id);
    gb_plan_add_params(planned, true, &params);
    if (params.failed)
        m->out->failed = true;
    add_label(m->out, "params", params.text != NULL ? params.text : "");
    gb_str_fini(&params);
    if (m->occurrence[at] > 1) {
        char number[24];
        snprintf(number, sizeof(number), "%zu", m->occurrence[at]);
        add_label(m->out, "occurrence", number);
    }
    if (!energy)
        return;
    add_label(m->out, "quality",
              gb_quality_name(m->result->benches[at].energy.quality));
    add_label(m->out, "coverage",
              m->coverage.holds.text != NULL ? m->coverage.holds.text : "");
}

/* @param work_unit  null: benchmarks of every unit
 *  @param unit  of the name, with its '_' in front; "" */
static void add_family(const metrics *m, const family *one,
                       const char *work_unit, const char *unit) {
    char name[NAME_SIZE];
    bool begun = false;

    snprintf(name, sizeof(name), "greenbench_%s%s%s", one->name,
             unit[0] != '\0' ? "_" : "", unit);
    for (size_t i = 0; i < m->result->bench_count; i++) {
        const double value = one->value(&m->result->benches[i]);
        if (!isfinite(value) ||
            (work_unit != NULL &&
             strcmp(planned_of(m, i)->work_unit, work_unit) != 0))
            continue;
        if (!begun)
            add_head(m->out, name, unit, one->help);
        begun = true;
        gb_str_add(m->out, name);
        add_bench_labels(m, i, one->energy);
        add_value(m->out, value);
    }
}

static bool first_with_unit(const metrics *m, size_t at) {
    const char *unit = planned_of(m, at)->work_unit;

    for (size_t i = 0; i < at; i++)
        if (strcmp(planned_of(m, i)->work_unit, unit) == 0)
            return false;
    return true;
}

/* A name says one unit, so that work of each unit has families of its own. */
static void add_benches(const metrics *m) {
    for (size_t f = 0; f < sizeof(families) / sizeof(families[0]); f++) {
        const family *one = &families[f];
        if (one->per == NULL) {
            add_family(m, one, NULL, one->unit);
            continue;
        }
        for (size_t i = 0; i < m->result->bench_count; i++) {
            char plural[48], unit[80];
            if (!first_with_unit(m, i))
                continue;
            plural_of(planned_of(m, i)->work_unit, plural, sizeof(plural));
            snprintf(unit, sizeof(unit), "%s_per_%s", plural, one->per);
            add_family(m, one, planned_of(m, i)->work_unit, unit);
        }
    }
}

/* --- the run -------------------------------------------------------------- */

static void add_single(const metrics *m, const char *name, const char *unit,
                       const char *help, double value) {
    char full[NAME_SIZE];

    if (!isfinite(value))
        return;
    snprintf(full, sizeof(full), "greenbench_%s%s%s", name,
             unit[0] != '\0' ? "_" : "", unit);
    add_head(m->out, full, unit, help);
    gb_str_addf(m->out, "%s{", full);
    add_value(m->out, value);
}

static void add_run(const metrics *m) {
    const gb_session *session = m->result->session;

    add_head(m->out, "greenbench_run_info", "",
             "1; the labels are the facts of the run.");
    gb_str_add(m->out, "greenbench_run_info{");
    add_label(m->out, "run_id", session->run_id);
    add_label(m->out, "version", session->tool_version);
    add_label(m->out, "suite", session->suite);
    add_label(m->out, "mpi", session->mpi);
    add_label(m->out, "coverage",
              m->coverage.holds.text != NULL ? m->coverage.holds.text : "");
    add_label(m->out, "leaves_out",
              m->coverage.leaves_out.text != NULL ? m->coverage.leaves_out.text
                                                  : "");
    add_value(m->out, 1.0);
    add_single(m, "run_complete", "", "1: it ended as planned, 0: it did not.",
               m->result->status == GB_RUN_COMPLETE ? 1.0 : 0.0);
    add_single(m, "run_ranks", "", "MPI ranks.", session->ranks);
    add_single(m, "run_nodes", "", "Nodes.", (double)session->node_count);
    add_single(m, "run_warnings", "", "Warnings in the result.",
               (double)m->result->warning_count);
    add_single(m, "run_started_timestamp", "seconds",
               "When the run began, since 1970.",
               session->started_utc_ns > 0
                   ? (double)session->started_utc_ns * 1e-9
                   : (double)NAN);
    add_single(
        m, "run_ended_timestamp", "seconds", "When the run ended, since 1970.",
        m->result->ended_utc_ns > 0 ? (double)m->result->ended_utc_ns * 1e-9
                                    : (double)NAN);
}

static void add_idle(const metrics *m) {
    const gb_idle_figure *idles[] = {&m->result->idle_before,
                                     &m->result->idle_after};
    static const char *const when[] = {"before", "after"};
    bool begun = false;

    for (size_t i = 0; i < 2; i++) {
        if (!idles[i]->present || !isfinite(idles[i]->power_w))
            continue;
        if (!begun)
            add_head(m->out, "greenbench_idle_power_watts", "watts",
                     "Power of all nodes while nothing ran.");
        begun = true;
        gb_str_add(m->out, "greenbench_idle_power_watts{");
        add_label(m->out, "when", when[i]);
        add_label(m->out, "quality", gb_quality_name(idles[i]->energy.quality));
        add_value(m->out, idles[i]->power_w);
    }
}

/* --- together ------------------------------------------------------------- */

static bool same_case(const gb_plan_case *a, const gb_plan_case *b) {
    if (strcmp(a->id, b->id) != 0 || a->param_count != b->param_count)
        return false;
    for (size_t i = 0; i < a->param_count; i++)
        if (strcmp(a->params[i].name, b->params[i].name) != 0 ||
            strcmp(a->params[i].text, b->params[i].text) != 0)
            return false;
    return true;
}

/* Two samples of one family may not have the same labels. */
static void count_occurrences(metrics *m) {
    for (size_t i = 0; i < m->result->bench_count; i++) {
        m->occurrence[i] = 1;
        for (size_t k = i; k-- > 0;) {
            if (!same_case(planned_of(m, i), planned_of(m, k)))
                continue;
            m->occurrence[i] = m->occurrence[k] + 1;
            break;
        }
    }
}

void gb_report_openmetrics(const gb_result *result, gb_str *out) {
    metrics m = {.result = result, .out = out};

    m.occurrence = calloc(result->bench_count + 1, sizeof(*m.occurrence));
    gb_coverage_collect(result->session, &m.coverage);
    if (m.occurrence == NULL || m.coverage.failed) {
        out->failed = true;
    } else {
        count_occurrences(&m);
        add_run(&m);
        add_idle(&m);
        add_benches(&m);
        gb_str_add(out, "# EOF\n");
    }
    free(m.occurrence);
    gb_coverage_fini(&m.coverage);
}
