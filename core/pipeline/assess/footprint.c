/* SPDX-License-Identifier: Apache-2.0 */
/* What `greenbench carbon` shows: grams for all that a run did, the SCI, and a
 * site over a period. */
#include "pipeline/assess/footprint.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "base/utc.h"
#include "pipeline/assess/parts.h"

/* --- units of work -------------------------------------------------------- */

void gb_carbon_work_unit(const char *work_unit, char *unit, size_t size,
                         double *scale_out) {
    const bool flops = strcmp(work_unit, "flop") == 0;
    const bool bytes = strcmp(work_unit, "byte") == 0;

    *scale_out = flops || bytes ? 1e9 : 1.0;
    gb_copy(unit, size, flops ? "Gflop" : bytes ? "GB" : work_unit);
}

static void add_per(gb_carbon_bench *bench, const char *unit, const char *what,
                    double amount) {
    if (!(amount > 0.0) || bench->per_count == GB_CARBON_PERS)
        return;
    gb_carbon_per *per = &bench->pers[bench->per_count++];
    gb_copy(per->unit, sizeof(per->unit), unit);
    gb_copy(per->what, sizeof(per->what), what);
    per->amount = amount;
}

/* Its work, the solution where it has one, and what else it counted. */
static void list_pers(gb_carbon_bench *bench) {
    const gb_bench_result *result = bench->result;
    const char *unit = bench->planned->work_unit;
    char name[48];
    double scale = 1.0;

    gb_carbon_work_unit(unit, name, sizeof(name), &scale);
    add_per(bench, name, "", result->work / scale);
    if (bench->planned->one_shot)
        add_per(bench, "solution", "", (double)result->time_s.n);
    if (strcmp(unit, "flop") != 0)
        add_per(bench, "Gflop", "", result->counts.flops / 1e9);
    if (strcmp(unit, "byte") != 0) {
        add_per(bench, "GB", "moved in memory",
                result->counts.memory_bytes / 1e9);
        add_per(bench, "GB", "sent", result->counts.network_bytes / 1e9);
    }
}

/* --- SCI ------------------------------------------------------------------ */

double gb_embodied_g(const gb_embodied *embodied, double total_kg,
                     double time_s) {
    return 1e3 * total_kg * (time_s / embodied->lifetime_s) * embodied->share;
}

static double time_of(const gb_reduced_case *reduced) {
    double time_s = 0.0;

    for (size_t i = 0; i < reduced->rep_count; i++)
        if (reduced->reps[i].valid)
            time_s += reduced->reps[i].window_s;
    return time_s;
}

/* R, or why there is none. */
static void set_unit(const gb_carbon_setting *setting,
                     const gb_carbon_bench *bench, gb_sci *out) {
    const char *wanted =
        setting->sci.per == GB_SCI_PER_SOLUTION ? "solution" : "";

    for (size_t i = 0; i < bench->per_count; i++)
        if (wanted[0] == '\0' || strcmp(bench->pers[i].unit, wanted) == 0) {
            out->amount = bench->pers[i].amount;
            gb_copy(out->unit, sizeof(out->unit), bench->pers[i].unit);
            return;
        }
    gb_copy(out->reason, sizeof(out->reason),
            wanted[0] != '\0' ? "R is a solution, and this is no solve"
                              : "it does no work that could be counted");
}

/* O and M are added up: both have to be CO2e, and both have to be there. */
static bool check_parts(const gb_carbon_setting *setting,
                        const gb_carbon_bench *bench,
                        const gb_carbon_rate *rate, gb_sci *out) {
    const gb_carbon_amount *amount = &bench->amounts[setting->sci.basis];

    if (!rate->present)
        snprintf(out->reason, sizeof(out->reason), "there is no %s intensity",
                 gb_carbon_basis_name(setting->sci.basis));
    else if (!isfinite(amount->g))
        gb_copy(out->reason, sizeof(out->reason), amount->reason);
    else if (!setting->embodied.present)
        gb_copy(out->reason, sizeof(out->reason),
                "M is part of it, and the file has no 'embodied'");
    else if (gb_carbon_rate_type(rate)->gas != GB_CARBON_CO2E)
        gb_copy(out->reason, sizeof(out->reason),
                "M is CO2e and the intensity of CO2 alone: they cannot be "
                "added up");
    return out->reason[0] == '\0';
}

void gb_sci_of(const gb_carbon_setting *setting, const gb_carbon_bench *bench,
               const gb_reduced_case *reduced, size_t nodes,
               const gb_carbon_supply *supply, gb_sci *out) {
    const gb_embodied *embodied = &setting->embodied;
    const gb_carbon_amount *amount = &bench->amounts[setting->sci.basis];
    const double each = (double)nodes;

    *out = (gb_sci){.g_per_r = NAN,
                    .u_g_per_r = NAN,
                    .time_s = time_of(reduced),
                    .nodes = nodes,
                    .energy_kwh = setting->sci.overhead *
                                  bench->result->energy.energy_j / GB_J_IN_KWH,
                    .g_per_kwh = amount->g_per_kwh,
                    .operational_g = setting->sci.overhead * amount->g,
                    .embodied_g = NAN,
                    .embodied_low_g = NAN,
                    .embodied_high_g = NAN};
    if (embodied->present && out->time_s > 0.0) {
        out->embodied_g =
            each * gb_embodied_g(embodied, embodied->kg, out->time_s);
        out->embodied_low_g =
            each * gb_embodied_g(embodied, embodied->low_kg, out->time_s);
        out->embodied_high_g =
            each * gb_embodied_g(embodied, embodied->high_kg, out->time_s);
    }
    set_unit(setting, bench, out);
    if (!check_parts(setting, bench, &supply->rates[setting->sci.basis], out))
        return;
    const double operational_u = setting->sci.overhead * amount->u_g;
    const double embodied_u =
        (out->embodied_high_g - out->embodied_low_g) / (2.0 * sqrt(3.0));
    out->g_per_r = (out->operational_g + out->embodied_g) / out->amount;
    out->u_g_per_r = hypot(operational_u, embodied_u) / out->amount;
}

/* --- a run ---------------------------------------------------------------- */

static void charge_bench(const gb_carbon_setting *setting,
                         const gb_carbon_run *run,
                         const gb_reduced_case *reduced,
                         gb_carbon_bench *bench) {
    for (int b = 0; b < GB_CARBON_BASES; b++) {
        const gb_carbon_rate *rate = &run->supply->rates[b];
        bench->amounts[b] =
            (gb_carbon_amount){.g = NAN, .u_g = NAN, .g_per_kwh = NAN};
        if (rate->present)
            gb_charge_case(rate, setting->missing_max, reduced,
                           &bench->result->energy, &bench->amounts[b]);
    }
    list_pers(bench);
    if (setting->sci.present)
        gb_sci_of(setting, bench, reduced, run->result->session->node_count,
                  run->supply, &bench->sci);
}

static gb_status make_run(const gb_carbon_setting *setting,
                          const gb_assess_run *from, gb_carbon_run *out,
                          gb_error *err) {
    const gb_result *result = from->result;

    *out = (gb_carbon_run){
        .name = from->name,
        .result = result,
        .supply = gb_carbon_supply_of(setting, from),
        .benches = calloc(result->bench_count + 1, sizeof(*out->benches))};
    if (out->benches == NULL)
        return gb_fail_memory(err, "the benchmarks of a run");
    for (size_t i = 0; i < result->bench_count && out->supply != NULL; i++) {
        gb_carbon_bench *bench = &out->benches[out->bench_count];
        bench->result = &result->benches[i];
        bench->planned = &from->plan->cases[bench->result->case_index];
        charge_bench(setting, out, &from->reduced->cases[i], bench);
        out->bench_count++;
    }
    return GB_OK;
}

/* --- a site --------------------------------------------------------------- */

/* One walk through the meters, for all rates at once. */
typedef struct site_walk {
    const gb_carbon_supply *supply;
    bool direct; /* the overhead has a meter: what crosses the boundary is IT
                    and it */
    gb_charge charges[GB_CARBON_BASES];
} site_walk;

static void charge_segment(void *ctx, int64_t begin_ns, int64_t end_ns,
                           const double *sums) {
    site_walk *walk = ctx;
    const double energy_j =
        walk->direct ? sums[GB_FACILITY_IT] + sums[GB_FACILITY_OVERHEAD]
                     : sums[GB_FACILITY_FACILITY];

    for (int b = 0; b < GB_CARBON_BASES; b++)
        if (walk->supply->rates[b].present)
            gb_charge_add(&walk->charges[b], &walk->supply->rates[b], begin_ns,
                          end_ns, energy_j);
}

/* Meters of the sum: IT and overhead, or the facility's, and IT beside it. */
static size_t pick_meters(const gb_facility *facility,
                          const gb_facility_meter **list, bool *direct) {
    const gb_facility_meter *by[GB_FACILITY_QUANTITIES] = {NULL};
    size_t count = 0;

    for (size_t i = 0; i < facility->meter_count; i++)
        by[facility->meters[i].quantity] = &facility->meters[i];
    *direct = by[GB_FACILITY_IT] != NULL && by[GB_FACILITY_OVERHEAD] != NULL;
    if (!*direct && by[GB_FACILITY_FACILITY] == NULL)
        return 0;
    list[count++] = by[*direct ? GB_FACILITY_OVERHEAD : GB_FACILITY_FACILITY];
    if (by[GB_FACILITY_IT] != NULL)
        list[count++] = by[GB_FACILITY_IT];
    return count;
}

static double energy_u_rel(const gb_facility_meter *const *list, size_t count,
                           const site_walk *walk, const gb_meter_totals *sums,
                           double energy_j) {
    double square = 0.0;

    for (size_t i = 0; i < count; i++)
        if (walk->direct || list[i]->quantity == GB_FACILITY_FACILITY) {
            const double u =
                hypot(list[i]->u_rel * sums->totals[list[i]->quantity],
                      list[i]->u_abs * sums->kept_s);
            square += u * u;
        }
    return sqrt(square) / energy_j;
}

static void set_period(const gb_facility_meter *const *list, size_t count,
                       const int64_t asked_ns[2], int64_t *period_ns) {
    period_ns[0] = asked_ns[0];
    period_ns[1] = asked_ns[1];
    if (asked_ns[0] != 0)
        return;
    /* Where all have begun, to where the first ends. */
    period_ns[0] = INT64_MIN;
    period_ns[1] = INT64_MAX;
    for (size_t i = 0; i < count; i++) {
        const gb_facility_row *rows = list[i]->rows;
        const int64_t end = rows[list[i]->row_count - 1].end_ns;
        if (rows[0].begin_ns > period_ns[0])
            period_ns[0] = rows[0].begin_ns;
        if (end < period_ns[1])
            period_ns[1] = end;
    }
}

static void charge_site(const gb_carbon_setting *setting,
                        const gb_facility *facility, const int64_t asked_ns[2],
                        gb_carbon_site *out) {
    const gb_facility_meter *list[2];
    site_walk walk = {.supply = &setting->supplies[0]};
    gb_meter_totals sums = {.each = charge_segment, .each_ctx = &walk};
    int64_t period_ns[2];

    *out =
        (gb_carbon_site){.present = true, .supply = walk.supply, .it_j = NAN};
    gb_copy(out->name, sizeof(out->name), facility->name);
    gb_copy(out->boundary, sizeof(out->boundary), facility->boundary);
    const size_t count = pick_meters(facility, list, &walk.direct);
    if (count == 0) {
        gb_copy(out->reason, sizeof(out->reason),
                "it has neither a meter of the facility nor of IT and "
                "overhead");
        return;
    }
    set_period(list, count, asked_ns, period_ns);
    if (period_ns[1] > period_ns[0])
        gb_meter_totals_add(list, count, period_ns[0], period_ns[1], &sums);
    out->missing = sums.asked_s > 0.0 ? sums.missing_s / sums.asked_s : 1.0;
    if (sums.segments == 0 || out->missing > facility->missing_max) {
        snprintf(out->reason, sizeof(out->reason),
                 "its meters lack %.3g %% of the period, %.3g %% are allowed",
                 100.0 * out->missing, 100.0 * facility->missing_max);
        return;
    }
    out->from_ns = sums.first_ns;
    out->to_ns = sums.last_ns;
    out->facility_j = walk.direct ? sums.totals[GB_FACILITY_IT] +
                                        sums.totals[GB_FACILITY_OVERHEAD]
                                  : sums.totals[GB_FACILITY_FACILITY];
    if (count > 1)
        out->it_j = sums.totals[GB_FACILITY_IT];
    out->annual = gb_utc_years_later(out->from_ns, 1) <= out->to_ns;
    for (int b = 0; b < GB_CARBON_BASES; b++)
        if (walk.supply->rates[b].present)
            gb_charge_finish(
                &walk.charges[b], &walk.supply->rates[b], setting->missing_max,
                energy_u_rel(list, count, &walk, &sums, out->facility_j),
                &out->amounts[b]);
}

/* --- together ------------------------------------------------------------- */

gb_status gb_footprint_make(const gb_carbon_setting *setting,
                            const gb_assess_run *runs, size_t run_count,
                            const gb_facility *facility,
                            const int64_t period_ns[2], gb_footprint *out,
                            gb_error *err) {
    gb_footprint made = {.setting = setting,
                         .runs = calloc(run_count + 1, sizeof(*made.runs))};
    gb_status status =
        made.runs != NULL ? GB_OK : gb_fail_memory(err, "the runs");

    for (size_t i = 0; i < run_count && status == GB_OK; i++)
        status = make_run(setting, &runs[i], &made.runs[made.run_count++], err);
    if (status == GB_OK && facility != NULL)
        charge_site(setting, facility, period_ns, &made.site);
    if (status == GB_OK)
        *out = made;
    else
        gb_footprint_fini(&made);
    return status;
}
