/* SPDX-License-Identifier: Apache-2.0 */
#include "model/page.h"

#include <string.h>

size_t gb_page_rows(const gb_compared_pair *pair, gb_page_row *rows_out,
                    size_t most) {
    static const gb_compare_verdict order[] = {
        GB_COMPARE_WORSE, GB_COMPARE_BETTER, GB_COMPARE_REFUSED,
        GB_COMPARE_UNDECIDED, GB_COMPARE_EQUIVALENT};
    size_t count = 0;

    for (size_t v = 0; v < sizeof(order) / sizeof(order[0]); v++)
        for (size_t b = 0; b < pair->bench_count; b++)
            for (int m = 0; m < GB_COMPARE_METRICS; m++) {
                const gb_compared_metric *metric = &pair->benches[b].metrics[m];
                if (!metric->present || metric->verdict != order[v])
                    continue;
                if (count == most)
                    return count;
                rows_out[count++] =
                    (gb_page_row){&pair->benches[b], (gb_compare_metric)m};
            }
    return count;
}

uint64_t gb_page_message_bytes(const gb_plan_case *planned) {
    for (size_t i = 0; i < planned->param_count; i++)
        if (planned->params[i].kind == GB_VALUE_BYTES &&
            strcmp(planned->params[i].name, "message_bytes") == 0)
            return planned->params[i].u64;
    return 0;
}
