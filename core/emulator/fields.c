/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/fields.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "codec/yaml_tree.h"

#define FIELDS_MAX 32

static gb_tree tree_of(const gb_em_reader *in) {
    return (gb_tree){.name = in->name, .err = in->err};
}

gb_status gb_em_unexpected(const gb_em_reader *in, const gb_yaml_node *node,
                           const char *key, const char *wanted,
                           const char *hint) {
    const gb_tree tree = tree_of(in);
    return gb_tree_unexpected(&tree, node, key, wanted, hint);
}

gb_status gb_em_unknown_key(const gb_em_reader *in, const gb_yaml_node *key,
                            const char *const *known, size_t count) {
    const gb_tree tree = tree_of(in);
    return gb_tree_unknown_key(&tree, key, known, count);
}

gb_status gb_em_placed(const gb_em_reader *in, const gb_yaml_node *node,
                       gb_status status) {
    const gb_tree tree = tree_of(in);
    gb_origin at;
    char what[320];
    if (status == GB_OK || in->err == NULL)
        return status;
    gb_tree_origin(&tree, node, &at);
    gb_copy(what, sizeof(what), in->err->what);
    snprintf(in->err->what, sizeof(in->err->what), "%s: %.200s", at.where,
             what);
    return status;
}

/* --- values --------------------------------------------------------------- */

static gb_status out_of_range(const gb_em_reader *in, const gb_yaml_node *node,
                              const char *key, const char *thing, double least,
                              double most, const char *unit) {
    char wanted[120];
    if (isinf(most))
        snprintf(wanted, sizeof(wanted), "%s >= %g%s", thing, least, unit);
    else
        snprintf(wanted, sizeof(wanted), "%s %g..%g%s", thing, least, most,
                 unit);
    return gb_em_unexpected(in, node, key, wanted, NULL);
}

gb_status gb_em_read_number(const gb_em_reader *in, const gb_yaml_node *node,
                            const char *key, double least, double most,
                            double *value_out) {
    double value = 0.0;
    if (node->kind != GB_YAML_SCALAR ||
        gb_parse_f64(node->text, &value, NULL) != GB_OK || value < least ||
        value > most)
        return out_of_range(in, node, key, "a number", least, most, "");
    *value_out = value;
    return GB_OK;
}

gb_status gb_em_read_duration(const gb_em_reader *in, const gb_yaml_node *node,
                              const char *key, double least_s, double most_s,
                              int64_t *ns_out) {
    double value_s = 0.0;
    if (node->kind != GB_YAML_SCALAR ||
        gb_parse_duration(node->text, &value_s, NULL) != GB_OK ||
        value_s < least_s || value_s > most_s)
        return out_of_range(in, node, key, "a time such as 10ms,", least_s,
                            most_s, " s");
    *ns_out = (int64_t)llround(value_s * 1e9);
    return GB_OK;
}

static bool parse_count(const char *text, uint64_t *value_out) {
    if (!gb_starts_with(text, "0x"))
        return gb_parse_u64(text, value_out, NULL) == GB_OK;
    const size_t digits = strspn(text + 2, "0123456789abcdefABCDEF");
    if (digits == 0 || digits > 16 || text[2 + digits] != '\0')
        return false;
    *value_out = strtoull(text + 2, NULL, 16);
    return true;
}

gb_status gb_em_read_count(const gb_em_reader *in, const gb_yaml_node *node,
                           const char *key, double least, double most,
                           uint64_t *value_out) {
    uint64_t value = 0;
    if (node->kind != GB_YAML_SCALAR || !parse_count(node->text, &value) ||
        (double)value < least || (double)value > most)
        return out_of_range(in, node, key, "a whole number", least, most, "");
    *value_out = value;
    return GB_OK;
}

static gb_status read_flag(const gb_em_reader *in, const gb_yaml_node *node,
                           const char *key, bool *value_out) {
    static const char *const words[] = {"no", "yes", "false", "true"};
    if (node->kind == GB_YAML_SCALAR)
        for (size_t i = 0; i < 4; i++)
            if (strcmp(node->text, words[i]) == 0) {
                *value_out = i % 2 == 1;
                return GB_OK;
            }
    return gb_em_unexpected(in, node, key, "yes or no", NULL);
}

static gb_status read_text(const gb_em_reader *in, const gb_yaml_node *node,
                           const char *key, size_t size, char *out) {
    char wanted[64];
    if (node->kind == GB_YAML_SCALAR && node->text[0] != '\0' &&
        strlen(node->text) < size && strchr(node->text, '\n') == NULL) {
        gb_copy(out, size, node->text);
        return GB_OK;
    }
    snprintf(wanted, sizeof(wanted), "a line of 1 to %zu characters", size - 1);
    return gb_em_unexpected(in, node, key, wanted, NULL);
}

static gb_status read_field(const gb_em_reader *in, const gb_em_field *field,
                            const gb_yaml_node *value, void *target) {
    void *at = (char *)target + field->offset;
    switch (field->kind) {
    case GB_EM_NUMBER:
        return gb_em_read_number(in, value, field->key, field->least,
                                 field->most, at);
    case GB_EM_COUNT:
        return gb_em_read_count(in, value, field->key, field->least,
                                field->most, at);
    case GB_EM_DURATION:
        return gb_em_read_duration(in, value, field->key, field->least,
                                   field->most, at);
    case GB_EM_TEXT:
        return read_text(in, value, field->key, field->size, at);
    case GB_EM_FLAG:
        return read_flag(in, value, field->key, at);
    case GB_EM_CUSTOM:
        return field->read(in, value, target);
    }
    return GB_OK;
}

gb_status gb_em_read_map(const gb_em_reader *in, const gb_yaml_node *node,
                         const char *what, const gb_em_field *fields,
                         size_t count, void *target) {
    const char *known[FIELDS_MAX];
    if (node->kind != GB_YAML_MAP)
        return gb_em_unexpected(in, node, "", what, NULL);
    for (size_t k = 0; k < count && k < FIELDS_MAX; k++)
        known[k] = fields[k].key;
    for (size_t i = 0; i < node->count; i++) {
        size_t k = 0;
        while (k < count && strcmp(fields[k].key, node->keys[i]->text) != 0)
            k++;
        const gb_status status =
            k < count ? read_field(in, &fields[k], node->items[i], target)
                      : gb_em_unknown_key(in, node->keys[i], known, count);
        if (status != GB_OK)
            return status;
    }
    return GB_OK;
}

const gb_yaml_node *gb_em_value_of(const gb_yaml_node *node, const char *key) {
    if (node->kind != GB_YAML_MAP)
        return NULL;
    for (size_t i = 0; i < node->count; i++)
        if (strcmp(node->keys[i]->text, key) == 0)
            return node->items[i];
    return NULL;
}
