/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what a submitter states: a statement or an error with a place,
 * never a crash, a leak or a hang. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/config/stated.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    gb_stated stated;
    gb_error err = {0};
    const gb_status status =
        gb_stated_parse("fuzz", (const char *)bytes, size, &stated, &err);
    if (status != GB_OK && strncmp(err.what, "fuzz:", 5) != 0)
        abort();
    if (status == GB_OK && !(gb_stated_parts_w(&stated) >= 0.0))
        abort();
    return 0;
}
