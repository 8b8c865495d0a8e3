/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/report/html/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "support/gb_test.h"

static machine m;

/* --- strings -------------------------------------------------------------- */

static unsigned places_of(const char *words) {
    unsigned found = 0;
    for (const char *at = strchr(words, '{'); at != NULL;
         at = strchr(at + 1, '{'))
        found |= 1u << (at[1] - '0');
    return found;
}

static void both_languages_have_every_string(void **state) {
    (void)state;
    for (int i = 0; i < GB_HTML_STRINGS; i++) {
        const gb_html_string string = (gb_html_string)i;
        const char *key = gb_html_key(string);
        for (int l = 0; l < GB_LANGUAGES; l++) {
            const char *words = gb_html_words(string, (gb_language)l);
            if (words == NULL || words[0] == '\0')
                fail_msg("%s: language %d has no text", key, l);
            /* They go into attributes and JSON as they are. */
            if (strpbrk(words, "<>&\"\\\n") != NULL)
                fail_msg("%s: expected no markup, got '%s'", key, words);
        }
        if (places_of(gb_html_words(string, GB_LANGUAGE_EN)) !=
            places_of(gb_html_words(string, GB_LANGUAGE_ZH)))
            fail_msg("%s: the languages fill in different values", key);
    }
}

static void chinese_is_chinese(void **state) {
    size_t same = 0;
    (void)state;
    for (int i = 0; i < GB_HTML_STRINGS; i++)
        same += strcmp(gb_html_words((gb_html_string)i, GB_LANGUAGE_EN),
                       gb_html_words((gb_html_string)i, GB_LANGUAGE_ZH)) == 0;
    /* MPI, CPU, SHA-256, greenbench. */
    assert_true(same == 4);
}

static void words_of_the_model_have_strings(void **state) {
    (void)state;
    for (int v = 0; v < GB_COMPARE_VERDICTS; v++)
        assert_true(gb_html_string_of("verdict_", gb_compare_verdict_name(
                                                      (gb_compare_verdict)v)) <
                    GB_HTML_STRINGS);
    for (int k = 0; k < GB_COMPARE_METRICS; k++)
        assert_true(gb_html_string_of("metric_", gb_compare_metric_name(
                                                     (gb_compare_metric)k)) <
                    GB_HTML_STRINGS);
    for (int q = GB_QUALITY_UNAVAILABLE; q <= GB_QUALITY_MEASURED; q++)
        assert_true(
            gb_html_string_of("quality_", gb_quality_name((gb_quality)q)) <
            GB_HTML_STRINGS);
    for (int s = GB_DOMAIN_OK; s <= GB_DOMAIN_FAILED; s++)
        assert_true(gb_html_string_of(
                        "domain_", gb_domain_status_name((gb_domain_status)s)) <
                    GB_HTML_STRINGS);
    assert_true(gb_html_string_of("quality_", "nonsense") == GB_HTML_STRINGS);
}

/* say("key") of the page's script. */
static void the_script_says_what_there_is(void **state) {
    static const char call[] = "say(\"";
    const gb_html_asset script = gb_html_script();
    const char *end = script.text + script.length;
    size_t said = 0;

    (void)state;
    for (const char *at = script.text;
         (at = memmem(at, (size_t)(end - at), call, strlen(call))) != NULL;) {
        char key[64] = "";
        at += strlen(call);
        sscanf(at, "%63[a-z0-9_]", key);
        /* What follows a prefix is put behind it. */
        if (at[strlen(key) + 1] != ')' && at[strlen(key) + 1] != ',')
            continue;
        said++;
        if (gb_html_string_of("", key) == GB_HTML_STRINGS)
            fail_msg("the script says '%s', which is no string", key);
    }
    assert_true(said > 20);
}

/* --- markup --------------------------------------------------------------- */

static char *text_of(const char *text) {
    gb_str out = {0};
    gb_html page = {.out = &out};
    gb_html_text(&page, text);
    gb_str_add(&out, "");
    return gb_str_take(&out);
}

static void text_never_becomes_markup(void **state) {
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"<script>alert('x')</script>",
         "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"},
        {"a\" onload=\"b", "a&quot; onload=&quot;b"},
        {"a&b", "a&amp;b"},
        {"tab\tline\nbell\a", "tab line bell\xef\xbf\xbd"},
        {"节点", "节点"},
        {"\xc0\xbcscript", "\xef\xbf\xbd\xef\xbf\xbdscript"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xe8\x8a", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xc2\x85", "\xef\xbf\xbd\xef\xbf\xbd"},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        char *got = text_of(cases[i].text);
        GB_EXPECT_TEXT(cases[i].want, got, cases[i].text);
        free(got);
    }
}

static void long_text_is_cut(void **state) {
    char text[5000];
    (void)state;
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    char *got = text_of(text);
    assert_true(strlen(got) == GB_PAGE_TEXT_BYTES + 3);
    free(got);
}

static void data_cannot_end_its_script(void **state) {
    gb_str out = {0};
    gb_html page = {.out = &out};
    (void)state;
    gb_html_json(&page,
                 "[\"</script>&\",\"\xe2\x80\xa8\xe2\x80\xa9\xe2\x82\xac\"]");
    GB_EXPECT_TEXT("[\"\\u003c/script\\u003e\\u0026\","
                   "\"\\u2028\\u2029\xe2\x82\xac\"]",
                   out.text, "json");
    gb_str_fini(&out);
}

/* --- pages ---------------------------------------------------------------- */

static char *page_of(gb_language language) {
    const gb_timelines none = {0};
    const gb_page page = {.result = &m.result, .timelines = &none};
    gb_str out = {0};
    gb_error err = {0};
    if (gb_report_html(&page, "{}", language, &out, &err) != GB_OK)
        fail_msg("%s", err.what);
    char *text = gb_str_take(&out);
    assert_non_null(text);
    return text;
}

static size_t count_of(const char *text, const char *word) {
    size_t count = 0;
    for (const char *at = strstr(text, word); at != NULL;
         at = strstr(at + 1, word))
        count++;
    return count;
}

static void a_page_opens_in_the_language_asked_for(void **state) {
    (void)state;
    machine_measured(&m, 2);
    char *english = page_of(GB_LANGUAGE_EN), *chinese = page_of(GB_LANGUAGE_ZH);
    assert_non_null(strstr(english, "<html lang=\"en\">"));
    assert_non_null(strstr(english, ">Uncertainty budget</h2>"));
    assert_non_null(strstr(chinese, "<html lang=\"zh-CN\">"));
    assert_non_null(strstr(chinese, ">不确定度分量表</h2>"));
    free(english);
    free(chinese);
}

static void a_page_allows_its_own_script_alone(void **state) {
    (void)state;
    machine_measured(&m, 1);
    char *text = page_of(GB_LANGUAGE_EN);
    assert_non_null(strstr(text, "default-src 'none'"));
    assert_null(strstr(text, "unsafe-"));
    assert_true(count_of(text, "'sha256-") ==
                (gb_html_charts().length > 0 ? 3u : 2u));
    /* Before the library, which makes such texts and never uses them. */
    char *data = strstr(text, "<script type=\"application/json\"");
    assert_non_null(data);
    *data = '\0';
    assert_null(strstr(text, " style=\""));
    assert_null(strstr(text, "src=\""));
    free(text);
}

static void tags_are_closed(void **state) {
    static const char *const tags[] = {
        "table", "tr", "td", "th",      "ul", "li", "section", "div",
        "dl",    "dd", "dt", "details", "p",  "h2", "small"};
    (void)state;
    machine_measured(&m, 3);
    machine_invalid(machine_add(&m, "memory.<b>", "byte", 1e9, 100.0),
                    "wrong & <late>", "try \"again\"");
    char *text = page_of(GB_LANGUAGE_EN);
    char *main = strstr(text, "<main");
    assert_non_null(main);
    *strstr(main, "</main>") = '\0';
    for (size_t i = 0; i < GB_COUNT(tags); i++) {
        char open[16], opened[16], closed[16];
        snprintf(open, sizeof(open), "<%s>", tags[i]);
        snprintf(opened, sizeof(opened), "<%s ", tags[i]);
        snprintf(closed, sizeof(closed), "</%s>", tags[i]);
        if (count_of(main, open) + count_of(main, opened) !=
            count_of(main, closed))
            fail_msg("%s: %zu opened, %zu closed", tags[i],
                     count_of(main, open) + count_of(main, opened),
                     count_of(main, closed));
    }
    assert_null(strstr(main, "<late>"));
    free(text);
}

static void skips_that_are_not_named_are_counted_in_the_language(void **state) {
    static char ids[5][24], reasons[5][96];
    (void)state;
    machine_measured(&m, 1);
    for (int i = 0; i < 5; i++) {
        snprintf(ids[i], sizeof(ids[i]), "network.n%d", i);
        snprintf(reasons[i], sizeof(reasons[i]), "%s is skipped: no", ids[i]);
        m.skips[i] =
            (gb_plan_skip){.id = ids[i], .reason = reasons[i], .hint = ""};
    }
    m.plan.skip_count = 5;
    char *english = page_of(GB_LANGUAGE_EN), *chinese = page_of(GB_LANGUAGE_ZH);
    assert_non_null(strstr(english, ">network.n0, network.n1, network.n2 and "
                                    "2 more</b>"));
    assert_non_null(strstr(chinese, ">network.n0, network.n1, network.n2 "
                                    "等，另有 2 项</b>"));
    free(english);
    free(chinese);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_languages_have_every_string),
        cmocka_unit_test(chinese_is_chinese),
        cmocka_unit_test(words_of_the_model_have_strings),
        cmocka_unit_test(the_script_says_what_there_is),
        cmocka_unit_test(text_never_becomes_markup),
        cmocka_unit_test(long_text_is_cut),
        cmocka_unit_test(data_cannot_end_its_script),
        cmocka_unit_test(a_page_opens_in_the_language_asked_for),
        cmocka_unit_test(skips_that_are_not_named_are_counted_in_the_language),
        cmocka_unit_test(a_page_allows_its_own_script_alone),
        cmocka_unit_test(tags_are_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
