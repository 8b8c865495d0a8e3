/* SPDX-License-Identifier: Apache-2.0 */
/* Emission factors. Tests with a number in front are the vectors and items of
 * standards.md §11 that they hold to. */
#include "pipeline/config/factors.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/gb_test.h"

#define HEAD "region,year,kind,gas,scope,g_per_kwh,publication,source,series\n"

static gb_status add(gb_factors *out, const char *text, gb_error *err) {
    gb_csv *csv = NULL;

    *err = (gb_error){0};
    if (gb_csv_open_text("own.csv", text, strlen(text), &csv, err) != GB_OK)
        return err->status;
    const gb_status status = gb_factors_read(csv, "own.csv", "", out, err);
    gb_csv_close(csv);
    return status;
}

static int setup(void **state) {
    static gb_factors factors;
    gb_error err = {0};

    factors = (gb_factors){0};
    GB_EXPECT_STATUS(GB_OK, gb_factors_load_folder(GB_FACTORS, &factors, &err),
                     "the tables of the program", err);
    *state = &factors;
    return 0;
}

static int teardown(void **state) {
    gb_factors_fini(*state);
    return 0;
}

static gb_factor_query of(const char *region, int year) {
    return (gb_factor_query){.region = region,
                             .series = "",
                             .year = year,
                             .kind = GB_CARBON_OF_AVERAGE,
                             .gas = -1,
                             .scope = -1};
}

static void tables_have_the_published_values(void **state) {
    static const struct {
        const char *region, *series;
        int year;
        gb_carbon_kind kind;
        gb_carbon_gas gas;
        double g_per_kwh;
    } cases[] = {
        {"CN", "mee", 2021, GB_CARBON_OF_AVERAGE, GB_CARBON_CO2, 556.8},
        {"CN", "mee", 2022, GB_CARBON_OF_AVERAGE, GB_CARBON_CO2, 536.6},
        {"CN", "mee", 2023, GB_CARBON_OF_AVERAGE, GB_CARBON_CO2, 530.6},
        {"CN", "", 2023, GB_CARBON_OF_RESIDUAL, GB_CARBON_CO2, 609.6},
        {"CN", "", 2022, GB_CARBON_OF_FOSSIL, GB_CARBON_CO2, 832.5},
        {"CN", "mee-ets", 2021, GB_CARBON_OF_AVERAGE, GB_CARBON_CO2, 581.0},
        {"CN-north", "", 2022, GB_CARBON_OF_AVERAGE, GB_CARBON_CO2, 677.6},
        {"西南", "", 2023, GB_CARBON_OF_AVERAGE, GB_CARBON_CO2, 247.2},
        {"CN-BJ", "", 2023, GB_CARBON_OF_AVERAGE, GB_CARBON_CO2, 555.4},
        {"云南", "", 2021, GB_CARBON_OF_AVERAGE, GB_CARBON_CO2, 123.5},
        {"CN-XJ", "", 2022, GB_CARBON_OF_AVERAGE, GB_CARBON_CO2, 623.1},
        {"CN", "", 2023, GB_CARBON_OF_AVERAGE, GB_CARBON_CO2E, 582.3},
        {"DE", "", 2023, GB_CARBON_OF_AVERAGE, GB_CARBON_CO2E, 381.0},
        {"TW", "", 2023, GB_CARBON_OF_AVERAGE, GB_CARBON_CO2E, 642.4},
    };

    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        gb_factor_query query = of(cases[i].region, cases[i].year);
        const gb_factor *found = NULL;
        gb_error err = {0};
        query.series = cases[i].series;
        query.kind = cases[i].kind;
        query.gas = (int)cases[i].gas;
        GB_EXPECT_STATUS(GB_OK, gb_factors_find(*state, &query, &found, &err),
                         cases[i].region, err);
        GB_EXPECT_NEAR(cases[i].g_per_kwh, found->g_per_kwh, 1e-9,
                       cases[i].region);
        assert_int_equal(found->type.scope, cases[i].gas == GB_CARBON_CO2
                                                ? GB_CARBON_DIRECT
                                                : GB_CARBON_LIFECYCLE);
        assert_true(found->publication[0] != '\0');
        assert_int_equal(strlen(found->sha256), 64);
    }
    assert_int_equal(((gb_factors *)*state)->count, 123 + 22);
}

static void another_year_is_never_taken(void **state) {
    gb_factor_query query = of("CN-BJ", 2024);
    const gb_factor *found = NULL;
    gb_error err = {0};

    GB_EXPECT_STATUS(GB_ERR_NOT_FOUND,
                     gb_factors_find(*state, &query, &found, &err), "2024",
                     err);
    assert_null(found);
    GB_EXPECT_TEXT("CN-BJ: expected a factor of 2024 (average), got only 2021 "
                   "average CO2 mee, 2022 average CO2 mee, 2023 average CO2 "
                   "mee",
                   err.what, "what there is");
    query = of("Atlantis", 2023);
    assert_int_equal(gb_factors_find(*state, &query, &found, &err),
                     GB_ERR_NOT_FOUND);
    assert_non_null(strstr(err.what, "no such region"));
}

static void several_that_fit_are_named(void **state) {
    gb_factor_query query = of("CN", 2023);
    const gb_factor *found = NULL;
    gb_error err = {0};

    GB_EXPECT_STATUS(GB_ERR_INVALID,
                     gb_factors_find(*state, &query, &found, &err), "gases",
                     err);
    assert_non_null(strstr(err.what, "530.6 g CO2 (direct, mee) and 582.3 g "
                                     "CO2e (lifecycle, owid-ember)"));
}

static void t16_a_value_of_another_year_is_refused(void **state) {
    gb_error err;

    GB_EXPECT_STATUS(
        GB_ERR_INVALID,
        add(*state, HEAD "CN,2021,average,CO2,direct,536.6,a notice,s,mee\n",
            &err),
        "swapped", err);
    GB_EXPECT_TEXT("own.csv:2: CN: expected 0.5568 kg CO2/kWh for 2021 as in "
                   "MEE and NBS 公告 2024年第12号 (2024-04-12) (china.csv:2), "
                   "got 0.5366, which is that of 2022",
                   err.what, "swapped");
    /* Without a series it is one of those that are known, too. */
    GB_EXPECT_STATUS(GB_ERR_INVALID,
                     add(*state,
                         HEAD "CN,2021,average,CO2,direct,536.6,a notice,s,\n",
                         &err),
                     "no series", err);
    GB_EXPECT_STATUS(GB_OK,
                     add(*state,
                         HEAD "CN,2021,average,CO2,direct,540,ours,s,our-own\n",
                         &err),
                     "a series of its own", err);
    GB_EXPECT_STATUS(GB_OK,
                     add(*state,
                         HEAD "CN,2021,average,CO2,direct,556.8,a notice,s,\n",
                         &err),
                     "as published", err);
}

static void item_38_a_factor_has_year_and_publication(void **state) {
    static const struct {
        const char *label, *text, *said;
    } cases[] = {
        {"no year column",
         "region,kind,gas,scope,g_per_kwh,publication,source\n",
         "own.csv:1: expected a column 'year', got none"},
        {"no publication column",
         "region,year,kind,gas,scope,g_per_kwh,source\n",
         "own.csv:1: expected a column 'publication', got none"},
        {"no year", HEAD "X,,average,CO2,direct,1,p,s,\n",
         "own.csv:2: year: expected the year of the data, got ''"},
        {"no publication", HEAD "X,2023,average,CO2,direct,1,-,s,\n",
         "own.csv:2: publication: expected text of 1 to 95 bytes, got '-'"},
        {"no gas", HEAD "X,2023,average,,direct,1,p,s,\n",
         "own.csv:2: gas: expected one of CO2, CO2e, got ''"},
        {"a unit", HEAD "X,2023,average,CO2,direct,530600,p,s,\n",
         "own.csv:2: g_per_kwh: expected grams for each kWh, from 0 to 5000, "
         "got '530600'"},
        {"null", HEAD "X,2023,average,CO2,direct,null,p,s,\n",
         "own.csv:2: g_per_kwh: expected grams"},
        {"below nothing", HEAD "X,2023,average,CO2,direct,-1,p,s,\n",
         "own.csv:2: g_per_kwh: expected grams"},
        {"another column", "region,when\n", "own.csv:1: expected the columns"},
    };
    (void)state;

    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        gb_factors factors = {0};
        gb_error err;
        GB_EXPECT_STATUS(GB_ERR_INVALID, add(&factors, cases[i].text, &err),
                         cases[i].label, err);
        if (strncmp(err.what, cases[i].said, strlen(cases[i].said)) != 0)
            fail_msg("%s: got '%s'", cases[i].label, err.what);
        gb_factors_fini(&factors);
    }
}

static void an_uncertainty_has_its_form(void **state) {
    static const struct {
        const char *row;
        double u_rel;
    } cases[] = {{"6%,bound", 0.06 / 1.7320508075688772},
                 {"6%,sigma", 0.06},
                 {"6%,k2", 0.03}};
    gb_factors factors = {0};
    gb_error err;
    char text[256];
    (void)state;

    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        snprintf(text, sizeof(text),
                 "region,year,kind,gas,scope,g_per_kwh,publication,source,"
                 "uncertainty,form\nX%zu,2023,average,CO2,direct,1,p,s,%s\n",
                 i, cases[i].row);
        GB_EXPECT_STATUS(GB_OK, add(&factors, text, &err), cases[i].row, err);
        GB_EXPECT_NEAR(cases[i].u_rel, factors.rows[i].u_rel, 1e-12,
                       cases[i].row);
    }
    gb_factors_fini(&factors);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tables_have_the_published_values, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(another_year_is_never_taken, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(several_that_fit_are_named, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(t16_a_value_of_another_year_is_refused,
                                        setup, teardown),
        cmocka_unit_test(item_38_a_factor_has_year_and_publication),
        cmocka_unit_test(an_uncertainty_has_its_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
