/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/analyse/warning_list.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/phrase.h"
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
    va_list args;

    if (warning == NULL)
        return;
    *warning = (gb_warning){0};
    va_start(args, fmt);
    gb_phrase_vboth(warning->what, sizeof(warning->what), warning->chinese,
                    sizeof(warning->chinese), fmt, args);
    va_end(args);
    gb_copy(warning->code, sizeof(warning->code), code);
    gb_copy(warning->hint, sizeof(warning->hint), hint);
}

void gb_warn_chinese(gb_warning_list *list, const char *fmt, ...) {
    gb_result *result = list->result;
    char text[1024];
    va_list args;

    if (list->failed || gb_phrase_chinese(fmt) == NULL)
        return;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), gb_phrase(GB_LANGUAGE_ZH, fmt), args);
    va_end(args);
    gb_warning *last = &result->warnings[result->warning_count - 1];
    gb_copy(last->chinese, sizeof(last->chinese), text);
}

const char *gb_warning_zh(const char *chinese, const char *english) {
    return chinese[0] != '\0' ? chinese : gb_phrase(GB_LANGUAGE_ZH, english);
}
