/* SPDX-License-Identifier: Apache-2.0 */
#include "support/gb_test.h"

#include <stdio.h>
#include <stdlib.h>

#include "codec/json.h"
#include "codec/json_schema.h"

/* The first mismatch, and how many there were. */
typedef struct told {
    size_t count;
    gb_mismatch_kind kind;
    char path[120], expected[120], found[120];
} told;

static void note(void *ctx, const gb_mismatch *mismatch) {
    told *t = ctx;
    if (t->count++ > 0)
        return;
    t->kind = mismatch->kind;
    snprintf(t->path, sizeof(t->path), "%s", mismatch->path);
    snprintf(t->expected, sizeof(t->expected), "%s", mismatch->expected);
    snprintf(t->found, sizeof(t->found), "%s", mismatch->found);
}

static told check(const char *name, const char *text, const char *label) {
    told t = {0};
    const gb_mismatch_sink sink = {.tell = note, .ctx = &t};
    gb_json_schema *schema = NULL;
    gb_error err = {0};
    GB_EXPECT_STATUS(GB_OK, gb_json_schema_open(name, &schema, &err), label,
                     err);
    GB_EXPECT_STATUS(GB_OK, gb_json_schema_check(schema, text, &sink, &err),
                     label, err);
    gb_json_schema_close(schema);
    return t;
}

#define MANIFEST(files)                                                        \
    "{\"schema\":\"greenbench.manifest/1\",\"run_id\":\"r\",\"files\":" files  \
    "}"
#define DIGEST                                                                 \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void each_wrong_place_is_told_with_what_was_expected(void **state) {
    static const struct {
        const char *label, *schema, *text, *path, *expected, *found;
    } cases[] = {
        {"missing", "manifest", "{\"run_id\":\"r\",\"files\":[]}", "schema",
         "a member of this name", "nothing"},
        {"constant", "manifest",
         "{\"schema\":\"x/1\",\"run_id\":\"r\",\"files\":[]}", "schema",
         "\"greenbench.manifest/1\"", "\"x/1\""},
        {"type", "manifest", MANIFEST("{}"), "files", "array",
         "an object with 0 members"},
        {"word", "manifest",
         MANIFEST("[{\"path\":\"p\",\"role\":\"king\",\"sha256\":\"" DIGEST
                  "\",\"size_bytes\":1}]"),
         "files[0].role", "\"result\" or \"plugin\" or \"tool\"", "\"king\""},
        {"pattern", "manifest",
         MANIFEST("[{\"path\":\"p\",\"role\":\"tool\",\"sha256\":\"A\","
                  "\"size_bytes\":1}]"),
         "files[0].sha256", "text like ^[0-9a-f]{64}$", "\"A\""},
        {"less than the least", "manifest",
         MANIFEST("[{\"path\":\"p\",\"role\":\"tool\",\"sha256\":\"" DIGEST
                  "\",\"size_bytes\":-1}]"),
         "files[0].size_bytes", "0 or more", "-1"},
        {"no option", "manifest",
         MANIFEST("[{\"path\":\"p\",\"role\":\"tool\",\"sha256\":\"" DIGEST
                  "\",\"size_bytes\":null}]"),
         "files[0].size_bytes", "integer or string", "null"},
        {"kind of record", "records", "{\"record\":\"song\"}", "", NULL,
         "an object with 1 members"},
        {"number of elements", "records",
         "{\"record\":\"idle\",\"when\":\"after\",\"windows_ns\":[[1]]}",
         "windows_ns[0]", "2 elements", "an array of 1"},
        {"a record's own fields", "records",
         "{\"record\":\"idle\",\"when\":\"now\",\"windows_ns\":[]}", "when",
         "\"before\" or \"after\"", "\"now\""},
        {"a key that would move the cursor", "records",
         "{\"record\":\"idle\",\"when\":\"after\",\"windows_ns\":[],"
         "\"\\u001b[2J\":1}",
         "[\"\\u001B[2J\"]", "no such member", "1"},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        const told t = check(cases[i].schema, cases[i].text, cases[i].label);
        if (t.count != 1)
            fail_msg("%s: expected 1 mismatch, got %zu", cases[i].label,
                     t.count);
        GB_EXPECT_TEXT(cases[i].path, t.path, cases[i].label);
        if (cases[i].expected != NULL)
            GB_EXPECT_TEXT(cases[i].expected, t.expected, cases[i].label);
        GB_EXPECT_TEXT(cases[i].found, t.found, cases[i].label);
    }
}

static void what_fits_is_not_told(void **state) {
    static const char pair[] =
        "{\"record\":\"idle\",\"when\":\"after\",\"windows_ns\":[[1.0,"
        "\"18446744073709551615\"]]}";
    static const char *const texts[] = {
        "{\"record\":\"idle\",\"when\":\"after\",\"windows_ns\":[[1,2]]}",
        pair,
        "{\"record\":\"warning\",\"code\":\"a\",\"what\":\"b\",\"hint\":null}",
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(texts); i++)
        if (check("records", texts[i], texts[i]).count != 0)
            fail_msg("told of %s", texts[i]);
}

static void differences_are_told_by_their_path(void **state) {
    static const struct {
        const char *label, *stored, *again, *path, *expected, *found;
        gb_mismatch_kind kind;
    } cases[] = {
        {"number", "{\"a\":[{\"b\":1.5}]}", "{\"a\":[{\"b\":2}]}", "a[0].b",
         "2", "1.5", GB_MISMATCH_WRONG},
        {"null", "{\"a\":null}", "{\"a\":0.0}", "a", "0.0", "null",
         GB_MISMATCH_WRONG},
        {"type", "{\"a\":\"1\"}", "{\"a\":1}", "a", "1", "\"1\"",
         GB_MISMATCH_WRONG},
        {"length", "{\"a\":[1]}", "{\"a\":[1,2]}", "a", "an array of 2",
         "an array of 1", GB_MISMATCH_WRONG},
        {"large whole numbers", "{\"a\":9007199254740993}",
         "{\"a\":9007199254740992}", "a", "9007199254740992",
         "9007199254740993", GB_MISMATCH_WRONG},
        {"word", "{\"a\":\"x\"}", "{\"a\":\"y\"}", "a", "\"y\"", "\"x\"",
         GB_MISMATCH_WORDS},
        {"missing", "{}", "{\"a\":1}", "a", "1", "nothing",
         GB_MISMATCH_MISSING},
        {"more", "{\"a\":1}", "{}", "a", "nothing", "1", GB_MISMATCH_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        told t = {0};
        const gb_mismatch_sink sink = {.tell = note, .ctx = &t};
        gb_error err = {0};
        size_t compared = 0;
        GB_EXPECT_STATUS(GB_OK,
                         gb_json_compare(cases[i].stored, cases[i].again, &sink,
                                         &compared, &err),
                         cases[i].label, err);
        if (t.count != 1 || t.kind != cases[i].kind)
            fail_msg("%s: expected one of kind %d, got %zu, the first of kind "
                     "%d",
                     cases[i].label, (int)cases[i].kind, t.count, (int)t.kind);
        GB_EXPECT_TEXT(cases[i].path, t.path, cases[i].label);
        GB_EXPECT_TEXT(cases[i].expected, t.expected, cases[i].label);
        GB_EXPECT_TEXT(cases[i].found, t.found, cases[i].label);
    }
}

static void what_rounding_changes_is_equal(void **state) {
    told t = {0};
    const gb_mismatch_sink sink = {.tell = note, .ctx = &t};
    gb_error err = {0};
    size_t compared = 0;
    (void)state;
    GB_EXPECT_STATUS(
        GB_OK,
        gb_json_compare("{\"a\":1.0000000000001,\"b\":0,\"c\":[true,\"x\"]}",
                        "{\"a\":1,\"b\":0.0,\"c\":[true,\"x\"]}", &sink,
                        &compared, &err),
        "rounding", err);
    assert_int_equal(t.count, 0);
    assert_int_equal(compared, 4);
}

static void the_digest_of_a_manifest_has_one_place(void **state) {
    const gb_manifest_entry entry = {.path = "\n \"manifest_sha256\": \"",
                                     .role = "result",
                                     .sha256 = DIGEST,
                                     .size_bytes = 7};
    gb_manifest manifest = {0};
    gb_error err = {0};
    char *text = gb_json_manifest("run", &entry, 1);
    (void)state;
    assert_non_null(text);
    char *digits = gb_json_manifest_blank(text);
    assert_non_null(digits);
    assert_int_equal(strspn(digits, "0"), 64);
    memset(digits, 'b', 64);
    GB_EXPECT_STATUS(GB_OK, gb_json_read_manifest(text, &manifest, &err),
                     "read", err);
    assert_int_equal(manifest.count, 1);
    assert_int_equal(manifest.sha256[63], 'b');
    GB_EXPECT_TEXT(entry.path, manifest.entries[0].path, "path");
    gb_manifest_fini(&manifest);
    digits[-4] = 'x';
    assert_null(gb_json_manifest_blank(text));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wrong_place_is_told_with_what_was_expected),
        cmocka_unit_test(what_fits_is_not_told),
        cmocka_unit_test(differences_are_told_by_their_path),
        cmocka_unit_test(what_rounding_changes_is_equal),
        cmocka_unit_test(the_digest_of_a_manifest_has_one_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
