/* SPDX-License-Identifier: Apache-2.0 */
/* ITUE by the counters of the run itself: the input of its nodes over what
 * their component counters hold (Patterson et al., TUE, ISC 2013). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/phrase.h"
#include "base/text.h"
#include "metering/cover.h"
#include "pipeline/assess/parts.h"

/* Meters of one node are read at the same time but for a sample at each end; of
 * windows that differ by more the ratio would not be one of energies. */
#define WINDOWS_MOST 0.01

/* Over all nodes and runs. */
typedef struct sums {
    double input_j, input_u_j;
    double parts_j, parts_u_j; /* in the window of the input */
    double window_s;           /* the longest of a run */
    double mismatch;           /* the worst of a component's window, of 1 */
    size_t nodes;
    gb_quality quality;
    gb_energy_cover cover, cover_chinese; /* of the first node's components */
} sums;

static const gb_source_figure *source_of(const gb_result *result, size_t node,
                                         size_t domain) {
    for (size_t i = 0; i < result->source_count; i++)
        if (result->sources[i].node == node &&
            result->sources[i].domain == domain)
            return &result->sources[i];
    return NULL;
}

/* Its own bias is behind all of its readings, and one of its kind behind those
 * of others: they add up. */
static double u_of(const gb_energy_domain *domain,
                   const gb_source_figure *source) {
    return domain->u_rel * source->energy_j + domain->u_w * source->window_s;
}

static bool check_source(gb_assess_work *work, const gb_node *node,
                         const gb_energy_domain *domain,
                         const gb_source_figure *source, sums *all) {
    if (source == NULL || source->status != GB_DOMAIN_OK ||
        !(source->energy_j > 0.0) || !(source->window_s > 0.0))
        return gb_assess_stop(work, GB_CLAIM_REASON_DOUBTFUL, "%s of %s",
                              domain->name, node->name);
    if (domain->quality == GB_QUALITY_MODELLED)
        return gb_assess_stop(work, GB_CLAIM_REASON_MODELLED, "%s of %s",
                              domain->name, node->name);
    if (domain->quality < work->claim->evidence)
        return gb_assess_stop(work, GB_CLAIM_REASON_EVIDENCE,
                              "%s of %s is %s, not %s", domain->name,
                              node->name, gb_quality_name(domain->quality),
                              gb_quality_name(work->claim->evidence));
    all->quality =
        domain->quality < all->quality ? domain->quality : all->quality;
    return true;
}

/* The meter at the wall, whether or not it is what the run sums: a counter
 * behind the power supply may be the better one for that. */
static size_t find_input(const gb_node *node) {
    size_t found = node->domain_count;

    for (size_t d = 0; d < node->domain_count; d++)
        if (node->domains[d].scope == GB_SCOPE_NODE_AC &&
            node->domains[d].status == GB_DOMAIN_OK &&
            (found == node->domain_count || node->domains[d].summed))
            found = d;
    return found;
}

/* What would be summed if the node had no meter of its own. */
static void choose_components(const gb_node *node, gb_energy_domain *domains,
                              gb_energy_cover *cover) {
    for (size_t d = 0; d < node->domain_count; d++) {
        domains[d] = node->domains[d];
        domains[d].summed = false;
        if (gb_scope_is_node(&domains[d]) ||
            domains[d].scope == GB_SCOPE_PLATFORM)
            domains[d].status = GB_DOMAIN_ABSENT;
    }
    *cover = (gb_energy_cover){0};
    gb_lattice_choose(domains, node->domain_count, node->packages, NULL, 0,
                      cover);
}

static bool add_components(gb_assess_work *work, const gb_result *result,
                           size_t n, const gb_energy_domain *domains,
                           double window_s, sums *all) {
    const gb_node *node = &result->session->nodes[n];
    bool any = false;

    for (size_t d = 0; d < node->domain_count; d++) {
        const gb_source_figure *source = source_of(result, n, d);
        if (!domains[d].summed)
            continue;
        if (!check_source(work, node, &domains[d], source, all))
            return false;
        const double stretch = window_s / source->window_s;
        all->parts_j += stretch * source->energy_j;
        all->parts_u_j += stretch * u_of(&domains[d], source);
        all->mismatch = fmax(all->mismatch, fabs(stretch - 1.0));
        any = true;
    }
    return any ? true
               : gb_assess_stop(work, GB_CLAIM_REASON_NOT_METERED,
                                "the components of %s", node->name);
}

static bool add_node(gb_assess_work *work, const gb_result *result, size_t n,
                     sums *all) {
    const gb_node *node = &result->session->nodes[n];
    const size_t at = find_input(node);
    gb_energy_cover cover;

    if (at == node->domain_count)
        return gb_assess_stop(work, GB_CLAIM_REASON_NOT_METERED,
                              "the input of %s (node-ac)", node->name);
    const gb_source_figure *input = source_of(result, n, at);
    if (!check_source(work, node, &node->domains[at], input, all))
        return false;
    all->input_j += input->energy_j;
    all->input_u_j += u_of(&node->domains[at], input);
    all->window_s = fmax(all->window_s, input->window_s);
    gb_energy_domain *domains = calloc(node->domain_count, sizeof(*domains));
    if (domains == NULL)
        return gb_assess_stop(work, GB_CLAIM_REASON_NOT_METERED,
                              "the components of %s: out of memory",
                              node->name);
    choose_components(node, domains, &cover);
    if (all->nodes++ == 0) {
        all->cover = cover;
        gb_cover_describe(domains, node->domain_count, node->packages,
                          GB_LANGUAGE_ZH, &all->cover_chinese);
    }
    const bool whole =
        cover.missing[0] == '\0'
            ? true
            : gb_assess_stop(work, GB_CLAIM_REASON_PARTIAL, "%s: %s",
                             node->name, cover.missing);
    const bool added =
        whole && add_components(work, result, n, domains, input->window_s, all);
    free(domains);
    return added;
}

/* --- together ------------------------------------------------------------- */

static bool check_sums(gb_assess_work *work, const sums *all) {
    if (all->mismatch > WINDOWS_MOST)
        return gb_assess_stop(work, GB_CLAIM_REASON_DOUBTFUL,
                              "windows of a node and of a component differ "
                              "by %.2g %%",
                              100.0 * all->mismatch);
    return all->input_j >= all->parts_j
               ? true
               : gb_assess_stop(work, GB_CLAIM_REASON_IDENTITY,
                                "nodes %.6g J, their components %.6g J",
                                all->input_j, all->parts_j);
}

static void estimate_itue(gb_assess_work *work, const sums *all) {
    gb_estimate *out = &work->result->estimate;
    const double value = all->input_j / all->parts_j;
    const double input = all->input_u_j / all->input_j;
    const double parts = all->parts_u_j / all->parts_j;
    const double windows = all->mismatch / sqrt(3.0);

    out->value = value;
    gb_copy(out->unit, sizeof(out->unit), "1");
    out->u = out->fixed =
        value * sqrt(input * input + parts * parts + windows * windows);
    out->scatter = 0.0;
    out->meter_bound = sqrt(3.0) * fmax(input, parts);
    out->dof = INFINITY;
    out->n = work->sides.subject_count;
    gb_copy(out->replicate, sizeof(out->replicate), "run");
    gb_estimate_add(out, "input of the nodes", 'B', value * input, "%.6g J",
                    all->input_j);
    gb_estimate_add(out, "their components", 'B', value * parts, "%.6g J",
                    all->parts_j);
    gb_estimate_add(out, "windows", 'B', value * windows,
                    "meters are read one after the other");
}

static void describe(gb_assess_work *work, const sums *all) {
    static const char format[] =
        "by the counters of the run, from begin to end (%.0f s) on %zu nodes: "
        "input at the wall over %s";
    gb_claim_result *result = work->result;
    const gb_energy_cover *chinese = &all->cover_chinese;

    result->quality = all->quality;
    gb_copy(result->holds, sizeof(result->holds), all->cover.holds);
    gb_copy(result->leaves_out, sizeof(result->leaves_out),
            all->cover.leaves_out);
    gb_copy(result->holds_chinese, sizeof(result->holds_chinese),
            chinese->holds);
    gb_copy(result->leaves_out_chinese, sizeof(result->leaves_out_chinese),
            chinese->leaves_out);
    snprintf(result->conditions, sizeof(result->conditions), format,
             all->window_s, all->nodes, all->cover.holds);
    snprintf(result->conditions_chinese, sizeof(result->conditions_chinese),
             gb_phrase(GB_LANGUAGE_ZH, format), all->window_s, all->nodes,
             chinese->holds);
}

bool gb_assess_run_itue(gb_assess_work *work) {
    const gb_claim_sides *sides = &work->sides;
    sums all = {.quality = GB_QUALITY_MEASURED};

    if (!gb_assess_subjects(work))
        return false;
    for (size_t i = 0; i < sides->subject_count; i++) {
        const gb_result *result = work->runs[sides->subjects[i]].result;
        for (size_t n = 0; n < result->session->node_count; n++)
            if (!add_node(work, result, n, &all))
                return false;
    }
    describe(work, &all);
    if (!check_sums(work, &all))
        return false;
    estimate_itue(work, &all);
    return true;
}
