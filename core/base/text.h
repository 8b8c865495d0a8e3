/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_BASE_TEXT_H
#define GB_BASE_TEXT_H

/**
 * @file base/text.h
 * Growing strings, and the few text operations that everything needs.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/** A string that grows. Zero-initialise it; after a failed allocation `failed`
 *  is set, appends do nothing, and gb_str_take() returns null. */
typedef struct gb_str {
    char *text; /* null-terminated once something was appended */
    size_t length;
    size_t capacity;
    bool failed;
} gb_str;

void gb_str_add(gb_str *str, const char *text);
void gb_str_addn(gb_str *str, const char *text, size_t length);
void gb_str_addf(gb_str *str, const char *fmt, ...) GB_PRINTF_LIKE(2, 3);
/**
 * Append words, wrapped at @p width columns; ends in a newline.
 * @param column  where on the line the first word begins
 * @param indent  spaces before each further line
 */
void gb_str_add_wrapped(gb_str *str, const char *text, size_t column,
                        size_t indent, size_t width);
/** Hand the text over (free() it) and reset. Never null unless `failed`. */
char *gb_str_take(gb_str *str);
void gb_str_fini(gb_str *str);

/** Where a text goes, piece by piece. */
typedef struct gb_text_sink {
    gb_status (*put)(void *ctx, const char *text, size_t length, gb_error *err);
    void *ctx;
} gb_text_sink;

/** What gives a text to a sink. @param what  that which the text is made of */
typedef gb_status (*gb_text_source)(const void *what, const gb_text_sink *sink,
                                    gb_error *err);

/** One that appends to @p str. */
gb_text_sink gb_str_sink(gb_str *str);

/** Copy with truncation: always terminated, ends in "..." if cut. */
void gb_copy(char *out, size_t size, const char *text);

bool gb_starts_with(const char *text, const char *prefix);
bool gb_ends_with(const char *text, const char *suffix);

/** Shell-style match with '*' and '?'. */
bool gb_glob_match(const char *pattern, const char *text);

/** True if @p text may be a plugin id: parts of [a-z0-9_] joined by '.', at
 * most 63 characters. */
bool gb_is_id(const char *text);

/**
 * The candidate most like @p word, or null if none is near enough to suggest
 * (Damerau-Levenshtein distance over a third of the length).
 * @param candidates  [count]
 */
const char *gb_closest(const char *word, const char *const *candidates,
                       size_t count);

/** "a, b, c" for messages; what does not fit into @p out becomes "...".
 *  @param names  [count]  @return @p out */
const char *gb_join(const char *const *names, size_t count, char *out,
                    size_t size);

/** Display columns of UTF-8 @p text: code points, but 2 for East Asian wide. */
size_t gb_columns(const char *text);

#endif /* GB_BASE_TEXT_H */
