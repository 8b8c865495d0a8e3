/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config/facility.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "pipeline/config/facility_parts.h"

#define METERS_MAX 100

static gb_status read_factor(const gb_facility_reader *in,
                             const gb_yaml_node *map) {
    static const char *const gases[] = {"CO2", "CO2e"};
    static const char *const kinds[] = {"average"};
    static const char *const scopes[] = {"direct", "lifecycle"};
    gb_emission_factor *out = &in->out->factor;
    const gb_yaml_node *value = NULL;
    size_t gas = 0, kind = 0, scope = 0;
    char year[8] = "", source[100] = "";
    double number = 0.0;

    if (map->kind != GB_YAML_MAP)
        return gb_tree_unexpected(&in->at, map, "emission_factor", "a map",
                                  NULL);
    value = gb_tree_value(map, "kg_per_kwh");
    if (value == NULL || value->kind != GB_YAML_SCALAR ||
        gb_parse_f64(value->text, &number, NULL) != GB_OK || number < 0.0 ||
        number > 5.0)
        return gb_tree_unexpected(&in->at, value != NULL ? value : map,
                                  "kg_per_kwh", "a number from 0 to 5", NULL);
    gb_status status =
        gb_tree_pick_word(&in->at, map, "gas", gases, 2, true, &gas);
    if (status == GB_OK)
        status = gb_tree_pick_word(&in->at, map, "kind", kinds, 1, true, &kind);
    if (status == GB_OK)
        status =
            gb_tree_pick_word(&in->at, map, "scope", scopes, 2, true, &scope);
    if (status == GB_OK)
        status =
            gb_tree_copy_text(&in->at, map, "year", true, year, sizeof(year));
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->at, map, "source", true, source,
                                   sizeof(source));
    out->kg_per_j = number / 3.6e6;
    gb_copy(out->gas, sizeof(out->gas), gases[gas]);
    snprintf(out->words, sizeof(out->words),
             "%.6g kg %s/kWh, %s, %s, of %s, %s", number, gases[gas],
             kinds[kind], scopes[scope], year, source);
    return status;
}

static gb_status read_rated(const gb_facility_reader *in,
                            const gb_yaml_node *value) {
    const gb_facility_unit *of = NULL;

    if (value->kind != GB_YAML_SCALAR ||
        !gb_facility_parse_quantity(value->text, &in->out->rated_w, &of) ||
        !of->rate || !(in->out->rated_w > 0.0))
        return gb_tree_unexpected(&in->at, value, "it_rated",
                                  "a power such as 120 kW", NULL);
    in->out->rated_w *= of->scale;
    return GB_OK;
}

static gb_status read_category(const gb_facility_reader *in,
                               const gb_yaml_node *value) {
    if (value->kind != GB_YAML_SCALAR || strlen(value->text) != 1 ||
        value->text[0] < '1' || value->text[0] > '3')
        return gb_tree_unexpected(&in->at, value, "category",
                                  "1 (UPS output), 2 (PDU output) or 3 (input "
                                  "of the IT equipment)",
                                  NULL);
    in->out->category = value->text[0] - '0';
    return GB_OK;
}

/* The last one measures what an earlier one does. */
static bool is_metered_twice(const gb_facility *facility) {
    const size_t last = facility->meter_count - 1;

    for (size_t i = 0; i < last; i++)
        if (facility->meters[i].quantity == facility->meters[last].quantity)
            return true;
    return false;
}

static gb_status read_meters(const gb_facility_reader *in,
                             const gb_yaml_node *list) {
    gb_status status = GB_OK;

    if (list->kind != GB_YAML_LIST || list->count == 0 ||
        list->count > METERS_MAX)
        return gb_tree_unexpected(&in->at, list, "meters",
                                  "a list of 1 to 100 meters", NULL);
    in->out->meters = calloc(list->count, sizeof(*in->out->meters));
    if (in->out->meters == NULL)
        return gb_fail_memory(in->at.err, in->at.name);
    for (size_t i = 0; i < list->count && status == GB_OK; i++) {
        status = gb_facility_meter_read(in, list->items[i],
                                        &in->out->meters[in->out->meter_count]);
        in->out->meter_count++;
        if (status == GB_OK && is_metered_twice(in->out))
            status = gb_tree_unexpected(
                &in->at, gb_tree_value(list->items[i], "measures"), "measures",
                "each quantity once",
                "several columns of one file are added up");
    }
    return status;
}

static gb_status read_key(const gb_facility_reader *in, const gb_yaml_node *key,
                          const gb_yaml_node *value) {
    static const char *const known[] = {
        "name",     "description", "boundary",        "category",
        "it_rated", "max_missing", "emission_factor", "meters"};

    if (strcmp(key->text, "category") == 0)
        return read_category(in, value);
    if (strcmp(key->text, "it_rated") == 0)
        return read_rated(in, value);
    if (strcmp(key->text, "max_missing") == 0)
        return gb_facility_read_percent(in, value, "max_missing", 10.0,
                                        &in->out->missing_max);
    if (strcmp(key->text, "emission_factor") == 0)
        return read_factor(in, value);
    if (strcmp(key->text, "meters") == 0)
        return read_meters(in, value);
    for (size_t i = 0; i < 3; i++)
        if (strcmp(key->text, known[i]) == 0)
            return GB_OK;
    return gb_tree_unknown_key(&in->at, key, known,
                               sizeof(known) / sizeof(known[0]));
}

static gb_status read_facility(const gb_facility_reader *in,
                               const gb_yaml_node *root) {
    gb_facility *out = in->out;
    gb_status status = GB_OK;

    out->rated_w = NAN;
    out->factor.kg_per_j = NAN;
    if (root->kind != GB_YAML_MAP || gb_tree_value(root, "meters") == NULL)
        return gb_tree_unexpected(&in->at, root, "", "a map with 'meters'",
                                  NULL);
    status = gb_tree_copy_text(&in->at, root, "name", true, out->name,
                               sizeof(out->name));
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->at, root, "boundary", true,
                                   out->boundary, sizeof(out->boundary));
    for (size_t i = 0; i < root->count && status == GB_OK; i++)
        status = read_key(in, root->keys[i], root->items[i]);
    return status;
}

static gb_status read_tree(const char *name, const char *folder,
                           gb_yaml_node *root, gb_facility *out,
                           gb_error *err) {
    gb_facility made = {0};
    const gb_facility_reader in = {
        .at = {name, err}, .folder = folder, .out = &made};
    const gb_status status = read_facility(&in, root);

    gb_yaml_free(root);
    if (status == GB_OK)
        *out = made;
    else
        gb_facility_fini(&made);
    return status;
}

gb_status gb_facility_parse(const char *name, const char *text, size_t length,
                            gb_facility *out, gb_error *err) {
    gb_yaml_node *root = NULL;
    const gb_status status = gb_yaml_parse(name, text, length, &root, err);

    return status == GB_OK ? read_tree(name, NULL, root, out, err) : status;
}

gb_status gb_facility_load(const char *path, gb_facility *out, gb_error *err) {
    gb_yaml_node *root = NULL;
    const char *slash = strrchr(path, '/');
    char folder[2048];
    const gb_status status = gb_yaml_load(path, &root, err);

    snprintf(folder, sizeof(folder), "%.*s",
             slash != NULL ? (int)(slash - path + 1) : 0, path);
    return status == GB_OK ? read_tree(path, folder, root, out, err) : status;
}
