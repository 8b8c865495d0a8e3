/* SPDX-License-Identifier: Apache-2.0 */
#include "model/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    bool higher;
} metrics[GB_TREND_METRICS] = {
#define ROW(id, text, higher) {text, higher},
    GB_TREND_METRIC_MAP(ROW)
#undef ROW
};

const char *gb_trend_metric_name(gb_trend_metric metric) {
    return metrics[metric].name;
}

bool gb_trend_metric_higher_is_better(gb_trend_metric metric) {
    return metrics[metric].higher;
}

bool gb_trend_metric_from_name(const char *name, gb_trend_metric *out) {
    for (int m = 0; m < GB_TREND_METRICS; m++) {
        if (strcmp(name, metrics[m].name) != 0)
            continue;
        *out = (gb_trend_metric)m;
        return true;
    }
    return false;
}

static bool same_kind(const gb_node *a, const gb_node *b) {
    return a->packages == b->packages && a->cores == b->cores &&
           strcmp(a->cpu, b->cpu) == 0;
}

const char *gb_history_system(const gb_session *session, char *out,
                              size_t size) {
    const gb_node *first = session->node_count > 0 ? session->nodes : NULL;

    for (size_t n = 1; first != NULL && n < session->node_count; n++)
        if (!same_kind(first, &session->nodes[n]))
            first = NULL;
    if (first == NULL)
        snprintf(out, size, "nodes of several kinds");
    else
        snprintf(out, size, "%" PRIu32 " x %s, %" PRIu32 " cores",
                 first->packages, first->cpu[0] != '\0' ? first->cpu : "CPU",
                 first->cores);
    return out;
}

void gb_history_runs_fini(gb_history_runs *runs) {
    for (size_t i = 0; i < runs->count; i++) {
        free(runs->list[i].run_id);
        free(runs->list[i].path);
        free(runs->list[i].suite);
        free(runs->list[i].tool_version);
        free(runs->list[i].system);
    }
    free(runs->list);
    *runs = (gb_history_runs){0};
}

void gb_run_history_fini(gb_run_history *history) {
    for (size_t i = 0; i < history->series_count; i++) {
        gb_history_series *series = &history->series[i];
        free(series->benchmark);
        free(series->params);
        free(series->system);
        free(series->work_unit);
        free(series->points);
    }
    for (size_t i = 0; i < history->text_count; i++)
        free(history->texts[i]);
    free(history->series);
    free(history->texts);
    *history = (gb_run_history){0};
}

void gb_trends_fini(gb_trends *trends) {
    for (size_t i = 0; i < trends->count; i++) {
        free(trends->list[i].points);
        free(trends->list[i].changes);
    }
    free(trends->list);
    *trends = (gb_trends){0};
}

void gb_gate_fini(gb_gate *gate) {
    free(gate->found);
    *gate = (gb_gate){0};
}
