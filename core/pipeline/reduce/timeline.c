/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/reduce/timeline.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "metering/delta.h"
#include "stats/spread.h"

/* Fewer show nothing, more cannot be told apart on a screen. */
#define BUCKETS_LEAST 200
#define BUCKETS_MOST  2000
/* A gauge is not drawn across longer silence, as it is not integrated. */
#define GAP_INTERVALS 3.0
/* Of a bucket that must be covered for the power of a whole node. */
#define COVERED 0.999

/* Where the pass over the rows is with one domain of one node. */
typedef struct cursor {
    gb_energy_reading last;
    bool any;
    size_t series;                /* + 1; 0: it has no line */
    double *covered_s, *energy_j; /* [bucket_count], of its line; null */
} cursor;

typedef struct builder {
    const gb_run_log *log;
    gb_timeline *out;
    uint64_t *zero_ns;    /* [node_count]: each node's clock at one instant */
    size_t *first_cursor; /* [node_count] */
    cursor *cursors;
    double *room; /* of the lines' covered_s and energy_j */
    double begin_s, bucket_s, interval_s;
    float *node_j; /* [node_count][bucket_count] */
    float *node_s; /* the same: covered, summed over the domains of its cover */
} builder;

static void builder_fini(builder *b) {
    free(b->zero_ns);
    free(b->first_cursor);
    free(b->cursors);
    free(b->room);
    free(b->node_j);
    free(b->node_s);
}

/* --- time ----------------------------------------------------------------- */

/* Seconds since the instant at which the nodes' clocks are brought together. */
static double since_zero_s(const builder *b, uint32_t node, uint64_t time_ns) {
    return (double)(int64_t)(time_ns - b->zero_ns[node]) * 1e-9;
}

/* All nodes pass a barrier before a window. */
static const gb_node_window *first_windows(const gb_run_log *log) {
    if (log->idle_count > 0 && log->idles[0].windows != NULL)
        return log->idles[0].windows;
    return log->rep_count > 0 ? log->reps[0].windows : NULL;
}

static gb_status find_span(builder *b, gb_error *err) {
    const gb_run_log *log = b->log;
    const gb_node_window *windows = first_windows(log);
    double end_s = -INFINITY;

    b->begin_s = INFINITY;
    for (size_t n = 0; windows != NULL && n < log->session.node_count; n++)
        b->zero_ns[n] = windows[n].begin_ns;
    for (size_t i = 0; i < log->sample_count; i++) {
        const gb_sample *row = &log->samples[i];
        if (row->node >= log->session.node_count ||
            row->domain >= log->session.nodes[row->node].domain_count)
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "samples, row %zu: expected a node and a domain of "
                           "the session, got %" PRIu32 " and %" PRIu32,
                           i, row->node, row->domain);
        if (!row->reading.ok)
            continue;
        if (b->zero_ns[row->node] == 0)
            b->zero_ns[row->node] = row->reading.time_ns;
        const double at_s = since_zero_s(b, row->node, row->reading.time_ns);
        b->begin_s = fmin(b->begin_s, at_s);
        end_s = fmax(end_s, at_s);
        b->out->readings++;
    }
    b->out->span_s = end_s > b->begin_s ? end_s - b->begin_s : 0.0;
    return GB_OK;
}

/* --- what has a line ------------------------------------------------------ */

static bool is_drawn(const gb_energy_domain *domain) {
    return domain->status == GB_DOMAIN_OK || domain->summed;
}

static void add_series(builder *b, uint32_t node) {
    gb_timeline *out = b->out;
    const gb_node *facts = &b->log->session.nodes[node];
    size_t drawn = 0;

    out->shown_nodes++;
    out->series[out->series_count++] =
        (gb_power_series){.node = node, .domain = -1};
    /* What is summed first: it is what the figures are made of. */
    for (int round = 0; round < 2; round++)
        for (size_t d = 0; d < facts->domain_count; d++) {
            const gb_energy_domain *domain = &facts->domains[d];
            if (!is_drawn(domain) || domain->summed != (round == 0) ||
                drawn == GB_TIMELINE_DOMAINS)
                continue;
            drawn++;
            out->series[out->series_count++] =
                (gb_power_series){.node = node, .domain = (int32_t)d};
            b->cursors[b->first_cursor[node] + d].series = out->series_count;
        }
}

static bool has_series(const gb_timeline *out, uint32_t node) {
    for (size_t i = 0; i < out->series_count; i++)
        if (out->series[i].node == node)
            return true;
    return false;
}

static void choose_series(builder *b, const gb_timeline_wish *wish) {
    const size_t nodes = b->log->session.node_count;

    for (size_t i = 0; i < wish->node_count; i++)
        if (b->out->shown_nodes < GB_TIMELINE_NODES && wish->nodes[i] < nodes &&
            !has_series(b->out, wish->nodes[i]))
            add_series(b, wish->nodes[i]);
    for (uint32_t n = 0; n < nodes && b->out->shown_nodes < GB_TIMELINE_NODES;
         n++)
        if (!has_series(b->out, n))
            add_series(b, n);
}

static gb_status allocate_series(builder *b, gb_error *err) {
    const gb_session *session = &b->log->session;
    size_t domains = 0;

    for (size_t n = 0; n < session->node_count; n++)
        domains += session->nodes[n].domain_count;
    b->zero_ns = calloc(session->node_count + 1, sizeof(*b->zero_ns));
    b->first_cursor = calloc(session->node_count + 1, sizeof(*b->first_cursor));
    b->cursors = calloc(domains + 1, sizeof(*b->cursors));
    b->out->series =
        calloc((size_t)GB_TIMELINE_NODES * (GB_TIMELINE_DOMAINS + 1),
               sizeof(*b->out->series));
    if (b->zero_ns == NULL || b->first_cursor == NULL || b->cursors == NULL ||
        b->out->series == NULL)
        return gb_fail_memory(err, "the power over time");
    for (size_t n = 0, at = 0; n < session->node_count; n++) {
        b->first_cursor[n] = at;
        at += session->nodes[n].domain_count;
    }
    return GB_OK;
}

/* --- buckets -------------------------------------------------------------- */

static float *blank(size_t count, float value) {
    float *made = malloc((count > 0 ? count : 1) * sizeof(*made));
    for (size_t i = 0; made != NULL && i < count; i++)
        made[i] = value;
    return made;
}

static gb_status allocate_buckets(builder *b, size_t points, gb_error *err) {
    gb_timeline *out = b->out;
    const size_t lines = out->series_count + GB_TIMELINE_QUANTILES + 1;
    const size_t nodes = b->log->session.node_count;
    size_t count = points / lines;
    bool failed = false;

    count = count > BUCKETS_MOST    ? BUCKETS_MOST
            : count < BUCKETS_LEAST ? BUCKETS_LEAST
                                    : count;
    b->bucket_s = out->span_s / (double)count;
    b->node_j = blank(nodes * count, 0.0f);
    b->node_s = blank(nodes * count, 0.0f);
    b->room = calloc(2 * out->series_count * count + 1, sizeof(*b->room));
    for (size_t i = 0; i < out->series_count; i++) {
        gb_power_series *series = &out->series[i];
        series->mean_w = blank(count, NAN);
        series->least_w = blank(count, NAN);
        series->most_w = blank(count, NAN);
        failed = failed || series->mean_w == NULL || series->least_w == NULL ||
                 series->most_w == NULL;
    }
    for (int q = 0; q < GB_TIMELINE_QUANTILES; q++) {
        out->quantiles_w[q] = blank(count, NAN);
        failed = failed || out->quantiles_w[q] == NULL;
    }
    out->total_w = blank(count, NAN);
    if (failed || b->node_j == NULL || b->node_s == NULL || b->room == NULL ||
        out->total_w == NULL)
        return gb_fail_memory(err, "the power over time");
    out->bucket_count = count;
    for (size_t i = 0; i < out->series_count; i++) {
        const gb_power_series *series = &out->series[i];
        if (series->domain < 0)
            continue;
        cursor *at =
            &b->cursors[b->first_cursor[series->node] + (size_t)series->domain];
        at->energy_j = b->room + 2 * i * count;
        at->covered_s = at->energy_j + count;
    }
    return GB_OK;
}

static size_t bucket_at(const builder *b, double at_s) {
    const double at = at_s / b->bucket_s;
    const size_t last = b->out->bucket_count - 1;
    return at <= 0.0 ? 0 : at >= (double)last ? last : (size_t)at;
}

/* From @p from_s to @p to_s the domain drew @p power_w on average. */
static void add_interval(builder *b, uint32_t node, const cursor *at,
                         bool summed, const double span_s[2], double power_w) {
    const size_t count = b->out->bucket_count;
    const size_t last = bucket_at(b, span_s[1]);

    for (size_t k = bucket_at(b, span_s[0]); k <= last; k++) {
        const double low_s = fmax(span_s[0], (double)k * b->bucket_s);
        const double high_s = fmin(span_s[1], (double)(k + 1) * b->bucket_s);
        const double part_s = high_s - low_s;
        if (!(part_s > 0.0))
            continue;
        if (summed) {
            b->node_j[node * count + k] += (float)(power_w * part_s);
            b->node_s[node * count + k] += (float)part_s;
        }
        if (at->series == 0)
            continue;
        const gb_power_series *series = &b->out->series[at->series - 1];
        at->energy_j[k] += power_w * part_s;
        at->covered_s[k] += part_s;
        series->least_w[k] = fminf(series->least_w[k], (float)power_w);
        series->most_w[k] = fmaxf(series->most_w[k], (float)power_w);
    }
}

/* Mean power between two good readings; false if they do not tell, and then
 * @p keep says whether the earlier one still stands. */
static bool power_between(const builder *b, const gb_energy_domain *domain,
                          const gb_energy_reading *from,
                          const gb_energy_reading *to, double *power_w,
                          bool *keep) {
    const double apart_s = (double)(to->time_ns - from->time_ns) * 1e-9;
    const double source_s = gb_delta_seconds(domain, from, to);
    uint64_t ticks = 0;

    if (domain->kind == GB_READING_POWER) {
        const double gap_s =
            GAP_INTERVALS *
            fmax(b->interval_s, (double)domain->update_ns * 1e-9);
        *keep = false;
        *power_w =
            0.5 * ((double)from->ticks + (double)to->ticks) * domain->tick_j;
        return apart_s > 0.0 && apart_s <= gap_s;
    }
    /* The edge of a window may lie just behind a tick of the sampler; what is
     * between them is mostly the counter's own step. */
    *keep = apart_s < 0.5 * b->interval_s || !(source_s > 0.0);
    if (*keep || gb_delta_ticks(domain, from, to, &ticks, NULL, NULL) != GB_OK)
        return false;
    *power_w = (double)ticks * domain->tick_j / source_s;
    return true;
}

static void pass_rows(builder *b) {
    const gb_run_log *log = b->log;

    for (size_t i = 0; i < log->sample_count; i++) {
        const gb_sample *row = &log->samples[i];
        const gb_energy_domain *domain =
            &log->session.nodes[row->node].domains[row->domain];
        cursor *at = &b->cursors[b->first_cursor[row->node] + row->domain];
        double power_w = 0.0;
        bool keep = false;

        if (!row->reading.ok || !is_drawn(domain))
            continue;
        if (at->any && row->reading.time_ns <= at->last.time_ns)
            continue;
        if (at->any && power_between(b, domain, &at->last, &row->reading,
                                     &power_w, &keep)) {
            const double span_s[2] = {
                since_zero_s(b, row->node, at->last.time_ns) - b->begin_s,
                since_zero_s(b, row->node, row->reading.time_ns) - b->begin_s};
            add_interval(b, row->node, at, domain->summed, span_s, power_w);
        }
        if (!keep)
            at->last = row->reading;
        at->any = true;
    }
}

/* --- lines ---------------------------------------------------------------- */

static float node_power_w(const builder *b, size_t node, size_t bucket) {
    const size_t at = node * b->out->bucket_count + bucket;
    const size_t summed = b->log->session.nodes[node].cover.summed_count;
    const bool whole = summed > 0 && (double)b->node_s[at] >=
                                         COVERED * (double)summed * b->bucket_s;
    return whole ? (float)((double)b->node_j[at] / b->bucket_s) : NAN;
}

static void finish_series(builder *b) {
    for (size_t i = 0; i < b->out->series_count; i++) {
        gb_power_series *series = &b->out->series[i];
        const cursor *at = series->domain < 0
                               ? NULL
                               : &b->cursors[b->first_cursor[series->node] +
                                             (size_t)series->domain];
        for (size_t k = 0; k < b->out->bucket_count; k++) {
            if (at != NULL && at->covered_s[k] > 0.0)
                series->mean_w[k] = (float)(at->energy_j[k] / at->covered_s[k]);
            if (at == NULL)
                series->mean_w[k] = node_power_w(b, series->node, k);
        }
    }
}

static gb_status finish_nodes(builder *b, gb_error *err) {
    const size_t nodes = b->log->session.node_count;
    size_t metered = 0;
    double *powers = calloc(nodes + 1, sizeof(*powers));

    if (powers == NULL)
        return gb_fail_memory(err, "the power over time");
    for (size_t n = 0; n < nodes; n++)
        metered += b->log->session.nodes[n].cover.summed_count > 0;
    b->out->node_count = metered;
    for (size_t k = 0; k < b->out->bucket_count && metered > 0; k++) {
        size_t count = 0;
        double total_w = 0.0;
        for (size_t n = 0; n < nodes; n++) {
            const float power_w = node_power_w(b, n, k);
            if (isnan(power_w))
                continue;
            powers[count++] = (double)power_w;
            total_w += (double)power_w;
        }
        if (count == metered)
            b->out->total_w[k] = (float)total_w;
        if (count == 0)
            continue;
        gb_sort_ascending(powers, count);
        for (int q = 0; q < GB_TIMELINE_QUANTILES; q++)
            b->out->quantiles_w[q][k] = (float)gb_quantile_sorted(
                powers, count, (double)q / (double)(GB_TIMELINE_QUANTILES - 1));
    }
    free(powers);
    return GB_OK;
}

/* --- phases --------------------------------------------------------------- */

static void add_phase(builder *b, const gb_node_window *windows, int64_t at,
                      bool merge) {
    gb_timeline *out = b->out;
    const double begin_s = since_zero_s(b, 0, windows[0].begin_ns) - b->begin_s;
    const double end_s = since_zero_s(b, 0, windows[0].end_ns) - b->begin_s;
    gb_timeline_phase *last =
        out->phase_count > 0 ? &out->phases[out->phase_count - 1] : NULL;

    if (merge && last != NULL && last->case_index == at) {
        last->end_s = end_s;
        last->repetitions++;
        return;
    }
    out->phases[out->phase_count++] = (gb_timeline_phase){
        .begin_s = begin_s, .end_s = end_s, .case_index = at, .repetitions = 1};
}

static int by_begin(const void *a, const void *b) {
    const gb_timeline_phase *x = a, *y = b;
    return (x->begin_s > y->begin_s) - (x->begin_s < y->begin_s);
}

static gb_status add_phases(builder *b, gb_error *err) {
    const gb_run_log *log = b->log;
    const bool merge = log->rep_count > GB_TIMELINE_PHASES;

    b->out->phases =
        calloc(log->rep_count + log->idle_count + 1, sizeof(*b->out->phases));
    if (b->out->phases == NULL)
        return gb_fail_memory(err, "the phases of the run");
    if (log->session.node_count == 0)
        return GB_OK;
    for (size_t i = 0; i < log->rep_count; i++)
        if (log->reps[i].windows != NULL)
            add_phase(b, log->reps[i].windows, (int64_t)log->reps[i].case_index,
                      merge);
    for (size_t i = 0; i < log->idle_count; i++)
        if (log->idles[i].windows != NULL)
            add_phase(b, log->idles[i].windows, -1, false);
    qsort(b->out->phases, b->out->phase_count, sizeof(*b->out->phases),
          by_begin);
    return GB_OK;
}

/* --- together ------------------------------------------------------------- */

static gb_status build(const gb_run_log *log, const gb_timeline_wish *wish,
                       gb_timeline *out, gb_error *err) {
    builder b = {.log = log, .out = out};
    const double hz = log->session.sample_hz;

    b.interval_s = hz > 0.0 ? 1.0 / hz : 0.0;
    out->launch = log->session.launch;
    out->begin_utc_ns = log->session.started_utc_ns;
    gb_status status = allocate_series(&b, err);
    if (status == GB_OK)
        status = find_span(&b, err);
    if (status == GB_OK && out->span_s > 0.0) {
        choose_series(&b, wish);
        status = allocate_buckets(&b, wish->points, err);
        if (status == GB_OK) {
            pass_rows(&b);
            finish_series(&b);
            status = finish_nodes(&b, err);
        }
        if (status == GB_OK)
            status = add_phases(&b, err);
    }
    builder_fini(&b);
    return status;
}

gb_status gb_reduce_timelines(const gb_run_log *log,
                              const gb_timeline_wish *wish,
                              gb_timelines *timelines_out, gb_error *err) {
    const size_t launches = gb_run_log_launches(log);
    const size_t count = launches < GB_TIMELINE_LAUNCHES
                             ? launches
                             : (size_t)GB_TIMELINE_LAUNCHES;
    gb_timelines all = {.list = calloc(count + 1, sizeof(*all.list)),
                        .launches = launches};
    gb_timeline_wish each = *wish;
    gb_status status =
        all.list != NULL ? GB_OK : gb_fail_memory(err, "the power over time");

    each.points = wish->points / (count > 0 ? count : 1);
    for (; status == GB_OK && all.count < count; log = log->next)
        status = build(log, &each, &all.list[all.count++], err);
    if (status == GB_OK)
        *timelines_out = all;
    else
        gb_timelines_fini(&all);
    return status;
}
