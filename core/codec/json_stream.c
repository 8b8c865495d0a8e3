/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_stream.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* Handed over at once: fewer calls, and little beside a node's facts. */
#define PIECE_BYTES ((size_t)1 << 16)

static void fail_memory(gb_json_stream *stream) {
    if (stream->status == GB_OK)
        stream->status = gb_fail_memory(stream->err, "a document");
}

static void hand_over(gb_json_stream *stream) {
    if (stream->text.failed)
        fail_memory(stream);
    if (stream->status == GB_OK)
        stream->status = stream->sink->put(stream->sink->ctx, stream->text.text,
                                           stream->text.length, stream->err);
    stream->text.length = 0;
}

static void add_line_break(gb_json_stream *stream) {
    static const char line[] = "\n                ";
    const unsigned blanks = sizeof(line) - 2;

    gb_str_addn(&stream->text, line,
                1 + (stream->depth < blanks ? stream->depth : blanks));
    for (unsigned i = blanks; i < stream->depth; i++)
        gb_str_add(&stream->text, " ");
}

/* What stands before a member or element. */
static void add_lead(gb_json_stream *stream, const char *key) {
    if (!stream->empty)
        gb_str_add(&stream->text, ",");
    add_line_break(stream);
    if (key != NULL) {
        gb_str_addn(&stream->text, "\"", 1);
        gb_str_add(&stream->text, key);
        gb_str_addn(&stream->text, "\": ", 3);
    }
    stream->empty = false;
}

/* Text of a value; its lines stand as deep as it does. No text in JSON holds a
 * line break of its own. */
static int add_text(const char *text, size_t length, void *ctx) {
    gb_json_stream *stream = ctx;
    const char *end = text + length;

    while (text < end) {
        const char *line = memchr(text, '\n', (size_t)(end - text));
        if (line == NULL)
            line = end;
        gb_str_addn(&stream->text, text, (size_t)(line - text));
        if (line < end)
            add_line_break(stream);
        text = line < end ? line + 1 : end;
    }
    return stream->text.failed ? -1 : 0;
}

gb_json_stream gb_json_stream_begin(const gb_text_sink *sink, gb_error *err) {
    gb_json_stream stream = {
        .sink = sink, .err = err, .depth = 1, .empty = true};
    gb_str_add(&stream.text, "{");
    return stream;
}

gb_status gb_json_stream_end(gb_json_stream *stream) {
    gb_json_stream_close(stream, '}');
    gb_str_add(&stream->text, "\n");
    hand_over(stream);
    gb_str_fini(&stream->text);
    return stream->status;
}

void gb_json_stream_put(gb_json_stream *stream, const char *key,
                        json_t *value) {
    if (stream->out.failed || value == NULL)
        fail_memory(stream);
    if (stream->status == GB_OK) {
        add_lead(stream, key);
        if (json_dump_callback(value, add_text, stream, GB_JSON_PRETTY) != 0)
            fail_memory(stream);
    }
    json_decref(value);
    if (stream->text.length >= PIECE_BYTES)
        hand_over(stream);
}

static void put_null(gb_json_stream *stream, const char *key) {
    add_lead(stream, key);
    gb_str_addn(&stream->text, "null", 4);
}

/* How much of @p text JSON writes as it is. */
static size_t plain_length(const char *text) {
    size_t at = 0;

    while (text[at] >= ' ' && text[at] <= '~' && text[at] != '"' &&
           text[at] != '\\')
        at++;
    return at;
}

void gb_json_stream_text(gb_json_stream *stream, const char *key,
                         const char *text) {
    const size_t length = plain_length(text);

    if (text[length] != '\0') {
        gb_json_stream_put(stream, key, gb_json_text(&stream->out, text));
        return;
    }
    add_lead(stream, key);
    gb_str_addn(&stream->text, "\"", 1);
    gb_str_addn(&stream->text, text, length);
    gb_str_addn(&stream->text, "\"", 1);
    if (stream->text.length >= PIECE_BYTES)
        hand_over(stream);
}

void gb_json_stream_fact(gb_json_stream *stream, const char *key,
                         const char *text) {
    if (text == NULL || text[0] == '\0')
        put_null(stream, key);
    else
        gb_json_stream_text(stream, key, text);
}

void gb_json_stream_real(gb_json_stream *stream, const char *key,
                         double value) {
    char digits[40];

    if (!isfinite(value)) {
        put_null(stream, key);
        return;
    }
    /* jansson writes exponents and whole numbers in its own way. */
    snprintf(digits, sizeof(digits), "%.17g", value);
    if (strchr(digits, '.') == NULL || strchr(digits, 'e') != NULL) {
        gb_json_stream_put(stream, key, gb_json_real(&stream->out, value));
        return;
    }
    add_lead(stream, key);
    gb_str_add(&stream->text, digits);
    if (stream->text.length >= PIECE_BYTES)
        hand_over(stream);
}

void gb_json_stream_utc(gb_json_stream *stream, const char *key,
                        uint64_t utc_ns) {
    char text[32];

    if (utc_ns == 0) {
        put_null(stream, key);
        return;
    }
    gb_clock_format_utc(utc_ns, text, sizeof(text));
    gb_json_stream_text(stream, key, text);
}

void gb_json_stream_put_all(gb_json_stream *stream, json_t *object) {
    const char *key;
    json_t *value;

    if (object == NULL)
        fail_memory(stream);
    json_object_foreach(object, key, value)
        gb_json_stream_put(stream, key, json_incref(value));
    json_decref(object);
}

void gb_json_stream_open(gb_json_stream *stream, const char *key,
                         char bracket) {
    add_lead(stream, key);
    gb_str_addn(&stream->text, &bracket, 1);
    stream->depth++;
    stream->empty = true;
}

void gb_json_stream_close(gb_json_stream *stream, char bracket) {
    stream->depth--;
    if (!stream->empty)
        add_line_break(stream);
    gb_str_addn(&stream->text, &bracket, 1);
    stream->empty = false;
}
