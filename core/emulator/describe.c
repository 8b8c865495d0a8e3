/* SPDX-License-Identifier: Apache-2.0 */
/* A description of machines, from YAML to what can be served. */
#include "emulator/describe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define MACHINES_MAX 64
#define DOMAINS_MAX  256
#define FILES_MAX    256

/* --- one domain ----------------------------------------------------------- */

/* A number, or {uniform: HALF_WIDTH}: drawn once. */
static gb_status read_gain(const gb_em_reader *in, const gb_yaml_node *node,
                           double *fixed, double *uniform) {
    const gb_yaml_node *width = gb_em_value_of(node, "uniform");
    if (node->kind == GB_YAML_SCALAR) {
        *uniform = NAN;
        return gb_em_read_number(in, node, "gain_error", -0.9, 0.9, fixed);
    }
    if (width == NULL || node->count != 1)
        return gb_em_unexpected(in, node, "gain_error",
                                "a number or {uniform: HALF_WIDTH}", NULL);
    *fixed = NAN;
    return gb_em_read_number(in, width, "uniform", 0, 0.9, uniform);
}

static gb_status domain_gain(const gb_em_reader *in, const gb_yaml_node *value,
                             void *target) {
    gb_em_domain *domain = target;
    return read_gain(in, value, &domain->gain_error, &domain->gain_uniform);
}

static gb_status domain_source(const gb_em_reader *in,
                               const gb_yaml_node *value, void *target) {
    const char *names[GB_EM_SOURCE_COUNT];
    for (int i = 0; i < GB_EM_SOURCE_COUNT; i++) {
        names[i] = gb_em_source_name((gb_em_source)i);
        if (value->kind == GB_YAML_SCALAR &&
            strcmp(value->text, names[i]) == 0) {
            ((gb_em_domain *)target)->source = (gb_em_source)i;
            return GB_OK;
        }
    }
    return value->kind == GB_YAML_SCALAR
               ? gb_em_unknown_key(in, value, names, GB_EM_SOURCE_COUNT)
               : gb_em_unexpected(in, value, "source", "a source's name", NULL);
}

static gb_status domain_power(const gb_em_reader *in, const gb_yaml_node *value,
                              void *target) {
    return gb_em_read_power(in, value, &((gb_em_domain *)target)->trace);
}

static gb_status domain_node(const gb_em_reader *in, const gb_yaml_node *value,
                             void *target) {
    const bool yes =
        value->kind == GB_YAML_SCALAR &&
        (strcmp(value->text, "yes") == 0 || strcmp(value->text, "true") == 0);
    if (!yes &&
        (value->kind != GB_YAML_SCALAR ||
         (strcmp(value->text, "no") != 0 && strcmp(value->text, "false") != 0)))
        return gb_em_unexpected(in, value, "node", "yes or no", NULL);
    ((gb_em_domain *)target)->node = yes;
    return GB_OK;
}

static gb_status power_step(const gb_em_reader *in, const gb_yaml_node *value,
                            void *target) {
    double step_w = 0.0;
    const gb_status status =
        gb_em_read_number(in, value, "power_step_w", 1e-6, 1e3, &step_w);
    if (status == GB_OK)
        ((gb_em_domain *)target)->gauge.unit_nw =
            (uint64_t)llround(step_w * 1e9);
    return status;
}

static const gb_em_field domain_fields[] = {
    GB_EM_FIELD_OWN("source", domain_source),
    GB_EM_FIELD_OWN("power", domain_power),
    GB_EM_FIELD_OWN("gain_error", domain_gain),
    GB_EM_FIELD_OWN("node", domain_node),
    GB_EM_FIELD_OWN("power_step_w", power_step),
    GB_EM_FIELD(gb_em_domain, "update", GB_EM_DURATION, refresh.period_ns, 1e-5,
                3600),
    GB_EM_FIELD(gb_em_domain, "jitter", GB_EM_DURATION, refresh.jitter_ns, 0,
                1800),
    GB_EM_FIELD(gb_em_domain, "phase", GB_EM_DURATION, phase_ns, 0, 3600),
    GB_EM_FIELD(gb_em_domain, "average", GB_EM_DURATION, gauge.average_ns, 0,
                3600),
    GB_EM_FIELD(gb_em_domain, "unit_nj", GB_EM_COUNT, counter.unit_nj, 1, 1e9),
    GB_EM_FIELD(gb_em_domain, "range_uj", GB_EM_COUNT, range_uj, 1, 1.8e16),
    GB_EM_FIELD(gb_em_domain, "start_j", GB_EM_NUMBER, start_j, 0, 1e10),
    GB_EM_FIELD(gb_em_domain, "max_power_w", GB_EM_NUMBER, max_power_w, 0, 1e6),
    GB_EM_FIELD_TEXT(gb_em_domain, "zone", zone),
    GB_EM_FIELD_TEXT(gb_em_domain, "label", label),
};

static bool is_word(const gb_yaml_node *node, const char *word) {
    return node->kind == GB_YAML_SCALAR && strcmp(node->text, word) == 0;
}

static gb_status read_domains(const gb_em_reader *in, const gb_yaml_node *map,
                              void *target) {
    gb_em_machine *machine = target;
    if (map->kind != GB_YAML_MAP)
        return gb_em_unexpected(in, map, "domains",
                                "a map of names and domains", NULL);
    for (size_t i = 0; i < map->count; i++) {
        const gb_yaml_node *key = map->keys[i], *value = map->items[i];
        const size_t length = strlen(key->text);
        if (length == 0 || length >= sizeof(machine->domains->name) ||
            machine->domain_count >= DOMAINS_MAX)
            return gb_em_unexpected(in, key, "domains",
                                    "names of 1 to 63 characters, 256 at most",
                                    NULL);
        gb_em_domain *domain = gb_em_machine_domain(machine, key->text);
        if (domain == NULL)
            return gb_fail_memory(in->err, in->name);
        if (is_word(value, "off")) {
            domain->off = true;
            continue;
        }
        domain->off = false;
        const gb_status status = gb_em_read_map(
            in, value, "a map such as {power: 100}, or off", domain_fields,
            GB_EM_COUNT_OF(domain_fields), domain);
        if (status != GB_OK)
            return status;
    }
    return GB_OK;
}

/* --- the rest of a machine ------------------------------------------------ */

static bool plain_path(const char *path) {
    return path[0] == '/' && path[1] != '\0' && strlen(path) < 200 &&
           strstr(path, "//") == NULL && strstr(path, "/.") == NULL &&
           !gb_ends_with(path, "/");
}

static gb_status read_files(const gb_em_reader *in, const gb_yaml_node *map,
                            void *target) {
    gb_em_machine *machine = target;
    if (map->kind != GB_YAML_MAP || map->count > FILES_MAX)
        return gb_em_unexpected(in, map, "files",
                                "a map of paths and texts, 256 at most", NULL);
    if (machine->file_count + map->count > FILES_MAX)
        return gb_em_unexpected(in, map, "files", "256 at most", NULL);
    gb_em_file *more = realloc(
        machine->files, (machine->file_count + map->count + 1) * sizeof(*more));
    if (more == NULL)
        return gb_fail_memory(in->err, in->name);
    machine->files = more;
    for (size_t i = 0; i < map->count; i++) {
        if (!plain_path(map->keys[i]->text))
            return gb_em_unexpected(in, map->keys[i], "files",
                                    "a path such as /proc/stat", NULL);
        if (map->items[i]->kind != GB_YAML_SCALAR)
            return gb_em_unexpected(in, map->items[i], "files",
                                    "the file's text", NULL);
        gb_em_file *file = &machine->files[machine->file_count];
        file->path = strdup(map->keys[i]->text);
        file->text = strdup(map->items[i]->text);
        machine->file_count++;
        if (file->path == NULL || file->text == NULL)
            return gb_fail_memory(in->err, in->name);
    }
    return GB_OK;
}

static gb_status read_cpu(const gb_em_reader *in, const gb_yaml_node *value,
                          void *target) {
    static const gb_em_field fields[] = {
        GB_EM_FIELD_TEXT(gb_em_cpu, "vendor", vendor),
        GB_EM_FIELD_TEXT(gb_em_cpu, "name", name),
        GB_EM_FIELD(gb_em_cpu, "family", GB_EM_COUNT, family, 0, 1e6),
        GB_EM_FIELD(gb_em_cpu, "model", GB_EM_COUNT, model, 0, 1e6),
        GB_EM_FIELD(gb_em_cpu, "stepping", GB_EM_COUNT, stepping, 0, 1e6),
        GB_EM_FIELD(gb_em_cpu, "implementer", GB_EM_COUNT, implementer, 0, 255),
        GB_EM_FIELD(gb_em_cpu, "part", GB_EM_COUNT, part, 0, 4095),
        GB_EM_FIELD(gb_em_cpu, "sockets", GB_EM_COUNT, sockets, 1, 64),
        GB_EM_FIELD(gb_em_cpu, "cores", GB_EM_COUNT, cores, 1, 256),
    };
    gb_em_cpu *cpu = &((gb_em_machine *)target)->cpu;
    return gb_em_read_map(in, value, "a map such as {vendor: GenuineIntel}",
                          fields, GB_EM_COUNT_OF(fields), cpu);
}

static gb_status cray_format(const gb_em_reader *in, const gb_yaml_node *value,
                             void *target) {
    if (!is_word(value, "stamped") && !is_word(value, "legacy"))
        return gb_em_unexpected(in, value, "format", "stamped or legacy", NULL);
    ((gb_em_cray *)target)->legacy = is_word(value, "legacy");
    return GB_OK;
}

static gb_status read_cray(const gb_em_reader *in, const gb_yaml_node *value,
                           void *target) {
    static const gb_em_field fields[] = {
        GB_EM_FIELD_OWN("format", cray_format),
        GB_EM_FIELD(gb_em_cray, "version", GB_EM_COUNT, version, 0, 1e6),
        GB_EM_FIELD(gb_em_cray, "raw_scan_hz", GB_EM_COUNT, raw_scan_hz, 1,
                    1000),
        GB_EM_FIELD(gb_em_cray, "generation", GB_EM_COUNT, generation, 0, 1e9),
        GB_EM_FIELD(gb_em_cray, "freshness", GB_EM_COUNT, freshness, 0, 1e15),
        GB_EM_FIELD(gb_em_cray, "startup_us", GB_EM_COUNT, startup_us, 0, 1e18),
    };
    return gb_em_read_map(in, value, "a map such as {format: legacy}", fields,
                          GB_EM_COUNT_OF(fields),
                          &((gb_em_machine *)target)->cray);
}

static gb_status hwmon_layout(const gb_em_reader *in, const gb_yaml_node *value,
                              void *target) {
    if (!is_word(value, "old") && !is_word(value, "new"))
        return gb_em_unexpected(in, value, "hwmon_layout", "old or new", NULL);
    ((gb_em_machine *)target)->old_layout = is_word(value, "old");
    return GB_OK;
}

static gb_status machine_gain(const gb_em_reader *in, const gb_yaml_node *value,
                              void *target) {
    gb_em_machine *machine = target;
    return read_gain(in, value, &machine->gain_error, &machine->gain_uniform);
}

static gb_status ignore_like(const gb_em_reader *in, const gb_yaml_node *value,
                             void *target) {
    (void)in; /* read before all others, by apply_preset() */
    (void)value;
    (void)target;
    return GB_OK;
}

static const gb_em_field machine_fields[] = {
    GB_EM_FIELD_OWN("like", ignore_like),
    GB_EM_FIELD_OWN("cpu", read_cpu),
    GB_EM_FIELD_OWN("domains", read_domains),
    GB_EM_FIELD_OWN("faults", gb_em_read_faults),
    GB_EM_FIELD_OWN("files", read_files),
    GB_EM_FIELD_OWN("cray", read_cray),
    GB_EM_FIELD_OWN("hwmon_layout", hwmon_layout),
    GB_EM_FIELD_OWN("gain_error", machine_gain),
    GB_EM_FIELD(gb_em_machine, "meter_timer", GB_EM_DURATION, meter_timer_ns, 0,
                60),
};

static gb_status read_body(const gb_em_reader *in, const gb_yaml_node *node,
                           gb_em_machine *machine) {
    return gb_em_read_map(in, node, "a map of what the machine has",
                          machine_fields, GB_EM_COUNT_OF(machine_fields),
                          machine);
}

static gb_status apply_preset(const gb_em_reader *in, const gb_yaml_node *node,
                              gb_em_machine *machine) {
    const gb_yaml_node *like = gb_em_value_of(node, "like");
    gb_yaml_node *root = NULL;
    if (like == NULL)
        return GB_OK;
    if (like->kind != GB_YAML_SCALAR)
        return gb_em_unexpected(in, like, "like", "a preset's name", NULL);
    const char *text = gb_em_preset(like->text);
    if (text == NULL)
        return gb_em_unknown_key(in, like, gb_em_preset_names,
                                 gb_em_preset_count);
    const gb_em_reader own = {.name = like->text, .err = in->err};
    gb_status status =
        gb_yaml_parse(like->text, text, strlen(text), &root, in->err);
    if (status == GB_OK)
        status = read_body(&own, root, machine);
    gb_yaml_free(root);
    return status;
}

static bool plain_name(const char *name) {
    const size_t length = strlen(name);
    return length > 0 && length < 64 && name[0] != '.' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789._-") == length;
}

static gb_status read_machine(const gb_em_reader *in, const gb_yaml_node *key,
                              const gb_yaml_node *value,
                              gb_machines *machines) {
    if (!plain_name(key->text))
        return gb_em_unexpected(in, key, "machines",
                                "a name of letters, digits, '.', '_' and '-'",
                                "it becomes a folder below the mount point");
    gb_em_machine *machine = &machines->items[machines->count++];
    gb_em_machine_init(machine, key->text);
    gb_status status = apply_preset(in, value, machine);
    if (status == GB_OK)
        status = read_body(in, value, machine);
    if (status == GB_OK)
        status = gb_em_placed(in, value,
                              gb_em_machine_link(machine, machines, in->err));
    return status;
}

/* --- the whole file ------------------------------------------------------- */

static gb_status read_seed(const gb_em_reader *in, const gb_yaml_node *value,
                           void *target) {
    return gb_em_read_count(in, value, "seed", 0, 0x1p64,
                            &((gb_machines *)target)->seed);
}

static gb_status skip_value(const gb_em_reader *in, const gb_yaml_node *value,
                            void *target) {
    (void)in; /* `machines`: read once the seed is known */
    (void)value;
    (void)target;
    return GB_OK;
}

static gb_status text_value(const gb_em_reader *in, const gb_yaml_node *value,
                            void *target) {
    (void)target;
    return value->kind == GB_YAML_SCALAR
               ? GB_OK
               : gb_em_unexpected(in, value, "description", "text", NULL);
}

static gb_status read_all(const gb_em_reader *in, const gb_yaml_node *root,
                          const uint64_t *seed, gb_machines *machines) {
    static const gb_em_field fields[] = {
        GB_EM_FIELD_OWN("description", text_value),
        GB_EM_FIELD_OWN("seed", read_seed),
        GB_EM_FIELD_OWN("machines", skip_value),
    };
    gb_status status = gb_em_read_map(in, root, "a map with 'machines'", fields,
                                      GB_EM_COUNT_OF(fields), machines);
    if (status != GB_OK)
        return status;
    if (seed != NULL)
        machines->seed = *seed;
    const gb_yaml_node *list = gb_em_value_of(root, "machines");
    if (list == NULL || list->kind != GB_YAML_MAP || list->count == 0 ||
        list->count > MACHINES_MAX)
        return gb_em_unexpected(in, list != NULL ? list : root, "",
                                "'machines', a map of 1 to 64 machines",
                                "for example machines: {node0: {like: "
                                "intel-2s}}");
    machines->items = calloc(list->count, sizeof(*machines->items));
    if (machines->items == NULL)
        return gb_fail_memory(in->err, in->name);
    for (size_t i = 0; i < list->count && status == GB_OK; i++)
        status = read_machine(in, list->keys[i], list->items[i], machines);
    return status;
}

static gb_status read_root(const gb_em_reader *in, gb_yaml_node *root,
                           const uint64_t *seed, gb_machines **machines_out) {
    gb_machines *machines = calloc(1, sizeof(*machines));
    gb_status status = GB_OK;
    if (machines == NULL)
        status = gb_fail_memory(in->err, in->name);
    else
        status = read_all(in, root, seed, machines);
    gb_yaml_free(root);
    if (status != GB_OK) {
        gb_machines_free(machines);
        return status;
    }
    *machines_out = machines;
    return GB_OK;
}

gb_status gb_machines_parse(const char *name, const char *text, size_t length,
                            const char *folder, const uint64_t *seed,
                            gb_machines **machines_out, gb_error *err) {
    const gb_em_reader in = {.name = name, .folder = folder, .err = err};
    gb_yaml_node *root = NULL;
    const gb_status status = gb_yaml_parse(name, text, length, &root, err);
    return status == GB_OK ? read_root(&in, root, seed, machines_out) : status;
}

gb_status gb_machines_load(const char *path, const uint64_t *seed,
                           gb_machines **machines_out, gb_error *err) {
    gb_yaml_node *root = NULL;
    char folder[512];
    gb_copy(folder, sizeof(folder), path);
    char *slash = strrchr(folder, '/');
    if (slash == NULL)
        gb_copy(folder, sizeof(folder), ".");
    else
        *(slash == folder ? slash + 1 : slash) = '\0';
    const gb_em_reader in = {.name = path, .folder = folder, .err = err};
    const gb_status status = gb_yaml_load(path, &root, err);
    return status == GB_OK ? read_root(&in, root, seed, machines_out) : status;
}
