/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the arrays of a record: taken if jansson takes them, and then
 * with its numbers to the bit. The first byte says what is asked of them. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json_arrays.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Beside it stands another member, as in a record. */
#define BEFORE "{\"a\\u0062\":[{}],\"x\" : "
#define BEHIND ",\"z\":null}"

/* What jansson makes of the value: an array, or null where there is none. */
static bool is_array(const json_t *line) {
    const json_t *value = json_object_get(line, "x");
    return json_is_array(value) || json_is_null(value);
}

static bool are_reals(const json_t *array) {
    for (size_t i = 0; i < json_array_size(array); i++)
        if (!json_is_number(json_array_get(array, i)) &&
            !json_is_null(json_array_get(array, i)))
            return false;
    return true;
}

static bool is_count(const json_t *value, bool nullable) {
    uint64_t number = 0;
    return (nullable && json_is_null(value)) || gb_json_u64_of(value, &number);
}

static bool are_rows(const json_t *array, size_t width, bool nullable) {
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *row = json_array_get(array, i);
        if (!json_is_array(row) || json_array_size(row) != width)
            return false;
        for (size_t k = 0; k < width; k++)
            if (!is_count(json_array_get(row, k), nullable))
                return false;
    }
    return true;
}

static void expect(bool right, const char *what, const char *text) {
    if (right)
        return;
    fprintf(stderr, "%s: %s\n", what, text);
    abort();
}

static uint64_t bits_of(double value) {
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static void compare_reals(const json_t *array, const double *got,
                          const char *text) {
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *value = json_array_get(array, i);
        expect(json_is_null(value)
                   ? isnan(got[i])
                   : bits_of(json_number_value(value)) == bits_of(got[i]),
               "another number than jansson's", text);
    }
}

static void compare_rows(const json_t *array, size_t width, const uint64_t *got,
                         const char *text) {
    for (size_t i = 0; i < json_array_size(array) * width; i++) {
        const json_t *value =
            json_array_get(json_array_get(array, i / width), i % width);
        uint64_t want = GB_COUNT_NONE;
        if (!json_is_null(value))
            (void)gb_json_u64_of(value, &want);
        expect(want == got[i], "another count than jansson's", text);
    }
}

/* @param line  what jansson makes of @p text, or null */
static void check(const char *text, const json_t *line, unsigned wanted) {
    static const char *const names[] = {"x"};
    gb_error err = {0};
    gb_json_in in = {.status = GB_OK, .err = &err};
    gb_json_members members;
    gb_json_span span = {0};
    const json_t *array = json_object_get(line, "x");
    const size_t count = json_array_size(array), width = wanted / 4 % 4;
    const bool reals = (wanted & 1u) != 0, nullable = (wanted & 2u) != 0;
    void *got = calloc(count * (reals ? 1 : width) + 1, sizeof(double));
    const gb_json_rows rows = {.key = "x",
                               .count = count,
                               .width = width,
                               .nullable = nullable,
                               .row = "a row",
                               .number = nullable ? "a number" : NULL};

    if (got == NULL)
        return;
    gb_json_find_members(&in, (gb_json_span){text, text + strlen(text)},
                         &members);
    json_t *others = NULL;
    if (in.status == GB_OK)
        others = gb_json_take_apart(&in, &members, names, 1, &span);
    if (reals)
        gb_json_read_reals(&in, "x", span, count, got, sizeof(double));
    else
        gb_json_read_rows(&in, &rows, span, got, width * sizeof(uint64_t));
    const bool good =
        line != NULL && is_array(line) &&
        (reals ? are_reals(array) : are_rows(array, width, nullable));
    expect(good == (in.status == GB_OK),
           good ? "refused what jansson takes" : "took what it may not", text);
    if (good && reals)
        compare_reals(array, got, text);
    else if (good)
        compare_rows(array, width, got, text);
    json_decref(others);
    free(members.list);
    free(got);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    char *text = malloc(size + sizeof(BEFORE) + sizeof(BEHIND));
    if (text == NULL || size == 0) {
        free(text);
        return 0;
    }
    memcpy(text, BEFORE, sizeof(BEFORE) - 1);
    memcpy(text + sizeof(BEFORE) - 1, bytes + 1, size - 1);
    memcpy(text + sizeof(BEFORE) + size - 2, BEHIND, sizeof(BEHIND));
    json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    check(text, line, bytes[0]);
    json_decref(line);
    free(text);
    return 0;
}
