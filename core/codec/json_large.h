/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_JSON_LARGE_H
#define GB_CODEC_JSON_LARGE_H

/**
 * @file codec/json_large.h
 * A document whose long arrays stay text until somebody walks along them: the
 * summary of 10,000 nodes is 110 MB, and a tree of it six times as much. In the
 * tree such an array has as many elements, all null; those that stand in the
 * text are parsed by jansson, some at a time, and let go again. Private to
 * codec.
 */
#include "codec/json_spans.h"

/** Text of consecutive elements, without brackets. */
typedef struct gb_json_batch {
    gb_json_span text;
    size_t count;
} gb_json_batch;

/** An array that stays text. */
typedef struct gb_json_lifted {
    const json_t *array;
    gb_json_batch *batches; /* [count] */
    size_t count;
} gb_json_lifted;

typedef struct gb_json_large {
    gb_json_in in; /* the first mistake; one of syntax may be found late */
    const char *text;
    json_t *root;           /* null after a mistake */
    gb_json_lifted *lifted; /* [count] */
    size_t count;
    unsigned depth; /* of what is walked along */
} gb_json_large;

/**
 * Begin to read @p text, borrowed and null-terminated, which must be one
 * object.
 * @param err  of anything that fails until gb_json_large_close()
 */
gb_json_large gb_json_large_open(const char *text, gb_error *err);

/** @retval GB_ERR_INVALID    no JSON as far as it was read, or a mistake
 *  @retval GB_ERR_NO_MEMORY */
gb_status gb_json_large_close(gb_json_large *doc);

/** A walk along an array. Walks of one document end in the opposite order of
 *  that in which they began. */
typedef struct gb_json_walk {
    gb_json_large *doc;
    const json_t *array;
    const gb_json_batch *batch; /* the next one; null: it is a tree */
    size_t batches;             /* that are left */
    json_t *held;               /* elements of the batch at hand */
    size_t at;                  /* within it, or within the tree */
    size_t lifted_before;
} gb_json_walk;

/** @param array  of the document; null: one without elements */
gb_json_walk gb_json_walk_begin(gb_json_large *doc, const json_t *array);
/** The next element, valid until the next call. Null: no more, or doc->in has a
 *  mistake. */
json_t *gb_json_walk_next(gb_json_walk *walk);
void gb_json_walk_end(gb_json_walk *walk);

#endif /* GB_CODEC_JSON_LARGE_H */
