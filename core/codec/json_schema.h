/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_JSON_SCHEMA_H
#define GB_CODEC_JSON_SCHEMA_H

/**
 * @file codec/json_schema.h
 * Documents against the JSON Schemas of results/schema/, which are part of the
 * program. The keywords that those use are known, and no others: a lint test
 * keeps it so, and another asks an independent validator about the same
 * documents.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/** What is wrong at one place of a document. */
typedef enum gb_mismatch_kind {
    GB_MISMATCH_WRONG,   /* not what it must be */
    GB_MISMATCH_UNKNOWN, /* a member that nothing describes */
    GB_MISMATCH_MISSING, /* a member that the other document has */
    GB_MISMATCH_WORDS,   /* a text that differs */
} gb_mismatch_kind;

typedef struct gb_mismatch {
    gb_mismatch_kind kind;
    const char *path; /* "benchmarks[0].energy.value_j"; "": all of it */
    const char *expected, *found; /* one line each */
} gb_mismatch;

/** Told of each; the texts live as long as the call. */
typedef struct gb_mismatch_sink {
    void (*tell)(void *ctx, const gb_mismatch *mismatch);
    void *ctx;
} gb_mismatch_sink;

typedef struct gb_json_schema gb_json_schema;

/** @param name  "summary", "records", ..
 *  @retval GB_ERR_NOT_FOUND  there is no such schema
 *  @retval GB_ERR_INTERNAL   it cannot be read */
gb_status gb_json_schema_open(const char *name, gb_json_schema **schema_out,
                              gb_error *err);
void gb_json_schema_close(gb_json_schema *schema); /* null is allowed */

/**
 * @param text  one document, or one line of records.jsonl
 * @retval GB_ERR_INVALID  it is no JSON object; of a long one @p sink may have
 *                         been told what stands before that place
 * @retval GB_ERR_NO_MEMORY
 * @return GB_OK otherwise, whatever @p sink was told
 */
gb_status gb_json_schema_check(const gb_json_schema *schema, const char *text,
                               const gb_mismatch_sink *sink, gb_error *err);

/**
 * Tell where @p stored is not what @p again says. Numbers that differ by less
 * than 1e-9 of the larger one are equal: another compiler rounds otherwise.
 * @param[out] compared_out  numbers, texts and other values that were compared
 * @retval GB_ERR_INVALID  one of them is no JSON object; as above
 * @retval GB_ERR_NO_MEMORY
 */
gb_status gb_json_compare(const char *stored, const char *again,
                          const gb_mismatch_sink *sink, size_t *compared_out,
                          gb_error *err);

/** How many numbers, texts and other values a document has, as that comparison
 *  counts them. Zero-initialise it. */
typedef struct gb_json_counter {
    size_t count;
    bool in_text, escaped, in_word;
} gb_json_counter;

/** Count on in @p text, a piece of a document, which may end anywhere. */
void gb_json_count_values(gb_json_counter *counter, const char *text,
                          size_t length);

#endif /* GB_CODEC_JSON_SCHEMA_H */
