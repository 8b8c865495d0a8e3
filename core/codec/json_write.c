/* SPDX-License-Identifier: Apache-2.0 */
/* Records: one line each. */
#include "codec/json_parts.h"

static json_t *record(gb_json_out *out, const char *kind) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "record", gb_json_text(out, kind));
    return o;
}

/* A rank, or null: nobody's. */
static json_t *rank_or_null(gb_json_out *out, int32_t rank) {
    return rank < 0 ? json_null() : gb_json_int(out, rank);
}

static json_t *windows_of(gb_json_out *out, const gb_node_window *windows,
                          size_t count) {
    json_t *array = gb_json_array(out);
    for (size_t i = 0; i < count; i++) {
        json_t *pair = gb_json_array(out);
        gb_json_append(out, pair, gb_json_u64(out, windows[i].begin_ns));
        gb_json_append(out, pair, gb_json_u64(out, windows[i].end_ns));
        gb_json_append(out, array, pair);
    }
    return array;
}

/* --- session -------------------------------------------------------------- */

static json_t *places_of(gb_json_out *out, const gb_session *session) {
    json_t *array = gb_json_array(out);
    for (uint32_t i = 0; i < session->ranks; i++) {
        const gb_rank_place *place = &session->places[i];
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "node", gb_json_u64(out, place->node));
        gb_json_put(out, o, "cores", gb_json_u64(out, place->core_count));
        gb_json_put(out, o, "cpus", gb_json_fact(out, place->cpus));
        gb_json_append(out, array, o);
    }
    return array;
}

json_t *gb_json_job(gb_json_out *out, const gb_job *job) {
    if (job->system[0] == '\0')
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "system", gb_json_text(out, job->system));
    gb_json_put(out, o, "id", gb_json_text(out, job->id));
    gb_json_put(out, o, "queue", gb_json_fact(out, job->queue));
    gb_json_put(out, o, "nodes",
                gb_json_fact(out, job->nodes != NULL ? job->nodes : ""));
    return o;
}

char *gb_json_session(const gb_session *session) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = record(out, "session");
    json_t *tool = gb_json_object(out);
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.records/1"));
    gb_json_put(out, o, "run_id", gb_json_text(out, session->run_id));
    gb_json_put(out, o, "launch", gb_json_u64(out, session->launch));
    gb_json_put(out, tool, "version", gb_json_text(out, session->tool_version));
    gb_json_put(out, tool, "git", gb_json_fact(out, session->tool_git));
    gb_json_put(out, tool, "build", gb_json_fact(out, session->tool_build));
    gb_json_put(out, o, "tool", tool);
    gb_json_put(out, o, "command", gb_json_text(out, session->command));
    gb_json_put(out, o, "started_utc",
                gb_json_utc(out, session->started_utc_ns));
    gb_json_put(out, o, "started_utc_ns",
                gb_json_u64(out, session->started_utc_ns));
    gb_json_put(out, o, "suite", gb_json_text(out, session->suite));
    gb_json_put(out, o, "ranks", gb_json_u64(out, session->ranks));
    gb_json_put(out, o, "mpi", gb_json_fact(out, session->mpi));
    gb_json_put(out, o, "scheduler", gb_json_fact(out, session->scheduler));
    gb_json_put(out, o, "job", gb_json_job(out, &session->job));
    gb_json_put(out, o, "sysroot", gb_json_fact(out, session->sysroot));
    gb_json_put(out, o, "sample_hz", gb_json_real(out, session->sample_hz));
    gb_json_put(out, o, "require_energy",
                gb_json_bool(out, session->require_energy));
    gb_json_put(out, o, "counters", gb_json_names(out, session->counters));
    gb_json_put(out, o, "counters_absent",
                gb_json_fact(out, session->counters_absent));
    gb_json_put(out, o, "places", places_of(out, session));
    gb_json_put(out, o, "nodes",
                gb_json_nodes(out, session->nodes, session->node_count));
    return gb_json_line(out, o);
}

/* --- trial and repetition ------------------------------------------------- */

static void put_outcome(gb_json_out *out, json_t *o, gb_status status,
                        int32_t rank, const char *what, const char *hint) {
    gb_json_put(out, o, "status", gb_json_text(out, gb_status_name(status)));
    gb_json_put(out, o, "rank", rank_or_null(out, rank));
    gb_json_put(out, o, "what", gb_json_fact(out, what));
    gb_json_put(out, o, "hint", gb_json_fact(out, hint));
}

char *gb_json_trial(const gb_trial_record *trial, const gb_plan *plan) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = record(out, "trial");
    gb_json_put(out, o, "case", gb_json_u64(out, trial->case_index));
    if (trial->case_index < plan->case_count) {
        const gb_plan_case *planned = &plan->cases[trial->case_index];
        json_t *params = gb_json_object(out);
        for (size_t i = 0; i < planned->param_count; i++)
            gb_json_put(out, params, planned->params[i].name,
                        gb_json_text(out, planned->params[i].text));
        gb_json_put(out, o, "id", gb_json_text(out, planned->id));
        gb_json_put(out, o, "params", params);
    }
    put_outcome(out, o, trial->status, trial->rank, trial->what, trial->hint);
    gb_json_put(out, o, "iterations", gb_json_u64(out, trial->iterations));
    gb_json_put(out, o, "warmup_s", gb_json_real(out, trial->warmup_s));
    gb_json_put(out, o, "notes",
                gb_json_notes(out, trial->notes, trial->note_count));
    return gb_json_line(out, o);
}

/* What a benchmark does not tell is left out, not written as a row of 0. */
static void put_count(gb_json_out *out, json_t *o, const gb_rank_count *counted,
                      const gb_rank_rep *ranks, uint32_t count) {
    bool told = false;
    for (uint32_t i = 0; i < count && !told; i++)
        told = *gb_rank_count_of(counted, &ranks[i]) > 0.0;
    if (!told)
        return;
    json_t *array = gb_json_array(out);
    for (uint32_t i = 0; i < count; i++)
        gb_json_append(
            out, array,
            gb_json_real(out, *gb_rank_count_of(counted, &ranks[i])));
    gb_json_put(out, o, counted->name, array);
}

/* Left out as well where nobody worked with one other rank alone. */
static void put_peers(gb_json_out *out, json_t *o, const gb_rank_rep *ranks,
                      uint32_t count) {
    bool told = false;
    for (uint32_t i = 0; i < count && !told; i++)
        told = ranks[i].peer_plus_1 > 0;
    if (!told)
        return;
    json_t *array = gb_json_array(out);
    for (uint32_t i = 0; i < count; i++)
        gb_json_append(out, array,
                       ranks[i].peer_plus_1 > 0
                           ? gb_json_u64(out, ranks[i].peer_plus_1 - 1)
                           : json_null());
    gb_json_put(out, o, "peer", array);
}

/* One array for each quantity: a line of 4,096 ranks stays readable to both
 * people and table readers. */
static json_t *ranks_of(gb_json_out *out, const gb_rank_rep *ranks,
                        uint32_t count) {
    json_t *o = gb_json_object(out);
    json_t *elapsed = gb_json_array(out), *work = gb_json_array(out);
    json_t *checksum = gb_json_array(out), *preempted = gb_json_array(out);
    json_t *moved = gb_json_array(out);
    for (uint32_t i = 0; i < count; i++) {
        gb_json_append(out, preempted, gb_json_real(out, ranks[i].preempted));
        gb_json_append(out, moved, gb_json_real(out, ranks[i].moved));
        gb_json_append(out, elapsed, gb_json_real(out, ranks[i].elapsed_s));
        gb_json_append(out, work, gb_json_real(out, ranks[i].work));
        gb_json_append(out, checksum, gb_json_real(out, ranks[i].checksum));
    }
    gb_json_put(out, o, "elapsed_s", elapsed);
    gb_json_put(out, o, "work", work);
    gb_json_put(out, o, "checksum", checksum);
    gb_json_put(out, o, "preempted", preempted);
    gb_json_put(out, o, "moved", moved);
    for (size_t k = 0; k < gb_rank_count_count; k++)
        put_count(out, o, &gb_rank_counts[k], ranks, count);
    put_peers(out, o, ranks, count);
    return o;
}

static json_t *conditions_of(gb_json_out *out,
                             const gb_node_condition *conditions,
                             size_t count) {
    json_t *o = gb_json_object(out);
    json_t *stolen = gb_json_array(out), *clock = gb_json_array(out);
    for (size_t i = 0; i < count; i++) {
        gb_json_append(out, stolen, gb_json_real(out, conditions[i].stolen_s));
        gb_json_append(out, clock, gb_json_real(out, conditions[i].clock_hz));
    }
    gb_json_put(out, o, "stolen_s", stolen);
    gb_json_put(out, o, "clock_hz", clock);
    return o;
}

static json_t *counters_of(gb_json_out *out, const gb_rep_record *rep,
                           uint32_t rank_count) {
    json_t *array = gb_json_array(out);
    for (uint32_t i = 0; i < rank_count; i++) {
        json_t *row = gb_json_array(out);
        for (size_t k = 0; k < rep->counter_count; k++) {
            const uint64_t value = rep->counters[i * rep->counter_count + k];
            gb_json_append(out, row,
                           value == GB_COUNT_NONE ? json_null()
                                                  : gb_json_u64(out, value));
        }
        gb_json_append(out, array, row);
    }
    return array;
}

char *gb_json_rep(const gb_rep_record *rep, uint32_t rank_count,
                  size_t node_count) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = record(out, "repetition");
    gb_json_put(out, o, "case", gb_json_u64(out, rep->case_index));
    gb_json_put(out, o, "index", gb_json_u64(out, rep->repetition));
    put_outcome(out, o, rep->status, rep->rank, rep->what, rep->hint);
    gb_json_put(out, o, "iterations", gb_json_u64(out, rep->iterations));
    gb_json_put(out, o, "begin_utc_ns", gb_json_u64(out, rep->begin_utc_ns));
    gb_json_put(out, o, "elapsed_s", gb_json_real(out, rep->elapsed_s));
    gb_json_put(out, o, "ranks", ranks_of(out, rep->ranks, rank_count));
    gb_json_put(out, o, "windows_ns",
                windows_of(out, rep->windows, node_count));
    if (rep->conditions != NULL)
        gb_json_put(out, o, "conditions",
                    conditions_of(out, rep->conditions, node_count));
    gb_json_put(out, o, "counters", counters_of(out, rep, rank_count));
    if (rep->notes != NULL)
        gb_json_put(out, o, "notes",
                    gb_json_notes(out, rep->notes, rep->note_count));
    return gb_json_line(out, o);
}

/* --- the others ----------------------------------------------------------- */

char *gb_json_idle(const gb_idle_record *idle, size_t node_count) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = record(out, "idle");
    gb_json_put(out, o, "when",
                gb_json_text(out, idle->after ? "after" : "before"));
    gb_json_put(out, o, "windows_ns",
                windows_of(out, idle->windows, node_count));
    return gb_json_line(out, o);
}

char *gb_json_warning(const gb_warning *warning) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = record(out, "warning");
    gb_json_put(out, o, "code", gb_json_text(out, warning->code));
    gb_json_put(out, o, "what", gb_json_text(out, warning->what));
    gb_json_put(out, o, "hint", gb_json_fact(out, warning->hint));
    return gb_json_line(out, o);
}

char *gb_json_end(const gb_end_record *end, size_t node_count) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = record(out, "end");
    json_t *costs = gb_json_array(out);
    for (size_t i = 0; i < node_count; i++) {
        const gb_sampler_cost *cost = &end->costs[i];
        json_t *one = gb_json_object(out);
        gb_json_put(out, one, "cpu_s", gb_json_real(out, cost->cpu_s));
        gb_json_put(out, one, "wall_s", gb_json_real(out, cost->wall_s));
        gb_json_put(out, one, "reads", gb_json_u64(out, cost->reads));
        gb_json_put(out, one, "errors", gb_json_u64(out, cost->errors));
        gb_json_put(out, one, "wakeups", gb_json_u64(out, cost->wakeups));
        gb_json_put(out, one, "sample_hz", gb_json_real(out, cost->sample_hz));
        gb_json_put(out, one, "late", gb_json_u64(out, cost->late));
        gb_json_append(out, costs, one);
    }
    gb_json_put(out, o, "status",
                gb_json_text(out, gb_json_run_status_name(end->status)));
    gb_json_put(out, o, "ended_utc", gb_json_utc(out, end->ended_utc_ns));
    gb_json_put(out, o, "ended_utc_ns", gb_json_u64(out, end->ended_utc_ns));
    gb_json_put(out, o, "init_s", gb_json_real(out, end->init_s));
    gb_json_put(out, o, "sampler", costs);
    return gb_json_line(out, o);
}
