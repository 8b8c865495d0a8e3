/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs to launches and not to single repetitions. */
#include "pipeline/reduce/launch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/phrase.h"
#include "base/text.h"
#include "metering/cross.h"
#include "metering/window.h"
#include "pipeline/reduce/energy.h"

void gb_launches_close(gb_launches *launches) {
    for (size_t i = 0; i < launches->count; i++)
        gb_sample_index_fini(&launches->list[i].index);
    free(launches->list);
    *launches = (gb_launches){0};
}

gb_status gb_launches_open(const gb_run_log *log, gb_launches *launches_out,
                           gb_error *err) {
    gb_launches launches = {
        .list = calloc(gb_run_log_launches(log), sizeof(*launches.list))};
    gb_status status = launches.list != NULL
                           ? GB_OK
                           : gb_fail_memory(err, "the launches of the run");

    for (; log != NULL && status == GB_OK; log = log->next) {
        gb_launch *launch = &launches.list[launches.count++];
        launch->log = log;
        status = gb_sample_index_build(log, &launch->index, err);
    }
    if (status == GB_OK)
        *launches_out = launches;
    else
        gb_launches_close(&launches);
    return status;
}

/* --- idle ----------------------------------------------------------------- */

static gb_status reduce_window(const gb_launch *launch, bool after,
                               gb_idle_figure *out, gb_error *err) {
    const gb_run_log *log = launch->log;

    *out = (gb_idle_figure){.power_w = NAN, .u_w = NAN};
    out->energy = gb_figure_none("idle power was not measured");
    for (size_t i = log->idle_count; i > 0 && !out->present; i--) {
        const gb_idle_record *record = &log->idles[i - 1];
        if (record->after != after)
            continue;
        const gb_asked_window asked = {&log->session, &launch->index,
                                       record->windows};
        gb_window_sum sum = {0};
        const gb_status status = gb_energy_of_windows(
            &asked, 1, log->session.node_count, &sum, NULL, err);
        if (status != GB_OK)
            return status;
        out->energy = sum.all;
        out->present = true;
        if (isfinite(out->energy.energy_j)) {
            out->power_w = out->energy.energy_j / out->energy.window_s;
            out->u_w = out->energy.u_j / out->energy.window_s;
        }
    }
    return GB_OK;
}

gb_status gb_reduce_idle(const gb_launches *launches, gb_reduced *reduced,
                         gb_error *err) {
    gb_status status = GB_OK;

    reduced->launches = calloc(launches->count, sizeof(*reduced->launches));
    if (reduced->launches == NULL)
        return gb_fail_memory(err, "the idle windows");
    reduced->launch_count = launches->count;
    for (size_t i = 0; i < launches->count && status == GB_OK; i++) {
        gb_reduced_launch *out = &reduced->launches[i];
        status =
            reduce_window(&launches->list[i], false, &out->idle_before, err);
        if (status == GB_OK)
            status =
                reduce_window(&launches->list[i], true, &out->idle_after, err);
    }
    return status;
}

/* --- sources -------------------------------------------------------------- */

static bool has_contradiction(const gb_reduced *reduced, uint32_t n,
                              const char *code) {
    for (size_t i = 0; i < reduced->contradiction_count; i++)
        if (reduced->contradictions[i].node == n &&
            strcmp(reduced->contradictions[i].code, code) == 0)
            return true;
    return false;
}

/* Append what the counters of node @p n contradict each other in. What an
 * earlier launch found already is not told again with other numbers. */
static gb_status add_contradictions(const gb_node *node, uint32_t n, bool later,
                                    const gb_energy_figure *figures,
                                    gb_reduced *reduced, gb_error *err) {
    gb_contradiction found[GB_CONTRADICTIONS_MAX];
    const size_t count =
        gb_cross_check(node->domains, figures, node->domain_count, found,
                       GB_CONTRADICTIONS_MAX);

    if (count == 0)
        return GB_OK;
    gb_contradiction *larger =
        realloc(reduced->contradictions,
                (reduced->contradiction_count + count) * sizeof(*larger));
    if (larger == NULL)
        return gb_fail_memory(err, "the contradictions");
    reduced->contradictions = larger;
    for (size_t i = 0; i < count; i++) {
        if (later && has_contradiction(reduced, n, found[i].code))
            continue;
        found[i].node = n;
        larger[reduced->contradiction_count++] = found[i];
    }
    return GB_OK;
}

/* The same domain among those of the first launch; null: it had none such. */
static gb_source_figure *find_source(const gb_session *first,
                                     gb_source_figure *sources, uint32_t n,
                                     const gb_energy_domain *domain) {
    const gb_node *node = &first->nodes[n];

    for (size_t d = 0; d < node->domain_count; d++)
        if (strcmp(node->domains[d].source, domain->source) == 0 &&
            strcmp(node->domains[d].name, domain->name) == 0)
            return &sources[d];
    return NULL;
}

static void add_launch(const gb_session *later, const gb_source_figure *from,
                       gb_source_figure *to) {
    char reason[256];

    to->energy_j += from->energy_j;
    to->window_s += from->window_s;
    to->wraps += from->wraps;
    to->reads += from->reads;
    to->errors += from->errors;
    if (to->status != GB_DOMAIN_OK || from->status == GB_DOMAIN_OK)
        return;
    to->status = from->status;
    snprintf(reason, sizeof(reason), "launch %u: %s", later->launch,
             from->reason);
    gb_copy(to->reason, sizeof(to->reason), reason);
    snprintf(reason, sizeof(reason), gb_phrase(GB_LANGUAGE_ZH, "launch %u: %s"),
             later->launch,
             from->chinese[0] != '\0' ? from->chinese : from->reason);
    gb_copy(to->chinese, sizeof(to->chinese), reason);
}

/* @p sources  those of node @p n in the first launch */
static gb_status reduce_node(const gb_launches *launches, uint32_t n,
                             gb_source_figure *sources, gb_reduced *reduced,
                             gb_error *err) {
    const gb_session *first = &launches->list[0].log->session;
    gb_status status = GB_OK;

    for (size_t i = 0; i < launches->count && status == GB_OK; i++) {
        const gb_launch *launch = &launches->list[i];
        const gb_session *session = &launch->log->session;
        const gb_node *node = &session->nodes[n];
        for (size_t d = 0; d < node->domain_count; d++) {
            gb_source_figure one;
            gb_energy_of_source(session, &launch->index, n, (uint32_t)d, &one,
                                &launch->index.scratch[d]);
            gb_source_figure *to =
                i == 0 ? &sources[d]
                       : find_source(first, sources, n, &node->domains[d]);
            if (i == 0)
                *to = one;
            else if (to != NULL)
                add_launch(session, &one, to);
        }
        status = add_contradictions(node, n, i > 0, launch->index.scratch,
                                    reduced, err);
    }
    return status;
}

gb_status gb_reduce_sources(const gb_launches *launches, gb_reduced *reduced,
                            gb_error *err) {
    const gb_session *first = &launches->list[0].log->session;
    size_t count = 0;

    for (size_t n = 0; n < first->node_count; n++)
        count += first->nodes[n].domain_count;
    reduced->sources = calloc(count + 1, sizeof(*reduced->sources));
    if (reduced->sources == NULL)
        return gb_fail_memory(err, "the energy sources");
    gb_status status = GB_OK;
    for (size_t n = 0; n < first->node_count && status == GB_OK; n++) {
        status =
            reduce_node(launches, (uint32_t)n,
                        reduced->sources + reduced->source_count, reduced, err);
        reduced->source_count += first->nodes[n].domain_count;
    }
    return status;
}
