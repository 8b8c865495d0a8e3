/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_BASE_LOG_H
#define GB_BASE_LOG_H

/**
 * @file base/log.h
 * Where layers below cli/ send warnings and progress: they never print.
 */
#include "base/error.h"

typedef enum gb_log_level {
    GB_LOG_WARNING,
    GB_LOG_PROGRESS, /* a step begins */
    GB_LOG_DETAIL,   /* within a step: for a terminal, not for a log file */
    GB_LOG_FINDING,  /* what a step found: stays to be read */
} gb_log_level;

/** A sink. `write` is called with complete lines and must not keep pointers. */
typedef struct gb_log {
    /** @param code  stable word for a warning ("energy.modelled"); "" for
     *               progress
     *  @param hint  "" if there is nothing the user can do */
    void (*write)(void *ctx, gb_log_level level, const char *code,
                  const char *what, const char *hint);
    void *ctx;
} gb_log;

/** Report something the user should know. @p log and its `write` are nullable:
 *  then nothing happens. @p hint is nullable. */
void gb_log_warn(const gb_log *log, const char *code, const char *hint,
                 const char *fmt, ...) GB_PRINTF_LIKE(4, 5);

/** Say which step begins. */
void gb_log_progress(const gb_log *log, const char *fmt, ...)
    GB_PRINTF_LIKE(2, 3);

/** Say what the step found. */
void gb_log_finding(const gb_log *log, const char *fmt, ...)
    GB_PRINTF_LIKE(2, 3);

/** Say how far the step is. */
void gb_log_detail(const gb_log *log, const char *fmt, ...)
    GB_PRINTF_LIKE(2, 3);

#endif /* GB_BASE_LOG_H */
