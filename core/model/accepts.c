/* SPDX-License-Identifier: Apache-2.0 */
#include "model/accepts.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"

#define TEXT_MAX        128
#define SWEEP_MAX       256
#define ALTERNATIVE_MAX 32

/* One alternative of an `accepts` text. */
typedef struct alternative {
    char text[TEXT_MAX];
    bool is_range;
    gb_value_kind kind; /* of a range; TEXT for a word */
    bool percent;       /* a range of F64 whose values may end with '%' */
    char low[TEXT_MAX], high[TEXT_MAX];
    double low_value, high_value;
} alternative;

static bool has_letter(const char *text) {
    for (; *text != '\0'; text++)
        if ((*text >= 'A' && *text <= 'Z') || (*text >= 'a' && *text <= 'z'))
            return true;
    return false;
}

static bool is_percent(const char *text) {
    const size_t length = strlen(text);
    return length > 1 && text[length - 1] == '%';
}

/* A value of a given kind as a number: "80%" and "80" are 80. */
static bool parse_value(gb_value_kind kind, bool percent, const char *text,
                        uint64_t *u64, double *f64) {
    char number[TEXT_MAX];
    *u64 = 0;
    if (percent && strlen(text) < sizeof(number)) {
        gb_copy(number, sizeof(number), text);
        if (is_percent(number))
            number[strlen(number) - 1] = '\0';
        text = number;
    }
    if (kind == GB_VALUE_F64)
        return gb_parse_f64(text, f64, NULL) == GB_OK;
    const gb_status status = kind == GB_VALUE_BYTES
                                 ? gb_parse_bytes(text, u64, NULL)
                                 : gb_parse_u64(text, u64, NULL);
    *f64 = (double)*u64;
    return status == GB_OK;
}

/* "4KiB..64GiB" -> its ends; false: there is no "..", or an end is missing. */
static bool split_range(const char *text, char *low, char *high) {
    const char *dots = strstr(text, "..");
    if (dots == NULL || dots == text || dots[2] == '\0' ||
        (size_t)(dots - text) >= TEXT_MAX || strlen(dots + 2) >= TEXT_MAX)
        return false;
    memcpy(low, text, (size_t)(dots - text));
    low[dots - text] = '\0';
    gb_copy(high, TEXT_MAX, dots + 2);
    return true;
}

static gb_value_kind kind_of(const char *low, const char *high) {
    if (has_letter(low) || has_letter(high))
        return GB_VALUE_BYTES;
    if (is_percent(low) || is_percent(high))
        return GB_VALUE_F64;
    return strchr(low, '.') != NULL || strchr(high, '.') != NULL ? GB_VALUE_F64
                                                                 : GB_VALUE_U64;
}

static gb_status read_alternative(const char *text, size_t length,
                                  alternative *out, gb_error *err) {
    uint64_t ignored;
    *out = (alternative){.kind = GB_VALUE_TEXT};
    if (length == 0 || length >= TEXT_MAX)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "expected a word or a range, got '%.*s'", (int)length,
                       text);
    memcpy(out->text, text, length);
    if (strstr(out->text, "..") == NULL)
        return GB_OK;
    out->is_range = true;
    const bool split = split_range(out->text, out->low, out->high);
    if (split) {
        out->kind = kind_of(out->low, out->high);
        out->percent = is_percent(out->low) && is_percent(out->high);
    }
    if (!split ||
        !parse_value(out->kind, out->percent, out->low, &ignored,
                     &out->low_value) ||
        !parse_value(out->kind, out->percent, out->high, &ignored,
                     &out->high_value) ||
        out->low_value > out->high_value)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "expected a range such as 4KiB..64GiB, got '%s'",
                       out->text);
    return GB_OK;
}

/* Calls for each alternative; stops when `visit` says so. */
static gb_status each_alternative(const char *accepts,
                                  bool (*visit)(const alternative *one,
                                                void *ctx),
                                  void *ctx, gb_error *err) {
    const char *at = accepts;
    for (size_t i = 0;; i++) {
        const size_t length = strcspn(at, "|");
        alternative one;
        if (i >= ALTERNATIVE_MAX)
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "expected at most %d alternatives, got '%s'",
                           ALTERNATIVE_MAX, accepts);
        const gb_status status = read_alternative(at, length, &one, err);
        if (status != GB_OK || !visit(&one, ctx))
            return status;
        if (at[length] == '\0')
            return GB_OK;
        at += length + 1;
    }
}

static bool keep_on(const alternative *one, void *ctx) {
    (void)one;
    (void)ctx;
    return true;
}

gb_status gb_accepts_check(const char *accepts, gb_error *err) {
    return accepts == NULL ? GB_OK
                           : each_alternative(accepts, keep_on, NULL, err);
}

/* --- values --------------------------------------------------------------- */

typedef struct lookup {
    const char *text;
    gb_plan_param *param;
    bool found;
    char words[ALTERNATIVE_MAX][TEXT_MAX]; /* for a suggestion */
    size_t word_count;
    char nearest[TEXT_MAX]; /* end of a range that a number lies beyond */
} lookup;

static bool try_alternative(const alternative *one, void *ctx) {
    lookup *find = ctx;
    if (!one->is_range) {
        gb_copy(find->words[find->word_count++], TEXT_MAX, one->text);
        find->found = strcmp(one->text, find->text) == 0;
        if (find->found) {
            find->param->kind = GB_VALUE_TEXT;
            find->param->u64 = 0;
            find->param->f64 = 0.0;
        }
        return !find->found;
    }
    uint64_t u64 = 0;
    double f64 = 0.0;
    if (!parse_value(one->kind, one->percent, find->text, &u64, &f64))
        return true;
    if (f64 < one->low_value || f64 > one->high_value) {
        gb_copy(find->nearest, sizeof(find->nearest),
                f64 < one->low_value ? one->low : one->high);
    } else {
        find->param->kind = one->kind;
        find->param->u64 = u64;
        find->param->f64 = f64;
        find->found = true;
    }
    return !find->found;
}

gb_status gb_accepts_parse(const char *accepts, const char *text,
                           gb_plan_param *param_out, gb_error *err) {
    lookup find = {.text = text, .param = param_out};
    if (accepts == NULL) {
        param_out->kind = GB_VALUE_TEXT;
        param_out->u64 = 0;
        param_out->f64 = 0.0;
        return GB_OK;
    }
    gb_status status = each_alternative(accepts, try_alternative, &find, err);
    if (status != GB_OK || find.found)
        return status;

    const char *words[ALTERNATIVE_MAX];
    char hint[TEXT_MAX + 32] = "";
    for (size_t i = 0; i < find.word_count; i++)
        words[i] = find.words[i];
    const char *near = gb_closest(text, words, find.word_count);
    if (find.nearest[0] != '\0')
        snprintf(hint, sizeof(hint), "the nearest is %s", find.nearest);
    else if (near != NULL)
        snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
    return gb_fail(err, GB_ERR_RANGE, hint, "expected %s, got '%s'", accepts,
                   text);
}

/* --- sweeps --------------------------------------------------------------- */

typedef struct sweep {
    gb_value_kind kind;
    bool percent;
    double low, high, factor, step; /* factor 0: add `step` */
} sweep;

static bool add_text(char ***texts, size_t *count, const char *text) {
    char **list = realloc(*texts, (*count + 1) * sizeof(*list));
    if (list == NULL)
        return false;
    *texts = list;
    list[*count] = strdup(text);
    if (list[*count] == NULL)
        return false;
    (*count)++;
    return true;
}

static void free_texts(char **texts, size_t count) {
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

static void write_value(const sweep *range, double value, char *out,
                        size_t size) {
    if (range->kind == GB_VALUE_BYTES)
        gb_format_bytes((uint64_t)value, out, size);
    else if (range->kind == GB_VALUE_U64)
        snprintf(out, size, "%.0f", value);
    else
        snprintf(out, size, "%.12g%s", value, range->percent ? "%" : "");
}

/* "A..B", "A..B*F", "A..B+S". */
static gb_status read_sweep(const char *text, sweep *out, gb_error *err) {
    char low[TEXT_MAX], high[TEXT_MAX];
    uint64_t ignored;
    *out = (sweep){.factor = 2.0};
    bool ok = strlen(text) < TEXT_MAX && split_range(text, low, high);
    if (ok) {
        char *mark = strpbrk(high, "*+");
        const char how = mark != NULL ? *mark : '\0';
        const char *by = mark != NULL ? mark + 1 : NULL;
        if (mark != NULL)
            *mark = '\0';
        out->kind = kind_of(low, high);
        out->percent = is_percent(low) && is_percent(high);
        ok = parse_value(out->kind, out->percent, low, &ignored, &out->low) &&
             parse_value(out->kind, out->percent, high, &ignored, &out->high) &&
             out->low <= out->high;
        if (ok && how == '*')
            ok = gb_parse_f64(by, &out->factor, NULL) == GB_OK &&
                 out->factor > 1.0;
        if (ok && how == '+') {
            out->factor = 0.0;
            ok = parse_value(out->kind, out->percent, by, &ignored,
                             &out->step) &&
                 out->step > 0.0;
        }
        if (ok && out->factor > 0.0)
            ok = out->low > 0.0;
    }
    if (ok)
        return GB_OK;
    return gb_fail(
        err, GB_ERR_RANGE, "A..B doubles, A..B*F multiplies, A..B+S adds",
        "expected a range such as 8B..4MiB or 1..16*4, got '%s'", text);
}

gb_status gb_accepts_expand(const char *accepts, const char *text,
                            char ***texts_out, size_t *count_out,
                            gb_error *err) {
    char **texts = NULL;
    size_t count = 0;
    bool ok = true;

    if (accepts == NULL || strstr(text, "..") == NULL) {
        ok = add_text(&texts, &count, text);
    } else {
        sweep range;
        const gb_status status = read_sweep(text, &range, err);
        if (status != GB_OK)
            return status;
        /* A hair of room, so that 0.1..0.3+0.1 reaches its end. */
        const double end = range.high * (1.0 + 1e-12);
        for (double value = range.low; ok && value <= end;) {
            char one[TEXT_MAX];
            if (count == SWEEP_MAX) {
                free_texts(texts, count);
                return gb_fail(err, GB_ERR_RANGE, NULL,
                               "expected at most %d values, got more from "
                               "'%s'",
                               SWEEP_MAX, text);
            }
            write_value(&range, value, one, sizeof(one));
            ok = add_text(&texts, &count, one);
            const double next =
                range.factor > 0.0 ? value * range.factor : value + range.step;
            value = range.kind == GB_VALUE_F64 ? next : ceil(next);
        }
    }
    if (!ok) {
        free_texts(texts, count);
        return gb_fail_memory(err, "the values of a sweep");
    }
    *texts_out = texts;
    *count_out = count;
    return GB_OK;
}
