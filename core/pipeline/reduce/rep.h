/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REDUCE_REP_H
#define GB_PIPELINE_REDUCE_REP_H

/**
 * @file pipeline/reduce/rep.h
 * One repetition, summed over its ranks. Private to pipeline/reduce.
 */
#include "model/result.h"

/** Everything but its energy; whether it is valid, and why not. */
void gb_reduce_rep(const gb_session *session, const gb_rep_record *record,
                   gb_reduced_rep *out);

#endif /* GB_PIPELINE_REDUCE_REP_H */
