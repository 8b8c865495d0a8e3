/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_arrays.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"

/* --- where values begin and end ------------------------------------------- */
/* Only as far as it takes to tell them apart; whoever reads a value checks what
 * is in it. Everything ends at the '\0' behind the line at last. */

static const char *skip_space(const char *at) {
    while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')
        at++;
    return at;
}

/* @param at  the opening quote  @return behind the closing one; null: none */
static const char *skip_text(const char *at) {
    for (at++;; at += 2) {
        at += strcspn(at, "\"\\");
        if (*at == '"')
            return at + 1;
        if (*at == '\0' || at[1] == '\0')
            return NULL;
    }
}

/* @return behind the value, or null: it does not end */
static const char *skip_value(const char *at) {
    size_t depth = 0;

    do {
        if (depth > 0)
            at += strcspn(at, "\"[]{}");
        switch (*at) {
        case '\0':
            return NULL;
        case '"':
            at = skip_text(at);
            if (at == NULL)
                return NULL;
            break;
        case '[':
        case '{':
            depth++;
            at++;
            break;
        case ']':
        case '}':
            if (depth == 0)
                return NULL;
            depth--;
            at++;
            break;
        default: /* a number or a word that stands alone */
            at += strcspn(at, "\",:[]{} \t\n\r");
        }
    } while (depth > 0);
    return at;
}

static bool same_text(gb_json_span span, const char *text) {
    const size_t length = strlen(text);
    return (size_t)(span.end - span.begin) == length &&
           memcmp(span.begin, text, length) == 0;
}

static void not_json(gb_json_in *in, const char *at) {
    if (in->status == GB_OK)
        in->status = gb_fail(in->err, GB_ERR_INVALID, NULL,
                             "expected JSON, got '%.40s'", at);
    in->not_json = true;
}

/* The value of a text, by jansson. Null: it is no JSON. */
static json_t *decode(gb_json_in *in, gb_json_span span) {
    json_t *value = json_loadb(span.begin, (size_t)(span.end - span.begin),
                               JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    if (value == NULL)
        not_json(in, span.begin);
    return value;
}

/* --- members -------------------------------------------------------------- */

/* @param at  the key  @return behind the value; null: no member */
static const char *find_member(const char *at, gb_json_member *out) {
    const char *end = *at == '"' ? skip_text(at) : NULL;
    if (end == NULL)
        return NULL;
    out->key = (gb_json_span){at, end};
    at = skip_space(end);
    if (*at != ':')
        return NULL;
    at = skip_space(at + 1);
    end = skip_value(at);
    if (end == NULL || end == at)
        return NULL;
    out->value = (gb_json_span){at, end};
    return skip_space(end);
}

static gb_json_member *new_member(gb_json_in *in, gb_json_members *members) {
    const size_t count = members->count;
    /* The old count says when to grow: at 0, 16, 32, 64, .. */
    if (count == 0 || (count >= 16 && (count & (count - 1)) == 0)) {
        gb_json_member *longer = realloc(
            members->list, (count > 0 ? count * 2 : 16) * sizeof(*longer));
        if (longer == NULL) {
            in->status = gb_fail_memory(in->err, "a record");
            return NULL;
        }
        members->list = longer;
    }
    return &members->list[members->count++];
}

void gb_json_find_members(gb_json_in *in, gb_json_span text,
                          gb_json_members *members_out) {
    const char *at = skip_space(text.begin);

    *members_out = (gb_json_members){0};
    if (*at != '{') {
        not_json(in, at);
        return;
    }
    at = skip_space(at + 1);
    for (bool more = *at != '}'; more;) {
        gb_json_member *member = new_member(in, members_out);
        if (member == NULL)
            return;
        const char *next = find_member(at, member);
        more = next != NULL && *next == ',';
        if (next == NULL || (!more && *next != '}')) {
            members_out->count--;
            not_json(in, at);
            return;
        }
        at = more ? skip_space(next + 1) : next;
    }
    at = skip_space(at + 1);
    if (at < text.end)
        not_json(in, at);
}

/* A key may be written with escapes. */
static bool is_key(gb_json_in *in, gb_json_span key, const char *name) {
    const size_t length = (size_t)(key.end - key.begin);
    if (memchr(key.begin, '\\', length) == NULL)
        return same_text((gb_json_span){key.begin + 1, key.end - 1}, name);
    json_t *text = decode(in, key);
    const bool same =
        text != NULL && strcmp(json_string_value(text), name) == 0;
    json_decref(text);
    return same;
}

void gb_json_peek_text(gb_json_in *in, const gb_json_members *members,
                       const char *key, char *text, size_t size) {
    gb_copy(text, size, "");
    for (size_t i = 0; i < members->count && in->status == GB_OK; i++) {
        if (!is_key(in, members->list[i].key, key))
            continue;
        json_t *value = decode(in, members->list[i].value);
        if (json_is_string(value))
            gb_copy(text, size, json_string_value(value));
        json_decref(value);
        return;
    }
}

/* The index of the name of @p key, or @p count. */
static size_t find_name(gb_json_in *in, gb_json_span key,
                        const char *const *names, size_t count) {
    size_t i = 0;
    while (i < count && !is_key(in, key, names[i]))
        i++;
    return i;
}

json_t *gb_json_take_apart(gb_json_in *in, const gb_json_members *members,
                           const char *const *names, size_t count,
                           gb_json_span *spans) {
    gb_str others = {0};

    gb_str_add(&others, "{");
    for (size_t i = 0; i < members->count; i++) {
        const gb_json_member *member = &members->list[i];
        const size_t name = find_name(in, member->key, names, count);
        if (name == count) {
            gb_str_add(&others, others.length > 1 ? "," : "");
            gb_str_addn(&others, member->key.begin,
                        (size_t)(member->key.end - member->key.begin));
            gb_str_add(&others, ":");
            gb_str_addn(&others, member->value.begin,
                        (size_t)(member->value.end - member->value.begin));
        } else if (spans[name].begin != NULL) {
            not_json(in, member->key.begin); /* it is there twice */
        } else {
            spans[name] = member->value;
        }
    }
    gb_str_add(&others, "}");
    json_t *object = NULL;
    if (others.failed && in->status == GB_OK)
        in->status = gb_fail_memory(in->err, "a record");
    if (in->status == GB_OK)
        object = decode(
            in, (gb_json_span){others.text, others.text + others.length});
    gb_str_fini(&others);
    return object;
}

json_t *gb_json_take_apart_in(gb_json_in *in, const char *key,
                              gb_json_span text, const char *const *names,
                              size_t count, gb_json_span *spans) {
    gb_json_members members = {0};
    const bool none = text.begin == NULL || same_text(text, "null");

    if (in->status == GB_OK && !none && *text.begin != '{') {
        json_t *value = decode(in, text);
        gb_json_mistake(in, key, "an object", value);
        json_decref(value);
    } else if (in->status == GB_OK && !none) {
        gb_json_find_members(in, text, &members);
    }
    json_t *object = in->status == GB_OK
                         ? gb_json_take_apart(in, &members, names, count, spans)
                         : NULL;
    free(members.list);
    return object;
}

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
    if (in->status != GB_OK || text.begin == NULL || same_text(text, "null"))
        return false;
    if (*text.begin == '[')
        return true;
    json_t *value = decode(in, text);
    gb_json_mistake(in, key, "an array", value);
    json_decref(value);
    return false;
}

/* @return the first element, or behind an array that has none */
static const char *begin_elements(const char *at, bool *more) {
    at = skip_space(at + 1);
    *more = *at != ']';
    return *more ? at : at + 1;
}

/* @param at  behind an element; null is passed on
 * @return the next element, or behind the array; null: neither */
static const char *next_element(gb_json_in *in, const char *at, bool *more) {
    if (at == NULL)
        return NULL;
    at = skip_space(at);
    *more = *at == ',';
    if (*more)
        return skip_space(at + 1);
    if (*at == ']')
        return at + 1;
    not_json(in, at);
    return NULL;
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
    *end = skip_value(at);
    if (*end != NULL && *end != at)
        return decode(in, (gb_json_span){at, *end});
    not_json(in, at);
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
        const char *at = begin_elements(text.begin, &more);
        for (; more && at != NULL; i++) {
            double value = 0.0;
            at = take_real(in, key, at, &value);
            at = next_element(in, at, &more);
            if (i < count)
                memcpy((char *)out + i * stride, &value, sizeof(value));
        }
        if (at != NULL && at != text.end)
            not_json(in, at);
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
    for (at = begin_elements(at, &more); more && at != NULL; i++) {
        if (i == rows->width)
            return NULL;
        at = take_whole(in, rows, at, &out[i]);
        at = next_element(in, at, &more);
    }
    return i == rows->width ? at : NULL;
}

void gb_json_read_rows(gb_json_in *in, const gb_json_rows *rows,
                       gb_json_span text, void *out, size_t stride) {
    uint64_t *row = gb_json_alloc(in, rows->width, sizeof(*row));
    size_t i = 0;

    if (has_elements(in, rows->key, text)) {
        bool more = false;
        const char *at = begin_elements(text.begin, &more);
        for (; more && at != NULL; i++) {
            const char *end = NULL, *begin = at;
            at = take_row(in, rows, begin, row);
            if (at == NULL && in->status == GB_OK) {
                json_t *odd = decode_at(in, begin, &end);
                gb_json_mistake(in, rows->key, rows->row, odd);
                json_decref(odd);
            }
            at = next_element(in, at, &more);
            if (i < rows->count)
                memcpy((char *)out + i * stride, row,
                       rows->width * sizeof(*row));
        }
        if (at != NULL && at != text.end)
            not_json(in, at);
    }
    free(row);
    expect_count(in, rows->key, rows->count, i);
}
