/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a suite: a configuration or an error with a place, never a
 * crash, a leak or a hang. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/config/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    gb_config_draft draft = {0};
    gb_error err = {0};
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    memcpy(text, bytes, size);
    text[size] = '\0';
    const gb_status status = gb_suite_parse("fuzz", text, &draft, &err);
    if (status != GB_OK && strncmp(err.what, "fuzz:", 5) != 0)
        abort();
    gb_config_fini(&draft.config);
    free(text);
    return 0;
}
