/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_JSON_PLACE_H
#define GB_CODEC_JSON_PLACE_H

/**
 * @file codec/json_place.h
 * Where in a document one is, kept on the stack and written down only where
 * something is wrong. Private to codec.
 */
#include "base/text.h"
#include "codec/json_parts.h"
#include "codec/json_schema.h"

typedef struct gb_json_place {
    const struct gb_json_place *above; /* null: the document */
    const char *key;                   /* null: an element */
    size_t index;                      /* of an element */
} gb_json_place;

/** "benchmarks[0].energy.value_j" into @p out. */
void gb_json_place_add(const gb_json_place *place, gb_str *out);

/** @p value in one line of plain ASCII, shortened: "null", "1.5", "an object
 *  with 3 members". */
void gb_json_describe(const json_t *value, char *out, size_t size);

/** Tell @p sink (nullable) of @p place. */
void gb_json_tell(const gb_mismatch_sink *sink, gb_mismatch_kind kind,
                  const gb_json_place *place, const char *expected,
                  const json_t *found);

#endif /* GB_CODEC_JSON_PLACE_H */
