/* SPDX-License-Identifier: Apache-2.0 */
#include "metering/delta.h"

#include <inttypes.h>
#include <math.h>

/* A counter that can only wrap once in a century needs no reading for it. */
#define NEVER_S 3.2e9

gb_status gb_delta_ticks(const gb_energy_domain *domain,
                         const gb_energy_reading *begin,
                         const gb_energy_reading *end, uint64_t *ticks_out,
                         int *wrapped, gb_error *err) {
    if (!begin->ok || !end->ok)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "%s: expected two good readings, got a failed one",
                       domain->name);
    if (end->time_ns <= begin->time_ns)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "%s: expected end after begin, got begin=%" PRIu64
                       " ns end=%" PRIu64 " ns",
                       domain->name, begin->time_ns, end->time_ns);

    const double elapsed_s = (double)(end->time_ns - begin->time_ns) * 1e-9;
    const double wrap_j = (double)domain->wrap_ticks * domain->tick_j;
    if (domain->wrap_ticks != 0 && elapsed_s * domain->max_power_w >= wrap_j)
        return gb_fail(err, GB_ERR_RANGE, "raise --sample-hz",
                       "%s: expected a reading at least every %.3g s, got "
                       "none for %.3g s: it may have wrapped more than once",
                       domain->name, wrap_j / domain->max_power_w, elapsed_s);

    uint64_t ticks = end->ticks - begin->ticks;
    const int wraps = end->ticks < begin->ticks;
    if (wraps && (domain->wrap_ticks == 0 || begin->ticks > domain->wrap_ticks))
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "%s: expected a counter that rises, got %" PRIu64
                       " after %" PRIu64 ": it was reset",
                       domain->name, end->ticks, begin->ticks);
    if (wraps)
        ticks = domain->wrap_ticks - begin->ticks + end->ticks;

    /* A reading may hold one update period more than its interval. */
    const double longest_s = elapsed_s + (double)domain->update_ns * 1e-9;
    const double most_j = domain->max_power_w * longest_s + domain->step_j;
    if ((double)ticks * domain->tick_j > most_j)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "%s: expected at most %.0f W, got %.4g J in %.3g s: it "
                       "was reset or jumped",
                       domain->name, domain->max_power_w,
                       (double)ticks * domain->tick_j, elapsed_s);
    *ticks_out = ticks;
    if (wrapped != NULL)
        *wrapped = wraps;
    return GB_OK;
}

double gb_delta_longest_interval_s(const gb_energy_domain *domain) {
    if (domain->kind != GB_READING_ENERGY || domain->wrap_ticks == 0)
        return NEVER_S;
    const double wrap_s =
        (double)domain->wrap_ticks * domain->tick_j / domain->max_power_w;
    return fmin(wrap_s / 2.0, NEVER_S);
}
