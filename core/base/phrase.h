/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_BASE_PHRASE_H
#define GB_BASE_PHRASE_H

/**
 * @file base/phrase.h
 * Sentences of the program in another language. As with gettext, a sentence is
 * known by its English text: the constant itself, or the format string that it
 * is made with. What is filled in is filled into both formats from the same
 * arguments, so that no text is ever taken apart (docs/decisions/0039). The
 * catalogue is base/chinese.def.
 */
#include <stdarg.h>
#include <stddef.h>

#include "base/error.h"

typedef enum gb_language {
    GB_LANGUAGE_EN,
    GB_LANGUAGE_ZH,
    GB_LANGUAGES
} gb_language;

/** @p english, or what the catalogue has for it; @p english where it has
 *  nothing. */
const char *gb_phrase(gb_language language, const char *english)
    __attribute__((format_arg(2)));

/** The same, but null where the catalogue has nothing. */
const char *gb_phrase_chinese(const char *english);

/** A sentence and its Chinese, made from the same arguments. Both are cut as
 *  gb_copy() cuts. @param chinese  [chinese_size]; "" where there is none */
void gb_phrase_both(char *out, size_t size, char *chinese, size_t chinese_size,
                    const char *english, ...) GB_PRINTF_LIKE(5, 6);
/** The same from a list that is read twice. */
void gb_phrase_vboth(char *out, size_t size, char *chinese, size_t chinese_size,
                     const char *english, va_list args)
    __attribute__((format(printf, 5, 0)));

/** How many phrases there are, and each: for tests.
 *  @param[out] chinese_out  nullable */
size_t gb_phrase_count(void);
const char *gb_phrase_at(size_t index, const char **chinese_out);

#endif /* GB_BASE_PHRASE_H */
