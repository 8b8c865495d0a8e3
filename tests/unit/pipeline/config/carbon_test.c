/* SPDX-License-Identifier: Apache-2.0 */
/* A carbon file. Tests with a number in front are the items of standards.md §11
 * that they hold to. */
#include "pipeline/config/carbon.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/gb_test.h"

#define HEAD "name: hall\nboundary: nodes\n"
#define GRID "supplies: [{location: {region: DE, year: 2023}}]\n"
#define OWN                                                                    \
    "region: X, year: 2023, gas: CO2, scope: direct, publication: p, source: " \
    "s, g_per_kwh: "

static gb_status parse(const char *text, gb_carbon_setting *out,
                       gb_error *err) {
    gb_factors factors = {0};

    *err = (gb_error){0};
    gb_status status = gb_factors_load_folder(GB_FACTORS, &factors, err);
    if (status == GB_OK)
        status =
            gb_carbon_parse("c.yaml", text, strlen(text), &factors, out, err);
    gb_factors_fini(&factors);
    return status;
}

static void accept(const char *text, gb_carbon_setting *out) {
    gb_error err;

    GB_EXPECT_STATUS(GB_OK, parse(text, out, &err), "parse", err);
}

static void refuse(const char *text, const char *said) {
    gb_carbon_setting setting;
    gb_error err;

    GB_EXPECT_STATUS(GB_ERR_INVALID, parse(text, &setting, &err), said, err);
    if (strncmp(err.what, said, strlen(said)) != 0)
        fail_msg("expected '%s', got '%s'", said, err.what);
}

static void factors_are_looked_up_or_stated(void **state) {
    gb_carbon_setting setting;
    (void)state;

    accept(HEAD "max_missing: 5%\nsupplies:\n- runs: 'a*'\n  location: "
                "{region: 北京, year: 2022}\n  market: {region: CN, year: "
                "2022, kind: residual, instruments: none retired}\n"
                "  marginal: {" OWN "700, kind: marginal, accuracy: 10%, "
                "form: k2}\n",
           &setting);
    const gb_carbon_supply *supply = &setting.supplies[0];
    GB_EXPECT_TEXT("a*", supply->runs, "runs");
    GB_EXPECT_NEAR(0.05, setting.missing_max, 1e-12, "share");
    GB_EXPECT_NEAR(558.0, supply->rates[GB_CARBON_BY_LOCATION].factor.g_per_kwh,
                   1e-9, "Beijing 2022");
    GB_EXPECT_NEAR(585.6, supply->rates[GB_CARBON_BY_MARKET].factor.g_per_kwh,
                   1e-9, "residual");
    GB_EXPECT_NEAR(0.05, supply->rates[GB_CARBON_BY_MARGINAL].factor.u_rel,
                   1e-12, "k = 2");
    GB_EXPECT_TEXT("none retired", supply->instruments, "instruments");
    gb_carbon_setting_fini(&setting);
}

static void boavizta_makes_1075_kg_of_the_example(void **state) {
    gb_carbon_setting setting;
    (void)state;

    accept(HEAD GRID
           "embodied: {lifetime_years: 4, share: 50%, parts: {cpus: {count: "
           "2, die_mm2: 800}, ram: {count: 16, gb: 32, density: 2.375}, "
           "ssds: {count: 2, gb: 960, density: 48.5}, psus: {count: 2}, "
           "case: rack}}\n",
           &setting);
    GB_EXPECT_NEAR(1075.0, setting.embodied.kg, 0.5, "standards.md §6.5");
    GB_EXPECT_NEAR(0.0, setting.embodied.high_kg - setting.embodied.low_kg,
                   1e-9, "every density is known");
    GB_EXPECT_NEAR(0.5, setting.embodied.share, 1e-12, "share");
    GB_EXPECT_NEAR(4 * 365 * 86400.0, setting.embodied.lifetime_s, 1e-6, "EL");
    gb_carbon_setting_fini(&setting);
}

static void densities_that_are_not_known_make_a_range(void **state) {
    gb_carbon_setting setting;
    (void)state;

    accept(HEAD GRID
           "embodied: {lifetime_years: 4, parts: {ram: {count: 1, gb: 32}, "
           "hdds: {count: 2}, case: blade, others: [{name: GPUs, count: 4, "
           "low_kg: 100, high_kg: 200, source: vendor}]}}\n",
           &setting);
    const double rest = 66.10 + 6.68 + 30.9 + 55.0 + 2 * 31.11;
    GB_EXPECT_NEAR(rest + 32 / 2.375 * 2.20 + 5.22 + 400.0,
                   setting.embodied.low_kg, 1e-6, "least");
    GB_EXPECT_NEAR(rest + 32 / 0.625 * 2.20 + 5.22 + 800.0,
                   setting.embodied.high_kg, 1e-6, "most");
    GB_EXPECT_NEAR((setting.embodied.low_kg + setting.embodied.high_kg) / 2,
                   setting.embodied.kg, 1e-9, "the middle");
    gb_carbon_setting_fini(&setting);
}

static void item_37_nothing_alone_and_nothing_neutral(void **state) {
    (void)state;

    refuse(HEAD "supplies: [{market: {region: CN, year: 2023, instruments: "
                "i}}]\n",
           "c.yaml:3:12: location: expected a factor or trace of the grid");
    refuse(HEAD "offsets: 12\n" GRID,
           "c.yaml:3:10: offsets: expected no offsets: they enter neither");
    refuse("name: our carbon-neutral hall\nboundary: b\n" GRID,
           "c.yaml:1:7: name: expected words that a measurement can support");
    refuse("name: 碳中和算力\nboundary: b\n" GRID, "c.yaml:1:7: name");
    refuse("name: n\nboundary: a Net Zero hall\n" GRID,
           "c.yaml:2:11: boundary");
    refuse(HEAD "supplies:\n- location: {region: DE, year: 2023}\n  market:\n"
                "    {region: CN, year: 2022, kind: residual,\n"
                "    instruments: carbon-neutral power}\n",
           "c.yaml:7:18: instruments: expected words");
    refuse(HEAD "supplies:\n- location:\n    {region: X, year: 2023, gas: "
                "CO2, scope: direct, kind: average,\n    g_per_kwh: 1, "
                "publication: net zero plan, source: s}\n",
           "c.yaml:6:32: publication: expected words");
    refuse(HEAD "supplies:\n- location: {file: a.json, format: neso,\n"
                "    source: a net-zero grid}\n",
           "c.yaml:5:13: source: expected words");
    refuse(HEAD GRID "embodied: {kg: 1, lifetime_years: 4,\n"
                     "  source: zero carbon works}\n",
           "c.yaml:5:11: source: expected words");
    refuse(HEAD "supplies: [{location: {region: DE, year: 2023}, market: "
                "{region: CN, year: 2023}}]\n",
           "c.yaml:3:57: instruments: expected text");
    refuse(HEAD "supplies: [{location: {" OWN "-20, kind: average}}]\n",
           "c.yaml:3:");
}

static void item_38_kinds_are_not_mixed(void **state) {
    (void)state;

    refuse(HEAD "supplies: [{location: {region: CN, year: 2023}}]\n",
           "c.yaml:3:23: CN: expected one factor of 2023, got 530.6 g CO2");
    refuse(HEAD "supplies: [{location: {region: CN, kind: average}}]\n",
           "c.yaml:3:23: year: expected a number from 1970 to 2100");
    refuse(HEAD "supplies: [{location: {region: CN-BJ, year: 2024}}]\n",
           "c.yaml:3:23: CN-BJ: expected a factor of 2024 (average), got only");
    refuse(HEAD "supplies: [{location: {region: X, year: 2023, gas: CO2, "
                "kind: average, scope: direct, source: s, g_per_kwh: 1}}]\n",
           "c.yaml:3:23: publication: expected text");
    refuse(HEAD "supplies: [{location: {region: CN, year: 2023, kind: "
                "residual}}]\n",
           "c.yaml:3:23: location: expected an average of the grid, got one of "
           "kind residual");
    refuse(HEAD "supplies: [{location: {region: CN, year: 2021, kind: average, "
                "gas: CO2, scope: direct, publication: p, source: s, "
                "g_per_kwh: 536.6}}]\n",
           "c.yaml:3:23: CN: expected 0.5568 kg CO2/kWh for 2021");
    refuse(HEAD "supplies: [{location: {region: CN, year: 2022, kind: average, "
                "gas: CO2, scope: direct, publication: p, source: s, series: "
                "mee, g_per_kwh: 570.3}}]\n",
           "c.yaml:3:23: CN: expected 0.5366 kg CO2/kWh for 2022");
}

static void item_39_marginal_numbers_make_no_inventory(void **state) {
    (void)state;

    refuse(HEAD "supplies: [{location: {" OWN "400, kind: marginal}}]\n",
           "c.yaml:3:23: location: expected an average of the grid, got one of "
           "kind marginal");
    refuse(HEAD "supplies: [{location: {region: DE, year: 2023}, marginal: "
                "{" OWN "400, kind: average}}]\n",
           "c.yaml:3:59: marginal: expected a marginal intensity, got one of "
           "kind average");
    refuse(HEAD GRID "sci: {per: work, intensity: market}\n",
           "c.yaml:4:29: intensity: expected one of location, marginal");
}

static void mistakes_have_their_place(void **state) {
    (void)state;

    refuse("name: n\n", "c.yaml:1:1: expected a map with 'supplies'");
    refuse(HEAD "supplies: []\n", "c.yaml:3:11: supplies: expected a list");
    refuse(HEAD GRID "carbon: 1\n", "c.yaml:4:1: ");
    refuse(HEAD "supplies: [{location: {file: a.csv, format: csv, source: s, "
                "gas: CO2, kind: average, scope: direct, interval: 1h, column: "
                "c, stamp: begin, unit: lbs}}]\n",
           "c.yaml:3:146: unit: expected one of g/kWh");
    refuse(HEAD "supplies: [{location: {file: a.json, format: gsf, source: "
                "s}}]\n",
           "c.yaml:3:23: gas: expected one of CO2, CO2e");
    /* What a table says is not overruled in silence. */
    refuse(HEAD "supplies: [{location: {region: DE, year: 2023, accuracy: 5%, "
                "form: bound}}]\n",
           "c.yaml:3:48: ");
    refuse(HEAD GRID "sci: {per: rack}\n",
           "c.yaml:4:12: per: expected one of work, solution, got");
    refuse(HEAD GRID "sci: {per: work, overhead: 1.1}\n",
           "c.yaml:4:6: overhead_source: expected text");
    refuse(HEAD GRID "embodied: {kg: 1200, source: s}\n",
           "c.yaml:4:11: lifetime_years: expected a number");
    refuse(HEAD GRID "embodied: {kg: 1200, high_kg: 1000, lifetime_years: 4, "
                     "source: s}\n",
           "c.yaml:4:31: high_kg: expected a number from 1200");
}

static void keys_that_nothing_reads_are_refused(void **state) {
    static const char *const of_csv[] = {"time", "column", "stamp", "unit"};
    static const char *const of_value[] = {"low_kg", "high_kg", "source"};
    char text[400], said[100];
    (void)state;

    for (size_t i = 0; i < 4; i++) {
        snprintf(text, sizeof(text),
                 HEAD "supplies:\n- location:\n    file: a.json\n    format: "
                      "neso\n    source: s\n    %s: end\n",
                 of_csv[i]);
        snprintf(said, sizeof(said),
                 "c.yaml:8:%zu: %s: expected no such key but in format csv",
                 strlen(of_csv[i]) + 7, of_csv[i]);
        refuse(text, said);
    }
    refuse(HEAD "supplies:\n- location: {region: DE, year: 2023, instruments: "
                "i}\n",
           "c.yaml:4:51: instruments: expected no such key but in 'market'");
    for (size_t i = 0; i < 3; i++) {
        snprintf(text, sizeof(text),
                 HEAD GRID "embodied:\n  parts: {case: rack}\n  "
                           "lifetime_years: 4\n  %s: 1\n",
                 of_value[i]);
        snprintf(said, sizeof(said),
                 "c.yaml:7:%zu: %s: expected no such key beside 'parts'",
                 strlen(of_value[i]) + 5, of_value[i]);
        refuse(text, said);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_are_looked_up_or_stated),
        cmocka_unit_test(boavizta_makes_1075_kg_of_the_example),
        cmocka_unit_test(densities_that_are_not_known_make_a_range),
        cmocka_unit_test(item_37_nothing_alone_and_nothing_neutral),
        cmocka_unit_test(item_38_kinds_are_not_mixed),
        cmocka_unit_test(item_39_marginal_numbers_make_no_inventory),
        cmocka_unit_test(mistakes_have_their_place),
        cmocka_unit_test(keys_that_nothing_reads_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
