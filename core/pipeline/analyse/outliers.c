/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes that are unlike the others, and pairs of them, in one warning each. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/phrase.h"
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

static void add_outlier(const gb_node *node, const worst_outlier *worst,
                        const char *joint, const char *quantity, char *out,
                        size_t size) {
    const size_t length = strlen(out);

    snprintf(out + length, size - length, "%s%.40s %+.3g %% %s (%.30s)", joint,
             node->name, 100.0 * worst->outlier->relative, quantity, worst->id);
}

void gb_warn_outliers(gb_warning_list *list, const gb_session *session,
                      const gb_result *result) {
    worst_outlier *worst = calloc(session->node_count + 1, sizeof(*worst));
    char text[320] = "", chinese[320] = "";

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
        const char *quantity =
            gb_node_quantity_name(worst[at].outlier->quantity);
        add_outlier(&session->nodes[at], &worst[at], told > 0 ? ", " : "",
                    quantity, text, sizeof(text));
        add_outlier(&session->nodes[at], &worst[at], told > 0 ? "，" : "",
                    gb_phrase(GB_LANGUAGE_ZH, quantity), chinese,
                    sizeof(chinese));
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
    gb_warn_chinese(list, "%zu of %zu nodes are not like the others: %s%s",
                    count, session->node_count, chinese,
                    count > 3 ? ", .." : "");
}

static void add_pair(const gb_session *session, const gb_slow_pair *pair,
                     gb_language language, bool first, char *out, size_t size) {
    const size_t length = strlen(out);

    snprintf(out + length, size - length,
             gb_phrase(language, first ? "%.40s and %.40s %.3g times"
                                       : ", %.40s and %.40s %.3g times"),
             session->nodes[pair->nodes[0]].name,
             session->nodes[pair->nodes[1]].name, 1.0 + pair->relative);
}

void gb_warn_pairs(gb_warning_list *list, const gb_session *session,
                   const char *id, const gb_pair_variability *pairs) {
    char texts[GB_LANGUAGES][320] = {"", ""}, ends[GB_LANGUAGES][96];

    if (pairs->slow_count == 0)
        return;
    for (int l = 0; l < GB_LANGUAGES; l++) {
        for (size_t i = 0; i < pairs->slow_count && i < 3; i++)
            add_pair(session, &pairs->slow[i], (gb_language)l, i == 0, texts[l],
                     sizeof(texts[l]));
        ends[l][0] = '\0';
        if (pairs->common >= 0)
            snprintf(ends[l], sizeof(ends[l]),
                     gb_phrase((gb_language)l, "; all with %.40s"),
                     session->nodes[pairs->common].name);
    }
    const char *more = pairs->slow_count > 3 ? ", .." : "";
    gb_warn(list, "pair.outlier",
            pairs->common >= 0
                ? "the adapter, cable and switch port of that node"
                : "the route between the two: cables, switch ports, adapters",
            "%s: %zu of %zu pairs of nodes are slow, in time over the median: "
            "%s%s%s",
            id, pairs->slow_count, pairs->spread.n, texts[GB_LANGUAGE_EN], more,
            ends[GB_LANGUAGE_EN]);
    gb_warn_chinese(
        list,
        "%s: %zu of %zu pairs of nodes are slow, in time over the median: "
        "%s%s%s",
        id, pairs->slow_count, pairs->spread.n, texts[GB_LANGUAGE_ZH], more,
        ends[GB_LANGUAGE_ZH]);
}
