/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a program's DCMI report: what is taken is a node's power, what
 * is not says why. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "machine/energy/dcmi_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    gb_dcmi_reading reading;
    gb_error err = {0};
    char *text = malloc(size + 1);

    if (text == NULL)
        return 0;
    memcpy(text, bytes, size);
    text[size] = '\0';
    if (gb_dcmi_parse(text, &reading, &err) == GB_OK) {
        if (reading.power_w == 0 || reading.power_w >= 20000)
            abort();
    } else if (err.what[0] == '\0') {
        abort();
    }
    free(text);
    return 0;
}
