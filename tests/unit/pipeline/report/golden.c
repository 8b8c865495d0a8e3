/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"

static char *read_whole(const char *path) {
    gb_str text = {0};
    char block[4096];
    size_t got;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("%s: cannot be read; GREENBENCH_UPDATE_GOLDEN=1 writes it",
                 path);
    while ((got = fread(block, 1, sizeof(block), file)) > 0)
        gb_str_addn(&text, block, got);
    fclose(file);
    return gb_str_take(&text);
}

static void write_whole(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fputs(text, file) >= 0, 1);
    assert_int_equal(fclose(file), 0);
}

void golden_check(const char *name, gb_str *text) {
    char path[512];
    const char *update = getenv("GREENBENCH_UPDATE_GOLDEN");
    snprintf(path, sizeof(path), GB_TEST_FIXTURES "/golden/%s", name);
    char *got = gb_str_take(text);
    assert_non_null(got);
    if (update != NULL && strcmp(update, "1") == 0) {
        write_whole(path, got);
        free(got);
        return;
    }
    char *expected = read_whole(path);
    const char *a = expected, *b = got;
    for (unsigned line = 1; *a != '\0' || *b != '\0'; line++) {
        const size_t in_a = strcspn(a, "\n"), in_b = strcspn(b, "\n");
        if (in_a != in_b || memcmp(a, b, in_a) != 0)
            fail_msg("%s:%u: expected\n  %.*s\ngot\n  %.*s", name, line,
                     (int)in_a, a, (int)in_b, b);
        a += in_a + (a[in_a] == '\n');
        b += in_b + (b[in_b] == '\n');
    }
    assert_string_equal(expected, got);
    free(expected);
    free(got);
}

static bool holds_word(const char *text, const char *word) {
    const size_t length = strlen(word);
    for (const char *at = strstr(text, word); at != NULL;
         at = strstr(at + 1, word)) {
        const bool begins = at == text || !isalpha((unsigned char)at[-1]);
        if (begins && !isalpha((unsigned char)at[length]))
            return true;
    }
    return false;
}

void golden_check_shape(const char *name, const gb_str *text, bool lines_fit) {
    char line[4096];
    assert_false(text->failed);
    assert_true(text->length > 0);
    assert_int_equal(text->text[text->length - 1], '\n');
    for (const char *at = text->text; *at != '\0';) {
        const size_t length = strcspn(at, "\n");
        assert_in_range(length, 0, sizeof(line) - 1);
        memcpy(line, at, length);
        line[length] = '\0';
        if (lines_fit && gb_columns(line) > 80)
            fail_msg("%s: %zu columns: %s", name, gb_columns(line), line);
        if (length > 0 && line[length - 1] == ' ')
            fail_msg("%s: blanks at the end: %s", name, line);
        at += length + 1;
    }
    static const char *const banned[] = {"nan", "-nan", "inf",   "NaN",
                                         "NAN", "Inf",  "(null)"};
    for (size_t i = 0; i < sizeof(banned) / sizeof(banned[0]); i++)
        if (holds_word(text->text, banned[i]))
            fail_msg("%s: '%s' in\n%s", name, banned[i], text->text);
}
