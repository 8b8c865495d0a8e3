/* SPDX-License-Identifier: Apache-2.0 */
/* A stored run back into plain structs. */
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/files.h"
#include "archive/rundir.h"
#include "archive/samples.h"

static gb_status read_named(const char *dir_path, const char *name,
                            char *path_out, size_t path_size, char **text_out,
                            size_t *length_out, gb_error *err) {
    gb_path_join(path_out, path_size, dir_path, name);
    return gb_read_file(path_out, text_out, length_out, err);
}

static gb_status read_plan(const char *dir_path, gb_plan *plan, gb_error *err) {
    char path[PATH_MAX];
    char *text = NULL;
    size_t length = 0;
    gb_error inner = {0};
    gb_status status = read_named(dir_path, "plan.json", path, sizeof(path),
                                  &text, &length, err);
    if (status != GB_OK)
        return status;
    status = gb_json_read_plan(text, plan, &inner);
    free(text);
    return status == GB_OK
               ? GB_OK
               : gb_fail(err, status, NULL, "%s: %s", path, inner.what);
}

/* The last record's case must be one of the plan beside it. */
static gb_status check_case(const gb_plan *plan, const gb_run_log *log,
                            gb_error *err) {
    uint32_t index = 0;
    if (log->trial_count > 0)
        index = log->trials[log->trial_count - 1].case_index;
    if (log->rep_count > 0 && log->reps[log->rep_count - 1].case_index > index)
        index = log->reps[log->rep_count - 1].case_index;
    if (log->trial_count + log->rep_count == 0 || index < plan->case_count)
        return GB_OK;
    return gb_fail(err, GB_ERR_INVALID, NULL,
                   "expected one of the %zu cases of plan.json, got case %u",
                   plan->case_count, index);
}

static gb_status read_records(const char *dir_path, const gb_plan *plan,
                              gb_run_log *log, gb_error *err) {
    char path[PATH_MAX];
    char *text = NULL;
    size_t length = 0, line = 1;
    gb_status status = read_named(dir_path, "records.jsonl", path, sizeof(path),
                                  &text, &length, err);
    if (status != GB_OK)
        return status;
    char *end = text + length;
    for (char *at = text; at < end && status == GB_OK; line++) {
        gb_error inner = {0};
        char *newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == NULL) {
            log->damaged_lines++;
            break;
        }
        *newline = '\0';
        /* A null character would hide the rest of the line. */
        if (strlen(at) != (size_t)(newline - at))
            status = gb_fail(&inner, GB_ERR_INVALID, NULL,
                             "expected text, got a null character");
        else
            status = gb_json_read_record(at, log, &inner);
        if (status == GB_OK)
            status = check_case(plan, log, &inner);
        if (status != GB_OK)
            gb_fail(err, status, inner.hint, "%s:%zu: %s", path, line,
                    inner.what);
        at = newline + 1;
    }
    free(text);
    return status;
}

/* The samples of one folder, read beside its records: of thousands of nodes
 * each is half of the text. */
typedef struct sample_reader {
    const char *folder;
    pthread_t thread;
    bool apart; /* on the thread */
    char path[PATH_MAX];
    gb_sample *rows; /* [count] */
    size_t count, damaged;
    gb_status status;
    gb_error err;
} sample_reader;

static void *read_rows(void *ctx) {
    sample_reader *reader = ctx;
    char *text = NULL;
    size_t length = 0;

    reader->status =
        read_named(reader->folder, "samples", reader->path,
                   sizeof(reader->path), &text, &length, &reader->err);
    if (reader->status == GB_OK)
        reader->status =
            gb_samples_read(reader->path, text, length, NULL, &reader->rows,
                            &reader->count, &reader->damaged, &reader->err);
    free(text);
    return NULL;
}

static void begin_samples(sample_reader *reader) {
    reader->apart =
        pthread_create(&reader->thread, NULL, read_rows, reader) == 0;
    if (!reader->apart)
        (void)read_rows(reader);
}

/* @param status  of the records, whose error comes first */
static gb_status end_samples(sample_reader *reader, gb_status status,
                             gb_run_log *log, gb_error *err) {
    if (reader->apart)
        (void)pthread_join(reader->thread, NULL);
    if (status == GB_OK && reader->status == GB_OK) {
        status = gb_samples_check(reader->path, &log->session, reader->rows,
                                  reader->count, err);
    } else if (status == GB_OK) {
        status = reader->status;
        if (err != NULL)
            *err = reader->err;
    }
    if (status != GB_OK) {
        free(reader->rows);
        return status;
    }
    log->samples = reader->rows;
    log->sample_count = reader->count;
    log->damaged_lines += reader->damaged;
    return GB_OK;
}

/* The files of one launch. One that was cut off before its session has no
 * samples that could be told apart.
 * @param[out] none_out  it has no session; null: there must be records */
static gb_status read_folder(const char *folder, const gb_plan *plan,
                             gb_run_log *log, bool *none_out, gb_error *err) {
    sample_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL)
        return gb_fail_memory(err, folder);
    reader->folder = folder;
    reader->err.rank = -1;
    begin_samples(reader);
    gb_status status = read_records(folder, plan, log, err);
    if (none_out != NULL) {
        *none_out = status == GB_ERR_NOT_FOUND || !log->has_session;
        if (status == GB_ERR_NOT_FOUND)
            status = GB_OK;
    }
    if (none_out != NULL && *none_out) {
        if (reader->apart)
            (void)pthread_join(reader->thread, NULL);
        free(reader->rows);
    } else {
        status = end_samples(reader, status, log, err);
    }
    free(reader);
    return status;
}

/* The folder of one launch; *log_out is null if it was cut off before its
 * session. */
static gb_status read_launch(const char *folder, const gb_plan *plan,
                             gb_run_log **log_out, gb_error *err) {
    gb_run_log *log = calloc(1, sizeof(*log));
    bool none = false;
    *log_out = NULL;
    if (log == NULL)
        return gb_fail_memory(err, folder);
    const gb_status status = read_folder(folder, plan, log, &none, err);
    if (status == GB_OK && !none) {
        *log_out = log;
        return GB_OK;
    }
    gb_run_log_fini(log);
    free(log);
    return status;
}

static gb_status read_launches(const char *dir_path, const gb_plan *plan,
                               gb_run_log *first, gb_error *err) {
    gb_status status = GB_OK;
    gb_run_log **end = &first->next;
    for (uint32_t launch = 2; status == GB_OK; launch++) {
        char folder[PATH_MAX];
        struct stat seen;
        gb_launch_path(folder, sizeof(folder), dir_path, launch);
        if (stat(folder, &seen) != 0)
            break;
        status = read_launch(folder, plan, end, err);
        if (*end != NULL)
            end = &(*end)->next;
    }
    return status;
}

gb_status gb_rundir_read(const char *dir_path, gb_plan *plan_out,
                         gb_run_log *log_out, gb_error *err) {
    gb_plan plan = {0};
    gb_run_log log = {0};
    gb_status status = gb_check_directory(dir_path, err);
    if (status == GB_OK)
        status = read_plan(dir_path, &plan, err);
    if (status == GB_OK)
        status = read_folder(dir_path, &plan, &log, NULL, err);
    if (status == GB_OK)
        status = read_launches(dir_path, &plan, &log, err);
    if (status != GB_OK) {
        gb_plan_fini(&plan);
        gb_run_log_fini(&log);
        return status;
    }
    *plan_out = plan;
    *log_out = log;
    return GB_OK;
}
