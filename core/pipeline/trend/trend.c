/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/trend/trend.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/change.h"
#include "stats/spread.h"

static void name_unit(const gb_history_series *series, gb_trend_metric metric,
                      char *out, size_t size) {
    if (metric == GB_TREND_POWER)
        snprintf(out, size, "W");
    else
        snprintf(out, size, "%s/s%s", series->work_unit,
                 metric == GB_TREND_EFFICIENCY ? "/W" : "");
}

/* The meters of the last point that has the metric; null: none has it. */
static const char *last_meters(const gb_history_series *series,
                               gb_trend_metric metric) {
    for (size_t i = series->point_count; i-- > 0;)
        if (isfinite(series->points[i].values[metric]))
            return series->points[i].meters;
    return NULL;
}

/* @return false: none has the metric, or out of memory (points is null then) */
static bool take_points(const gb_history_series *series, gb_trend_metric metric,
                        gb_trend *out) {
    const char *meters = last_meters(series, metric);

    if (meters == NULL)
        return false;
    out->points = calloc(series->point_count, sizeof(const gb_history_point *));
    for (size_t i = 0; out->points != NULL && i < series->point_count; i++) {
        const gb_history_point *point = &series->points[i];
        if (!isfinite(point->values[metric]))
            continue;
        if (metric != GB_TREND_PERFORMANCE &&
            strcmp(point->meters, meters) != 0)
            out->left_out++;
        else
            out->points[out->point_count++] = point;
    }
    return true;
}

static void take_changes(const gb_change *changes, size_t count,
                         gb_trend *out) {
    const bool higher = gb_trend_metric_higher_is_better(out->metric);

    for (size_t i = 0; i < count; i++) {
        const gb_change *one = &changes[i];
        out->changes[out->change_count++] = (gb_trend_change){
            .at = one->at,
            .p = one->p,
            .before = one->before,
            .after = one->after,
            .relative = one->after / one->before - 1.0,
            .worse =
                higher ? one->after < one->before : one->after > one->before,
        };
    }
}

/* @param values  [point_count], @param changes  [gb_changes_most()] */
static gb_status look(const gb_trends *all, gb_trend *trend, double *values,
                      gb_change *changes, gb_error *err) {
    size_t count = 0;

    for (size_t i = 0; i < trend->point_count; i++)
        values[i] = trend->points[i]->values[trend->metric];
    const gb_status status = gb_changes_find(values, trend->point_count,
                                             all->alpha, changes, &count, err);
    if (status != GB_OK)
        return status;
    take_changes(changes, count, trend);
    if (count > 0) {
        trend->median = changes[count - 1].after;
    } else {
        gb_sort_ascending(values, trend->point_count);
        trend->median = gb_quantile_sorted(values, trend->point_count, 0.5);
    }
    return GB_OK;
}

static gb_status find_changes(const gb_trends *all, gb_trend *trend,
                              gb_error *err) {
    const size_t most = gb_changes_most(trend->point_count);
    double *values = calloc(trend->point_count + 1, sizeof(*values));
    gb_change *changes = calloc(most + 1, sizeof(*changes));
    gb_status status = GB_OK;

    trend->changes = calloc(most + 1, sizeof(*trend->changes));
    if (values == NULL || changes == NULL || trend->changes == NULL)
        status = gb_fail_memory(err, "a trend");
    else
        status = look(all, trend, values, changes, err);
    free(values);
    free(changes);
    return status;
}

static gb_status add_trend(const gb_history_series *series,
                           gb_trend_metric metric, gb_trends *all,
                           gb_error *err) {
    gb_trend *trend = &all->list[all->count];

    *trend = (gb_trend){.series = series, .metric = metric};
    if (!take_points(series, metric, trend))
        return GB_OK;
    all->count++;
    if (trend->points == NULL)
        return gb_fail_memory(err, "a trend");
    name_unit(series, metric, trend->unit, sizeof(trend->unit));
    return find_changes(all, trend, err);
}

gb_status gb_trend_find(const gb_run_history *history, uint32_t metrics,
                        double alpha, gb_trends *out, gb_error *err) {
    gb_trends made = {.alpha = alpha};
    gb_status status = GB_OK;

    made.list = calloc(history->series_count * GB_TREND_METRICS + 1,
                       sizeof(*made.list));
    if (made.list == NULL)
        return gb_fail_memory(err, "the trends");
    for (size_t s = 0; s < history->series_count; s++)
        for (int m = 0; status == GB_OK && m < GB_TREND_METRICS; m++)
            if ((metrics >> m & 1u) != 0)
                status = add_trend(&history->series[s], (gb_trend_metric)m,
                                   &made, err);
    if (status == GB_OK)
        *out = made;
    else
        gb_trends_fini(&made);
    return status;
}
