/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/manifest_seal.h"

#include <string.h>

#include "archive/validate_parts.h"
#include "base/sha256.h"
#include "codec/json.h"

gb_status gb_manifest_seal(char *text, gb_error *err) {
    char sha256[GB_SHA256_SIZE];
    char *digits = gb_json_manifest_blank(text);

    if (digits == NULL)
        return gb_fail(err, GB_ERR_INTERNAL, NULL,
                       "expected a place for the manifest's digest, got none");
    const gb_status status = gb_sha256_bytes(text, strlen(text), sha256, err);
    if (status == GB_OK)
        memcpy(digits, sha256, GB_SHA256_SIZE - 1);
    return status;
}

static void wrong(gb_validation *out, const char *expected, const char *found) {
    const gb_violation_kind kind = {GB_CHECK_MANIFEST, GB_SEVERITY_ERROR,
                                    "manifest.digest", "manifest.json"};

    gb_violate(out, &kind, "manifest_sha256", expected, found);
}

void gb_manifest_check_seal(char *text, const char *sha256,
                            gb_validation *out) {
    char again[GB_SHA256_SIZE] = {0};
    gb_error err = {.rank = -1};
    char *digits = gb_json_manifest_blank(text);

    if (digits == NULL) {
        wrong(out, "64 digits where greenbench writes them", sha256);
        return;
    }
    memset(digits, '0', GB_SHA256_SIZE - 1);
    if (gb_sha256_bytes(text, strlen(text), again, &err) != GB_OK)
        wrong(out, "SHA-256", err.what);
    else if (strcmp(again, sha256) != 0)
        wrong(out, again, sha256);
}
