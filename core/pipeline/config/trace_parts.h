/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_CONFIG_TRACE_PARTS_H
#define GB_PIPELINE_CONFIG_TRACE_PARTS_H

/**
 * @file pipeline/config/trace_parts.h
 * What the readers of intensity traces share.
 */
#include "codec/csv.h"
#include "codec/json_table.h"
#include "pipeline/config/trace.h"

/** A file that is being read. */
typedef struct gb_trace_reader {
    const gb_trace_file *how;
    const char *name;
    gb_intensity_trace *out;
    gb_error *err;
    size_t room;
    bool typed;          /* out->type holds */
    int64_t interval_ns; /* of rows that end nowhere; 0: by their distance */
} gb_trace_reader;

/** Names of the list in each format of JSON. [*count] */
const char *const *gb_trace_lists(gb_trace_format format, size_t *count);

gb_status gb_trace_read_json(gb_trace_reader *in, gb_json_table *table);
gb_status gb_trace_read_csv(gb_trace_reader *in, gb_csv *csv);

/** What a file says of itself; each row has to say the same, and so has whoever
 *  named the file. */
gb_status gb_trace_set_type(gb_trace_reader *in, size_t line,
                            const gb_carbon_type *type);

/** Does a row belong to the zone asked for? Of several the user names one.
 *  @param[out] mine  false: leave it out */
gb_status gb_trace_take_zone(gb_trace_reader *in, size_t line, const char *zone,
                             bool *mine);

/**
 * Add a row.
 * @param end_ns  0: where the next begins, or an interval later
 * @param g_per_kwh  NAN: it has none
 */
gb_status gb_trace_add(gb_trace_reader *in, size_t line, int64_t begin_ns,
                       int64_t end_ns, double g_per_kwh,
                       gb_intensity_status status);

/** Into order, each with its end; holes and missing values counted. */
gb_status gb_trace_finish(gb_trace_reader *in);

#endif /* GB_PIPELINE_CONFIG_TRACE_PARTS_H */
