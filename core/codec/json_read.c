/* SPDX-License-Identifier: Apache-2.0 */
/* One line of records.jsonl back into a run log. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_arrays.h"

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

/* Members that are arrays over ranks or nodes, read by themselves. */
enum { RANKS, WINDOWS, CONDITIONS, COUNTERS, LIFTED };
static const char *const lifted[LIFTED] = {
    [RANKS] = "ranks",
    [WINDOWS] = "windows_ns",
    [CONDITIONS] = "conditions",
    [COUNTERS] = "counters",
};

/* A line: its arrays, and all else parsed. */
typedef struct record {
    json_t *object;
    gb_json_span arrays[LIFTED]; /* of a repetition and an idle window */
} record;

static gb_node_window *read_windows(gb_json_in *in, const record *line,
                                    size_t count) {
    const gb_json_rows rows = {
        .key = "windows_ns",
        .count = count,
        .width = sizeof(gb_node_window) / sizeof(uint64_t),
        .row = "[begin, end] in ns",
    };
    gb_node_window *windows = gb_json_alloc(in, count, sizeof(*windows));
    if (windows != NULL)
        gb_json_read_rows(in, &rows, line->arrays[WINDOWS], windows,
                          sizeof(*windows));
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

static void read_session(gb_json_in *in, const record *line, gb_run_log *log) {
    const json_t *object = line->object;
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

static void read_trial(gb_json_in *in, const record *line, gb_run_log *log) {
    const json_t *object = line->object;
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

/* Three that every record has, then those that the first ones did not. */
enum {
    ELAPSED,
    WORK,
    CHECKSUM,
    PREEMPTED,
    MOVED,
    OWN_COLUMNS,
    COLUMNS_MAX = 16
};

static void read_ranks(gb_json_in *in, const record *line,
                       const gb_session *session, gb_rep_record *rep) {
    const char *names[COLUMNS_MAX] = {
        [ELAPSED] = "elapsed_s",   [WORK] = "work",   [CHECKSUM] = "checksum",
        [PREEMPTED] = "preempted", [MOVED] = "moved",
    };
    gb_json_span columns[COLUMNS_MAX] = {0};
    const size_t count = session->ranks;
    const size_t told = gb_rank_count_count;
    assert(OWN_COLUMNS + told <= COLUMNS_MAX);
    for (size_t k = 0; k < told; k++)
        names[OWN_COLUMNS + k] = gb_rank_counts[k].name;
    json_t *others = gb_json_take_apart_in(in, "ranks", line->arrays[RANKS],
                                           names, OWN_COLUMNS + told, columns);
    gb_rank_rep *ranks = gb_json_alloc(in, count, sizeof(*ranks));
    rep->ranks = ranks;
    if (ranks == NULL) {
        json_decref(others);
        return;
    }
    double *const fields[OWN_COLUMNS] = {&ranks->elapsed_s, &ranks->work,
                                         &ranks->checksum, &ranks->preempted,
                                         &ranks->moved};
    for (size_t i = 0; i < count; i++)
        ranks[i].preempted = ranks[i].moved = (double)NAN;
    for (size_t k = 0; k < OWN_COLUMNS + told; k++) {
        double *const field =
            k < OWN_COLUMNS
                ? fields[k]
                : gb_rank_count_in(&gb_rank_counts[k - OWN_COLUMNS], ranks);
        /* A benchmark need not tell the others. */
        if (k < PREEMPTED || columns[k].begin != NULL)
            gb_json_read_reals(in, names[k], columns[k], count, field,
                               sizeof(*ranks));
    }
    read_peers(in, others, count, ranks);
    json_decref(others);
}

static gb_node_condition *read_conditions(gb_json_in *in, const record *line,
                                          size_t count) {
    static const char *const names[] = {"stolen_s", "clock_hz"};
    gb_json_span columns[2] = {0};
    if (line->arrays[CONDITIONS].begin == NULL)
        return NULL;
    json_decref(gb_json_take_apart_in(
        in, "conditions", line->arrays[CONDITIONS], names, 2, columns));
    gb_node_condition *list = gb_json_alloc(in, count, sizeof(*list));
    if (list == NULL)
        return NULL;
    gb_json_read_reals(in, names[0], columns[0], count, &list->stolen_s,
                       sizeof(*list));
    gb_json_read_reals(in, names[1], columns[1], count, &list->clock_hz,
                       sizeof(*list));
    return list;
}

static size_t count_names(const char *names) {
    size_t count = names != NULL && names[0] != '\0';
    for (; names != NULL && *names != '\0'; names++)
        count += *names == ',';
    return count;
}

static void read_counters(gb_json_in *in, const record *line,
                          const gb_session *session, gb_rep_record *rep) {
    const gb_json_rows rows = {
        .key = "counters",
        .count = session->ranks,
        .width = count_names(session->counters),
        .nullable = true,
        .row = "one count for each event",
        .number = "whole numbers or null",
    };
    rep->counters =
        gb_json_alloc(in, rows.width * rows.count, sizeof(*rep->counters));
    if (rep->counters == NULL)
        return;
    rep->counter_count = rows.width;
    gb_json_read_rows(in, &rows, line->arrays[COUNTERS], rep->counters,
                      rows.width * sizeof(*rep->counters));
}

static void read_rep(gb_json_in *in, const record *line, gb_run_log *log) {
    const json_t *object = line->object;
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
    read_ranks(in, line, session, &rep);
    rep.windows = read_windows(in, line, session->node_count);
    rep.conditions = read_conditions(in, line, session->node_count);
    read_counters(in, line, session, &rep);
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

static void read_idle(gb_json_in *in, const record *line, gb_run_log *log) {
    const json_t *object = line->object;
    gb_idle_record idle = {0};
    char when[16];
    gb_json_get_text(in, object, "when", when, sizeof(when));
    idle.after = strcmp(when, "after") == 0;
    if (!idle.after && strcmp(when, "before") != 0)
        gb_json_mistake(in, "when", "before or after",
                        json_object_get(object, "when"));
    idle.windows = read_windows(in, line, log->session.node_count);
    void *list = append(in, log->idles, log->idle_count, sizeof(*log->idles));
    if (list != NULL)
        log->idles = list;
    if (in->status != GB_OK)
        gb_idle_record_fini(&idle);
    else
        log->idles[log->idle_count++] = idle;
}

static void read_warning(gb_json_in *in, const record *line, gb_run_log *log) {
    const json_t *object = line->object;
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

static void read_end(gb_json_in *in, const record *line, gb_run_log *log) {
    const json_t *object = line->object;
    gb_end_record end = {0};
    const size_t count = log->session.node_count;
    const json_t *costs = array_of(in, object, "sampler", count);
    if (log->has_end && in->status == GB_OK)
        in->status = gb_fail(in->err, GB_ERR_INVALID, NULL,
                             "expected one end record, got a second");
    end.status = gb_json_get_run_status(in, object, "status");
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

typedef struct record_kind {
    const char *name;
    void (*read)(gb_json_in *in, const record *line, gb_run_log *log);
    bool needs_session, has_arrays;
} record_kind;

static const record_kind kinds[] = {
    {"session", read_session, false, false}, {"trial", read_trial, true, false},
    {"repetition", read_rep, true, true},    {"idle", read_idle, true, true},
    {"warning", read_warning, false, false}, {"end", read_end, true, false},
};

/* Null: none of ours. */
static const record_kind *find_kind(const char *name) {
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

/* @param text  the whole line  @return null after a mistake */
static const record_kind *open_record(gb_json_in *in, gb_json_span text,
                                      record *line) {
    gb_json_members members;
    char name[32];

    gb_json_find_members(in, text, &members);
    gb_json_peek_text(in, &members, "record", name, sizeof(name));
    const record_kind *kind = find_kind(name);
    if (in->status == GB_OK && kind != NULL && kind->has_arrays)
        line->object =
            gb_json_take_apart(in, &members, lifted, LIFTED, line->arrays);
    else if (in->status == GB_OK)
        line->object = gb_json_parse(text.begin, in->err);
    free(members.list);
    if (line->object == NULL && in->status == GB_OK)
        in->status = GB_ERR_INVALID;
    if (line->object != NULL && kind == NULL)
        gb_json_mistake(in, "record",
                        "session, trial, repetition, idle, warning or end",
                        json_object_get(line->object, "record"));
    return in->status == GB_OK ? kind : NULL;
}

gb_status gb_json_read_record(const char *text, gb_run_log *log,
                              gb_error *err) {
    gb_json_in in = {.status = GB_OK, .err = err};
    record line = {0};

    const record_kind *kind =
        open_record(&in, (gb_json_span){text, text + strlen(text)}, &line);
    if (kind != NULL && kind->needs_session && !log->has_session)
        in.status =
            gb_fail(err, GB_ERR_INVALID, NULL,
                    "expected the session record first, got '%s'", kind->name);
    else if (kind != NULL)
        kind->read(&in, &line, log);
    json_decref(line.object);
    /* Where the line is wrong jansson can tell. */
    if (in.not_json)
        json_decref(gb_json_parse(text, err));
    return in.status;
}
