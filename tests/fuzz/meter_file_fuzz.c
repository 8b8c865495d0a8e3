/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the CSV of a meter: rows in order or an error with a line. The
 * first byte says how it is to be read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"
#include "pipeline/config/meter_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static const char *const columns[] = {"a", "n*"};
    gb_facility_meter meter = {0};
    gb_error err = {0};
    gb_csv *csv = NULL;

    if (size == 0)
        return 0;
    const gb_meter_file how = {
        .columns = columns,
        .column_count = 2,
        .time_column = "time",
        .offset_s = (bytes[0] & 1) != 0 ? 28800 : GB_UTC_NO_OFFSET,
        .interval_ns = INT64_C(900000000000),
        .stamp_end = (bytes[0] & 2) != 0,
        .cumulative = (bytes[0] & 4) != 0,
        .scale = 3.6e6,
        .may_be_negative = (bytes[0] & 8) != 0};
    if (gb_csv_open_text("fuzz", (const char *)bytes + 1, size - 1, &csv,
                         &err) != GB_OK)
        return 0;
    const gb_status status =
        gb_meter_file_read(&how, csv, "fuzz", &meter, &err);
    if (status != GB_OK && strncmp(err.what, "fuzz:", 5) != 0)
        abort();
    for (size_t i = 1; status == GB_OK && i < meter.row_count; i++)
        if (meter.rows[i].begin_ns < meter.rows[i - 1].end_ns)
            abort();
    gb_csv_close(csv);
    free(meter.rows);
    return 0;
}
