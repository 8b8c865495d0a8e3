/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "pipeline/report/lines.h"
#include "pipeline/report/report.h"
#include "pipeline/report/table.h"

static const gb_table_column columns[] = {{.title = "machine"},
                                          {.title = "expected", .right = true},
                                          {.title = "got", .right = true},
                                          {.title = "mistakes", .right = true},
                                          {.title = ""}};

/* How many totals of usual mistakes it was not. */
static void describe_mistakes(const gb_selftest_case *one, char *out,
                              size_t size) {
    size_t rejected = 0;

    for (size_t i = 0; i < one->wrong_count; i++)
        rejected += one->wrong[i].rejected;
    if (one->wrong_count == 0)
        snprintf(out, size, "-");
    else
        snprintf(out, size, "%zu of %zu rejected", rejected, one->wrong_count);
}

void gb_report_selftest(const gb_selftest *selftest,
                        const gb_report_style *style, gb_str *out) {
    gb_table table = {.columns = columns, .column_count = 5, .first_max = 30};
    size_t right = 0;

    for (size_t i = 0; i < selftest->count; i++) {
        const gb_selftest_case *one = &selftest->cases[i];
        char mistakes[48];

        right += one->right;
        describe_mistakes(one, mistakes, sizeof(mistakes));
        gb_table_row_add(&table);
        gb_table_set(&table, 0, GB_PAINT_NONE, one->machine);
        gb_table_set(&table, 1, GB_PAINT_NONE, one->expected);
        gb_table_set(&table, 2, GB_PAINT_NONE, one->got);
        gb_table_set(&table, 3, GB_PAINT_DIM, mistakes);
        gb_table_set(&table, 4, one->right ? GB_PAINT_GOOD : GB_PAINT_BAD,
                     one->right ? "right" : "WRONG");
        if (!one->right) {
            gb_str why = {0};
            gb_lines_wrap(&why, style->colour, GB_PAINT_BAD, "", 4, one->why);
            gb_table_follow(&table, &why);
        }
    }
    gb_table_render(&table, style->colour, out);
    gb_table_fini(&table);
    gb_str_addf(out,
                "\nselftest: %zu of %zu machines right, %zu wrong totals "
                "rejected, in %.2f s\n",
                right, selftest->count, selftest->wrong_rejected,
                selftest->took_s);
}
