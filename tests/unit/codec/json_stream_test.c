/* SPDX-License-Identifier: Apache-2.0 */
#include "support/gb_test.h"

#include <float.h>
#include <stdlib.h>

#include "codec/json_stream.h"

enum { DEPTH = 20 };

static const char *const texts[] = {
    "",     "plain ~!",    "\"quoted\\\"", "tab\tnewline\n",
    "\x7f", "caf\xc3\xa9", "broken \xff",
};
static const double reals[] = {0.0,        -0.0,    1.0,     0.1,     -2.5,
                               1e15 + 0.5, 1e16,    1e17,    1e-4,    1e-5,
                               1.5e-7,     DBL_MAX, DBL_MIN, 4e-324,  NAN,
                               INFINITY,   1.0 / 3, 1e22,    123456.0};
static const uint64_t times[] = {0, 1, UINT64_C(1795454290000000000)};

/* What the tree of the same document is written as. */
static char *by_tree(void) {
    gb_json_out state = {0}, *out = &state;
    json_t *root = gb_json_object(out), *all = gb_json_array(out);
    json_t *inner = gb_json_object(out), *deep = gb_json_array(out);

    for (size_t i = 0; i < GB_COUNT(texts); i++)
        gb_json_append(out, all, gb_json_text(out, texts[i]));
    for (size_t i = 0; i < GB_COUNT(reals); i++)
        gb_json_append(out, all, gb_json_real(out, reals[i]));
    for (size_t i = 0; i < GB_COUNT(times); i++)
        gb_json_append(out, all, gb_json_utc(out, times[i]));
    gb_json_put(out, inner, "text", gb_json_text(out, "a"));
    gb_json_put(out, inner, "real", gb_json_real(out, 0.5));
    gb_json_put(out, inner, "utc", gb_json_utc(out, times[2]));
    gb_json_put(out, inner, "fact", gb_json_fact(out, "a"));
    gb_json_put(out, inner, "none", gb_json_fact(out, ""));
    gb_json_put(out, inner, "null", gb_json_fact(out, NULL));
    gb_json_append(out, deep, gb_json_real(out, 0.25));
    for (int i = 1; i < DEPTH; i++) {
        json_t *around = gb_json_array(out);
        gb_json_append(out, around, deep);
        deep = around;
    }
    gb_json_put(out, root, "all", all);
    gb_json_put(out, root, "inner", inner);
    gb_json_put(out, root, "deep", deep);
    gb_json_put(out, root, "none", gb_json_array(out));
    return gb_json_pretty(out, root);
}

static void by_stream(gb_str *text) {
    gb_error err = {.rank = -1};
    const gb_text_sink sink = gb_str_sink(text);
    gb_json_stream stream = gb_json_stream_begin(&sink, &err), *s = &stream;

    gb_json_stream_open(s, "all", '[');
    for (size_t i = 0; i < GB_COUNT(texts); i++)
        gb_json_stream_text(s, NULL, texts[i]);
    for (size_t i = 0; i < GB_COUNT(reals); i++)
        gb_json_stream_real(s, NULL, reals[i]);
    for (size_t i = 0; i < GB_COUNT(times); i++)
        gb_json_stream_utc(s, NULL, times[i]);
    gb_json_stream_close(s, ']');
    gb_json_stream_open(s, "inner", '{');
    gb_json_stream_text(s, "text", "a");
    gb_json_stream_real(s, "real", 0.5);
    gb_json_stream_utc(s, "utc", times[2]);
    gb_json_stream_fact(s, "fact", "a");
    gb_json_stream_fact(s, "none", "");
    gb_json_stream_fact(s, "null", NULL);
    gb_json_stream_close(s, '}');
    gb_json_stream_open(s, "deep", '[');
    for (int i = 1; i < DEPTH; i++)
        gb_json_stream_open(s, NULL, '[');
    gb_json_stream_real(s, NULL, 0.25);
    for (int i = 0; i < DEPTH; i++)
        gb_json_stream_close(s, ']');
    gb_json_stream_put(s, "none", gb_json_array(&s->out));
    assert_int_equal(gb_json_stream_end(s), GB_OK);
}

static void a_stream_is_written_as_its_tree(void **state) {
    (void)state;
    gb_str text = {0};
    char *tree = by_tree();

    by_stream(&text);
    assert_non_null(tree);
    GB_EXPECT_TEXT(tree, text.text, "document");
    gb_str_fini(&text);
    free(tree);
}

static gb_status refuse(void *ctx, const char *text, size_t length,
                        gb_error *err) {
    size_t *calls = ctx;

    (void)text;
    (void)length;
    (*calls)++;
    return gb_fail(err, GB_ERR_IO, NULL, "no space");
}

static void what_a_sink_refuses_ends_the_document(void **state) {
    (void)state;
    size_t calls = 0;
    gb_error err = {.rank = -1};
    const gb_text_sink sink = {.put = refuse, .ctx = &calls};
    gb_json_stream stream = gb_json_stream_begin(&sink, &err);

    gb_json_stream_open(&stream, "list", '[');
    for (int i = 0; i < 100000; i++)
        gb_json_stream_text(&stream, NULL, "and so on");
    gb_json_stream_close(&stream, ']');
    assert_int_equal(gb_json_stream_end(&stream), GB_ERR_IO);
    assert_int_equal(calls, 1);
    GB_EXPECT_TEXT("no space", err.what, "message");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_written_as_its_tree),
        cmocka_unit_test(what_a_sink_refuses_ends_the_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
