/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a description of machines: a tree all of which can be read at
 * any time, or an error with a place. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/tree.h"

#define DEPTH_MAX 128

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

typedef struct walk {
    const gb_tree *tree;
    gb_tree_time time;
    char path[2048];
    int depth;
} walk;

static void visit(void *ctx, const char *name) {
    walk *at = ctx;
    const size_t length = strlen(at->path);
    gb_tree_entry entry;
    if (length + strlen(name) + 2 > sizeof(at->path) || at->depth > DEPTH_MAX)
        abort(); /* paths of a description are bounded */
    if (length > 1)
        strcat(at->path, "/");
    strcat(at->path, name);
    if (gb_tree_look(at->tree, at->path, at->time.t_ns, &entry) != 0)
        abort(); /* it was listed */
    at->depth++;
    if (entry.kind == GB_TREE_DIR) {
        gb_tree_list(at->tree, &entry, at->time.t_ns, visit, at);
    } else if (entry.kind == GB_TREE_FILE) {
        gb_str out = {0};
        gb_tree_read(at->tree, &entry, &at->time, &out);
        gb_str_fini(&out);
    } else if (gb_tree_link_target(&entry) == NULL) {
        abort();
    }
    at->depth--;
    at->path[length] = '\0';
}

static void read_all(const gb_machines *machines, const gb_tree *tree) {
    static const int64_t times_ns[] = {0, 1, 999999999, 100000000000000};
    for (size_t i = 0; i < sizeof(times_ns) / sizeof(times_ns[0]); i++) {
        walk at = {.tree = tree, .time = {times_ns[i], 1000, 1}, .path = "/"};
        gb_tree_entry root;
        if (gb_tree_look(tree, "/", 0, &root) != 0)
            abort();
        gb_tree_list(tree, &root, 0, visit, &at);
        for (size_t k = 0; k < machines->count; k++) {
            gb_str out = {0};
            gb_tree_truth(tree, &machines->items[k], &at.time, 1000,
                          1000 + (uint64_t)times_ns[i], &out);
            gb_str_fini(&out);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    gb_machines *machines = NULL;
    gb_tree *tree = NULL;
    gb_error err = {0};
    /* malloc'ed, so that a read beyond the end is seen. */
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    memcpy(text, bytes, size);
    text[size] = '\0';
    if (gb_machines_parse("fuzz", text, size, NULL, NULL, &machines, &err) !=
        GB_OK) {
        /* A mistake of ours in a preset would name the preset. */
        if (strncmp(err.what, "fuzz:", 5) != 0)
            abort();
    } else if (gb_tree_build(machines, &tree, &err) == GB_OK) {
        gb_str out = {0};
        gb_machines_describe(machines, &out);
        gb_str_fini(&out);
        read_all(machines, tree);
    } else if (err.what[0] == '\0') {
        abort();
    }
    gb_tree_free(tree);
    gb_machines_free(machines);
    free(text);
    return 0;
}
