/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_YAML_H
#define GB_CODEC_YAML_H

/**
 * @file codec/yaml.h
 * YAML text as a tree with positions: the only folder that knows libyaml.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef enum gb_yaml_kind {
    GB_YAML_SCALAR,
    GB_YAML_LIST,
    GB_YAML_MAP,
} gb_yaml_kind;

typedef struct gb_yaml_node gb_yaml_node;
struct gb_yaml_node {
    gb_yaml_kind kind;
    uint32_t line, column; /* 1-based */
    char *text;            /* SCALAR: its text; MAP and LIST: null */
    gb_yaml_node **items;  /* LIST: [count] values; MAP: [count] values */
    gb_yaml_node **keys;   /* MAP: [count] scalars; else null */
    size_t count;
};

/**
 * Parse one document. Aliases are expanded up to a limit; duplicate keys in a
 * map, several documents and nesting deeper than 32 are refused.
 *
 * @param name  for messages: "suite.yaml"
 * @retval GB_ERR_INVALID  err->what is "name:line:column: ..."
 */
gb_status gb_yaml_parse(const char *name, const char *text, size_t length,
                        gb_yaml_node **root_out, gb_error *err);
/** Read @p path and parse it. @retval GB_ERR_NOT_FOUND, GB_ERR_IO */
gb_status gb_yaml_load(const char *path, gb_yaml_node **root_out,
                       gb_error *err);
void gb_yaml_free(gb_yaml_node *node); /* null is allowed */

#endif /* GB_CODEC_YAML_H */
