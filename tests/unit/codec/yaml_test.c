/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/yaml.h"

static void assert_refused(const char *label, const char *text, size_t length,
                           const char *what) {
    gb_yaml_node *root = NULL;
    gb_error err = {0};
    if (gb_yaml_parse("suite.yaml", text, length, &root, &err) !=
        GB_ERR_INVALID)
        fail_msg("%s: was taken", label);
    if (strcmp(err.what, what) != 0)
        fail_msg("%s: got: %s", label, err.what);
    assert_null(root);
}

static void mistakes_have_a_line_and_a_column(void **state) {
    static const struct {
        const char *label, *text, *what;
    } cases[] = {
        {"empty", "", "suite.yaml:1:1: expected a document, got nothing"},
        {"comment only", "# x\n",
         "suite.yaml:2:1: expected a document, got nothing"},
        {"open bracket", "a:\n  - [1, 2\nb: 3\n",
         "suite.yaml:3:2: expected YAML: did not find expected ',' or ']', "
         "while parsing a flow sequence that begins at 2:5"},
        {"tab", "a:\n\tb: 1\n",
         "suite.yaml:2:1: expected YAML: found character that cannot start any "
         "token, while scanning for the next token"},
        {"duplicate", "a: 1\nb: 2\na: 3\n",
         "suite.yaml:3:1: expected each key once, got 'a' again (first in line "
         "1)"},
        {"list as key", "? [a]\n: 1\n",
         "suite.yaml:1:3: expected a name as the key, got a list or map"},
        {"two documents", "a: 1\n---\nb: 1\n",
         "suite.yaml:2:1: expected one document, got another"},
        {"unknown alias", "a: *b\n",
         "suite.yaml:1:4: expected a name defined above with '&', got '*b'"},
        {"alias of itself", "a: &x [*x]\n",
         "suite.yaml:1:8: expected a name defined above with '&', got '*x'"},
        {"null character", "a: \"x\\0y\"\n",
         "suite.yaml:1:4: expected text, got a null character in it"},
        {"no UTF-8", "a: 1\nb: \xff\n",
         "suite.yaml:2:4: expected UTF-8 text: invalid leading UTF-8 octet"},
        {"control character", "a: \x01\n",
         "suite.yaml:1:4: expected UTF-8 text: control characters are not "
         "allowed"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_refused(cases[i].label, cases[i].text, strlen(cases[i].text),
                       cases[i].what);
}

static void deep_nesting_is_refused(void **state) {
    char text[128];
    (void)state;
    memset(text, '[', sizeof(text));
    assert_refused("deep", text, sizeof(text),
                   "suite.yaml:1:33: expected at most 32 levels, got more");
}

static void an_alias_bomb_is_refused(void **state) {
    gb_str text = {0};
    (void)state;
    gb_str_add(&text, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 9; i++)
        gb_str_addf(&text,
                    "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i,
                    i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    assert_refused("bomb", text.text, text.length,
                   "suite.yaml:1:18: expected at most 100000 values with all "
                   "aliases expanded, got more");
    gb_str_fini(&text);
}

static void a_map_of_too_many_keys_is_refused(void **state) {
    gb_str text = {0};
    (void)state;
    for (int i = 0; i <= 1000; i++)
        gb_str_addf(&text, "k%d: 1\n", i);
    assert_refused("keys", text.text, text.length,
                   "suite.yaml:1001:1: expected at most 1000 keys, got more");
    gb_str_fini(&text);
}

static void every_value_knows_where_it_stands(void **state) {
    static const char text[] = "name: 'a: b'\n"
                               "list:\n"
                               "  - one\n"
                               "  - {k: v}\n";
    gb_yaml_node *root = NULL;
    gb_error err = {0};
    (void)state;
    if (gb_yaml_parse("t", text, strlen(text), &root, &err) != GB_OK)
        fail_msg("%s", err.what);
    assert_int_equal(root->kind, GB_YAML_MAP);
    assert_int_equal(root->count, 2);
    assert_string_equal(root->items[0]->text, "a: b");
    assert_int_equal(root->items[0]->column, 7);
    const gb_yaml_node *list = root->items[1];
    assert_int_equal(root->keys[1]->line, 2);
    assert_int_equal(list->kind, GB_YAML_LIST);
    assert_int_equal(list->items[0]->line, 3);
    assert_int_equal(list->items[0]->column, 5);
    assert_int_equal(list->items[1]->kind, GB_YAML_MAP);
    assert_string_equal(list->items[1]->keys[0]->text, "k");
    assert_int_equal(list->items[1]->items[0]->column, 9);
    gb_yaml_free(root);
}

static void an_alias_is_a_copy_of_its_anchor(void **state) {
    static const char text[] = "a: &x {k: [1, 2]}\nb: *x\n";
    gb_yaml_node *root = NULL;
    gb_error err = {0};
    (void)state;
    if (gb_yaml_parse("t", text, strlen(text), &root, &err) != GB_OK)
        fail_msg("%s", err.what);
    assert_ptr_not_equal(root->items[0], root->items[1]);
    assert_string_equal(root->items[1]->items[0]->items[1]->text, "2");
    assert_int_equal(root->items[1]->line, 1);
    gb_yaml_free(root);
}

static void a_missing_file_is_named(void **state) {
    gb_yaml_node *root = NULL;
    gb_error err = {0};
    (void)state;
    assert_int_equal(gb_yaml_load("/no/such/suite.yaml", &root, &err),
                     GB_ERR_NOT_FOUND);
    assert_string_equal(
        err.what,
        "cannot read '/no/such/suite.yaml': No such file or directory");
    assert_int_equal(gb_yaml_load("/", &root, &err), GB_ERR_IO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_have_a_line_and_a_column),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(an_alias_bomb_is_refused),
        cmocka_unit_test(a_map_of_too_many_keys_is_refused),
        cmocka_unit_test(every_value_knows_where_it_stands),
        cmocka_unit_test(an_alias_is_a_copy_of_its_anchor),
        cmocka_unit_test(a_missing_file_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
