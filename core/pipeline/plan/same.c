/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/plan/same.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "pipeline/plan/plan.h"

/* More are counted and not worded. */
#define WORDED_MAX 3

/* MemTotal differs by some kB from boot to boot; a module that failed is more.
 */
#define MEMORY_TOLERANCE 0.02
/* Problems are as large as the first launch found room for. */
#define ROOM_SHARE 0.9

static void differ(gb_differences *out, const char *fmt, ...)
    GB_PRINTF_LIKE(2, 3);

static void differ(gb_differences *out, const char *fmt, ...) {
    char text[320];
    va_list args;

    if (out->count++ >= WORDED_MAX)
        return;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    gb_str_addf(&out->text, "%s%s", out->count > 1 ? "; " : "", text);
}

static void finish(gb_differences *out) {
    if (out->count > WORDED_MAX)
        gb_str_addf(&out->text, "; and %zu more", out->count - WORDED_MAX);
}

void gb_differences_fini(gb_differences *differences) {
    gb_str_fini(&differences->text);
    *differences = (gb_differences){0};
}

/* @p of  "n2: " or "" */
static void text(gb_differences *out, const char *of, const char *what,
                 const char *first, const char *now) {
    first = first != NULL ? first : "";
    now = now != NULL ? now : "";
    if (strcmp(first, now) != 0)
        differ(out, "%s%s: expected '%s', got '%s'", of, what, first, now);
}

static void number(gb_differences *out, const char *of, const char *what,
                   double first, double now) {
    /* Both went through the same digits: they are equal or were asked for. */
    if (first < now || first > now)
        differ(out, "%s%s: expected %.9g, got %.9g", of, what, first, now);
}

static void flag(gb_differences *out, const char *of, const char *what,
                 bool first, bool now) {
    text(out, of, what, first ? "yes" : "no", now ? "yes" : "no");
}

/* Runs of the first days of version 0.1 do not tell a plugin's file. */
static void file(gb_differences *out, const char *of, const char *first,
                 const char *now) {
    const bool known = now != NULL && now[0] != '\0';

    if (first != NULL && first[0] != '\0' &&
        strcmp(first, known ? now : "") != 0)
        differ(out, "%sfile of the plugin: expected SHA-256 %.12s.., got %.12s",
               of, first, known ? now : "none");
}

/* --- the plan ------------------------------------------------------------- */

static void compare_case(const gb_plan_case *first, const gb_plan_case *now,
                         gb_differences *out) {
    char of[176], label[160], other[160];

    gb_plan_case_label(first, label, sizeof(label));
    snprintf(of, sizeof(of), "%s: ", label);
    if (strcmp(first->id, now->id) != 0 ||
        first->param_count != now->param_count) {
        differ(out, "expected the case '%s', got '%s'", label,
               gb_plan_case_label(now, other, sizeof(other)));
        return;
    }
    for (size_t i = 0; i < first->param_count; i++)
        text(out, of, first->params[i].name, first->params[i].text,
             now->params[i].text);
    text(out, of, "version of the plugin", first->version, now->version);
    file(out, of, first->sha256, now->sha256);
    number(out, of, "repeats", first->repeats, now->repeats);
    if (first->ci_percent > 0.0 && now->ci_percent > 0.0)
        number(out, of, "max-repeats", first->max_repeats, now->max_repeats);
    number(out, of, "ci", first->ci_percent, now->ci_percent);
    number(out, of, "min-time in s", first->min_time_s, now->min_time_s);
    number(out, of, "trial-timeout in s", first->timeout_s, now->timeout_s);
}

void gb_plan_compare(const gb_plan *first, const gb_plan *now,
                     gb_differences *out) {
    number(out, "", "ranks", first->ranks, now->ranks);
    for (size_t i = 0; i < first->case_count && i < now->case_count; i++)
        compare_case(&first->cases[i], &now->cases[i], out);
    number(out, "", "number of cases", (double)first->case_count,
           (double)now->case_count);
    text(out, "", "energy", first->energy, now->energy);
    flag(out, "", "require-energy", first->require_energy, now->require_energy);
    flag(out, "", "partial-energy", first->partial_energy, now->partial_energy);
    number(out, "", "sample-hz", first->sample_hz, now->sample_hz);
    number(out, "", "idle in s", first->idle_s, now->idle_s);
    text(out, "", "counters", first->counters, now->counters);
    text(out, "", "SHA-256 of the claims", first->claims_sha256,
         now->claims_sha256);
    finish(out);
}

/* --- the machine ---------------------------------------------------------- */

static bool is_summed_in(const gb_node *node, const gb_energy_domain *domain) {
    for (size_t d = 0; d < node->domain_count; d++) {
        const gb_energy_domain *other = &node->domains[d];
        if (other->summed && other->scope == domain->scope &&
            other->kind == domain->kind && other->quality == domain->quality &&
            strcmp(other->source, domain->source) == 0 &&
            strcmp(other->name, domain->name) == 0)
            return true;
    }
    return false;
}

/* Ticks may be others, and what is only looked at may come and go. */
static void compare_energy(const gb_node *first, const gb_node *now,
                           const char *of, gb_differences *out) {
    for (size_t d = 0; d < first->domain_count; d++) {
        const gb_energy_domain *domain = &first->domains[d];
        if (domain->summed && !is_summed_in(now, domain))
            differ(out, "%senergy: expected %s %s in the sum, got '%s'", of,
                   domain->source, domain->name, now->cover.holds);
    }
    for (size_t d = 0; d < now->domain_count; d++) {
        const gb_energy_domain *domain = &now->domains[d];
        if (domain->summed && !is_summed_in(first, domain))
            differ(out, "%senergy: expected '%s' alone, got %s %s in the sum",
                   of, first->cover.holds, domain->source, domain->name);
    }
}

static const gb_energy_domain *find_named(const gb_node *node,
                                          const gb_energy_domain *domain) {
    for (size_t d = 0; d < node->domain_count; d++)
        if (strcmp(node->domains[d].source, domain->source) == 0 &&
            strcmp(node->domains[d].name, domain->name) == 0)
            return &node->domains[d];
    return NULL;
}

static bool is_named_before(const gb_node *node, size_t count, const char *id) {
    for (size_t d = 0; d < count; d++)
        if (strcmp(node->domains[d].plugin.id, id) == 0)
            return true;
    return false;
}

/* Summed or not: what the nodes' figures are set against is read by it. */
static void compare_meters(const gb_node *first, const gb_node *now,
                           const char *name, gb_differences *out) {
    char of[160];

    for (size_t d = 0; d < first->domain_count; d++) {
        const gb_plugin_identity *was = &first->domains[d].plugin;
        const gb_energy_domain *is = find_named(now, &first->domains[d]);
        if (was->id[0] == '\0' || is == NULL ||
            is_named_before(first, d, was->id))
            continue;
        snprintf(of, sizeof(of), "%s%s: ", name, was->id);
        text(out, of, "version of the plugin", was->version,
             is->plugin.version);
        file(out, of, was->sha256, is->plugin.sha256);
    }
}

static void compare_memory(const gb_node *first, const gb_node *now,
                           const char *of, gb_differences *out) {
    const double had = (double)first->memory_bytes;
    const double room = ROOM_SHARE * (double)first->memory_usable_bytes;
    char least[32], got[32];

    if (fabs((double)now->memory_bytes - had) > MEMORY_TOLERANCE * had)
        number(out, of, "memory in bytes", had, (double)now->memory_bytes);
    number(out, of, "memory limit in bytes", (double)first->cgroup_limit_bytes,
           (double)now->cgroup_limit_bytes);
    if ((double)now->memory_usable_bytes < room)
        differ(out, "%sfree memory: expected at least %s, got %s", of,
               gb_format_si(room, "B", least, sizeof(least)),
               gb_format_si((double)now->memory_usable_bytes, "B", got,
                            sizeof(got)));
}

static void compare_node(size_t index, const gb_node *first, const gb_node *now,
                         gb_differences *out) {
    char of[80];

    if (strcmp(first->name, now->name) != 0) {
        differ(out, "node %zu: expected '%s', got '%s'", index, first->name,
               now->name);
        return;
    }
    snprintf(of, sizeof(of), "%s: ", first->name);
    text(out, of, "governor", first->governor, now->governor);
    text(out, of, "turbo", first->turbo, now->turbo);
    text(out, of, "power caps", first->power_caps, now->power_caps);
    text(out, of, "cpu", first->cpu, now->cpu);
    text(out, of, "microcode", first->microcode, now->microcode);
    text(out, of, "kernel", first->kernel, now->kernel);
    number(out, of, "packages", first->packages, now->packages);
    number(out, of, "cores", first->cores, now->cores);
    number(out, of, "PUs", first->pus, now->pus);
    number(out, of, "NUMA nodes", first->numa_nodes, now->numa_nodes);
    number(out, of, "ranks", first->ranks, now->ranks);
    compare_memory(first, now, of, out);
    compare_energy(first, now, of, out);
    compare_meters(first, now, of, out);
}

static void compare_places(const gb_session *first, const gb_session *now,
                           gb_differences *out) {
    for (uint32_t r = 0; r < first->ranks && r < now->ranks; r++) {
        const gb_rank_place *was = &first->places[r], *is = &now->places[r];
        char of[32];
        snprintf(of, sizeof(of), "rank %u: ", r);
        if (was->node != is->node)
            differ(out, "%sexpected on '%s', got it on '%s'", of,
                   first->nodes[was->node].name, now->nodes[is->node].name);
        else
            number(out, of, "cores", was->core_count, is->core_count);
    }
}

void gb_session_compare(const gb_session *first, const gb_session *now,
                        gb_differences *out) {
    text(out, "", "version of greenbench", first->tool_version,
         now->tool_version);
    text(out, "", "commit of greenbench", first->tool_git, now->tool_git);
    text(out, "", "build of greenbench", first->tool_build, now->tool_build);
    text(out, "", "MPI", first->mpi, now->mpi);
    flag(out, "", "GREENBENCH_SYSROOT is set", first->sysroot[0] != '\0',
         now->sysroot[0] != '\0');
    text(out, "", "counters", first->counters, now->counters);
    number(out, "", "nodes", (double)first->node_count,
           (double)now->node_count);
    number(out, "", "ranks", first->ranks, now->ranks);
    for (size_t n = 0; n < first->node_count && n < now->node_count; n++)
        compare_node(n, &first->nodes[n], &now->nodes[n], out);
    compare_places(first, now, out);
    finish(out);
}
