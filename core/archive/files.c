/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/rundir.h"
#include "base/clock.h"

const char *gb_space_hint(void) {
    return errno == ENOSPC || errno == EDQUOT
               ? "free space there; a run can go elsewhere with --output DIR or "
                 "GREENBENCH_OUTPUT"
               : NULL;
}

gb_status gb_write_all(int fd, const char *path, const char *text,
                       size_t length, gb_error *err) {
    while (length > 0) {
        const ssize_t done = write(fd, text, length);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return gb_fail_os(err, GB_ERR_IO, gb_space_hint(),
                              "cannot write '%s'", path);
        text += done;
        length -= (size_t)done;
    }
    return GB_OK;
}

gb_status gb_sync_directory(const char *path, gb_error *err) {
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == EACCES
                   ? GB_OK
                   : gb_fail_os(err, GB_ERR_IO, NULL, "cannot open '%s'", path);
    const int failed = fsync(fd) != 0 && errno != EINVAL && errno != EROFS;
    const int cause = errno;
    close(fd);
    errno = cause;
    return failed ? gb_fail_os(err, GB_ERR_IO, NULL, "cannot sync '%s'", path)
                  : GB_OK;
}

gb_status gb_read_file(const char *path, char **text_out, size_t *length_out,
                       gb_error *err) {
    /* Nobody waits for the writer of a pipe that somebody put in its place. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return gb_fail_os(err,
                          errno == ENOENT || errno == ENOTDIR ? GB_ERR_NOT_FOUND
                                                              : GB_ERR_IO,
                          NULL, "cannot read '%s'", path);
    struct stat seen;
    if (fstat(fd, &seen) != 0 || !S_ISREG(seen.st_mode)) {
        close(fd);
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "expected a regular file, got something else in '%s'",
                       path);
    }
    /* A run may still be growing: the size is a first guess. */
    size_t capacity = seen.st_size > 0 ? (size_t)seen.st_size + 1 : 4096;
    size_t length = 0;
    char *text = malloc(capacity + 1);
    gb_status status = GB_OK;
    while (text != NULL && status == GB_OK) {
        if (length == capacity) {
            char *longer = realloc(text, capacity * 2 + 1);
            if (longer == NULL)
                break;
            text = longer;
            capacity *= 2;
        }
        const ssize_t done = read(fd, text + length, capacity - length);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            status = gb_fail_os(err, GB_ERR_IO, NULL, "cannot read '%s'", path);
        if (done <= 0)
            break;
        length += (size_t)done;
    }
    close(fd);
    if (status == GB_OK && (text == NULL || length == capacity))
        status = gb_fail_memory(err, path);
    if (status != GB_OK) {
        free(text);
        return status;
    }
    text[length] = '\0';
    *text_out = text;
    *length_out = length;
    return GB_OK;
}

void gb_path_join(char *out, size_t size, const char *dir, const char *name) {
    snprintf(out, size, "%s/%s", dir, name);
}

void gb_launch_path(char *out, size_t size, const char *dir, uint32_t launch) {
    snprintf(out, size, "%s/launch-%" PRIu32, dir, launch);
}

void gb_random_hex(char *out, size_t digits) {
    uint64_t value;
    /* getrandom cannot fail for so few bytes once the system is up. */
    if (getrandom(&value, sizeof(value), 0) != (ssize_t)sizeof(value))
        value = gb_clock_utc_ns() ^ ((uint64_t)getpid() << 32);
    for (size_t i = 0; i < digits; i++) {
        out[i] = "0123456789abcdef"[value & 15u];
        value >>= 4;
    }
    out[digits] = '\0';
}

gb_status gb_draft_path(const char *dir_path, const char *name, char *draft_out,
                        size_t size, gb_error *err) {
    char random[9];
    gb_random_hex(random, 8);
    const int length =
        snprintf(draft_out, size, "%s/.%s.%s", dir_path, name, random);
    if (length < 0 || (size_t)length >= size)
        return gb_fail(err, GB_ERR_IO, NULL,
                       "expected a shorter path than '%s/%s'", dir_path, name);
    return GB_OK;
}

gb_status gb_draft_publish(int fd, const char *draft, const char *dir_path,
                           const char *name, gb_error *err) {
    char path[PATH_MAX];
    gb_status status = GB_OK;
    gb_path_join(path, sizeof(path), dir_path, name);
    if (fsync(fd) != 0)
        status = gb_fail_os(err, GB_ERR_IO, gb_space_hint(),
                            "cannot write '%s'", path);
    /* Some network file systems report a full disk only here. */
    if (close(fd) != 0 && status == GB_OK)
        status = gb_fail_os(err, GB_ERR_IO, gb_space_hint(),
                            "cannot write '%s'", path);
    if (status == GB_OK && rename(draft, path) != 0)
        status = gb_fail_os(err, GB_ERR_IO, NULL, "cannot write '%s'", path);
    if (status != GB_OK) {
        unlink(draft);
        return status;
    }
    return gb_sync_directory(dir_path, err);
}

/* A draft being written. */
typedef struct open_draft {
    int fd;
    const char *path; /* what it becomes: for messages */
} open_draft;

static gb_status put_into_draft(void *ctx, const char *text, size_t length,
                                gb_error *err) {
    const open_draft *draft = ctx;
    return gb_write_all(draft->fd, draft->path, text, length, err);
}

gb_status gb_rundir_write_by(const char *dir_path, const char *name,
                             gb_text_source source, const void *what,
                             gb_error *err) {
    char path[PATH_MAX], draft[PATH_MAX];
    gb_status status = gb_draft_path(dir_path, name, draft, sizeof(draft), err);
    if (status != GB_OK)
        return status;
    gb_path_join(path, sizeof(path), dir_path, name);

    const int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return gb_fail_os(err, GB_ERR_IO, gb_space_hint(), "cannot write '%s'",
                          path);
    open_draft opened = {.fd = fd, .path = path};
    const gb_text_sink sink = {.put = put_into_draft, .ctx = &opened};
    status = source(what, &sink, err);
    if (status == GB_OK)
        return gb_draft_publish(fd, draft, dir_path, name, err);
    close(fd);
    unlink(draft);
    return status;
}

static gb_status give_text(const void *what, const gb_text_sink *sink,
                           gb_error *err) {
    return sink->put(sink->ctx, what, strlen(what), err);
}

gb_status gb_rundir_write(const char *dir_path, const char *name,
                          const char *text, gb_error *err) {
    return gb_rundir_write_by(dir_path, name, give_text, text, err);
}

gb_status gb_check_directory(const char *dir_path, gb_error *err) {
    struct stat seen;

    if (stat(dir_path, &seen) != 0)
        return gb_fail_os(err, GB_ERR_NOT_FOUND, NULL,
                          "expected a run directory, cannot open '%s'",
                          dir_path);
    if (!S_ISDIR(seen.st_mode))
        return gb_fail(err, GB_ERR_NOT_FOUND,
                       "give the directory that holds it",
                       "expected a run directory, got the file '%s'", dir_path);
    return GB_OK;
}
