/* SPDX-License-Identifier: Apache-2.0 */
#include "metering/window.h"

#include <math.h>
#include <stdio.h>

#include "metering/delta.h"

/* A counter whose update period nobody knows is stuck after this long. */
#define UNKNOWN_UPDATE_S 0.1
#define SHORTEST_PERIODS 10.0 /* below: no figure (rule 33) */
#define STUCK_PERIODS    5.0  /* without change: stuck (rule 34) */
#define GAP_INTERVALS    3.0  /* longer: not bridged (rule 36) */

static double seconds_between(const gb_energy_reading *a,
                              const gb_energy_reading *b) {
    return ((double)b->time_ns - (double)a->time_ns) * 1e-9;
}

/* What can be said before any arithmetic. */
static bool refuse(const gb_energy_domain *domain,
                   const gb_energy_reading *readings, size_t count,
                   gb_energy_figure *out) {
    char reason[200];
    if (count < 2 || !readings[0].ok || !readings[count - 1].ok) {
        snprintf(reason, sizeof(reason),
                 "%s: expected a good reading at each edge of the window, got "
                 "%s",
                 domain->name, count < 2 ? "fewer than two" : "a failed one");
        *out = gb_figure_none(reason);
        return true;
    }
    const double window_s = seconds_between(&readings[0], &readings[count - 1]);
    const double update_s = (double)domain->update_ns * 1e-9;
    if (window_s < SHORTEST_PERIODS * update_s) {
        snprintf(reason, sizeof(reason),
                 "%s: expected a window of at least %.3g s (10 update periods "
                 "of %.3g s), got %.3g s",
                 domain->name, SHORTEST_PERIODS * update_s, update_s, window_s);
        *out = gb_figure_none(reason);
        return true;
    }
    return false;
}

/* Calibration and the terms that both kinds share. */
static void finish(const gb_energy_domain *domain,
                   const gb_energy_reading *first,
                   const gb_energy_reading *last, gb_energy_figure *out) {
    const double longest_half_s =
        1e-9 * fmax((double)first->half_ns, (double)last->half_ns);
    const double power_w = out->energy_j / out->window_s;
    out->budget.latency_j = power_w * 2.0 * longest_half_s / sqrt(6.0);
    out->budget.calibration_j = domain->u_rel * out->energy_j;
    out->u_j = gb_budget_u_j(&out->budget);
    out->quality = domain->quality;
}

/* --- counters ------------------------------------------------------------- */

static void count_energy(const gb_energy_domain *domain,
                         const gb_energy_reading *readings, size_t count,
                         gb_energy_figure *out) {
    const gb_energy_reading *last = &readings[0];
    uint64_t total = 0;
    for (size_t i = 1; i < count; i++) {
        uint64_t ticks = 0;
        int wrapped = 0;
        gb_error err;
        if (!readings[i].ok) {
            out->errors++;
            continue;
        }
        if (gb_delta_ticks(domain, last, &readings[i], &ticks, &wrapped,
                           &err) != GB_OK) {
            const uint32_t errors = out->errors;
            *out = gb_figure_none(err.what);
            out->errors = errors;
            return;
        }
        total += ticks;
        out->wraps += (uint32_t)wrapped;
        out->samples++;
        last = &readings[i];
    }
    const double update_s = domain->update_ns != 0
                                ? (double)domain->update_ns * 1e-9
                                : UNKNOWN_UPDATE_S;
    if (total == 0 && out->window_s > STUCK_PERIODS * update_s) {
        char reason[200];
        snprintf(reason, sizeof(reason),
                 "%s: expected it to move, got no change for %.3g s: stuck",
                 domain->name, out->window_s);
        *out = gb_figure_none(reason);
        return;
    }
    out->energy_j = (double)total * domain->tick_j;
    const double power_w = out->energy_j / out->window_s;
    out->budget.quantisation_j = domain->step_j / sqrt(6.0);
    out->budget.phase_j =
        power_w * (double)domain->update_ns * 1e-9 / sqrt(6.0);
    finish(domain, &readings[0], &readings[count - 1], out);
}

/* --- gauges --------------------------------------------------------------- */

static void integrate_power(const gb_energy_domain *domain,
                            const gb_energy_reading *readings, size_t count,
                            double interval_s, gb_energy_figure *out) {
    const gb_energy_reading *last = &readings[0];
    double unsampled_s = 0.0, steps_j2 = 0.0, most_w = 0.0;
    const double gap_s =
        GAP_INTERVALS * fmax(interval_s, (double)domain->update_ns * 1e-9);
    for (size_t i = 1; i < count; i++) {
        if (!readings[i].ok) {
            out->errors++;
            continue;
        }
        const double dt_s = seconds_between(last, &readings[i]);
        const double a_w = (double)last->ticks * domain->tick_j;
        const double b_w = (double)readings[i].ticks * domain->tick_j;
        most_w = fmax(most_w, fmax(a_w, b_w));
        if (dt_s > gap_s) {
            out->gaps++;
            unsampled_s += dt_s;
        } else {
            const double step_j = fabs(b_w - a_w) * dt_s / sqrt(12.0);
            out->energy_j += 0.5 * (a_w + b_w) * dt_s;
            steps_j2 += step_j * step_j;
        }
        out->samples++;
        last = &readings[i];
    }
    const double sampled_s = out->window_s - unsampled_s;
    if (sampled_s <= 0.5 * out->window_s) {
        char reason[200];
        snprintf(reason, sizeof(reason),
                 "%s: expected power samples throughout the window, got none "
                 "for %.3g of %.3g s",
                 domain->name, unsampled_s, out->window_s);
        *out = gb_figure_none(reason);
        return;
    }
    /* The unsampled time is filled with the mean of the rest and counted as
     * unknown between nothing and the most that was seen. */
    const double mean_w = out->energy_j / sampled_s;
    out->energy_j += mean_w * unsampled_s;
    out->budget.unsampled_j = most_w * unsampled_s / sqrt(12.0);

    /* A gauge shows the mean of a while ago: only the change of power between
     * the edges does not cancel. */
    const double lag_s =
        1e-9 * ((double)domain->update_ns + (double)domain->average_ns / 2.0);
    const double edges_w =
        fabs((double)readings[count - 1].ticks - (double)readings[0].ticks) *
        domain->tick_j;
    out->budget.phase_j = hypot(sqrt(steps_j2), edges_w * lag_s / sqrt(3.0));
    out->budget.quantisation_j =
        domain->step_j / sqrt(12.0) * out->window_s /
        sqrt(out->samples > 0 ? (double)out->samples : 1.0);
    finish(domain, &readings[0], &readings[count - 1], out);
}

void gb_window_energy(const gb_energy_domain *domain,
                      const gb_energy_reading *readings, size_t count,
                      double interval_s, gb_energy_figure *out) {
    if (refuse(domain, readings, count, out))
        return;
    *out = (gb_energy_figure){
        .window_s = seconds_between(&readings[0], &readings[count - 1]),
        .samples = 1,
    };
    if (domain->kind == GB_READING_ENERGY)
        count_energy(domain, readings, count, out);
    else
        integrate_power(domain, readings, count, interval_s, out);
}
