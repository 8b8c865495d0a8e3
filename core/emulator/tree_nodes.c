/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/tree_nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYSFS_SIZE 4096

gb_tree_node *gb_tree_find(const gb_tree *tree, const char *path) {
    for (size_t i = 0; i < tree->count; i++)
        if (strcmp(tree->nodes[i].path, path) == 0)
            return &tree->nodes[i];
    return NULL;
}

gb_tree_node *gb_tree_add_node(gb_tree_builder *to, const char *path,
                               gb_tree_kind kind) {
    gb_tree *tree = to->tree;
    if (tree->count == tree->capacity) {
        const size_t capacity = tree->capacity == 0 ? 64 : 2 * tree->capacity;
        gb_tree_node *more = realloc(tree->nodes, capacity * sizeof(*more));
        if (more == NULL) {
            to->failed = true;
            return NULL;
        }
        tree->nodes = more;
        tree->capacity = capacity;
    }
    gb_tree_node *node = &tree->nodes[tree->count];
    *node = (gb_tree_node){
        .path = strdup(path),
        .kind = kind,
        .mode = kind == GB_TREE_DIR    ? 0555
                : kind == GB_TREE_LINK ? 0777
                                       : 0444,
        .size = kind == GB_TREE_FILE ? SYSFS_SIZE : 0,
        .machine = to->machine,
    };
    to->failed |= node->path == NULL;
    if (node->path != NULL)
        tree->count++;
    return node->path != NULL ? node : NULL;
}

/* The folders above @p path (absolute in the tree), and it itself. */
void gb_tree_add_dirs(gb_tree_builder *to, const char *path) {
    char part[1024];
    for (const char *at = strchr(path + 1, '/');; at = strchr(at + 1, '/')) {
        const size_t length = at != NULL ? (size_t)(at - path) : strlen(path);
        snprintf(part, sizeof(part), "%.*s", (int)length, path);
        if (gb_tree_find(to->tree, part) == NULL)
            gb_tree_add_node(to, part, GB_TREE_DIR);
        if (at == NULL)
            break;
    }
}

/* @p dir and @p name as on the machine. A file that is there is replaced: what
 * the description says under `files` comes last. */
gb_tree_node *gb_tree_add_entry(gb_tree_builder *to, const char *dir,
                                const char *name, gb_tree_kind kind,
                                const char *text) {
    char path[1024];
    snprintf(path, sizeof(path), "/%s%s", to->machine->name, dir);
    gb_tree_add_dirs(to, path);
    snprintf(path, sizeof(path), "/%s%s/%s", to->machine->name, dir, name);
    gb_tree_node *node = gb_tree_find(to->tree, path);
    if (node == NULL)
        node = gb_tree_add_node(to, path, kind);
    if (node == NULL || text == NULL)
        return node;
    free(node->text);
    node->value = GB_VALUE_TEXT;
    node->text = strdup(text);
    to->failed |= node->text == NULL;
    return node;
}

void gb_tree_add_text(gb_tree_builder *to, const char *dir, const char *name,
                      const char *text) {
    char line[256];
    snprintf(line, sizeof(line), "%s\n", text);
    gb_tree_add_entry(to, dir, name, GB_TREE_FILE, line);
}

void gb_tree_add_number(gb_tree_builder *to, const char *dir, const char *name,
                        uint64_t number) {
    char line[32];
    snprintf(line, sizeof(line), "%llu", (unsigned long long)number);
    gb_tree_add_text(to, dir, name, line);
}

gb_tree_node *gb_tree_add_value(gb_tree_builder *to, const char *dir,
                                const char *name, gb_tree_value value,
                                const gb_em_domain *domain, unsigned mode) {
    gb_tree_node *node = gb_tree_add_entry(to, dir, name, GB_TREE_FILE, NULL);
    if (node != NULL) {
        node->value = value;
        node->domain = domain;
        node->mode = mode;
    }
    return node;
}

/* A folder of the class, and the folder of the device it leads to; both go
 * with the domain. */
void gb_tree_own(gb_tree_builder *to, const char *path,
                 const gb_em_domain *domain) {
    char full[1024];
    snprintf(full, sizeof(full), "/%s%s", to->machine->name, path);
    gb_tree_node *node = gb_tree_find(to->tree, full);
    if (node != NULL)
        node->domain = domain;
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const gb_tree_node *)a)->path,
                  ((const gb_tree_node *)b)->path);
}

void gb_tree_sort(gb_tree *tree) {
    qsort(tree->nodes, tree->count, sizeof(*tree->nodes), by_path);
}

void gb_tree_free(gb_tree *tree) {
    if (tree == NULL)
        return;
    for (size_t i = 0; i < tree->count; i++) {
        free(tree->nodes[i].path);
        free(tree->nodes[i].text);
    }
    free(tree->nodes);
    free(tree->timers);
    free(tree);
}
