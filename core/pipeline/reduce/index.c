/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/reduce/index.h"

#include <inttypes.h>
#include <stdlib.h>

/* Where the pass over the rows is with one node. */
typedef struct node_cursor {
    uint32_t last_domain;
    bool any, mark;
    bool stamped; /* the tick has a good row */
    uint32_t tick;
} node_cursor;

/* Move on to @p row; true if it begins a tick. */
static bool advance(node_cursor *cursor, const gb_sample *row) {
    const bool begins = !cursor->any || row->domain <= cursor->last_domain ||
                        row->mark != cursor->mark;
    if (begins) {
        cursor->tick += cursor->any ? 1 : 0;
        cursor->stamped = false;
    }
    cursor->any = true;
    cursor->mark = row->mark;
    cursor->last_domain = row->domain;
    return begins;
}

void gb_sample_index_fini(gb_sample_index *index) {
    free(index->nodes);
    free(index->all_domains);
    free(index->all_marks);
    free(index->all_readings);
    free(index->all_ticks);
    free(index->scratch);
    *index = (gb_sample_index){0};
}

static gb_status check_rows(const gb_run_log *log, gb_error *err) {
    for (size_t i = 0; i < log->sample_count; i++) {
        const gb_sample *row = &log->samples[i];
        if (row->node >= log->session.node_count)
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "samples, row %zu: expected a node below %zu, got "
                           "%" PRIu32,
                           i, log->session.node_count, row->node);
        if (row->domain >= log->session.nodes[row->node].domain_count)
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "samples, row %zu: expected a domain below %zu, "
                           "got %" PRIu32,
                           i, log->session.nodes[row->node].domain_count,
                           row->domain);
    }
    return GB_OK;
}

static gb_status allocate(const gb_run_log *log, gb_sample_index *index,
                          node_cursor **cursors_out, gb_error *err) {
    const size_t nodes = log->session.node_count, rows = log->sample_count;
    size_t domains = 0, most = 0;
    for (size_t n = 0; n < nodes; n++) {
        const size_t count = log->session.nodes[n].domain_count;
        domains += count;
        most = count > most ? count : most;
    }

    index->node_count = nodes;
    index->nodes = calloc(nodes + 1, sizeof(*index->nodes));
    index->all_domains = calloc(domains + 1, sizeof(*index->all_domains));
    index->all_marks = calloc(rows + 1, sizeof(*index->all_marks));
    index->all_readings = calloc(rows + 1, sizeof(*index->all_readings));
    index->all_ticks = calloc(rows + 1, sizeof(*index->all_ticks));
    index->scratch = calloc(most + 1, sizeof(*index->scratch));
    *cursors_out = calloc(nodes + 1, sizeof(**cursors_out));
    if (index->nodes == NULL || index->all_domains == NULL ||
        index->all_marks == NULL || index->all_readings == NULL ||
        index->all_ticks == NULL || index->scratch == NULL ||
        *cursors_out == NULL)
        return gb_fail_memory(err, "the index of the samples");

    for (size_t n = 0, first = 0; n < nodes; n++) {
        index->nodes[n].domains = index->all_domains + first;
        first += log->session.nodes[n].domain_count;
    }
    return GB_OK;
}

/* Give each domain and node its place in the shared arrays, from its counts. */
static void lay_out(const gb_run_log *log, gb_sample_index *index) {
    size_t row = 0, mark = 0;

    for (size_t n = 0; n < index->node_count; n++) {
        gb_index_node *node = &index->nodes[n];
        node->marks = index->all_marks + mark;
        mark += node->mark_count;
        node->mark_count = 0;
        for (size_t d = 0; d < log->session.nodes[n].domain_count; d++) {
            gb_index_domain *domain = &node->domains[d];
            domain->readings = index->all_readings + row;
            domain->ticks = index->all_ticks + row;
            row += domain->count;
            domain->count = 0;
        }
    }
}

static void count_rows(const gb_run_log *log, gb_sample_index *index,
                       node_cursor *cursors) {
    for (size_t i = 0; i < log->sample_count; i++) {
        const gb_sample *row = &log->samples[i];
        gb_index_node *node = &index->nodes[row->node];

        if (advance(&cursors[row->node], row) && row->mark)
            node->mark_count++;
        node->domains[row->domain].count++;
    }
}

static void place_rows(const gb_run_log *log, gb_sample_index *index,
                       node_cursor *cursors) {
    for (size_t n = 0; n < index->node_count; n++)
        cursors[n] = (node_cursor){0};
    for (size_t i = 0; i < log->sample_count; i++) {
        const gb_sample *row = &log->samples[i];
        node_cursor *cursor = &cursors[row->node];
        gb_index_node *node = &index->nodes[row->node];
        gb_index_domain *domain = &node->domains[row->domain];

        (void)advance(cursor, row);
        domain->readings[domain->count] = row->reading;
        domain->ticks[domain->count++] = cursor->tick;
        if (!row->reading.ok || cursor->stamped)
            continue;
        cursor->stamped = true;
        if (row->mark)
            node->marks[node->mark_count++] = (gb_index_mark){
                .stamp_ns = row->reading.time_ns, .tick = cursor->tick};
    }
}

static int by_stamp(const void *a, const void *b) {
    const gb_index_mark *x = a, *y = b;

    if (x->stamp_ns != y->stamp_ns)
        return x->stamp_ns < y->stamp_ns ? -1 : 1;
    return (x->tick > y->tick) - (x->tick < y->tick);
}

gb_status gb_sample_index_build(const gb_run_log *log,
                                gb_sample_index *index_out, gb_error *err) {
    gb_sample_index index = {0};
    node_cursor *cursors = NULL;
    gb_status status = check_rows(log, err);

    if (status == GB_OK)
        status = allocate(log, &index, &cursors, err);
    if (status == GB_OK) {
        count_rows(log, &index, cursors);
        lay_out(log, &index);
        place_rows(log, &index, cursors);
        /* They are in order already, unless a source's own stamps jump. */
        for (size_t n = 0; n < index.node_count; n++)
            if (index.nodes[n].mark_count > 1)
                qsort(index.nodes[n].marks, index.nodes[n].mark_count,
                      sizeof(gb_index_mark), by_stamp);
        *index_out = index;
    } else {
        gb_sample_index_fini(&index);
    }
    free(cursors);
    return status;
}

/* The first mark with this stamp; null if there is none. */
static const gb_index_mark *find_mark(const gb_index_node *node,
                                      uint64_t stamp_ns) {
    size_t low = 0, high = node->mark_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (node->marks[middle].stamp_ns < stamp_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low < node->mark_count && node->marks[low].stamp_ns == stamp_ns
               ? &node->marks[low]
               : NULL;
}

bool gb_sample_index_find(const gb_index_node *node,
                          const gb_node_window *window, uint32_t *begin_out,
                          uint32_t *end_out) {
    const gb_index_mark *begin = find_mark(node, window->begin_ns);
    const gb_index_mark *end = find_mark(node, window->end_ns);

    if (begin == NULL || end == NULL)
        return false;
    *begin_out = begin->tick;
    *end_out = end->tick;
    return true;
}

/* How many entries of @p ticks are below @p tick. */
static size_t count_below(const gb_index_domain *domain, uint32_t tick) {
    size_t low = 0, high = domain->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (domain->ticks[middle] < tick)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const gb_energy_reading *gb_index_domain_slice(const gb_index_domain *domain,
                                               uint32_t begin, uint32_t end,
                                               size_t *count_out) {
    const size_t first = count_below(domain, begin);
    const size_t last = count_below(domain, end);

    *count_out = 0;
    if (first >= last || last >= domain->count ||
        domain->ticks[first] != begin || domain->ticks[last] != end)
        return NULL;
    *count_out = last - first + 1;
    return domain->readings + first;
}
