/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_TEST_UNIT_PIPELINE_PLAN_CATALOGUE_H
#define GB_TEST_UNIT_PIPELINE_PLAN_CATALOGUE_H

/**
 * @file tests/unit/pipeline/plan/catalogue.h
 * The benchmarks of the default suite, and one that needs four ranks or more.
 */
#include "model/catalogue.h"

extern const gb_catalogue fake_catalogue;

#endif /* GB_TEST_UNIT_PIPELINE_PLAN_CATALOGUE_H */
