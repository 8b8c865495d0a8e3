/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_JSON_STORED_H
#define GB_CODEC_JSON_STORED_H

/**
 * @file codec/json_stored.h
 * The numbers of a summary.json as they stand in it: for whoever asks whether
 * they agree with one another. Everything else starts from the records.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** Numbers; NAN where the document has null. */
typedef struct gb_stored_list {
    double *values; /* [count] */
    size_t count;
} gb_stored_list;

typedef struct gb_stored_series {
    double value, mean, median, stddev; /* NAN: null */
    double ci95[2];                     /* NAN, NAN: null */
    uint64_t n;
    gb_stored_list raw;
} gb_stored_series;

enum { GB_STORED_BUDGET = 5 };

typedef struct gb_stored_bench {
    char id[64];
    bool valid;
    gb_stored_series performance, time_s;
    char performance_unit[64]; /* "": not told, as all texts here */
    double work;
    char work_unit[64];
    double energy_j, u_j, window_s; /* NAN: null */
    double budget_j[GB_STORED_BUDGET];
    gb_stored_list energy_raw_j;  /* [time_s.n] */
    gb_stored_list node_energy_j; /* [nodes], in the order of per_node */
    double power_w;
    double efficiency, efficiency_ci95[2];
    bool efficiency_partial; /* of the metered nodes alone */
    char efficiency_unit[64], efficiency_unit_per_joule[64];
    double edp_js;
} gb_stored_bench;

typedef struct gb_stored_summary {
    char run_id[96];
    gb_stored_bench *benches; /* [count] */
    size_t count;
} gb_stored_summary;

/** @param[out] summary_out  gb_stored_summary_fini() it
 *  @retval GB_ERR_INVALID   no JSON, or a field of another type. A field that
 *                           is missing is as null */
gb_status gb_json_read_stored(const char *text, gb_stored_summary *summary_out,
                              gb_error *err);
void gb_stored_summary_fini(gb_stored_summary *summary);

#endif /* GB_CODEC_JSON_STORED_H */
