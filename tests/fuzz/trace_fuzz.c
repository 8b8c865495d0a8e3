/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an intensity trace: rows in order, without overlap, or an error
 * with a line. The first byte names the format. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"
#include "pipeline/config/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    gb_intensity_trace trace = {0};
    gb_error err = {0};

    if (size == 0)
        return 0;
    const int format = bytes[0] % GB_TRACE_FORMATS;
    const bool stated = format == GB_TRACE_GSF || format == GB_TRACE_CSV;
    const gb_trace_file how = {
        .format = (gb_trace_format)format,
        .zone = "",
        .gas = stated ? GB_CARBON_CO2 : -1,
        .kind = stated ? GB_CARBON_OF_AVERAGE : -1,
        .scope = stated || format == GB_TRACE_ELECTRICITYMAPS_CSV
                     ? GB_CARBON_LIFECYCLE
                     : -1,
        .forecast = (bytes[0] & 64) != 0,
        .interval_ns = format == GB_TRACE_CSV ? INT64_C(1800000000000) : 0,
        .offset_s = (bytes[0] & 128) == 0 ? 28800 : GB_UTC_NO_OFFSET,
        .time_column = "timestamp",
        .value_column = "avg_CI",
        .scale = 1000.0};
    const gb_status status = gb_trace_parse(
        &how, "fuzz", (const char *)bytes + 1, size - 1, &trace, &err);
    if (status != GB_OK && status != GB_ERR_NO_MEMORY &&
        strncmp(err.what, "fuzz:", 5) != 0)
        abort();
    for (size_t i = 0; status == GB_OK && i < trace.row_count; i++)
        if (trace.rows[i].end_ns <= trace.rows[i].begin_ns ||
            (i > 0 && trace.rows[i].begin_ns < trace.rows[i - 1].end_ns))
            abort();
    gb_intensity_trace_fini(&trace);
    return 0;
}
