/* SPDX-License-Identifier: Apache-2.0 */
/* Local time from a written rule, against that of the C library. */
#include "base/zone.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/utc.h"
#include "support/gb_test.h"

static int64_t utc(const char *text) {
    int64_t ns = 0;

    if (!gb_utc_parse(text, strlen(text), GB_UTC_NO_OFFSET, &ns))
        fail_msg("no time: %s", text);
    return ns;
}

/* Every ten minutes of two years, in all of these zones. */
static void the_c_library_says_the_same(void **state) {
    static const char *const zones[] = {"CET-1CEST,M3.5.0,M10.5.0/3",
                                        "CST-8",
                                        "EST5EDT,M3.2.0,M11.1.0",
                                        "AEST-10AEDT,M10.1.0,M4.1.0/3",
                                        "IST-1GMT0,M10.5.0,M3.5.0/1",
                                        "<+0545>-5:45",
                                        "NST3:30NDT,M3.2.0,M11.1.0",
                                        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
                                        "EET-2EEST,M3.4.4/50,M10.4.4/50",
                                        "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"};
    const time_t begin = (time_t)(utc("2026-01-01T00:00:00Z") / 1000000000);
    (void)state;
    for (size_t z = 0; z < GB_COUNT(zones); z++) {
        gb_zone zone;
        assert_true(gb_zone_parse(zones[z], &zone));
        assert_int_equal(setenv("TZ", zones[z], 1), 0);
        tzset();
        for (time_t at = begin; at < begin + 2 * 366 * 86400; at += 600) {
            struct tm theirs;
            assert_non_null(localtime_r(&at, &theirs));
            const gb_local_time ours =
                gb_zone_local(&zone, INT64_C(1000000000) * at);
            if (ours.year != theirs.tm_year + 1900 ||
                ours.month != theirs.tm_mon + 1 || ours.day != theirs.tm_mday ||
                ours.minute != 60 * theirs.tm_hour + theirs.tm_min ||
                ours.weekday != (theirs.tm_wday + 6) % 7)
                fail_msg("%s at %lld: expected %d-%d %d:%d, got %d-%d %d",
                         zones[z], (long long)at, theirs.tm_mon + 1,
                         theirs.tm_mday, theirs.tm_hour, theirs.tm_min,
                         ours.month, ours.day, ours.minute);
        }
    }
}

static void an_hour_is_skipped_and_one_comes_twice(void **state) {
    gb_zone zone;
    (void)state;

    assert_true(gb_zone_parse("CET-1CEST,M3.5.0,M10.5.0/3", &zone));
    assert_int_equal(gb_zone_local(&zone, utc("2026-03-29T00:59:00Z")).minute,
                     119);
    assert_int_equal(gb_zone_local(&zone, utc("2026-03-29T01:00:00Z")).minute,
                     180);
    assert_int_equal(gb_zone_local(&zone, utc("2026-10-25T00:30:00Z")).minute,
                     150);
    assert_int_equal(gb_zone_local(&zone, utc("2026-10-25T01:30:00Z")).minute,
                     150);
}

static void days_begin_at_their_first_minute(void **state) {
    static const struct {
        const char *zone, *utc;
        int year, month, day;
    } rows[] = {
        {"CST-8", "2025-12-31T16:00:00Z", 2026, 1, 1},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-06-30T22:00:00Z", 2026, 7, 1},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-28T23:00:00Z", 2026, 3, 29},
        /* Midnight is skipped, as in Cairo. */
        {"EET-2EEST,M4.5.5/0,M10.5.4/24", "2026-04-23T22:00:00Z", 2026, 4, 24},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(rows); i++) {
        gb_zone zone;
        assert_true(gb_zone_parse(rows[i].zone, &zone));
        assert_int_equal(
            gb_zone_day_begin(
                &zone, gb_utc_days(rows[i].year, rows[i].month, rows[i].day)),
            utc(rows[i].utc));
    }
}

static void what_is_no_rule_is_refused(void **state) {
    static const char *const rows[] = {"",
                                       "Europe/Berlin",
                                       "CET",
                                       "CE-1",
                                       "CET-1CEST",
                                       "CET-1CEST,M3.5.0",
                                       "CET-1CEST,J60,J300",
                                       "CET-1CEST,M13.5.0,M10.5.0",
                                       "CET-1CEST,M3.0.0,M10.5.0",
                                       "CET-1CEST,M3.5.7,M10.5.0",
                                       "CET-1CEST,M3.5.0,M10.5.0/3x",
                                       "CET-1CEST,M3.5.0,M10.5.0/200",
                                       "LMT-0:53:28",
                                       "<+08",
                                       "CET-99"};
    (void)state;
    for (size_t i = 0; i < GB_COUNT(rows); i++) {
        gb_zone zone;
        if (gb_zone_parse(rows[i], &zone))
            fail_msg("'%s' was taken for a zone", rows[i]);
    }
}

static void dates_and_days_are_inverse(void **state) {
    int64_t days = 0;
    (void)state;

    for (int64_t at = 0; at < 60000; at++) {
        int year = 0, month = 0, day = 0;
        gb_utc_date(at, &year, &month, &day);
        assert_int_equal(gb_utc_days(year, month, day), at);
    }
    assert_true(gb_utc_parse_date("2026-02-28", 10, &days));
    assert_int_equal(days, gb_utc_days(2026, 2, 28));
    assert_false(gb_utc_parse_date("2026-02-29", 10, &days));
    assert_false(gb_utc_parse_date("2026-02-28x", 11, &days));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_c_library_says_the_same),
        cmocka_unit_test(an_hour_is_skipped_and_one_comes_twice),
        cmocka_unit_test(days_begin_at_their_first_minute),
        cmocka_unit_test(what_is_no_rule_is_refused),
        cmocka_unit_test(dates_and_days_are_inverse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
