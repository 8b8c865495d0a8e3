/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config/tariff.h"

#include "base/utc.h"
#include "support/gb_test.h"

#define HEAD                                                                   \
    "name: t\nsource: s\ncurrency: CNY\ntime_zone: CST-8\n"                    \
    "valid: 2026-01-01/2026-12-31\n"

static gb_status parse(const char *text, gb_tariff *out, gb_error *err) {
    *err = (gb_error){0};
    return gb_tariff_parse("t.yaml", text, strlen(text), out, err);
}

static const gb_tariff_price *at(const gb_tariff *tariff, size_t season,
                                 int day, int hour) {
    return &tariff->prices[tariff->grid[season][day][60 * hour]];
}

static void every_hour_has_its_price(void **state) {
    static const struct {
        size_t season;
        int day, hour;
        const char *id;
    } rows[] = {{0, 0, 8, "peak"},   {0, 4, 10, "peak"},  {0, 0, 11, "flat"},
                {0, 0, 23, "night"}, {0, 0, 0, "night"},  {0, 5, 8, "flat"},
                {0, 7, 8, "flat"},   {1, 0, 8, "winter"}, {1, 7, 3, "winter"}};
    gb_tariff tariff;
    gb_error err;
    (void)state;

    GB_EXPECT_STATUS(
        GB_OK,
        parse(
            HEAD
            "holidays: [2026-10-01, 2026-01-01]\n"
            "seasons:\n"
            "- {id: warm, dates: 03-01/10-31}\n"
            "- {id: cold, dates: 11-01/02-29}\n"
            "energy:\n"
            "- {id: peak, price: 1.2 CNY/kWh, seasons: warm, days: weekdays,"
            " hours: '08:00-11:00'}\n"
            "- {id: flat, price: 800 CNY/MWh, seasons: [warm], days: "
            "weekdays, hours: ['07:00-08:00', '11:00-22:00']}\n"
            "- {id: flat, price: 0.8 CNY/kWh, seasons: warm, days: [weekends, "
            "holidays], hours: '07:00-22:00'}\n"
            "- {id: night, price: 0.4 CNY/kWh, seasons: warm, hours: "
            "'22:00-07:00'}\n"
            "- {id: winter, price: 0.6 CNY/kWh, seasons: cold}\n"
            "demand: {price: 40 CNY/kW, interval: 15min}\n",
            &tariff, &err),
        "parse", err);
    for (size_t i = 0; i < GB_COUNT(rows); i++)
        GB_EXPECT_TEXT(
            rows[i].id,
            at(&tariff, rows[i].season, rows[i].day, rows[i].hour)->id,
            "price");
    GB_EXPECT_NEAR(1.2 / 3.6e6, at(&tariff, 0, 0, 8)->per_j, 1e-18, "kWh");
    GB_EXPECT_NEAR(0.8 / 3.6e6, at(&tariff, 0, 0, 12)->per_j, 1e-18, "MWh");
    GB_EXPECT_NEAR(0.04, tariff.demand_per_w, 1e-15, "demand");
    assert_int_equal(tariff.season_of[1][28], 1); /* 29 February */
    assert_int_equal(tariff.season_of[2][0], 0);
    assert_int_equal(tariff.holidays[0], gb_utc_days(2026, 1, 1));
    /* The last day is in it, by the clock there: 16:00 UTC is its end. */
    assert_int_equal(tariff.valid_ns[1],
                     INT64_C(1000000000) *
                         (86400 * gb_utc_days(2026, 12, 31) + 16 * 3600));
    assert_int_equal(strlen(tariff.sha256), 64);
    gb_tariff_fini(&tariff);
}

static void mistakes_are_placed_and_explained(void **state) {
    static const struct {
        const char *text, *what;
    } rows[] = {
        {"a: 1\n", "t.yaml:1:1: expected one of name, description, source, "
                   "currency, time_zone, valid, holidays, seasons, energy, "
                   "demand, got 'a'"},
        {"name: t\ncurrency: CNY\n",
         "t.yaml:1:1: expected the key 'time_zone', got a map"},
        {"name: t\nsource: s\ncurrency: RMB\ntime_zone: UTC\nvalid: x\n"
         "energy: []\n",
         "t.yaml:3:11: currency: expected an ISO 4217 code such as CNY, EUR or "
         "USD, got 'RMB'"},
        {"name: t\nsource: s\ncurrency: EUR\ntime_zone: Europe/Berlin\nvalid: "
         "x\nenergy: []\n",
         "t.yaml:4:12: time_zone: expected an offset such as +08:00, or a rule "
         "such as CET-1CEST,M3.5.0,M10.5.0/3, got 'Europe/Berlin'"},
        {"name: t\nsource: s\ncurrency: EUR\ntime_zone: UTC\nvalid: "
         "2026-02-01/2026-01-31\nenergy: []\n",
         "t.yaml:5:8: valid: expected its first and last day such as "
         "2026-01-01/2026-12-31, got '2026-02-01/2026-01-31'"},
        {HEAD "energy:\n- {price: 0.3 EUR/kWh}\n",
         "t.yaml:7:11: price: expected a price >= 0 such as 0.85 CNY/kWh, got "
         "'0.3 EUR/kWh'"},
        {HEAD "energy:\n- {price: 0.3 CNY/kW}\n",
         "t.yaml:7:11: price: expected a price >= 0 such as 0.85 CNY/kWh, got "
         "'0.3 CNY/kW'"},
        {HEAD "energy:\n- {price: 0.3}\n",
         "t.yaml:7:11: price: expected a price >= 0 such as 0.85 CNY/kWh, got "
         "'0.3'"},
        {HEAD "energy:\n- {price: null}\n",
         "t.yaml:7:11: price: expected a price >= 0 such as 0.85 CNY/kWh, got "
         "'null'"},
        {HEAD "energy:\n- {price: -0.1 CNY/kWh}\n",
         "t.yaml:7:11: price: expected a price >= 0 such as 0.85 CNY/kWh, got "
         "'-0.1 CNY/kWh'"},
        {HEAD "energy:\n- {id: day, price: 1 CNY/kWh, hours: "
              "'08:00-20:00'}\n- {price: 2 CNY/kWh, hours: '19:30-08:00'}\n",
         "t.yaml:8:3: energy: expected one price for each hour, without 'day' "
         "mon at 19:30, got a map"},
        {HEAD "energy:\n- {price: 1 CNY/kWh, hours: '08:00-20:00'}\n- {price: "
              "2 CNY/kWh, days: weekdays, hours: '20:00-08:00'}\n",
         "t.yaml:7:1: energy: expected a price for each hour, with one sat at "
         "00:00, got a list"},
        {HEAD "holidays: [2026-10-01]\nenergy:\n- {price: 1 CNY/kWh, days: "
              "weekdays}\n- {price: 1 CNY/kWh, days: weekends}\n",
         "t.yaml:8:1: energy: expected a price for each hour, with one "
         "holidays at 00:00, got a list"},
        {HEAD "energy:\n- {price: 1 CNY/kWh, days: holidays}\n",
         "t.yaml:7:28: days: expected the dates of 'holidays' in this file, "
         "got 'holidays'"},
        {HEAD "energy:\n- {price: 1 CNY/kWh, hours: '8-20'}\n",
         "t.yaml:7:29: hours: expected hours such as 08:00-11:00, up to 24:00, "
         "got '8-20'"},
        {HEAD "energy:\n- {price: 1 CNY/kWh, hours: '08:00-25:00'}\n",
         "t.yaml:7:29: hours: expected hours such as 08:00-11:00, up to 24:00, "
         "got '08:00-25:00'"},
        {HEAD "energy:\n- {price: 1 CNY/kWh, seasons: summer}\n",
         "t.yaml:7:31: seasons: expected the id of one of 'seasons' in this "
         "file, got 'summer'"},
        {HEAD "seasons:\n- {id: a, dates: 01-01/06-30}\n- {id: b, dates: "
              "06-30/12-31}\nenergy: []\n",
         "t.yaml:8:18: dates: expected each day in one season, got "
         "'06-30/12-31'"},
        {HEAD "seasons:\n- {id: a, dates: 01-01/06-30}\nenergy: []\n",
         "t.yaml:7:1: seasons: expected seasons of the whole year, with 07-01, "
         "got a list"},
        {HEAD "seasons:\n- {id: a, dates: 01-01/02-30}\nenergy: []\n",
         "t.yaml:7:18: dates: expected first and last day such as 06-01/08-31, "
         "got '01-01/02-30'"},
        {HEAD "holidays: [2026-02-30]\nenergy: []\n",
         "t.yaml:6:12: holidays: expected a date such as 2026-01-01, got "
         "'2026-02-30'"},
        {HEAD "energy: [{price: 1 CNY/kWh}]\ndemand: {price: 40 CNY/kWh, "
              "interval: 15min}\n",
         "t.yaml:7:17: price: expected a price >= 0 such as 0.85 CNY/kW, got "
         "'40 CNY/kWh'"},
        {HEAD "energy: [{price: 1 CNY/kWh}]\ndemand: {price: 40 CNY/kW, "
              "interval: 7min}\n",
         "t.yaml:7:38: interval: expected a part of an hour such as 15min, "
         "over which the peak is a mean, got '7min'"},
        {HEAD "energy: [{price: 1 CNY/kWh}]\ndemand: [a]\n",
         "t.yaml:7:9: demand: expected a map with 'price' and 'interval', got "
         "a list"},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(rows); i++) {
        gb_tariff tariff = {0};
        gb_error err;
        GB_EXPECT_STATUS(GB_ERR_INVALID, parse(rows[i].text, &tariff, &err),
                         rows[i].text, err);
        GB_EXPECT_TEXT(rows[i].what, err.what, rows[i].text);
    }
}

static void currencies_are_those_in_use(void **state) {
    (void)state;
    static const char *const in_use[] = {"CNY", "EUR", "USD", "JPY", "ZWG"};
    static const char *const none[] = {"",   "RMB",  "DEM",  "XAU", "eur",
                                       "EU", "EURO", "ED A", "XTS"};
    for (size_t i = 0; i < GB_COUNT(in_use); i++)
        assert_true(gb_is_currency(in_use[i]));
    for (size_t i = 0; i < GB_COUNT(none); i++)
        assert_false(gb_is_currency(none[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_hour_has_its_price),
        cmocka_unit_test(mistakes_are_placed_and_explained),
        cmocka_unit_test(currencies_are_those_in_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
