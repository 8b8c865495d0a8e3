/* SPDX-License-Identifier: Apache-2.0 */
/* One file: markup, style, script and data. */
#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "pipeline/report/html/html.h"

#define DIGEST_BYTES 32
#define BASE64_SIZE  45 /* of a digest, with its final null */

/* --- what may run --------------------------------------------------------- */

static unsigned digit_of(char c) {
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10u;
}

/* @param hex  64 lower-case digits */
static void base64_of_hex(const char *hex, char out[BASE64_SIZE]) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at = 0;

    for (size_t i = 0; i < DIGEST_BYTES; i += 3) {
        uint32_t bits = 0;
        for (size_t k = i; k < i + 3; k++)
            bits = bits << 8 | (k < DIGEST_BYTES ? digit_of(hex[2 * k]) << 4 |
                                                       digit_of(hex[2 * k + 1])
                                                 : 0u);
        for (int shift = 18; shift >= 0; shift -= 6)
            out[at++] = digits[bits >> shift & 63u];
    }
    out[at - 1] = '='; /* 32 bytes lack one of a multiple of three */
    out[at] = '\0';
}

static gb_status add_hash(gb_str *policy, gb_html_asset asset, gb_error *err) {
    char hex[GB_SHA256_SIZE], base64[BASE64_SIZE];
    const gb_status status =
        gb_sha256_bytes(asset.text, asset.length, hex, err);

    if (status != GB_OK)
        return status;
    base64_of_hex(hex, base64);
    gb_str_addf(policy, " 'sha256-%s'", base64);
    return GB_OK;
}

/* Only the scripts and the style that the program itself brings; nothing is
 * loaded, whatever a result holds. */
static gb_status add_policy(gb_html *page, gb_error *err) {
    gb_str *out = page->out;
    gb_status status = GB_OK;

    gb_str_add(out, "<meta http-equiv=\"Content-Security-Policy\" "
                    "content=\"default-src 'none'; base-uri 'none'; "
                    "form-action 'none'; script-src");
    if (gb_html_charts().length > 0)
        status = add_hash(out, gb_html_charts(), err);
    if (status == GB_OK)
        status = add_hash(out, gb_html_script(), err);
    gb_str_add(out, "; style-src");
    if (status == GB_OK)
        status = add_hash(out, gb_html_style(), err);
    gb_str_add(out, "\">\n");
    return status;
}

static void add_asset(gb_html *page, const char *tag, gb_html_asset asset) {
    if (asset.length == 0)
        return;
    gb_str_addf(page->out, "<%s>", tag);
    gb_str_addn(page->out, asset.text, asset.length);
    gb_str_addf(page->out, "</%s>\n", tag);
}

/* --- frame ---------------------------------------------------------------- */

typedef struct frame {
    gb_html_string title;
    const char *name; /* of the run; "" */
    const char *tool_version;
    const char *document; /* JSON */
} frame;

static gb_status begin(gb_html *page, const frame *of, gb_error *err) {
    gb_str *out = page->out;

    gb_str_addf(out,
                "<!doctype html>\n<html lang=\"%s\">\n<head>\n"
                "<meta charset=\"utf-8\">\n",
                page->language == GB_LANGUAGE_ZH ? "zh-CN" : "en");
    const gb_status status = add_policy(page, err);
    if (status != GB_OK)
        return status;
    gb_str_add(out, "<meta name=\"viewport\" "
                    "content=\"width=device-width, initial-scale=1\">\n"
                    "<meta name=\"referrer\" content=\"no-referrer\">\n"
                    "<meta name=\"color-scheme\" content=\"light dark\">\n"
                    "<title>greenbench ");
    gb_html_text(page, of->name);
    gb_str_add(out, "</title>\n");
    add_asset(page, "style", gb_html_style());
    gb_str_add(out, "</head>\n<body>\n");
    gb_html_say(page, "a class=\"skip\" href=\"#main\"", GB_HTML_skip);
    gb_str_add(out, "<header>\n");
    gb_html_say(page, "h1", of->title);
    gb_html_plain(page, "p class=\"run\"", of->name);
    gb_html_say(page, "button type=\"button\" id=\"language\" hidden",
                GB_HTML_other_language);
    gb_str_addf(out,
                "</header>\n<nav id=\"nav\" data-aria=\"contents\" "
                "aria-label=\"%s\"></nav>\n<main id=\"main\" "
                "tabindex=\"-1\">\n<noscript>",
                gb_html_words(GB_HTML_contents, page->language));
    gb_html_say(page, "p class=\"alarm\"", GB_HTML_no_script);
    gb_str_add(out, "</noscript>\n");
    if (gb_html_charts().length == 0)
        gb_html_say(page, "p class=\"alarm\"", GB_HTML_no_charts);
    return GB_OK;
}

static void end(gb_html *page, const frame *of) {
    gb_str *out = page->out;
    const char *const values[] = {of->tool_version};
    gb_str strings = {0};

    gb_str_add(out, "</main>\n<footer>\n");
    gb_html_say_with(page, "p", GB_HTML_made_by, values, 1);
    gb_html_say(page, "p", GB_HTML_original_text);
    gb_str_add(out, "</footer>\n<script type=\"application/json\" "
                    "id=\"strings\">");
    gb_html_strings_json(&strings);
    gb_html_json(page, strings.text != NULL ? strings.text : "{}");
    gb_str_fini(&strings);
    gb_str_add(out, "</script>\n<script type=\"application/json\" "
                    "id=\"document\">");
    gb_html_json(page, of->document);
    gb_str_add(out, "</script>\n");
    add_asset(page, "script", gb_html_charts());
    add_asset(page, "script", gb_html_script());
    gb_str_add(out, "</body>\n</html>\n");
}

/* --- pages ---------------------------------------------------------------- */

gb_status gb_report_html(const gb_page *what, const char *document,
                         gb_language language, gb_str *out, gb_error *err) {
    gb_html page = {.out = out, .language = language};
    const gb_result *result = what->result;
    const frame of = {GB_HTML_title_run, result->session->run_id,
                      result->session->tool_version, document};
    const gb_status status = begin(&page, &of, err);

    if (status != GB_OK)
        return status;
    gb_html_summary(&page, result);
    gb_html_claims(&page, what->assessment);
    gb_html_results(&page, result);
    gb_html_timelines(&page, what);
    gb_html_scatter(&page, result);
    gb_html_nodes(&page, result);
    gb_html_messages(&page, result);
    gb_html_load(&page, result);
    gb_html_roofline(&page, result);
    gb_html_budget(&page, result);
    gb_html_cover(&page, result);
    gb_html_provenance(&page, result);
    end(&page, &of);
    return GB_OK;
}

gb_status gb_report_comparison_html(const gb_comparison *comparison,
                                    const char *tool_version,
                                    const char *document, gb_language language,
                                    gb_str *out, gb_error *err) {
    gb_html page = {.out = out, .language = language};
    const frame of = {GB_HTML_title_comparison, "", tool_version, document};
    const gb_status status = begin(&page, &of, err);

    if (status != GB_OK)
        return status;
    gb_html_comparison(&page, comparison);
    end(&page, &of);
    return GB_OK;
}
