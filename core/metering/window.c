/* SPDX-License-Identifier: Apache-2.0 */
/* Budget: reference/energy.md §9.2; refusals: rules 22-24 and 33-36. */
#include "metering/window.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/phrase.h"
#include "base/text.h"
#include "metering/delta.h"

#define LEAST_PERIODS 10.0
#define STUCK_PERIODS 5.0
#define PIECE_PERIODS 2.0
/* A part of a window in which the counter does not move proves that it stopped
 * only if it is long for a stumbling updater, and many steps were due. */
#define STUCK_PART_S     0.25
#define STUCK_PART_STEPS 10.0
#define GAP_INTERVALS    3.0
/* A source's clock and ours over one window; its first and last reading may
 * each be a period old, and a window holds ten. */
#define CLOCKS_APART 1.5

/* A window as the parts of this file see it. */
typedef struct window_view {
    const gb_energy_domain *domain;
    const gb_energy_reading *readings; /* [-before] .. [count - 1] */
    size_t count, before;
    double interval_s;
} window_view;

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

    if (out->reason[0] != '\0')
        return;
    va_start(args, fmt);
    gb_phrase_vboth(out->reason, sizeof(out->reason), out->chinese,
                    sizeof(out->chinese), fmt, args);
    va_end(args);
}

/* Is there a window at all, and is it long enough for this sensor? */
static void check_window(const gb_energy_domain *domain,
                         const gb_energy_reading *readings, size_t count,
                         gb_energy_figure *out) {
    for (size_t i = 0; i < count; i++) {
        out->samples += readings[i].ok;
        out->errors += !readings[i].ok;
        if (2e-9 * (double)readings[i].half_ns > GB_LONGEST_READ_S)
            out->flags |= GB_FLAG(SLOW);
    }
    out->flags |= (out->errors > 0 ? GB_FLAG(ERRORS) : 0) |
                  (domain->suspect[0] != '\0' ? GB_FLAG(SUSPECT) : 0) |
                  (domain->shared ? GB_FLAG(SHARED) : 0);
    if (out->samples < 2) {
        refuse(out, "%s: expected two good readings or more, got %u of %zu",
               domain->name, out->samples, count);
        return;
    }
    if (!readings[0].ok || !readings[count - 1].ok) {
        refuse(out,
               readings[0].ok ? "%s: the reading at the window's end failed"
                              : "%s: the reading at the window's begin failed",
               domain->name);
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

/* Window over the same time on the source's clock; 0 and a refusal if the two
 * clocks cannot both be right. Without stamps of its own it is 1. */
static double window_scale(const window_view *view, gb_energy_figure *out) {
    const gb_energy_reading *first = &view->readings[0];
    const gb_energy_reading *last = &view->readings[view->count - 1];
    const double source_s = gb_delta_seconds(view->domain, first, last);

    if (source_s > 0.0 && source_s < CLOCKS_APART * out->window_s &&
        out->window_s < CLOCKS_APART * source_s)
        return out->window_s / source_s;
    refuse(out,
           "%s: its own time stamps are %.3g s apart in a window of %.3g s: it "
           "stood still, or its clock was set",
           view->domain->name, source_s, out->window_s);
    return 0.0;
}

/* --- counters ------------------------------------------------------------- */

/* Sum the ticks from each good reading to the next. `still_s` is the longest
 * time over which readings stayed equal, `still_intervals` of how many. */
typedef struct tick_sum {
    uint64_t ticks;
    double still_s;
    size_t still_intervals;
    size_t instants; /* how many of them were new, by the source's clock */
} tick_sum;

/* For a source with stamps of its own only these say whether it lives: at 1 J
 * and a few watts a counter may well stand. */
static bool same_reading(const gb_energy_domain *domain,
                         const gb_energy_reading *a,
                         const gb_energy_reading *b) {
    return domain->stamped ? a->stamp_ns == b->stamp_ns : a->ticks == b->ticks;
}

static tick_sum sum_ticks(const window_view *view, gb_energy_figure *out) {
    tick_sum sum = {0};
    const gb_energy_reading *last = NULL, *moved = NULL;
    size_t equal = 0;

    for (size_t i = 0; i < view->count; i++) {
        const gb_energy_reading *now = &view->readings[i];
        uint64_t ticks = 0;
        int wrapped = 0;
        gb_error err;

        if (!now->ok)
            continue;
        if (last == NULL) {
            last = moved = now;
            continue;
        }
        if (gb_delta_ticks(view->domain, last, now, &ticks, &wrapped, &err) ==
            GB_OK)
            sum.ticks += ticks;
        else
            refuse(out, "%s", err.what);
        out->wraps += (uint32_t)wrapped;
        sum.instants += gb_delta_seconds(view->domain, last, now) > 0.0;
        equal = same_reading(view->domain, now, last) ? equal + 1 : 0;
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
    /* A slow source is asked less often than it changes. */
    const double asked_s =
        out->window_s / (double)(sum->instants > 0 ? sum->instants : 1);

    if (sum->ticks == 0 && out->window_s > STUCK_PERIODS * update_s) {
        out->stopped = true;
        refuse(out,
               "%s: no change during %.3g s: the counter stands still, or the "
               "energy is below its step of %.3g J",
               domain->name, out->window_s, step_j);
        return;
    }
    if (sum->still_intervals < (size_t)GAP_INTERVALS || moving_s <= 0.0 ||
        sum->still_s <=
            fmax(STUCK_PERIODS * fmax(update_s, asked_s), STUCK_PART_S))
        return;
    const double due_j =
        (double)sum->ticks * domain->tick_j * sum->still_s / moving_s;
    if (!domain->stamped && due_j <= STUCK_PART_STEPS * step_j)
        return;
    out->stopped = true;
    refuse(out, "%s: stood still during %.3g s of %.3g s: it stopped",
           domain->name, sum->still_s, out->window_s);
}

/* Power next to an edge: its mean, and its root mean square over pieces that
 * are long enough not to be made of the phase error they are used for. */
typedef struct edge_power {
    double mean_w, square_w2;
    bool known;
} edge_power;

/* From @p edge on, @p count readings by @p step: 1 later, -1 earlier ones. */
static edge_power power_at_edge(const gb_energy_domain *domain,
                                const gb_energy_reading *edge, ptrdiff_t step,
                                size_t count) {
    const double update_s = (double)domain->update_ns * 1e-9;
    const gb_energy_reading *last = edge;
    double energy_j = 0.0, elapsed_s = 0.0, square_w2s = 0.0;
    double piece_j = 0.0, piece_s = 0.0, pieces = 0.0;

    for (size_t i = 1; i <= count && (elapsed_s <= 0.0 ||
                                      elapsed_s < LEAST_PERIODS * update_s);
         i++) {
        const gb_energy_reading *now = edge + (ptrdiff_t)i * step;
        uint64_t ticks = 0;

        if (!now->ok || now->time_ns == last->time_ns)
            continue;
        if (gb_delta_ticks(domain, step > 0 ? last : now, step > 0 ? now : last,
                           &ticks, NULL, NULL) != GB_OK)
            break;
        piece_j += (double)ticks * domain->tick_j;
        piece_s += fabs(gb_delta_seconds(domain, last, now));
        last = now;
        if (piece_s <= 0.0 || piece_s < PIECE_PERIODS * update_s)
            continue;
        energy_j += piece_j;
        elapsed_s += piece_s;
        square_w2s += piece_j * piece_j / piece_s;
        pieces += 1.0;
        piece_j = piece_s = 0.0;
    }
    if (elapsed_s <= 0.0)
        return (edge_power){0};
    const double mean_w = energy_j / elapsed_s;
    const double periods = elapsed_s / (pieces * update_s);
    /* Phase alone makes equal pieces differ by 1/sqrt(6) of a period. */
    const double phase_w2 =
        update_s > 0.0 ? mean_w * mean_w / 6.0 / (periods * periods) : 0.0;
    return (edge_power){
        mean_w, fmax(square_w2s / elapsed_s - phase_w2, mean_w * mean_w), true};
}

/* At each edge the counter shows the energy of up to @p lag_s ago, uniformly;
 * the power is @p begin before the one and @p end before the other, both less
 * @p less_w. With the same steady power this is P*Tu/sqrt(6) of §9.2. Where
 * they differ, the mean lag of half a period does not cancel: energy is not
 * corrected for it, so that it stays a counter difference, and this is the root
 * mean square about zero. */
static double lag_error_j(const edge_power *begin, const edge_power *end,
                          double less_w, double lag_s) {
    const double begin_w = begin->mean_w - less_w;
    const double end_w = end->mean_w - less_w;
    const double square_w2 = begin->square_w2 - begin->mean_w * begin->mean_w +
                             begin_w * begin_w + end->square_w2 -
                             end->mean_w * end->mean_w + end_w * end_w;

    return lag_s * sqrt(fmax(square_w2 / 3.0 - 0.5 * begin_w * end_w, 0.0));
}

/* How old the older of the two edges was when the sampler got it, as far as our
 * own clock says; 0 with stamps of another clock. */
static double oldest_edge_s(const window_view *view) {
    const gb_energy_reading *edges[] = {&view->readings[0],
                                        &view->readings[view->count - 1]};
    double oldest_s = 0.0;

    for (size_t i = 0; i < 2 && !view->domain->stamped; i++)
        if (edges[i]->stamp_ns != 0 && edges[i]->time_ns > edges[i]->stamp_ns)
            oldest_s =
                fmax(oldest_s,
                     (double)(edges[i]->time_ns - edges[i]->stamp_ns) * 1e-9);
    return oldest_s;
}

static void energy_budget(const window_view *view, gb_energy_figure *out) {
    const gb_energy_domain *domain = view->domain;
    const gb_energy_reading *first = &view->readings[0];
    const gb_energy_reading *last = &view->readings[view->count - 1];
    const double update_s = (double)domain->update_ns * 1e-9;
    const double mean_w = out->energy_j / out->window_s;
    const edge_power steady = {mean_w, mean_w * mean_w, true};
    edge_power end = power_at_edge(domain, last, -1, view->count - 1);
    edge_power begin = power_at_edge(domain, first, -1, view->before);

    if (!begin.known)
        begin = power_at_edge(domain, first, 1, view->count - 1);
    begin = begin.known ? begin : steady;
    end = end.known ? end : steady;
    out->budget.quantisation_j =
        fmax(domain->step_j, domain->tick_j) / sqrt(6.0);
    out->budget.latency_j = hypot(begin.mean_w * 2e-9 * (double)first->half_ns,
                                  end.mean_w * 2e-9 * (double)last->half_ns) /
                            sqrt(12.0);
    /* With a stamp the lag is known, and what it leaves is how far the power at
     * the edges is from the mean power that fills it in. Stamps of its own are
     * on another clock: then the lag may be anything up to a period. */
    const double filled_s = domain->stamped ? update_s : oldest_edge_s(view);
    out->budget.phase_j =
        hypot(domain->stamped ? 0.0 : lag_error_j(&begin, &end, 0.0, update_s),
              lag_error_j(&begin, &end, mean_w, filled_s));
}

static void measure_counter(const window_view *view, gb_energy_figure *out) {
    const tick_sum sum = sum_ticks(view, out);
    if (out->reason[0] == '\0')
        check_stuck(view->domain, &sum, out);
    const double scale = out->reason[0] == '\0' ? window_scale(view, out) : 0.0;
    if (out->reason[0] != '\0')
        return;
    out->energy_j = scale == 1.0
                        ? (double)sum.ticks * view->domain->tick_j
                        : (double)sum.ticks * view->domain->tick_j * scale;
    energy_budget(view, out);
}

/* --- gauges --------------------------------------------------------------- */

typedef struct power_sum {
    double energy_j, sampled_s, gap_s;
    double low_w, high_w;
    double between_j2; /* variance of what happens between two samples */
} power_sum;

static void add_interval(const window_view *view, const gb_energy_reading *last,
                         const gb_energy_reading *now, power_sum *sum,
                         gb_energy_figure *out) {
    const double last_w = (double)last->ticks * view->domain->tick_j;
    const double now_w = (double)now->ticks * view->domain->tick_j;
    const double update_s = (double)view->domain->update_ns * 1e-9;
    const double dt_s = gb_delta_seconds(view->domain, last, now);

    if (dt_s < 0.0)
        refuse(out, "%s: expected readings in order of time",
               view->domain->name);
    if (dt_s > GAP_INTERVALS * fmax(view->interval_s, update_s)) {
        out->gaps++;
        out->flags |= GB_FLAG(GAPS);
        sum->gap_s += dt_s;
        return;
    }
    const double change_j = (now_w - last_w) * dt_s;
    sum->energy_j += 0.5 * (last_w + now_w) * dt_s;
    sum->sampled_s += dt_s;
    sum->between_j2 += change_j * change_j / 12.0;
}

static power_sum integrate(const window_view *view, gb_energy_figure *out) {
    const gb_energy_domain *domain = view->domain;
    power_sum sum = {.low_w = INFINITY, .high_w = -INFINITY};
    const gb_energy_reading *last = NULL;

    for (size_t i = 0; i < view->count; i++) {
        const gb_energy_reading *now = &view->readings[i];
        if (!now->ok)
            continue;
        const double now_w = (double)now->ticks * domain->tick_j;
        if (now_w > domain->max_power_w)
            refuse(out, "%s: expected at most %.0f W, got %.4g W", domain->name,
                   domain->max_power_w, now_w);
        sum.low_w = fmin(sum.low_w, now_w);
        sum.high_w = fmax(sum.high_w, now_w);
        if (last != NULL)
            add_interval(view, last, now, &sum, out);
        last = now;
    }
    return sum;
}

static void measure_gauge(const window_view *view, gb_energy_figure *out) {
    const gb_energy_domain *domain = view->domain;
    const gb_energy_reading *first = &view->readings[0];
    const gb_energy_reading *last = &view->readings[view->count - 1];
    const power_sum sum = integrate(view, out);

    if (sum.gap_s > 0.5 * out->window_s || sum.sampled_s <= 0.0)
        refuse(out, "%s: %.0f %% of the window of %.3g s has no reading",
               domain->name,
               sum.sampled_s > 0.0 ? 100.0 * sum.gap_s / out->window_s : 100.0,
               out->window_s);
    if (out->reason[0] == '\0')
        (void)window_scale(view, out);
    if (out->reason[0] != '\0')
        return;

    const double mean_w = sum.energy_j / sum.sampled_s;
    const double lag_s = (double)domain->update_ns * 1e-9 +
                         (double)domain->average_ns * 1e-9 +
                         oldest_edge_s(view);
    const double read_s = 1e-9 * (double)(first->half_ns + last->half_ns);
    out->energy_j = mean_w * out->window_s;
    out->unsampled_s = sum.gap_s;
    /* The same power is rounded the same way each time, so that rounding does
     * not average out; firmware may cut as well as round, so that it is up to a
     * step either way. */
    out->budget.quantisation_j =
        fmax(domain->step_j, domain->tick_j) * out->window_s / sqrt(3.0);
    /* What the gauge shows is up to `lag_s` old: at the edges, up to that much
     * of the difference in power is on the wrong side (rule 35). */
    out->budget.phase_j = (sum.high_w - sum.low_w) * lag_s / sqrt(3.0);
    out->budget.latency_j = mean_w * read_s / sqrt(6.0);
    out->budget.unsampled_j = hypot(
        domain->max_power_w * sum.gap_s / sqrt(12.0), sqrt(sum.between_j2));
}

/* -------------------------------------------------------------------------- */

static uint32_t kind_of_meter(const gb_energy_domain *domain) {
    return gb_calibration_kind(gb_calibration_kind(0, domain->source),
                               gb_scope_name(domain->scope));
}

void gb_window_gather_after(const gb_energy_domain *domain,
                            const gb_energy_reading *readings, size_t count,
                            size_t before, double interval_s,
                            gb_energy_figure *out) {
    const window_view view = {domain, readings, count, before, interval_s};

    *out = gb_figure_none("");
    check_window(domain, readings, count, out);
    if (domain->kind == GB_READING_ENERGY)
        measure_counter(&view, out);
    else if (out->reason[0] == '\0')
        measure_gauge(&view, out);
    if (isnan(out->energy_j))
        return;
    gb_budget_shape(&out->budget);
    gb_budget_calibrate(&out->budget, kind_of_meter(domain),
                        domain->u_rel * out->energy_j +
                            domain->u_w * out->window_s);
    out->quality = domain->quality;
}

void gb_window_energy_after(const gb_energy_domain *domain,
                            const gb_energy_reading *readings, size_t count,
                            size_t before, double interval_s,
                            gb_energy_figure *out) {
    gb_window_gather_after(domain, readings, count, before, interval_s, out);
    gb_figure_conclude(out);
}

void gb_window_energy(const gb_energy_domain *domain,
                      const gb_energy_reading *readings, size_t count,
                      double interval_s, gb_energy_figure *out) {
    gb_window_energy_after(domain, readings, count, 0, interval_s, out);
}
