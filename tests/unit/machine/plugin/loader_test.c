/* SPDX-License-Identifier: Apache-2.0 */
/* The loader on real modules: see tests/fixtures/plugins. */
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

#include "machine/plugin/plugin.h"

static const char *const extensions[] = {"greenbench.team/1", NULL};

static gb_plugin_set *set;
static gb_catalogue catalogue;

static void load_by(const gb_plugin_rules *rules, const char *const *folders,
                    size_t folder_count) {
    gb_error err = {0};
    if (gb_plugin_set_load(folders, folder_count, rules, &set, &catalogue,
                           &err) != GB_OK)
        fail_msg("%s", err.what);
}

/* Whoever built the tests may own them, in a folder of whatever mode. */
static gb_plugin_rules lenient(void) {
    return (gb_plugin_rules){
        .extensions = extensions,
        .trust = {.user = geteuid(),
                  .program_owner = geteuid(),
                  .program_tree = "/nowhere"},
        .allow_insecure = true,
    };
}

static void load(const char *const *folders, size_t folder_count) {
    const gb_plugin_rules rules = lenient();
    load_by(&rules, folders, folder_count);
}

static int unload(void **state) {
    (void)state;
    gb_plugin_set_free(set);
    set = NULL;
    gb_catalogue_fini(&catalogue);
    catalogue = (gb_catalogue){0};
    return 0;
}

static const gb_catalogue_refusal *find_refusal(const char *file) {
    for (size_t i = 0; i < catalogue.refusal_count; i++)
        if (strstr(catalogue.refusals[i].path, file) != NULL)
            return &catalogue.refusals[i];
    return NULL;
}

static void each_broken_module_is_refused_with_its_reason(void **state) {
    static const struct {
        const char *file, *what, *hint;
    } cases[] = {
        {"test.not_elf.so",
         "cannot load '" GB_TEST_PLUGINS
         "/zoo/test.not_elf.so': invalid ELF header",
         "rebuild it"},
        {"test.undefined.so", "undefined symbol: solve_everything",
         "link the library"},
        {"test.no_symbol.so",
         "expected the symbol 'greenbench_plugin' or 'greenbench_meter', found "
         "none",
         "define"},
        {"test.major.so", "expected plugin ABI 1, got 7", "rebuild it"},
        {"test.short.so", "expected a descriptor of 104 bytes or more, got 24",
         "sizeof(gb_plugin)"},
        {"test.no_run.so", "expected the op run(), got null", "verify()"},
        {"test.no_summary.so", "expected a text for 'summary', got none",
         "fill it in"},
        {"test.renamed.so",
         "expected a file named 'test.original.so' for id "
         "'test.original', got 'test.renamed.so'",
         "rename the file"},
        {"test.bad_id.so",
         "expected an id such as 'memory.triad', got "
         "'Bad-Id'",
         "[a-z0-9_]"},
        {"test.accepts.so", "parameter 'size': accepts:", ""},
        {"test.default.so",
         "parameter 'size': default: expected auto|1..9, "
         "got '12'",
         "default"},
        {"test.twice.so", "got 'size' twice", "once"},
        {"test.needs.so",
         "needs the extension 'greenbench.telepathy/1', this "
         "host offers greenbench.team/1",
         "use a greenbench"},
    };
    static const char *const folders[] = {GB_TEST_PLUGINS "/zoo"};
    (void)state;
    load(folders, 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const gb_catalogue_refusal *refusal = find_refusal(cases[i].file);
        if (refusal == NULL)
            fail_msg("%s: expected a refusal, got none", cases[i].file);
        if (strstr(refusal->what, cases[i].what) == NULL)
            fail_msg("%s: expected '%s' in '%s'", cases[i].file, cases[i].what,
                     refusal->what);
        if (strstr(refusal->hint, cases[i].hint) == NULL)
            fail_msg("%s: expected '%s' in the hint '%s'", cases[i].file,
                     cases[i].hint, refusal->hint);
        if (strchr(refusal->what, '\n') != NULL)
            fail_msg("%s: expected one line, got '%s'", cases[i].file,
                     refusal->what);
    }
    assert_int_equal(catalogue.refusal_count, sizeof(cases) / sizeof(cases[0]));
    assert_int_equal(catalogue.count, 0);
}

static void broken_modules_do_not_keep_sound_ones_out(void **state) {
    static const char *const folders[] = {GB_TEST_PLUGINS "/zoo",
                                          GB_TEST_PLUGINS "/sound"};
    (void)state;
    load(folders, 2);
    assert_int_equal(catalogue.count, 3);
    assert_string_equal(catalogue.entries[0].id, "test.larger");
    assert_string_equal(catalogue.entries[1].id, "test.older");
    assert_string_equal(catalogue.entries[2].id, "test.sound");
}

static void the_catalogue_repeats_the_declarations(void **state) {
    static const char *const folders[] = {GB_TEST_PLUGINS "/sound"};
    (void)state;
    load(folders, 1);
    const gb_catalogue_entry *entry =
        gb_catalogue_find(&catalogue, "test.sound");
    assert_non_null(entry);
    assert_string_equal(entry->version, "0.1.0");
    assert_string_equal(entry->work_unit, "byte");
    assert_string_equal(entry->path, GB_TEST_PLUGINS "/sound/test.sound.so");
    char sha256[GB_SHA256_SIZE];
    uint64_t size_bytes = 0;
    gb_error err = {0};
    assert_int_equal(gb_sha256_file(entry->path, sha256, &size_bytes, &err),
                     GB_OK);
    assert_string_equal(entry->sha256, sha256);
    assert_int_equal(entry->size_bytes, size_bytes);
    assert_int_equal(entry->param_count, 2);
    assert_string_equal(entry->params[0].name, "size");
    assert_string_equal(entry->params[0].default_text, "auto");
    assert_string_equal(entry->params[0].accepts, "auto|1..9");
    assert_null(entry->params[1].accepts);
    assert_int_equal(entry->ranks_min, 2);
    assert_int_equal(entry->ranks_multiple, 3);
    assert_string_equal(gb_plugin_set_get(set, entry->plugin)->id,
                        "test.sound");
}

static void a_larger_descriptor_is_taken_without_its_tail(void **state) {
    static const char *const folders[] = {GB_TEST_PLUGINS "/sound"};
    (void)state;
    load(folders, 1);
    const gb_catalogue_entry *entry =
        gb_catalogue_find(&catalogue, "test.larger");
    assert_non_null(entry);
    assert_int_equal(entry->ranks_min, 2);
    assert_int_equal(entry->ranks_multiple, 1);
    assert_true(gb_plugin_set_get(set, entry->plugin)->struct_size >
                sizeof(gb_plugin));
}

static void a_tail_beyond_an_older_descriptor_is_not_read(void **state) {
    static const char *const folders[] = {GB_TEST_PLUGINS "/sound"};
    (void)state;
    load(folders, 1);
    const gb_catalogue_entry *entry =
        gb_catalogue_find(&catalogue, "test.older");
    assert_non_null(entry);
    assert_int_equal(entry->ranks_min, 1);
    assert_int_equal(entry->ranks_multiple, 1);
}

static void of_two_with_one_id_the_earlier_folder_wins(void **state) {
    static const char *const folders[] = {GB_TEST_PLUGINS "/again",
                                          GB_TEST_PLUGINS "/sound"};
    (void)state;
    load(folders, 2);
    const gb_catalogue_entry *entry =
        gb_catalogue_find(&catalogue, "test.sound");
    assert_non_null(entry);
    assert_string_equal(entry->path, GB_TEST_PLUGINS "/again/test.sound.so");
    assert_int_equal(catalogue.refusal_count, 1);
    const gb_catalogue_refusal *refusal = &catalogue.refusals[0];
    assert_string_equal(refusal->path, GB_TEST_PLUGINS "/sound/test.sound.so");
    assert_non_null(
        strstr(refusal->what, GB_TEST_PLUGINS "/again/test.sound.so"));
    assert_non_null(
        strstr(refusal->what, GB_TEST_PLUGINS "/sound/test.sound.so"));
}

static void one_folder_named_twice_is_no_conflict(void **state) {
    static const char *const folders[] = {GB_TEST_PLUGINS "/sound",
                                          GB_TEST_PLUGINS "/zoo/../sound"};
    (void)state;
    load(folders, 2);
    assert_int_equal(catalogue.count, 3);
    assert_int_equal(catalogue.refusal_count, 0);
}

static void missing_folders_are_skipped(void **state) {
    static const char *const folders[] = {GB_TEST_PLUGINS "/nowhere",
                                          GB_TEST_PLUGINS "/zoo/test.major.so"};
    (void)state;
    load(folders, 2);
    assert_int_equal(catalogue.count, 0);
    assert_int_equal(catalogue.refusal_count, 0);
}

static void one_file_loads_or_fails_with_the_same_reason(void **state) {
    gb_plugin_part failed = GB_PART_ALL;
    gb_error err = {0};
    (void)state;
    assert_int_equal(gb_plugin_set_load_file(GB_TEST_PLUGINS
                                             "/zoo/test.major.so",
                                             extensions, &set, &failed, &err),
                     GB_ERR_ABI);
    assert_int_equal(failed, GB_PART_ABI);
    assert_non_null(strstr(err.what, "expected plugin ABI 1, got 7"));
    assert_int_equal(gb_plugin_set_load_file(GB_TEST_PLUGINS "/nowhere.so",
                                             extensions, &set, &failed, &err),
                     GB_ERR_NOT_FOUND);
    assert_int_equal(failed, GB_PART_FILE);
    assert_int_equal(gb_plugin_set_load_file(GB_TEST_PLUGINS
                                             "/sound/test.sound.so",
                                             extensions, &set, &failed, &err),
                     GB_OK);
    assert_int_equal(failed, GB_PART_ALL);
    assert_string_equal(gb_plugin_set_get(set, 0)->id, "test.sound");
}

/* --- who may provide it ----------------------------------------------------
 */

static char place[] = "/tmp/gb-loader-XXXXXX";

static void copy_file(const char *from, const char *to) {
    char buffer[1 << 16];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    size_t length = 0;
    assert_non_null(in);
    assert_non_null(out);
    while ((length = fread(buffer, 1, sizeof(buffer), in)) > 0)
        assert_int_equal(fwrite(buffer, 1, length, out), length);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

static int make_place(void **state) {
    (void)state;
    strcpy(place, "/tmp/gb-loader-XXXXXX");
    assert_non_null(mkdtemp(place));
    assert_int_equal(chdir(place), 0);
    copy_file(GB_TEST_PLUGINS "/sound/test.sound.so", "test.sound.so");
    copy_file(GB_TEST_PLUGINS "/sound/test.older.so", "test.older.so");
    return 0;
}

static int remove_place(void **state) {
    chmod(place, 0755);
    unlink("test.sound.so");
    unlink("test.older.so");
    assert_int_equal(chdir("/"), 0);
    rmdir(place);
    return unload(state);
}

static void a_file_that_others_may_write_is_refused(void **state) {
    const char *const folders[] = {place};
    gb_plugin_rules rules = lenient();
    (void)state;
    chmod("test.sound.so", 0664);
    rules.allow_insecure = false;
    load_by(&rules, folders, 1);
    assert_int_equal(catalogue.count, 1);
    assert_string_equal(catalogue.entries[0].id, "test.older");
    assert_null(catalogue.entries[0].insecure);
    assert_int_equal(catalogue.refusal_count, 1);
    assert_non_null(strstr(catalogue.refusals[0].what, "mode 0664"));
    assert_non_null(strstr(catalogue.refusals[0].hint, "chmod g-w '/tmp/"));

    unload(state);
    rules.allow_insecure = true;
    load_by(&rules, folders, 1);
    assert_int_equal(catalogue.count, 2);
    assert_int_equal(catalogue.refusal_count, 0);
    assert_null(catalogue.entries[0].insecure);
    assert_non_null(strstr(catalogue.entries[1].insecure, "mode 0664"));
}

static void a_folder_that_others_may_write_is_not_looked_into(void **state) {
    const char *const folders[] = {place};
    gb_plugin_rules rules = lenient();
    (void)state;
    chmod(place, 01777); /* others could add to it, sticky or not */
    rules.allow_insecure = false;
    load_by(&rules, folders, 1);
    assert_int_equal(catalogue.count, 0);
    assert_int_equal(catalogue.refusal_count, 1);
    assert_string_equal(catalogue.refusals[0].path, place);
    assert_non_null(strstr(catalogue.refusals[0].what, "mode 1777"));
    assert_non_null(strstr(catalogue.refusals[0].hint, "chmod go-w"));
}

static void only_pinned_content_is_loaded(void **state) {
    const char *const folders[] = {place};
    gb_plugin_rules rules = lenient();
    char pin[80];
    gb_error err = {0};
    (void)state;
    load_by(&rules, folders, 1);
    assert_int_equal(catalogue.count, 2);
    snprintf(pin, sizeof(pin), "sha256:%s", catalogue.entries[1].sha256);
    unload(state);

    gb_pins pins = {0};
    assert_int_equal(gb_pins_add(&pins, &rules.trust, pin, &err), GB_OK);
    rules.pins = &pins;
    load_by(&rules, folders, 1);
    assert_int_equal(catalogue.count, 1);
    assert_string_equal(catalogue.entries[0].id, "test.sound");
    assert_int_equal(catalogue.refusal_count, 1);
    assert_non_null(strstr(catalogue.refusals[0].what, "found sha256:"));
    unload(state);

    /* Others could change the file after it was summed: what was summed is
     * what is loaded. */
    chmod(place, 0777);
    load_by(&rules, folders, 1);
    assert_int_equal(catalogue.count, 1);
    assert_int_equal(unlink("test.sound.so"), 0);
    void *packed = NULL;
    size_t bytes = 0;
    assert_int_equal(
        gb_plugin_set_pack(set, &(size_t){0}, 1, &packed, &bytes, &err), GB_OK);
    free(packed);
    gb_pins_fini(&pins);
}

static void a_file_that_became_another_is_not_handed_on(void **state) {
    const char *const folders[] = {place};
    void *packed = NULL;
    size_t bytes = 0;
    gb_error err = {0};
    (void)state;
    load(folders, 1);
    assert_int_equal(unlink("test.older.so"), 0);
    copy_file(GB_TEST_PLUGINS "/sound/test.sound.so", "test.older.so");
    assert_int_equal(
        gb_plugin_set_pack(set, &(size_t){0}, 1, &packed, &bytes, &err),
        GB_ERR_IO);
    assert_non_null(strstr(err.what, "expected the content that was loaded"));
}

/* --- handed to another process of the node -------------------------------- */

static void a_packed_plugin_loads_without_its_file(void **state) {
    static const char *const folders[] = {GB_TEST_PLUGINS "/sound"};
    gb_plugin_set *copies = NULL;
    void *packed = NULL;
    size_t bytes = 0;
    gb_error err = {0};
    (void)state;
    load(folders, 1);
    const size_t wanted[] = {
        gb_catalogue_find(&catalogue, "test.sound")->plugin,
        gb_catalogue_find(&catalogue, "test.larger")->plugin,
    };
    assert_int_equal(gb_plugin_set_pack(set, wanted, 2, &packed, &bytes, &err),
                     GB_OK);
    /* Were it not in the pack, it would not be found there. */
    char *path = memmem(packed, bytes, "/sound/test.sound.so", 20);
    assert_non_null(path);
    memcpy(path, "/_gone/test.sound.so", 20);
    assert_int_equal(
        gb_plugin_set_unpack(packed, bytes, extensions, &copies, &err), GB_OK);
    assert_string_equal(gb_plugin_set_get(copies, 0)->id, "test.sound");
    assert_string_equal(gb_plugin_set_get(copies, 1)->id, "test.larger");
    assert_ptr_not_equal(gb_plugin_set_get(copies, 0)->run,
                         gb_plugin_set_get(set, wanted[0])->run);
    gb_plugin_set_free(copies);
    free(packed);
}

/* A copy in memory would look for what lies beside it in vain. */
static void a_module_that_looks_beside_itself_goes_by_path(void **state) {
    static const char *const folders[] = {GB_TEST_PLUGINS "/beside"};
    gb_plugin_set *copies = NULL;
    void *packed = NULL;
    size_t bytes = 0;
    gb_error err = {0};
    (void)state;
    load(folders, 1);
    assert_int_equal(catalogue.count, 1);
    assert_int_equal(
        gb_plugin_set_pack(set, &(size_t){0}, 1, &packed, &bytes, &err), GB_OK);
    assert_true(bytes < 1024);
    assert_int_equal(
        gb_plugin_set_unpack(packed, bytes, extensions, &copies, &err), GB_OK);
    assert_ptr_equal(gb_plugin_set_get(copies, 0)->run,
                     gb_plugin_set_get(set, 0)->run);
    gb_plugin_set_free(copies);
    free(packed);
}

static void a_pack_cut_short_is_refused(void **state) {
    static const char *const folders[] = {GB_TEST_PLUGINS "/sound"};
    gb_plugin_set *copies = NULL;
    void *packed = NULL;
    size_t bytes = 0;
    gb_error err = {0};
    (void)state;
    load(folders, 1);
    assert_int_equal(
        gb_plugin_set_pack(set, &(size_t){0}, 1, &packed, &bytes, &err), GB_OK);
    const size_t cuts[] = {1, 15, 20, bytes - 1};
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        assert_int_equal(
            gb_plugin_set_unpack(packed, cuts[i], extensions, &copies, &err),
            GB_ERR_INTERNAL);
        assert_null(copies);
    }
    assert_int_equal(gb_plugin_set_unpack(packed, 0, extensions, &copies, &err),
                     GB_OK);
    gb_plugin_set_free(copies);
    free(packed);
}

#define PLACE_TEST(test)                                                       \
    cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(each_broken_module_is_refused_with_its_reason,
                                  unload),
        cmocka_unit_test_teardown(missing_folders_are_skipped, unload),
        cmocka_unit_test_teardown(one_file_loads_or_fails_with_the_same_reason,
                                  unload),
        cmocka_unit_test_teardown(of_two_with_one_id_the_earlier_folder_wins,
                                  unload),
        cmocka_unit_test_teardown(one_folder_named_twice_is_no_conflict,
                                  unload),
        cmocka_unit_test_teardown(broken_modules_do_not_keep_sound_ones_out,
                                  unload),
        cmocka_unit_test_teardown(the_catalogue_repeats_the_declarations,
                                  unload),
        cmocka_unit_test_teardown(a_larger_descriptor_is_taken_without_its_tail,
                                  unload),
        cmocka_unit_test_teardown(a_tail_beyond_an_older_descriptor_is_not_read,
                                  unload),
        cmocka_unit_test_teardown(a_packed_plugin_loads_without_its_file,
                                  unload),
        cmocka_unit_test_teardown(
            a_module_that_looks_beside_itself_goes_by_path, unload),
        cmocka_unit_test_teardown(a_pack_cut_short_is_refused, unload),
        PLACE_TEST(a_file_that_others_may_write_is_refused),
        PLACE_TEST(a_folder_that_others_may_write_is_not_looked_into),
        PLACE_TEST(only_pinned_content_is_loaded),
        PLACE_TEST(a_file_that_became_another_is_not_handed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
