/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a table of emission factors: rows, or an error with a line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/config/factors.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    gb_factors factors = {0};
    gb_error err = {0};
    gb_csv *csv = NULL;

    if (gb_csv_open_text("fuzz", (const char *)bytes, size, &csv, &err) !=
        GB_OK)
        return 0;
    const gb_status status = gb_factors_read(csv, "fuzz", "", &factors, &err);
    if (status != GB_OK && strncmp(err.what, "fuzz:", 5) != 0)
        abort();
    for (size_t i = 0; i < factors.count; i++)
        if (factors.rows[i].year == 0 ||
            factors.rows[i].publication[0] == '\0' ||
            !(factors.rows[i].g_per_kwh >= 0.0))
            abort();
    gb_csv_close(csv);
    gb_factors_fini(&factors);
    return 0;
}
