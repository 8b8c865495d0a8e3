/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/report/markdown.h"

#include <string.h>

void gb_markdown_text(gb_str *out, const char *text) {
    for (const char *at = text; *at != '\0'; at++) {
        const unsigned char c = (unsigned char)*at;
        if (c < 0x20 || c == 0x7f)
            gb_str_add(out, " ");
        else if (c == '<')
            gb_str_add(out, "&lt;");
        else if (c == '&')
            gb_str_add(out, "&amp;");
        else if (strchr("|\\`*_[]", c) != NULL)
            gb_str_addf(out, "\\%c", c);
        else
            gb_str_addn(out, at, 1);
    }
}

void gb_markdown_heading(gb_str *out, const char *title) {
    gb_str_addf(out, "\n## %s\n\n", title);
}

void gb_markdown_head(gb_str *out, const char *align,
                      const char *const *titles) {
    for (size_t i = 0; align[i] != '\0'; i++)
        gb_str_addf(out, "| %s ", titles[i]);
    gb_markdown_end_row(out);
    for (size_t i = 0; align[i] != '\0'; i++)
        gb_str_add(out, align[i] == 'r' ? "| ---: " : "| --- ");
    gb_markdown_end_row(out);
}

void gb_markdown_cell(gb_str *out, const char *text) {
    gb_str_add(out, "| ");
    gb_markdown_text(out, text);
    gb_str_add(out, " ");
}

void gb_markdown_end_row(gb_str *out) {
    gb_str_add(out, "|\n");
}

void gb_markdown_take(gb_str *out, gb_str *text) {
    if (text->failed)
        out->failed = true;
    gb_markdown_text(out, text->text != NULL ? text->text : "");
    gb_str_fini(text);
}

void gb_markdown_take_cell(gb_str *out, gb_str *text) {
    gb_str_add(out, "| ");
    gb_markdown_take(out, text);
    gb_str_add(out, " ");
}

void gb_markdown_take_item(gb_str *out, const char *label, gb_str *text) {
    const bool any = text->length > 0;

    if (any)
        gb_str_addf(out, "- %s: ", label);
    gb_markdown_take(out, text);
    if (any)
        gb_str_add(out, "\n");
}
