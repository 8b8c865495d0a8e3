/* SPDX-License-Identifier: Apache-2.0 */
/* Two records of one process, of which one was changed by hand: each rule sees
 * its own difference and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "sdk/process.h"

static char *few[] = {(char[]){"HOME=/"}, (char[]){"PATH=/bin"}, NULL};
static char *more[] = {(char[]){"HOME=/"}, (char[]){"PATH=/bin"},
                       (char[]){"EXTRA=1"}, NULL};
static char *other[] = {(char[]){"HOME=/root"}, (char[]){"PATH=/bin"}, NULL};
static char *less[] = {(char[]){"HOME=/"}, NULL};

static gb_process plain(void) {
    gb_process process;

    memset(&process, 0, sizeof(process));
    process.environment = few;
    process.open_files[0] = process.open_files[1] = 1;
    strcpy(process.locale, "C");
    strcpy(process.folder, "/here");
    return process;
}

/** Only @p broken differs; its message holds @p words. */
static void expect(const gb_process *after, gb_rule broken, const char *words) {
    const gb_process before = plain();

    for (gb_rule rule = GB_RULE_SILENT; rule <= GB_RULE_CHILDREN; rule++) {
        gb_error err = {0};
        const gb_status status = gb_process_same(&before, after, rule, &err);
        assert_int_equal(status, rule == broken ? GB_ERR_INVALID : GB_OK);
        if (rule == broken)
            assert_non_null(strstr(err.what, words));
    }
}

static void nothing_changed_breaks_nothing(void **state) {
    const gb_process after = plain();
    (void)state;
    expect(&after, GB_RULE_COUNT, "");
}

static void each_change_breaks_its_own_rule(void **state) {
    gb_process after = plain();
    (void)state;
    after.printed_bytes = 3;
    expect(&after, GB_RULE_SILENT, "it printed");
    after = plain();
    after.actions[10].sa_handler = SIG_IGN;
    expect(&after, GB_RULE_SIGNALS, "signal 10");
    after = plain();
    sigaddset(&after.blocked, 12);
    expect(&after, GB_RULE_SIGNALS, "signal 12");
    after = plain();
    strcpy(after.locale, "de_DE");
    expect(&after, GB_RULE_LOCALE, "expected 'C', got 'de_DE'");
    after = plain();
    after.file_mask = 077;
    expect(&after, GB_RULE_UMASK, "expected 000, got 077");
    after = plain();
    after.floats.control = 0x8040;
    expect(&after, GB_RULE_FLOATS, "0x8040");
    after = plain();
    after.affinity.mask[0] = 1;
    expect(&after, GB_RULE_AFFINITY, "bound to other cores");
    after = plain();
    strcpy(after.folder, "/there");
    expect(&after, GB_RULE_FOLDER, "got '/there'");
    after = plain();
    after.thread_count = 2;
    expect(&after, GB_RULE_THREADS, "2 threads are still there");
    after = plain();
    after.open_files[9] = 1;
    expect(&after, GB_RULE_FILES, "descriptor 9 is still open");
    after = plain();
    after.open_files[0] = 0;
    expect(&after, GB_RULE_FILES, "closed file descriptor 0");
    after = plain();
    after.child_count = 1;
    expect(&after, GB_RULE_CHILDREN, "1 process is still there");
}

static void the_environment_may_neither_grow_nor_shrink_nor_change(
    void **state) {
    gb_process after = plain();
    (void)state;
    after.environment = more;
    expect(&after, GB_RULE_ENVIRONMENT, "it set EXTRA");
    after.environment = other;
    expect(&after, GB_RULE_ENVIRONMENT, "it set HOME");
    after.environment = less;
    expect(&after, GB_RULE_ENVIRONMENT, "it unset PATH");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_changed_breaks_nothing),
        cmocka_unit_test(each_change_breaks_its_own_rule),
        cmocka_unit_test(
            the_environment_may_neither_grow_nor_shrink_nor_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
