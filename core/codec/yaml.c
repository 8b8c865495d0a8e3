/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/yaml.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define DEPTH_MAX 32
/* Aliases multiply: ten of ten of ten .. would fill the memory (the "billion
 * laughs"). A suite of 10,000 cases needs far fewer. */
#define NODES_MAX 100000
/* Each new key is compared with all of its map. */
#define KEYS_MAX  1000
#define BYTES_MAX ((size_t)4 << 20)

typedef struct anchor {
    char *name;
    const gb_yaml_node *node; /* complete: an alias inside it is unknown yet */
} anchor;

typedef struct reader {
    const char *name;
    const char *text;
    size_t length;
    yaml_parser_t parser;
    anchor *anchors; /* [anchor_count] */
    size_t anchor_count;
    size_t node_count;
    gb_error *err;
} reader;

/* --- errors --------------------------------------------------------------- */

static gb_status fail_at(const reader *in, yaml_mark_t mark, const char *hint,
                         const char *what) {
    return gb_fail(in->err, GB_ERR_INVALID, hint, "%s:%zu:%zu: %s", in->name,
                   mark.line + 1, mark.column + 1, what);
}

/* Reader errors (encoding, control characters) carry a byte offset only. */
static yaml_mark_t mark_of_offset(const reader *in, size_t offset) {
    yaml_mark_t mark = {0};
    for (size_t i = 0; i < offset && i < in->length; i++) {
        mark.column++;
        if (in->text[i] == '\n') {
            mark.line++;
            mark.column = 0;
        }
    }
    return mark;
}

static gb_status fail_parse(const reader *in) {
    const yaml_parser_t *parser = &in->parser;
    const char *problem = parser->problem != NULL ? parser->problem : "";
    char what[200], context[100] = "";
    switch (parser->error) {
    case YAML_MEMORY_ERROR:
        return gb_fail_memory(in->err, in->name);
    case YAML_READER_ERROR:
        snprintf(what, sizeof(what), "expected UTF-8 text: %s", problem);
        return fail_at(in, mark_of_offset(in, parser->problem_offset), NULL,
                       what);
    default:
        if (parser->context != NULL && parser->error == YAML_PARSER_ERROR)
            snprintf(context, sizeof(context), ", %s that begins at %zu:%zu",
                     parser->context, parser->context_mark.line + 1,
                     parser->context_mark.column + 1);
        else if (parser->context != NULL)
            snprintf(context, sizeof(context), ", %s", parser->context);
        snprintf(what, sizeof(what), "expected YAML: %s%s", problem, context);
        return fail_at(in, parser->problem_mark,
                       "check the indentation, brackets and quotes up to here",
                       what);
    }
}

/* --- nodes ---------------------------------------------------------------- */

static gb_yaml_node *make_node(reader *in, gb_yaml_kind kind, uint32_t line,
                               uint32_t column) {
    if (in->node_count >= NODES_MAX) {
        gb_fail(in->err, GB_ERR_INVALID, "write fewer aliases ('*name')",
                "%s:%u:%u: expected at most %d values with all aliases "
                "expanded, got more",
                in->name, line, column, NODES_MAX);
        return NULL;
    }
    gb_yaml_node *node = calloc(1, sizeof(*node));
    if (node == NULL) {
        gb_fail_memory(in->err, in->name);
        return NULL;
    }
    in->node_count++;
    node->kind = kind;
    node->line = line;
    node->column = column;
    return node;
}

static bool set_text(reader *in, gb_yaml_node *node, const char *text,
                     size_t length) {
    node->text = malloc(length + 1);
    if (node->text == NULL) {
        gb_fail_memory(in->err, in->name);
        return false;
    }
    memcpy(node->text, text, length);
    node->text[length] = '\0';
    return true;
}

/* Takes @p key (nullable) and @p value, also on failure. */
static bool append(reader *in, gb_yaml_node *node, gb_yaml_node *key,
                   gb_yaml_node *value) {
    /* Powers of two only: the old size says when to grow. */
    if ((node->count & (node->count - 1)) == 0) {
        const size_t capacity = node->count > 0 ? node->count * 2 : 1;
        gb_yaml_node **items =
            realloc(node->items, capacity * sizeof(*node->items));
        if (items != NULL)
            node->items = items;
        gb_yaml_node **keys =
            node->kind == GB_YAML_MAP
                ? realloc(node->keys, capacity * sizeof(*node->keys))
                : NULL;
        if (keys != NULL)
            node->keys = keys;
        if (items == NULL || (node->kind == GB_YAML_MAP && keys == NULL)) {
            gb_yaml_free(key);
            gb_yaml_free(value);
            gb_fail_memory(in->err, in->name);
            return false;
        }
    }
    if (node->kind == GB_YAML_MAP)
        node->keys[node->count] = key;
    node->items[node->count++] = value;
    return true;
}

void gb_yaml_free(gb_yaml_node *node) {
    if (node == NULL)
        return;
    for (size_t i = 0; i < node->count; i++) {
        gb_yaml_free(node->items[i]);
        if (node->keys != NULL)
            gb_yaml_free(node->keys[i]);
    }
    free(node->items);
    free(node->keys);
    free(node->text);
    free(node);
}

/* --- anchors and aliases -------------------------------------------------- */

static bool remember(reader *in, const yaml_char_t *name,
                     const gb_yaml_node *node) {
    if (name == NULL)
        return true;
    anchor *list = realloc(in->anchors, (in->anchor_count + 1) * sizeof(*list));
    char *copy = strdup((const char *)name);
    if (list != NULL)
        in->anchors = list;
    if (list == NULL || copy == NULL) {
        free(copy);
        gb_fail_memory(in->err, in->name);
        return false;
    }
    list[in->anchor_count++] = (anchor){copy, node};
    return true;
}

/* Positions stay those of the anchored text: that is what the user edits. */
static gb_yaml_node *copy_node(reader *in, const gb_yaml_node *from,
                               size_t depth) {
    if (depth > DEPTH_MAX) {
        gb_fail(in->err, GB_ERR_INVALID, NULL,
                "%s:%u:%u: expected at most %d levels, got more", in->name,
                from->line, from->column, DEPTH_MAX);
        return NULL;
    }
    gb_yaml_node *to = make_node(in, from->kind, from->line, from->column);
    if (to == NULL)
        return NULL;
    bool ok = from->kind != GB_YAML_SCALAR ||
              set_text(in, to, from->text, strlen(from->text));
    for (size_t i = 0; i < from->count && ok; i++) {
        gb_yaml_node *key = NULL;
        if (from->kind == GB_YAML_MAP)
            key = copy_node(in, from->keys[i], depth + 1);
        gb_yaml_node *value = copy_node(in, from->items[i], depth + 1);
        ok = value != NULL && (from->kind != GB_YAML_MAP || key != NULL);
        if (!ok) {
            gb_yaml_free(key);
            gb_yaml_free(value);
        } else {
            ok = append(in, to, key, value);
        }
    }
    if (!ok) {
        gb_yaml_free(to);
        return NULL;
    }
    return to;
}

static gb_yaml_node *expand_alias(reader *in, const yaml_event_t *event,
                                  size_t depth) {
    const char *name = (const char *)event->data.alias.anchor;
    /* A later anchor of the same name replaces an earlier one. */
    for (size_t i = in->anchor_count; i-- > 0;)
        if (strcmp(in->anchors[i].name, name) == 0)
            return copy_node(in, in->anchors[i].node, depth);
    char what[120];
    snprintf(what, sizeof(what),
             "expected a name defined above with '&', got '*%.60s'", name);
    fail_at(in, event->start_mark, NULL, what);
    return NULL;
}

/* --- events --------------------------------------------------------------- */

static bool next(reader *in, yaml_event_t *event) {
    if (yaml_parser_parse(&in->parser, event))
        return true;
    fail_parse(in);
    return false;
}

static gb_yaml_node *read_node(reader *in, yaml_event_t *event, size_t depth);

static gb_yaml_node *read_scalar(reader *in, const yaml_event_t *event) {
    const yaml_mark_t mark = event->start_mark;
    const char *text = (const char *)event->data.scalar.value;
    const size_t length = event->data.scalar.length;
    if (memchr(text, '\0', length) != NULL) {
        fail_at(in, mark, NULL, "expected text, got a null character in it");
        return NULL;
    }
    gb_yaml_node *node = make_node(in, GB_YAML_SCALAR, (uint32_t)mark.line + 1,
                                   (uint32_t)mark.column + 1);
    if (node != NULL && !set_text(in, node, text, length)) {
        gb_yaml_free(node);
        return NULL;
    }
    return node;
}

static bool check_key(const reader *in, const gb_yaml_node *map,
                      const gb_yaml_node *key) {
    const yaml_mark_t mark = {.line = key->line - 1, .column = key->column - 1};
    char what[200];
    if (key->kind != GB_YAML_SCALAR) {
        fail_at(in, mark, NULL,
                "expected a name as the key, got a list or map");
        return false;
    }
    if (map->count >= KEYS_MAX) {
        snprintf(what, sizeof(what), "expected at most %d keys, got more",
                 KEYS_MAX);
        fail_at(in, mark, NULL, what);
        return false;
    }
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->keys[i]->text, key->text) != 0)
            continue;
        snprintf(what, sizeof(what),
                 "expected each key once, got '%.80s' again (first in line %u)",
                 key->text, map->keys[i]->line);
        fail_at(in, mark, NULL, what);
        return false;
    }
    return true;
}

/* The rest of a list or map whose start was just read. */
static bool read_items(reader *in, gb_yaml_node *node, size_t depth) {
    const bool is_map = node->kind == GB_YAML_MAP;
    for (;;) {
        yaml_event_t event;
        if (!next(in, &event))
            return false;
        if (event.type == YAML_SEQUENCE_END_EVENT ||
            event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            return true;
        }
        gb_yaml_node *key = NULL;
        gb_yaml_node *value = read_node(in, &event, depth + 1);
        if (value == NULL)
            return false;
        if (is_map) {
            key = value;
            value = NULL;
            if (check_key(in, node, key) && next(in, &event))
                value = read_node(in, &event, depth + 1);
            if (value == NULL) {
                gb_yaml_free(key);
                return false;
            }
        }
        if (!append(in, node, key, value))
            return false;
    }
}

static gb_yaml_node *read_collection(reader *in, const yaml_event_t *event,
                                     size_t depth) {
    const yaml_mark_t mark = event->start_mark;
    char what[80];
    if (depth >= DEPTH_MAX) {
        snprintf(what, sizeof(what), "expected at most %d levels, got more",
                 DEPTH_MAX);
        fail_at(in, mark, NULL, what);
        return NULL;
    }
    gb_yaml_node *node = make_node(
        in,
        event->type == YAML_MAPPING_START_EVENT ? GB_YAML_MAP : GB_YAML_LIST,
        (uint32_t)mark.line + 1, (uint32_t)mark.column + 1);
    if (node != NULL && !read_items(in, node, depth)) {
        gb_yaml_free(node);
        return NULL;
    }
    return node;
}

/* Takes the event. Null: the error is set. */
static gb_yaml_node *read_node(reader *in, yaml_event_t *event, size_t depth) {
    const yaml_char_t *name = NULL;
    gb_yaml_node *node = NULL;
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        name = event->data.scalar.anchor;
        node = read_scalar(in, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        name = event->data.sequence_start.anchor;
        node = read_collection(in, event, depth);
        break;
    case YAML_MAPPING_START_EVENT:
        name = event->data.mapping_start.anchor;
        node = read_collection(in, event, depth);
        break;
    case YAML_ALIAS_EVENT:
        node = expand_alias(in, event, depth);
        break;
    default:
        fail_at(in, event->start_mark, NULL, "expected a value, got none");
        break;
    }
    if (node != NULL && !remember(in, name, node)) {
        gb_yaml_free(node);
        node = NULL;
    }
    yaml_event_delete(event);
    return node;
}

static gb_yaml_node *read_document(reader *in) {
    yaml_event_t event;
    gb_yaml_node *root = NULL;
    for (;;) {
        if (!next(in, &event))
            goto failed;
        const yaml_event_type_t type = event.type;
        if (type == YAML_STREAM_START_EVENT ||
            type == YAML_DOCUMENT_END_EVENT) {
            yaml_event_delete(&event);
        } else if (type == YAML_DOCUMENT_START_EVENT) {
            const yaml_mark_t mark = event.start_mark;
            yaml_event_delete(&event);
            if (root != NULL) {
                fail_at(in, mark, "put the second one into a file of its own",
                        "expected one document, got another");
                goto failed;
            }
        } else if (type == YAML_STREAM_END_EVENT) {
            const yaml_mark_t mark = event.start_mark;
            yaml_event_delete(&event);
            if (root == NULL)
                fail_at(in, mark, NULL, "expected a document, got nothing");
            return root;
        } else {
            root = read_node(in, &event, 0);
            if (root == NULL)
                return NULL;
        }
    }
failed:
    gb_yaml_free(root);
    return NULL;
}

gb_status gb_yaml_parse(const char *name, const char *text, size_t length,
                        gb_yaml_node **root_out, gb_error *err) {
    gb_error local = {.status = GB_OK, .rank = -1};
    reader in = {.name = name, .text = text, .length = length, .err = &local};
    if (length > BYTES_MAX)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "%s:1:1: expected at most %zu MiB, got more", name,
                       BYTES_MAX >> 20);
    if (!yaml_parser_initialize(&in.parser))
        return gb_fail_memory(err, name);
    yaml_parser_set_input_string(&in.parser, (const unsigned char *)text,
                                 length);
    gb_yaml_node *root = read_document(&in);
    yaml_parser_delete(&in.parser);
    for (size_t i = 0; i < in.anchor_count; i++)
        free(in.anchors[i].name);
    free(in.anchors);
    if (root == NULL) {
        if (err != NULL)
            *err = local;
        return local.status;
    }
    *root_out = root;
    return GB_OK;
}

gb_status gb_yaml_load(const char *path, gb_yaml_node **root_out,
                       gb_error *err) {
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return gb_fail_os(err, errno == ENOENT ? GB_ERR_NOT_FOUND : GB_ERR_IO,
                          NULL, "cannot read '%s'", path);
    /* One byte more than is allowed shows that there is more. */
    char *text = malloc(BYTES_MAX + 1);
    gb_status status;
    if (text == NULL) {
        status = gb_fail_memory(err, path);
    } else {
        const size_t length = fread(text, 1, BYTES_MAX + 1, file);
        if (ferror(file) != 0)
            status = gb_fail_os(err, GB_ERR_IO, NULL, "cannot read '%s'", path);
        else
            status = gb_yaml_parse(path, text, length, root_out, err);
    }
    free(text);
    fclose(file);
    return status;
}
