/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/yaml_tree.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

void gb_tree_origin(const gb_tree *in, const gb_yaml_node *node,
                    gb_origin *origin) {
    char tail[24];
    snprintf(tail, sizeof(tail), ":%u:%u", node->line, node->column);
    const size_t room = sizeof(origin->where) - strlen(tail) - 1;
    const size_t length = strlen(in->name);
    if (length <= room)
        snprintf(origin->where, sizeof(origin->where), "%s%s", in->name, tail);
    else
        snprintf(origin->where, sizeof(origin->where), "...%s%s",
                 in->name + length - (room - 3), tail);
}

static const char *got_text(const gb_yaml_node *node, char *out, size_t size) {
    if (node->kind == GB_YAML_LIST)
        gb_copy(out, size, "a list");
    else if (node->kind == GB_YAML_MAP)
        gb_copy(out, size, "a map");
    else if (node->text[0] == '\0')
        gb_copy(out, size, "nothing");
    else
        snprintf(out, size, "'%.80s'", node->text);
    return out;
}

gb_status gb_tree_unexpected(const gb_tree *in, const gb_yaml_node *node,
                             const char *key, const char *wanted,
                             const char *hint) {
    gb_origin at;
    char got[100];
    gb_tree_origin(in, node, &at);
    return gb_fail(in->err, GB_ERR_INVALID, hint, "%s: %s%sexpected %s, got %s",
                   at.where, key, key[0] != '\0' ? ": " : "", wanted,
                   got_text(node, got, sizeof(got)));
}

gb_status gb_tree_unknown_key(const gb_tree *in, const gb_yaml_node *key,
                              const char *const *known, size_t count) {
    char names[240], wanted[256], hint[96] = "";
    snprintf(wanted, sizeof(wanted), "one of %s",
             gb_join(known, count, names, sizeof(names)));
    const char *near = gb_closest(key->text, known, count);
    if (near != NULL)
        snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
    return gb_tree_unexpected(in, key, "", wanted,
                              hint[0] != '\0' ? hint : NULL);
}

gb_status gb_tree_copy_text(const gb_tree *in, const gb_yaml_node *map,
                            const char *key, bool needed, char *out,
                            size_t size) {
    const gb_yaml_node *value = gb_tree_value(map, key);
    char wanted[64];

    if (value == NULL && !needed)
        return GB_OK;
    snprintf(wanted, sizeof(wanted), "text of 1 to %zu bytes", size - 1);
    if (value == NULL || value->kind != GB_YAML_SCALAR ||
        value->text[0] == '\0' || strlen(value->text) >= size)
        return gb_tree_unexpected(in, value != NULL ? value : map, key, wanted,
                                  NULL);
    gb_copy(out, size, value->text);
    return GB_OK;
}

gb_status gb_tree_pick_word(const gb_tree *in, const gb_yaml_node *map,
                            const char *key, const char *const *words,
                            size_t count, bool needed, size_t *found) {
    const gb_yaml_node *value = gb_tree_value(map, key);
    char list[160], wanted[184];

    *found = 0;
    if (value == NULL && !needed)
        return GB_OK;
    for (size_t i = 0;
         value != NULL && value->kind == GB_YAML_SCALAR && i < count; i++)
        if (strcmp(value->text, words[i]) == 0) {
            *found = i;
            return GB_OK;
        }
    snprintf(wanted, sizeof(wanted), "one of %s",
             gb_join(words, count, list, sizeof(list)));
    return gb_tree_unexpected(in, value != NULL ? value : map, key, wanted,
                              NULL);
}

const gb_yaml_node *gb_tree_value(const gb_yaml_node *map, const char *key) {
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->keys[i]->text, key) == 0)
            return map->items[i];
    return NULL;
}
