/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef gb_fail
#undef gb_fail_os
#undef gb_fail_memory

/* Make a text that was cut short look so, and be UTF-8 still. `wanted` is
 * snprintf's result. */
static void mark_if_cut(char *text, size_t size, int wanted) {
    size_t at = size - sizeof("...");

    if (wanted >= 0 && (size_t)wanted < size)
        return;
    while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
        at--;
    memcpy(text + at, "...", sizeof("..."));
}

static GB_PRINTF_LIKE(5, 0) void set_error(gb_error *err, gb_status status,
                                           int os_errno, const char *hint,
                                           const char *fmt, va_list args) {
    if (err == NULL)
        return;
    *err = (gb_error){.status = status, .os_errno = os_errno, .rank = -1};

    char text[sizeof(err->what)];
    mark_if_cut(text, sizeof(text), vsnprintf(text, sizeof(text), fmt, args));
    const char *cause = os_errno != 0 ? strerror(os_errno) : "";
    mark_if_cut(err->what, sizeof(err->what),
                snprintf(err->what, sizeof(err->what), "%s%s%s", text,
                         os_errno != 0 ? ": " : "", cause));
    mark_if_cut(
        err->hint, sizeof(err->hint),
        snprintf(err->hint, sizeof(err->hint), "%s", hint != NULL ? hint : ""));
}

gb_status gb_fail(gb_error *err, gb_status status, const char *hint,
                  const char *fmt, ...) {
    const int saved_errno = errno;
    va_list args;
    va_start(args, fmt);
    set_error(err, status, 0, hint, fmt, args);
    va_end(args);
    errno = saved_errno;
    return status;
}

gb_status gb_fail_os(gb_error *err, gb_status status, const char *hint,
                     const char *fmt, ...) {
    const int saved_errno = errno;
    va_list args;
    va_start(args, fmt);
    set_error(err, status, saved_errno, hint, fmt, args);
    va_end(args);
    errno = saved_errno;
    return status;
}

const char *gb_status_name(gb_status status) {
    switch (status) {
#define GB_STATUS_CASE(name, value, text)                                      \
    case GB_##name:                                                            \
        return #name;
        GB_STATUS_MAP(GB_STATUS_CASE)
#undef GB_STATUS_CASE
    default:
        return "UNKNOWN";
    }
}

const char *gb_status_text(gb_status status) {
    switch (status) {
#define GB_STATUS_TEXT(name, value, text)                                      \
    case GB_##name:                                                            \
        return text;
        GB_STATUS_MAP(GB_STATUS_TEXT)
#undef GB_STATUS_TEXT
    default:
        return "unknown status";
    }
}

gb_status gb_fail_memory(gb_error *err, const char *what) {
    return gb_fail(err, GB_ERR_NO_MEMORY, "free memory on this node",
                   "out of memory for %s", what);
}
