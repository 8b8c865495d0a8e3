/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a facility file: a facility or an error with a place, never a
 * crash, a leak or a hang. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/config/facility.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    gb_facility facility = {0};
    gb_error err = {0};
    const gb_status status =
        gb_facility_parse("fuzz", (const char *)bytes, size, &facility, &err);
    if (status != GB_OK && strncmp(err.what, "fuzz:", 5) != 0)
        abort();
    gb_facility_fini(&facility);
    return 0;
}
