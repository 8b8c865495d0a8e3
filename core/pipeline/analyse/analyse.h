/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_ANALYSE_H
#define GB_PIPELINE_ANALYSE_H

/**
 * @file pipeline/analyse/analyse.h
 * gb_reduced -> gb_result: statistics, performance per watt, uncertainty,
 * warnings. Pure. Metrics are defined once, in analyse/metrics.c.
 */
#include <stddef.h>

#include "base/error.h"
#include "model/result.h"

gb_status gb_analyse(const gb_plan *plan, const gb_run_log *log,
                     const gb_reduced *reduced, gb_result *result_out,
                     gb_error *err);

/** How a metric is made, for docs/method.md and `--help`. */
typedef struct gb_metric {
    const char *name, *unit, *formula, *source;
} gb_metric;
extern const gb_metric gb_metrics[];
extern const size_t gb_metric_count;

#endif /* GB_PIPELINE_ANALYSE_H */
