/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_ARCHIVE_VALIDATE_H
#define GB_ARCHIVE_VALIDATE_H

/**
 * @file archive/validate.h
 * Is a stored result what it says it is? A run directory may come from anybody:
 * nothing outside of it is opened, whatever its files name, and no link in it
 * is followed.
 */
#include "base/text.h"
#include "model/validation.h"

/**
 * Check the manifest, the files, the documents and what the numbers of the
 * summary say of each other.
 *
 * @param[out] out       gb_validation_fini() it, after a failure as well
 * @param[out] safe_out  the files are files, so that gb_rundir_read() may read
 *                       the run
 * @retval GB_ERR_NOT_FOUND  no such directory
 * @retval GB_ERR_IO         it cannot be listed
 */
gb_status gb_validate_stored(const char *dir_path, gb_validation *out,
                             bool *safe_out, gb_error *err);

/** What the records of a run say, to be made again. */
typedef struct gb_derived {
    const void *result;
    gb_text_source summary; /* summary.json of the result */
    gb_text_source report;  /* report.md of it */
    bool same_tool; /* by the build that wrote the run: what differs is an
                       error, not a warning */
    size_t records, samples; /* it was made from */
} gb_derived;

/** Compare summary.json and report.md with @p derived.
 *  @retval GB_ERR_NO_MEMORY */
gb_status gb_validate_derived(const char *dir_path, const gb_derived *derived,
                              gb_validation *out, gb_error *err);

/** Compare the verdicts of a bundle with those that were made again.
 *  @return how many values */
size_t gb_validate_verdicts(const char *stored, const char *verdicts,
                            bool same_tool, gb_validation *out);

/**
 * Sign the manifest: manifest.json.sig beside it, made by `ssh-keygen -Y sign`.
 * @param key  private key file, or the public one of a key an agent holds
 * @retval GB_ERR_NOT_FOUND  no ssh-keygen, no manifest
 * @retval GB_ERR_INVALID    ssh-keygen refused, in its words
 */
gb_status gb_sign_manifest(const char *dir_path, const char *key,
                           gb_error *err);

/** Check manifest.json.sig against @p signers, a file as ssh-keygen(1)'s
 *  ALLOWED SIGNERS describes it. A signature that is wrong is a violation.
 *  @retval GB_ERR_NOT_FOUND  no ssh-keygen, no file of signers
 *  @retval GB_ERR_IO         ssh-keygen cannot be started */
gb_status gb_validate_signature(const char *dir_path, const char *signers,
                                gb_validation *out, gb_error *err);

/** The namespace of the signatures: one for something else is not taken. */
#define GB_SIGNATURE_NAMESPACE "greenbench-manifest"
#define GB_SIGNATURE_FILE      "manifest.json.sig"

#endif /* GB_ARCHIVE_VALIDATE_H */
