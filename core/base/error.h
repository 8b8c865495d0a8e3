/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_BASE_ERROR_H
#define GB_BASE_ERROR_H

/**
 * @file base/error.h
 * Errors are values: filled in by whoever decides which error it is, passed on
 * unchanged, printed only by cli/.
 */
#include "greenbench/status.h"

/**
 * One failure, held by value by whoever asked for the work.
 *
 * `what` says what was expected and what was found; `hint` says what to do
 * about it. Both are one line without a full stop. A message cut short ends
 * in "..." rather than looking complete.
 */
typedef struct gb_error {
    gb_status status;
    int os_errno; /* set by gb_fail_os(), otherwise 0 */
    int rank;     /* -1 until gb_comm_agree() fills it in */
    char what[320];
    char hint[240];
} gb_error;

#define GB_PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

/**
 * Fill @p err (nullable) and return @p status, so that the call can be the
 * operand of `return`. Keeps errno. Prints nothing: only core/cli/ prints.
 *
 * @param hint  nullable: there is nothing the user can do
 */
gb_status gb_fail(gb_error *err, gb_status status, const char *hint,
                  const char *fmt, ...) GB_PRINTF_LIKE(4, 5);

/** As gb_fail(), after a failed system call: appends what errno means. */
gb_status gb_fail_os(gb_error *err, gb_status status, const char *hint,
                     const char *fmt, ...) GB_PRINTF_LIKE(4, 5);

/** As gb_fail(), out of memory while making @p what. */
gb_status gb_fail_memory(gb_error *err, const char *what);

#ifdef __clang_analyzer__
/* The analyser sees one file at a time: tell it that a failure is returned. */
#define gb_fail(err, status, ...)                                              \
    ((void)gb_fail(err, status, __VA_ARGS__), (gb_status)(status))
#define gb_fail_os(err, status, ...)                                           \
    ((void)gb_fail_os(err, status, __VA_ARGS__), (gb_status)(status))
#define gb_fail_memory(err, what)                                              \
    ((void)gb_fail_memory(err, what), (gb_status)GB_ERR_NO_MEMORY)
#endif

/** "ERR_VERIFY"; "UNKNOWN" for a value outside GB_STATUS_MAP. */
const char *gb_status_name(gb_status status);

/** "wrong numerical result"; "unknown status" outside GB_STATUS_MAP. */
const char *gb_status_text(gb_status status);

#endif /* GB_BASE_ERROR_H */
