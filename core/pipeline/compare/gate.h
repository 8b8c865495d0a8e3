/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_COMPARE_GATE_H
#define GB_PIPELINE_COMPARE_GATE_H

/**
 * @file pipeline/compare/gate.h
 * A new run against several stored ones: worse is what is worse than in each of
 * them. What differs from launch to launch is in the references, so that one
 * that was lucky does not decide (an intersection-union test: R. L. Berger,
 * Technometrics 24, 1982; its level is that of one comparison at most).
 */
#include "base/error.h"
#include "model/history.h"

/**
 * @param comparisons  [count], each of one pair: BASE is a reference, the same
 *                     NEW in all; must outlive @p out
 * @retval GB_ERR_NO_MEMORY
 */
gb_status gb_gate_decide(const gb_comparison *comparisons, size_t count,
                         gb_gate *out, gb_error *err);

#endif /* GB_PIPELINE_COMPARE_GATE_H */
