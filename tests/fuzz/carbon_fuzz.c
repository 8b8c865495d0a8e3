/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a carbon file: a setting or an error with a place. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/config/carbon.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static gb_factor known = {
        .region = "DE", .year = 2023, .g_per_kwh = 381.0, .publication = "p"};
    gb_factors factors = {.rows = &known, .count = 1};
    gb_carbon_setting setting = {0};
    gb_error err = {0};

    const gb_status status = gb_carbon_parse("fuzz", (const char *)bytes, size,
                                             &factors, &setting, &err);
    if (status != GB_OK && strncmp(err.what, "fuzz:", 5) != 0)
        abort();
    gb_carbon_setting_fini(&setting);
    return 0;
}
