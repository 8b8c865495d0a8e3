/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_SCHEMAS_H
#define GB_CODEC_SCHEMAS_H

/**
 * @file codec/schemas.h
 * The files of results/schema/, byte by byte: there is one text of each.
 */
#include <stddef.h>

typedef struct gb_builtin_schema {
    const char *name; /* "summary" */
    const char *text;
} gb_builtin_schema;

extern const gb_builtin_schema gb_builtin_schemas[];
extern const size_t gb_builtin_schema_count;

#endif /* GB_CODEC_SCHEMAS_H */
