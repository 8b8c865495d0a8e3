/* SPDX-License-Identifier: Apache-2.0 */
/* One line of records.jsonl back into a run log. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_parts.h"

/* Grow @p list by one zeroed element. */
static void *append(gb_json_in *in, void *list, size_t count, size_t size) {
    /* Powers of two only: the old count says when to grow. */
    if ((count & (count - 1)) != 0 || in->status != GB_OK)
        return list;
    void *longer = realloc(list, (count > 0 ? count * 2 : 1) * size);
    if (longer == NULL)
        in->status = gb_fail_memory(in->err, "a record");
    return longer;
}

/* What a record is about may not be missing. */
static uint32_t required_u32(gb_json_in *in, const json_t *object,
                             const char *key) {
    if (json_object_get(object, key) == NULL)
        gb_json_mistake(in, key, "a whole number from 0", NULL);
    return gb_json_get_u32(in, object, key);
}

/* An array of exactly @p count elements. */
static const json_t *array_of(gb_json_in *in, const json_t *object,
                              const char *key, size_t count) {
    const json_t *array = gb_json_get_array(in, object, key);
    if (in->status == GB_OK && json_array_size(array) != count)
        in->status = gb_fail(in->err, GB_ERR_INVALID, NULL,
                             "'%s': expected %zu elements, got %zu", key, count,
                             json_array_size(array));
    return array;
}

static gb_node_window *read_windows(gb_json_in *in, const json_t *object,
                                    size_t count) {
    const json_t *array = array_of(in, object, "windows_ns", count);
    gb_node_window *windows = gb_json_alloc(in, count, sizeof(*windows));
    for (size_t i = 0; windows != NULL && i < count; i++) {
        const json_t *pair = json_array_get(array, i);
        if (json_array_size(pair) != 2 ||
            !gb_json_u64_of(json_array_get(pair, 0), &windows[i].begin_ns) ||
            !gb_json_u64_of(json_array_get(pair, 1), &windows[i].end_ns))
            gb_json_mistake(in, "windows_ns", "[begin, end] in ns", pair);
    }
    return windows;
}

/* --- session -------------------------------------------------------------- */

static void read_places(gb_json_in *in, const json_t *object,
                        gb_session *session) {
    const json_t *array = array_of(in, object, "places", session->ranks);
    session->places =
        gb_json_alloc(in, session->ranks, sizeof(*session->places));
    for (uint32_t i = 0; session->places != NULL && i < session->ranks; i++) {
        const json_t *one = json_array_get(array, i);
        gb_rank_place *place = &session->places[i];
        place->node = gb_json_get_u32(in, one, "node");
        place->core_count = gb_json_get_u32(in, one, "cores");
        gb_json_get_text(in, one, "cpus", place->cpus, sizeof(place->cpus));
        if (place->node >= session->node_count)
            gb_json_mistake(in, "places", "the index of a node",
                            json_object_get(one, "node"));
    }
}

/* Null outside of jobs, and absent where older runs did not tell it. */
static void read_job(gb_json_in *in, const json_t *object, gb_job *job) {
    if (!json_is_object(json_object_get(object, "job")))
        return;
    const json_t *o = gb_json_get_object(in, object, "job");
    gb_json_get_text(in, o, "system", job->system, sizeof(job->system));
    gb_json_get_text(in, o, "id", job->id, sizeof(job->id));
    gb_json_get_text(in, o, "queue", job->queue, sizeof(job->queue));
    job->nodes = gb_json_dup_text(in, o, "nodes");
}

static void read_session_facts(gb_json_in *in, const json_t *object,
                               gb_session *session) {
    const json_t *tool = gb_json_get_object(in, object, "tool");
    gb_json_get_text(in, object, "run_id", session->run_id,
                     sizeof(session->run_id));
    gb_json_get_text(in, tool, "version", session->tool_version,
                     sizeof(session->tool_version));
    gb_json_get_text(in, tool, "git", session->tool_git,
                     sizeof(session->tool_git));
    gb_json_get_text(in, tool, "build", session->tool_build,
                     sizeof(session->tool_build));
    /* Runs of the first days of version 0.1 did not say it. */
    session->launch = json_object_get(object, "launch") != NULL
                          ? gb_json_get_u32(in, object, "launch")
                          : 1;
    session->command = gb_json_dup_text(in, object, "command");
    session->started_utc_ns = gb_json_get_u64(in, object, "started_utc_ns");
    gb_json_get_text(in, object, "suite", session->suite,
                     sizeof(session->suite));
    gb_json_get_text(in, object, "mpi", session->mpi, sizeof(session->mpi));
    gb_json_get_text(in, object, "scheduler", session->scheduler,
                     sizeof(session->scheduler));
    read_job(in, object, &session->job);
    gb_json_get_text(in, object, "sysroot", session->sysroot,
                     sizeof(session->sysroot));
    session->sample_hz = gb_json_get_real(in, object, "sample_hz");
    session->require_energy = gb_json_get_bool(in, object, "require_energy");
    session->counters = gb_json_dup_names(in, object, "counters");
    session->counters_absent = gb_json_dup_text(in, object, "counters_absent");
}

static void read_session(gb_json_in *in, const json_t *object,
                         gb_run_log *log) {
    gb_session session = {0};
    char schema[48];
    gb_json_get_text(in, object, "schema", schema, sizeof(schema));
    if (strcmp(schema, "greenbench.records/1") != 0)
        gb_json_mistake(in, "schema", "greenbench.records/1",
                        json_object_get(object, "schema"));
    if (log->has_session && in->status == GB_OK)
        in->status = gb_fail(in->err, GB_ERR_INVALID, NULL,
                             "expected one session record, got a second");
    session.ranks = required_u32(in, object, "ranks");
    /* The array of places is as long: no larger number is believed. */
    read_session_facts(in, object, &session);
    gb_json_read_nodes(in, gb_json_get_array(in, object, "nodes"),
                       &session.nodes, &session.node_count);
    read_places(in, object, &session);
    if (in->status != GB_OK) {
        gb_session_fini(&session);
        return;
    }
    log->session = session;
    log->has_session = true;
}

/* --- trial and repetition ------------------------------------------------- */

static void read_outcome(gb_json_in *in, const json_t *object,
                         gb_status *status, int32_t *rank, char *what,
                         size_t what_size, char *hint, size_t hint_size) {
    char word[48];
    gb_json_get_text(in, object, "status", word, sizeof(word));
    if (!gb_json_status_of(word, status))
        gb_json_mistake(in, "status", "OK or the name of an error",
                        json_object_get(object, "status"));
    *rank = gb_json_get_i32(in, object, "rank", -1);
    gb_json_get_text(in, object, "what", what, what_size);
    gb_json_get_text(in, object, "hint", hint, hint_size);
}

static void read_notes(gb_json_in *in, const json_t *object,
                       gb_note **notes_out, size_t *count_out) {
    /* jansson's iteration wants a mutable object, and changes nothing. */
    json_t *notes = json_object_get(object, "notes");
    const char *key;
    json_t *value;
    if (notes == NULL || json_is_null(notes))
        return;
    if (!json_is_object(notes)) {
        gb_json_mistake(in, "notes", "an object", notes);
        return;
    }
    *notes_out =
        gb_json_alloc(in, json_object_size(notes), sizeof(**notes_out));
    if (*notes_out == NULL)
        return;
    json_object_foreach(notes, key, value) {
        gb_note *note = &(*notes_out)[(*count_out)++];
        gb_copy(note->key, sizeof(note->key), key);
        gb_json_get_text(in, notes, key, note->value, sizeof(note->value));
    }
}

static void read_trial(gb_json_in *in, const json_t *object, gb_run_log *log) {
    gb_trial_record trial = {0};
    trial.case_index = required_u32(in, object, "case");
    read_outcome(in, object, &trial.status, &trial.rank, trial.what,
                 sizeof(trial.what), trial.hint, sizeof(trial.hint));
    trial.iterations = gb_json_get_u64(in, object, "iterations");
    trial.warmup_s = gb_json_get_real(in, object, "warmup_s");
    read_notes(in, object, &trial.notes, &trial.note_count);
    void *list =
        append(in, log->trials, log->trial_count, sizeof(*log->trials));
    if (list != NULL)
        log->trials = list;
    if (in->status != GB_OK)
        gb_trial_record_fini(&trial);
    else
        log->trials[log->trial_count++] = trial;
}

static double real_at(gb_json_in *in, const char *key, const json_t *array,
                      size_t i) {
    const json_t *value = json_array_get(array, i);
    if (value != NULL && !json_is_null(value) && !json_is_number(value))
        gb_json_mistake(in, key, "numbers", value);
    /* null is NAN, as everywhere. */
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* Absent where a benchmark does not work in pairs. */
static void read_peers(gb_json_in *in, const json_t *ranks, size_t count,
                       gb_rank_rep *reps) {
    if (json_object_get(ranks, "peer") == NULL)
        return;
    const json_t *array = array_of(in, ranks, "peer", count);
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(array, i);
        uint64_t peer = 0;
        if (value == NULL || json_is_null(value))
            continue;
        if (gb_json_u64_of(value, &peer) && peer < count)
            reps[i].peer_plus_1 = (uint32_t)peer + 1;
        else
            gb_json_mistake(in, "peer", "ranks or null", value);
    }
}

static void read_ranks(gb_json_in *in, const json_t *object,
                       const gb_session *session, gb_rep_record *rep) {
    const json_t *ranks = gb_json_get_object(in, object, "ranks");
    const size_t count = session->ranks;
    const json_t *elapsed = array_of(in, ranks, "elapsed_s", count);
    const json_t *work = array_of(in, ranks, "work", count);
    const json_t *checksum = array_of(in, ranks, "checksum", count);
    rep->ranks = gb_json_alloc(in, count, sizeof(*rep->ranks));
    for (size_t i = 0; rep->ranks != NULL && i < count; i++) {
        rep->ranks[i].elapsed_s = real_at(in, "elapsed_s", elapsed, i);
        rep->ranks[i].work = real_at(in, "work", work, i);
        rep->ranks[i].checksum = real_at(in, "checksum", checksum, i);
        rep->ranks[i].preempted = rep->ranks[i].moved = (double)NAN;
    }
    /* Absent in records of version 0.1, and where a benchmark did not tell. */
    if (rep->ranks != NULL && json_object_get(ranks, "preempted") != NULL) {
        const json_t *preempted = array_of(in, ranks, "preempted", count);
        for (size_t i = 0; i < count; i++)
            rep->ranks[i].preempted = real_at(in, "preempted", preempted, i);
    }
    if (rep->ranks != NULL && json_object_get(ranks, "moved") != NULL) {
        const json_t *moved = array_of(in, ranks, "moved", count);
        for (size_t i = 0; i < count; i++)
            rep->ranks[i].moved = real_at(in, "moved", moved, i);
    }
    for (size_t k = 0; rep->ranks != NULL && k < gb_rank_count_count; k++) {
        const gb_rank_count *counted = &gb_rank_counts[k];
        if (json_object_get(ranks, counted->name) == NULL)
            continue;
        const json_t *values = array_of(in, ranks, counted->name, count);
        for (size_t i = 0; i < count; i++)
            *gb_rank_count_in(counted, &rep->ranks[i]) =
                real_at(in, counted->name, values, i);
    }
    if (rep->ranks != NULL)
        read_peers(in, ranks, count, rep->ranks);
}

static gb_node_condition *read_conditions(gb_json_in *in, const json_t *object,
                                          size_t count) {
    if (json_object_get(object, "conditions") == NULL)
        return NULL;
    const json_t *both = gb_json_get_object(in, object, "conditions");
    const json_t *stolen = array_of(in, both, "stolen_s", count);
    const json_t *clock = array_of(in, both, "clock_hz", count);
    gb_node_condition *list = gb_json_alloc(in, count, sizeof(*list));
    for (size_t i = 0; list != NULL && i < count; i++) {
        list[i].stolen_s = real_at(in, "stolen_s", stolen, i);
        list[i].clock_hz = real_at(in, "clock_hz", clock, i);
    }
    return list;
}

static size_t count_names(const char *names) {
    size_t count = names != NULL && names[0] != '\0';
    for (; names != NULL && *names != '\0'; names++)
        count += *names == ',';
    return count;
}

static void read_counters(gb_json_in *in, const json_t *object,
                          const gb_session *session, gb_rep_record *rep) {
    const size_t width = count_names(session->counters);
    const json_t *rows = array_of(in, object, "counters", session->ranks);
    rep->counters =
        gb_json_alloc(in, width * session->ranks, sizeof(*rep->counters));
    if (rep->counters == NULL)
        return;
    rep->counter_count = width;
    for (size_t i = 0; i < session->ranks && in->status == GB_OK; i++) {
        const json_t *row = json_array_get(rows, i);
        if (json_array_size(row) != width)
            gb_json_mistake(in, "counters", "one count for each event", row);
        for (size_t k = 0; k < width && in->status == GB_OK; k++) {
            const json_t *value = json_array_get(row, k);
            uint64_t *count = &rep->counters[i * width + k];
            if (json_is_null(value))
                *count = GB_COUNT_NONE;
            else if (!gb_json_u64_of(value, count))
                gb_json_mistake(in, "counters", "whole numbers or null", value);
        }
    }
}

static void read_rep(gb_json_in *in, const json_t *object, gb_run_log *log) {
    const gb_session *session = &log->session;
    gb_rep_record rep = {0};
    rep.case_index = required_u32(in, object, "case");
    rep.repetition = required_u32(in, object, "index");
    read_outcome(in, object, &rep.status, &rep.rank, rep.what, sizeof(rep.what),
                 rep.hint, sizeof(rep.hint));
    rep.iterations = gb_json_get_u64(in, object, "iterations");
    if (json_object_get(object, "begin_utc_ns") != NULL)
        rep.begin_utc_ns = gb_json_get_u64(in, object, "begin_utc_ns");
    rep.elapsed_s = gb_json_get_real(in, object, "elapsed_s");
    read_ranks(in, object, session, &rep);
    rep.windows = read_windows(in, object, session->node_count);
    rep.conditions = read_conditions(in, object, session->node_count);
    read_counters(in, object, session, &rep);
    read_notes(in, object, &rep.notes, &rep.note_count);
    void *list = append(in, log->reps, log->rep_count, sizeof(*log->reps));
    if (list != NULL)
        log->reps = list;
    if (in->status != GB_OK)
        gb_rep_record_fini(&rep);
    else
        log->reps[log->rep_count++] = rep;
}

/* --- the others ----------------------------------------------------------- */

static void read_idle(gb_json_in *in, const json_t *object, gb_run_log *log) {
    gb_idle_record idle = {0};
    char when[16];
    gb_json_get_text(in, object, "when", when, sizeof(when));
    idle.after = strcmp(when, "after") == 0;
    if (!idle.after && strcmp(when, "before") != 0)
        gb_json_mistake(in, "when", "before or after",
                        json_object_get(object, "when"));
    idle.windows = read_windows(in, object, log->session.node_count);
    void *list = append(in, log->idles, log->idle_count, sizeof(*log->idles));
    if (list != NULL)
        log->idles = list;
    if (in->status != GB_OK)
        gb_idle_record_fini(&idle);
    else
        log->idles[log->idle_count++] = idle;
}

static void read_warning(gb_json_in *in, const json_t *object,
                         gb_run_log *log) {
    gb_warning warning = {0};
    gb_json_get_text(in, object, "code", warning.code, sizeof(warning.code));
    gb_json_get_text(in, object, "what", warning.what, sizeof(warning.what));
    gb_json_get_text(in, object, "hint", warning.hint, sizeof(warning.hint));
    void *list =
        append(in, log->warnings, log->warning_count, sizeof(*log->warnings));
    if (list != NULL)
        log->warnings = list;
    if (in->status == GB_OK)
        log->warnings[log->warning_count++] = warning;
}

static void read_end(gb_json_in *in, const json_t *object, gb_run_log *log) {
    gb_end_record end = {0};
    const size_t count = log->session.node_count;
    const json_t *costs = array_of(in, object, "sampler", count);
    char word[48];
    if (log->has_end && in->status == GB_OK)
        in->status = gb_fail(in->err, GB_ERR_INVALID, NULL,
                             "expected one end record, got a second");
    gb_json_get_text(in, object, "status", word, sizeof(word));
    while (strcmp(gb_json_run_status_name(end.status), word) != 0 &&
           end.status < GB_RUN_FAILED)
        end.status++;
    if (strcmp(gb_json_run_status_name(end.status), word) != 0)
        gb_json_mistake(in, "status", "complete, interrupted or failed",
                        json_object_get(object, "status"));
    end.ended_utc_ns = gb_json_get_u64(in, object, "ended_utc_ns");
    end.init_s = gb_json_get_real(in, object, "init_s");
    end.costs = gb_json_alloc(in, count, sizeof(*end.costs));
    for (size_t i = 0; end.costs != NULL && i < count; i++) {
        const json_t *one = json_array_get(costs, i);
        end.costs[i] = (gb_sampler_cost){
            .cpu_s = gb_json_get_real(in, one, "cpu_s"),
            .wall_s = gb_json_get_real(in, one, "wall_s"),
            .reads = gb_json_get_u64(in, one, "reads"),
            .errors = gb_json_get_u64(in, one, "errors"),
            .wakeups = gb_json_get_u64(in, one, "wakeups"),
            .sample_hz = gb_json_get_real(in, one, "sample_hz"),
            .late = gb_json_get_u64(in, one, "late"),
        };
    }
    if (in->status != GB_OK) {
        gb_end_record_fini(&end);
        return;
    }
    log->end = end;
    log->has_end = true;
}

gb_status gb_json_read_record(const char *line, gb_run_log *log,
                              gb_error *err) {
    static const struct {
        const char *kind;
        void (*read)(gb_json_in *in, const json_t *object, gb_run_log *log);
        bool needs_session;
    } readers[] = {
        {"session", read_session, false}, {"trial", read_trial, true},
        {"repetition", read_rep, true},   {"idle", read_idle, true},
        {"warning", read_warning, false}, {"end", read_end, true},
    };
    json_t *root = gb_json_parse(line, err);
    if (root == NULL)
        return GB_ERR_INVALID;

    gb_json_in in = {.status = GB_OK, .err = err};
    char kind[32];
    size_t i = 0;
    const size_t count = sizeof(readers) / sizeof(readers[0]);
    gb_json_get_text(&in, root, "record", kind, sizeof(kind));
    while (i < count && strcmp(readers[i].kind, kind) != 0)
        i++;
    if (i == count)
        gb_json_mistake(&in, "record",
                        "session, trial, repetition, idle, warning or end",
                        json_object_get(root, "record"));
    else if (readers[i].needs_session && !log->has_session)
        in.status =
            gb_fail(err, GB_ERR_INVALID, NULL,
                    "expected the session record first, got '%s'", kind);
    else
        readers[i].read(&in, root, log);
    json_decref(root);
    return in.status;
}
