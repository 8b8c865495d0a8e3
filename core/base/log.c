/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static GB_PRINTF_LIKE(5, 0) void write_line(const gb_log *log,
                                            gb_log_level level,
                                            const char *code, const char *hint,
                                            const char *fmt, va_list args) {
    char what[512];
    if (log == NULL || log->write == NULL)
        return;
    vsnprintf(what, sizeof(what), fmt, args);
    log->write(log->ctx, level, code, what, hint != NULL ? hint : "");
}

void gb_log_warn(const gb_log *log, const char *code, const char *hint,
                 const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    write_line(log, GB_LOG_WARNING, code, hint, fmt, args);
    va_end(args);
}

void gb_log_progress(const gb_log *log, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    write_line(log, GB_LOG_PROGRESS, "", NULL, fmt, args);
    va_end(args);
}

void gb_log_detail(const gb_log *log, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    write_line(log, GB_LOG_DETAIL, "", NULL, fmt, args);
    va_end(args);
}

void gb_log_finding(const gb_log *log, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    write_line(log, GB_LOG_FINDING, "", NULL, fmt, args);
    va_end(args);
}
