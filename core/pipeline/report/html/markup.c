/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/report/html/html.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* --- text ----------------------------------------------------------------- */

/* Bytes of the character at @p at; 0: it is no well-formed UTF-8 (Unicode 15,
 * table 3-7), or a control character. */
static size_t character_at(const unsigned char *at) {
    const unsigned char c = at[0];
    size_t more = 0;
    unsigned char low = 0x80, high = 0xbf;

    if (c < 0x80)
        return c >= 0x20 && c != 0x7f ? 1 : 0;
    if (c >= 0xc2 && c <= 0xdf)
        more = 1;
    else if (c >= 0xe0 && c <= 0xef)
        more = 2;
    else if (c >= 0xf0 && c <= 0xf4)
        more = 3;
    else
        return 0;
    low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    for (size_t i = 1; i <= more; i++) {
        if (at[i] < low || at[i] > high)
            return 0;
        low = 0x80;
        high = 0xbf;
    }
    /* U+0080 to U+009F are controls as well. */
    return c == 0xc2 && at[1] < 0xa0 ? 0 : more + 1;
}

static const char *entity_of(char c) {
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static void add_text(gb_html *page, const char *text, size_t most) {
    const char *end = text + strnlen(text, most);
    const char *at = text;

    while (at < end) {
        const size_t length = character_at((const unsigned char *)at);
        const char *entity = entity_of(*at);
        if (length == 0)
            gb_str_add(page->out,
                       *at == '\n' || *at == '\t' ? " " : REPLACEMENT);
        else if (entity != NULL)
            gb_str_add(page->out, entity);
        else
            gb_str_addn(page->out, at, length);
        at += length > 0 ? length : 1;
    }
    if (*at != '\0')
        gb_str_add(page->out, "...");
}

void gb_html_text(gb_html *page, const char *text) {
    add_text(page, text, GB_PAGE_TEXT_BYTES);
}

void gb_html_name(gb_html *page, const char *text) {
    add_text(page, text, GB_PAGE_NAME_BYTES);
}

void gb_html_json(gb_html *page, const char *json) {
    const char *from = json;
    size_t length = 0;

    for (; *from != '\0'; from += length + 1) {
        length = strcspn(from, "<>&\xe2");
        gb_str_addn(page->out, from, length);
        const char *at = from + length;
        if (*at == '\0')
            return;
        /* Line ends in JavaScript once, though not in JSON. */
        if (strncmp(at, "\xe2\x80\xa8", 3) == 0 ||
            strncmp(at, "\xe2\x80\xa9", 3) == 0) {
            gb_str_add(page->out, at[2] == '\xa8' ? "\\u2028" : "\\u2029");
            length += 2;
        } else if (*at == '\xe2') {
            gb_str_addn(page->out, at, 1);
        } else {
            gb_str_addf(page->out, "\\u%04x", (unsigned)*at);
        }
    }
}

/* --- what the page says --------------------------------------------------- */

static void fill_in(gb_html *page, const char *words, const char *const *values,
                    size_t count) {
    while (*words != '\0') {
        const size_t index = (size_t)(words[1] - '0');
        if (words[0] == '{' && words[1] != '\0' && words[2] == '}' &&
            index < count) {
            gb_html_text(page, values[index]);
            words += 3;
            continue;
        }
        const char one[2] = {*words++, '\0'};
        const char *entity = entity_of(one[0]);
        gb_str_add(page->out, entity != NULL ? entity : one);
    }
}

void gb_html_say_with(gb_html *page, const char *tag, gb_html_string string,
                      const char *const *values, size_t count) {
    const size_t name = strcspn(tag, " ");

    gb_str_addf(page->out, "<%s data-t=\"%s\"", tag, gb_html_key(string));
    for (size_t i = 0; i < count; i++) {
        gb_str_addf(page->out, " data-a%zu=\"", i);
        gb_html_text(page, values[i]);
        gb_str_add(page->out, "\"");
    }
    gb_str_add(page->out, ">");
    fill_in(page, gb_html_words(string, page->language), values, count);
    gb_str_addf(page->out, "</%.*s>\n", (int)name, tag);
}

void gb_html_say(gb_html *page, const char *tag, gb_html_string string) {
    gb_html_say_with(page, tag, string, NULL, 0);
}

static void put(gb_html *page, const char *tag, const char *attributes,
                const char *text) {
    gb_str_addf(page->out, "<%s%s>", tag, attributes);
    gb_html_text(page, text);
    gb_str_addf(page->out, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}

void gb_html_plain(gb_html *page, const char *tag, const char *text) {
    put(page, tag, "", text);
}

void gb_html_quote(gb_html *page, const char *tag, const char *text) {
    put(page, tag, text[0] != '\0' ? " lang=\"en\"" : "", text);
}

void gb_html_both(gb_html *page, const char *tag, const char *english,
                  const char *chinese) {
    if (chinese == NULL || chinese[0] == '\0') {
        gb_html_quote(page, tag, english);
        return;
    }
    gb_str_addf(page->out, "<%s data-en=\"", tag);
    gb_html_text(page, english);
    gb_str_add(page->out, "\" data-zh=\"");
    gb_html_text(page, chinese);
    gb_str_add(page->out, "\">");
    gb_html_text(page, page->language == GB_LANGUAGE_ZH ? chinese : english);
    gb_str_addf(page->out, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}

void gb_html_phrase(gb_html *page, const char *tag, const char *english) {
    gb_html_both(page, tag, english, gb_phrase_chinese(english));
}

void gb_html_texts(gb_html *page, const char *tag, gb_str texts[GB_LANGUAGES]) {
    const gb_str *english = &texts[GB_LANGUAGE_EN];

    gb_html_both(page, tag, english->text != NULL ? english->text : "",
                 texts[GB_LANGUAGE_ZH].text);
    for (int l = 0; l < GB_LANGUAGES; l++) {
        page->out->failed = page->out->failed || texts[l].failed;
        gb_str_fini(&texts[l]);
    }
}

void gb_html_hint_both(gb_html *page, const char *hint, const char *chinese) {
    if (hint == NULL || hint[0] == '\0')
        return;
    gb_str_add(page->out, " <small>");
    gb_html_say(page, "b", GB_HTML_hint);
    gb_html_both(page, "span", hint, chinese);
    gb_str_add(page->out, "</small>");
}

void gb_html_hint(gb_html *page, const char *hint) {
    gb_html_hint_both(page, hint,
                      hint != NULL ? gb_phrase_chinese(hint) : NULL);
}

/* --- blocks --------------------------------------------------------------- */

void gb_html_section(gb_html *page, const char *id, gb_html_string title) {
    gb_str_addf(page->out, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n",
                id, id);
    gb_str_addf(page->out, "<h2 id=\"%s-title\" data-t=\"%s\">%s</h2>\n", id,
                gb_html_key(title), gb_html_words(title, page->language));
}

void gb_html_section_end(gb_html *page) {
    gb_str_add(page->out, "</section>\n");
}

void gb_html_chart(gb_html *page, const char *name, gb_html_string aria) {
    gb_str_addf(page->out,
                "<div class=\"controls\" data-controls=\"%s\"></div>\n"
                "<div class=\"chart\" id=\"chart-%s\" data-chart=\"%s\" "
                "role=\"img\" data-aria=\"%s\" aria-label=\"%s\" hidden>"
                "</div>\n",
                name, name, name, gb_html_key(aria),
                gb_html_words(aria, page->language));
}

void gb_html_fold(gb_html *page) {
    gb_str_add(page->out, "<details open>");
    gb_html_say(page, "summary", GB_HTML_table);
}

void gb_html_fold_end(gb_html *page) {
    gb_str_add(page->out, "</details>\n");
}

/* --- tables --------------------------------------------------------------- */

void gb_html_table(gb_html *page, gb_html_string caption, const char *align,
                   const gb_html_string *titles) {
    const char *words = gb_html_words(caption, page->language);

    gb_str_addf(page->out,
                "<div class=\"wide\" role=\"region\" tabindex=\"0\" "
                "data-aria=\"%s\" aria-label=\"%s\"><table>\n",
                gb_html_key(caption), words);
    gb_html_say(page, "caption", caption);
    gb_str_add(page->out, "<thead><tr>");
    for (size_t i = 0; align[i] != '\0'; i++)
        gb_html_say(page,
                    align[i] == 'r' ? "th scope=\"col\" class=\"n\""
                                    : "th scope=\"col\"",
                    titles[i]);
    gb_str_add(page->out, "</tr></thead>\n<tbody>\n");
}

void gb_html_table_end(gb_html *page) {
    gb_str_add(page->out, "</tbody></table></div>\n");
}

void gb_html_row(gb_html *page) {
    gb_str_add(page->out, "<tr>");
}

void gb_html_row_end(gb_html *page) {
    gb_str_add(page->out, "</tr>\n");
}

static void add_cell(gb_html *page, const char *open, const char *text) {
    gb_str_add(page->out, open);
    gb_html_text(page, text);
    gb_str_add(page->out, "</td>");
}

void gb_html_cell(gb_html *page, const char *text) {
    add_cell(page, "<td>", text);
}

void gb_html_number(gb_html *page, const char *text) {
    add_cell(page, "<td class=\"n\">", text);
}

void gb_html_count(gb_html *page, uint64_t value) {
    char text[32];
    snprintf(text, sizeof(text), "%" PRIu64, value);
    gb_html_number(page, text);
}

void gb_html_bench(gb_html *page, const gb_result *result,
                   const gb_bench_result *bench) {
    const gb_plan_case *planned = &result->plan->cases[bench->case_index];
    gb_str params = {0};

    gb_plan_add_params(planned, false, &params);
    gb_str_add(page->out, "<th scope=\"row\">");
    gb_html_name(page, planned->id);
    if (params.length > 0) {
        gb_str_add(page->out, " <small>");
        gb_html_name(page, params.text);
        gb_str_add(page->out, "</small>");
    }
    gb_str_add(page->out, "</th>");
    gb_str_fini(&params);
}

void gb_html_fact(gb_html *page, gb_html_string name, const char *text) {
    gb_html_row(page);
    gb_html_say(page, "th scope=\"row\"", name);
    if (text[0] != '\0')
        gb_html_cell(page, text);
    else
        gb_html_say(page, "td", GB_HTML_not_known);
    gb_html_row_end(page);
}

void gb_html_word(gb_html *page, const char *prefix, const char *word) {
    const gb_html_string string = gb_html_string_of(prefix, word);

    if (string == GB_HTML_STRINGS)
        gb_html_cell(page, word);
    else
        gb_html_say(page, "td", string);
}

void gb_html_left_out(gb_html *page, gb_html_string string, size_t shown,
                      size_t all) {
    char of_shown[24], of_all[24];
    const char *const values[] = {of_shown, of_all};

    if (shown >= all)
        return;
    snprintf(of_shown, sizeof(of_shown), "%zu", shown);
    snprintf(of_all, sizeof(of_all), "%zu", all);
    gb_html_say_with(page, "p class=\"note\"", string, values, 2);
}
