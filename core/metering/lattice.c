/* SPDX-License-Identifier: Apache-2.0 */
#include "metering/lattice.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define BIT(scope) (1u << GB_SCOPE_##scope)
#define NEVER      99 /* tier of a scope that no total uses */

/* What each scope holds (reference/energy.md §0), and in which order scopes are
 * preferred for a node's total. */
static const struct {
    unsigned holds;
    int tier;
} scopes[GB_SCOPE_COUNT] = {
    [GB_SCOPE_NODE_AC] = {~BIT(OTHER), 0},
    [GB_SCOPE_NODE_DC] = {~(BIT(OTHER) | BIT(NODE_AC)), 1},
    [GB_SCOPE_MODULE] = {BIT(MODULE) | BIT(GRACE) | BIT(PACKAGE) | BIT(CORES) |
                             BIT(CORE) | BIT(UNCORE) | BIT(DRAM) | BIT(ACCEL) |
                             BIT(ACCEL_PART),
                         2},
    [GB_SCOPE_GRACE] = {BIT(GRACE) | BIT(PACKAGE) | BIT(CORES) | BIT(CORE) |
                            BIT(UNCORE) | BIT(DRAM),
                        3},
    [GB_SCOPE_PACKAGE] = {BIT(PACKAGE) | BIT(CORES) | BIT(CORE) | BIT(UNCORE),
                          4},
    [GB_SCOPE_DRAM] = {BIT(DRAM), 4},
    [GB_SCOPE_ACCEL] = {BIT(ACCEL) | BIT(ACCEL_PART), 4},
    /* psys is not calibrated on every board: packages are preferred to it. */
    [GB_SCOPE_PLATFORM] = {BIT(PLATFORM) | BIT(PACKAGE) | BIT(CORES) |
                               BIT(CORE) | BIT(UNCORE) | BIT(DRAM),
                           5},
    [GB_SCOPE_CORES] = {BIT(CORES) | BIT(CORE), 6},
    [GB_SCOPE_UNCORE] = {BIT(UNCORE), 6},
    [GB_SCOPE_ACCEL_PART] = {BIT(ACCEL_PART), 6},
    [GB_SCOPE_CORE] = {BIT(CORE), NEVER},
    [GB_SCOPE_OTHER] = {0, NEVER},
};

static bool same_place(int32_t outer, int32_t inner) {
    return outer < 0 || inner < 0 || outer == inner;
}

bool gb_domain_contains(const gb_energy_domain *outer,
                        const gb_energy_domain *inner) {
    return outer == inner ||
           ((scopes[outer->scope].holds & (1u << inner->scope)) != 0 &&
            same_place(outer->package, inner->package) &&
            same_place(outer->die, inner->die));
}

/* --- choosing ------------------------------------------------------------- */

static bool is_second_path(const gb_energy_domain *domain) {
    return gb_starts_with(domain->name, "mmio:");
}

static size_t preference_of(const char *source, const char *const *preference,
                            size_t count) {
    size_t i = 0;
    while (i < count && strcmp(preference[i], source) != 0)
        i++;
    return i;
}

/* Smaller is better: scope, then the path, then the source. */
static int cost_of(const gb_energy_domain *domain,
                   const char *const *preference, size_t count) {
    return scopes[domain->scope].tier * 1000 +
           (is_second_path(domain) ? 500 : 0) +
           (int)preference_of(domain->source, preference, count);
}

static const gb_energy_domain *conflict_of(const gb_energy_domain *domains,
                                           size_t count,
                                           const gb_energy_domain *candidate) {
    for (size_t i = 0; i < count; i++)
        if (domains[i].summed && &domains[i] != candidate &&
            (gb_domain_contains(&domains[i], candidate) ||
             gb_domain_contains(candidate, &domains[i])))
            return &domains[i];
    return NULL;
}

static void say_why_not(gb_energy_domain *domain,
                        const gb_energy_domain *chosen) {
    char *out = domain->reason;
    const size_t size = sizeof(domain->reason);
    const char *what = chosen->name;
    if (domain->quality == GB_QUALITY_MODELLED &&
        chosen->quality != GB_QUALITY_MODELLED)
        snprintf(out, size, "an estimate; counters are used instead");
    else if (domain->scope == chosen->scope)
        snprintf(out, size, "the same energy as %s:%s, which is counted",
                 chosen->source, what);
    else if (gb_domain_contains(chosen, domain))
        snprintf(out, size, "part of %s:%s, which is counted", chosen->source,
                 what);
    else
        snprintf(out, size, "holds %s:%s, which is counted by itself",
                 chosen->source, what);
}

/* Add the best remaining candidate that conflicts with nothing chosen. */
static bool choose_next(gb_energy_domain *domains, size_t count, bool modelled,
                        const char *const *preference,
                        size_t preference_count) {
    gb_energy_domain *best = NULL;
    int best_cost = 0;
    for (size_t i = 0; i < count; i++) {
        gb_energy_domain *domain = &domains[i];
        if (domain->status != GB_DOMAIN_OK || domain->summed ||
            scopes[domain->scope].tier == NEVER ||
            (domain->quality == GB_QUALITY_MODELLED) != modelled ||
            conflict_of(domains, count, domain) != NULL)
            continue;
        const int cost = cost_of(domain, preference, preference_count);
        if (best == NULL || cost < best_cost) {
            best = domain;
            best_cost = cost;
        }
    }
    if (best != NULL)
        best->summed = true;
    return best != NULL;
}

/* --- in words ------------------------------------------------------------- */

static size_t count_summed(const gb_energy_domain *domains, size_t count,
                           gb_energy_scope scope) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += domains[i].summed && domains[i].scope == scope;
    return n;
}

/* Parts that are listed but cannot be read, and that nothing chosen holds. */
static size_t count_unreadable(const gb_energy_domain *domains, size_t count,
                               gb_energy_scope scope) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += domains[i].status != GB_DOMAIN_OK && domains[i].name[0] != '\0' &&
             domains[i].scope == scope && !is_second_path(&domains[i]) &&
             conflict_of(domains, count, &domains[i]) == NULL;
    return n;
}

static void append(char *out, size_t size, const char *separator,
                   const char *text) {
    const size_t length = strlen(out);
    if (length + 1 < size)
        gb_copy(out + length, size - length, length > 0 ? separator : text);
    const size_t next = strlen(out);
    if (length > 0 && next + 1 < size)
        gb_copy(out + next, size - next, text);
}

static void append_count(char *out, size_t size, const char *separator,
                         size_t n, const char *one, const char *many) {
    char text[64];
    if (n == 0)
        return;
    snprintf(text, sizeof(text), "%zu %s", n, n == 1 ? one : many);
    append(out, size, separator, text);
}

static void say_what_it_holds(const gb_energy_domain *domains, size_t count,
                              gb_energy_cover *cover) {
    static const struct {
        gb_energy_scope scope;
        const char *one, *many; /* `many` null: not counted */
    } words[] = {
        {GB_SCOPE_NODE_AC, "whole node at the wall", NULL},
        {GB_SCOPE_NODE_DC, "whole node behind the PSU", NULL},
        {GB_SCOPE_MODULE, "module", "modules"},
        {GB_SCOPE_GRACE, "Grace socket", "Grace sockets"},
        {GB_SCOPE_PLATFORM, "platform (psys)", NULL},
        {GB_SCOPE_PACKAGE, "package", "packages"},
        {GB_SCOPE_CORES, "package's cores only", "packages' cores only"},
        {GB_SCOPE_UNCORE, "uncore", "uncores"},
        {GB_SCOPE_DRAM, "DRAM", NULL},
        {GB_SCOPE_ACCEL, "accelerator", "accelerators"},
        {GB_SCOPE_ACCEL_PART, "part of an accelerator",
         "parts of accelerators"},
    };
    if (cover->quality == GB_QUALITY_MODELLED) {
        append(cover->holds, sizeof(cover->holds), "",
               "an estimate of the whole node from its utilisation");
        return;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const size_t n = count_summed(domains, count, words[i].scope);
        if (n > 0 && words[i].many == NULL)
            append(cover->holds, sizeof(cover->holds), " + ", words[i].one);
        else
            append_count(cover->holds, sizeof(cover->holds), " + ", n,
                         words[i].one, words[i].many);
    }
}

static void say_what_it_leaves_out(const gb_energy_domain *domains,
                                   size_t count, gb_energy_cover *cover) {
    unsigned held = 0;
    for (size_t i = 0; i < count; i++)
        if (domains[i].summed)
            held |= scopes[domains[i].scope].holds;
    char *out = cover->leaves_out;
    const size_t size = sizeof(cover->leaves_out);
    if ((held & BIT(NODE_AC)) != 0)
        return;
    if ((held & BIT(NODE_DC)) != 0) {
        append(out, size, ", ", "PSU loss");
        return;
    }
    append_count(out, size, ", ",
                 count_unreadable(domains, count, GB_SCOPE_PACKAGE),
                 "unreadable package", "unreadable packages");
    append_count(out, size, ", ",
                 count_unreadable(domains, count, GB_SCOPE_DRAM),
                 "unreadable DRAM domain", "unreadable DRAM domains");
    if ((held & BIT(DRAM)) == 0)
        append(out, size, ", ", "DRAM");
    if ((held & BIT(ACCEL)) == 0)
        append(out, size, ", ", "GPUs");
    append(out, size, ", ", "fans, PSU loss, NIC, disks");
}

static void describe_cover(const gb_energy_domain *domains, size_t count,
                           gb_energy_cover *cover) {
    *cover = (gb_energy_cover){.quality = GB_QUALITY_MEASURED};
    for (size_t i = 0; i < count; i++)
        if (domains[i].summed) {
            cover->summed_count++;
            if (domains[i].quality < cover->quality)
                cover->quality = domains[i].quality;
        }
    if (cover->summed_count == 0) {
        cover->quality = GB_QUALITY_UNAVAILABLE;
        return;
    }
    say_what_it_holds(domains, count, cover);
    if (cover->quality != GB_QUALITY_MODELLED)
        say_what_it_leaves_out(domains, count, cover);
}

void gb_lattice_choose(gb_energy_domain *domains, size_t count,
                       const char *const *preference, size_t preference_count,
                       gb_energy_cover *cover) {
    bool any = false;
    for (size_t i = 0; i < count; i++)
        domains[i].summed = false;
    while (choose_next(domains, count, false, preference, preference_count))
        any = true;
    while (!any &&
           choose_next(domains, count, true, preference, preference_count))
        continue;
    for (size_t i = 0; i < count; i++) {
        gb_energy_domain *domain = &domains[i];
        if (domain->status != GB_DOMAIN_OK || domain->summed)
            continue;
        const gb_energy_domain *chosen = conflict_of(domains, count, domain);
        if (chosen != NULL)
            say_why_not(domain, chosen);
        else if (domain->scope == GB_SCOPE_CORE)
            gb_copy(domain->reason, sizeof(domain->reason),
                    "one core only, not all cores of the package");
        else if (domain->reason[0] == '\0')
            gb_copy(domain->reason, sizeof(domain->reason),
                    "not used in a total");
    }
    describe_cover(domains, count, cover);
}
