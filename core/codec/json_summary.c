/* SPDX-License-Identifier: Apache-2.0 */
/* summary.json: the paths of "greenbench.summary/1". */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_stream.h"

/* --- the run -------------------------------------------------------------- */

static json_t *tool_of(gb_json_out *out, const gb_session *session) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "version", gb_json_text(out, session->tool_version));
    gb_json_put(out, o, "git", gb_json_fact(out, session->tool_git));
    gb_json_put(out, o, "build", gb_json_fact(out, session->tool_build));
    return o;
}

static json_t *launches_of(gb_json_out *out, const gb_result *result) {
    json_t *array = gb_json_array(out);
    for (size_t i = 0; i < result->launch_count; i++) {
        const gb_launch_result *launch = &result->launches[i];
        const gb_session *session = launch->session;
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "launch", gb_json_u64(out, session->launch));
        gb_json_put(out, o, "started_utc",
                    gb_json_utc(out, session->started_utc_ns));
        gb_json_put(out, o, "ended_utc",
                    gb_json_utc(out, launch->ended_utc_ns));
        gb_json_put(out, o, "status",
                    gb_json_text(out, gb_json_run_status_name(launch->status)));
        gb_json_put(out, o, "repetitions",
                    gb_json_u64(out, launch->repetitions));
        gb_json_put(out, o, "rebooted_nodes",
                    gb_json_u64(out, launch->rebooted_nodes));
        gb_json_put(out, o, "command", gb_json_fact(out, session->command));
        gb_json_put(out, o, "scheduler", gb_json_fact(out, session->scheduler));
        gb_json_append(out, array, o);
    }
    return array;
}

static json_t *run_of(gb_json_out *out, const gb_result *result) {
    const gb_session *session = result->session;
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "id", gb_json_text(out, session->run_id));
    gb_json_put(out, o, "command", gb_json_fact(out, session->command));
    gb_json_put(out, o, "suite", gb_json_text(out, session->suite));
    gb_json_put(out, o, "started_utc",
                gb_json_utc(out, session->started_utc_ns));
    gb_json_put(out, o, "ended_utc", gb_json_utc(out, result->ended_utc_ns));
    gb_json_put(out, o, "status",
                gb_json_text(out, gb_json_run_status_name(result->status)));
    gb_json_put(out, o, "ranks", gb_json_u64(out, session->ranks));
    gb_json_put(out, o, "nodes", gb_json_u64(out, session->node_count));
    gb_json_put(out, o, "mpi", gb_json_fact(out, session->mpi));
    gb_json_put(out, o, "scheduler", gb_json_fact(out, session->scheduler));
    gb_json_put(out, o, "job", gb_json_job(out, &session->job));
    gb_json_put(out, o, "sysroot", gb_json_fact(out, session->sysroot));
    gb_json_put(out, o, "require_energy",
                gb_json_bool(out, session->require_energy));
    gb_json_put(out, o, "counters_absent",
                gb_json_fact(out, session->counters_absent));
    gb_json_put(out, o, "launches", launches_of(out, result));
    return o;
}

/* The ranks of each node, in their order: those of node n are first[n],
 * next[first[n]], .. up to NO_RANK. */
typedef struct binding {
    uint32_t *first; /* [node_count] */
    uint32_t *next;  /* [ranks] */
} binding;

#define NO_RANK UINT32_MAX

/* Of a session without places nobody's. False: no memory. */
static bool find_binding(const gb_session *session, binding *out) {
    const uint32_t ranks = session->places != NULL ? session->ranks : 0;
    out->first = calloc(session->node_count + 1, sizeof(*out->first));
    out->next = calloc((size_t)ranks + 1, sizeof(*out->next));
    if (out->first == NULL || out->next == NULL)
        return false;
    for (size_t n = 0; n < session->node_count; n++)
        out->first[n] = NO_RANK;
    for (uint32_t i = ranks; i > 0; i--) {
        uint32_t *first = &out->first[session->places[i - 1].node];
        out->next[i - 1] = *first;
        *first = i - 1;
    }
    return true;
}

/* With what its ranks are bound to. */
static json_t *node_of(gb_json_out *out, const gb_session *session, size_t node,
                       const binding *bound) {
    json_t *o = gb_json_node(out, &session->nodes[node]);
    json_t *cpus = gb_json_array(out);
    for (uint32_t rank = bound->first[node]; rank != NO_RANK;
         rank = bound->next[rank])
        gb_json_append(out, cpus,
                       gb_json_fact(out, session->places[rank].cpus));
    gb_json_put(out, o, "rank_cpus", cpus);
    return o;
}

static void put_system(gb_json_stream *stream, const gb_session *session) {
    binding bound;
    if (!find_binding(session, &bound))
        stream->out.failed = true;
    gb_json_stream_open(stream, "system", '{');
    gb_json_stream_open(stream, "nodes", '[');
    for (size_t n = 0; !stream->out.failed && n < session->node_count; n++)
        gb_json_stream_put(stream, NULL,
                           node_of(&stream->out, session, n, &bound));
    gb_json_stream_close(stream, ']');
    gb_json_stream_close(stream, '}');
    free(bound.first);
    free(bound.next);
}

static double seconds_or_nan(uint64_t ns) {
    return ns == 0 ? (double)NAN : (double)ns * 1e-9;
}

static void put_count(gb_json_stream *s, const char *key, bool have,
                      uint64_t count) {
    gb_json_stream_put(s, key,
                       have ? gb_json_u64(&s->out, count) : json_null());
}

/* What was read of it. @p figure null: it was never read. */
static void put_readings(gb_json_stream *s, const gb_source_figure *figure) {
    static const gb_source_figure never_read = {0};
    const bool have = figure != NULL;
    const gb_source_figure *f = have ? figure : &never_read;

    gb_json_stream_real(s, "energy_j", have ? f->energy_j : (double)NAN);
    put_count(s, "wraps", have, f->wraps);
    put_count(s, "reads", have, f->reads);
    put_count(s, "errors", have, f->errors);
}

/* Of 10,000 nodes there may be 150,000: no tree of them. */
static void put_source(gb_json_stream *s, const gb_node *node,
                       const gb_energy_domain *domain,
                       const gb_source_figure *figure) {
    const bool gauge = domain->kind == GB_READING_POWER;
    const gb_domain_status status =
        figure != NULL ? figure->status : domain->status;
    const char *reason = figure != NULL && figure->reason[0] != '\0'
                             ? figure->reason
                             : domain->reason;

    gb_json_stream_open(s, NULL, '{');
    gb_json_stream_text(s, "node", node->name);
    gb_json_stream_text(s, "source", domain->source);
    gb_json_stream_text(s, "domain", domain->name);
    gb_json_stream_text(s, "scope", gb_scope_name(domain->scope));
    gb_json_stream_text(s, "kind", gauge ? "power" : "energy");
    gb_json_stream_text(s, "status", gb_domain_status_name(status));
    gb_json_stream_text(s, "quality", gb_quality_name(domain->quality));
    gb_json_stream_put(s, "summed", gb_json_bool(&s->out, domain->summed));
    gb_json_stream_put(s, "shared", gb_json_bool(&s->out, domain->shared));
    gb_json_stream_fact(s, "suspect", domain->suspect);
    gb_json_stream_fact(s, "reason", reason);
    gb_json_stream_fact(s, "fix", domain->fix);
    gb_json_stream_real(s, "tick_j", gauge ? (double)NAN : domain->tick_j);
    gb_json_stream_real(s, "tick_w", gauge ? domain->tick_j : (double)NAN);
    gb_json_stream_real(s, "update_s", seconds_or_nan(domain->update_ns));
    gb_json_stream_real(s, "u_rel", domain->u_rel);
    gb_json_stream_real(s, "u_w", domain->u_w);
    gb_json_stream_put(s, "accuracy_stated",
                       gb_json_bool(&s->out, domain->accuracy_stated));
    gb_json_stream_put(s, "plugin", gb_json_identity(&s->out, &domain->plugin));
    put_readings(s, figure);
    gb_json_stream_close(s, '}');
}

/* Every domain of every node, read or not: what is absent is part of the
 * result. */
static void put_sources(gb_json_stream *stream, const gb_result *result) {
    const gb_session *session = result->session;
    size_t at = 0; /* figures lie in the order of the nodes' domains */
    gb_json_stream_open(stream, "energy_sources", '[');
    for (size_t i = 0; i < session->node_count; i++) {
        const gb_node *node = &session->nodes[i];
        for (size_t k = 0; k < node->domain_count; k++) {
            const gb_source_figure *figure = NULL;
            if (at < result->source_count && result->sources[at].node == i &&
                result->sources[at].domain == k)
                figure = &result->sources[at++];
            put_source(stream, node, &node->domains[k], figure);
        }
    }
    gb_json_stream_close(stream, ']');
}

static json_t *idle_of(gb_json_out *out, const gb_idle_figure *idle) {
    json_t *o = gb_json_object(out);
    const char *reason =
        idle->present ? idle->energy.reason : "no idle window was measured";
    const bool have = idle->present && isfinite(idle->power_w);
    gb_json_put(out, o, "power_w", gb_json_real_if(out, have, idle->power_w));
    gb_json_put(out, o, "u_w", gb_json_real_if(out, have, idle->u_w));
    gb_json_put(out, o, "window_s",
                gb_json_real_if(out, have, idle->energy.window_s));
    gb_json_put(
        out, o, "quality",
        gb_json_text(out, gb_quality_name(have ? idle->energy.quality
                                               : GB_QUALITY_UNAVAILABLE)));
    gb_json_put(out, o, "reason", gb_json_fact(out, reason));
    return o;
}

static json_t *overhead_of(gb_json_out *out, const gb_result *result) {
    json_t *o = gb_json_object(out);
    const bool sampled = isfinite(result->sampler_cpu_fraction) != 0;
    gb_json_put(out, o, "sampler_cpu_fraction",
                gb_json_real(out, result->sampler_cpu_fraction));
    gb_json_put(out, o, "sample_cost_s",
                gb_json_real(out, result->sample_cost_s));
    gb_json_put(out, o, "sample_hz",
                gb_json_real(out, result->session->sample_hz));
    gb_json_put(out, o, "effective_hz",
                gb_json_real(out, result->sampler_total.sample_hz));
    gb_json_put(out, o, "sampler_cpu_s",
                gb_json_real_if(out, sampled, result->sampler_total.cpu_s));
    gb_json_put(out, o, "reads",
                sampled ? gb_json_u64(out, result->sampler_total.reads)
                        : json_null());
    gb_json_put(out, o, "wakeups",
                sampled ? gb_json_u64(out, result->sampler_total.wakeups)
                        : json_null());
    gb_json_put(out, o, "late",
                sampled ? gb_json_u64(out, result->sampler_total.late)
                        : json_null());
    gb_json_put(
        out, o, "reason",
        gb_json_fact(
            out, sampled ? "" : "nothing was sampled, or the run was cut off"));
    return o;
}

static json_t *proportionality_of(gb_json_out *out, const gb_result *result) {
    const gb_proportionality *all = &result->proportionality;
    json_t *o = gb_json_object(out), *levels = gb_json_array(out);
    for (size_t i = 0; i < all->level_count; i++) {
        const gb_load_level *level = &all->levels[i];
        json_t *one = gb_json_object(out);
        gb_json_put(out, one, "level", gb_json_real(out, level->level));
        gb_json_put(out, one, "performance",
                    gb_json_real(out, level->performance));
        gb_json_put(out, one, "power_w", gb_json_real(out, level->power_w));
        gb_json_put(
            out, one, "u_w",
            gb_json_real_if(out, isfinite(level->power_w), level->power_u_w));
        gb_json_append(out, levels, one);
    }
    gb_json_put(out, o, "levels", levels);
    gb_json_put(out, o, "idle_power_w", gb_json_real(out, all->idle_w));
    gb_json_put(out, o, "idle_share", gb_json_real(out, all->idle_share));
    gb_json_put(out, o, "overall", gb_json_real(out, all->overall));
    gb_json_put(out, o, "overall_u",
                gb_json_real_if(out, isfinite(all->overall), all->overall_u));
    gb_json_put(out, o, "unit", gb_json_fact(out, all->unit));
    gb_json_put(out, o, "reason", gb_json_fact(out, all->reason));
    return o;
}

static json_t *warnings_of(gb_json_out *out, const gb_result *result) {
    json_t *array = gb_json_array(out);
    for (size_t i = 0; i < result->warning_count; i++) {
        const gb_warning *warning = &result->warnings[i];
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "code", gb_json_text(out, warning->code));
        gb_json_put(out, o, "what", gb_json_text(out, warning->what));
        gb_json_put(out, o, "hint", gb_json_fact(out, warning->hint));
        gb_json_append(out, array, o);
    }
    return array;
}

gb_status gb_json_summary(const gb_result *result, const gb_text_sink *sink,
                          gb_error *err) {
    gb_json_stream stream = gb_json_stream_begin(sink, err), *s = &stream;
    gb_json_out *out = &stream.out;
    json_t *idle = gb_json_object(out);
    gb_json_put(out, idle, "before", idle_of(out, &result->idle_before));
    gb_json_put(out, idle, "after", idle_of(out, &result->idle_after));
    gb_json_stream_put(s, "schema", gb_json_text(out, "greenbench.summary/1"));
    gb_json_stream_put(s, "tool", tool_of(out, result->session));
    gb_json_stream_put(s, "run", run_of(out, result));
    put_system(s, result->session);
    put_sources(s, result);
    gb_json_stream_put(s, "idle", idle);
    gb_json_stream_put(s, "overhead", overhead_of(out, result));
    gb_json_stream_open(s, "benchmarks", '[');
    gb_json_stream_benches(s, result);
    gb_json_stream_close(s, ']');
    gb_json_stream_put(s, "proportionality", proportionality_of(out, result));
    gb_json_stream_put(s, "warnings", warnings_of(out, result));
    return gb_json_stream_end(s);
}
