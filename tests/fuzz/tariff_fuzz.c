/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a tariff file: a tariff, in which every minute has a price, or
 * an error with a place; never a crash, a leak or a hang. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/config/tariff.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    gb_tariff tariff = {0};
    gb_error err = {0};
    const gb_status status =
        gb_tariff_parse("fuzz", (const char *)bytes, size, &tariff, &err);
    const int days = tariff.holiday_count > 0 ? 8 : 7;

    if (status != GB_OK && strncmp(err.what, "fuzz:", 5) != 0)
        abort();
    for (size_t s = 0; s < tariff.season_count; s++)
        for (int d = 0; d < days; d++)
            for (int m = 0; m < GB_DAY_MINUTES; m++)
                if (tariff.grid[s][d][m] >= tariff.price_count)
                    abort();
    gb_tariff_fini(&tariff);
    return 0;
}
