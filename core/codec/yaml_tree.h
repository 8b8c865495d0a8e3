/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_YAML_TREE_H
#define GB_CODEC_YAML_TREE_H

/**
 * @file codec/yaml_tree.h
 * What the readers of YAML files share: where something stands, and messages
 * that say what was expected there.
 */
#include <stdbool.h>

#include "codec/yaml.h"
#include "model/config.h"

/** A file that is being read. */
typedef struct gb_tree {
    const char *name; /* for messages */
    gb_error *err;
} gb_tree;

/** "suite.yaml:3:10"; of a long path its end, which says more. */
void gb_tree_origin(const gb_tree *in, const gb_yaml_node *node,
                    gb_origin *origin);

/**
 * "<where>: <key>: expected <wanted>, got <what stands there>"
 * @param key   may be ""
 * @param hint  nullable
 */
gb_status gb_tree_unexpected(const gb_tree *in, const gb_yaml_node *node,
                             const char *key, const char *wanted,
                             const char *hint);

/** A key that is none of @p known [count]. */
gb_status gb_tree_unknown_key(const gb_tree *in, const gb_yaml_node *key,
                              const char *const *known, size_t count);

/** The text of @p key in the map @p map, 1 to @p size - 1 bytes; @p out is left
 *  alone where there is none and none is needed. */
gb_status gb_tree_copy_text(const gb_tree *in, const gb_yaml_node *map,
                            const char *key, bool needed, char *out,
                            size_t size);

/** Which of @p words [count] stands at @p key in the map @p map; the first
 *  where there is no key and none is needed. */
gb_status gb_tree_pick_word(const gb_tree *in, const gb_yaml_node *map,
                            const char *key, const char *const *words,
                            size_t count, bool needed, size_t *found);

/** The value of @p key in the map @p map; null: it has none. */
const gb_yaml_node *gb_tree_value(const gb_yaml_node *map, const char *key);

#endif /* GB_CODEC_YAML_TREE_H */
