/* SPDX-License-Identifier: Apache-2.0 */
#include "metering/delta.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

double gb_delta_seconds(const gb_energy_domain *domain,
                        const gb_energy_reading *begin,
                        const gb_energy_reading *end) {
    uint64_t from_ns = begin->time_ns, to_ns = end->time_ns;

    if (begin->stamp_ns != 0 && end->stamp_ns != 0) {
        from_ns = begin->stamp_ns;
        to_ns = end->stamp_ns;
    } else if (!domain->stamped) {
        /* A source that has come to be read in the background: its stamps are
         * on our own clock. */
        from_ns = begin->stamp_ns != 0 ? begin->stamp_ns : from_ns;
        to_ns = end->stamp_ns != 0 ? end->stamp_ns : to_ns;
    }
    return to_ns >= from_ns ? (double)(to_ns - from_ns) * 1e-9
                            : -((double)(from_ns - to_ns) * 1e-9);
}

/* The most a sound counter can have gained: its power bound over the interval,
 * with room for what the two readings do not say: one update period, one step,
 * and the time each read took. */
static double plausible_ticks(const gb_energy_domain *domain,
                              const gb_energy_reading *begin,
                              const gb_energy_reading *end) {
    const double elapsed_ns = gb_delta_seconds(domain, begin, end) * 1e9 +
                              (double)domain->update_ns +
                              (double)begin->half_ns + (double)end->half_ns;
    const double step_j = fmax(domain->step_j, domain->tick_j);
    return (domain->max_power_w * elapsed_ns * 1e-9 + step_j) / domain->tick_j;
}

static gb_status check_readings(const gb_energy_domain *domain,
                                const gb_energy_reading *begin,
                                const gb_energy_reading *end, gb_error *err) {
    if (!begin->ok || !end->ok)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "%s: expected two good readings, got a failed one",
                       domain->name);
    if (end->time_ns <= begin->time_ns)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "%s: expected a later second reading, got %" PRIu64
                       " ns after %" PRIu64 " ns",
                       domain->name, end->time_ns, begin->time_ns);
    if (gb_delta_seconds(domain, begin, end) < 0.0)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "%s: its own time stamp went back by %.3g s",
                       domain->name, -gb_delta_seconds(domain, begin, end));
    const uint64_t wrap = domain->wrap_ticks;
    if (wrap != 0 && (begin->ticks >= wrap || end->ticks >= wrap))
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "%s: expected ticks below %" PRIu64 ", got %" PRIu64,
                       domain->name, wrap,
                       begin->ticks >= wrap ? begin->ticks : end->ticks);
    return GB_OK;
}

gb_status gb_delta_ticks(const gb_energy_domain *domain,
                         const gb_energy_reading *begin,
                         const gb_energy_reading *end, uint64_t *ticks_out,
                         int *wrapped, gb_error *err) {
    const gb_status status = check_readings(domain, begin, end, err);
    if (status != GB_OK)
        return status;

    const uint64_t wrap = domain->wrap_ticks;
    const bool fell = end->ticks < begin->ticks;
    const double elapsed_s = gb_delta_seconds(domain, begin, end);
    const double most_ticks = plausible_ticks(domain, begin, end);
    if (wrap != 0 && most_ticks >= (double)wrap)
        return gb_fail(err, GB_ERR_RANGE, "raise --sample-hz",
                       "%s: %.3g s without a good reading: at %.0f W it may "
                       "have wrapped more than once",
                       domain->name, elapsed_s, domain->max_power_w);
    if (wrap == 0 && fell)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "%s: went back from %" PRIu64 " to %" PRIu64
                       " though it never wraps: it was reset",
                       domain->name, begin->ticks, end->ticks);

    const uint64_t ticks =
        fell ? wrap - begin->ticks + end->ticks : end->ticks - begin->ticks;
    if ((double)ticks > most_ticks)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "%s: expected at most %.0f W, got %.4g W over %.3g s: "
                       "it was reset or it jumped",
                       domain->name, domain->max_power_w,
                       (double)ticks * domain->tick_j / fmax(elapsed_s, 1e-9),
                       elapsed_s);
    *ticks_out = ticks;
    if (wrapped != NULL)
        *wrapped = fell ? 1 : 0;
    return GB_OK;
}

double gb_delta_longest_interval_s(const gb_energy_domain *domain) {
    if (domain->wrap_ticks == 0)
        return DBL_MAX;
    return (double)domain->wrap_ticks * domain->tick_j /
           (2.0 * domain->max_power_w);
}
