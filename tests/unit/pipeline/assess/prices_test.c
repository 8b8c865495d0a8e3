/* SPDX-License-Identifier: Apache-2.0 */
/* What a tariff takes between two instants. */
#include <stdlib.h>

#include "base/utc.h"
#include "pipeline/assess/parts.h"
#include "support/gb_test.h"
#include "tariffs.h"

static void prices_are_those_of_the_clock_on_the_wall(void **state) {
    gb_price_span span;
    gb_tariff berlin;
    (void)state;

    tariff_make("", "CET-1CEST,M3.5.0,M10.5.0/3", 1.20, 0.40, &berlin);
    /* 08:00 is at 07:00 UTC in winter, and at 06:00 from 29 March on. */
    assert_true(gb_price_over(&berlin, tariff_utc("2026-03-28T06:00:00Z"),
                              tariff_utc("2026-03-28T08:00:00Z"), &span));
    GB_EXPECT_NEAR(0.80 / TARIFF_KWH_J, span.mean_per_j, 1e-15, "winter");
    assert_true(gb_price_over(&berlin, tariff_utc("2026-03-29T06:00:00Z"),
                              tariff_utc("2026-03-29T08:00:00Z"), &span));
    GB_EXPECT_NEAR(1.20 / TARIFF_KWH_J, span.mean_per_j, 1e-15, "summer");
    /* The days of the jumps have 23 and 25 hours, of which 14 are dear. */
    assert_true(gb_price_over(&berlin, tariff_utc("2026-03-28T23:00:00Z"),
                              tariff_utc("2026-03-29T22:00:00Z"), &span));
    GB_EXPECT_NEAR((14 * 1.2 + 9 * 0.4) / 23 / TARIFF_KWH_J, span.mean_per_j,
                   1e-15, "23 hours");
    assert_true(gb_price_over(&berlin, tariff_utc("2026-10-24T22:00:00Z"),
                              tariff_utc("2026-10-25T23:00:00Z"), &span));
    GB_EXPECT_NEAR((14 * 1.2 + 11 * 0.4) / 25 / TARIFF_KWH_J, span.mean_per_j,
                   1e-15, "25 hours");
    assert_false(gb_price_over(&berlin, tariff_utc("2026-12-31T23:59:00Z"),
                               tariff_utc("2027-01-01T00:01:00Z"), &span));
    gb_tariff_fini(&berlin);
}

static void a_holiday_has_its_own_price(void **state) {
    gb_price_span span;
    gb_tariff tariff;
    (void)state;

    tariff_make("", "CST-8", 1.20, 0.40, &tariff);
    tariff.holidays = calloc(1, sizeof(*tariff.holidays));
    assert_non_null(tariff.holidays);
    tariff.holidays[0] = gb_utc_days(2026, 5, 1);
    tariff.holiday_count = 1;
    memset(tariff.grid[0][GB_TARIFF_HOLIDAY], 0, GB_DAY_MINUTES);
    assert_true(gb_price_over(&tariff, tariff_utc("2026-05-01T02:00:00Z"),
                              tariff_utc("2026-05-01T03:00:00Z"), &span));
    GB_EXPECT_NEAR(0.40 / TARIFF_KWH_J, span.mean_per_j, 1e-15, "holiday");
    assert_true(gb_price_over(&tariff, tariff_utc("2026-05-02T02:00:00Z"),
                              tariff_utc("2026-05-02T03:00:00Z"), &span));
    GB_EXPECT_NEAR(1.20 / TARIFF_KWH_J, span.mean_per_j, 1e-15,
                   "the day after");
    gb_tariff_fini(&tariff);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prices_are_those_of_the_clock_on_the_wall),
        cmocka_unit_test(a_holiday_has_its_own_price),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
