/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/analyse/warning_list.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

gb_warning *gb_warning_list_grow(gb_warning_list *list) {
    gb_result *result = list->result;

    if (result->warning_count == list->capacity) {
        const size_t capacity = list->capacity * 2 + 16;
        gb_warning *larger =
            realloc(result->warnings, capacity * sizeof(*larger));
        if (larger == NULL) {
            list->failed = true;
            return NULL;
        }
        result->warnings = larger;
        list->capacity = capacity;
    }
    return &result->warnings[result->warning_count++];
}

void gb_warn(gb_warning_list *list, const char *code, const char *hint,
             const char *fmt, ...) {
    gb_warning *warning = gb_warning_list_grow(list);
    char what[512];
    va_list args;

    if (warning == NULL)
        return;
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    *warning = (gb_warning){0};
    gb_copy(warning->code, sizeof(warning->code), code);
    gb_copy(warning->what, sizeof(warning->what), what);
    gb_copy(warning->hint, sizeof(warning->hint), hint);
}
