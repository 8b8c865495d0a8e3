/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_EMULATOR_FIELDS_H
#define GB_EMULATOR_FIELDS_H

/**
 * @file emulator/fields.h
 * Maps of a description read through tables: each key once, with its type and
 * limits. What is unknown or out of range is refused with its place. Private to
 * core/emulator.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "codec/yaml.h"

typedef struct gb_em_reader {
    const char *name;   /* of the file, for messages */
    const char *folder; /* where CSV files lie; null: refused */
    gb_error *err;
} gb_em_reader;

typedef enum gb_em_field_kind {
    GB_EM_NUMBER,   /* double */
    GB_EM_COUNT,    /* uint64_t, decimal or 0x... */
    GB_EM_DURATION, /* int64_t, ns */
    GB_EM_TEXT,     /* char[size], not empty */
    GB_EM_FLAG,     /* bool: yes or no */
    GB_EM_CUSTOM,
} gb_em_field_kind;

typedef struct gb_em_field {
    const char *key;
    gb_em_field_kind kind;
    size_t offset;      /* in the target, of NUMBER to FLAG */
    double least, most; /* NUMBER; COUNT; DURATION in s */
    size_t size;        /* TEXT */
    gb_status (*read)(const gb_em_reader *in, const gb_yaml_node *value,
                      void *target); /* CUSTOM */
} gb_em_field;

/** Entries of a table for a struct @p type. */
#define GB_EM_FIELD(type, key, kind, member, least, most)                      \
    { key, kind, offsetof(type, member), least, most, 0, NULL }
#define GB_EM_FIELD_TEXT(type, key, member)                                    \
    {                                                                          \
        key, GB_EM_TEXT, offsetof(type, member), 0, 0,                         \
            sizeof(((type *)NULL)->member), NULL                               \
    }
#define GB_EM_FIELD_OWN(key, function)                                         \
    { key, GB_EM_CUSTOM, 0, 0, 0, 0, function }
#define GB_EM_COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

/** "<file>:<line>:<column>: <key>: expected <wanted>, got <what is there>" */
gb_status gb_em_unexpected(const gb_em_reader *in, const gb_yaml_node *node,
                           const char *key, const char *wanted,
                           const char *hint);
/** As gb_em_unexpected() for a key that is none of @p known. */
gb_status gb_em_unknown_key(const gb_em_reader *in, const gb_yaml_node *key,
                            const char *const *known, size_t count);
/** Put the place of @p node before the message in in->err. */
gb_status gb_em_placed(const gb_em_reader *in, const gb_yaml_node *node,
                       gb_status status);

/** Read the map @p node into @p target.
 *  @param what  for messages: "a map of ..." */
gb_status gb_em_read_map(const gb_em_reader *in, const gb_yaml_node *node,
                         const char *what, const gb_em_field *fields,
                         size_t count, void *target);

gb_status gb_em_read_number(const gb_em_reader *in, const gb_yaml_node *node,
                            const char *key, double least, double most,
                            double *value_out);
gb_status gb_em_read_duration(const gb_em_reader *in, const gb_yaml_node *node,
                              const char *key, double least_s, double most_s,
                              int64_t *ns_out);
gb_status gb_em_read_count(const gb_em_reader *in, const gb_yaml_node *node,
                           const char *key, double least, double most,
                           uint64_t *value_out);

/** The value of @p key in the map @p node; null if it is not there. */
const gb_yaml_node *gb_em_value_of(const gb_yaml_node *node, const char *key);

#endif /* GB_EMULATOR_FIELDS_H */
