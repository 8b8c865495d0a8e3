/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_JSON_STREAM_H
#define GB_CODEC_JSON_STREAM_H

/**
 * @file codec/json_stream.h
 * A document that is written while it is made: only the value at hand is a
 * tree, so that memory does not grow with the nodes in it. Its text is that
 * which gb_json_pretty() makes of the whole tree. Private to codec.
 */
#include "base/text.h"
#include "codec/json_parts.h"

typedef struct gb_json_stream {
    gb_json_out out; /* of the values that are put */
    const gb_text_sink *sink;
    gb_status status; /* of the first failure; nothing is written after it */
    gb_error *err;
    gb_str text; /* not handed over yet */
    unsigned depth;
    bool empty; /* what was opened last has no member yet */
} gb_json_stream;

/** Begin a document: an object. */
gb_json_stream gb_json_stream_begin(const gb_text_sink *sink, gb_error *err);
/** End it. @return the status of all that was written */
gb_status gb_json_stream_end(gb_json_stream *stream);

/** A member or element of the object or array that is open.
 *  @param key    null in an array; plain: nothing in it needs an escape
 *  @param value  taken; null: out of memory */
void gb_json_stream_put(gb_json_stream *stream, const char *key, json_t *value);
/** As putting a gb_json_text(), gb_json_fact(), gb_json_real() or
 *  gb_json_utc(), without a tree of it: for what there may be a million of. */
void gb_json_stream_text(gb_json_stream *stream, const char *key,
                         const char *text);
void gb_json_stream_fact(gb_json_stream *stream, const char *key,
                         const char *text);
void gb_json_stream_real(gb_json_stream *stream, const char *key, double value);
void gb_json_stream_utc(gb_json_stream *stream, const char *key,
                        uint64_t utc_ns);
/** The members of @p object (taken), as if each was put. */
void gb_json_stream_put_all(gb_json_stream *stream, json_t *object);

/** An object ('{') or array ('[') whose members follow. */
void gb_json_stream_open(gb_json_stream *stream, const char *key, char bracket);
void gb_json_stream_close(gb_json_stream *stream, char bracket);

/** benchmarks[] of a summary, into the array that is open. */
void gb_json_stream_benches(gb_json_stream *stream, const gb_result *result);

#endif /* GB_CODEC_JSON_STREAM_H */
