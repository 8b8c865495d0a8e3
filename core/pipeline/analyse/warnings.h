/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_ANALYSE_WARNINGS_H
#define GB_PIPELINE_ANALYSE_WARNINGS_H

/**
 * @file pipeline/analyse/warnings.h
 * What a reader of the result must know beside its figures. Private to
 * pipeline/analyse.
 */
#include "base/error.h"
#include "model/result.h"

/** Fill result->warnings: those of the log first, then what the figures say.
 *  A code that the log has already is not given again for the whole run.
 *  @retval GB_ERR_NO_MEMORY */
gb_status gb_analyse_warnings(const gb_run_log *log, const gb_reduced *reduced,
                              gb_result *result, gb_error *err);

#endif /* GB_PIPELINE_ANALYSE_WARNINGS_H */
