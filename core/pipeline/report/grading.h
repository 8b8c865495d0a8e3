/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_GRADING_H
#define GB_PIPELINE_REPORT_GRADING_H

/**
 * @file pipeline/report/grading.h
 * What `grade` and the sheet of `report --green500` both say.
 */
#include "base/text.h"
#include "model/grading.h"

/** "meets all aspects of level 2", "no level (component-level)", "no level:
 *  INVALID". @return @p out */
const char *gb_grading_verdict(const gb_grading *grading, char *out,
                               size_t size);

/** "node at the wall, energy, 1 % (bound), a value each 1 s, on 4 nodes". */
void gb_grading_meter(const gb_graded_meter *meter, gb_str *out);

#endif /* GB_PIPELINE_REPORT_GRADING_H */
