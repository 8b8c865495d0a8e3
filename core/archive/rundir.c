/* SPDX-License-Identifier: Apache-2.0 */
/* A run's directory while it is being written. */
#include "archive/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "archive/files.h"
#include "archive/samples.h"
#include "base/clock.h"
#include "base/text.h"

#define OUTPUT_HINT                                                            \
    "choose another place with --output DIR or GREENBENCH_OUTPUT"
#define SUFFIX_MAX 1000

/* A file that only grows: what was appended whole stays, what was not goes. */
#define HOLD_PATIENCE_S 2

typedef struct journal {
    int fd;
    char path[PATH_MAX];
    off_t length; /* of whole appends */
} journal;

struct gb_rundir {
    char path[PATH_MAX];
    char run_id[96];
    const gb_plan *plan; /* outlives the directory */
    pthread_mutex_t lock;
    int lock_fd; /* of a run that is resumed: its first records; else -1 */
    journal records, samples;
    gb_error error; /* of the first call that failed; later ones fail alike */
    uint32_t rank_count;
    size_t node_count;
    gb_str rows; /* scratch of `samples` */
};

/* --- names ---------------------------------------------------------------- */

void gb_rundir_make_id(const char *job_id, char *id_out, size_t size) {
    char suffix[64] = "";
    const time_t now = (time_t)(gb_clock_utc_ns() / 1000000000u);
    struct tm utc;
    char stamp[32];

    for (size_t i = 0;
         job_id != NULL && job_id[i] != '\0' && i + 1 < sizeof(suffix); i++) {
        /* It becomes a file name: no '/', and nothing a shell would mind. */
        const char c = job_id[i];
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '_' || c == '-';
        suffix[i] = plain ? c : '_';
        suffix[i + 1] = '\0';
    }
    if (suffix[0] == '\0')
        gb_random_hex(suffix, 8);
    gmtime_r(&now, &utc);
    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc);
    snprintf(id_out, size, "%s-%s", stamp, suffix);
}

/* --- creation ------------------------------------------------------------- */

/* Parents too, as `mkdir -p`. */
static gb_status make_parents(const char *path, gb_error *err) {
    char part[PATH_MAX];
    struct stat seen;
    gb_copy(part, sizeof(part), path);
    for (char *at = part + 1;; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        const char kept = *at;
        *at = '\0';
        const int cause = mkdir(part, 0777) == 0 ? 0 : errno;
        if (cause != 0 && (stat(part, &seen) != 0 || !S_ISDIR(seen.st_mode))) {
            errno = cause == EEXIST ? ENOTDIR : cause;
            return gb_fail_os(err, GB_ERR_IO, OUTPUT_HINT,
                              "cannot make the output directory '%s'", path);
        }
        *at = kept;
        if (kept == '\0')
            return GB_OK;
    }
}

/* mkdir is exclusive: of two runs with one id, the second gets "-2". */
static gb_status make_own_directory(gb_rundir *dir, const char *output_dir,
                                    const char *run_id, gb_error *err) {
    for (unsigned n = 1; n <= SUFFIX_MAX; n++) {
        char suffix[16] = "";
        if (n > 1)
            snprintf(suffix, sizeof(suffix), "-%u", n);
        snprintf(dir->run_id, sizeof(dir->run_id), "%s%s", run_id, suffix);
        const int length = snprintf(dir->path, sizeof(dir->path), "%s/%s",
                                    output_dir, dir->run_id);
        if (length < 0 || (size_t)length >= sizeof(dir->path) - 64)
            return gb_fail(err, GB_ERR_IO, OUTPUT_HINT,
                           "expected a shorter path than '%s'", output_dir);
        if (mkdir(dir->path, 0777) == 0)
            return GB_OK;
        if (errno != EEXIST)
            return gb_fail_os(err, GB_ERR_IO, OUTPUT_HINT,
                              "cannot make the run directory '%s'", dir->path);
    }
    return gb_fail(err, GB_ERR_IO, OUTPUT_HINT,
                   "cannot make the run directory '%s': %u runs have this name",
                   dir->path, SUFFIX_MAX);
}

static gb_status journal_open(journal *to, const char *dir_path,
                              const char *name, gb_error *err) {
    gb_path_join(to->path, sizeof(to->path), dir_path, name);
    to->fd = open(to->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC,
                  0666);
    if (to->fd < 0)
        return gb_fail_os(err, GB_ERR_IO, OUTPUT_HINT, "cannot make '%s'",
                          to->path);
    return GB_OK;
}

/* For as long as the file is open. Nobody else knows of a new one, so that only
 * a file system without locks can refuse. */
static void lock_new(const journal *to) {
    (void)flock(to->fd, LOCK_EX | LOCK_NB);
}

static gb_status journal_append(journal *to, const char *text, size_t length,
                                gb_error *err) {
    const gb_status status = gb_write_all(to->fd, to->path, text, length, err);
    if (status == GB_OK) {
        to->length += (off_t)length;
    } else if (ftruncate(to->fd, to->length) != 0) {
        /* The half line stays; reading drops it. The first error is told. */
        errno = 0;
    }
    return status;
}

/* What is written to a file without a name is lost when it is closed. */
static gb_status journal_sync(const journal *from, gb_error *err) {
    struct stat seen;
    if (fdatasync(from->fd) != 0)
        return gb_fail_os(err, GB_ERR_IO, gb_space_hint(), "cannot write '%s'",
                          from->path);
    if (fstat(from->fd, &seen) == 0 && seen.st_nlink == 0)
        return gb_fail(err, GB_ERR_IO,
                       "leave a run's directory alone until it ends",
                       "expected '%s' to stay, and it was removed during the "
                       "run",
                       from->path);
    return GB_OK;
}

static void remove_unused(const gb_rundir *dir) {
    static const char *const names[] = {"plan.json", "records.jsonl",
                                        "samples"};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        gb_path_join(path, sizeof(path), dir->path, names[i]);
        unlink(path);
    }
    rmdir(dir->path);
}

/* The two files that grow. The records come last: a launch whose samples are
 * not there yet has none. */
static gb_status open_journals(gb_rundir *dir, const char *folder,
                               gb_error *err) {
    gb_status status = journal_open(&dir->samples, folder, "samples", err);
    if (status == GB_OK)
        status = journal_append(&dir->samples, GB_SAMPLES_HEADER,
                                strlen(GB_SAMPLES_HEADER), err);
    if (status == GB_OK)
        status = journal_sync(&dir->samples, err);
    if (status == GB_OK)
        status = journal_open(&dir->records, folder, "records.jsonl", err);
    if (status == GB_OK)
        status = gb_sync_directory(folder, err);
    return status;
}

static gb_status fill_directory(gb_rundir *dir, const char *output_dir,
                                gb_error *err) {
    char *plan = gb_json_plan(dir->plan);
    if (plan == NULL)
        return gb_fail_memory(err, "the plan");
    gb_status status = gb_rundir_write(dir->path, "plan.json", plan, err);
    free(plan);
    if (status == GB_OK)
        status = open_journals(dir, dir->path, err);
    if (status == GB_OK)
        status = gb_sync_directory(output_dir, err);
    if (status == GB_OK)
        lock_new(&dir->records);
    return status;
}

static gb_rundir *new_rundir(gb_error *err) {
    gb_rundir *dir = calloc(1, sizeof(*dir));
    if (dir == NULL) {
        gb_fail_memory(err, "the run directory");
        return NULL;
    }
    dir->records.fd = dir->samples.fd = dir->lock_fd = -1;
    dir->error = (gb_error){.status = GB_OK, .rank = -1};
    pthread_mutex_init(&dir->lock, NULL);
    return dir;
}

gb_status gb_rundir_create(const char *output_dir, const char *run_id,
                           const gb_plan *plan, gb_rundir **dir_out,
                           gb_error *err) {
    gb_rundir *dir = new_rundir(err);
    if (dir == NULL)
        return GB_ERR_NO_MEMORY;
    dir->plan = plan;
    gb_status status = make_parents(output_dir, err);
    if (status == GB_OK)
        status = make_own_directory(dir, output_dir, run_id, err);
    if (status == GB_OK) {
        status = fill_directory(dir, output_dir, err);
        if (status != GB_OK)
            remove_unused(dir);
    }
    if (status != GB_OK) {
        gb_rundir_close(dir);
        return status;
    }
    *dir_out = dir;
    return GB_OK;
}

/* --- a further launch ----------------------------------------------------- */

static gb_status lock_run(gb_rundir *dir, gb_error *err) {
    static const char hint[] =
        "a run is resumed where it lies: its directory must be writable";
    char path[PATH_MAX];

    gb_path_join(path, sizeof(path), dir->path, "records.jsonl");
    dir->lock_fd = open(path, O_WRONLY | O_CLOEXEC);
    if (dir->lock_fd < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? gb_fail_os(err, GB_ERR_NOT_FOUND, NULL,
                                "expected a run directory, cannot open '%s'",
                                path)
                   : gb_fail_os(err, GB_ERR_IO, hint, "cannot write '%s'",
                                path);
    if (access(dir->path, W_OK | X_OK) != 0)
        return gb_fail_os(err, GB_ERR_IO, hint, "cannot write '%s'", dir->path);
    /* A file system that has no locks is no reason to refuse. */
    if (flock(dir->lock_fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return gb_fail(err, GB_ERR_INVALID,
                       "wait for it, or end it; then resume",
                       "'%s': expected a run that has ended, but a process "
                       "still writes to it",
                       dir->path);
    return GB_OK;
}

gb_status gb_rundir_open(const char *dir_path, gb_rundir **dir_out,
                         gb_error *err) {
    gb_rundir *dir = new_rundir(err);
    if (dir == NULL)
        return GB_ERR_NO_MEMORY;
    gb_copy(dir->path, sizeof(dir->path), dir_path);
    size_t length = strlen(dir->path);
    while (length > 1 && dir->path[length - 1] == '/')
        dir->path[--length] = '\0';
    const gb_status status = lock_run(dir, err);
    if (status == GB_OK)
        *dir_out = dir;
    else
        gb_rundir_close(dir);
    return status;
}

gb_status gb_rundir_add_launch(gb_rundir *dir, const char *run_id,
                               const gb_plan *plan, uint32_t *launch_out,
                               gb_error *err) {
    char folder[PATH_MAX];
    uint32_t launch = 2;

    for (;; launch++) {
        gb_launch_path(folder, sizeof(folder), dir->path, launch);
        if (mkdir(folder, 0777) == 0)
            break;
        if (errno != EEXIST)
            return gb_fail_os(err, GB_ERR_IO, gb_space_hint(),
                              "cannot make the folder of this launch, '%s'",
                              folder);
    }
    dir->plan = plan;
    gb_copy(dir->run_id, sizeof(dir->run_id), run_id);
    gb_status status = open_journals(dir, folder, err);
    if (status == GB_OK)
        status = gb_sync_directory(dir->path, err);
    *launch_out = launch;
    return status;
}

const char *gb_rundir_path(const gb_rundir *dir) {
    return dir->path;
}

void gb_rundir_close(gb_rundir *dir) {
    if (dir == NULL)
        return;
    if (dir->records.fd >= 0)
        close(dir->records.fd);
    if (dir->samples.fd >= 0)
        close(dir->samples.fd);
    if (dir->lock_fd >= 0)
        close(dir->lock_fd);
    gb_str_fini(&dir->rows);
    pthread_mutex_destroy(&dir->lock);
    free(dir);
}

/* --- records -------------------------------------------------------------- */

const gb_error *gb_rundir_sink_error(const gb_rundir *dir) {
    return &dir->error;
}

/* Append @p line (taken, nullable) and a newline. `durable`: wait until it is
 * on disk, and before it the samples it speaks of. */
static gb_status put_line(gb_rundir *dir, char *line, bool durable) {
    gb_error *err = &dir->error;
    gb_str text = {0};
    if (line != NULL) {
        gb_str_add(&text, line);
        gb_str_add(&text, "\n");
    }
    if (err->status == GB_OK && (line == NULL || text.failed))
        gb_fail_memory(err, "a record");
    if (err->status == GB_OK && durable)
        journal_sync(&dir->samples, err);
    if (err->status == GB_OK)
        journal_append(&dir->records, text.text, text.length, err);
    if (err->status == GB_OK && durable)
        journal_sync(&dir->records, err);
    free(line);
    gb_str_fini(&text);
    return err->status;
}

static gb_status sink_session(void *ctx, const gb_session *record) {
    gb_rundir *dir = ctx;
    /* The directory decides about the id: its name may have got a suffix. */
    gb_session session = *record;
    gb_copy(session.run_id, sizeof(session.run_id), dir->run_id);
    pthread_mutex_lock(&dir->lock);
    dir->rank_count = record->ranks;
    dir->node_count = record->node_count;
    const gb_status status = put_line(dir, gb_json_session(&session), false);
    pthread_mutex_unlock(&dir->lock);
    return status;
}

static gb_status sink_trial(void *ctx, const gb_trial_record *record) {
    gb_rundir *dir = ctx;
    pthread_mutex_lock(&dir->lock);
    const gb_status status =
        put_line(dir, gb_json_trial(record, dir->plan), true);
    pthread_mutex_unlock(&dir->lock);
    return status;
}

static gb_status sink_rep(void *ctx, const gb_rep_record *record) {
    gb_rundir *dir = ctx;
    pthread_mutex_lock(&dir->lock);
    const gb_status status = put_line(
        dir, gb_json_rep(record, dir->rank_count, dir->node_count), true);
    pthread_mutex_unlock(&dir->lock);
    return status;
}

static gb_status sink_idle(void *ctx, const gb_idle_record *record) {
    gb_rundir *dir = ctx;
    pthread_mutex_lock(&dir->lock);
    const gb_status status =
        put_line(dir, gb_json_idle(record, dir->node_count), true);
    pthread_mutex_unlock(&dir->lock);
    return status;
}

static gb_status sink_warning(void *ctx, const gb_warning *record) {
    gb_rundir *dir = ctx;
    pthread_mutex_lock(&dir->lock);
    const gb_status status = put_line(dir, gb_json_warning(record), false);
    pthread_mutex_unlock(&dir->lock);
    return status;
}

static gb_status sink_end(void *ctx, const gb_end_record *record) {
    gb_rundir *dir = ctx;
    pthread_mutex_lock(&dir->lock);
    const gb_status status =
        put_line(dir, gb_json_end(record, dir->node_count), true);
    pthread_mutex_unlock(&dir->lock);
    return status;
}

static gb_status sink_samples(void *ctx, const gb_sample *rows, size_t count) {
    gb_rundir *dir = ctx;
    pthread_mutex_lock(&dir->lock);
    dir->rows.length = 0;
    gb_samples_write(rows, count, &dir->rows);
    if (dir->error.status == GB_OK && count > 0) {
        if (dir->rows.failed)
            gb_fail_memory(&dir->error, "energy samples");
        else
            journal_append(&dir->samples, dir->rows.text, dir->rows.length,
                           &dir->error);
    }
    const gb_status status = dir->error.status;
    pthread_mutex_unlock(&dir->lock);
    return status;
}

void gb_rundir_hold(gb_rundir *dir) {
    struct timespec until;

    /* A write that hangs keeps the lock, and its record is not whole then. */
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += HOLD_PATIENCE_S;
    (void)pthread_mutex_timedlock(&dir->lock, &until);
}

gb_record_sink gb_rundir_sink(gb_rundir *dir) {
    return (gb_record_sink){
        .session = sink_session,
        .trial = sink_trial,
        .rep = sink_rep,
        .idle = sink_idle,
        .warning = sink_warning,
        .end = sink_end,
        .samples = sink_samples,
        .ctx = dir,
    };
}
