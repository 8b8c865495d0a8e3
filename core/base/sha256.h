/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_BASE_SHA256_H
#define GB_BASE_SHA256_H

/**
 * @file base/sha256.h
 * SHA-256 (FIPS 180-4) by libcrypto, as 64 lower-case hexadecimal digits. Not
 * thread-safe the first time: it is loaded then.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define GB_SHA256_SIZE 65 /* of the text, with its final null */

/**
 * Of a file.
 * @param[out] hex_out         [GB_SHA256_SIZE]
 * @param[out] size_bytes_out  how much was read
 * @retval GB_ERR_NOT_FOUND, GB_ERR_IO
 * @retval GB_ERR_UNSUPPORTED  libcrypto cannot be loaded
 */
gb_status gb_sha256_file(const char *path, char *hex_out,
                         uint64_t *size_bytes_out, gb_error *err);

/** Of bytes that come piece by piece. */
typedef struct gb_sha256 gb_sha256;

/** @retval GB_ERR_UNSUPPORTED  libcrypto cannot be loaded */
gb_status gb_sha256_begin(gb_sha256 **digest_out, gb_error *err);
gb_status gb_sha256_add(gb_sha256 *digest, const void *bytes, size_t count,
                        gb_error *err);
/** @param[out] hex_out  [GB_SHA256_SIZE] of all that was added */
gb_status gb_sha256_end(gb_sha256 *digest, char *hex_out, gb_error *err);
void gb_sha256_free(gb_sha256 *digest); /* null is allowed */

/** Of [@p count] bytes. */
gb_status gb_sha256_bytes(const void *bytes, size_t count, char *hex_out,
                          gb_error *err);

#endif /* GB_BASE_SHA256_H */
