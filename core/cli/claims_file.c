/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/claims_file.h"

#include <stdlib.h>

#include "archive/files.h"
#include "pipeline/config/claims.h"

gb_status gb_claims_file_read(const char *path, gb_claims *out, gb_error *err) {
    char *text = NULL;
    size_t length = 0;
    gb_status status = gb_read_file(path, &text, &length, err);

    if (status == GB_OK)
        status = gb_claims_parse(path, text, length, out, err);
    free(text);
    return status;
}
