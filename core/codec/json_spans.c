/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_spans.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* --- where values begin and end ------------------------------------------- */
/* Only as far as it takes to tell them apart; whoever reads a value checks what
 * is in it. Everything ends at the '\0' behind the line at last. */

const char *gb_json_skip_space(const char *at) {
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

const char *gb_json_skip_value(const char *at, const char *limit) {
    size_t depth = 0;

    do {
        if (limit != NULL && at > limit)
            return NULL;
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

bool gb_json_span_is(gb_json_span span, const char *text) {
    const size_t length = strlen(text);
    return (size_t)(span.end - span.begin) == length &&
           memcmp(span.begin, text, length) == 0;
}

void gb_json_not_json(gb_json_in *in, const char *at) {
    if (in->status == GB_OK)
        in->status = gb_fail(in->err, GB_ERR_INVALID, NULL,
                             "expected JSON, got '%.40s'", at);
    in->not_json = true;
}

json_t *gb_json_decode(gb_json_in *in, gb_json_span span) {
    json_t *value = json_loadb(span.begin, (size_t)(span.end - span.begin),
                               JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    if (value == NULL)
        gb_json_not_json(in, span.begin);
    return value;
}

/* --- members -------------------------------------------------------------- */

/* @param at  the key  @return behind the value; null: no member */
static const char *find_member(const char *at, gb_json_member *out) {
    const char *end = *at == '"' ? skip_text(at) : NULL;
    if (end == NULL)
        return NULL;
    out->key = (gb_json_span){at, end};
    at = gb_json_skip_space(end);
    if (*at != ':')
        return NULL;
    at = gb_json_skip_space(at + 1);
    end = gb_json_skip_value(at, NULL);
    if (end == NULL || end == at)
        return NULL;
    out->value = (gb_json_span){at, end};
    return gb_json_skip_space(end);
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
    const char *at = gb_json_skip_space(text.begin);

    *members_out = (gb_json_members){0};
    if (*at != '{') {
        gb_json_not_json(in, at);
        return;
    }
    at = gb_json_skip_space(at + 1);
    for (bool more = *at != '}'; more;) {
        gb_json_member *member = new_member(in, members_out);
        if (member == NULL)
            return;
        const char *next = find_member(at, member);
        more = next != NULL && *next == ',';
        if (next == NULL || (!more && *next != '}')) {
            members_out->count--;
            gb_json_not_json(in, at);
            return;
        }
        at = more ? gb_json_skip_space(next + 1) : next;
    }
    at = gb_json_skip_space(at + 1);
    if (at < text.end)
        gb_json_not_json(in, at);
}

/* A key may be written with escapes. */
static bool is_key(gb_json_in *in, gb_json_span key, const char *name) {
    const size_t length = (size_t)(key.end - key.begin);
    if (memchr(key.begin, '\\', length) == NULL)
        return gb_json_span_is((gb_json_span){key.begin + 1, key.end - 1},
                               name);
    json_t *text = gb_json_decode(in, key);
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
        json_t *value = gb_json_decode(in, members->list[i].value);
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
            gb_json_not_json(in, member->key.begin); /* it is there twice */
        } else {
            spans[name] = member->value;
        }
    }
    gb_str_add(&others, "}");
    json_t *object = NULL;
    if (others.failed && in->status == GB_OK)
        in->status = gb_fail_memory(in->err, "a record");
    if (in->status == GB_OK)
        object = gb_json_decode(
            in, (gb_json_span){others.text, others.text + others.length});
    gb_str_fini(&others);
    return object;
}

json_t *gb_json_take_apart_in(gb_json_in *in, const char *key,
                              gb_json_span text, const char *const *names,
                              size_t count, gb_json_span *spans) {
    gb_json_members members = {0};
    const bool none = text.begin == NULL || gb_json_span_is(text, "null");

    if (in->status == GB_OK && !none && *text.begin != '{') {
        json_t *value = gb_json_decode(in, text);
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

/* --- elements --------------------------------------------------------------
 */

const char *gb_json_first_element(const char *at, bool *more) {
    at = gb_json_skip_space(at + 1);
    *more = *at != ']';
    return *more ? at : at + 1;
}

const char *gb_json_next_element(gb_json_in *in, const char *at, bool *more) {
    if (at == NULL)
        return NULL;
    at = gb_json_skip_space(at);
    *more = *at == ',';
    if (*more)
        return gb_json_skip_space(at + 1);
    if (*at == ']')
        return at + 1;
    gb_json_not_json(in, at);
    return NULL;
}
