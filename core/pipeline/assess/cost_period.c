/* SPDX-License-Identifier: Apache-2.0 */
/* What the energy of a facility costs over a period that its meters cover:
 * nothing is filled, cut or extrapolated. */
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/phrase.h"
#include "base/text.h"
#include "base/units.h"
#include "pipeline/assess/parts.h"

/* One meter's part. */
typedef struct part {
    const gb_facility_meter *meter;
    double energy_j, cost;
    double price_s; /* price by time: what an error of its range costs */
    double spread;  /* of rows that meet several prices: half of it */
    size_t rows;
} part;

typedef struct period {
    const gb_tariff *tariff;
    int64_t from_ns, to_ns;
    part parts[2];
    size_t part_count;
} period;

/* --- meters --------------------------------------------------------------- */

/* The meter at the boundary is what is billed; without one, IT and overhead. */
static bool pick_meters(gb_assess_work *work, period *p) {
    static const gb_facility_quantity sums[] = {GB_FACILITY_IT,
                                                GB_FACILITY_OVERHEAD};
    const gb_facility *facility = work->facility;
    const gb_facility_meter *all =
        gb_facility_find_meter(facility, GB_FACILITY_FACILITY);

    if (all != NULL)
        p->parts[p->part_count++].meter = all;
    for (size_t i = 0; all == NULL && i < 2; i++) {
        const gb_facility_meter *meter =
            gb_facility_find_meter(facility, sums[i]);
        if (meter == NULL)
            return gb_assess_stop(work, GB_CLAIM_REASON_NOT_METERED,
                                  "facility, or it and overhead");
        p->parts[p->part_count++].meter = meter;
    }
    for (size_t i = 0; i < p->part_count; i++)
        if (isnan(p->parts[i].meter->u_rel))
            return gb_assess_stop(work, GB_CLAIM_REASON_UNDOCUMENTED, "%s",
                                  p->parts[i].meter->id);
    return true;
}

/* --- demand --------------------------------------------------------------- */

static bool begins_month(const gb_tariff *tariff, int64_t ns) {
    const gb_local_time at = gb_zone_local(&tariff->zone, ns);

    return at.day == 1 && ns == gb_zone_day_begin(&tariff->zone, at.days);
}

static bool shows_peaks(const period *p, const gb_facility_row *row) {
    const int64_t length = row->end_ns - row->begin_ns;

    return row->end_ns <= p->from_ns || row->begin_ns >= p->to_ns ||
           (p->tariff->demand_interval_ns % length == 0 &&
            (row->begin_ns - p->from_ns) % length == 0);
}

static bool check_demand(gb_assess_work *work, const period *p) {
    if (isnan(p->tariff->demand_per_w))
        return true;
    if (!begins_month(p->tariff, p->from_ns) ||
        !begins_month(p->tariff, p->to_ns))
        return gb_assess_stop(work, GB_CLAIM_REASON_DEMAND,
                              "the period has to begin and end with one, in "
                              "%s",
                              p->tariff->zone_text);
    for (size_t i = 0; i < p->part_count; i++) {
        const gb_facility_meter *meter = p->parts[i].meter;
        for (size_t r = 0; r < meter->row_count; r++)
            if (!shows_peaks(p, &meter->rows[r]))
                return gb_assess_stop(
                    work, GB_CLAIM_REASON_DEMAND,
                    "rows of %s do not show those of %.0f s", meter->id,
                    (double)p->tariff->demand_interval_ns / 1e9);
    }
    return true;
}

/* All meters' energy of the rows before @p end_ns, each from its row @p at. */
static double take_until(const period *p, size_t *at, int64_t end_ns) {
    double energy_j = 0.0;

    for (size_t i = 0; i < p->part_count; i++) {
        const gb_facility_meter *meter = p->parts[i].meter;
        while (at[i] < meter->row_count && meter->rows[at[i]].begin_ns < end_ns)
            energy_j += meter->rows[at[i]++].value;
    }
    return energy_j;
}

/* The peak of each month, by its own clock; NAN: the tariff asks for none. */
static double cost_of_peaks(const period *p) {
    const int64_t interval = p->tariff->demand_interval_ns;
    size_t at[2] = {0};
    double sum = 0.0, peak_j = 0.0;
    int month = 0;

    if (isnan(p->tariff->demand_per_w))
        return NAN;
    (void)take_until(p, at, p->from_ns);
    for (int64_t begin = p->from_ns; begin < p->to_ns; begin += interval) {
        const gb_local_time local = gb_zone_local(&p->tariff->zone, begin);
        if (local.month != month) {
            sum += peak_j;
            peak_j = 0.0;
            month = local.month;
        }
        peak_j = fmax(peak_j, take_until(p, at, begin + interval));
    }
    return (sum + peak_j) / ((double)interval / 1e9) * p->tariff->demand_per_w;
}

/* --- energy --------------------------------------------------------------- */

static bool lacks(gb_assess_work *work, const gb_facility_meter *meter,
                  int64_t at_ns) {
    char when[32];

    gb_clock_format_utc((uint64_t)at_ns, when, sizeof(when));
    return gb_assess_stop(work, GB_CLAIM_REASON_GAPS,
                          "%s has no reading from %s on, and a cost is a sum "
                          "that needs all of them",
                          meter->id, when);
}

static bool add_row(gb_assess_work *work, period *p, part *of,
                    const gb_facility_row *row) {
    gb_price_span span;
    char when[32];

    if (!gb_price_over(p->tariff, row->begin_ns, row->end_ns, &span)) {
        gb_clock_format_utc((uint64_t)row->begin_ns, when, sizeof(when));
        return gb_assess_stop(work, GB_CLAIM_REASON_TARIFF,
                              "%s is not valid at %s", p->tariff->name, when);
    }
    of->energy_j += row->value;
    of->cost += row->value * span.mean_per_j;
    of->price_s +=
        span.mean_per_j * (double)(row->end_ns - row->begin_ns) / 1e9;
    of->spread += row->value * 0.5 * (span.most_per_j - span.least_per_j);
    of->rows++;
    return true;
}

/* Rows from the begin of the period to its end, without a hole. */
static bool add_meter(gb_assess_work *work, period *p, part *of) {
    const gb_facility_meter *meter = of->meter;
    int64_t reached = p->from_ns;

    for (size_t r = 0; r < meter->row_count && reached < p->to_ns; r++) {
        const gb_facility_row *row = &meter->rows[r];
        if (row->begin_ns < p->from_ns)
            continue;
        if (row->begin_ns != reached || row->end_ns > p->to_ns ||
            isnan(row->value))
            break;
        if (!add_row(work, p, of, row))
            return false;
        reached = row->end_ns;
    }
    return reached == p->to_ns ? true : lacks(work, meter, reached);
}

/* --- together ------------------------------------------------------------- */

static void estimate_cost(gb_assess_work *work, const period *p) {
    gb_estimate *out = &work->result->estimate;
    gb_cost *cost = &work->result->cost;
    double energy_j = 0.0, spread = 0.0, square = 0.0, bound = 0.0;

    cost->demand = cost_of_peaks(p);
    out->value = isnan(cost->demand) ? 0.0 : cost->demand;
    for (size_t i = 0; i < p->part_count; i++) {
        energy_j += p->parts[i].energy_j;
        out->value += p->parts[i].cost;
        spread += p->parts[i].spread;
    }
    for (size_t i = 0; i < p->part_count; i++) {
        const part *of = &p->parts[i];
        /* A peak is off by as much as its energy. */
        const double peaks =
            isnan(cost->demand) ? 0.0 : cost->demand * of->energy_j / energy_j;
        const double u = hypot(of->meter->u_rel * (of->cost + peaks),
                               of->meter->u_abs * of->price_s);
        square += u * u;
        bound = fmax(bound, sqrt(3.0) * u / (of->cost + peaks));
        gb_estimate_add(out, of->meter->id, 'B', u, "%.6g kWh, %s",
                        of->energy_j / GB_J_IN_KWH, of->meter->accuracy);
    }
    if (spread > 0.0) {
        gb_estimate_add(out, "prices", 'B', spread / sqrt(3.0),
                        "rows that meet several prices");
        square += spread * spread / 3.0;
    }
    gb_copy(out->unit, sizeof(out->unit), p->tariff->currency);
    out->u = out->fixed = sqrt(square);
    out->scatter = 0.0;
    out->meter_bound = bound;
    out->dof = INFINITY;
    out->n = p->parts[0].rows;
    gb_copy(out->replicate, sizeof(out->replicate), "interval");
    cost->run.per_j =
        (out->value - (isnan(cost->demand) ? 0.0 : cost->demand)) / energy_j;
}

static void describe_in(const gb_assess_work *work, const period *p,
                        gb_language language, char *out, size_t size) {
    char from[32], to[32];

    gb_clock_format_utc((uint64_t)p->from_ns, from, sizeof(from));
    gb_clock_format_utc((uint64_t)p->to_ns, to, sizeof(to));
    snprintf(out, size,
             gb_phrase(language, "%s: %s; %s to %s, all of it metered"),
             work->facility->name, work->facility->boundary, from, to);
}

static void describe(gb_assess_work *work, const period *p) {
    gb_claim_result *result = work->result;
    gb_cost *cost = &result->cost;

    describe_in(work, p, GB_LANGUAGE_EN, result->conditions,
                sizeof(result->conditions));
    describe_in(work, p, GB_LANGUAGE_ZH, result->conditions_chinese,
                sizeof(result->conditions_chinese));
    gb_copy(cost->currency, sizeof(cost->currency), p->tariff->currency);
    gb_copy(cost->run.tariff, sizeof(cost->run.tariff), p->tariff->name);
    gb_copy(cost->run.source, sizeof(cost->run.source), p->tariff->source);
    cost->run.overhead = NAN;
}

bool gb_assess_period_cost(gb_assess_work *work, const gb_tariff *tariff) {
    period p = {.tariff = tariff,
                .from_ns = work->claim->period_ns[0],
                .to_ns = work->claim->period_ns[1]};

    if (!gb_assess_subjects(work))
        return false;
    if (work->facility == NULL)
        return gb_assess_stop(work, GB_CLAIM_REASON_NO_FACILITY, "--facility");
    if (!pick_meters(work, &p) || !check_demand(work, &p))
        return false;
    for (size_t i = 0; i < p.part_count; i++)
        if (!add_meter(work, &p, &p.parts[i]))
            return false;
    describe(work, &p);
    estimate_cost(work, &p);
    return true;
}
