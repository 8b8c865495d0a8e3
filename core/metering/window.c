/* SPDX-License-Identifier: Apache-2.0 */
/* Budget: reference/energy.md §9.2; refusals: rules 22-24 and 33-36. */
#include "metering/window.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "metering/delta.h"

#define LEAST_PERIODS 10.0
#define STUCK_PERIODS 5.0
/* A part of a window in which the counter does not move proves that it stopped
 * only if it is long for a stumbling updater, and many steps were due. */
#define STUCK_PART_S     0.25
#define STUCK_PART_STEPS 10.0
#define GAP_INTERVALS    3.0

static double seconds_between(const gb_energy_reading *begin,
                              const gb_energy_reading *end) {
    return end->time_ns > begin->time_ns
               ? (double)(end->time_ns - begin->time_ns) * 1e-9
               : 0.0;
}

static void refuse(gb_energy_figure *out, const char *fmt, ...)
    GB_PRINTF_LIKE(2, 3);

/* The first reason stands. */
static void refuse(gb_energy_figure *out, const char *fmt, ...) {
    va_list args;
    char reason[256];

    if (out->reason[0] != '\0')
        return;
    va_start(args, fmt);
    (void)vsnprintf(reason, sizeof(reason), fmt, args);
    va_end(args);
    gb_copy(out->reason, sizeof(out->reason), reason);
}

/* Is there a window at all, and is it long enough for this sensor? */
static void check_window(const gb_energy_domain *domain,
                         const gb_energy_reading *readings, size_t count,
                         gb_energy_figure *out) {
    for (size_t i = 0; i < count; i++) {
        out->samples += readings[i].ok;
        out->errors += !readings[i].ok;
    }
    if (out->samples < 2) {
        refuse(out, "%s: expected two good readings or more, got %u of %zu",
               domain->name, out->samples, count);
        return;
    }
    if (!readings[0].ok || !readings[count - 1].ok) {
        refuse(out, "%s: the reading at the window's %s failed", domain->name,
               readings[0].ok ? "end" : "begin");
        return;
    }
    out->window_s = seconds_between(&readings[0], &readings[count - 1]);
    const uint64_t slow_ns = domain->average_ns > domain->update_ns
                                 ? domain->average_ns
                                 : domain->update_ns;
    const double least_s = LEAST_PERIODS * (double)slow_ns * 1e-9;
    if (out->window_s <= 0.0)
        refuse(out, "%s: the window has no length", domain->name);
    else if (out->window_s < least_s)
        refuse(out,
               "%s: a window of %.3g s is too short, it needs %.3g s: 10 "
               "update periods of %.3g s",
               domain->name, out->window_s, least_s, (double)slow_ns * 1e-9);
}

/* --- counters ------------------------------------------------------------- */

/* Sum the ticks from each good reading to the next. `still_s` is the longest
 * time over which readings stayed equal, `still_intervals` of how many. */
typedef struct tick_sum {
    uint64_t ticks;
    double still_s;
    size_t still_intervals;
} tick_sum;

static tick_sum sum_ticks(const gb_energy_domain *domain,
                          const gb_energy_reading *readings, size_t count,
                          gb_energy_figure *out) {
    tick_sum sum = {0};
    const gb_energy_reading *last = NULL, *moved = NULL;
    size_t equal = 0;

    for (size_t i = 0; i < count; i++) {
        const gb_energy_reading *now = &readings[i];
        uint64_t ticks = 0;
        int wrapped = 0;
        gb_error err;

        if (!now->ok)
            continue;
        if (last == NULL) {
            last = moved = now;
            continue;
        }
        /* A source with stamps of its own gave the same reading again. */
        if (now->time_ns == last->time_ns && now->ticks == last->ticks)
            continue;
        if (gb_delta_ticks(domain, last, now, &ticks, &wrapped, &err) == GB_OK)
            sum.ticks += ticks;
        else
            refuse(out, "%s", err.what);
        out->wraps += (uint32_t)wrapped;
        equal = now->ticks == last->ticks ? equal + 1 : 0;
        if (equal == 0)
            moved = now;
        else if (seconds_between(moved, now) > sum.still_s) {
            sum.still_s = seconds_between(moved, now);
            sum.still_intervals = equal;
        }
        last = now;
    }
    return sum;
}

static void check_stuck(const gb_energy_domain *domain, const tick_sum *sum,
                        gb_energy_figure *out) {
    const double update_s = (double)domain->update_ns * 1e-9;
    const double step_j = fmax(domain->step_j, domain->tick_j);
    const double moving_s = out->window_s - sum->still_s;

    if (sum->ticks == 0 && out->window_s > STUCK_PERIODS * update_s) {
        refuse(out,
               "%s: no change during %.3g s: the counter stands still, or the "
               "energy is below its step of %.3g J",
               domain->name, out->window_s, step_j);
        return;
    }
    if (sum->still_intervals < (size_t)GAP_INTERVALS || moving_s <= 0.0 ||
        sum->still_s <= fmax(STUCK_PERIODS * update_s, STUCK_PART_S))
        return;
    const double due_j =
        (double)sum->ticks * domain->tick_j * sum->still_s / moving_s;
    if (due_j > STUCK_PART_STEPS * step_j)
        refuse(out, "%s: stood still during %.3g s of %.3g s: it stopped",
               domain->name, sum->still_s, out->window_s);
}

/* Mean power next to an edge, over at least ten update periods, so that it is
 * not made of the phase error that it is used for. @p step is 1 for the first
 * edge and -1 for the last. Intervals are known to be sound. */
static double edge_power_w(const gb_energy_domain *domain,
                           const gb_energy_reading *edge, ptrdiff_t step,
                           size_t count) {
    const double least_s = LEAST_PERIODS * (double)domain->update_ns * 1e-9;
    const gb_energy_reading *last = edge;
    uint64_t total = 0;
    double elapsed_s = 0.0;

    for (size_t i = 1; i < count && (elapsed_s <= 0.0 || elapsed_s < least_s);
         i++) {
        const gb_energy_reading *now = edge + (ptrdiff_t)i * step;
        uint64_t ticks = 0;

        if (!now->ok || now->time_ns == last->time_ns)
            continue;
        if (gb_delta_ticks(domain, step > 0 ? last : now, step > 0 ? now : last,
                           &ticks, NULL, NULL) == GB_OK)
            total += ticks;
        elapsed_s +=
            step > 0 ? seconds_between(last, now) : seconds_between(now, last);
        last = now;
    }
    return elapsed_s > 0.0 ? (double)total * domain->tick_j / elapsed_s : 0.0;
}

/* At each edge the counter shows the energy of up to one update period ago, and
 * of any instant of the read; both are uniform. With P0 = P1 this is
 * P*Tu/sqrt(6) of §9.2. Where they differ, the mean lag of half a period does
 * not cancel: energy is not corrected for it, so that it stays a counter
 * difference, and the term is the root mean square error about zero. */
static void energy_budget(const gb_energy_domain *domain,
                          const gb_energy_reading *readings, size_t count,
                          gb_energy_figure *out) {
    const double begin_w = edge_power_w(domain, readings, 1, count);
    const double end_w = edge_power_w(domain, readings + count - 1, -1, count);
    const double update_s = (double)domain->update_ns * 1e-9;
    const double begin_read_s = 2e-9 * (double)readings[0].half_ns;
    const double end_read_s = 2e-9 * (double)readings[count - 1].half_ns;

    out->budget.quantisation_j =
        fmax(domain->step_j, domain->tick_j) / sqrt(6.0);
    out->budget.phase_j = update_s * hypot(hypot(begin_w, end_w) / sqrt(12.0),
                                           0.5 * (end_w - begin_w));
    out->budget.latency_j =
        hypot(begin_w * begin_read_s, end_w * end_read_s) / sqrt(12.0);
}

static void measure_counter(const gb_energy_domain *domain,
                            const gb_energy_reading *readings, size_t count,
                            gb_energy_figure *out) {
    const tick_sum sum = sum_ticks(domain, readings, count, out);
    if (out->reason[0] == '\0')
        check_stuck(domain, &sum, out);
    if (out->reason[0] != '\0')
        return;
    out->energy_j = (double)sum.ticks * domain->tick_j;
    energy_budget(domain, readings, count, out);
}

/* --- gauges --------------------------------------------------------------- */

typedef struct power_sum {
    double energy_j, sampled_s, gap_s;
    double low_w, high_w;
    double between_j2; /* variance of what happens between two samples */
} power_sum;

static void add_interval(const gb_energy_domain *domain,
                         const gb_energy_reading *last,
                         const gb_energy_reading *now, double interval_s,
                         power_sum *sum, gb_energy_figure *out) {
    const double last_w = (double)last->ticks * domain->tick_j;
    const double now_w = (double)now->ticks * domain->tick_j;
    const double dt_s = seconds_between(last, now);

    if (now->time_ns < last->time_ns)
        refuse(out, "%s: expected readings in order of time", domain->name);
    if (dt_s > GAP_INTERVALS * interval_s) {
        out->gaps++;
        sum->gap_s += dt_s;
        return;
    }
    const double change_j = (now_w - last_w) * dt_s;
    sum->energy_j += 0.5 * (last_w + now_w) * dt_s;
    sum->sampled_s += dt_s;
    sum->between_j2 += change_j * change_j / 12.0;
}

static power_sum integrate(const gb_energy_domain *domain,
                           const gb_energy_reading *readings, size_t count,
                           double interval_s, gb_energy_figure *out) {
    power_sum sum = {.low_w = INFINITY, .high_w = -INFINITY};
    const gb_energy_reading *last = NULL;

    for (size_t i = 0; i < count; i++) {
        const gb_energy_reading *now = &readings[i];
        if (!now->ok)
            continue;
        const double now_w = (double)now->ticks * domain->tick_j;
        if (now_w > domain->max_power_w)
            refuse(out, "%s: expected at most %.0f W, got %.4g W", domain->name,
                   domain->max_power_w, now_w);
        sum.low_w = fmin(sum.low_w, now_w);
        sum.high_w = fmax(sum.high_w, now_w);
        if (last != NULL)
            add_interval(domain, last, now, interval_s, &sum, out);
        last = now;
    }
    return sum;
}

static void measure_gauge(const gb_energy_domain *domain,
                          const gb_energy_reading *readings, size_t count,
                          double interval_s, gb_energy_figure *out) {
    const power_sum sum = integrate(domain, readings, count, interval_s, out);
    if (sum.gap_s > 0.5 * out->window_s)
        refuse(out, "%s: %.0f %% of the window of %.3g s has no reading",
               domain->name, 100.0 * sum.gap_s / out->window_s, out->window_s);
    if (out->reason[0] != '\0')
        return;

    const double mean_w = sum.energy_j / sum.sampled_s;
    const double lag_s =
        (double)domain->update_ns * 1e-9 + (double)domain->average_ns * 1e-9;
    const double read_s =
        1e-9 * (double)(readings[0].half_ns + readings[count - 1].half_ns);
    out->energy_j = sum.energy_j + mean_w * sum.gap_s;
    /* The same power is rounded the same way each time, so that rounding does
     * not average out. */
    out->budget.quantisation_j =
        fmax(domain->step_j, domain->tick_j) * out->window_s / sqrt(12.0);
    /* What the gauge shows is up to `lag_s` old: at the edges, up to that much
     * of the difference in power is on the wrong side (rule 35). */
    out->budget.phase_j = (sum.high_w - sum.low_w) * lag_s / sqrt(3.0);
    out->budget.latency_j = mean_w * read_s / sqrt(6.0);
    out->budget.unsampled_j = hypot(
        domain->max_power_w * sum.gap_s / sqrt(12.0), sqrt(sum.between_j2));
}

/* -------------------------------------------------------------------------- */

void gb_window_energy(const gb_energy_domain *domain,
                      const gb_energy_reading *readings, size_t count,
                      double interval_s, gb_energy_figure *out) {
    *out = gb_figure_none("");
    check_window(domain, readings, count, out);
    if (domain->kind == GB_READING_ENERGY)
        measure_counter(domain, readings, count, out);
    else if (out->reason[0] == '\0')
        measure_gauge(domain, readings, count, interval_s, out);
    if (isnan(out->energy_j))
        return;
    out->budget.calibration_j = domain->u_rel * out->energy_j;
    out->u_j = gb_budget_u_j(&out->budget);
    out->quality = domain->quality;
}
