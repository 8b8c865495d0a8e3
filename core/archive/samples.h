/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_ARCHIVE_SAMPLES_H
#define GB_ARCHIVE_SAMPLES_H

/**
 * @file archive/samples.h
 * The file `samples`: raw readings as text with a header line, a row for each.
 * Written by hand: a long run has millions of rows, all of them digits and
 * commas.
 */
#include "base/text.h"
#include "model/record.h"

#define GB_SAMPLES_HEADER "node,domain,time_ns,half_ns,ticks,ok,mark,stamp_ns\n"
/** Of runs before version 0.2, which had no stamps; still read. */
#define GB_SAMPLES_HEADER_OLD "node,domain,time_ns,half_ns,ticks,ok,mark\n"

/** Append the rows. Out of memory: out->failed. */
void gb_samples_write(const gb_sample *rows, size_t count, gb_str *out);

/**
 * Read a whole file.
 *
 * @param name     for messages: "<run>/samples"
 * @param session  says which nodes and domains there are; null: not known yet,
 *                 gb_samples_check() is for later
 * @param[out] rows_out     malloc'ed [*count_out]
 * @param[out] damaged_out  1 if a last line was cut short (and dropped)
 * @retval GB_ERR_INVALID  "name:line: expected ..., got ..."
 */
gb_status gb_samples_read(const char *name, const char *text, size_t length,
                          const gb_session *session, gb_sample **rows_out,
                          size_t *count_out, size_t *damaged_out,
                          gb_error *err);

/** Are all of nodes and domains of @p session?
 *  @retval GB_ERR_INVALID  "name:line: expected ..., got ..." */
gb_status gb_samples_check(const char *name, const gb_session *session,
                           const gb_sample *rows, size_t count, gb_error *err);

#endif /* GB_ARCHIVE_SAMPLES_H */
