/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_arrays.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"

/* --- numbers -------------------------------------------------------------- */

/* A number as JSON writes it. */
typedef struct number {
    bool whole;
    int64_t integer; /* if it is whole */
    double real;
} number;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* What is exact in a double, times or by a power of ten that is exact as well,
 * is rounded once: as it should be (W. D. Clinger, "How to read floating point
 * numbers accurately", PLDI 1990). */
static bool make_real(uint64_t digits, int exponent, double *real) {
    static const double tens[] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (FLT_EVAL_METHOD != 0 || digits > (UINT64_C(1) << 53) ||
        exponent < -22 || exponent > 22)
        return false;
    *real = exponent < 0 ? (double)digits / tens[-exponent]
                         : (double)digits * tens[exponent];
    return true;
}

/* Digits into *value, as long as it holds them; *count_out of them there were.
 */
static const char *take_digits(const char *at, uint64_t *value,
                               unsigned *count) {
    for (; is_digit(*at); at++, (*count)++)
        if (*count < 19)
            *value = *value * 10 + (uint64_t)(*at - '0');
    return at;
}

/* @return behind the number; null: there is none, or it is too large, as
 * jansson finds it: a whole one beyond 64 bits, a real one beyond a double */
static const char *take_number(const char *begin, number *out) {
    const bool negative = *begin == '-';
    const char *first = begin + negative, *end = NULL;
    uint64_t digits = 0;
    unsigned count = 0, exponent = 0, exponent_digits = 0;
    bool below = false;

    const char *at = take_digits(first, &digits, &count);
    if (count == 0 || (*first == '0' && count > 1))
        return NULL;
    const unsigned before_point = count;
    out->whole = *at != '.' && *at != 'e' && *at != 'E';
    if (out->whole) {
        if (count > 19 || digits > INT64_MAX)
            return NULL;
        out->integer = negative ? -(int64_t)digits : (int64_t)digits;
        out->real = (double)out->integer;
        return at;
    }
    if (*at == '.') {
        if (!is_digit(at[1]))
            return NULL;
        at = take_digits(at + 1, &digits, &count);
    }
    const int places = (int)(count - before_point);
    if (*at == 'e' || *at == 'E') {
        uint64_t value = 0;
        at++;
        below = *at == '-';
        at += *at == '+' || *at == '-';
        at = take_digits(at, &value, &exponent_digits);
        if (exponent_digits == 0)
            return NULL;
        exponent = value < 1000 ? (unsigned)value : 1000;
    }
    if (count <= 19 && exponent_digits <= 19 &&
        make_real(digits, (below ? -(int)exponent : (int)exponent) - places,
                  &out->real))
        out->real = negative ? -out->real : out->real;
    else
        out->real = gb_real_at(begin, &end);
    return isinf(out->real) ? NULL : at;
}

/* --- arrays --------------------------------------------------------------- */

/* Whether there is an array at all: what is missing or null has no elements. */
static bool has_elements(gb_json_in *in, const char *key, gb_json_span text) {
    if (in->status != GB_OK || text.begin == NULL ||
        gb_json_span_is(text, "null"))
        return false;
    if (*text.begin == '[')
        return true;
    json_t *value = gb_json_decode(in, text);
    gb_json_mistake(in, key, "an array", value);
    json_decref(value);
    return false;
}

static void expect_count(gb_json_in *in, const char *key, size_t want,
                         size_t got) {
    if (in->status == GB_OK && got != want)
        in->status =
            gb_fail(in->err, GB_ERR_INVALID, NULL,
                    "'%s': expected %zu elements, got %zu", key, want, got);
}

/* What is no plain number, by jansson. */
static json_t *decode_at(gb_json_in *in, const char *at, const char **end) {
    *end = gb_json_skip_value(at, NULL);
    if (*end != NULL && *end != at)
        return gb_json_decode(in, (gb_json_span){at, *end});
    gb_json_not_json(in, at);
    return NULL;
}

static const char *take_real(gb_json_in *in, const char *key, const char *at,
                             double *out) {
    number value;
    const char *end = take_number(at, &value);
    if (end != NULL) {
        *out = value.real;
        return end;
    }
    *out = (double)NAN;
    if (strncmp(at, "null", 4) == 0)
        return at + 4;
    json_t *odd = decode_at(in, at, &end);
    if (json_is_number(odd))
        *out = json_number_value(odd);
    else
        gb_json_mistake(in, key, "numbers", odd);
    json_decref(odd);
    return in->status == GB_OK ? end : NULL;
}

void gb_json_read_reals(gb_json_in *in, const char *key, gb_json_span text,
                        size_t count, double *out, size_t stride) {
    size_t i = 0;

    if (has_elements(in, key, text)) {
        bool more = false;
        const char *at = gb_json_first_element(text.begin, &more);
        for (; more && at != NULL; i++) {
            double value = 0.0;
            at = take_real(in, key, at, &value);
            at = gb_json_next_element(in, at, &more);
            if (i < count)
                memcpy((char *)out + i * stride, &value, sizeof(value));
        }
        if (at != NULL && at != text.end)
            gb_json_not_json(in, at);
    }
    expect_count(in, key, count, i);
}

/* Null: it is none. */
static const char *take_whole(gb_json_in *in, const gb_json_rows *rows,
                              const char *at, uint64_t *out) {
    number value;
    const char *end = take_number(at, &value);
    if (end != NULL && value.whole && value.integer >= 0) {
        *out = (uint64_t)value.integer;
        return end;
    }
    if (rows->nullable && strncmp(at, "null", 4) == 0) {
        *out = GB_COUNT_NONE;
        return at + 4;
    }
    json_t *odd = decode_at(in, at, &end);
    const bool good = odd != NULL && gb_json_u64_of(odd, out);
    if (!good && rows->number != NULL)
        gb_json_mistake(in, rows->key, rows->number, odd);
    json_decref(odd);
    return good ? end : NULL;
}

/* @return behind the row; null: it is not as it should be */
static const char *take_row(gb_json_in *in, const gb_json_rows *rows,
                            const char *at, uint64_t *out) {
    bool more = *at == '[';
    size_t i = 0;

    if (!more)
        return NULL;
    for (at = gb_json_first_element(at, &more); more && at != NULL; i++) {
        if (i == rows->width)
            return NULL;
        at = take_whole(in, rows, at, &out[i]);
        at = gb_json_next_element(in, at, &more);
    }
    return i == rows->width ? at : NULL;
}

void gb_json_read_rows(gb_json_in *in, const gb_json_rows *rows,
                       gb_json_span text, void *out, size_t stride) {
    uint64_t *row = gb_json_alloc(in, rows->width, sizeof(*row));
    size_t i = 0;

    if (has_elements(in, rows->key, text)) {
        bool more = false;
        const char *at = gb_json_first_element(text.begin, &more);
        for (; more && at != NULL; i++) {
            const char *end = NULL, *begin = at;
            at = take_row(in, rows, begin, row);
            if (at == NULL && in->status == GB_OK) {
                json_t *odd = decode_at(in, begin, &end);
                gb_json_mistake(in, rows->key, rows->row, odd);
                json_decref(odd);
            }
            at = gb_json_next_element(in, at, &more);
            if (i < rows->count)
                memcpy((char *)out + i * stride, row,
                       rows->width * sizeof(*row));
        }
        if (at != NULL && at != text.end)
            gb_json_not_json(in, at);
    }
    free(row);
    expect_count(in, rows->key, rows->count, i);
}
