/* SPDX-License-Identifier: Apache-2.0 */
/* The samples of a run as CSV, in joules and watts (docs/exports.md). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/report/csv.h"
#include "pipeline/report/report.h"

/* Text that is handed over at once. */
#define BLOCK_BYTES (64u * 1024u)

static const char *const columns[] = {
    "launch",  "node",  "source", "domain", "scope", "summed",
    "time_ns", "value", "unit",   "wrap",   "ok",    "window_edge"};

/** The cells of a domain that no row changes. */
typedef struct domain_cells {
    char *before, *after; /* owned; null: not made yet */
} domain_cells;

/** The domains of all nodes of a launch: those of node n begin at first[n]. */
typedef struct launch_cells {
    const gb_session *session;
    domain_cells *cells; /* [first[node_count]] */
    size_t *first;       /* [node_count + 1] */
} launch_cells;

static bool cells_make(const gb_session *session, launch_cells *out) {
    *out = (launch_cells){.session = session};
    out->first = calloc(session->node_count + 1, sizeof(*out->first));
    if (out->first == NULL)
        return false;
    for (size_t n = 0; n < session->node_count; n++)
        out->first[n + 1] = out->first[n] + session->nodes[n].domain_count;
    out->cells =
        calloc(out->first[session->node_count] + 1, sizeof(*out->cells));
    return out->cells != NULL;
}

static void cells_fini(launch_cells *launch) {
    const size_t count =
        launch->cells != NULL ? launch->first[launch->session->node_count] : 0;

    for (size_t i = 0; i < count; i++) {
        free(launch->cells[i].before);
        free(launch->cells[i].after);
    }
    free(launch->cells);
    free(launch->first);
}

/* "1,node01,powercap,package-0,package,true," and ",J,262143.328850," */
static bool fill_cells(const gb_session *session, const gb_node *node,
                       const gb_energy_domain *domain, domain_cells *out) {
    const bool power = domain->kind == GB_READING_POWER;
    gb_str before = {0}, after = {0};
    gb_csv csv = {.out = &before};

    gb_csv_whole(&csv, session->launch);
    gb_csv_text(&csv, node->name);
    gb_csv_text(&csv, domain->source);
    gb_csv_text(&csv, domain->name);
    gb_csv_text(&csv, gb_scope_name(domain->scope));
    gb_csv_bool(&csv, domain->summed);
    gb_csv_empty(&csv);
    csv = (gb_csv){.out = &after, .begun = true};
    gb_csv_text(&csv, power ? "W" : "J");
    if (!power && domain->wrap_ticks > 0)
        gb_csv_real(&csv, (double)domain->wrap_ticks * domain->tick_j);
    else
        gb_csv_empty(&csv);
    gb_csv_empty(&csv);
    out->before = gb_str_take(&before);
    out->after = gb_str_take(&after);
    return out->before != NULL && out->after != NULL;
}

static bool add_row(launch_cells *launch, const gb_sample *row, gb_str *out) {
    const gb_node *node = &launch->session->nodes[row->node];
    const gb_energy_domain *domain = &node->domains[row->domain];
    domain_cells *cells =
        &launch->cells[launch->first[row->node] + row->domain];

    if (cells->after == NULL &&
        !fill_cells(launch->session, node, domain, cells))
        return false;
    gb_str_add(out, cells->before);
    gb_str_addf(out, "%" PRIu64 ",", row->reading.time_ns);
    /* Fifteen digits hold every tick of a counter below 10^15. */
    if (row->reading.ok)
        gb_str_addf(out, "%.15g", (double)row->reading.ticks * domain->tick_j);
    gb_str_add(out, cells->after);
    gb_str_add(out, row->reading.ok ? "true" : "false");
    gb_str_add(out, row->mark ? ",true\r\n" : ",false\r\n");
    return !out->failed;
}

static gb_status put_launch(const gb_run_log *log, const gb_text_sink *sink,
                            gb_str *block, gb_error *err) {
    launch_cells launch;
    gb_status status = cells_make(&log->session, &launch)
                           ? GB_OK
                           : gb_fail_memory(err, "the samples");

    for (size_t i = 0; status == GB_OK && i < log->sample_count; i++) {
        if (!add_row(&launch, &log->samples[i], block))
            status = gb_fail_memory(err, "the samples");
        else if (block->length >= BLOCK_BYTES) {
            status = sink->put(sink->ctx, block->text, block->length, err);
            block->length = 0;
        }
    }
    cells_fini(&launch);
    return status;
}

gb_status gb_report_csv_samples(const void *log, const gb_text_sink *sink,
                                gb_error *err) {
    gb_str block = {0};
    gb_csv csv = {.out = &block};
    gb_status status = GB_OK;

    gb_csv_head(&csv, columns, sizeof(columns) / sizeof(columns[0]));
    for (const gb_run_log *one = log; status == GB_OK && one != NULL;
         one = one->next)
        status = put_launch(one, sink, &block, err);
    if (status == GB_OK && block.failed)
        status = gb_fail_memory(err, "the samples");
    if (status == GB_OK && block.length > 0)
        status = sink->put(sink->ctx, block.text, block.length, err);
    gb_str_fini(&block);
    return status;
}
