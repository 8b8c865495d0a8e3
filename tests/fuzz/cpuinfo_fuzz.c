/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as /proc/cpuinfo: packages are at most as many as the lines that
 * name one, once more the same text names no others, and two texts name at most
 * the sum of theirs. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "machine/energy/packages.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static uint32_t packages_in(char *text, size_t size) {
    FILE *file = size > 0 ? fmemopen(text, size, "r") : NULL;

    if (file == NULL)
        return 0;
    const uint32_t count = gb_energy_packages_listed(file);
    fclose(file);
    return count;
}

static uint32_t lines_with_id(const char *text, size_t size) {
    static const char key[] = "physical id";
    const char *const end = text + size;
    uint32_t count = 0;

    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        const size_t length = (size_t)((stop != NULL ? stop : end) - text);
        count += length > strlen(key) && memcmp(text, key, strlen(key)) == 0;
        text += length + 1;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    const size_t half = size / 2;
    char *twice = malloc(2 * size + 1);

    if (twice == NULL)
        return 0;
    memcpy(twice, bytes, size);
    twice[size] = '\n';
    memcpy(twice + size + 1, bytes, size);
    const uint32_t count = packages_in(twice, size);
    if (count > lines_with_id(twice, size) || count > 4096 ||
        packages_in(twice, 2 * size + 1) != count)
        abort();
    /* The second half in the place of the first, after a line of its own. */
    memcpy(twice + half + 1, bytes + half, size - half);
    twice[half] = '\n';
    const uint32_t first = packages_in(twice, half);
    const uint32_t second = packages_in(twice + half + 1, size - half);
    const uint32_t both = packages_in(twice, size + 1);
    if (both > first + second || both < first || both < second)
        abort();
    free(twice);
    return 0;
}
