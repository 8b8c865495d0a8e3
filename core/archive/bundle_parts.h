/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_ARCHIVE_BUNDLE_PARTS_H
#define GB_ARCHIVE_BUNDLE_PARTS_H

/**
 * @file archive/bundle_parts.h
 * The last bytes of a bundle, a skippable frame of zstd (RFC 8878, 3.1.2) with
 * the SHA-256 of all before it; and files that are taken out of one. Private to
 * archive.
 */
#include <stdint.h>

#include "base/error.h"
#include "base/sha256.h"
#include "model/validation.h"

#define GB_BUNDLE_TAIL_WORDS "greenbench.bundle/1 sha256 "

/** Magic number, size, words, digits, newline. */
enum {
    GB_BUNDLE_TAIL_SIZE =
        8 + sizeof(GB_BUNDLE_TAIL_WORDS) - 1 + GB_SHA256_SIZE - 1 + 1,
};

/** @param[out] out  [GB_BUNDLE_TAIL_SIZE], no final null */
void gb_bundle_tail_make(const char *sha256, char *out);

/** Compare the tail of @p fd with the @p size_bytes before it; goes back to the
 *  beginning.
 *  @param path  for messages */
gb_status gb_bundle_tail_check(int fd, const char *path, uint64_t size_bytes,
                               gb_validation *found, gb_error *err);

/** The new file @p name below @p folder, which is this process's own, and the
 *  folders that it lies in.
 *  @param name  one that gb_bundle_refuse_name() does not refuse
 *  @return a descriptor; below 0: errno says why not */
int gb_bundle_create(int folder, const char *name);

#endif /* GB_ARCHIVE_BUNDLE_PARTS_H */
