/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_DELIVER_H
#define GB_CLI_DELIVER_H

/**
 * @file cli/deliver.h
 * A text to where the user wants it.
 */
#include <stddef.h>

#include "base/text.h"

/** The directory and the name of @p path. @return the name, within @p path */
const char *gb_split_path(const char *path, char *directory, size_t size);

/** Write @p text to a file of the user's choice by rename, or to stdout for
 *  "-"; resets it. @return the exit code: 0 or GB_EXIT_INTERNAL */
int gb_deliver_text(const char *path, gb_str *text);

#endif /* GB_CLI_DELIVER_H */
