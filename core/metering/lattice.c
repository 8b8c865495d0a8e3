/* SPDX-License-Identifier: Apache-2.0 */
/* What contains what, and which counters make up a node: reference/energy.md
 * §0 and §1.3, rules 10-15. */
#include "metering/lattice.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "metering/cover.h"

#define BIT(scope) GB_SCOPE_BIT(scope)
#define CPU_PARTS  (BIT(CORES) | BIT(CORE) | BIT(UNCORE))
#define CPU        (BIT(PACKAGE) | CPU_PARTS)
#define GPU        (BIT(ACCEL) | BIT(ACCEL_PART))
#define BOARD      (CPU | BIT(DRAM) | GPU | BIT(OTHER))

/* The scopes that lie inside each scope, itself included. DRAM is beside the
 * package, whatever directory it is in. */
static const uint32_t inside[GB_SCOPE_COUNT] = {
    [GB_SCOPE_NODE_AC] = BIT(NODE_AC) | BIT(NODE_DC) | BIT(PLATFORM) |
                         BIT(MODULE) | BIT(GRACE) | BOARD,
    [GB_SCOPE_NODE_DC] =
        BIT(NODE_DC) | BIT(PLATFORM) | BIT(MODULE) | BIT(GRACE) | BOARD,
    [GB_SCOPE_PLATFORM] = BIT(PLATFORM) | BIT(MODULE) | BIT(GRACE) | BOARD,
    [GB_SCOPE_MODULE] = BIT(MODULE) | BIT(GRACE) | CPU | BIT(DRAM) | GPU,
    [GB_SCOPE_GRACE] = BIT(GRACE) | CPU | BIT(DRAM),
    [GB_SCOPE_PACKAGE] = CPU,
    [GB_SCOPE_CORES] = BIT(CORES) | BIT(CORE),
    [GB_SCOPE_CORE] = BIT(CORE),
    [GB_SCOPE_UNCORE] = BIT(UNCORE),
    [GB_SCOPE_DRAM] = BIT(DRAM),
    [GB_SCOPE_ACCEL] = GPU,
    [GB_SCOPE_ACCEL_PART] = BIT(ACCEL_PART),
    [GB_SCOPE_OTHER] = BIT(OTHER),
};

bool gb_scope_in(const gb_energy_domain *domain, uint32_t scopes) {
    return (scopes >> domain->scope & 1u) != 0;
}

bool gb_scope_is_node(const gb_energy_domain *domain) {
    return gb_scope_in(domain, BIT(NODE_AC) | BIT(NODE_DC) | BIT(PLATFORM));
}

bool gb_domains_of_two_vendors(const gb_energy_domain *a,
                               const gb_energy_domain *b) {
    static const char *const vendors[] = {"nvml", "rocm"};
    int of_a = -1, of_b = -1;

    for (int i = 0; i < 2; i++) {
        of_a = strcmp(a->source, vendors[i]) == 0 ? i : of_a;
        of_b = strcmp(b->source, vendors[i]) == 0 ? i : of_b;
    }
    return of_a >= 0 && of_b >= 0 && of_a != of_b;
}

/* Both name a place: is it the same one? Of a place not known, one source is
 * taken to list different things, two sources the same things: counting less
 * is seen in the cover, counting twice is not. */
static bool same_place(const gb_energy_domain *outer,
                       const gb_energy_domain *inner) {
    if (gb_domains_of_two_vendors(outer, inner))
        return false;
    /* Accelerators are numbered on their own, not by module. */
    if (gb_scope_in(inner, GPU) && !gb_scope_in(outer, GPU))
        return true;
    if (outer->package < 0 || inner->package < 0)
        return strcmp(outer->source, inner->source) != 0 ||
               strcmp(outer->name, inner->name) == 0;
    if (outer->package != inner->package)
        return false;
    return outer->die < 0 || outer->die == inner->die;
}

bool gb_domain_contains(const gb_energy_domain *outer,
                        const gb_energy_domain *inner) {
    if ((inside[outer->scope] >> inner->scope & 1u) == 0)
        return false;
    return gb_scope_is_node(outer) || same_place(outer, inner);
}

/* --- preference ----------------------------------------------------------- */

bool gb_domain_is_mmio(const gb_energy_domain *domain) {
    return gb_starts_with(domain->name, "mmio:");
}

/* A meter that changes more slowly than this has no figure for a timed call of
 * one second, the default: a window takes ten of its periods. */
#define SLOW_UPDATE_NS UINT64_C(100000000)

/* Best first; 0: never summed. A part is no sum: the cores of a package say
 * nothing about the package, and `core` of AMD is one core. */
static unsigned scope_rank(const gb_energy_domain *domain, bool packages) {
    const bool gauge = domain->kind == GB_READING_POWER;

    /* What several nodes draw on is no part of one of them (rule 18). */
    if (gb_scope_is_node(domain) && domain->shared)
        return 0;
    if (gb_scope_is_node(domain) && packages &&
        domain->update_ns > SLOW_UPDATE_NS)
        return 12;
    switch (domain->scope) {
    case GB_SCOPE_NODE_AC:
        return gauge ? 3 : 1;
    case GB_SCOPE_NODE_DC:
        return gauge ? 4 : 2;
    case GB_SCOPE_MODULE:
        return 5;
    case GB_SCOPE_GRACE:
        return 6;
    case GB_SCOPE_PACKAGE:
        return 7;
    /* After packages, which it conflicts with; before DRAM alone. */
    case GB_SCOPE_PLATFORM:
        return 8;
    case GB_SCOPE_DRAM:
        return 9;
    case GB_SCOPE_ACCEL:
        return 10;
    default:
        return 0;
    }
}

static size_t source_rank(const gb_energy_domain *domain,
                          const char *const *preference,
                          size_t preference_count) {
    for (size_t i = 0; i < preference_count; i++)
        if (strcmp(preference[i], domain->source) == 0)
            return i;
    return preference_count;
}

typedef struct candidate_rank {
    bool estimate;
    unsigned scope;
    size_t source;
    bool mmio;
} candidate_rank;

static bool better(const candidate_rank *a, const candidate_rank *b) {
    if (a->estimate != b->estimate)
        return !a->estimate;
    if (a->scope != b->scope)
        return a->scope < b->scope;
    if (a->source != b->source)
        return a->source < b->source;
    return !a->mmio && b->mmio;
}

/* --- reasons -------------------------------------------------------------- */

/* A part, or something that no sum can hold. */
static const char *why_no_part(const gb_energy_domain *domain) {
    switch (domain->scope) {
    case GB_SCOPE_CORE:
        return "one core only, not all cores of a package";
    case GB_SCOPE_OTHER:
        return "what it covers is not known";
    default:
        return "a part whose whole cannot be read";
    }
}

/* Why a readable domain is not in the sum. */
static void say_why(const gb_energy_domain *domains, size_t count,
                    bool measured, const gb_energy_domain *domain,
                    gb_language language, char *out, size_t size) {
    const gb_energy_domain *used = gb_cover_conflict(domains, count, domain);
    const char *why = NULL;

    if (measured && domain->quality == GB_QUALITY_MODELLED)
        why = "an estimate is not added to measurements";
    else if (domain->shared && gb_scope_is_node(domain))
        why = "shared with other nodes: not split by guess";
    else if (domain->scope == GB_SCOPE_CORE || used == NULL)
        why = why_no_part(domain);
    if (why != NULL)
        snprintf(out, size, "%s", gb_phrase(language, why));
    else
        snprintf(
            out, size,
            gb_phrase(
                language,
                domain->scope != used->scope
                    ? gb_domain_contains(used, domain)
                          ? "inside '%s %s', which is summed"
                          : "contains '%s %s', which is summed"
                : gb_domain_is_mmio(domain)
                    ? "a second path to the same counter as '%s %s', which is "
                      "summed"
                    : "counts the same energy as '%s %s', which is summed"),
            used->source, used->name);
}

/* --- the choice ----------------------------------------------------------- */

const gb_energy_domain *gb_cover_conflict(const gb_energy_domain *domains,
                                          size_t count,
                                          const gb_energy_domain *domain) {
    for (size_t i = 0; i < count; i++)
        if (domains[i].summed && &domains[i] != domain &&
            (gb_domain_contains(&domains[i], domain) ||
             gb_domain_contains(domain, &domains[i])))
            return &domains[i];
    return NULL;
}

static bool packages_readable(const gb_energy_domain *domains, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (domains[i].status == GB_DOMAIN_OK &&
            domains[i].quality != GB_QUALITY_MODELLED &&
            gb_scope_in(&domains[i], BIT(PACKAGE) | BIT(GRACE) | BIT(MODULE)))
            return true;
    return false;
}

/* The best domain that is ok, not summed, and in conflict with nothing summed.
 * Domains are few: a node has tens. */
static gb_energy_domain *next_best(gb_energy_domain *domains, size_t count,
                                   const char *const *preference,
                                   size_t preference_count, bool measured) {
    const bool packages = packages_readable(domains, count);
    gb_energy_domain *best = NULL;
    candidate_rank best_rank = {0};

    for (size_t i = 0; i < count; i++) {
        gb_energy_domain *domain = &domains[i];
        const candidate_rank rank = {
            .estimate = domain->quality == GB_QUALITY_MODELLED,
            .scope = scope_rank(domain, packages),
            .source = source_rank(domain, preference, preference_count),
            .mmio = gb_domain_is_mmio(domain),
        };
        if (domain->status != GB_DOMAIN_OK || domain->summed ||
            rank.scope == 0 || (rank.estimate && measured))
            continue;
        if ((best == NULL || better(&rank, &best_rank)) &&
            gb_cover_conflict(domains, count, domain) == NULL) {
            best = domain;
            best_rank = rank;
        }
    }
    return best;
}

/* A reason the source gave stays behind the new one. */
static void give_reasons(gb_energy_domain *domains, size_t count,
                         bool measured) {
    for (size_t i = 0; i < count; i++) {
        gb_energy_domain *domain = &domains[i];
        char why[256], reason[512];
        if (domain->status != GB_DOMAIN_OK || domain->summed)
            continue;
        say_why(domains, count, measured, domain, GB_LANGUAGE_EN, why,
                sizeof(why));
        snprintf(reason, sizeof(reason), "%s%s%s", why,
                 domain->reason[0] != '\0' ? "; " : "", domain->reason);
        gb_copy(domain->reason, sizeof(domain->reason), reason);
    }
}

bool gb_left_out_translate(const gb_node *node, size_t domain,
                           gb_language language, char *out, size_t size) {
    const gb_energy_domain *asked = &node->domains[domain];
    bool measured = false;
    char why[256];

    if (asked->status != GB_DOMAIN_OK || asked->summed)
        return false;
    for (size_t i = 0; i < node->domain_count; i++)
        measured =
            measured || (node->domains[i].summed &&
                         node->domains[i].quality != GB_QUALITY_MODELLED);
    say_why(node->domains, node->domain_count, measured, asked, GB_LANGUAGE_EN,
            why, sizeof(why));
    if (!gb_starts_with(asked->reason, why))
        return false;
    const char *behind = asked->reason + strlen(why);
    if (behind[0] != '\0' && !gb_starts_with(behind, "; "))
        return false;
    behind += behind[0] != '\0' ? 2 : 0;
    say_why(node->domains, node->domain_count, measured, asked, language, why,
            sizeof(why));
    snprintf(out, size, "%s%s%s", why,
             behind[0] != '\0' ? gb_phrase(language, "; ") : "",
             gb_phrase(language, behind));
    return true;
}

void gb_lattice_choose(gb_energy_domain *domains, size_t count,
                       uint32_t packages, const char *const *preference,
                       size_t preference_count, gb_energy_cover *cover) {
    gb_energy_domain *best;
    bool measured = false;

    *cover = (gb_energy_cover){.quality = GB_QUALITY_UNAVAILABLE};
    for (size_t i = 0; i < count; i++)
        domains[i].summed = false;
    while ((best = next_best(domains, count, preference, preference_count,
                             measured)) != NULL) {
        best->summed = true;
        measured = measured || best->quality != GB_QUALITY_MODELLED;
        if (cover->summed_count++ == 0 || best->quality < cover->quality)
            cover->quality = best->quality;
    }
    give_reasons(domains, count, measured);
    if (cover->summed_count > 0)
        gb_cover_describe(domains, count, packages, GB_LANGUAGE_EN, cover);
}
