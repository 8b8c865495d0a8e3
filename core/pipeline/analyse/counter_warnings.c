/* SPDX-License-Identifier: Apache-2.0 */
/* Warnings about energy counters: what they hold, and whether they can be
 * right. */
#include <string.h>

#include "base/phrase.h"
#include "base/text.h"
#include "metering/cover.h"
#include "pipeline/analyse/warning_list.h"

static const char *zh(const char *english) {
    return gb_phrase(GB_LANGUAGE_ZH, english);
}

static gb_energy_cover chinese_cover(const gb_node *node) {
    gb_energy_cover cover = node->cover;
    (void)gb_cover_translate(node, GB_LANGUAGE_ZH, &cover);
    return cover;
}

/* What is wrong with a counter stands behind why it is left out. */
static void chinese_reason(const gb_node *node, size_t domain, char *out,
                           size_t size) {
    if (!gb_left_out_translate(node, domain, GB_LANGUAGE_ZH, out, size))
        gb_copy(out, size, zh(node->domains[domain].reason));
}

const gb_energy_domain *gb_warning_mendable(const gb_node *node) {
    for (size_t d = 0; d < node->domain_count; d++)
        if (node->domains[d].status != GB_DOMAIN_OK &&
            node->domains[d].status != GB_DOMAIN_ABSENT &&
            node->domains[d].fix[0] != '\0')
            return &node->domains[d];
    return NULL;
}

static void warn_scopes(gb_warning_list *list, const gb_session *session) {
    for (size_t n = 1; n < session->node_count; n++) {
        const gb_node *a = &session->nodes[0], *b = &session->nodes[n];
        /* One that has nothing is warned of by itself. */
        if (strcmp(a->cover.holds, b->cover.holds) == 0 ||
            a->cover.summed_count == 0 || b->cover.summed_count == 0)
            continue;
        gb_warn(list, "energy.scopes",
                "choose one source that all nodes have with --energy",
                "nodes do not measure the same: %s has '%s', %s has '%s'",
                a->name, a->cover.holds, b->name, b->cover.holds);
        const gb_energy_cover of_a = chinese_cover(a), of_b = chinese_cover(b);
        gb_warn_chinese(list,
                        "nodes do not measure the same: %s has '%s', %s has "
                        "'%s'",
                        a->name, of_a.holds, b->name, of_b.holds);
        return;
    }
}

/* The first node that sums a part of what it should speaks for the others. */
static void warn_missing(gb_warning_list *list, const gb_session *session) {
    const gb_node *first = NULL;
    size_t count = 0;

    for (size_t n = 0; n < session->node_count; n++) {
        if (session->nodes[n].cover.missing[0] == '\0')
            continue;
        first = first != NULL ? first : &session->nodes[n];
        count++;
    }
    if (first == NULL)
        return;
    const gb_energy_domain *domain = gb_warning_mendable(first);
    gb_warn(list, "energy.partial",
            domain != NULL
                ? domain->fix
                : "greenbench sensors lists what was found; a driver "
                  "that lost a socket is loaded again as root",
            "energy of %zu of %zu nodes is partial: %s sums %s: %s", count,
            session->node_count, first->name, first->cover.holds,
            first->cover.missing);
    const gb_energy_cover cover = chinese_cover(first);
    gb_warn_chinese(
        list, "energy of %zu of %zu nodes is partial: %s sums %s: %s", count,
        session->node_count, first->name, cover.holds, cover.missing);
}

/* What is summed was readable when the run began; the first one that did not
 * stay so speaks for the others. */
static void warn_sources(gb_warning_list *list, const gb_session *session,
                         const gb_result *result) {
    const gb_source_figure *first = NULL;
    size_t count = 0;

    for (size_t i = 0; i < result->source_count; i++) {
        const gb_source_figure *source = &result->sources[i];
        const gb_node *node = &session->nodes[source->node];
        if (source->status == GB_DOMAIN_OK ||
            !node->domains[source->domain].summed)
            continue;
        first = first != NULL ? first : source;
        count++;
    }
    if (first == NULL)
        return;
    const gb_node *node = &session->nodes[first->node];
    const gb_energy_domain *domain = &node->domains[first->domain];
    gb_warn(
        list, "energy.source",
        "energy_sources in the result tells each; windows that were hit have "
        "no energy",
        "%zu of the counters that are summed did not stay readable: %s: %s %s "
        "is %s: %s",
        count, node->name, domain->source, domain->name,
        gb_domain_status_name(first->status), first->reason);
    gb_warn_chinese(
        list,
        "%zu of the counters that are summed did not stay readable: %s: %s %s "
        "is %s: %s",
        count, node->name, domain->source, domain->name,
        zh(gb_domain_status_name(first->status)),
        gb_warning_zh(first->chinese, first->reason));
}

static void warn_reads(gb_warning_list *list, const gb_result *result) {
    uint64_t reads = 0, errors = 0;

    for (size_t i = 0; i < result->source_count; i++) {
        reads += result->sources[i].reads;
        errors += result->sources[i].errors;
    }
    if (errors > 0)
        gb_warn(list, "energy.errors", "",
                "%llu of %llu reads of energy counters failed (%.2g %%)",
                (unsigned long long)errors, (unsigned long long)reads,
                100.0 * (double)errors / (double)reads);
}

/* The first counter with each known fault speaks for the others. */
static void warn_suspects(gb_warning_list *list, const gb_session *session) {
    const char *told[8];
    size_t count = 0;

    for (size_t n = 0; n < session->node_count; n++)
        for (size_t d = 0; d < session->nodes[n].domain_count; d++) {
            const gb_energy_domain *domain = &session->nodes[n].domains[d];
            bool again = domain->suspect[0] == '\0';
            for (size_t i = 0; i < count; i++)
                again = again || strcmp(told[i], domain->suspect) == 0;
            if (again || count == sizeof(told) / sizeof(told[0]))
                continue;
            told[count++] = domain->suspect;
            char reason[512];
            chinese_reason(&session->nodes[n], d, reason, sizeof(reason));
            gb_warn(list, "energy.suspect",
                    domain->fix[0] != '\0' ? domain->fix
                                           : "greenbench sensors shows what is "
                                             "summed, --energy chooses",
                    "%s: %s %s (%s): %s", session->nodes[n].name,
                    domain->source, domain->name, domain->suspect,
                    domain->reason);
            gb_warn_chinese(list, "%s: %s %s (%s): %s", session->nodes[n].name,
                            domain->source, domain->name, domain->suspect,
                            reason);
        }
}

/* One kind of contradiction: the first node that has it, and how many do. */
typedef struct contradicting {
    const char *code;
    uint32_t first, last;
    size_t nodes;
} contradicting;

/* @param kinds  [GB_CONTRADICTIONS_MAX] @return how many there are */
static size_t count_contradicting(const gb_reduced *reduced,
                                  contradicting *kinds) {
    size_t count = 0;

    for (size_t i = 0; i < reduced->contradiction_count; i++) {
        const gb_contradiction *one = &reduced->contradictions[i];
        size_t k = 0;
        while (k < count && strcmp(kinds[k].code, one->code) != 0)
            k++;
        if (k == GB_CONTRADICTIONS_MAX)
            continue;
        if (k == count)
            kinds[count++] =
                (contradicting){one->code, one->node, one->node, 1};
        kinds[k].nodes += kinds[k].last != one->node;
        kinds[k].last = one->node;
    }
    return count;
}

/* The first node of each kind of contradiction speaks for the others. */
static void warn_contradictions(gb_warning_list *list,
                                const gb_session *session,
                                const gb_reduced *reduced) {
    contradicting kinds[GB_CONTRADICTIONS_MAX];
    const size_t count = count_contradicting(reduced, kinds);

    for (size_t i = 0; i < reduced->contradiction_count; i++) {
        const gb_contradiction *one = &reduced->contradictions[i];
        for (size_t k = 0; k < count; k++) {
            if (kinds[k].first != one->node ||
                strcmp(kinds[k].code, one->code) != 0)
                continue;
            const char *name = session->nodes[one->node].name;
            gb_warn(list, one->code,
                    "one of them is wrong or has another scope than stated: "
                    "choose with --energy, and report it",
                    "%s (%zu of %zu nodes): %s", name, kinds[k].nodes,
                    session->node_count, one->what);
            gb_warn_chinese(list, "%s (%zu of %zu nodes): %s", name,
                            kinds[k].nodes, session->node_count,
                            gb_warning_zh(one->chinese, one->what));
        }
    }
}

void gb_warn_covers(gb_warning_list *list, const gb_session *session) {
    warn_scopes(list, session);
    warn_missing(list, session);
}

void gb_warn_counters(gb_warning_list *list, const gb_session *session,
                      const gb_reduced *reduced) {
    warn_reads(list, list->result);
    warn_sources(list, session, list->result);
    warn_suspects(list, session);
    warn_contradictions(list, session, reduced);
}
