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
#include "codec/json_spans.h"

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
