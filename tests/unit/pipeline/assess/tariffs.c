/* SPDX-License-Identifier: Apache-2.0 */
#include "tariffs.h"

#include <stdlib.h>

#include "base/text.h"
#include "base/utc.h"
#include "support/gb_test.h"

int64_t tariff_utc(const char *stamp) {
    int64_t ns = 0;

    assert_true(gb_utc_parse(stamp, strlen(stamp), GB_UTC_NO_OFFSET, &ns));
    return ns;
}

void tariff_make(const char *sha256, const char *zone, double high, double low,
                 gb_tariff *out) {
    *out = (gb_tariff){.currency = "CNY",
                       .prices = calloc(2, sizeof(*out->prices)),
                       .price_count = 2,
                       .grid = calloc(1, sizeof(*out->grid)),
                       .season_count = 1,
                       .demand_per_w = NAN};
    assert_true(out->prices != NULL && out->grid != NULL);
    gb_copy(out->name, sizeof(out->name), "two-part");
    gb_copy(out->source, sizeof(out->source), "list");
    gb_copy(out->sha256, sizeof(out->sha256), sha256);
    assert_true(gb_zone_parse(zone, &out->zone));
    out->valid_ns[0] = tariff_utc("2026-01-01T00:00:00Z");
    out->valid_ns[1] = tariff_utc("2027-01-01T00:00:00Z");
    out->prices[0].per_j = low / TARIFF_KWH_J;
    out->prices[1].per_j = high / TARIFF_KWH_J;
    for (int d = 0; d < GB_TARIFF_DAYS; d++)
        memset(&out->grid[0][d][8 * 60], 1, 14 * 60);
}
