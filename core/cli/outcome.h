/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_OUTCOME_H
#define GB_CLI_OUTCOME_H

/**
 * @file cli/outcome.h
 * A stored run -> its result: reduce and analyse, the same after a run as for
 * `greenbench report` a year later.
 */
#include "base/error.h"
#include "base/text.h"
#include "cli/leaders.h"
#include "model/catalogue.h"
#include "model/outcome.h"

/** @retval GB_ERR_NOT_FOUND, GB_ERR_INVALID, GB_ERR_IO  from reading */
gb_status gb_outcome_read(const char *run_dir, gb_outcome *outcome_out,
                          gb_error *err);

/** summary.json, a gb_text_source. @param result  gb_result */
gb_status gb_outcome_summary(const void *result, const gb_text_sink *sink,
                             gb_error *err);

/** Write summary.json, report.md and manifest.json into @p run_dir.
 *  @param catalogue  nullable
 *  @param leaders    see gb_leaders_write_samples() */
gb_status gb_outcome_write(const char *run_dir, const gb_outcome *outcome,
                           const gb_catalogue *catalogue, gb_leaders *leaders,
                           gb_error *err);

/** Exit code of a finished run: 4 interrupted, 1 a benchmark failed, 3 energy
 *  required and not had, 0. */
int gb_outcome_exit_code(const gb_outcome *outcome);

#endif /* GB_CLI_OUTCOME_H */
