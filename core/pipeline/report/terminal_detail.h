/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_TERMINAL_DETAIL_H
#define GB_PIPELINE_REPORT_TERMINAL_DETAIL_H

/**
 * @file pipeline/report/terminal_detail.h
 * What `-v` adds to the table of a run: what its figures rest on.
 */
#include "base/text.h"
#include "model/result.h"

void gb_terminal_detail(const gb_result *result, bool colour, gb_str *out);

#endif /* GB_PIPELINE_REPORT_TERMINAL_DETAIL_H */
