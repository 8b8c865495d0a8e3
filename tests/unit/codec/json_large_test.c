/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_large.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "codec/json_schema.h"
#include "support/gb_test.h"

enum { ELEMENTS = 9000 };

/* Several hundred kB: objects, numbers, arrays within arrays, a long text, an
 * object that is large itself. @param at  element whose number is `odd` */
static char *make_text(size_t at, const char *odd) {
    gb_str text = {0};

    gb_str_add(&text, "{\"objects\": [");
    for (size_t i = 0; i < ELEMENTS; i++)
        gb_str_addf(&text,
                    "%s\n {\"id\": \"n%zu ]}\\\"\", \"value\": %s, \"none\": "
                    "null}",
                    i > 0 ? "," : "", i, i == at ? odd : "1.5");
    gb_str_add(&text, "], \"inner\": {\"rows\": [");
    for (size_t i = 0; i < 3; i++) {
        gb_str_addf(&text, "%s{\"at\": %zu, \"numbers\": [", i > 0 ? "," : "",
                    i);
        for (size_t k = 0; k < ELEMENTS; k++)
            gb_str_addf(&text, "%s[%zu, %zu]", k > 0 ? "," : "", k, k * i);
        gb_str_add(&text, "]}");
    }
    gb_str_add(&text, "], \"small\": [1, [], {}]}, \"text\": \"");
    for (size_t i = 0; i < ELEMENTS; i++)
        gb_str_add(&text, "long text ");
    gb_str_add(&text, "\", \"last\": [true]}\n");
    return gb_str_take(&text);
}

/* @param value  of the document, @param tree  what jansson makes of it */
static void expect_same(gb_json_large *doc, const json_t *value, json_t *tree) {
    const char *key;
    json_t *member;

    assert_int_equal(json_typeof(value), json_typeof(tree));
    if (json_is_array(tree)) {
        gb_json_walk walk = gb_json_walk_begin(doc, value);
        size_t count = 0;
        assert_int_equal(json_array_size(value), json_array_size(tree));
        for (const json_t *one; (one = gb_json_walk_next(&walk)) != NULL;)
            expect_same(doc, one, json_array_get(tree, count++));
        gb_json_walk_end(&walk);
        assert_int_equal(count, json_array_size(tree));
    } else if (json_is_object(tree)) {
        assert_int_equal(json_object_size(value), json_object_size(tree));
        json_object_foreach(tree, key, member)
            expect_same(doc, json_object_get(value, key), member);
    } else {
        assert_true(json_equal(value, tree));
    }
}

static void a_large_document_is_that_of_jansson(void **state) {
    (void)state;
    gb_error err = {.rank = -1};
    char *text = make_text(0, "1.5");
    json_t *tree = json_loads(text, 0, NULL);
    gb_json_large doc = gb_json_large_open(text, &err);

    assert_non_null(tree);
    assert_non_null(doc.root);
    assert_true(doc.count > 0);
    expect_same(&doc, doc.root, tree);
    expect_same(&doc, doc.root, tree); /* as often as one likes */
    GB_EXPECT_STATUS(GB_OK, gb_json_large_close(&doc), "document", err);
    json_decref(tree);
    free(text);
}

static void see_all(gb_json_large *doc, json_t *value) {
    const char *key;
    json_t *member;

    if (json_is_array(value)) {
        gb_json_walk walk = gb_json_walk_begin(doc, value);
        for (json_t *one; (one = gb_json_walk_next(&walk)) != NULL;)
            see_all(doc, one);
        gb_json_walk_end(&walk);
    } else {
        json_object_foreach(value, key, member) see_all(doc, member);
    }
}

static void what_jansson_refuses_is_refused(void **state) {
    static const struct {
        const char *from, *to, *words;
    } changes[] = {
        {"{\"at\": 1, ", "{\"at\": 1  ", "(line "},
        {"[8999, 0]", "[8999, 0}", "(line "},
        {"[8999, 0]", "[8999 0,]", "(line "},
        {"[8999, 0]", "[08999,0]", "(line "},
        {"\"n77 ]",
         "\"\xff"
         "77 ]",
         "(line "},
        {"null},\n", "null,}\n", "(line "},
        {"\"inner\"", "\"text\" ", "duplicate"},
        {"true]}", "true]]", "(line "},
        {"true]}", "true]}}", "(line "},
        {"\"objects\": ", "\"objects\"  ", "(line "},
        {"\"objects\": ", "objects : ", "(line "},
        {"\"last\": [true]}", "\"last\": [true", "(line "},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(changes); i++) {
        gb_error err = {.rank = -1};
        char *text = make_text(0, "1.5"), *at = strstr(text, changes[i].from);
        gb_str other = {0};
        assert_non_null(at);
        gb_str_addn(&other, text, (size_t)(at - text));
        gb_str_add(&other, changes[i].to);
        gb_str_add(&other, at + strlen(changes[i].from));
        gb_json_large doc = gb_json_large_open(other.text, &err);
        see_all(&doc, doc.root);
        GB_EXPECT_STATUS(GB_ERR_INVALID, gb_json_large_close(&doc),
                         changes[i].to, err);
        if (strstr(err.what, changes[i].words) == NULL)
            fail_msg("%s: got '%s'", changes[i].to, err.what);
        gb_str_fini(&other);
        free(text);
    }
}

static void deep_documents_end(void **state) {
    (void)state;
    enum { DEEP = 200000 };
    gb_error err = {.rank = -1};
    gb_str text = {0};

    gb_str_add(&text, "{\"a\": ");
    for (int i = 0; i < DEEP; i++)
        gb_str_add(&text, "[");
    for (int i = 0; i < DEEP; i++)
        gb_str_add(&text, "]");
    gb_str_add(&text, "}");
    gb_json_large doc = gb_json_large_open(text.text, &err);
    see_all(&doc, doc.root);
    GB_EXPECT_STATUS(GB_ERR_INVALID, gb_json_large_close(&doc), "deep", err);
    gb_str_fini(&text);
}

typedef struct told {
    size_t count;
    char path[80], expected[80], found[80];
} told;

static void note(void *ctx, const gb_mismatch *mismatch) {
    told *t = ctx;

    t->count++;
    snprintf(t->path, sizeof(t->path), "%s", mismatch->path);
    snprintf(t->expected, sizeof(t->expected), "%s", mismatch->expected);
    snprintf(t->found, sizeof(t->found), "%s", mismatch->found);
}

static void what_differs_within_is_told(void **state) {
    (void)state;
    gb_error err = {.rank = -1};
    told t = {0};
    const gb_mismatch_sink sink = {.tell = note, .ctx = &t};
    char *stored = make_text(7777, "2.5"), *again = make_text(7777, "1.5");
    size_t compared = 0;

    GB_EXPECT_STATUS(GB_OK,
                     gb_json_compare(stored, again, &sink, &compared, &err),
                     "compare", err);
    assert_int_equal(t.count, 1);
    GB_EXPECT_TEXT("objects[7777].value", t.path, "path");
    GB_EXPECT_TEXT("1.5", t.expected, "expected");
    GB_EXPECT_TEXT("2.5", t.found, "found");
    /* An array that is another has its length told, and no element. */
    t = (told){0};
    GB_EXPECT_STATUS(GB_OK,
                     gb_json_compare(stored,
                                     "{\"objects\": [], \"inner\": 1, "
                                     "\"text\": 1, \"last\": [true]}",
                                     &sink, &compared, &err),
                     "compare", err);
    assert_int_equal(t.count, 3);
    free(stored);
    free(again);
}

/* As the comparison counts them, wherever a piece ends. */
static void values_are_counted_in_pieces(void **state) {
    static const size_t sizes[] = {1, 7, 4096, SIZE_MAX};
    (void)state;
    gb_error err = {.rank = -1};
    told t = {0};
    const gb_mismatch_sink sink = {.tell = note, .ctx = &t};
    char *text = make_text(5, "-1e-5");
    size_t compared = 0;

    GB_EXPECT_STATUS(GB_OK, gb_json_compare(text, text, &sink, &compared, &err),
                     "compare", err);
    assert_true(compared > 3 * ELEMENTS);
    for (size_t i = 0; i < GB_COUNT(sizes); i++) {
        gb_json_counter counter = {0};
        const size_t length = strlen(text);
        for (size_t at = 0; at < length;) {
            const size_t size = sizes[i] < length - at ? sizes[i] : length - at;
            gb_json_count_values(&counter, text + at, size);
            at += size;
        }
        assert_int_equal(counter.count, compared);
    }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_document_is_that_of_jansson),
        cmocka_unit_test(what_jansson_refuses_is_refused),
        cmocka_unit_test(deep_documents_end),
        cmocka_unit_test(what_differs_within_is_told),
        cmocka_unit_test(values_are_counted_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
