/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_TREND_H
#define GB_PIPELINE_TREND_H

/**
 * @file pipeline/trend/trend.h
 * Stored figures of many runs -> series, and where they changed. Pure;
 * docs/history.md has the rule.
 */
#include "base/error.h"
#include "model/history.h"

/**
 * One trend for each series and metric that has a value.
 *
 * Energy of one kind (quality, and what meters hold) is a series of its own:
 * points of another kind than the last one's are left out and counted.
 *
 * @param history  must outlive @p out
 * @param metrics  GB_TREND_BIT(..)
 * @param alpha    chance that a series without a change is given one
 * @retval GB_ERR_NO_MEMORY
 */
gb_status gb_trend_find(const gb_run_history *history, uint32_t metrics,
                        double alpha, gb_trends *out, gb_error *err);

#endif /* GB_PIPELINE_TREND_H */
