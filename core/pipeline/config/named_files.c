/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config/named_files.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "codec/yaml.h"

static gb_status add(gb_named_files *out, const char *name, gb_error *err) {
    for (size_t i = 0; i < out->count; i++)
        if (strcmp(out->names[i], name) == 0)
            return GB_OK;
    char **longer = realloc(out->names, (out->count + 1) * sizeof(*longer));
    if (longer != NULL)
        out->names = longer;
    char *copy = longer != NULL ? strdup(name) : NULL;
    if (copy == NULL)
        return gb_fail_memory(err, name);
    longer[out->count++] = copy;
    return GB_OK;
}

/* The parser allows 32 levels. */
static gb_status walk(const gb_yaml_node *node, gb_named_files *out,
                      gb_error *err) {
    gb_status status = GB_OK;

    for (size_t i = 0; i < node->count && status == GB_OK; i++) {
        const gb_yaml_node *item = node->items[i];
        const bool names = node->kind == GB_YAML_MAP &&
                           strcmp(node->keys[i]->text, "file") == 0;
        status = names && item->kind == GB_YAML_SCALAR
                     ? add(out, item->text, err)
                     : walk(item, out, err);
    }
    return status;
}

gb_status gb_named_files_read(const char *path, gb_named_files *out,
                              gb_error *err) {
    gb_yaml_node *root = NULL;

    *out = (gb_named_files){0};
    gb_status status = gb_yaml_load(path, &root, err);
    if (status == GB_OK)
        status = walk(root, out, err);
    gb_yaml_free(root);
    return status;
}

void gb_named_files_fini(gb_named_files *files) {
    for (size_t i = 0; i < files->count; i++)
        free(files->names[i]);
    free(files->names);
    *files = (gb_named_files){0};
}
