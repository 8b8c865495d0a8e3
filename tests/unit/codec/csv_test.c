/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/csv.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/units.h"
#include "support/gb_test.h"

static gb_csv *open_text(const char *text) {
    gb_csv *csv = NULL;
    gb_error err = {0};

    GB_EXPECT_STATUS(GB_OK,
                     gb_csv_open_text("a.csv", text, strlen(text), &csv, &err),
                     "open", err);
    return csv;
}

/* Cells joined by '|', rows by '\n'; or the error. */
static void read_all(const char *text, char *out, size_t size) {
    gb_csv *csv = open_text(text);
    const gb_csv_cell *cells = NULL;
    gb_error err = {0};
    size_t count = 1, used = 0;

    out[0] = '\0';
    while (count > 0) {
        if (gb_csv_row(csv, &cells, &count, &err) != GB_OK) {
            snprintf(out, size, "%s", err.what);
            break;
        }
        for (size_t i = 0; i < count; i++)
            used += (size_t)snprintf(out + used, size - used, "%.*s%s",
                                     (int)cells[i].length, cells[i].text,
                                     i + 1 < count ? "|" : "\n");
    }
    gb_csv_close(csv);
}

static void rows_and_cells(void **state) {
    static const struct {
        const char *text, *cells;
    } rows[] = {
        {"", ""},
        {"a,b\n1,2\n", "a|b\n1|2\n"},
        {"a,b\r\n1,2", "a|b\n1|2\n"},
        {"\xef\xbb\xbf"
         "a,b\n\n1,2\n\n",
         "a|b\n1|2\n"},
        {"a;b\n1,5;2\n", "a|b\n1,5|2\n"},
        {"a\tb\n1\t\n", "a|b\n1|\n"},
        {"\"a \"\"b\"\", c\",d\n,\n", "a \"b\", c|d\n|\n"},
        {"\"x;y\",b\n1,2\n", "x;y|b\n1|2\n"},
        {"a\n1\n", "a\n1\n"},
        {"a,b\n1\n", "a.csv:2: expected 2 cells as in the first line, got 1"},
        {"a,b\n1,2,3\n", "a.csv:2: expected 2 cells as in the first line, got "
                         "3"},
        {"a,b\n1,\"2\n", "a.csv:2: expected a closing quote before the next "
                         "cell, got none in this line"},
        {"a,b\n\"1\"2,3\n", "a.csv:2: expected a closing quote before the next "
                            "cell, got none in this line"},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(rows); i++) {
        char got[256];
        read_all(rows[i].text, got, sizeof(got));
        GB_EXPECT_TEXT(rows[i].cells, got, rows[i].text);
    }
}

/* Rows longer than a block, and many of them. */
static void long_rows(void **state) {
    enum { CELLS = 90000, ROWS = 5 };
    char *text = malloc((size_t)CELLS * 24 * ROWS + 1);
    size_t used = 0;
    (void)state;
    assert_non_null(text);
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < CELLS; c++)
            used += (size_t)sprintf(text + used, "%d.000000000000%c", r + c,
                                    c + 1 < CELLS ? ',' : '\n');
    gb_csv *csv = open_text(text);
    gb_error err = {0};
    for (int r = 0; r < ROWS; r++) {
        const gb_csv_cell *cells = NULL;
        size_t count = 0;
        double value = 0.0;
        GB_EXPECT_STATUS(GB_OK, gb_csv_row(csv, &cells, &count, &err), "row",
                         err);
        assert_int_equal(count, CELLS);
        assert_true(gb_csv_number(&cells[CELLS - 1], &value));
        GB_EXPECT_NEAR(r + CELLS - 1.0, value, 0.0, "last");
    }
    gb_csv_close(csv);
    free(text);
}

/* The short way to read a number is strtod's. */
static void numbers_are_read_as_strtod_does(void **state) {
    static const char *const rows[] = {"0",
                                       "1",
                                       "-1.5",
                                       "0.1",
                                       "123456789.012345",
                                       "1e3",
                                       "2.5E-7",
                                       " 4.25 ",
                                       ".5",
                                       "0.000000000000001",
                                       "99999.9",
                                       "1.0000000000000002",
                                       "12345678901234567890"};
    static const char *const wrong[] = {"",    "x",   "1,5", "1 2",   "0x10",
                                        "inf", "nan", "--1", "1.2.3", "-"};
    (void)state;
    for (size_t i = 0; i < GB_COUNT(rows); i++) {
        const gb_csv_cell cell = {rows[i], strlen(rows[i])};
        double value = 0.0;
        assert_true(gb_csv_number(&cell, &value));
        GB_EXPECT_NEAR(strtod(rows[i], NULL), value, 0.0, rows[i]);
    }
    uint64_t seed = 1;
    for (int i = 0; i < 20000; i++) {
        char text[40];
        double value = 0.0;
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        snprintf(text, sizeof(text), "%llu.%0*llu",
                 (unsigned long long)(seed >> 40), (int)(1 + i % 7),
                 (unsigned long long)(seed % 10));
        const gb_csv_cell cell = {text, strlen(text)};
        assert_true(gb_csv_number(&cell, &value));
        GB_EXPECT_NEAR(strtod(text, NULL), value, 0.0, text);
    }
    for (size_t i = 0; i < GB_COUNT(wrong); i++) {
        const gb_csv_cell cell = {wrong[i], strlen(wrong[i])};
        double value = 0.0;
        if (gb_csv_number(&cell, &value))
            fail_msg("'%s' is no number", wrong[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_cells),
        cmocka_unit_test(long_rows),
        cmocka_unit_test(numbers_are_read_as_strtod_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
