/* SPDX-License-Identifier: Apache-2.0 */
#include "base/phrase.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct {
    size_t length; /* of `english`: few have the same */
    const char *english, *chinese;
} phrases[] = {
#define GB_PHRASE(english, chinese) {sizeof(english) - 1, english, chinese},
#include "base/chinese.def"
#undef GB_PHRASE
};

#define PHRASES (sizeof(phrases) / sizeof(phrases[0]))

const char *gb_phrase_chinese(const char *english) {
    const size_t length = strlen(english);

    for (size_t i = 0; i < PHRASES; i++)
        if (phrases[i].length == length &&
            memcmp(phrases[i].english, english, length) == 0)
            return phrases[i].chinese;
    return NULL;
}

const char *gb_phrase(gb_language language, const char *english) {
    const char *chinese =
        language == GB_LANGUAGE_ZH ? gb_phrase_chinese(english) : NULL;
    return chinese != NULL ? chinese : english;
}

void gb_phrase_vboth(char *out, size_t size, char *chinese, size_t chinese_size,
                     const char *english, va_list args) {
    char text[1024];
    va_list again;

    va_copy(again, args);
    (void)vsnprintf(text, sizeof(text), english, args);
    gb_copy(out, size, text);
    text[0] = '\0';
    if (gb_phrase_chinese(english) != NULL)
        (void)vsnprintf(text, sizeof(text), gb_phrase(GB_LANGUAGE_ZH, english),
                        again);
    gb_copy(chinese, chinese_size, text);
    va_end(again);
}

void gb_phrase_both(char *out, size_t size, char *chinese, size_t chinese_size,
                    const char *english, ...) {
    va_list args;

    va_start(args, english);
    gb_phrase_vboth(out, size, chinese, chinese_size, english, args);
    va_end(args);
}

size_t gb_phrase_count(void) {
    return PHRASES;
}

const char *gb_phrase_at(size_t index, const char **chinese_out) {
    if (chinese_out != NULL)
        *chinese_out = phrases[index].chinese;
    return phrases[index].english;
}
