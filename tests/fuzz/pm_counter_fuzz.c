/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the text of a pm_counters file, its first byte choosing the
 * unit: a value that prints as what was read, or none. And as a file's name. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/energy/pm_counter.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What was taken must be taken again from its plain form. */
static void read_again(const gb_pm_value *value, const char *unit) {
    gb_pm_value again = {0};
    char text[80];

    if (value->stamp_ns != 0)
        snprintf(text, sizeof(text), "%llu %s %llu us\n",
                 (unsigned long long)value->value, unit,
                 (unsigned long long)(value->stamp_ns / 1000));
    else
        snprintf(text, sizeof(text), "%llu%s%s\n",
                 (unsigned long long)value->value, unit[0] ? " " : "", unit);
    if (!gb_pm_value_parse(text, strlen(text), unit, &again) ||
        again.value != value->value || again.stamp_ns != value->stamp_ns)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static const char *const units[] = {"J", "W", ""};
    gb_pm_value value = {0};
    gb_pm_meaning meaning;
    char name[256];

    if (size == 0)
        return 0;
    const char *unit = units[bytes[0] % 3];
    if (gb_pm_value_parse((const char *)bytes + 1, size - 1, unit, &value))
        read_again(&value, unit);
    snprintf(name, sizeof(name), "%.*s", (int)(size < 255 ? size - 1 : 254),
             (const char *)bytes + 1);
    if (gb_pm_file_parse(name, &meaning) &&
        (meaning.name[0] == '\0' || meaning.number < -1 ||
         meaning.number > 4095))
        abort();
    return 0;
}
