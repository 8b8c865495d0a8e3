/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config/carbon.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/units.h"
#include "pipeline/config/carbon_parts.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* --- values --------------------------------------------------------------- */

gb_status gb_carbon_known_keys(const gb_carbon_reader *in,
                               const gb_yaml_node *map,
                               const char *const *known, size_t count) {
    for (size_t i = 0; i < map->count; i++) {
        size_t k = 0;
        while (k < count && strcmp(map->keys[i]->text, known[k]) != 0)
            k++;
        if (k == count)
            return gb_tree_unknown_key(&in->words.at, map->keys[i], known,
                                       count);
    }
    return GB_OK;
}

gb_status gb_carbon_no_keys(const gb_carbon_reader *in, const gb_yaml_node *map,
                            const char *const *keys, size_t count,
                            const char *wanted) {
    for (size_t i = 0; i < count; i++) {
        const gb_yaml_node *value = gb_tree_value(map, keys[i]);
        if (value != NULL)
            return gb_tree_unexpected(&in->words.at, value, keys[i], wanted,
                                      NULL);
    }
    return GB_OK;
}

gb_status gb_carbon_number(const gb_carbon_reader *in, const gb_yaml_node *map,
                           const char *key, bool needed, double least,
                           double most, double *out) {
    const gb_yaml_node *value = gb_tree_value(map, key);
    double number = 0.0;
    char wanted[64];

    if (value == NULL && !needed)
        return GB_OK;
    if (value != NULL && value->kind == GB_YAML_SCALAR &&
        gb_parse_f64(value->text, &number, NULL) == GB_OK && number >= least &&
        number <= most) {
        *out = number;
        return GB_OK;
    }
    snprintf(wanted, sizeof(wanted), "a number from %.6g to %.6g", least, most);
    return gb_tree_unexpected(&in->words.at, value != NULL ? value : map, key,
                              wanted, NULL);
}

static gb_status expect_map(const gb_carbon_reader *in,
                            const gb_yaml_node *node, const char *key) {
    return node->kind == GB_YAML_MAP
               ? GB_OK
               : gb_tree_unexpected(&in->words.at, node, key, "a map", NULL);
}

/* Words that no measurement of a machine supports: standards.md §11, item 37.
 */
static bool says_neutral(const char *text) {
    static const char *const words[] = {
        "neutral",     "net zero",    "net-zero",
        "zero carbon", "zero-carbon", "climate positive",
        "碳中和",      "净零",        "零碳"};

    for (size_t i = 0; i < COUNT(words); i++)
        if (strcasestr(text, words[i]) != NULL)
            return true;
    return false;
}

gb_status gb_carbon_claimless(const gb_carbon_reader *in,
                              const gb_yaml_node *map, const char *key,
                              char *out, size_t size) {
    const gb_status status =
        gb_tree_copy_text(&in->words.at, map, key, true, out, size);

    return status != GB_OK || !says_neutral(out)
               ? status
               : gb_tree_unexpected(
                     &in->words.at, gb_tree_value(map, key), key,
                     "words that a measurement can support",
                     "neutrality and zero are no property of a machine's "
                     "energy");
}

/* --- supplies ------------------------------------------------------------- */

static gb_status read_market(const gb_carbon_reader *in,
                             const gb_yaml_node *map, gb_carbon_supply *out) {
    const gb_yaml_node *market = gb_tree_value(map, "market");

    if (market == NULL || market->kind != GB_YAML_MAP)
        return GB_OK;
    return gb_carbon_claimless(in, market, "instruments", out->instruments,
                               sizeof(out->instruments));
}

static gb_status read_supply(const gb_carbon_reader *in,
                             const gb_yaml_node *map, gb_carbon_supply *out) {
    static const char *const known[] = {"runs", "location", "market",
                                        "marginal"};
    gb_status status = expect_map(in, map, "supplies");

    if (status == GB_OK)
        status = gb_carbon_known_keys(in, map, known, COUNT(known));
    if (status == GB_OK && gb_tree_value(map, "location") == NULL)
        status = gb_tree_unexpected(
            &in->words.at, map, "location", "a factor or trace of the grid",
            "a market-based or marginal number stands beside the "
            "location-based one, never alone");
    gb_copy(out->runs, sizeof(out->runs), "*");
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->words.at, map, "runs", false, out->runs,
                                   sizeof(out->runs));
    for (int b = 0; status == GB_OK && b < GB_CARBON_BASES; b++) {
        const gb_yaml_node *rate =
            gb_tree_value(map, gb_carbon_basis_name((gb_carbon_basis)b));
        if (rate != NULL)
            status = gb_carbon_read_rate(in, rate, (gb_carbon_basis)b,
                                         &out->rates[b]);
    }
    return status == GB_OK ? read_market(in, map, out) : status;
}

static gb_status read_supplies(const gb_carbon_reader *in,
                               const gb_yaml_node *list) {
    gb_status status = GB_OK;

    if (list->kind != GB_YAML_LIST || list->count == 0 ||
        list->count > GB_CARBON_SUPPLIES_MAX)
        return gb_tree_unexpected(&in->words.at, list, "supplies",
                                  "a list of 1 to 100 supplies", NULL);
    in->out->supplies = calloc(list->count, sizeof(*in->out->supplies));
    if (in->out->supplies == NULL)
        return gb_fail_memory(in->words.at.err, in->words.at.name);
    for (size_t i = 0; i < list->count && status == GB_OK; i++)
        status = read_supply(in, list->items[i],
                             &in->out->supplies[in->out->supply_count++]);
    return status;
}

/* --- SCI ------------------------------------------------------------------ */

static gb_status read_sci(const gb_carbon_reader *in, const gb_yaml_node *map) {
    static const char *const known[] = {"per", "intensity", "overhead",
                                        "overhead_source"};
    static const char *const bases[] = {"location", "marginal"};
    const char *const pers[] = {gb_sci_per_name(GB_SCI_PER_WORK),
                                gb_sci_per_name(GB_SCI_PER_SOLUTION)};
    gb_sci_setting *out = &in->out->sci;
    size_t per = 0, basis = 0;
    gb_status status = expect_map(in, map, "sci");

    if (status == GB_OK)
        status = gb_carbon_known_keys(in, map, known, COUNT(known));
    if (status == GB_OK)
        status = gb_tree_pick_word(&in->words.at, map, "per", pers, GB_SCI_PERS,
                                   true, &per);
    /* Market-based numbers do not lower an SCI (its §3.2). */
    if (status == GB_OK)
        status = gb_tree_pick_word(&in->words.at, map, "intensity", bases, 2,
                                   false, &basis);
    out->overhead = 1.0;
    if (status == GB_OK)
        status = gb_carbon_number(in, map, "overhead", false, 1.0, 10.0,
                                  &out->overhead);
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->words.at, map, "overhead_source",
                                   gb_tree_value(map, "overhead") != NULL,
                                   out->overhead_source,
                                   sizeof(out->overhead_source));
    out->per = (gb_sci_per)per;
    out->basis = basis == 0 ? GB_CARBON_BY_LOCATION : GB_CARBON_BY_MARGINAL;
    out->present = true;
    return status;
}

/* --- the file ------------------------------------------------------------- */

static gb_status read_own_factors(const gb_carbon_reader *in,
                                  const gb_yaml_node *root) {
    static const char *const known[] = {"file"};
    const gb_yaml_node *map = gb_tree_value(root, "factors");
    char file[256] = "", path[4096];

    if (map == NULL)
        return GB_OK;
    gb_status status = expect_map(in, map, "factors");
    if (status == GB_OK)
        status = gb_carbon_known_keys(in, map, known, COUNT(known));
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->words.at, map, "file", true, file,
                                   sizeof(file));
    if (status == GB_OK && in->words.folder == NULL)
        status = gb_tree_unexpected(&in->words.at, map, "factors",
                                    "no other file", NULL);
    if (status != GB_OK)
        return status;
    snprintf(path, sizeof(path), "%s%s", file[0] == '/' ? "" : in->words.folder,
             file);
    return gb_factors_load(path, in->factors, in->words.at.err);
}

static gb_status read_texts(const gb_carbon_reader *in,
                            const gb_yaml_node *root) {
    gb_carbon_setting *out = in->out;
    const gb_status status =
        gb_carbon_claimless(in, root, "name", out->name, sizeof(out->name));

    return status == GB_OK
               ? gb_carbon_claimless(in, root, "boundary", out->boundary,
                                     sizeof(out->boundary))
               : status;
}

static gb_status refuse_offsets(const gb_carbon_reader *in,
                                const gb_yaml_node *root) {
    const gb_yaml_node *offsets = gb_tree_value(root, "offsets");

    return offsets == NULL
               ? GB_OK
               : gb_tree_unexpected(&in->words.at, offsets, "offsets",
                                    "no offsets: they enter neither number",
                                    NULL);
}

static gb_status read_keys(const gb_carbon_reader *in,
                           const gb_yaml_node *root) {
    static const char *const known[] = {"name",     "boundary", "description",
                                        "factors",  "supplies", "max_missing",
                                        "embodied", "sci"};
    const gb_yaml_node *missing = gb_tree_value(root, "max_missing");
    const gb_yaml_node *embodied = gb_tree_value(root, "embodied");
    const gb_yaml_node *sci = gb_tree_value(root, "sci");
    gb_status status = refuse_offsets(in, root);

    if (status == GB_OK)
        status = gb_carbon_known_keys(in, root, known, COUNT(known));
    if (status == GB_OK)
        status = read_texts(in, root);
    if (status == GB_OK && missing != NULL)
        status = gb_facility_read_percent(&in->words, missing, "max_missing",
                                          10.0, &in->out->missing_max);
    if (status == GB_OK)
        status = read_own_factors(in, root);
    if (status == GB_OK)
        status = read_supplies(in, gb_tree_value(root, "supplies"));
    if (status == GB_OK && embodied != NULL)
        status = gb_carbon_read_embodied(in, embodied, &in->out->embodied);
    return status == GB_OK && sci != NULL ? read_sci(in, sci) : status;
}

static gb_status read_tree(const char *name, const char *folder,
                           gb_yaml_node *root, gb_factors *factors,
                           gb_carbon_setting *out, gb_error *err) {
    gb_carbon_setting made = {0};
    const gb_carbon_reader in = {.words = {.at = {name, err}, .folder = folder},
                                 .factors = factors,
                                 .out = &made};
    const gb_status status =
        root->kind == GB_YAML_MAP && gb_tree_value(root, "supplies") != NULL
            ? read_keys(&in, root)
            : gb_tree_unexpected(&in.words.at, root, "",
                                 "a map with 'supplies'", NULL);

    gb_yaml_free(root);
    if (status == GB_OK)
        *out = made;
    else
        gb_carbon_setting_fini(&made);
    return status;
}

gb_status gb_carbon_parse(const char *name, const char *text, size_t length,
                          gb_factors *factors, gb_carbon_setting *out,
                          gb_error *err) {
    gb_yaml_node *root = NULL;
    const gb_status status = gb_yaml_parse(name, text, length, &root, err);

    return status == GB_OK ? read_tree(name, NULL, root, factors, out, err)
                           : status;
}

gb_status gb_carbon_load(const char *path, gb_factors *factors,
                         gb_carbon_setting *out, gb_error *err) {
    gb_yaml_node *root = NULL;
    const char *slash = strrchr(path, '/');
    char folder[2048], sha256[GB_SHA256_SIZE];
    uint64_t bytes = 0;
    gb_status status = gb_yaml_load(path, &root, err);

    snprintf(folder, sizeof(folder), "%.*s",
             slash != NULL ? (int)(slash - path + 1) : 0, path);
    if (status == GB_OK)
        status = read_tree(path, folder, root, factors, out, err);
    if (status != GB_OK)
        return status;
    status = gb_sha256_file(path, sha256, &bytes, err);
    if (status == GB_OK)
        gb_copy(out->sha256, sizeof(out->sha256), sha256);
    else
        gb_carbon_setting_fini(out);
    return status;
}
