/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config/stated.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "codec/yaml_tree.h"

#define NODES_MOST 10000000u
#define POWER_MOST 1e9
#define RATE_MOST  3600.0
/* Half of it is no meter, and no supply. */
#define PERCENT_MOST     50.0
#define EFFICIENCY_LEAST 0.5

typedef struct reader {
    gb_tree at;
    gb_stated *out;
} reader;

#define COUNT_OF(list) (sizeof(list) / sizeof((list)[0]))

/* --- values --------------------------------------------------------------- */

static gb_status check_keys(const reader *in, const gb_yaml_node *map,
                            const char *where, const char *const *known,
                            size_t count) {
    if (map->kind != GB_YAML_MAP)
        return gb_tree_unexpected(&in->at, map, where, "a map", NULL);
    for (size_t i = 0; i < map->count; i++) {
        bool found = false;
        for (size_t k = 0; k < count; k++)
            found = found || strcmp(map->keys[i]->text, known[k]) == 0;
        if (!found)
            return gb_tree_unknown_key(&in->at, map->keys[i], known, count);
    }
    return GB_OK;
}

static bool is_scalar(const gb_yaml_node *node) {
    return node != NULL && node->kind == GB_YAML_SCALAR;
}

static gb_status read_percent(const reader *in, const gb_yaml_node *value,
                              const char *key, double least, double most,
                              double *out) {
    char wanted[64];
    double percent = 0.0;

    if (is_scalar(value) && gb_ends_with(value->text, "%") &&
        gb_parse_percent(value->text, &percent, NULL) == GB_OK &&
        percent >= least && percent <= most && percent > 0.0) {
        *out = percent / 100.0;
        return GB_OK;
    }
    snprintf(wanted, sizeof(wanted), "a percentage above 0, from %g%% to %g%%",
             least, most);
    return gb_tree_unexpected(&in->at, value, key, wanted, NULL);
}

/* "1.2 kW" */
static gb_status read_power(const reader *in, const gb_yaml_node *map,
                            double *out) {
    static const struct {
        const char *unit;
        double scale;
    } units[] = {{"W", 1.0}, {"kW", 1e3}, {"MW", 1e6}};
    const gb_yaml_node *value = gb_tree_value(map, "power");
    const char *end = NULL;
    double number = NAN;

    if (is_scalar(value) && strspn(value->text, "0123456789.") > 0)
        number = gb_real_at(value->text, &end);
    for (size_t i = 0; end != NULL && i < COUNT_OF(units); i++)
        if (strcmp(end + strspn(end, " "), units[i].unit) == 0 &&
            number * units[i].scale > 0.0 &&
            number * units[i].scale <= POWER_MOST) {
            *out = number * units[i].scale;
            return GB_OK;
        }
    return gb_tree_unexpected(&in->at, value != NULL ? value : map, "power",
                              "a power above 0 such as 1.2 kW", NULL);
}

/* --- the parts of a file -------------------------------------------------- */

static gb_status read_nodes(const reader *in, const gb_yaml_node *map) {
    static const char *const known[] = {"in_system", "chosen", "how"};
    static const char *const words[] = {"random", "selected"};
    gb_stated *out = in->out;
    uint64_t nodes = 0;
    size_t word = 1;

    gb_status status = check_keys(in, map, "nodes", known, COUNT_OF(known));
    if (status != GB_OK)
        return status;
    const gb_yaml_node *value = gb_tree_value(map, "in_system");
    if (value != NULL && (!is_scalar(value) ||
                          gb_parse_u64(value->text, &nodes, NULL) != GB_OK ||
                          nodes == 0 || nodes > NODES_MOST))
        return gb_tree_unexpected(&in->at, value, "in_system",
                                  "a number of nodes above 0", NULL);
    out->system_nodes = (size_t)nodes;
    if (gb_tree_value(map, "chosen") == NULL)
        return gb_tree_copy_text(&in->at, map, "how", false, out->chosen,
                                 sizeof(out->chosen));
    status = gb_tree_pick_word(&in->at, map, "chosen", words, COUNT_OF(words),
                               true, &word);
    out->random = status == GB_OK && word == 0;
    /* Chance that nobody can repeat is a word. */
    return status == GB_OK ? gb_tree_copy_text(&in->at, map, "how", out->random,
                                               out->chosen, sizeof(out->chosen))
                           : status;
}

static gb_status read_part(const reader *in, const gb_yaml_node *map) {
    static const char *const known[] = {"name", "by", "power", "source"};
    static const char *const words[] = {"estimate", "measured", "not_used"};
    gb_stated *out = in->out;
    gb_stated_part part = {0};
    size_t by = 0;

    gb_status status =
        check_keys(in, map, "subsystems", known, COUNT_OF(known));
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->at, map, "name", true, part.name,
                                   sizeof(part.name));
    if (status == GB_OK)
        status = gb_tree_pick_word(&in->at, map, "by", words, COUNT_OF(words),
                                   true, &by);
    if (status != GB_OK)
        return status;
    part.by = (gb_part)(GB_PART_ESTIMATE + by);
    for (size_t i = 0; i < out->part_count; i++)
        if (strcmp(out->parts[i].name, part.name) == 0)
            return gb_tree_unexpected(&in->at, gb_tree_value(map, "name"),
                                      "name", "each subsystem once", NULL);
    const gb_yaml_node *power = gb_tree_value(map, "power");
    if (part.by == GB_PART_NOT_USED && power != NULL)
        return gb_tree_unexpected(&in->at, power, "power",
                                  "none of what was not used", NULL);
    if (part.by != GB_PART_NOT_USED)
        status = read_power(in, map, &part.power_w);
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->at, map, "source",
                                   part.by != GB_PART_NOT_USED, part.source,
                                   sizeof(part.source));
    if (status == GB_OK)
        out->parts[out->part_count++] = part;
    return status;
}

/* What the accuracy of a meter is stated as -> a bound (JCGM 100, 4.3.7). */
static gb_status read_accuracy(const reader *in, const gb_yaml_node *map,
                               gb_stated_meter *out) {
    static const char *const forms[] = {"bound", "sigma", "k2"};
    static const double factors[] = {1.0, 1.7320508075688772,
                                     0.8660254037844386};
    static const char *const of_it[] = {"form", "source"};
    const gb_yaml_node *value = gb_tree_value(map, "accuracy");
    size_t form = 0;

    for (size_t i = 0; value == NULL && i < COUNT_OF(of_it); i++) {
        const gb_yaml_node *given = gb_tree_value(map, of_it[i]);
        if (given != NULL)
            return gb_tree_unexpected(&in->at, given, of_it[i],
                                      "none without an accuracy", NULL);
    }
    if (value == NULL)
        return GB_OK;
    gb_status status =
        read_percent(in, value, "accuracy", 0.0, PERCENT_MOST, &out->accuracy);
    if (status == GB_OK)
        status = gb_tree_pick_word(&in->at, map, "form", forms, COUNT_OF(forms),
                                   true, &form);
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->at, map, "source", true, out->source,
                                   sizeof(out->source));
    out->accuracy *= factors[form];
    gb_copy(out->form, sizeof(out->form), forms[form]);
    return status;
}

static gb_status read_meter(const reader *in, const gb_yaml_node *map) {
    static const char *const known[] = {"meter",    "make",      "model",
                                        "accuracy", "form",      "interval",
                                        "source",   "calibrated"};
    gb_stated_meter meter = {.accuracy = NAN, .update_s = NAN};

    gb_status status = check_keys(in, map, "meters", known, COUNT_OF(known));
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->at, map, "meter", true, meter.meter,
                                   sizeof(meter.meter));
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->at, map, "make", true, meter.make,
                                   sizeof(meter.make));
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->at, map, "model", true, meter.model,
                                   sizeof(meter.model));
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->at, map, "calibrated", false,
                                   meter.calibrated, sizeof(meter.calibrated));
    if (status == GB_OK)
        status = read_accuracy(in, map, &meter);
    if (status != GB_OK)
        return status;
    const gb_yaml_node *interval = gb_tree_value(map, "interval");
    if (interval != NULL &&
        (!is_scalar(interval) ||
         gb_parse_duration(interval->text, &meter.update_s, NULL) != GB_OK ||
         !(meter.update_s > 0.0) || meter.update_s > RATE_MOST))
        return gb_tree_unexpected(&in->at, interval, "interval",
                                  "a time such as 200ms", NULL);
    in->out->meters[in->out->meter_count++] = meter;
    return GB_OK;
}

static gb_status read_list(const reader *in, const gb_yaml_node *list,
                           const char *key, size_t most,
                           gb_status (*read)(const reader *in,
                                             const gb_yaml_node *map)) {
    char wanted[48];
    gb_status status = GB_OK;

    snprintf(wanted, sizeof(wanted), "a list of 1 to %zu", most);
    if (list->kind != GB_YAML_LIST || list->count == 0 || list->count > most)
        return gb_tree_unexpected(&in->at, list, key, wanted, NULL);
    for (size_t i = 0; i < list->count && status == GB_OK; i++)
        status = read(in, list->items[i]);
    return status;
}

static gb_status read_loss(const reader *in, const gb_yaml_node *map) {
    static const char *const known[] = {"by", "efficiency", "source"};
    static const char *const words[] = {"data_sheet", "offline",
                                        "simultaneous"};
    gb_stated *out = in->out;
    size_t by = 0;

    gb_status status = check_keys(in, map, "loss", known, COUNT_OF(known));
    if (status == GB_OK)
        status = gb_tree_pick_word(&in->at, map, "by", words, COUNT_OF(words),
                                   true, &by);
    if (status != GB_OK)
        return status;
    out->loss = (gb_conversion_loss)(GB_LOSS_DATA_SHEET + by);
    const gb_yaml_node *value = gb_tree_value(map, "efficiency");
    status =
        read_percent(in, value != NULL ? value : map, "efficiency",
                     100.0 * EFFICIENCY_LEAST, 100.0, &out->supply_efficiency);
    return status == GB_OK
               ? gb_tree_copy_text(&in->at, map, "source", true,
                                   out->loss_source, sizeof(out->loss_source))
               : status;
}

static gb_status read_complete(const reader *in, const gb_yaml_node *root) {
    static const char *const words[] = {"false", "true"};
    size_t word = 0;
    const gb_status status = gb_tree_pick_word(&in->at, root, "complete", words,
                                               COUNT_OF(words), true, &word);

    in->out->complete = word == 1;
    return status;
}

static gb_status read_key(const reader *in, const gb_yaml_node *root,
                          const char *key, const gb_yaml_node *value) {
    gb_stated *out = in->out;

    if (strcmp(key, "nodes") == 0)
        return read_nodes(in, value);
    if (strcmp(key, "meters") == 0)
        return read_list(in, value, key, GB_STATED_METERS, read_meter);
    if (strcmp(key, "subsystems") == 0)
        return read_list(in, value, key, GB_STATED_PARTS, read_part);
    if (strcmp(key, "loss") == 0)
        return read_loss(in, value);
    if (strcmp(key, "complete") == 0)
        return read_complete(in, root);
    return strcmp(key, "coolant") == 0
               ? gb_tree_copy_text(&in->at, root, key, true, out->coolant,
                                   sizeof(out->coolant))
               : gb_tree_copy_text(&in->at, root, key, true, out->supply,
                                   sizeof(out->supply));
}

static gb_status read_all(const reader *in, const gb_yaml_node *root) {
    static const char *const known[] = {"nodes",    "meters", "subsystems",
                                        "complete", "loss",   "coolant",
                                        "supply"};
    gb_status status = check_keys(in, root, "", known, COUNT_OF(known));

    for (size_t i = 0; status == GB_OK && i < root->count; i++)
        status = read_key(in, root, root->keys[i]->text, root->items[i]);
    return status;
}

gb_status gb_stated_parse(const char *name, const char *text, size_t length,
                          gb_stated *out, gb_error *err) {
    gb_stated made = {.supply_efficiency = NAN};
    const reader in = {.at = {name, err}, .out = &made};
    gb_yaml_node *root = NULL;
    gb_status status = gb_yaml_parse(name, text, length, &root, err);

    if (status == GB_OK)
        status = read_all(&in, root);
    gb_yaml_free(root);
    if (status == GB_OK)
        status = gb_sha256_bytes(text, length, made.sha256, err);
    gb_copy(made.name, sizeof(made.name), name);
    if (status == GB_OK)
        *out = made;
    return status;
}
