/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_ARCHIVE_BUNDLE_H
#define GB_ARCHIVE_BUNDLE_H

/**
 * @file archive/bundle.h
 * Evidence in one file, a .tar.zst that the usual programs read:
 *
 *   manifest.json          every other file and its SHA-256
 *   manifest.json.sig      who says so; if it was signed
 *   claims/ runs/ facility/ .. verdicts.json ro-crate-metadata.json
 *
 * The same files give the same bytes. The last 100 bytes are a frame that
 * decompressors skip (RFC 8878, 3.1.2): the SHA-256 of all before them, so that
 * no changed byte goes unseen, in the compressed stream either.
 */
#include <stdbool.h>

#include "base/error.h"
#include "model/bundle.h"
#include "model/validation.h"

/** The signature and the manifest are read into memory. */
enum {
    GB_BUNDLE_MANIFEST_MAX = 8 << 20,
    GB_BUNDLE_SIGNATURE_MAX = 64 << 10,
};

/** Whether @p path is a file that begins as a bundle does. */
bool gb_is_bundle(const char *path);

/** Evidence is never overwritten.
 *  @retval GB_ERR_INVALID  there is such a file */
gb_status gb_bundle_refuse_existing(const char *path, gb_error *err);

/**
 * Add every file of the run @p dir_path but drafts, whether its manifest names
 * it or not.
 * @param folder  where they go: "runs/before"
 * @retval GB_ERR_INVALID  a part of it is no regular file
 * @retval GB_ERR_IO
 */
gb_status gb_bundle_add_run(gb_bundle *bundle, const char *dir_path,
                            const char *folder, const char *run_id,
                            gb_error *err);

/**
 * Read every file of @p bundle for its size and digest, add the metadata, and
 * make the manifest.
 * @param[out] manifest_out  malloc'ed
 * @retval GB_ERR_NOT_FOUND, GB_ERR_IO
 * @retval GB_ERR_INVALID  a name that cannot be one in a bundle, or comes twice
 */
gb_status gb_bundle_seal(gb_bundle *bundle, const gb_bundle_notice *notice,
                         char **manifest_out, gb_error *err);

/**
 * Write @p dir_path/@p name, by rename; on failure nothing is there.
 * @param bundle     sealed
 * @param manifest   of gb_bundle_seal()
 * @param signature  of @p manifest; nullable
 * @retval GB_ERR_UNSUPPORTED  built without libarchive, or it cannot be loaded
 * @retval GB_ERR_INVALID      there is such a file, or one of the bundle's has
 *                             changed since
 * @retval GB_ERR_IO
 */
gb_status gb_bundle_write(const char *dir_path, const char *name,
                          const gb_bundle *bundle, const char *manifest,
                          const char *signature, gb_error *err);

/**
 * Look at every byte of the bundle @p path and put its files into @p folder.
 * It may come from anybody: nothing is written elsewhere, and no more than its
 * manifest says, which is held against the room there is.
 *
 * @param folder       empty, of this process alone
 * @param[out] out     gb_bundle_fini() it, after a failure as well
 * @param found        gets what is not as it must be
 * @param[out] whole_out  all is as the manifest says; else what lies in
 *                        @p folder is not to be used
 * @retval GB_ERR_UNSUPPORTED  built without libarchive, or it cannot be loaded
 * @retval GB_ERR_NOT_FOUND, GB_ERR_IO
 */
gb_status gb_bundle_unpack(const char *path, const char *folder, gb_bundle *out,
                           gb_validation *found, bool *whole_out,
                           gb_error *err);

#endif /* GB_ARCHIVE_BUNDLE_H */
