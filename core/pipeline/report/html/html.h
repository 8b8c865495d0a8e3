/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_HTML_H
#define GB_PIPELINE_REPORT_HTML_H

/**
 * @file pipeline/report/html/html.h
 * What the sections of an HTML page share. Everything from a result goes
 * through gb_html_text(), which makes it text and never markup.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "model/page.h"
#include "pipeline/report/facts.h"
#include "pipeline/report/report.h"

/* --- texts of the page ---------------------------------------------------- */

typedef enum gb_html_string {
#define GB_HTML_STRING(key, en, zh) GB_HTML_##key,
#include "pipeline/report/html/strings.def"
#undef GB_HTML_STRING
    GB_HTML_STRINGS
} gb_html_string;

const char *gb_html_key(gb_html_string string);
const char *gb_html_words(gb_html_string string, gb_language language);
/** The string @p prefix + @p word, such as "quality_measured"; GB_HTML_STRINGS
 *  if there is none. */
gb_html_string gb_html_string_of(const char *prefix, const char *word);
/** All strings of both languages: {"en": {..}, "zh": {..}}. */
void gb_html_strings_json(gb_str *out);

/* --- markup --------------------------------------------------------------- */

typedef struct gb_html {
    gb_str *out;
    gb_language language;
} gb_html;

/** @p text as text; at most GB_PAGE_TEXT_BYTES of it. Control characters and
 *  bytes that are not UTF-8 become U+FFFD. */
void gb_html_text(gb_html *page, const char *text);

/** The same for what stands in many rows: at most GB_PAGE_NAME_BYTES. */
void gb_html_name(gb_html *page, const char *text);

/** JSON between the tags of a script: no '<', '>' or '&' is left in it. */
void gb_html_json(gb_html *page, const char *json);

/** <tag>string</tag>, which the page can show in the other language. */
void gb_html_say(gb_html *page, const char *tag, gb_html_string string);
/** With {0}, .. filled in. @param values  [count] */
void gb_html_say_with(gb_html *page, const char *tag, gb_html_string string,
                      const char *const *values, size_t count);
/** <tag>text</tag>: names, numbers and units, which no language changes. */
void gb_html_plain(gb_html *page, const char *tag, const char *text);
/** A sentence that is known in English only, and is marked as English. */
void gb_html_quote(gb_html *page, const char *tag, const char *text);
/** One that is known in both languages, which the page can change.
 *  @param chinese  null or "": it is known in English only */
void gb_html_both(gb_html *page, const char *tag, const char *english,
                  const char *chinese);
/** One whose Chinese is in base/chinese.def, or else English. */
void gb_html_phrase(gb_html *page, const char *tag, const char *english);
/** One that was made in each language. Takes the texts. */
void gb_html_texts(gb_html *page, const char *tag, gb_str texts[GB_LANGUAGES]);
/** <small> with what to do about it; nothing for "". */
void gb_html_hint(gb_html *page, const char *hint);
/** The same where both languages are known. @param chinese  as gb_html_both()
 */
void gb_html_hint_both(gb_html *page, const char *hint, const char *chinese);

/** A section with its heading; the navigation leads to "#" + @p id. */
void gb_html_section(gb_html *page, const char *id, gb_html_string title);
void gb_html_section_end(gb_html *page);

/** Where a chart goes. @p name is that of its function in the page's script. */
void gb_html_chart(gb_html *page, const char *name, gb_html_string aria);

/** A table that stands in for a chart: closed once that is drawn. */
void gb_html_fold(gb_html *page);
void gb_html_fold_end(gb_html *page);

/** @param align  'l' or 'r' for each column, whose titles are @p titles */
void gb_html_table(gb_html *page, gb_html_string caption, const char *align,
                   const gb_html_string *titles);
void gb_html_table_end(gb_html *page);
void gb_html_row(gb_html *page);
void gb_html_row_end(gb_html *page);
void gb_html_cell(gb_html *page, const char *text);   /* words */
void gb_html_number(gb_html *page, const char *text); /* aligned right */
void gb_html_count(gb_html *page, uint64_t value);
/** The head of a row: a benchmark with its parameters. */
void gb_html_bench(gb_html *page, const gb_result *result,
                   const gb_bench_result *bench);
/** A row of two: a fact of the run; "" is "not known". */
void gb_html_fact(gb_html *page, gb_html_string name, const char *text);
/** A cell with the string for @p word, or @p word where there is none. */
void gb_html_word(gb_html *page, const char *prefix, const char *word);
/** "20 of 300 are shown" unless all are. */
void gb_html_left_out(gb_html *page, gb_html_string string, size_t shown,
                      size_t all);

/* --- sections ------------------------------------------------------------- */

void gb_html_summary(gb_html *page, const gb_result *result);
/** @param assessment  nullable: no claims were given, and there is no section
 */
void gb_html_claims(gb_html *page, const gb_assessment *assessment);
void gb_html_results(gb_html *page, const gb_result *result);
void gb_html_timelines(gb_html *page, const gb_page *what);
void gb_html_scatter(gb_html *page, const gb_result *result);
void gb_html_nodes(gb_html *page, const gb_result *result);
void gb_html_messages(gb_html *page, const gb_result *result);
void gb_html_load(gb_html *page, const gb_result *result);
void gb_html_roofline(gb_html *page, const gb_result *result);
void gb_html_budget(gb_html *page, const gb_result *result);
void gb_html_cover(gb_html *page, const gb_result *result);
void gb_html_provenance(gb_html *page, const gb_result *result);
void gb_html_comparison(gb_html *page, const gb_comparison *comparison);

/* --- what is built in ----------------------------------------------------- */

typedef struct gb_html_asset {
    const char *text; /* not terminated */
    size_t length;
} gb_html_asset;

gb_html_asset gb_html_style(void);
gb_html_asset gb_html_script(void);
/** The chart library; empty in a build without it. */
gb_html_asset gb_html_charts(void);

#endif /* GB_PIPELINE_REPORT_HTML_H */
