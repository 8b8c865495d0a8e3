/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the samples of a run: rows that are taken can be written and
 * read again, and every window over them has a figure or a reason. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "archive/samples.h"
#include "metering/window.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void measure(const gb_energy_domain *domain, const gb_sample *rows,
                    size_t count) {
    gb_energy_reading *readings = calloc(count + 1, sizeof(*readings));
    gb_energy_figure figure;

    if (readings == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        readings[i] = rows[i].reading;
    for (size_t before = 0; before < count && before < 3; before++) {
        gb_window_energy_after(domain, readings + before, count - before,
                               before, 0.1, &figure);
        if (isnan(figure.energy_j) != (figure.reason[0] != '\0') ||
            isinf(figure.energy_j) || figure.energy_j < 0.0)
            abort();
    }
    free(readings);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    gb_energy_domain domain = {.name = "fuzzed",
                               .tick_j = 1e-6,
                               .step_j = 61e-6,
                               .wrap_ticks = 262143328911,
                               .update_ns = 1000000,
                               .max_power_w = 1000.0,
                               .u_rel = 0.03,
                               .quality = GB_QUALITY_MEASURED};
    gb_node node = {.domains = &domain, .domain_count = 1};
    const gb_session session = {.nodes = &node, .node_count = 1};
    gb_sample *rows = NULL, *again = NULL;
    size_t count = 0, damaged = 0, again_count = 0;
    gb_str out = {0};
    char *text = malloc(size + 1);

    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, bytes, size);
    text[size] = '\0';
    if (gb_samples_read("samples", text, size, &session, &rows, &count,
                        &damaged, NULL) == GB_OK) {
        gb_str_add(&out, GB_SAMPLES_HEADER);
        gb_samples_write(rows, count, &out);
        if (gb_samples_read("samples", out.text, out.length, &session, &again,
                            &again_count, &damaged, NULL) != GB_OK ||
            again_count != count)
            abort();
        measure(&domain, rows, count);
        domain.stamped = true;
        measure(&domain, rows, count);
        domain.kind = GB_READING_POWER;
        measure(&domain, rows, count);
        free(again);
        free(rows);
    }
    gb_str_fini(&out);
    free(text);
    return 0;
}
