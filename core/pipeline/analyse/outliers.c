/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes that are unlike the others, and pairs of them, in one warning each. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/analyse/warning_list.h"

/* Where each node stands out most. */
typedef struct worst_outlier {
    const gb_node_outlier *outlier; /* null: nowhere */
    const char *id;                 /* of the benchmark */
} worst_outlier;

static size_t find_worst(const gb_result *result, worst_outlier *worst) {
    size_t count = 0;

    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        for (size_t k = 0; k < bench->variability.outlier_count; k++) {
            const gb_node_outlier *one = &bench->variability.outliers[k];
            worst_outlier *now = &worst[one->node];
            if (now->outlier != NULL &&
                fabs(now->outlier->relative) >= fabs(one->relative))
                continue;
            count += now->outlier == NULL;
            *now =
                (worst_outlier){one, result->plan->cases[bench->case_index].id};
        }
    }
    return count;
}

void gb_warn_outliers(gb_warning_list *list, const gb_session *session,
                      const gb_result *result) {
    worst_outlier *worst = calloc(session->node_count + 1, sizeof(*worst));
    char text[320] = "";

    if (worst == NULL) {
        list->failed = true;
        return;
    }
    const size_t count = find_worst(result, worst);
    for (size_t told = 0; told < 3 && told < count; told++) {
        size_t at = session->node_count;
        for (size_t n = 0; n < session->node_count; n++)
            if (worst[n].outlier != NULL &&
                (at == session->node_count ||
                 fabs(worst[n].outlier->relative) >
                     fabs(worst[at].outlier->relative)))
                at = n;
        const size_t length = strlen(text);
        snprintf(text + length, sizeof(text) - length,
                 "%s%.40s %+.3g %% %s (%.30s)", told > 0 ? ", " : "",
                 session->nodes[at].name, 100.0 * worst[at].outlier->relative,
                 gb_node_quantity_name(worst[at].outlier->quantity),
                 worst[at].id);
        worst[at].outlier = NULL;
    }
    free(worst);
    if (count == 0)
        return;
    gb_warn(
        list, "node.outlier",
        "greenbench doctor there and on a node that is not: governor, power "
        "limits, throttling, memory, what else runs",
        "%zu of %zu nodes are not like the others: %s%s", count,
        session->node_count, text, count > 3 ? ", .." : "");
}

void gb_warn_pairs(gb_warning_list *list, const gb_session *session,
                   const char *id, const gb_pair_variability *pairs) {
    char text[320] = "";

    if (pairs->slow_count == 0)
        return;
    for (size_t i = 0; i < pairs->slow_count && i < 3; i++) {
        const gb_slow_pair *one = &pairs->slow[i];
        const size_t length = strlen(text);
        snprintf(text + length, sizeof(text) - length,
                 "%s%.40s and %.40s %.3g times", i > 0 ? ", " : "",
                 session->nodes[one->nodes[0]].name,
                 session->nodes[one->nodes[1]].name, 1.0 + one->relative);
    }
    gb_warn(list, "pair.outlier",
            pairs->common >= 0
                ? "the adapter, cable and switch port of that node"
                : "the route between the two: cables, switch ports, adapters",
            "%s: %zu of %zu pairs of nodes are slow, in time over the median: "
            "%s%s%s%.40s",
            id, pairs->slow_count, pairs->spread.n, text,
            pairs->slow_count > 3 ? ", .." : "",
            pairs->common >= 0 ? "; all with " : "",
            pairs->common >= 0 ? session->nodes[pairs->common].name : "");
}
