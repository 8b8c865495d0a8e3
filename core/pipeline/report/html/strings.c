/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "pipeline/report/html/html.h"

static const struct {
    const char *key, *words[GB_LANGUAGES];
} strings[GB_HTML_STRINGS] = {
#define GB_HTML_STRING(key, en, zh) {#key, {en, zh}},
#include "pipeline/report/html/strings.def"
#undef GB_HTML_STRING
};

const char *gb_html_key(gb_html_string string) {
    return strings[string].key;
}

const char *gb_html_words(gb_html_string string, gb_language language) {
    return strings[string].words[language];
}

gb_html_string gb_html_string_of(const char *prefix, const char *word) {
    const size_t length = strlen(prefix);

    for (int i = 0; i < GB_HTML_STRINGS; i++)
        if (strncmp(strings[i].key, prefix, length) == 0 &&
            strcmp(strings[i].key + length, word) == 0)
            return (gb_html_string)i;
    return GB_HTML_STRINGS;
}

void gb_html_strings_json(gb_str *out) {
    static const char *const names[GB_LANGUAGES] = {"en", "zh"};

    for (int l = 0; l < GB_LANGUAGES; l++) {
        gb_str_addf(out, "%s\"%s\":{", l > 0 ? "," : "{", names[l]);
        /* None of them holds a quote or a backslash; a test looks. */
        for (int i = 0; i < GB_HTML_STRINGS; i++)
            gb_str_addf(out, "%s\"%s\":\"%s\"", i > 0 ? "," : "",
                        strings[i].key, strings[i].words[l]);
        gb_str_add(out, "}");
    }
    gb_str_add(out, "}");
}
