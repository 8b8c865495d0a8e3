/* SPDX-License-Identifier: Apache-2.0 */
/* CO2e of making a node: a stated value, or Boavizta's bottom-up formulas
 * (boaviztapi, docs, 15878f0): from the cradle to the factory's gate, without
 * the end of its life. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "pipeline/config/carbon_parts.h"

#define COUNT(list)  (sizeof(list) / sizeof((list)[0]))
#define MOST_KG      1e6
#define MOST_COUNT   1e4
#define RANGE_JOINED " to "

/* kg CO2e. */
#define CPU_MM2     0.0197
#define CPU_EACH    9.14
#define RAM_CM2     2.20
#define RAM_EACH    5.22
#define SSD_CM2     2.20
#define SSD_EACH    6.34
#define HDD_EACH    31.11
#define MOTHERBOARD 66.10
#define PSU_KG      24.30
#define PSU_WEIGHS  2.99 /* kg, unless stated */
#define ASSEMBLY    6.68
#define CASE_RACK   150.0
#define CASE_BLADE  (30.9 + 880.0 / 16.0) /* its slot of an enclosure */

/* What densities of chips are about, GB/cm2. */
static const double ram_density[] = {0.625, 2.375};
static const double ssd_density[] = {16.0, 128.0};

/* --- parts ---------------------------------------------------------------- */

static gb_status add_part(const gb_carbon_reader *in, const gb_yaml_node *at,
                          gb_embodied *out, const char *name, double count,
                          double low_kg, double high_kg, const char *how) {
    if (out->part_count == GB_EMBODIED_PARTS)
        return gb_tree_unexpected(&in->words.at, at, name,
                                  "at most 24 kinds of parts", NULL);
    gb_embodied_part *part = &out->parts[out->part_count++];
    part->count = count;
    part->low_kg = count * low_kg;
    part->high_kg = count * high_kg;
    gb_copy(part->name, sizeof(part->name), name);
    gb_copy(part->how, sizeof(part->how), how);
    out->low_kg += part->low_kg;
    out->high_kg += part->high_kg;
    return GB_OK;
}

static gb_status read_part(const gb_carbon_reader *in, const gb_yaml_node *map,
                           const char *key, const char *const *known,
                           size_t count, double *number) {
    if (map->kind != GB_YAML_MAP)
        return gb_tree_unexpected(&in->words.at, map, key, "a map with 'count'",
                                  NULL);
    const gb_status status = gb_carbon_known_keys(in, map, known, count);
    return status == GB_OK ? gb_carbon_number(in, map, "count", true, 0.0,
                                              MOST_COUNT, number)
                           : status;
}

static gb_status read_cpus(const gb_carbon_reader *in, const gb_yaml_node *map,
                           const char *key, gb_embodied *out) {
    static const char *const known[] = {"count", "die_mm2"};
    double count = 0.0, die_mm2 = 0.0;
    char how[96];
    gb_status status = read_part(in, map, key, known, COUNT(known), &count);

    if (status == GB_OK)
        status = gb_carbon_number(in, map, "die_mm2", true, 1.0, 1e4, &die_mm2);
    const double each = die_mm2 * CPU_MM2 + CPU_EACH;
    snprintf(how, sizeof(how), "%.6g mm2 x %.4f + %.2f kg each", die_mm2,
             CPU_MM2, CPU_EACH);
    return status == GB_OK ? add_part(in, map, out, key, count, each, each, how)
                           : status;
}

/* Memory chips: a range where their density is not known. */
static gb_status read_chips(const gb_carbon_reader *in, const gb_yaml_node *map,
                            const char *key, const double *densities,
                            double cm2_kg, double each_kg, gb_embodied *out) {
    static const char *const known[] = {"count", "gb", "density"};
    double count = 0.0, gb = 0.0, density = 0.0;
    char how[120];
    gb_status status = read_part(in, map, key, known, COUNT(known), &count);

    if (status == GB_OK)
        status = gb_carbon_number(in, map, "gb", true, 1.0, 1e6, &gb);
    if (status == GB_OK)
        status =
            gb_carbon_number(in, map, "density", false, 0.1, 1e4, &density);
    if (status != GB_OK)
        return status;
    const double least = density > 0.0 ? density : densities[0];
    const double most = density > 0.0 ? density : densities[1];
    const int used = snprintf(how, sizeof(how), "%.6g GB / %.6g", gb, least);
    if (most > least)
        snprintf(how + used, sizeof(how) - (size_t)used, RANGE_JOINED "%.6g",
                 most);
    snprintf(how + strlen(how), sizeof(how) - strlen(how),
             " GB/cm2 x %.2f + %.2f kg each", cm2_kg, each_kg);
    return add_part(in, map, out, key, count, gb / most * cm2_kg + each_kg,
                    gb / least * cm2_kg + each_kg, how);
}

static gb_status read_disks(const gb_carbon_reader *in, const gb_yaml_node *map,
                            const char *key, gb_embodied *out) {
    static const char *const known[] = {"count"};
    double count = 0.0;
    const gb_status status =
        read_part(in, map, key, known, COUNT(known), &count);

    return status == GB_OK ? add_part(in, map, out, key, count, HDD_EACH,
                                      HDD_EACH, "31.11 kg each")
                           : status;
}

static gb_status read_supplies(const gb_carbon_reader *in,
                               const gb_yaml_node *map, const char *key,
                               gb_embodied *out) {
    static const char *const known[] = {"count", "kg"};
    double count = 0.0, kg = PSU_WEIGHS;
    char how[64];
    gb_status status = read_part(in, map, key, known, COUNT(known), &count);

    if (status == GB_OK)
        status = gb_carbon_number(in, map, "kg", false, 0.1, 100.0, &kg);
    snprintf(how, sizeof(how), "%.4g kg x %.2f each", kg, PSU_KG);
    return status == GB_OK ? add_part(in, map, out, key, count, PSU_KG * kg,
                                      PSU_KG * kg, how)
                           : status;
}

/* What the formulas do not cover, such as accelerators: a range of its own. */
static gb_status read_extra(const gb_carbon_reader *in, const gb_yaml_node *map,
                            gb_embodied *out) {
    static const char *const known[] = {"name", "count", "low_kg", "high_kg",
                                        "source"};
    char name[32] = "", source[120] = "";
    double count = 0.0, low = 0.0, high = 0.0;
    gb_status status =
        read_part(in, map, "others", known, COUNT(known), &count);

    if (status == GB_OK)
        status = gb_tree_copy_text(&in->words.at, map, "name", true, name,
                                   sizeof(name));
    if (status == GB_OK)
        status = gb_carbon_claimless(in, map, "source", source, sizeof(source));
    if (status == GB_OK)
        status = gb_carbon_number(in, map, "low_kg", true, 0.0, MOST_KG, &low);
    if (status == GB_OK)
        status =
            gb_carbon_number(in, map, "high_kg", true, low, MOST_KG, &high);
    return status == GB_OK
               ? add_part(in, map, out, name, count, low, high, source)
               : status;
}

static gb_status read_others(const gb_carbon_reader *in,
                             const gb_yaml_node *list, gb_embodied *out) {
    gb_status status = GB_OK;

    if (list->kind != GB_YAML_LIST)
        return gb_tree_unexpected(&in->words.at, list, "others",
                                  "a list of parts with a range each", NULL);
    for (size_t i = 0; i < list->count && status == GB_OK; i++)
        status = read_extra(in, list->items[i], out);
    return status;
}

static gb_status read_case(const gb_carbon_reader *in, const gb_yaml_node *map,
                           gb_embodied *out) {
    static const char *const cases[] = {"rack", "blade"};
    size_t at = 0;
    gb_status status =
        gb_tree_pick_word(&in->words.at, map, "case", cases, 2, true, &at);
    const double kg = at == 0 ? CASE_RACK : CASE_BLADE;

    if (status == GB_OK)
        status = add_part(in, map, out, "motherboard", 1.0, MOTHERBOARD,
                          MOTHERBOARD, "66.10 kg");
    if (status == GB_OK)
        status = add_part(in, map, out, "assembly", 1.0, ASSEMBLY, ASSEMBLY,
                          "6.68 kg");
    return status == GB_OK
               ? add_part(in, map, out, "case", 1.0, kg, kg,
                          at == 0 ? "rack: 150 kg"
                                  : "blade: 30.9 kg, and 880 kg of its "
                                    "enclosure by 16 slots")
               : status;
}

static gb_status read_parts(const gb_carbon_reader *in, const gb_yaml_node *map,
                            gb_embodied *out) {
    static const char *const known[] = {"cpus", "ram",  "ssds",  "hdds",
                                        "psus", "case", "others"};
    gb_status status = GB_OK;

    if (map->kind != GB_YAML_MAP)
        return gb_tree_unexpected(&in->words.at, map, "parts",
                                  "a map with 'cpus' and 'case'", NULL);
    for (size_t i = 0; i < map->count && status == GB_OK; i++) {
        const char *key = map->keys[i]->text;
        const gb_yaml_node *value = map->items[i];
        if (strcmp(key, "cpus") == 0)
            status = read_cpus(in, value, key, out);
        else if (strcmp(key, "ram") == 0)
            status =
                read_chips(in, value, key, ram_density, RAM_CM2, RAM_EACH, out);
        else if (strcmp(key, "ssds") == 0)
            status =
                read_chips(in, value, key, ssd_density, SSD_CM2, SSD_EACH, out);
        else if (strcmp(key, "hdds") == 0)
            status = read_disks(in, value, key, out);
        else if (strcmp(key, "psus") == 0)
            status = read_supplies(in, value, key, out);
        else if (strcmp(key, "others") == 0)
            status = read_others(in, value, out);
        else if (strcmp(key, "case") != 0)
            status = gb_tree_unknown_key(&in->words.at, map->keys[i], known,
                                         COUNT(known));
    }
    if (status == GB_OK)
        status = read_case(in, map, out);
    out->kg = (out->low_kg + out->high_kg) / 2.0;
    gb_copy(out->source, sizeof(out->source),
            "Boavizta's bottom-up formulas (boaviztapi 15878f0), cradle to "
            "gate");
    return status;
}

/* --- together ------------------------------------------------------------- */

static gb_status read_value(const gb_carbon_reader *in, const gb_yaml_node *map,
                            gb_embodied *out) {
    gb_status status =
        gb_carbon_number(in, map, "kg", true, 0.0, MOST_KG, &out->kg);

    out->low_kg = out->high_kg = out->kg;
    if (status == GB_OK)
        status = gb_carbon_number(in, map, "low_kg", false, 0.0, out->kg,
                                  &out->low_kg);
    if (status == GB_OK)
        status = gb_carbon_number(in, map, "high_kg", false, out->kg, MOST_KG,
                                  &out->high_kg);
    return status == GB_OK ? gb_carbon_claimless(in, map, "source", out->source,
                                                 sizeof(out->source))
                           : status;
}

gb_status gb_carbon_read_embodied(const gb_carbon_reader *in,
                                  const gb_yaml_node *map, gb_embodied *out) {
    static const char *const known[] = {"kg",    "low_kg",         "high_kg",
                                        "parts", "lifetime_years", "share",
                                        "source"};
    static const char *const of_value[] = {"low_kg", "high_kg", "source"};
    const gb_yaml_node *parts = NULL, *share = NULL;
    double years = 0.0;

    if (map->kind != GB_YAML_MAP)
        return gb_tree_unexpected(&in->words.at, map, "embodied",
                                  "a map with 'kg' or 'parts'", NULL);
    gb_status status = gb_carbon_known_keys(in, map, known, COUNT(known));
    parts = gb_tree_value(map, "parts");
    share = gb_tree_value(map, "share");
    out->present = true;
    out->share = 1.0;
    if (status == GB_OK && parts != NULL && gb_tree_value(map, "kg") != NULL)
        status = gb_tree_unexpected(&in->words.at, parts, "parts",
                                    "kg or parts, one of them", NULL);
    if (status == GB_OK && parts != NULL)
        status = gb_carbon_no_keys(in, map, of_value, COUNT(of_value),
                                   "no such key beside 'parts'");
    if (status == GB_OK)
        status = parts != NULL ? read_parts(in, parts, out)
                               : read_value(in, map, out);
    if (status == GB_OK)
        status = gb_carbon_number(in, map, "lifetime_years", true, 0.1, 100.0,
                                  &years);
    if (status == GB_OK && share != NULL)
        status = gb_facility_read_percent(&in->words, share, "share", 100.0,
                                          &out->share);
    out->lifetime_s = years * GB_YEAR_S;
    return status;
}
