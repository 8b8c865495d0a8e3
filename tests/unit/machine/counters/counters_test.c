/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/counters/counters.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "model/config.h"
#include "support/gb_test.h"

static void what_cannot_be_counted_is_named_with_a_reason(void **state) {
    (void)state;
    gb_counters *counters = NULL;
    gb_error err = {0};
    size_t count = 7;
    GB_EXPECT_STATUS(
        GB_OK,
        gb_counters_open("NO_SUCH_EVENT,also::absent", 1, &counters, &err),
        "open", err);
    (void)gb_counters_names(counters, &count);
    assert_int_equal(count, 0);
    assert_non_null(strstr(gb_counters_absent(counters), "NO_SUCH_EVENT: "));
    assert_non_null(strstr(gb_counters_absent(counters), "; also::absent: "));
    gb_counters_close(counters);
}

static void no_names_count_nothing(void **state) {
    (void)state;
    gb_counters *counters = NULL;
    gb_error err = {0};
    size_t count = 7;
    GB_EXPECT_STATUS(GB_OK, gb_counters_open("", 1, &counters, &err), "open",
                     err);
    (void)gb_counters_names(counters, &count);
    assert_int_equal(count, 0);
    assert_string_equal(gb_counters_absent(counters), "");
    gb_counters_close(counters);
}

/* Touch @p pages fresh pages: each is at least one page fault. */
static void fault(size_t pages) {
    char *memory = mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(memory, MAP_FAILED);
    madvise(memory, pages * 4096, MADV_NOHUGEPAGE);
    for (size_t i = 0; i < pages; i++)
        memory[i * 4096] = 1;
    munmap(memory, pages * 4096);
}

static void page_faults_are_counted(void **state) {
    (void)state;
    gb_counters *counters = NULL;
    gb_error err = {0};
    size_t count = 0;
    uint64_t before = 0, after = 0;
    GB_EXPECT_STATUS(GB_OK,
                     gb_counters_open("perf::PAGE-FAULTS", 1, &counters, &err),
                     "open", err);
    (void)gb_counters_names(counters, &count);
    if (count == 0 && gb_counters_event_reader() == NULL) {
        print_message("skipped: %s\n", gb_counters_absent(counters));
        gb_counters_close(counters);
        skip();
    }
    if (count != 1)
        fail_msg("page faults are counted everywhere: %s",
                 gb_counters_absent(counters));
    GB_EXPECT_STATUS(GB_OK, gb_counters_read(counters, &before, &err), "read",
                     err);
    fault(256);
    GB_EXPECT_STATUS(GB_OK, gb_counters_read(counters, &after, &err), "read",
                     err);
    assert_in_range(after - before, 256, 400);
    gb_counters_close(counters);
}

static void the_reader_of_energy_events_lists_only_energy(void **state) {
    (void)state;
    const gb_event_reader *reader = gb_counters_event_reader();
    gb_event_info *events = NULL;
    size_t count = 0;
    gb_error err = {0};
    if (reader == NULL) {
        print_message("skipped: this build has no PAPI\n");
        skip();
    }
    GB_EXPECT_STATUS(GB_OK, reader->list_energy(&events, &count, &err), "list",
                     err);
    for (size_t i = 0; i < count; i++)
        assert_true(strcasestr(events[i].name, "energy") != NULL);
    free(events);
    const char *const absent[] = {"no_such:::ENERGY"};
    gb_event_set *set = NULL;
    assert_int_equal(reader->open(absent, 1, &set, &err), GB_ERR_UNSUPPORTED);
    assert_null(set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_counted_is_named_with_a_reason),
        cmocka_unit_test(no_names_count_nothing),
        cmocka_unit_test(page_faults_are_counted),
        cmocka_unit_test(the_reader_of_energy_events_lists_only_energy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
