/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_SDK_EXPORTS_H
#define GB_SDK_EXPORTS_H

/**
 * @file sdk/exports.h
 * The symbols that a shared object gives to others.
 */
#include "base/error.h"
#include "base/text.h"

/**
 * Add the names of the defined dynamic symbols of @p path to @p names, joined
 * by ", ".
 * @retval GB_ERR_IO     cannot read it
 * @retval GB_ERR_RANGE  not an ELF file of this machine's word size, or damaged
 */
gb_status gb_exports_list(const char *path, gb_str *names, gb_error *err);

#endif /* GB_SDK_EXPORTS_H */
