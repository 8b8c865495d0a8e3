/* SPDX-License-Identifier: Apache-2.0 */
/* Who can change what is loaded, and lists of what may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/plugin/pins.h"
#include "machine/plugin/trust.h"

#define SOMEBODY ((uid_t)1234)
#define UNKNOWN  ((uid_t)65534)

static char top[] = "/tmp/gb-trust-XXXXXX";
static char folder[64], file[64];
static gb_trust trust;

static void write_file(const char *text) {
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

static int make(void **state) {
    (void)state;
    strcpy(top, "/tmp/gb-trust-XXXXXX");
    assert_non_null(mkdtemp(top));
    chmod(top, 0755);
    snprintf(folder, sizeof(folder), "%s/plugins", top);
    snprintf(file, sizeof(file), "%s/a.so", folder);
    assert_int_equal(mkdir(folder, 0755), 0);
    chmod(folder, 0755);
    write_file("content");
    chmod(file, 0644);
    trust = (gb_trust){.user = geteuid(),
                       .program_owner = geteuid(),
                       .program_tree = "/opt/gb"};
    return 0;
}

static int clear(void **state) {
    char command[128];
    (void)state;
    snprintf(command, sizeof(command), "rm -rf '%s'", top);
    return system(command);
}

/** What is wrong with @p path; "" nothing. */
static const char *fault(const char *path, char *hint, size_t size) {
    static char what[320];
    gb_trusted found;
    gb_error err = {0};
    if (gb_trust_open(&trust, path, &found, &err) != GB_OK)
        fail_msg("%s", err.what);
    strcpy(what, found.insecure.what);
    snprintf(hint, size, "%s", found.insecure.hint);
    gb_trusted_fini(&found);
    return what;
}

static void expect(const char *path, const char *what, const char *hint) {
    char got_hint[240];
    const char *got = fault(path, got_hint, sizeof(got_hint));
    if ((what[0] == '\0') != (got[0] == '\0') || strstr(got, what) == NULL ||
        strstr(got_hint, hint) == NULL)
        fail_msg("expected '%s', '%s', got '%s', hint '%s'", what, hint, got,
                 got_hint);
}

static void what_others_may_write_is_insecure(void **state) {
    static const struct {
        mode_t mode;
        const char *what, *hint;
    } cases[] = {
        {0664, "its group may: mode 0664", "chmod g-w '/tmp/gb-trust-"},
        {0646, "others may: mode 0646", "chmod o-w"},
        {0666, "its group and others may: mode 0666", "chmod go-w"},
        {0755, "", ""},
        {0400, "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        chmod(file, cases[i].mode);
        expect(file, cases[i].what, cases[i].hint);
    }
}

static void so_is_what_lies_below_a_folder_others_may_write(void **state) {
    (void)state;
    chmod(top, 0777);
    expect(folder, "mode 0777", "chmod go-w");
    expect(file, "mode 0777", "chmod go-w");
    /* There only the owner of an entry may replace it. */
    chmod(top, 01777);
    expect(folder, "", "");
    expect(file, "", "");
    /* But everybody may add one. */
    chmod(folder, 01777);
    expect(folder, "mode 1777", "chmod go-w");
    expect(file, "", "");
}

static void the_way_to_the_program_is_as_safe_as_the_program(void **state) {
    char tree[80];
    (void)state;
    snprintf(tree, sizeof(tree), "%s/gb", top);
    trust.program_tree = tree;
    chmod(top, 0777);
    expect(file, "", "");
    /* But the folder itself is looked at, and one beside the program's. */
    expect(top, "mode 0777", "chmod go-w");
    chmod(folder, 0777);
    expect(file, "mode 0777", "chmod go-w");
    snprintf(tree, sizeof(tree), "%s", top);
    expect(file, "mode 0777", "chmod go-w");
}

static void only_root_the_user_and_the_program_s_owner_may_own(void **state) {
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chown(file, SOMEBODY, SOMEBODY), 0);
    expect(file,
           "expected an owner that may provide code (root or user 0), "
           "found user 1234, mode 0644",
           "chown 0 '/tmp/gb-trust-");
    trust.program_owner = SOMEBODY;
    expect(file, "", "");
    trust.program_owner = 0;
    trust.user = SOMEBODY;
    expect(file, "", "");
    trust.user = 0;
    assert_int_equal(chown(file, 0, 0), 0);
    assert_int_equal(chown(top, SOMEBODY, SOMEBODY), 0);
    expect(file, "found user 1234", "chown 0");
}

/* As within a container, where all that is not the user's is nobody's. */
static void an_owner_nobody_knows_counts_beside_the_program(void **state) {
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chown(top, UNKNOWN, UNKNOWN), 0);
    assert_int_equal(chown(file, UNKNOWN, UNKNOWN), 0);
    expect(file, "found user 65534", "shows 65534 for every owner");
    trust.program_owner = UNKNOWN;
    expect(file, "found user 65534", "copy it");
    trust.program_tree = top;
    expect(file, "", "");
    char below[80];
    snprintf(below, sizeof(below), "%s/opt/gb", top);
    trust.program_tree = below; /* what is above it, and no more */
    expect(folder, "", "");
    expect(file, "found user 65534", "");
    snprintf(below, sizeof(below), "%.*s", (int)strlen(top) - 1, top);
    trust.program_tree = below; /* a name that begins alike */
    expect(file, "found user 65534", "");
}

static void a_link_is_judged_where_it_leads(void **state) {
    char link[80];
    gb_trusted in, found;
    gb_error err = {0};
    (void)state;
    snprintf(link, sizeof(link), "%s/l.so", top);
    assert_int_equal(symlink(file, link), 0);
    expect(link, "", "");
    chmod(folder, 0775);
    expect(link, "mode 0775", "chmod g-w");
    assert_int_equal(gb_trust_open(&trust, top, &in, &err), GB_OK);
    assert_int_equal(gb_trust_open_in(&trust, &in, "l.so", &found, &err),
                     GB_OK);
    assert_string_equal(found.path, file);
    assert_non_null(strstr(found.insecure.what, "mode 0775"));
    gb_trusted_fini(&found);
    assert_int_equal(gb_trust_open_in(&trust, &in, "none.so", &found, &err),
                     GB_ERR_NOT_FOUND);
    gb_trusted_fini(&in);
}

static void what_is_no_file_is_no_plugin(void **state) {
    gb_trusted in, found;
    gb_error err = {0};
    char pipe[80];
    (void)state;
    snprintf(pipe, sizeof(pipe), "%s/pipe.so", top);
    assert_int_equal(mkfifo(pipe, 0644), 0);
    assert_int_equal(gb_trust_open(&trust, top, &in, &err), GB_OK);
    assert_int_equal(gb_trust_open_in(&trust, &in, "pipe.so", &found, &err),
                     GB_ERR_INVALID);
    gb_trusted_fini(&in);
}

/* --- pins ----------------------------------------------------------------- */

#define ONES  "1111111111111111111111111111111111111111111111111111111111111111"
#define TENS  "1010101010101010101010101010101010101010101010101010101010101010"
#define CAFES "cafecafecafecafecafecafecafecafecafecafecafecafecafecafecafecafe"

static void a_list_names_what_is_let_in(void **state) {
    gb_pins pins = {0};
    gb_error err = {0};
    char at[80];
    (void)state;
    assert_int_equal(
        gb_pins_add(&pins, &trust, "sha256:" ONES ",sha256:" TENS, &err),
        GB_OK);
    write_file("# ours\n\n  sha256:" CAFES " # acme.spmv 1.0.0\n");
    snprintf(at, sizeof(at), "@%s", file);
    assert_int_equal(gb_pins_add(&pins, &trust, at, &err), GB_OK);
    assert_int_equal(pins.count, 3);
    assert_true(gb_pins_hold(&pins, ONES));
    assert_true(gb_pins_hold(&pins, TENS));
    assert_true(gb_pins_hold(&pins, CAFES));
    assert_false(gb_pins_hold(&pins, "1" TENS));
    gb_pins_fini(&pins);
}

static void what_is_no_list_is_refused(void **state) {
    static const char *const texts[] = {
        "",
        ONES,
        "sha256:1111",
        "sha256:" ONES "1",
        "md5:" ONES,
        "sha256:" ONES ",,",
        "sha256:" CAFES ";",
        "SHA256:" ONES,
    };
    gb_pins pins = {0};
    gb_error err = {0};
    char at[80];
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (gb_pins_add(&pins, &trust, texts[i], &err) != GB_ERR_INVALID)
            fail_msg("'%s' was taken", texts[i]);
    assert_non_null(
        strstr(err.what, "--plugin-allow: expected sha256: and 64"));
    snprintf(at, sizeof(at), "@%s", file);
    write_file("sha256:" ONES "\nsha256:beef\n");
    assert_int_equal(gb_pins_add(&pins, &trust, at, &err), GB_ERR_INVALID);
    assert_non_null(strstr(err.what, "a.so:2: expected"));
    chmod(file, 0666);
    assert_int_equal(gb_pins_add(&pins, &trust, at, &err), GB_ERR_PERMISSION);
    assert_int_equal(gb_pins_add(&pins, &trust, "@/no/such", &err),
                     GB_ERR_NOT_FOUND);
    gb_pins_fini(&pins);
}

#define PLACE_TEST(test) cmocka_unit_test_setup_teardown(test, make, clear)

int main(void) {
    const struct CMUnitTest tests[] = {
        PLACE_TEST(what_others_may_write_is_insecure),
        PLACE_TEST(so_is_what_lies_below_a_folder_others_may_write),
        PLACE_TEST(the_way_to_the_program_is_as_safe_as_the_program),
        PLACE_TEST(only_root_the_user_and_the_program_s_owner_may_own),
        PLACE_TEST(an_owner_nobody_knows_counts_beside_the_program),
        PLACE_TEST(a_link_is_judged_where_it_leads),
        PLACE_TEST(what_is_no_file_is_no_plugin),
        PLACE_TEST(what_is_no_list_is_refused),
        PLACE_TEST(a_list_names_what_is_let_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
