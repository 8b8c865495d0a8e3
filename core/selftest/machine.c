/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sysroot.h"
#include "base/text.h"
#include "codec/json.h"
#include "machine/energy/dcmi_text.h"
#include "machine/energy/source.h"
#include "machine/platform/platform.h"
#include "metering/lattice.h"
#include "metering/window.h"
#include "selftest/selftest.h"

enum { DOMAINS_MAX = 256, READINGS = 121, TEXT_MAX = 65536 };

/* Beside one step of each counter: the digits that expected.json has. */
#define ROUNDING 1e-9

/* One state of a saved machine: every domain with what it shows. */
typedef struct machine_state {
    gb_energy_domain domains[DOMAINS_MAX];
    gb_energy_reading readings[DOMAINS_MAX];
    size_t count;
    bool powercap_absent;
} machine_state;

typedef struct trial {
    const gb_expected *expected;
    machine_state *t0, *t1; /* t1 null: the machine has one state */
    gb_energy_figure figures[DOMAINS_MAX];
    gb_energy_cover cover;
} trial;

/* --- reading a state ------------------------------------------------------ */

/* What looks beyond /sys, and estimates, have no place here. */
static bool takes_part(const gb_energy_source_ops *ops) {
    return ops != &gb_energy_papi && ops != &gb_energy_model;
}

static void read_source(const gb_energy_source_ops *ops,
                        const gb_energy_env *env, machine_state *state) {
    gb_energy_source *source = NULL;
    gb_error why = {0};
    size_t count = 0;

    if (ops->open(env, &source, &why) != GB_OK) {
        if (ops == &gb_energy_powercap)
            state->powercap_absent = why.status == GB_ERR_UNSUPPORTED;
        return;
    }
    const gb_energy_domain *domains = ops->domains(source, &count);
    if (count > DOMAINS_MAX - state->count)
        count = 0;
    if (count > 0) {
        gb_energy_reading *readings = calloc(count, sizeof(*readings));
        if (readings != NULL) {
            ops->read(source, readings);
            memcpy(&state->readings[state->count], readings,
                   count * sizeof(*readings));
            memcpy(&state->domains[state->count], domains,
                   count * sizeof(*domains));
            state->count += count;
        }
        free(readings);
    }
    ops->close(source);
}

static gb_status read_state(const char *folder, const char *name,
                            machine_state *state, gb_error *err) {
    char path[512];
    gb_sysroot *root = NULL;
    gb_node node = {0};
    size_t count = 0;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    gb_status status = gb_sysroot_open(path, &root, err);
    if (status != GB_OK)
        return status;
    gb_platform_cpu_facts(root, &node);
    const gb_energy_env env = {
        .root = root, .clock = &gb_clock_system, .node = &node};
    const gb_energy_source_ops *const *sources = gb_energy_sources(&count);
    for (size_t i = 0; i < count; i++)
        if (takes_part(sources[i]))
            read_source(sources[i], &env, state);
    gb_sysroot_close(root);
    return GB_OK;
}

/* --- from one state to the other ------------------------------------------ */

static const gb_energy_reading *same_domain(const machine_state *state,
                                            const gb_energy_domain *domain) {
    for (size_t i = 0; i < state->count; i++)
        if (strcmp(state->domains[i].source, domain->source) == 0 &&
            strcmp(state->domains[i].name, domain->name) == 0)
            return &state->readings[i];
    return NULL;
}

/* What a sampler would have read: the line between the two states. */
static void interpolate(const gb_energy_domain *domain,
                        const gb_energy_reading *from,
                        const gb_energy_reading *to, double dt_s,
                        gb_energy_reading *readings) {
    uint64_t gain = to->ticks - from->ticks;

    if (to->ticks < from->ticks)
        gain += domain->wrap_ticks;
    for (uint64_t i = 0; i < READINGS; i++) {
        uint64_t ticks =
            from->ticks + (uint64_t)((double)gain * (double)i / (READINGS - 1));
        if (domain->wrap_ticks != 0)
            ticks %= domain->wrap_ticks;
        readings[i] = (gb_energy_reading){
            .ticks = ticks,
            .time_ns = (uint64_t)(dt_s * 1e9) * i / (READINGS - 1),
            .ok = true,
        };
        if (domain->stamped)
            readings[i].stamp_ns =
                from->stamp_ns +
                (to->stamp_ns - from->stamp_ns) * i / (READINGS - 1);
    }
    readings[READINGS - 1].ticks = to->ticks;
}

static void measure(trial *try, size_t i) {
    const gb_energy_domain *domain = &try->t0->domains[i];
    const gb_energy_reading *from = &try->t0->readings[i];
    const gb_energy_reading *to =
        try->t1 != NULL ? same_domain(try->t1, domain) : from;
    const double dt_s = try->t1 != NULL ? try->expected->dt_s : 100.0;
    gb_energy_reading readings[READINGS];

    try->figures[i] = gb_figure_none(domain->reason);
    if (domain->status != GB_DOMAIN_OK)
        return;
    if (!from->ok || to == NULL || !to->ok) {
        try->figures[i] = gb_figure_none("a state of it cannot be read");
        return;
    }
    interpolate(domain, from, to, dt_s, readings);
    gb_window_energy(domain, readings, READINGS, dt_s / (READINGS - 1),
                     &try->figures[i]);
}

/* --- the verdict ---------------------------------------------------------- */

static void say(char *out, size_t size, double value, const char *unit) {
    if (isfinite(value))
        snprintf(out, size, "%.3f %s", value, unit);
    else
        gb_copy(out, size, "no energy");
}

/* The worst that befell the domains of powercap. */
static gb_domain_status status_of(const trial *try) {
    gb_domain_status worst =
        try->t0->powercap_absent ? GB_DOMAIN_ABSENT : GB_DOMAIN_OK;

    for (size_t i = 0; i < try->t0->count; i++) {
        const gb_energy_domain *domain = &try->t0->domains[i];
        gb_domain_status status = domain->status;

        if (strcmp(domain->source, gb_energy_powercap.name) != 0)
            continue;
        if (status == GB_DOMAIN_OK && isnan(try->figures[i].energy_j))
            status =
                try->figures[i].stopped ? GB_DOMAIN_STUCK : GB_DOMAIN_FAILED;
        worst = status > worst ? status : worst;
    }
    return worst;
}

/* One event for each CPU of the PMU's cpumask, no more and no less. */
static void judge_cpus(const trial *try, gb_selftest_case *out) {
    for (size_t i = 0; i < try->t0->count; i++) {
        const gb_energy_domain *domain = &try->t0->domains[i];
        const char *cpu = strstr(domain->path, " cpu=");
        const size_t length = strlen(out->got);

        if (strcmp(domain->source, gb_energy_perf.name) == 0 && cpu != NULL &&
            domain->scope == GB_SCOPE_PACKAGE)
            snprintf(out->got + length, sizeof(out->got) - length, "%s%s",
                     length > 0 ? ", " : "CPUs ", cpu + strlen(" cpu="));
    }
    snprintf(out->expected, sizeof(out->expected), "CPUs %s",
             try->expected->open_on_cpus);
    out->right = strcmp(out->expected, out->got) == 0;
    if (!out->right)
        gb_copy(out->why, sizeof(out->why),
                "perf events would be opened on other CPUs than cpumask says");
}

static void judge_status(const trial *try, gb_selftest_case *out) {
    const gb_domain_status got = status_of(try);

    gb_copy(out->expected, sizeof(out->expected),
            gb_domain_status_name(try->expected->status));
    gb_copy(out->got, sizeof(out->got), gb_domain_status_name(got));
    out->right = got == try->expected->status;
    if (!out->right)
        snprintf(out->why, sizeof(out->why),
                 "expected its powercap zones to be '%s', got '%s'",
                 out->expected, out->got);
}

/* A total of a usual mistake that is within the tolerance of the right one
 * (a mistake without effect on this machine) rejects nothing. */
static void judge_wrong(const gb_expected *expected, double right, double got,
                        double tolerance, gb_selftest_case *out) {
    for (size_t i = 0; i < expected->wrong_count; i++) {
        gb_wrong_total wrong = expected->wrong[i];
        if (fabs(wrong.value - right) <= fmax(tolerance, 1e-4 * fabs(right)))
            continue;
        wrong.rejected = !(fabs(got - wrong.value) <= tolerance);
        if (!wrong.rejected) {
            out->right = false;
            snprintf(out->why, sizeof(out->why),
                     "gave the total of a usual mistake, %s", wrong.mistake);
        }
        out->wrong[out->wrong_count++] = wrong;
    }
}

/* Counters that are known to be wrong must be flagged, and so uncertain that
 * the truth is not ruled out. */
static void judge_suspect(const trial *try, const gb_energy_figure *total,
                          gb_selftest_case *out) {
    const gb_expected *expected = try->expected;
    bool flagged = expected->suspect[0] == '\0';

    for (size_t i = 0; i < try->t0->count; i++)
        flagged = flagged ||
                  (try->t0->domains[i].summed &&
                   strcmp(try->t0->domains[i].suspect, expected->suspect) == 0);
    const bool held =
        isnan(expected->true_joules) ||
        fabs(total->energy_j - expected->true_joules) <= total->u95_j;
    if (flagged && held)
        return;
    out->right = false;
    if (!flagged)
        snprintf(out->why, sizeof(out->why),
                 "expected a counter flagged as '%s', got none",
                 expected->suspect);
    else
        snprintf(out->why, sizeof(out->why),
                 "expected an interval that holds %.1f J, got %.1f +- %.1f J",
                 expected->true_joules, total->energy_j, total->u95_j);
}

static void judge_total(const trial *try, gb_selftest_case *out) {
    const gb_expected *expected = try->expected;
    const bool joules = isfinite(expected->node_joules);
    const double right = joules ? expected->node_joules : expected->node_watts;
    double tolerance = ROUNDING * fabs(right);
    gb_energy_figure total;

    gb_figure_sum_domains(try->t0->domains, try->figures, try->t0->count,
                          &total);
    for (size_t i = 0; i < try->t0->count; i++)
        if (try->t0->domains[i].summed)
            tolerance += try->t0->domains[i].step_j;
    const double got =
        joules ? total.energy_j : total.energy_j / total.window_s;
    const bool has = try->cover.summed_count > 0 && isfinite(got);

    say(out->expected, sizeof(out->expected), expected->no_energy ? NAN : right,
        joules ? "J" : "W");
    say(out->got, sizeof(out->got), has ? got : NAN, joules ? "J" : "W");
    out->right =
        expected->no_energy ? !has : has && fabs(got - right) <= tolerance;
    if (!out->right)
        snprintf(out->why, sizeof(out->why), "%s",
                 total.reason[0] != '\0' ? total.reason : "another total");
    judge_suspect(try, &total, out);
    judge_wrong(expected, right, has ? got : NAN, tolerance, out);
}

/* --- one machine ---------------------------------------------------------- */

static gb_status read_expected(const char *folder, gb_expected *expected,
                               gb_error *err) {
    gb_sysroot *root = NULL;
    char *text = malloc(TEXT_MAX);
    gb_status status = text != NULL ? gb_sysroot_open(folder, &root, err)
                                    : gb_fail_memory(err, "expected.json");

    if (status == GB_OK)
        status =
            gb_sysroot_read_text(root, "/expected.json", text, TEXT_MAX, err);
    if (status == GB_OK)
        status = gb_json_read_expected(text, expected, err);
    gb_sysroot_close(root);
    free(text);
    return status;
}

static bool has_folder(const char *folder, const char *name) {
    gb_sysroot *root = NULL;
    char path[64];

    snprintf(path, sizeof(path), "/%s", name);
    if (gb_sysroot_open(folder, &root, NULL) != GB_OK)
        return false;
    const bool there = gb_sysroot_kind(root, path) == GB_PATH_DIR;
    gb_sysroot_close(root);
    return there;
}

static void run_trial(trial *try, gb_selftest_case *out) {
    static const char *const preference[] = {"powercap", "hwmon"};

    gb_lattice_choose(try->t0->domains, try->t0->count, 0, preference, 2,
                      &try->cover);
    for (size_t i = 0; i < try->t0->count; i++)
        measure(try, i);
    if (try->expected->has_status)
        judge_status(try, out);
    else if (try->expected->open_on_cpus[0] != '\0')
        judge_cpus(try, out);
    else
        judge_total(try, out);
}

/* --- what a program printed ----------------------------------------------- */

static void say_power(char *text, size_t size, double power_w) {
    const size_t length = strlen(text);

    if (isfinite(power_w))
        snprintf(text + length, size - length, "%s%.0f W",
                 length > 0 ? ", " : "", power_w);
    else
        snprintf(text + length, size - length, "%snone",
                 length > 0 ? ", " : "");
}

static double printed_power_w(const gb_sysroot *root, const char *file,
                              char *text) {
    gb_dcmi_reading reading;
    char path[80];

    snprintf(path, sizeof(path), "/%s", file);
    if (gb_sysroot_read_text(root, path, text, TEXT_MAX, NULL) != GB_OK)
        return -1.0; /* neither a power nor its absence */
    return gb_dcmi_parse(text, &reading, NULL) == GB_OK
               ? (double)reading.power_w
               : (double)NAN;
}

static void judge_printed(const char *folder, const gb_expected *expected,
                          gb_selftest_case *out) {
    gb_sysroot *root = NULL;
    char *text = malloc(TEXT_MAX);

    if (text != NULL && gb_sysroot_open(folder, &root, NULL) == GB_OK)
        for (size_t i = 0; i < expected->printed_count; i++) {
            const gb_printed *one = &expected->printed[i];
            say_power(out->expected, sizeof(out->expected), one->power_w);
            say_power(out->got, sizeof(out->got),
                      printed_power_w(root, one->file, text));
        }
    out->right = out->got[0] != '\0' && strcmp(out->expected, out->got) == 0;
    if (!out->right)
        gb_copy(out->why, sizeof(out->why),
                "another power than the program printed");
    gb_sysroot_close(root);
    free(text);
}

/* -------------------------------------------------------------------------- */

void gb_selftest_machine(const char *folder, const char *name,
                         gb_selftest_case *out) {
    machine_state *states = calloc(2, sizeof(*states));
    trial *try = calloc(1, sizeof(*try));
    gb_expected expected;
    gb_error err = {0};

    *out = (gb_selftest_case){0};
    gb_copy(out->machine, sizeof(out->machine), name);
    gb_status status = states != NULL && try != NULL
                           ? read_expected(folder, &expected, &err)
                           : gb_fail_memory(&err, "a saved machine");
    const bool printed = status == GB_OK && expected.printed_count > 0;
    if (status == GB_OK && !printed)
        status = read_state(folder, "t0", &states[0], &err);
    const bool two = status == GB_OK && has_folder(folder, "t1");
    if (two)
        status = read_state(folder, "t1", &states[1], &err);
    if (printed) {
        judge_printed(folder, &expected, out);
    } else if (status == GB_OK) {
        try->expected = &expected;
        try->t0 = &states[0];
        try->t1 = two ? &states[1] : NULL;
        run_trial(try, out);
    } else {
        gb_copy(out->expected, sizeof(out->expected), "a saved machine");
        gb_copy(out->got, sizeof(out->got), "an error");
        gb_copy(out->why, sizeof(out->why), err.what);
    }
    free(try);
    free(states);
}
