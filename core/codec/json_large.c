/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_large.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* What is longer is taken apart, if it is no deeper than ours are. */
#define LARGE_BYTES ((size_t)1 << 16)
#define DEPTH_MOST  8u

static json_t *build(gb_json_large *doc, const char *at, unsigned depth,
                     const char **end_out);

static void fail_memory(gb_json_large *doc) {
    if (doc->in.status == GB_OK)
        doc->in.status = gb_fail_memory(doc->in.err, "a document");
}

/* --- arrays that stay text ------------------------------------------------ */

/* Room for one more in a list that doubles. */
static void *grow(void *list, size_t count, size_t size) {
    if ((count & (count - 1)) != 0)
        return list;
    return realloc(list, (count > 0 ? 2 * count : 1) * size);
}

static void drop_lifted(gb_json_large *doc, size_t keep) {
    while (doc->count > keep)
        free(doc->lifted[--doc->count].batches);
}

/* @param first  its text begins a batch */
static bool add_element(gb_json_lifted *lifted, gb_json_span text, bool first) {
    if (!first) {
        gb_json_batch *last = &lifted->batches[lifted->count - 1];
        last->text.end = text.end;
        last->count++;
        return true;
    }
    gb_json_batch *longer =
        grow(lifted->batches, lifted->count, sizeof(*longer));
    if (longer == NULL)
        return false;
    lifted->batches = longer;
    longer[lifted->count++] = (gb_json_batch){.text = text, .count = 1};
    return true;
}

/* Elements of one batch are together no longer than a large one alone. */
static bool begins_batch(const gb_json_lifted *lifted, gb_json_span text) {
    return lifted->count == 0 ||
           (size_t)(text.end - lifted->batches[lifted->count - 1].text.begin) >
               LARGE_BYTES;
}

/* @return behind the array; null after a mistake */
static const char *find_batches(gb_json_large *doc, const char *at,
                                json_t *array, gb_json_lifted *lifted) {
    bool more = false;

    at = gb_json_first_element(at, &more);
    while (more && at != NULL) {
        const char *end = gb_json_skip_value(at, NULL);
        if (end == NULL || end == at) {
            gb_json_not_json(&doc->in, at);
            return NULL;
        }
        const gb_json_span text = {at, end};
        if (!add_element(lifted, text, begins_batch(lifted, text)) ||
            json_array_append_new(array, json_null()) != 0) {
            fail_memory(doc);
            return NULL;
        }
        at = gb_json_next_element(&doc->in, end, &more);
    }
    return at;
}

static json_t *lift(gb_json_large *doc, const char *at, const char **end_out) {
    json_t *array = json_array();
    gb_json_lifted lifted = {.array = array};
    gb_json_lifted *longer = grow(doc->lifted, doc->count, sizeof(*longer));

    if (longer != NULL)
        doc->lifted = longer;
    if (array == NULL || longer == NULL)
        fail_memory(doc);
    else
        *end_out = find_batches(doc, at, array, &lifted);
    if (doc->in.status != GB_OK) {
        free(lifted.batches);
        json_decref(array);
        return NULL;
    }
    doc->lifted[doc->count++] = lifted;
    return array;
}

/* --- objects -------------------------------------------------------------- */

/* @param at  the key  @return behind the value; null after a mistake */
static const char *build_member(gb_json_large *doc, const char *at,
                                unsigned depth, json_t *object) {
    const char *end = *at == '"' ? gb_json_skip_value(at, NULL) : NULL;
    json_t *key = NULL;

    if (end == NULL)
        gb_json_not_json(&doc->in, at);
    else
        key = gb_json_decode(&doc->in, (gb_json_span){at, end});
    at = end != NULL ? gb_json_skip_space(end) : at;
    if (key != NULL &&
        (*at != ':' ||
         json_object_get(object, json_string_value(key)) != NULL)) {
        gb_json_not_json(&doc->in, at); /* or it is there twice */
    } else if (key != NULL) {
        json_t *value = build(doc, gb_json_skip_space(at + 1), depth + 1, &end);
        if (value != NULL &&
            json_object_set_new(object, json_string_value(key), value) != 0)
            fail_memory(doc);
    }
    json_decref(key);
    return doc->in.status == GB_OK ? end : NULL;
}

static json_t *build_object(gb_json_large *doc, const char *at, unsigned depth,
                            const char **end_out) {
    json_t *object = json_object();

    if (object == NULL)
        fail_memory(doc);
    at = gb_json_skip_space(at + 1);
    for (bool more = *at != '}'; more && doc->in.status == GB_OK;) {
        const char *end = build_member(doc, at, depth, object);
        if (end == NULL)
            break;
        at = gb_json_skip_space(end);
        more = *at == ',';
        if (more)
            at = gb_json_skip_space(at + 1);
        else if (*at != '}')
            gb_json_not_json(&doc->in, at);
    }
    *end_out = at + 1;
    if (doc->in.status == GB_OK)
        return object;
    json_decref(object);
    return NULL;
}

/* The value at @p at, whose end is not known yet. */
static json_t *build(gb_json_large *doc, const char *at, unsigned depth,
                     const char **end_out) {
    const bool deep = doc->depth + depth >= DEPTH_MOST;
    const bool closed = *at == '[' || *at == '{';
    const char *end =
        gb_json_skip_value(at, deep || !closed ? NULL : at + LARGE_BYTES);

    if (end == NULL && closed && !deep)
        return *at == '[' ? lift(doc, at, end_out)
                          : build_object(doc, at, depth, end_out);
    *end_out = end;
    if (end != NULL && end != at)
        return gb_json_decode(&doc->in, (gb_json_span){at, end});
    gb_json_not_json(&doc->in, at);
    return NULL;
}

/* --- documents ------------------------------------------------------------ */

gb_json_large gb_json_large_open(const char *text, gb_error *err) {
    gb_json_large doc = {.in = {.status = GB_OK, .err = err}, .text = text};
    const char *at = gb_json_skip_space(text), *end = NULL;

    if (*at == '{' && strlen(at) > LARGE_BYTES) {
        doc.root = build(&doc, at, 0, &end);
        if (doc.root != NULL && *gb_json_skip_space(end) != '\0')
            gb_json_not_json(&doc.in, end);
    } else {
        doc.root = gb_json_parse(text, err);
        if (doc.root == NULL)
            doc.in.status = GB_ERR_INVALID;
    }
    return doc;
}

gb_status gb_json_large_close(gb_json_large *doc) {
    drop_lifted(doc, 0);
    free(doc->lifted);
    json_decref(doc->root);
    /* Where the text is wrong jansson can tell. */
    if (doc->in.not_json)
        json_decref(gb_json_parse(doc->text, doc->in.err));
    return doc->in.status;
}

/* --- walks ---------------------------------------------------------------- */

gb_json_walk gb_json_walk_begin(gb_json_large *doc, const json_t *array) {
    gb_json_walk walk = {
        .doc = doc, .array = array, .lifted_before = doc->count};

    for (size_t i = 0; i < doc->count; i++)
        if (doc->lifted[i].array == array) {
            walk.batch = doc->lifted[i].batches;
            walk.batches = doc->lifted[i].count;
        }
    doc->depth++;
    return walk;
}

static void drop_batch(gb_json_walk *walk) {
    json_decref(walk->held);
    walk->held = NULL;
    drop_lifted(walk->doc, walk->lifted_before);
}

/* Elements as an array: jansson wants its brackets. */
static json_t *decode_elements(gb_json_large *doc, const gb_json_batch *batch) {
    gb_str text = {0};
    json_t *array = NULL;

    gb_str_add(&text, "[");
    gb_str_addn(&text, batch->text.begin,
                (size_t)(batch->text.end - batch->text.begin));
    gb_str_add(&text, "]");
    if (text.failed)
        fail_memory(doc);
    else
        array = gb_json_decode(
            &doc->in, (gb_json_span){text.text, text.text + text.length});
    gb_str_fini(&text);
    if (array == NULL || json_array_size(array) == batch->count)
        return array;
    gb_json_not_json(&doc->in, batch->text.begin);
    json_decref(array);
    return NULL;
}

/* A large element alone is taken apart in its turn. */
static json_t *read_batch(gb_json_large *doc, const gb_json_batch *batch) {
    const char *end = NULL;

    if (batch->count > 1)
        return decode_elements(doc, batch);
    json_t *array = json_array();
    json_t *element = build(doc, batch->text.begin, 0, &end);
    if (array == NULL ||
        (element != NULL && json_array_append_new(array, element) != 0))
        fail_memory(doc);
    if (doc->in.status == GB_OK)
        return array;
    json_decref(array);
    return NULL;
}

json_t *gb_json_walk_next(gb_json_walk *walk) {
    if (walk->doc->in.status != GB_OK)
        return NULL;
    if (walk->batch == NULL)
        return json_array_get(walk->array, walk->at++);
    if (walk->held == NULL || walk->at == json_array_size(walk->held)) {
        drop_batch(walk);
        if (walk->batches == 0)
            return NULL;
        walk->held = read_batch(walk->doc, walk->batch);
        walk->batch++;
        walk->batches--;
        walk->at = 0;
    }
    return json_array_get(walk->held, walk->at++);
}

void gb_json_walk_end(gb_json_walk *walk) {
    drop_batch(walk);
    walk->doc->depth--;
}
