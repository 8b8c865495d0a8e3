/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "metering/cross.h"
#include "metering/window.h"

enum { MOST = 8 };

typedef struct counter {
    const char *source, *name;
    gb_energy_scope scope;
    int32_t package;
    double power_w, u95_w;
} counter;

static size_t check(const counter *counters, size_t count,
                    gb_contradiction *found) {
    gb_energy_domain domains[MOST];
    gb_energy_figure figures[MOST];

    for (size_t i = 0; i < count; i++) {
        domains[i] = (gb_energy_domain){.scope = counters[i].scope,
                                        .package = counters[i].package,
                                        .die = -1,
                                        .status = GB_DOMAIN_OK,
                                        .quality = GB_QUALITY_MEASURED};
        strcpy(domains[i].source, counters[i].source);
        strcpy(domains[i].name, counters[i].name);
        /* Each over a window of its own. */
        figures[i] = gb_figure_zero();
        figures[i].window_s = 2.0 + (double)i;
        figures[i].energy_j = counters[i].power_w * figures[i].window_s;
        figures[i].u95_j = counters[i].u95_w * figures[i].window_s;
        if (strcmp(counters[i].source, "model") == 0)
            domains[i].quality = figures[i].quality = GB_QUALITY_MODELLED;
        if (isnan(counters[i].power_w))
            figures[i] = gb_figure_none("stuck");
    }
    return gb_cross_check(domains, figures, count, found, MOST);
}

static void expect(const counter *counters, size_t count, const char *code,
                   const char *words) {
    gb_contradiction found[MOST];
    const size_t n = check(counters, count, found);

    if (n != 1 || strcmp(found[0].code, code) != 0)
        fail_msg("expected one '%s', got %zu, '%s'", code, n,
                 n > 0 ? found[0].what : "");
    if (strstr(found[0].what, words) == NULL)
        fail_msg("'%s' without '%s'", found[0].what, words);
}

static void expect_nothing(const counter *counters, size_t count) {
    gb_contradiction found[MOST];

    if (check(counters, count, found) != 0)
        fail_msg("%s", found[0].what);
}

static void two_readers_of_a_package_should_agree(void **state) {
    const counter apart[] = {
        {"powercap", "package-0", GB_SCOPE_PACKAGE, 0, 100.0, 5.0},
        {"perf", "package-0", GB_SCOPE_PACKAGE, 0, 90.0, 5.0},
    };
    const counter close[] = {
        {"powercap", "package-0", GB_SCOPE_PACKAGE, 0, 100.0, 5.0},
        {"perf", "package-0", GB_SCOPE_PACKAGE, 0, 94.0, 5.0},
    };
    const counter other[] = {
        {"powercap", "package-0", GB_SCOPE_PACKAGE, 0, 100.0, 5.0},
        {"perf", "package-1", GB_SCOPE_PACKAGE, 1, 20.0, 1.0},
    };

    (void)state;
    expect(
        apart, 2, "energy.disagree",
        "'powercap package-0' 100.0 +- 5.0 W, 'perf package-0' 90.0 +- 5.0 W");
    expect_nothing(close, 2);
    expect_nothing(other, 2);
}

static void parts_should_not_exceed_their_whole(void **state) {
    const counter node[] = {
        {"hwmon", "power_meter", GB_SCOPE_NODE_AC, -1, 150.0, 10.0},
        {"powercap", "package-0", GB_SCOPE_PACKAGE, 0, 80.0, 5.0},
        {"powercap", "package-1", GB_SCOPE_PACKAGE, 1, 80.0, 5.0},
        {"powercap", "package-0/dram", GB_SCOPE_DRAM, 0, 20.0, 2.0},
        {"powercap", "package-1/dram", GB_SCOPE_DRAM, 1, 20.0, 2.0},
        /* Inside the packages: must not count once more. */
        {"powercap", "package-0/core", GB_SCOPE_CORES, 0, 60.0, 4.0},
    };
    counter sound[6];

    (void)state;
    expect(node, 6, "energy.exceeds",
           "4 of 'powercap' 200 +- 14 W inside 'hwmon power_meter' 150");
    memcpy(sound, node, sizeof(node));
    sound[0].power_w = 260.0;
    expect_nothing(sound, 6);
    sound[0].power_w = 190.0; /* within what is known */
    expect_nothing(sound, 6);
}

/* Two digits of the uncertainty, and no more of the value. */
static void no_digit_is_shown_that_is_not_known(void **state) {
    const counter coarse[] = {
        {"hwmon", "Chassis", GB_SCOPE_NODE_AC, -1, 300.04, 6.93},
        {"powercap", "package-0", GB_SCOPE_PACKAGE, 0, 376.1, 24.2},
    };
    const counter fine[] = {
        {"powercap", "package-0", GB_SCOPE_PACKAGE, 0, 1.23456, 0.0123},
        {"perf", "package-0", GB_SCOPE_PACKAGE, 0, 3456.7, 124.0},
    };

    (void)state;
    expect(coarse, 2, "energy.exceeds",
           "376 +- 24 W inside 'hwmon Chassis' 300.0 +- 6.9 W");
    expect(fine, 2, "energy.disagree",
           "1.235 +- 0.012 W, 'perf package-0' 3460 +- 120 W");
}

static void cores_should_not_exceed_their_package(void **state) {
    const counter counters[] = {
        {"powercap", "package-0", GB_SCOPE_PACKAGE, 0, 50.0, 2.0},
        {"powercap", "package-0/core", GB_SCOPE_CORES, 0, 70.0, 2.0},
    };

    (void)state;
    expect(counters, 2, "energy.exceeds", "inside 'powercap package-0'");
}

/* A second path to a counter is not a second part of the node. */
static void a_second_path_is_one_part(void **state) {
    const counter counters[] = {
        {"hwmon", "power_meter", GB_SCOPE_NODE_AC, -1, 100.0, 5.0},
        {"powercap", "package-0", GB_SCOPE_PACKAGE, 0, 80.0, 5.0},
        {"powercap", "mmio:package-0", GB_SCOPE_PACKAGE, 0, 80.0, 5.0},
    };

    (void)state;
    expect_nothing(counters, 3);
}

static void memory_of_sockets_should_be_alike(void **state) {
    const counter anomaly[] = {
        {"powercap", "package-0/dram", GB_SCOPE_DRAM, 0, 200.0, 20.0},
        {"powercap", "package-1/dram", GB_SCOPE_DRAM, 1, 6.0, 1.0},
    };
    const counter uneven[] = {
        {"powercap", "package-0/dram", GB_SCOPE_DRAM, 0, 40.0, 4.0},
        {"powercap", "package-1/dram", GB_SCOPE_DRAM, 1, 10.0, 1.0},
    };

    (void)state;
    expect(anomaly, 2, "energy.dram_uneven", "200 +- 20 W");
    expect_nothing(uneven, 2);
}

static void estimates_and_missing_figures_say_nothing(void **state) {
    const counter counters[] = {
        {"powercap", "package-0", GB_SCOPE_PACKAGE, 0, 100.0, 5.0},
        {"model", "node", GB_SCOPE_NODE_DC, -1, 10.0, 1.0},
        {"perf", "package-0", GB_SCOPE_PACKAGE, 0, NAN, NAN},
    };

    (void)state;
    expect_nothing(counters, 3);
}

static void no_more_is_told_than_there_is_room_for(void **state) {
    counter counters[MOST];
    gb_energy_domain domains[MOST] = {0};
    gb_energy_figure figures[MOST];
    gb_contradiction found[2] = {{.node = 9}, {.node = 9}};

    (void)state;
    memset(counters, 0, sizeof(counters));
    for (size_t i = 0; i < MOST; i++) {
        domains[i].scope = GB_SCOPE_NODE_AC;
        domains[i].quality = GB_QUALITY_MEASURED;
        figures[i] = gb_figure_zero();
        figures[i].window_s = 1.0;
        figures[i].energy_j = 100.0 * (double)(i + 1);
        figures[i].u95_j = 1.0;
    }
    assert_int_equal(gb_cross_check(domains, figures, MOST, found, 1), 1);
    assert_int_equal(found[1].node, 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_readers_of_a_package_should_agree),
        cmocka_unit_test(parts_should_not_exceed_their_whole),
        cmocka_unit_test(no_digit_is_shown_that_is_not_known),
        cmocka_unit_test(cores_should_not_exceed_their_package),
        cmocka_unit_test(a_second_path_is_one_part),
        cmocka_unit_test(memory_of_sockets_should_be_alike),
        cmocka_unit_test(estimates_and_missing_figures_say_nothing),
        cmocka_unit_test(no_more_is_told_than_there_is_room_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
