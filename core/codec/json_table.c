/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_arrays.h"

#define BYTES_MAX ((size_t)1 << 30)
enum { LISTS_MAX = 4 };

struct gb_json_table {
    const char *name;
    char *text;           /* [length + 1] */
    json_t *head;         /* all but the list */
    const char *at, *end; /* in the list */
    const char *counted;  /* lines before it are in `line` */
    size_t line;
    bool begun;
    json_t *row;
};

/* --- the document --------------------------------------------------------- */

static void count_lines(gb_json_table *table, const char *to) {
    for (; table->counted < to; table->counted++)
        table->line += *table->counted == '\n';
}

/* Where a document that cannot be taken apart is wrong. */
static gb_status check_syntax(const gb_json_table *table, size_t length,
                              gb_error *err) {
    json_error_t problem;
    json_t *root =
        json_loadb(table->text, length, JSON_REJECT_DUPLICATES, &problem);

    json_decref(root);
    return root != NULL
               ? GB_OK
               : gb_fail(err, GB_ERR_INVALID, NULL, "%s:%d: expected JSON: %s",
                         table->name, problem.line, problem.text);
}

/* An array, from its '[' on. */
static gb_status find_list(gb_json_table *table, size_t length,
                           const char *const *lists, size_t count,
                           gb_error *err) {
    gb_json_in in = {.err = err};
    gb_json_members members = {0};
    gb_json_span spans[LISTS_MAX] = {{NULL, NULL}};
    char wanted[80];
    size_t i = 0;

    gb_json_find_members(&in, (gb_json_span){table->text, table->text + length},
                         &members);
    if (in.status == GB_OK && !in.not_json)
        table->head = gb_json_take_apart(&in, &members, lists, count, spans);
    free(members.list);
    if (in.status == GB_ERR_NO_MEMORY)
        return in.status;
    while (i < count && spans[i].begin == NULL)
        i++;
    const bool found = in.status == GB_OK && !in.not_json && i < count &&
                       *spans[i].begin == '[';
    const gb_status status = found ? GB_OK : check_syntax(table, length, err);
    if (status != GB_OK)
        return status;
    if (!found)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "%s:1: expected an object with a list %s, got none",
                       table->name,
                       gb_join(lists, count, wanted, sizeof(wanted)));
    table->counted = table->text;
    table->line = 1;
    table->at = spans[i].begin + 1;
    table->end = spans[i].end;
    return GB_OK;
}

static gb_status open_owned(const char *name, char *text, size_t length,
                            const char *const *lists, size_t count,
                            gb_json_table **out, gb_error *err) {
    gb_json_table *table = calloc(1, sizeof(*table));
    gb_status status = GB_OK;

    if (table == NULL) {
        free(text);
        return gb_fail_memory(err, name);
    }
    table->name = name;
    table->text = text;
    if (memchr(text, '\0', length) != NULL)
        status = gb_fail(err, GB_ERR_INVALID, NULL,
                         "%s:1: expected JSON, got a null byte", name);
    if (status == GB_OK)
        status = find_list(table, length, lists, count, err);
    if (status == GB_OK)
        *out = table;
    else
        gb_json_table_close(table);
    return status;
}

gb_status gb_json_table_open_text(const char *name, const char *text,
                                  size_t length, const char *const *lists,
                                  size_t count, gb_json_table **out,
                                  gb_error *err) {
    char *copy = malloc(length + 1);

    if (copy == NULL)
        return gb_fail_memory(err, name);
    if (length > 0)
        memcpy(copy, text, length);
    copy[length] = '\0';
    return open_owned(name, copy, length, lists, count, out, err);
}

static gb_status read_all(FILE *file, const char *path, char **text_out,
                          size_t *length_out, gb_error *err) {
    size_t room = 1 << 16, length = 0;
    char *text = malloc(room + 1);

    while (text != NULL) {
        length += fread(text + length, 1, room - length, file);
        if (length < room || room >= BYTES_MAX)
            break;
        room *= 2;
        char *longer = realloc(text, room + 1);
        if (longer == NULL)
            free(text);
        text = longer;
    }
    if (text == NULL)
        return gb_fail_memory(err, path);
    if (ferror(file) || length >= BYTES_MAX) {
        free(text);
        return ferror(file)
                   ? gb_fail_os(err, GB_ERR_IO, NULL, "cannot read '%s'", path)
                   : gb_fail(err, GB_ERR_INVALID, NULL,
                             "%s: expected at most %zu MiB, got more", path,
                             BYTES_MAX >> 20);
    }
    text[length] = '\0';
    *text_out = text;
    *length_out = length;
    return GB_OK;
}

gb_status gb_json_table_open(const char *path, const char *name,
                             const char *const *lists, size_t count,
                             gb_json_table **out, gb_error *err) {
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t length = 0;

    if (file == NULL)
        return gb_fail_os(err, errno == ENOENT ? GB_ERR_NOT_FOUND : GB_ERR_IO,
                          NULL, "cannot read '%s'", path);
    const gb_status status = read_all(file, path, &text, &length, err);
    fclose(file);
    return status == GB_OK
               ? open_owned(name, text, length, lists, count, out, err)
               : status;
}

void gb_json_table_close(gb_json_table *table) {
    if (table == NULL)
        return;
    json_decref(table->row);
    json_decref(table->head);
    free(table->text);
    free(table);
}

/* --- rows ----------------------------------------------------------------- */

static char skip_space(gb_json_table *table) {
    table->at += strspn(table->at, " \t\r\n");
    return *table->at;
}

gb_status gb_json_table_row(gb_json_table *table, bool *there, gb_error *err) {
    json_error_t problem;

    *there = false;
    if (skip_space(table) == ']')
        return GB_OK;
    if (table->begun && *table->at == ',') {
        table->at++;
        skip_space(table);
    }
    count_lines(table, table->at);
    json_decref(table->row);
    table->row =
        json_loadb(table->at, (size_t)(table->end - table->at),
                   JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &problem);
    if (table->row == NULL)
        return gb_fail(err, GB_ERR_INVALID, NULL, "%s:%zu: expected JSON: %s",
                       table->name, table->line + (size_t)problem.line - 1,
                       problem.text);
    if (!json_is_object(table->row))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "%s:%zu: expected an object, got an array", table->name,
                       table->line);
    table->at += problem.position;
    table->begun = *there = true;
    const char next = skip_space(table);
    return next == ',' || next == ']'
               ? GB_OK
               : gb_fail(err, GB_ERR_INVALID, NULL,
                         "%s:%zu: expected JSON: ',' or ']' behind an object",
                         table->name, table->line);
}

size_t gb_json_table_line(const gb_json_table *table) {
    return table->line;
}

/* --- values --------------------------------------------------------------- */

static const json_t *walk(const json_t *from, const char *path) {
    while (from != NULL) {
        const size_t length = strcspn(path, ".");
        char key[64];
        if (length >= sizeof(key))
            return NULL;
        memcpy(key, path, length);
        key[length] = '\0';
        from = json_object_get(from, key);
        if (path[length] == '\0')
            return from;
        path += length + 1;
    }
    return NULL;
}

static gb_json_cell cell_of(const json_t *value) {
    gb_json_cell cell = {.text = ""};

    if (value == NULL)
        return cell;
    switch (json_typeof(value)) {
    case JSON_NULL:
        cell.kind = GB_JSON_NULL;
        break;
    case JSON_INTEGER:
    case JSON_REAL:
        cell.kind = GB_JSON_NUMBER;
        cell.number = json_number_value(value);
        break;
    case JSON_STRING:
        cell.kind = GB_JSON_TEXT;
        cell.text = json_string_value(value);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        cell.kind = GB_JSON_BOOL;
        cell.truth = json_is_true(value);
        break;
    default:
        cell.kind = GB_JSON_OTHER;
    }
    return cell;
}

gb_json_cell gb_json_table_cell(const gb_json_table *table, const char *path) {
    return cell_of(walk(table->row, path));
}

gb_json_cell gb_json_table_head(const gb_json_table *table, const char *path) {
    return cell_of(walk(table->head, path));
}

const char *gb_json_cell_words(const gb_json_cell *cell, char *out,
                               size_t size) {
    switch (cell->kind) {
    case GB_JSON_NUMBER:
        snprintf(out, size, "%.10g", cell->number);
        break;
    case GB_JSON_TEXT:
        snprintf(out, size, "'%.40s'", cell->text);
        break;
    case GB_JSON_BOOL:
        gb_copy(out, size, cell->truth ? "true" : "false");
        break;
    default:
        gb_copy(out, size,
                cell->kind == GB_JSON_ABSENT ? "nothing"
                : cell->kind == GB_JSON_NULL ? "null"
                                             : "an object or array");
    }
    return out;
}
