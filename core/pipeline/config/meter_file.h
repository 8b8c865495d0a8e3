/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_CONFIG_METER_FILE_H
#define GB_PIPELINE_CONFIG_METER_FILE_H

/**
 * @file pipeline/config/meter_file.h
 * Columns of a CSV file -> the rows of one meter.
 */
#include "codec/csv.h"
#include "model/facility.h"

/** How to read it. Texts are borrowed. */
typedef struct gb_meter_file {
    const char *const *columns; /* [column_count]: names or globs, added up */
    size_t column_count;
    const char *time_column;
    int32_t offset_s;    /* of stamps without one; GB_UTC_NO_OFFSET: refused */
    int64_t interval_ns; /* of one row; 0: `cumulative` */
    bool stamp_end;      /* a row's stamp is its interval's end */
    bool cumulative;     /* readings of a register, at their stamps */
    double scale;        /* a cell -> J, L, degrees; of a power over interval */
    bool may_be_negative;
} gb_meter_file;

/**
 * Rows, columns and note of @p out.
 * @retval GB_ERR_INVALID  err->what is "file:line: ..."
 * @retval GB_ERR_IO, GB_ERR_NO_MEMORY
 */
gb_status gb_meter_file_read(const gb_meter_file *how, gb_csv *csv,
                             const char *name, gb_facility_meter *out,
                             gb_error *err);

#endif /* GB_PIPELINE_CONFIG_METER_FILE_H */
