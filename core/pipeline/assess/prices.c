/* SPDX-License-Identifier: Apache-2.0 */
/* What a tariff asks for at a moment, and over some time. */
#include <math.h>
#include <stdlib.h>

#include "pipeline/assess/parts.h"

#define MINUTE_NS INT64_C(60000000000)

static int by_day(const void *left, const void *right) {
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

static double price_at(const gb_tariff *tariff, int64_t utc_ns) {
    const gb_local_time at = gb_zone_local(&tariff->zone, utc_ns);
    const uint8_t season = tariff->season_of[at.month - 1][at.day - 1];
    const bool holiday =
        tariff->holiday_count > 0 &&
        bsearch(&at.days, tariff->holidays, tariff->holiday_count,
                sizeof(*tariff->holidays), by_day) != NULL;
    const int day = holiday ? GB_TARIFF_HOLIDAY : at.weekday;

    return tariff->prices[tariff->grid[season][day][at.minute]].per_j;
}

/* Prices change with the minute, everywhere: offsets are whole minutes. */
bool gb_price_over(const gb_tariff *tariff, int64_t from_ns, int64_t to_ns,
                   gb_price_span *out) {
    double sum = 0.0;

    if (from_ns < tariff->valid_ns[0] || to_ns > tariff->valid_ns[1] ||
        to_ns <= from_ns)
        return false;
    *out = (gb_price_span){.least_per_j = INFINITY, .most_per_j = 0.0};
    for (int64_t at = from_ns; at < to_ns;) {
        const int64_t next = (at / MINUTE_NS + 1) * MINUTE_NS;
        const int64_t end = next < to_ns ? next : to_ns;
        const double price = price_at(tariff, at);
        sum += price * (double)(end - at);
        out->least_per_j = fmin(out->least_per_j, price);
        out->most_per_j = fmax(out->most_per_j, price);
        at = end;
    }
    out->mean_per_j = sum / (double)(to_ns - from_ns);
    return true;
}
