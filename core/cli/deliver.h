/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_DELIVER_H
#define GB_CLI_DELIVER_H

/**
 * @file cli/deliver.h
 * A text to where the user wants it: "-" is stdout, a file appears by rename,
 * and what is there and is no regular file (a pipe, a device, a link) is
 * written to as it is.
 */
#include <stddef.h>

#include "base/text.h"

/** The directory and the name of @p path. @return the name, within @p path */
const char *gb_split_path(const char *path, char *directory, size_t size);

/** Write what @p source makes of @p what to @p path, while it is made.
 *  @return the exit code: 0 or GB_EXIT_INTERNAL */
int gb_deliver_by(const char *path, gb_text_source source, const void *what);

/** Write @p text to @p path; resets it.
 *  @return the exit code: 0 or GB_EXIT_INTERNAL */
int gb_deliver_text(const char *path, gb_str *text);

#endif /* GB_CLI_DELIVER_H */
