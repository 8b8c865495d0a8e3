/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/reduce/energy.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/phrase.h"
#include "base/text.h"
#include "metering/window.h"

static void none(gb_energy_figure *out, const char *fmt, ...)
    GB_PRINTF_LIKE(2, 3);

static void none(gb_energy_figure *out, const char *fmt, ...) {
    va_list args;

    *out = gb_figure_none("");
    va_start(args, fmt);
    gb_phrase_vboth(out->reason, sizeof(out->reason), out->chinese,
                    sizeof(out->chinese), fmt, args);
    va_end(args);
}

static gb_energy_figure not_readable(const gb_energy_domain *domain) {
    const char *status = gb_domain_status_name(domain->status);
    char reason[320];

    snprintf(reason, sizeof(reason), "%s: %s", status, domain->reason);
    gb_energy_figure none = gb_figure_none(reason);
    snprintf(reason, sizeof(reason), "%s：%s",
             gb_phrase(GB_LANGUAGE_ZH, status),
             gb_phrase(GB_LANGUAGE_ZH, domain->reason));
    gb_copy(none.chinese, sizeof(none.chinese), reason);
    return none;
}

static void domain_in_window(const gb_session *session,
                             const gb_index_domain *rows,
                             const gb_energy_domain *domain, uint32_t begin,
                             uint32_t end, gb_energy_figure *out) {
    size_t count = 0;
    const gb_energy_reading *readings =
        gb_index_domain_slice(rows, begin, end, &count);

    if (readings == NULL)
        none(out, "%s: no reading at the edges of the window", domain->name);
    else
        gb_window_gather_after(domain, readings, count,
                               (size_t)(readings - rows->readings),
                               1.0 / session->sample_hz, out);
}

/* As gb_energy_of_node(), but figures are not concluded. */
static void gather_node(const gb_session *session, const gb_sample_index *index,
                        uint32_t node, const gb_node_window *window,
                        gb_energy_figure *figures,
                        gb_energy_figure *total_out) {
    const gb_node *facts = &session->nodes[node];
    const gb_index_node *rows = &index->nodes[node];
    gb_energy_figure *each = figures != NULL ? figures : index->scratch;
    uint32_t begin = 0, end = 0;
    const bool found = gb_sample_index_find(rows, window, &begin, &end);
    size_t summed = 0;

    for (size_t d = 0; d < facts->domain_count; d++) {
        const gb_energy_domain *domain = &facts->domains[d];

        summed += domain->summed;
        if (figures == NULL && !domain->summed)
            continue;
        if (domain->status != GB_DOMAIN_OK)
            each[d] = not_readable(domain);
        else if (!found)
            none(&each[d], "%s: no samples mark the edges of the window",
                 domain->name);
        else
            domain_in_window(session, &rows->domains[d], domain, begin, end,
                             &each[d]);
        gb_figure_retype(&each[d], facts->cpu);
    }
    if (summed == 0)
        *total_out =
            gb_figure_none(facts->domain_count == 0
                               ? "energy was not asked for"
                               : "no energy counter of this node can be used");
    else
        gb_figure_gather_domains(facts->domains, each, facts->domain_count,
                                 total_out);
    if (facts->cover.missing[0] != '\0')
        total_out->flags |= GB_FLAG(PARTIAL);
}

void gb_energy_of_node(const gb_session *session, const gb_sample_index *index,
                       uint32_t node, const gb_node_window *window,
                       gb_energy_figure *figures, gb_energy_figure *total_out) {
    const size_t count = session->nodes[node].domain_count;

    gather_node(session, index, node, window, figures, total_out);
    gb_figure_conclude(total_out);
    for (size_t d = 0; figures != NULL && d < count; d++)
        gb_figure_conclude(&figures[d]);
}

/* What is known of one window while the nodes are gone through. */
typedef struct window_state {
    gb_energy_figure figure; /* of the node that is being looked at */
    size_t good;             /* nodes with energy */
    size_t bad;              /* the last one without */
    char reason[200];        /* why it has none */
    char chinese[200];
} window_state;

static void measure_node(const gb_session *session,
                         const gb_sample_index *index, uint32_t node,
                         const gb_node_window *windows, window_state *out) {
    if (windows == NULL)
        none(&out->figure, "no window was recorded");
    else
        gather_node(session, index, node, &windows[node], NULL, &out->figure);
    if (!isnan(out->figure.energy_j)) {
        out->good++;
        return;
    }
    out->bad = node;
    gb_copy(out->reason, sizeof(out->reason), out->figure.reason);
    gb_copy(out->chinese, sizeof(out->chinese), out->figure.chinese);
}

/* Says of how many nodes there is energy where that is not all. */
static void conclude(const gb_session *session, const window_state *state,
                     gb_energy_figure *all) {
    const size_t count = session->node_count;
    char reason[400];

    if (count == 0)
        none(all, "no node was recorded");
    if (state->good == count || count == 1)
        return;
    const char *name = session->nodes[state->bad].name;
    snprintf(reason, sizeof(reason), "energy of %zu/%zu nodes only: %s: %s",
             state->good, count, name, state->reason);
    gb_copy(all->reason, sizeof(all->reason), reason);
    snprintf(reason, sizeof(reason),
             gb_phrase(GB_LANGUAGE_ZH, "energy of %zu/%zu nodes only: %s: %s"),
             state->good, count, name,
             state->chinese[0] != '\0' ? state->chinese : state->reason);
    gb_copy(all->chinese, sizeof(all->chinese), reason);
}

gb_status gb_energy_of_windows(const gb_asked_window *asked, size_t count,
                               size_t node_count, gb_window_sum *sums,
                               gb_reduced_node *nodes, gb_error *err) {
    window_state *states = calloc(count + 1, sizeof(*states));

    if (states == NULL)
        return gb_fail_memory(err, "the energy of a case");
    for (size_t i = 0; i < count; i++)
        sums[i] = (gb_window_sum){gb_figure_zero(), gb_figure_zero()};
    for (uint32_t n = 0; n < node_count; n++) {
        gb_energy_figure own = gb_figure_zero();

        for (size_t i = 0; i < count; i++) {
            measure_node(asked[i].session, asked[i].index, n, asked[i].windows,
                         &states[i]);
            gb_figure_gather_parallel(&sums[i].all, &states[i].figure);
            gb_figure_gather_serial(&own, &states[i].figure);
        }
        for (size_t i = 0; i < count && !isnan(own.energy_j); i++)
            gb_figure_gather_parallel(&sums[i].metered, &states[i].figure);
        gb_figure_conclude(&own);
        if (nodes != NULL)
            nodes[n].energy = own;
    }
    for (size_t i = 0; i < count; i++) {
        gb_figure_conclude(&sums[i].all);
        gb_figure_conclude(&sums[i].metered);
        conclude(asked[i].session, &states[i], &sums[i].all);
    }
    free(states);
    return GB_OK;
}

static void blame(gb_source_figure *out, const char *fmt, ...)
    GB_PRINTF_LIKE(2, 3);

static void blame(gb_source_figure *out, const char *fmt, ...) {
    va_list args;

    va_start(args, fmt);
    gb_phrase_vboth(out->reason, sizeof(out->reason), out->chinese,
                    sizeof(out->chinese), fmt, args);
    va_end(args);
}

/* A counter that was fine when the run began need not stay so: what became of
 * it is part of the result, even where no window was hurt. */
static void judge_source(const gb_index_domain *rows,
                         const gb_energy_figure *figure,
                         gb_source_figure *out) {
    uint32_t longest_ns = 0;

    for (size_t i = 0; i < rows->count; i++)
        if (rows->readings[i].half_ns > longest_ns)
            longest_ns = rows->readings[i].half_ns;
    const double longest_s = 2e-9 * (double)longest_ns;
    if (rows->count == 0 || out->status != GB_DOMAIN_OK)
        return;
    if (isnan(figure->energy_j) && figure->window_s > 0.0) {
        out->status = figure->stopped ? GB_DOMAIN_STUCK : GB_DOMAIN_FAILED;
        gb_copy(out->reason, sizeof(out->reason), figure->reason);
        gb_copy(out->chinese, sizeof(out->chinese), figure->chinese);
    } else if (out->errors > 0) {
        out->status = GB_DOMAIN_FAILED;
        if (longest_s > GB_LONGEST_READ_S)
            blame(out, "%llu of %llu reads failed, one was blocked for %.3g s",
                  (unsigned long long)out->errors,
                  (unsigned long long)out->reads, longest_s);
        else
            blame(out, "%llu of %llu reads failed",
                  (unsigned long long)out->errors,
                  (unsigned long long)out->reads);
    } else if (longest_s > GB_LONGEST_READ_S) {
        out->status = GB_DOMAIN_FAILED;
        blame(out, "a read took %.3g s", longest_s);
    }
}

void gb_energy_of_source(const gb_session *session,
                         const gb_sample_index *index, uint32_t node,
                         uint32_t domain, gb_source_figure *out,
                         gb_energy_figure *figure_out) {
    const gb_index_domain *rows = &index->nodes[node].domains[domain];
    size_t first = 0, last = rows->count, errors = 0;

    for (size_t i = 0; i < rows->count; i++)
        errors += !rows->readings[i].ok;
    while (first < last && !rows->readings[first].ok)
        first++;
    while (last > first && !rows->readings[last - 1].ok)
        last--;
    gb_window_energy(&session->nodes[node].domains[domain],
                     rows->readings + first, last - first,
                     1.0 / session->sample_hz, figure_out);
    *out = (gb_source_figure){
        .node = node,
        .domain = domain,
        .wraps = figure_out->wraps,
        .reads = rows->count,
        .errors = errors,
        .energy_j = figure_out->energy_j,
        .window_s = figure_out->window_s,
        .status = session->nodes[node].domains[domain].status,
    };
    judge_source(rows, figure_out, out);
}
