/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_TESTS_SUPPORT_GB_TEST_H
#define GB_TESTS_SUPPORT_GB_TEST_H

/**
 * @file support/gb_test.h
 * cmocka with a label in every message, for table-driven tests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#define GB_COUNT(list) (sizeof(list) / sizeof((list)[0]))

#define GB_EXPECT_STATUS(want, got, label, err)                                \
    do {                                                                       \
        const gb_status got_ = (got);                                          \
        if (got_ != (want))                                                    \
            fail_msg("%s: expected status %d, got %d: %s", (label),            \
                     (int)(want), (int)got_, (err).what);                      \
    } while (0)

#define GB_EXPECT_NEAR(want, got, tolerance, label)                            \
    do {                                                                       \
        const double want_ = (want), got_ = (got);                             \
        if (!(fabs(got_ - want_) <= (tolerance)))                              \
            fail_msg("%s: expected %.12g, got %.12g", (label), want_, got_);   \
    } while (0)

#define GB_EXPECT_TEXT(want, got, label)                                       \
    do {                                                                       \
        const char *want_ = (want), *got_ = (got);                             \
        if (strcmp(want_, got_) != 0)                                          \
            fail_msg("%s: expected '%s', got '%s'", (label), want_, got_);     \
    } while (0)

#endif /* GB_TESTS_SUPPORT_GB_TEST_H */
