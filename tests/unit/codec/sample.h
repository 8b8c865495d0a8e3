/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_TEST_UNIT_CODEC_SAMPLE_H
#define GB_TEST_UNIT_CODEC_SAMPLE_H

/**
 * @file tests/unit/codec/sample.h
 * A small run in which every field has a value of its own: two nodes, three
 * ranks, two counters. Nothing in it was measured.
 */
#include "model/catalogue.h"
#include "model/finding.h"
#include "model/plan.h"
#include "model/record.h"
#include "model/result.h"

extern gb_session sample_session;
extern gb_plan sample_plan;
extern gb_trial_record sample_trial;
extern gb_rep_record sample_rep;
extern gb_idle_record sample_idle;
extern gb_warning sample_warning;
extern gb_end_record sample_end;
extern gb_result sample_result;
extern gb_catalogue sample_catalogue;
extern gb_findings sample_findings;

#endif /* GB_TEST_UNIT_CODEC_SAMPLE_H */
