/* SPDX-License-Identifier: Apache-2.0 */
/* A million rows: a run of an hour on eight domains at 35 Hz. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "archive/samples.h"
#include "base/clock.h"

#define ROW_COUNT 1000000

static void a_million_rows_take_well_under_a_second(void **state) {
    gb_energy_domain domains[8] = {0};
    gb_node node = {.domains = domains, .domain_count = 8};
    const gb_session session = {.nodes = &node, .node_count = 1};
    gb_sample *rows = calloc(ROW_COUNT, sizeof(*rows));
    gb_sample *back = NULL;
    gb_str text = {0};
    size_t count = 0, damaged = 0;
    gb_error err = {0};
    (void)state;
    assert_non_null(rows);
    for (size_t i = 0; i < ROW_COUNT; i++)
        rows[i] = (gb_sample){
            .domain = (uint32_t)(i % 8),
            .reading = {.ticks = 100000000000u + i * 61,
                        .time_ns = 1000000000000u + i * 12500000u,
                        .half_ns = 1500,
                        .ok = true,
                        .stamp_ns = i * 7},
            .mark = i % 1000 == 0,
        };
    const uint64_t begin_ns = gb_clock_now_ns(&gb_clock_system);
    gb_str_add(&text, GB_SAMPLES_HEADER);
    gb_samples_write(rows, ROW_COUNT, &text);
    const uint64_t written_ns = gb_clock_now_ns(&gb_clock_system);
    if (gb_samples_read("samples", text.text, text.length, &session, &back,
                        &count, &damaged, &err) != GB_OK)
        fail_msg("%s", err.what);
    const uint64_t read_ns = gb_clock_now_ns(&gb_clock_system);
    print_message("%d rows, %zu bytes: written in %.3f s, read in %.3f s\n",
                  ROW_COUNT, text.length,
                  (double)(written_ns - begin_ns) * 1e-9,
                  (double)(read_ns - written_ns) * 1e-9);
    assert_int_equal(count, ROW_COUNT);
    for (size_t i = 0; i < count; i++)
        if (back[i].domain != rows[i].domain ||
            back[i].reading.ticks != rows[i].reading.ticks ||
            back[i].reading.time_ns != rows[i].reading.time_ns ||
            back[i].reading.stamp_ns != rows[i].reading.stamp_ns ||
            back[i].mark != rows[i].mark)
            fail_msg("row %zu differs", i);
    /* A loaded machine and a sanitizer are allowed for. */
    assert_true(read_ns - begin_ns < 5000000000u);
    gb_str_fini(&text);
    free(rows);
    free(back);
}

/* Runs of version 0.1 have no stamps. */
static void rows_of_an_older_version_are_read(void **state) {
    static const char text[] = GB_SAMPLES_HEADER_OLD "0,3,100,7,5,1,1\n";
    static const char mixed[] = GB_SAMPLES_HEADER_OLD "0,3,100,7,5,1,1,9\n";
    gb_node node = {.domain_count = 8};
    const gb_session session = {.nodes = &node, .node_count = 1};
    gb_sample *back = NULL;
    size_t count = 0, damaged = 0;
    gb_error err = {0};

    (void)state;
    assert_int_equal(gb_samples_read("samples", text, strlen(text), &session,
                                     &back, &count, &damaged, &err),
                     GB_OK);
    assert_int_equal(count, 1);
    assert_int_equal(back[0].reading.ticks, 5);
    assert_true(back[0].mark);
    assert_int_equal(back[0].reading.stamp_ns, 0);
    free(back);
    assert_int_equal(gb_samples_read("samples", mixed, strlen(mixed), &session,
                                     &back, &count, &damaged, &err),
                     GB_ERR_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_an_older_version_are_read),
        cmocka_unit_test(a_million_rows_take_well_under_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
