/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_JSON_ARRAYS_H
#define GB_CODEC_JSON_ARRAYS_H

/**
 * @file codec/json_arrays.h
 * Arrays of numbers straight from their text. A repetition of 10,000 ranks is
 * a dozen members, and 130,000 numbers in them: a tree of these takes ten times
 * as long as the numbers themselves. So a line is taken apart at its members;
 * those known to be arrays are read here, number by number, and all others are
 * parsed by jansson, which also decodes whatever in an array is no plain
 * number. What is taken and what is refused is what jansson takes and refuses.
 * Private to codec.
 */
#include "codec/json_parts.h"

/** Text of one value, not checked yet. `begin` null: there is none. */
typedef struct gb_json_span {
    const char *begin, *end;
} gb_json_span;

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

/**
 * Read an array of numbers.
 *
 * @param text    the array; missing or null: one of no elements
 * @param count   how many elements it must have
 * @param out     [count], @p stride bytes from one to the next; null is NAN
 */
void gb_json_read_reals(gb_json_in *in, const char *key, gb_json_span text,
                        size_t count, double *out, size_t stride);

/** What rows of whole numbers look like. */
typedef struct gb_json_rows {
    const char *key;
    size_t count, width;      /* [count][width] */
    bool nullable;            /* null is GB_COUNT_NONE */
    const char *row, *number; /* what was expected, for messages */
} gb_json_rows;

/** Read an array of arrays of whole numbers, or their digits as text.
 *  @param out  [rows->count], @p stride bytes from one row to the next */
void gb_json_read_rows(gb_json_in *in, const gb_json_rows *rows,
                       gb_json_span text, void *out, size_t stride);

#endif /* GB_CODEC_JSON_ARRAYS_H */
