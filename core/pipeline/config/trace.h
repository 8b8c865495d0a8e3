/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_CONFIG_TRACE_H
#define GB_PIPELINE_CONFIG_TRACE_H

/**
 * @file pipeline/config/trace.h
 * Carbon intensity over time as services hand it out -> rows in order.
 * docs/carbon.md has the formats.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/carbon.h"

#define GB_TRACE_FORMAT_MAP(X)                                                 \
    X(ELECTRICITYMAPS_JSON, "electricitymaps-json")                            \
    X(ELECTRICITYMAPS_CSV, "electricitymaps-csv")                              \
    X(NESO, "neso")                                                            \
    X(WATTTIME, "watttime")                                                    \
    X(GSF, "gsf")                                                              \
    X(CSV, "csv")

typedef enum gb_trace_format {
#define GB_TRACE_FORMAT_ENUM(name, text) GB_TRACE_##name,
    GB_TRACE_FORMAT_MAP(GB_TRACE_FORMAT_ENUM)
#undef GB_TRACE_FORMAT_ENUM
        GB_TRACE_FORMATS
} gb_trace_format;

const char *gb_trace_format_name(gb_trace_format format);

/** How to read it. Texts are borrowed. */
typedef struct gb_trace_file {
    gb_trace_format format;
    const char *zone; /* of several in one file; "": it has one */
    /* What the format does not say; -1 where it does, and a contradiction is
     * refused. */
    int gas, kind, scope;
    bool forecast;       /* NESO: take the forecast, not what was */
    int64_t interval_ns; /* of a row; 0: as the format says, or the smallest
                            distance of two rows */
    int32_t offset_s;    /* of stamps without one; GB_UTC_NO_OFFSET: refused */
    bool stamp_end;      /* CSV: a row's stamp is the end of its interval */
    const char *time_column, *value_column; /* CSV */
    double scale;                           /* CSV: a cell -> g/kWh */
} gb_trace_file;

/** What a unit has to be multiplied with to be g/kWh: "g/kWh", "kg/MWh",
 *  "lb/MWh". @return false: it is none */
bool gb_trace_unit(const char *text, double *scale_out);

/**
 * @param name  for messages
 * @retval GB_ERR_NOT_FOUND, GB_ERR_IO, GB_ERR_NO_MEMORY
 * @retval GB_ERR_INVALID  err->what is "name:line: ..."
 */
gb_status gb_trace_load(const gb_trace_file *how, const char *path,
                        const char *name, gb_intensity_trace *out,
                        gb_error *err);

/** The same of a text. */
gb_status gb_trace_parse(const gb_trace_file *how, const char *name,
                         const char *text, size_t length,
                         gb_intensity_trace *out, gb_error *err);

#endif /* GB_PIPELINE_CONFIG_TRACE_H */
