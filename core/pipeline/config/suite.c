/* SPDX-License-Identifier: Apache-2.0 */
/* A suite file: settings and benchmarks, each with the place it stands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/yaml_tree.h"
#include "pipeline/config/options.h"

#define KEYS_MAX     24
#define NAME_COLUMNS 63 /* fits gb_session.suite */

typedef struct suite {
    gb_tree at;
    gb_config_draft *draft;
} suite;

/* "repeats: 3", or "energy: [powercap, hwmon]" for a list of names. */
static gb_status setting_text(const suite *in, const gb_option_def *def,
                              const gb_yaml_node *value, char **text_out) {
    gb_str text = {0};
    if (value->kind == GB_YAML_SCALAR) {
        gb_str_add(&text, value->text);
    } else if (value->kind == GB_YAML_LIST && def->is_list) {
        for (size_t i = 0; i < value->count; i++) {
            if (value->items[i]->kind != GB_YAML_SCALAR) {
                gb_str_fini(&text);
                return gb_tree_unexpected(&in->at, value->items[i], def->key,
                                          "a name", NULL);
            }
            gb_str_addf(&text, "%s%s", i > 0 ? "," : "", value->items[i]->text);
        }
    } else {
        return gb_tree_unexpected(&in->at, value, def->key, def->accepts, NULL);
    }
    *text_out = gb_str_take(&text);
    return *text_out != NULL ? GB_OK : gb_fail_memory(in->at.err, in->at.name);
}

/* --- an entry of `benchmarks` --------------------------------------------- */

static gb_status read_param(const suite *in, gb_config_bench *bench,
                            const gb_yaml_node *key,
                            const gb_yaml_node *value) {
    gb_config_param *param =
        gb_config_add_param(&bench->params, &bench->param_count, key->text);
    if (param == NULL)
        return gb_fail_memory(in->at.err, in->at.name);
    gb_tree_origin(&in->at, value, &param->origin);
    if (value->kind == GB_YAML_MAP ||
        (value->kind == GB_YAML_LIST && value->count == 0))
        return gb_tree_unexpected(&in->at, value, key->text,
                                  "a value, a list of values or a range A..B",
                                  NULL);
    const size_t count = value->kind == GB_YAML_LIST ? value->count : 1;
    for (size_t i = 0; i < count; i++) {
        const gb_yaml_node *one =
            value->kind == GB_YAML_LIST ? value->items[i] : value;
        if (one->kind != GB_YAML_SCALAR)
            return gb_tree_unexpected(&in->at, one, key->text, "a value", NULL);
        if (!gb_config_add_text(param, one->text, strlen(one->text)))
            return gb_fail_memory(in->at.err, in->at.name);
    }
    return GB_OK;
}

static gb_status read_params(const suite *in, gb_config_bench *bench,
                             const gb_yaml_node *params) {
    gb_status status = GB_OK;
    if (params->kind != GB_YAML_MAP)
        return gb_tree_unexpected(&in->at, params, "params",
                                  "a map of names and values", NULL);
    for (size_t i = 0; i < params->count && status == GB_OK; i++)
        status = read_param(in, bench, params->keys[i], params->items[i]);
    return status;
}

static gb_status read_bench_setting(const suite *in, gb_config_bench *bench,
                                    const gb_option_def *def,
                                    const gb_yaml_node *value) {
    if (value->kind == GB_YAML_SCALAR &&
        def->set_bench(bench, value->text) == GB_OK)
        return GB_OK;
    return gb_tree_unexpected(&in->at, value, def->key, def->accepts, NULL);
}

static size_t bench_keys(const char **known) {
    size_t count = 0;
    known[count++] = "id";
    known[count++] = "params";
    for (size_t i = 0; i < gb_option_def_count; i++)
        if (gb_option_defs[i].set_bench != NULL)
            known[count++] = gb_option_defs[i].key;
    return count;
}

static gb_status read_bench_map(const suite *in, gb_config_bench *bench,
                                const gb_yaml_node *map) {
    gb_status status = GB_OK;
    for (size_t i = 0; i < map->count && status == GB_OK; i++) {
        const gb_yaml_node *key = map->keys[i], *value = map->items[i];
        const gb_option_def *def = gb_option_by_key(key->text);
        const char *known[KEYS_MAX];
        if (strcmp(key->text, "id") == 0)
            continue;
        if (strcmp(key->text, "params") == 0)
            status = read_params(in, bench, value);
        else if (def != NULL && def->set_bench != NULL)
            status = read_bench_setting(in, bench, def, value);
        else
            status =
                gb_tree_unknown_key(&in->at, key, known, bench_keys(known));
    }
    return status;
}

static gb_status read_bench(const suite *in, const gb_yaml_node *entry) {
    const gb_yaml_node *id = entry;
    if (entry->kind == GB_YAML_MAP) {
        id = NULL;
        for (size_t i = 0; i < entry->count; i++)
            if (strcmp(entry->keys[i]->text, "id") == 0)
                id = entry->items[i];
    }
    if (id == NULL || id->kind != GB_YAML_SCALAR || id->text[0] == '\0')
        return gb_tree_unexpected(
            &in->at, id != NULL ? id : entry, "benchmarks",
            id != NULL ? "an id such as memory.triad" : "an entry with 'id'",
            NULL);
    gb_config_bench *bench = gb_config_add_bench(&in->draft->config, id->text);
    if (bench == NULL)
        return gb_fail_memory(in->at.err, in->at.name);
    gb_tree_origin(&in->at, id, &bench->origin);
    return entry->kind == GB_YAML_MAP ? read_bench_map(in, bench, entry)
                                      : GB_OK;
}

/* --- the whole file ------------------------------------------------------- */

static gb_status read_benchmarks(const suite *in, const gb_yaml_node *list) {
    gb_status status = GB_OK;
    if (list->kind != GB_YAML_LIST || list->count == 0)
        return gb_tree_unexpected(&in->at, list, "benchmarks",
                                  "a list of ids such as [memory.triad]", NULL);
    for (size_t i = 0; i < list->count && status == GB_OK; i++)
        status = read_bench(in, list->items[i]);
    return status;
}

static gb_status read_name(const suite *in, const gb_yaml_node *value) {
    if (value->kind != GB_YAML_SCALAR || value->text[0] == '\0' ||
        strlen(value->text) > NAME_COLUMNS)
        return gb_tree_unexpected(&in->at, value, "name",
                                  "a name of 1 to 63 characters", NULL);
    return gb_replace_text(&in->draft->config.suite_name, value->text)
               ? GB_OK
               : gb_fail_memory(in->at.err, in->at.name);
}

static gb_status read_setting(const suite *in, const gb_option_def *def,
                              const gb_yaml_node *value) {
    gb_origin at;
    char where[sizeof(at.where) + 32];
    char *text = NULL;
    gb_status status = setting_text(in, def, value, &text);
    if (status != GB_OK)
        return status;
    gb_tree_origin(&in->at, value, &at);
    snprintf(where, sizeof(where), "%s: %s", at.where, def->key);
    status = gb_option_apply(in->draft, def, GB_LEVEL_SUITE, where, text,
                             in->at.err);
    free(text);
    return status;
}

static size_t suite_keys(const char **known) {
    size_t count = 0;
    known[count++] = "name";
    known[count++] = "description";
    for (size_t i = 0; i < gb_option_def_count; i++)
        if (gb_option_defs[i].key != NULL && gb_option_defs[i].set != NULL)
            known[count++] = gb_option_defs[i].key;
    known[count++] = "benchmarks";
    return count;
}

static gb_status read_suite(const suite *in, const gb_yaml_node *root) {
    bool has_benchmarks = false;
    if (root->kind != GB_YAML_MAP)
        return gb_tree_unexpected(&in->at, root, "", "a map with 'benchmarks'",
                                  NULL);
    for (size_t i = 0; i < root->count; i++) {
        const gb_yaml_node *key = root->keys[i], *value = root->items[i];
        const gb_option_def *def = gb_option_by_key(key->text);
        const char *known[KEYS_MAX];
        gb_status status = GB_OK;
        if (strcmp(key->text, "name") == 0)
            status = read_name(in, value);
        else if (strcmp(key->text, "benchmarks") == 0)
            status = read_benchmarks(in, value);
        else if (def != NULL && def->set != NULL)
            status = read_setting(in, def, value);
        else if (strcmp(key->text, "description") != 0)
            status =
                gb_tree_unknown_key(&in->at, key, known, suite_keys(known));
        else if (value->kind != GB_YAML_SCALAR)
            status =
                gb_tree_unexpected(&in->at, value, "description", "text", NULL);
        if (status != GB_OK)
            return status;
        has_benchmarks |= strcmp(key->text, "benchmarks") == 0;
    }
    return has_benchmarks
               ? GB_OK
               : gb_tree_unexpected(&in->at, root, "", "the key 'benchmarks'",
                                    "for example benchmarks: [memory.triad]");
}

static gb_status read_tree(const char *name, gb_yaml_node *root,
                           gb_config_draft *draft, gb_error *err) {
    const suite in = {.at = {name, err}, .draft = draft};
    const gb_status status = read_suite(&in, root);
    gb_yaml_free(root);
    return status;
}

gb_status gb_suite_parse(const char *name, const char *text,
                         gb_config_draft *draft, gb_error *err) {
    gb_yaml_node *root = NULL;
    const gb_status status =
        gb_yaml_parse(name, text, strlen(text), &root, err);
    return status == GB_OK ? read_tree(name, root, draft, err) : status;
}

gb_status gb_suite_load(const char *path, gb_config_draft *draft,
                        gb_error *err) {
    gb_yaml_node *root = NULL;
    const gb_status status = gb_yaml_load(path, &root, err);
    return status == GB_OK ? read_tree(path, root, draft, err) : status;
}
