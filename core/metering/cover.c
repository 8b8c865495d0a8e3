/* SPDX-License-Identifier: Apache-2.0 */
/* Words for people about a sum, and what it lacks: reference/energy.md rules
 * 10, 12, 19 and 49. */
#include "metering/cover.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/phrase.h"
#include "base/text.h"

#define BIT(scope) GB_SCOPE_BIT(scope)
/* One of these for each socket. */
#define SOCKETS (BIT(MODULE) | BIT(GRACE) | BIT(PACKAGE))
/* What a sum of parts is made of. */
#define PARTS (SOCKETS | BIT(DRAM) | BIT(ACCEL))
/* So many counters that do not work are named. */
#define NAMED_MAX 3

/* How many sockets are in the sum, and how many should be. */
typedef struct socket_count {
    size_t read;
    size_t unreadable; /* listed by a source, and not in the sum */
    size_t due;        /* >= read */
} socket_count;

static bool any_summed(const gb_energy_domain *domains, size_t count,
                       uint32_t scopes) {
    for (size_t i = 0; i < count; i++)
        if (domains[i].summed && gb_scope_in(&domains[i], scopes))
            return true;
    return false;
}

/* Places of one scope that are summed: two dies of a package are one place. */
static size_t count_places(const gb_energy_domain *domains, size_t count,
                           gb_energy_scope scope) {
    size_t places = 0;

    for (size_t i = 0; i < count; i++) {
        bool seen = false;
        if (!domains[i].summed || domains[i].scope != scope)
            continue;
        for (size_t j = 0; j < i; j++)
            if (domains[j].summed && domains[j].scope == scope &&
                domains[j].package == domains[i].package &&
                domains[i].package >= 0 &&
                !gb_domains_of_two_vendors(&domains[j], &domains[i]))
                seen = true;
        places += !seen;
    }
    return places;
}

/* --- what is missing ------------------------------------------------------ */

/* It is there, should work and does not. */
static bool is_broken(const gb_energy_domain *domain) {
    return domain->status == GB_DOMAIN_FORBIDDEN ||
           domain->status == GB_DOMAIN_HIDDEN ||
           domain->status == GB_DOMAIN_STUCK ||
           domain->status == GB_DOMAIN_FAILED;
}

/* Would it be in the sum if it worked? */
static bool is_lacking(const gb_energy_domain *domains, size_t count,
                       const gb_energy_domain *domain) {
    return is_broken(domain) && gb_scope_in(domain, PARTS) &&
           !gb_domain_is_mmio(domain) &&
           gb_cover_conflict(domains, count, domain) == NULL;
}

/* Two sources list the same counter. */
static bool named_before(const gb_energy_domain *domains, size_t count,
                         size_t i) {
    for (size_t k = 0; k < i; k++)
        if (is_lacking(domains, count, &domains[k]) &&
            gb_domain_contains(&domains[k], &domains[i]))
            return true;
    return false;
}

static bool knows_its_socket(const gb_energy_domain *domain) {
    return domain->package >= 0 && domain->quality > GB_QUALITY_REPLAYED;
}

static socket_count count_sockets(const gb_energy_domain *domains, size_t count,
                                  uint32_t packages) {
    socket_count sockets = {.read =
                                count_places(domains, count, GB_SCOPE_MODULE) +
                                count_places(domains, count, GB_SCOPE_GRACE) +
                                count_places(domains, count, GB_SCOPE_PACKAGE)};
    bool known = sockets.read > 0;

    for (size_t i = 0; i < count; i++) {
        if (!gb_scope_in(&domains[i], SOCKETS))
            continue;
        known = known && (!domains[i].summed || knows_its_socket(&domains[i]));
        /* A die of a package that is read in part is no further package. */
        bool own =
            is_lacking(domains, count, &domains[i]) && domains[i].package >= 0;
        for (size_t k = 0; own && k < count; k++)
            if (k != i && domains[k].package == domains[i].package &&
                gb_scope_in(&domains[k], SOCKETS))
                own = !domains[k].summed &&
                      (k > i || !is_lacking(domains, count, &domains[k]));
        sockets.unreadable += own;
    }
    sockets.due = sockets.read + sockets.unreadable;
    if (known && packages > sockets.due)
        sockets.due = packages;
    return sockets;
}

/* A list in one language. */
typedef struct words {
    char *out;
    size_t size;
    gb_language language;
} words;

static void say(const words *to, const char *joint, const char *fmt, ...)
    GB_PRINTF_LIKE(3, 4);

/* @p joint is a phrase as well. */
static void say(const words *to, const char *joint, const char *fmt, ...) {
    char text[256], longer[512];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), gb_phrase(to->language, fmt), args);
    va_end(args);
    snprintf(longer, sizeof(longer), "%s%s%s", to->out,
             to->out[0] != '\0' ? gb_phrase(to->language, joint) : "", text);
    gb_copy(to->out, to->size, longer);
}

static void say_missing(const gb_energy_domain *domains, size_t count,
                        const socket_count *sockets, const words *to) {
    const size_t unlisted = sockets->due - sockets->read - sockets->unreadable;
    size_t lacking = 0;

    for (size_t i = 0; i < count; i++) {
        if (!is_lacking(domains, count, &domains[i]) ||
            named_before(domains, count, i) || lacking++ >= NAMED_MAX)
            continue;
        say(to, ", ", "'%s %s' is %s", domains[i].source, domains[i].name,
            gb_phrase(to->language, gb_domain_status_name(domains[i].status)));
    }
    if (lacking > NAMED_MAX)
        say(to, ", ",
            lacking - NAMED_MAX == 1 ? "%zu more does not work"
                                     : "%zu more do not work",
            lacking - NAMED_MAX);
    if (unlisted > 0)
        say(to, ", ",
            unlisted == 1 ? "%zu of %zu packages has no counter"
                          : "%zu of %zu packages have no counter",
            unlisted, sockets->due);
}

/* --- what it holds -------------------------------------------------------- */

static void say_holds(const gb_energy_domain *domains, size_t count,
                      const socket_count *sockets, const words *to) {
    static const struct {
        gb_energy_scope scope;
        const char *one, *many;
    } counted[] = {
        {GB_SCOPE_MODULE, "module", "modules"},
        {GB_SCOPE_GRACE, "Grace socket", "Grace sockets"},
        {GB_SCOPE_PACKAGE, "package", "packages"},
        {GB_SCOPE_DRAM, "DRAM", "DRAM"},
        {GB_SCOPE_ACCEL, "accelerator", "accelerators"},
    };
    const size_t packages = count_places(domains, count, GB_SCOPE_PACKAGE);

    for (size_t i = 0; i < count; i++)
        if (domains[i].summed && gb_scope_is_node(&domains[i]))
            say(to, " + ", "%s",
                gb_phrase(to->language, gb_scope_text(domains[i].scope)));
    for (size_t k = 0; k < sizeof(counted) / sizeof(counted[0]); k++) {
        const size_t places = count_places(domains, count, counted[k].scope);
        const size_t due =
            packages == sockets->read ? sockets->due : sockets->read;
        if (places == 0)
            continue;
        if (counted[k].scope == GB_SCOPE_DRAM && places < due)
            say(to, " + ", "DRAM of %zu", places);
        else if (counted[k].scope == GB_SCOPE_DRAM)
            say(to, " + ", "DRAM");
        else if (places == sockets->read && sockets->due > sockets->read &&
                 counted[k].scope != GB_SCOPE_ACCEL)
            say(to, " + ", "%zu of %zu %s", places, sockets->due,
                gb_phrase(to->language, counted[k].many));
        else
            say(to, " + ", "%zu %s", places,
                gb_phrase(to->language,
                          places == 1 ? counted[k].one : counted[k].many));
    }
}

/* --- what it leaves out --------------------------------------------------- */

/* Listed on this machine, inside nothing that is summed, and not readable. */
static void say_unreadable(const gb_energy_domain *domains, size_t count,
                           gb_energy_scope scope, const char *one,
                           const char *many, const words *to) {
    size_t unreadable = 0;

    for (size_t i = 0; i < count; i++)
        unreadable += domains[i].scope == scope && domains[i].name[0] != '\0' &&
                      !gb_domain_is_mmio(&domains[i]) &&
                      domains[i].status != GB_DOMAIN_OK &&
                      domains[i].status != GB_DOMAIN_ABSENT &&
                      gb_cover_conflict(domains, count, &domains[i]) == NULL;
    if (unreadable > 0)
        say(to, ", ", "%zu unreadable %s", unreadable,
            gb_phrase(to->language, unreadable == 1 ? one : many));
}

static void say_unlisted(const socket_count *sockets, const words *to) {
    const size_t unlisted = sockets->due - sockets->read - sockets->unreadable;

    if (unlisted > 0)
        say(to, ", ",
            unlisted == 1 ? "%zu package without a counter"
                          : "%zu packages without a counter",
            unlisted);
}

static void say_leaves_out(const gb_energy_domain *domains, size_t count,
                           const socket_count *sockets, const words *to) {
    if (any_summed(domains, count, BIT(NODE_AC)))
        return;
    if (any_summed(domains, count, BIT(NODE_DC))) {
        say(to, ", ", "PSU loss");
        return;
    }
    if (any_summed(domains, count, BIT(PLATFORM))) {
        say(to, ", ", "PSU loss, what the board does not report");
        return;
    }
    const bool module = any_summed(domains, count, BIT(MODULE));
    const bool grace = any_summed(domains, count, BIT(GRACE));
    const size_t packages = count_places(domains, count, GB_SCOPE_PACKAGE);
    const size_t drams = count_places(domains, count, GB_SCOPE_DRAM);
    const size_t due = packages > 0 ? sockets->due : 0;

    say_unreadable(domains, count, GB_SCOPE_PACKAGE, "package", "packages", to);
    say_unlisted(sockets, to);
    say_unreadable(domains, count, GB_SCOPE_DRAM, "DRAM domain", "DRAM domains",
                   to);
    say_unreadable(domains, count, GB_SCOPE_ACCEL, "accelerator",
                   "accelerators", to);
    if (!module && !grace && packages == 0)
        say(to, ", ", "CPU packages");
    if (!module && !grace && (drams == 0 || drams < due))
        say(to, ", ", drams == 0 ? "DRAM" : "DRAM of other packages");
    if (!module && !any_summed(domains, count, BIT(ACCEL)))
        say(to, ", ", "GPUs");
    say(to, ", ", "fans, PSU loss, NIC, disks");
}

void gb_cover_describe(const gb_energy_domain *domains, size_t count,
                       uint32_t packages, gb_language language,
                       gb_energy_cover *cover) {
    const bool estimate = cover->quality == GB_QUALITY_MODELLED;
    const words holds = {cover->holds, sizeof(cover->holds), language};
    const words leaves_out = {cover->leaves_out, sizeof(cover->leaves_out),
                              language};
    const words missing = {cover->missing, sizeof(cover->missing), language};

    cover->holds[0] = cover->leaves_out[0] = cover->missing[0] = '\0';
    if (estimate && any_summed(domains, count, BIT(NODE_AC))) {
        say(&holds, "", "an estimate of the whole node from its utilisation");
        return;
    }
    const socket_count sockets = count_sockets(domains, count, packages);
    say_holds(domains, count, &sockets, &holds);
    if (estimate) {
        char what[sizeof(cover->holds)];
        gb_copy(what, sizeof(what), cover->holds);
        cover->holds[0] = '\0';
        say(&holds, "", "an estimate of %s", what);
    }
    say_leaves_out(domains, count, &sockets, &leaves_out);
    say_missing(domains, count, &sockets, &missing);
}

bool gb_cover_translate(const gb_node *node, gb_language language,
                        gb_energy_cover *out) {
    /* Recordings and estimates were described without it. */
    const uint32_t packages[] = {node->packages, 0};

    for (size_t i = 0; node->cover.summed_count > 0 && i < 2; i++) {
        gb_energy_cover english = node->cover;
        gb_cover_describe(node->domains, node->domain_count, packages[i],
                          GB_LANGUAGE_EN, &english);
        if (strcmp(english.holds, node->cover.holds) != 0 ||
            strcmp(english.leaves_out, node->cover.leaves_out) != 0 ||
            strcmp(english.missing, node->cover.missing) != 0)
            continue;
        *out = node->cover;
        gb_cover_describe(node->domains, node->domain_count, packages[i],
                          language, out);
        return true;
    }
    return false;
}
