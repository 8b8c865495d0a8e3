/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>

#include "base/log.h"
#include "support/gb_test.h"

static void a_failure_carries_status_text_and_hint(void **state) {
    (void)state;
    gb_error err;
    errno = EIO;
    assert_int_equal(gb_fail(&err, GB_ERR_RANGE, "do this", "got %d", 7),
                     GB_ERR_RANGE);
    assert_int_equal(errno, EIO);
    assert_int_equal(err.status, GB_ERR_RANGE);
    assert_int_equal(err.os_errno, 0);
    assert_int_equal(err.rank, -1);
    assert_string_equal(err.what, "got 7");
    assert_string_equal(err.hint, "do this");
    assert_int_equal(gb_fail(NULL, GB_ERR_RANGE, NULL, "x"), GB_ERR_RANGE);
}

static void a_system_failure_says_what_errno_means(void **state) {
    (void)state;
    gb_error err;
    errno = ENOENT;
    gb_fail_os(&err, GB_ERR_IO, NULL, "cannot open '%s'", "x");
    assert_int_equal(err.os_errno, ENOENT);
    assert_string_equal(err.what, "cannot open 'x': No such file or directory");
}

static void a_message_is_cut_between_characters(void **state) {
    static const char sign[] = "\xe7\xae\x97"; /* three bytes */
    (void)state;
    for (size_t before = 0; before < 3; before++) {
        char text[1000] = "ab";
        gb_error err;
        text[before] = '\0';
        for (size_t at = before; at + 4 < sizeof(text); at += 3)
            memcpy(text + at, sign, sizeof(sign));
        gb_fail(&err, GB_ERR_RANGE, text, "%s", text);
        const size_t length = strlen(err.what) - 3;
        assert_string_equal(err.what + length, "...");
        assert_int_equal((length - before) % 3, 0);
        assert_int_equal((strlen(err.hint) - 3 - before) % 3, 0);
    }
}

static void a_long_message_looks_cut(void **state) {
    (void)state;
    gb_error err;
    char text[1000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    gb_fail(&err, GB_ERR_RANGE, text, "%s", text);
    assert_int_equal(strlen(err.what), sizeof(err.what) - 1);
    assert_string_equal(err.what + sizeof(err.what) - 4, "...");
    assert_string_equal(err.hint + sizeof(err.hint) - 4, "...");
}

static void every_status_has_a_name(void **state) {
    (void)state;
    assert_string_equal(gb_status_name(GB_ERR_VERIFY), "ERR_VERIFY");
    assert_string_equal(gb_status_name(999), "UNKNOWN");
    assert_string_equal(gb_status_text(GB_ERR_VERIFY),
                        "wrong numerical result");
}

typedef struct heard {
    gb_log_level level;
    char code[32], what[64], hint[32];
} heard;

static void listen(void *ctx, gb_log_level level, const char *code,
                   const char *what, const char *hint) {
    heard *h = ctx;
    h->level = level;
    strncpy(h->code, code, sizeof(h->code) - 1);
    strncpy(h->what, what, sizeof(h->what) - 1);
    strncpy(h->hint, hint, sizeof(h->hint) - 1);
}

static void a_log_without_sink_is_silent(void **state) {
    (void)state;
    heard h = {0};
    const gb_log log = {.write = listen, .ctx = &h};
    gb_log_warn(NULL, "a.b", NULL, "nothing");
    gb_log_warn(&log, "a.b", "fix", "value %d", 3);
    assert_int_equal(h.level, GB_LOG_WARNING);
    assert_string_equal(h.code, "a.b");
    assert_string_equal(h.what, "value 3");
    assert_string_equal(h.hint, "fix");
    gb_log_detail(&log, "step");
    assert_int_equal(h.level, GB_LOG_DETAIL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_carries_status_text_and_hint),
        cmocka_unit_test(a_system_failure_says_what_errno_means),
        cmocka_unit_test(a_message_is_cut_between_characters),
        cmocka_unit_test(a_long_message_looks_cut),
        cmocka_unit_test(every_status_has_a_name),
        cmocka_unit_test(a_log_without_sink_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
