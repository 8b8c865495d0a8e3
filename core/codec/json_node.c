/* SPDX-License-Identifier: Apache-2.0 */
/* A node and its energy domains. */
#include <stdlib.h>
#include <string.h>

#include "codec/json_parts.h"

#define UNKNOWN_PARANOID -100

/* A machine has few kinds of nodes. Where it has more, a node is written whole
 * more often, and writing stays linear in the nodes. */
#define MODELS_MAX 32

/* --- writing -------------------------------------------------------------- */

/* -1 is null: not tied to one. */
static json_t *index_or_null(gb_json_out *out, int32_t index) {
    return index < 0 ? json_null() : gb_json_int(out, index);
}

json_t *gb_json_identity(gb_json_out *out, const gb_plugin_identity *plugin) {
    if (plugin->id[0] == '\0')
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "id", gb_json_text(out, plugin->id));
    gb_json_put(out, o, "version", gb_json_fact(out, plugin->version));
    gb_json_put(out, o, "sha256", gb_json_fact(out, plugin->sha256));
    return o;
}

json_t *gb_json_domain(gb_json_out *out, const gb_energy_domain *domain) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "source", gb_json_text(out, domain->source));
    gb_json_put(out, o, "domain", gb_json_text(out, domain->name));
    gb_json_put(out, o, "path", gb_json_fact(out, domain->path));
    gb_json_put(out, o, "kind",
                gb_json_text(out, domain->kind == GB_READING_POWER ? "power"
                                                                   : "energy"));
    gb_json_put(out, o, "scope",
                gb_json_text(out, gb_scope_name(domain->scope)));
    gb_json_put(out, o, "package", index_or_null(out, domain->package));
    gb_json_put(out, o, "die", index_or_null(out, domain->die));
    gb_json_put(out, o, "tick_j", gb_json_real(out, domain->tick_j));
    gb_json_put(out, o, "step_j", gb_json_real(out, domain->step_j));
    gb_json_put(out, o, "wrap_ticks", gb_json_count(out, domain->wrap_ticks));
    gb_json_put(out, o, "update_ns", gb_json_count(out, domain->update_ns));
    gb_json_put(out, o, "average_ns", gb_json_count(out, domain->average_ns));
    gb_json_put(out, o, "max_power_w", gb_json_real(out, domain->max_power_w));
    gb_json_put(out, o, "u_rel", gb_json_real(out, domain->u_rel));
    gb_json_put(out, o, "u_w", gb_json_real(out, domain->u_w));
    gb_json_put(out, o, "accuracy_stated",
                gb_json_bool(out, domain->accuracy_stated));
    gb_json_put(out, o, "status",
                gb_json_text(out, gb_domain_status_name(domain->status)));
    gb_json_put(out, o, "quality",
                gb_json_text(out, gb_quality_name(domain->quality)));
    gb_json_put(out, o, "summed", gb_json_bool(out, domain->summed));
    gb_json_put(out, o, "stamped", gb_json_bool(out, domain->stamped));
    gb_json_put(out, o, "shared", gb_json_bool(out, domain->shared));
    gb_json_put(out, o, "suspect", gb_json_fact(out, domain->suspect));
    gb_json_put(out, o, "refresh", index_or_null(out, domain->refresh));
    gb_json_put(out, o, "reason", gb_json_fact(out, domain->reason));
    gb_json_put(out, o, "fix", gb_json_fact(out, domain->fix));
    gb_json_put(out, o, "plugin", gb_json_identity(out, &domain->plugin));
    return o;
}

json_t *gb_json_cover(gb_json_out *out, const gb_node *node) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "domains_read",
                gb_json_u64(out, node->cover.summed_count));
    gb_json_put(out, o, "domains", gb_json_u64(out, node->domain_count));
    gb_json_put(out, o, "holds", gb_json_fact(out, node->cover.holds));
    gb_json_put(out, o, "leaves_out",
                gb_json_fact(out, node->cover.leaves_out));
    gb_json_put(out, o, "missing", gb_json_fact(out, node->cover.missing));
    return o;
}

static void put_cpu(gb_json_out *out, json_t *o, const gb_node *node) {
    gb_json_put(out, o, "cpu", gb_json_fact(out, node->cpu));
    gb_json_put(out, o, "cpu_vendor", gb_json_fact(out, node->cpu_vendor));
    gb_json_put(out, o, "cpu_family", gb_json_count(out, node->cpu_family));
    gb_json_put(out, o, "cpu_model", gb_json_u64(out, node->cpu_model));
    gb_json_put(out, o, "cpu_stepping", gb_json_u64(out, node->cpu_stepping));
    gb_json_put(out, o, "microcode", gb_json_fact(out, node->microcode));
    gb_json_put(out, o, "packages", gb_json_count(out, node->packages));
    gb_json_put(out, o, "cores", gb_json_count(out, node->cores));
    gb_json_put(out, o, "pus", gb_json_count(out, node->pus));
    gb_json_put(out, o, "numa_nodes", gb_json_count(out, node->numa_nodes));
    gb_json_put(out, o, "smt", gb_json_bool(out, node->smt));
    gb_json_put(out, o, "governor", gb_json_fact(out, node->governor));
    gb_json_put(out, o, "turbo", gb_json_fact(out, node->turbo));
    gb_json_put(out, o, "power_caps", gb_json_fact(out, node->power_caps));
}

json_t *gb_json_node(gb_json_out *out, const gb_node *node) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "name", gb_json_fact(out, node->name));
    gb_json_put(out, o, "boot_id", gb_json_fact(out, node->boot_id));
    put_cpu(out, o, node);
    gb_json_put(out, o, "memory_bytes", gb_json_count(out, node->memory_bytes));
    gb_json_put(out, o, "memory_usable_bytes",
                gb_json_count(out, node->memory_usable_bytes));
    gb_json_put(out, o, "cgroup_limit_bytes",
                gb_json_count(out, node->cgroup_limit_bytes));
    gb_json_put(out, o, "cache_bytes", gb_json_count(out, node->cache_bytes));
    gb_json_put(out, o, "kernel", gb_json_fact(out, node->kernel));
    gb_json_put(out, o, "virtualisation",
                gb_json_fact(out, node->virtualisation));
    gb_json_put(out, o, "clock_source", gb_json_fact(out, node->clock_source));
    gb_json_put(out, o, "clock_offset_s",
                gb_json_real(out, node->clock_offset_s));
    gb_json_put(out, o, "clock_offset_bound_s",
                gb_json_real(out, node->clock_offset_bound_s));
    gb_json_put(out, o, "perf_event_paranoid",
                node->perf_event_paranoid == UNKNOWN_PARANOID
                    ? json_null()
                    : gb_json_int(out, node->perf_event_paranoid));
    gb_json_put(out, o, "ranks", gb_json_u64(out, node->ranks));
    gb_json_put(out, o, "sampler_pu", index_or_null(out, node->sampler_pu));
    gb_json_put(out, o, "sampler_place",
                gb_json_fact(out, node->sampler_place));
    gb_json_put(out, o, "energy_quality",
                gb_json_text(out, gb_quality_name(node->cover.quality)));
    gb_json_put(out, o, "coverage", gb_json_cover(out, node));
    return o;
}

static json_t *whole_node(gb_json_out *out, const gb_node *node) {
    json_t *o = gb_json_node(out, node);
    json_t *domains = gb_json_array(out);
    for (size_t k = 0; k < node->domain_count; k++)
        gb_json_append(out, domains, gb_json_domain(out, &node->domains[k]));
    gb_json_put(out, o, "domains", domains);
    return o;
}

/* The latest nodes that were written whole. */
typedef struct models {
    size_t nodes[MODELS_MAX]; /* indices */
    size_t count;             /* of all so far */
} models;

/* Which of them has these domains; SIZE_MAX: none. */
static size_t find_model(const models *seen, const json_t *array,
                         const json_t *node) {
    const json_t *domains = json_object_get(node, "domains");
    const size_t kept = seen->count < MODELS_MAX ? seen->count : MODELS_MAX;
    for (size_t i = 0; i < kept; i++) {
        const json_t *model = json_array_get(array, seen->nodes[i]);
        if (json_equal(json_object_get(model, "domains"), domains))
            return seen->nodes[i];
    }
    return SIZE_MAX;
}

static void leave_out_equal(json_t *node, const json_t *model) {
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(node, next, key, value) {
        if (strcmp(key, "name") != 0 &&
            json_equal(value, json_object_get(model, key)))
            json_object_del(node, key);
    }
}

json_t *gb_json_nodes(gb_json_out *out, const gb_node *nodes, size_t count) {
    json_t *array = gb_json_array(out);
    models seen = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        json_t *o = whole_node(out, &nodes[i]);
        const size_t like = find_model(&seen, array, o);
        if (like == SIZE_MAX) {
            seen.nodes[seen.count++ % MODELS_MAX] = i;
        } else {
            leave_out_equal(o, json_array_get(array, like));
            gb_json_put(out, o, "like", gb_json_u64(out, like));
        }
        gb_json_append(out, array, o);
    }
    return array;
}

/* --- reading -------------------------------------------------------------- */

/* A word of a fixed list; missing leaves @p *out at its zero. */
#define READ_WORD(in, object, key, wanted, from_name, out)                     \
    do {                                                                       \
        char word[48];                                                         \
        gb_json_get_text(in, object, key, word, sizeof(word));                 \
        if (word[0] != '\0' && !from_name(word, out))                          \
            gb_json_mistake(in, key, wanted, json_object_get(object, key));    \
    } while (0)

static void read_identity(gb_json_in *in, const json_t *object,
                          gb_plugin_identity *plugin) {
    gb_json_get_text(in, object, "id", plugin->id, sizeof(plugin->id));
    gb_json_get_text(in, object, "version", plugin->version,
                     sizeof(plugin->version));
    gb_json_get_text(in, object, "sha256", plugin->sha256,
                     sizeof(plugin->sha256));
}

static void read_domain(gb_json_in *in, const json_t *object,
                        gb_energy_domain *domain) {
    char kind[16];
    gb_json_get_text(in, object, "source", domain->source,
                     sizeof(domain->source));
    gb_json_get_text(in, object, "domain", domain->name, sizeof(domain->name));
    gb_json_get_text(in, object, "path", domain->path, sizeof(domain->path));
    gb_json_get_text(in, object, "kind", kind, sizeof(kind));
    if (strcmp(kind, "power") == 0)
        domain->kind = GB_READING_POWER;
    else if (strcmp(kind, "energy") != 0)
        gb_json_mistake(in, "kind", "energy or power",
                        json_object_get(object, "kind"));
    READ_WORD(in, object, "scope", "a scope such as package",
              gb_scope_from_name, &domain->scope);
    domain->package = gb_json_get_i32(in, object, "package", -1);
    domain->die = gb_json_get_i32(in, object, "die", -1);
    domain->tick_j = gb_json_get_real(in, object, "tick_j");
    domain->step_j = gb_json_get_real(in, object, "step_j");
    domain->wrap_ticks = gb_json_get_u64(in, object, "wrap_ticks");
    domain->update_ns = gb_json_get_u64(in, object, "update_ns");
    domain->average_ns = gb_json_get_u64(in, object, "average_ns");
    domain->max_power_w = gb_json_get_real(in, object, "max_power_w");
    domain->u_rel = gb_json_get_real(in, object, "u_rel");
    /* Runs of the first days of version 0.1 had neither. */
    domain->u_w = json_object_get(object, "u_w") != NULL
                      ? gb_json_get_real(in, object, "u_w")
                      : 0.0;
    domain->accuracy_stated =
        json_object_get(object, "accuracy_stated") != NULL &&
        gb_json_get_bool(in, object, "accuracy_stated");
    if (json_object_get(object, "plugin") != NULL)
        read_identity(in, gb_json_get_object(in, object, "plugin"),
                      &domain->plugin);
    READ_WORD(in, object, "status", "a status such as ok",
              gb_domain_status_from_name, &domain->status);
    READ_WORD(in, object, "quality", "a quality such as measured",
              gb_quality_from_name, &domain->quality);
    domain->summed = gb_json_get_bool(in, object, "summed");
    domain->stamped = gb_json_get_bool(in, object, "stamped");
    domain->shared = gb_json_get_bool(in, object, "shared");
    gb_json_get_text(in, object, "suspect", domain->suspect,
                     sizeof(domain->suspect));
    domain->refresh = gb_json_get_i32(in, object, "refresh", -1);
    gb_json_get_text(in, object, "reason", domain->reason,
                     sizeof(domain->reason));
    gb_json_get_text(in, object, "fix", domain->fix, sizeof(domain->fix));
}

static void read_cpu(gb_json_in *in, const json_t *object, gb_node *node) {
    gb_json_get_text(in, object, "cpu", node->cpu, sizeof(node->cpu));
    gb_json_get_text(in, object, "cpu_vendor", node->cpu_vendor,
                     sizeof(node->cpu_vendor));
    node->cpu_family = gb_json_get_u32(in, object, "cpu_family");
    node->cpu_model = gb_json_get_u32(in, object, "cpu_model");
    node->cpu_stepping = gb_json_get_u32(in, object, "cpu_stepping");
    gb_json_get_text(in, object, "microcode", node->microcode,
                     sizeof(node->microcode));
    node->packages = gb_json_get_u32(in, object, "packages");
    node->cores = gb_json_get_u32(in, object, "cores");
    node->pus = gb_json_get_u32(in, object, "pus");
    node->numa_nodes = gb_json_get_u32(in, object, "numa_nodes");
    node->smt = gb_json_get_bool(in, object, "smt");
    gb_json_get_text(in, object, "governor", node->governor,
                     sizeof(node->governor));
    gb_json_get_text(in, object, "turbo", node->turbo, sizeof(node->turbo));
    gb_json_get_text(in, object, "power_caps", node->power_caps,
                     sizeof(node->power_caps));
}

static void read_cover(gb_json_in *in, const json_t *object, gb_node *node) {
    const json_t *cover = gb_json_get_object(in, object, "coverage");
    READ_WORD(in, object, "energy_quality", "a quality such as measured",
              gb_quality_from_name, &node->cover.quality);
    node->cover.summed_count = gb_json_get_u64(in, cover, "domains_read");
    gb_json_get_text(in, cover, "holds", node->cover.holds,
                     sizeof(node->cover.holds));
    gb_json_get_text(in, cover, "leaves_out", node->cover.leaves_out,
                     sizeof(node->cover.leaves_out));
    gb_json_get_text(in, cover, "missing", node->cover.missing,
                     sizeof(node->cover.missing));
}

static void read_node(gb_json_in *in, const json_t *object, gb_node *node) {
    gb_json_get_text(in, object, "name", node->name, sizeof(node->name));
    gb_json_get_text(in, object, "boot_id", node->boot_id,
                     sizeof(node->boot_id));
    read_cpu(in, object, node);
    node->memory_bytes = gb_json_get_u64(in, object, "memory_bytes");
    node->memory_usable_bytes =
        gb_json_get_u64(in, object, "memory_usable_bytes");
    node->cgroup_limit_bytes =
        gb_json_get_u64(in, object, "cgroup_limit_bytes");
    node->cache_bytes = gb_json_get_u64(in, object, "cache_bytes");
    gb_json_get_text(in, object, "kernel", node->kernel, sizeof(node->kernel));
    gb_json_get_text(in, object, "virtualisation", node->virtualisation,
                     sizeof(node->virtualisation));
    gb_json_get_text(in, object, "clock_source", node->clock_source,
                     sizeof(node->clock_source));
    node->clock_offset_s = gb_json_get_real(in, object, "clock_offset_s");
    node->clock_offset_bound_s =
        gb_json_get_real(in, object, "clock_offset_bound_s");
    node->perf_event_paranoid =
        gb_json_get_i32(in, object, "perf_event_paranoid", UNKNOWN_PARANOID);
    node->ranks = gb_json_get_u32(in, object, "ranks");
    node->sampler_pu = gb_json_get_i32(in, object, "sampler_pu", -1);
    gb_json_get_text(in, object, "sampler_place", node->sampler_place,
                     sizeof(node->sampler_place));
    read_cover(in, object, node);
}

static void read_domains(gb_json_in *in, const json_t *object, gb_node *node) {
    const json_t *domains = gb_json_get_array(in, object, "domains");
    const size_t count = json_array_size(domains);
    node->domains = gb_json_alloc(in, count, sizeof(*node->domains));
    if (node->domains == NULL)
        return;
    node->domain_count = count;
    for (size_t i = 0; i < count; i++)
        read_domain(in, json_array_get(domains, i), &node->domains[i]);
}

/* What @p object leaves out, from the earlier node that it is like. */
static void complete_node(gb_json_in *in, const json_t *array, json_t *object,
                          size_t index, gb_node *nodes) {
    const uint64_t like = gb_json_get_u64(in, object, "like");
    if (like >= index) {
        gb_json_mistake(in, "like", "the index of an earlier node",
                        json_object_get(object, "like"));
        return;
    }
    if (json_object_get(object, "domains") == NULL) {
        nodes[index].domains = nodes[like].domains;
        nodes[index].domain_count = nodes[like].domain_count;
        nodes[index].shares_domains = true;
    }
    if (json_object_update_missing(object, json_array_get(array, like)) != 0 &&
        in->status == GB_OK)
        in->status = gb_fail_memory(in->err, "a node");
}

void gb_json_read_nodes(gb_json_in *in, const json_t *array,
                        gb_node **nodes_out, size_t *count_out) {
    const size_t count = json_array_size(array);
    gb_node *nodes = gb_json_alloc(in, count, sizeof(*nodes));
    *nodes_out = nodes;
    *count_out = nodes != NULL ? count : 0;
    for (size_t i = 0; i < count && in->status == GB_OK; i++) {
        json_t *object = json_array_get(array, i);
        if (json_object_get(object, "like") != NULL)
            complete_node(in, array, object, i, nodes);
        read_node(in, object, &nodes[i]);
        if (!nodes[i].shares_domains)
            read_domains(in, object, &nodes[i]);
    }
}
