/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_JSON_SPANS_H
#define GB_CODEC_JSON_SPANS_H

/**
 * @file codec/json_spans.h
 * Where the values of a text begin and end, so that a large document is taken
 * apart before any of it becomes a tree. All texts end in a null character.
 * Private to codec.
 */
#include "codec/json_parts.h"

/** Text of one value, not checked yet. `begin` null: there is none. */
typedef struct gb_json_span {
    const char *begin, *end;
} gb_json_span;

/** Is it this text, byte by byte? */
bool gb_json_span_is(gb_json_span span, const char *text);

/** What stands at @p at is no JSON: sets in->not_json. */
void gb_json_not_json(gb_json_in *in, const char *at);

/** Its value, by jansson. Null: it is no JSON, and in->not_json is set. */
json_t *gb_json_decode(gb_json_in *in, gb_json_span span);

const char *gb_json_skip_space(const char *at);

/** @param limit  nullable: where to give up
 *  @return behind the value; null: it does not end, or only behind @p limit */
const char *gb_json_skip_value(const char *at, const char *limit);

/** @param at  an array
 *  @return its first element, or behind an array that has none */
const char *gb_json_first_element(const char *at, bool *more);

/** @param at  behind an element; null is passed on
 *  @return the next element, or behind the array; null: neither */
const char *gb_json_next_element(gb_json_in *in, const char *at, bool *more);

/** One member of an object. */
typedef struct gb_json_member {
    gb_json_span key, value; /* the key with its quotes */
} gb_json_member;

/** The members of an object in their order. */
typedef struct gb_json_members {
    gb_json_member *list; /* [count] */
    size_t count;
} gb_json_members;

/**
 * Find the members of the object that is all of @p text, null-terminated behind
 * its end or beyond.
 * @param[out] members_out  free its `list`, in any case
 * A text that is no object, or whose members cannot be told apart, sets
 * in->not_json.
 */
void gb_json_find_members(gb_json_in *in, gb_json_span text,
                          gb_json_members *members_out);

/** The text of member @p key if it is a text; else "" or cut, as
 *  gb_json_get_text(). */
void gb_json_peek_text(gb_json_in *in, const gb_json_members *members,
                       const char *key, char *text, size_t size);

/**
 * Take the members @p names out of an object.
 *
 * @param names      [count]
 * @param[in,out] spans  [count], zeroed: their values are filled in
 * @return the others, parsed; null after a mistake, or in->not_json
 */
json_t *gb_json_take_apart(gb_json_in *in, const gb_json_members *members,
                           const char *const *names, size_t count,
                           gb_json_span *spans);

/** The same for the object @p text. One that is missing or null has no members;
 *  anything else is a mistake about @p key. @return never null but after one */
json_t *gb_json_take_apart_in(gb_json_in *in, const char *key,
                              gb_json_span text, const char *const *names,
                              size_t count, gb_json_span *spans);

#endif /* GB_CODEC_JSON_SPANS_H */
