/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_ARCHIVE_MANIFEST_SEAL_H
#define GB_ARCHIVE_MANIFEST_SEAL_H

/**
 * @file archive/manifest_seal.h
 * The digest that a manifest has of itself: of its text with the digits of that
 * digest as zeros. Private to archive.
 */
#include "base/error.h"
#include "model/validation.h"

/** Put it into @p text, which has zeros in its place. */
gb_status gb_manifest_seal(char *text, gb_error *err);

/** Compare it with the rest of @p text, whose digits become zeros.
 *  @param sha256  as the manifest states it */
void gb_manifest_check_seal(char *text, const char *sha256, gb_validation *out);

#endif /* GB_ARCHIVE_MANIFEST_SEAL_H */
