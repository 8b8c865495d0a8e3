/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_METER_FILE_H
#define GB_MACHINE_ENERGY_METER_FILE_H

/**
 * @file machine/energy/meter_file.h
 * A file that a meter's daemon appends to, followed line by line through
 * truncation and rotation. Private to machine/energy.
 */
#include "machine/energy/meter_text.h"

typedef struct gb_meter_file {
    char path[256];
    int fd;      /* -1: not open */
    uint64_t at; /* bytes that were read of it */
    gb_line_buffer lines;
} gb_meter_file;

/** Begins with the first line.
 *  @retval GB_ERR_NOT_FOUND, GB_ERR_PERMISSION, GB_ERR_IO
 *  @retval GB_ERR_INVALID  not a regular file */
gb_status gb_meter_file_open(const char *path, gb_meter_file *file,
                             gb_error *err);

/** The next whole line, valid until the next call; null: none so far. A file
 *  that was truncated or replaced is read from its begin, once the old one has
 *  no more. Never blocks for longer than the file system does. */
const char *gb_meter_file_next(gb_meter_file *file);

/** Leave out what lies before the last 64 KiB: days of old readings. */
void gb_meter_file_skip(gb_meter_file *file);

/** When it was last written to, in s before now; negative: unknown. */
double gb_meter_file_age_s(const gb_meter_file *file);

void gb_meter_file_close(gb_meter_file *file);

#endif /* GB_MACHINE_ENERGY_METER_FILE_H */
