/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/archive_library.h"
#include "archive/bundle.h"
#include "archive/bundle_parts.h"
#include "archive/files.h"
#include "base/sha256.h"

/* Half of the size of level 3 is worth the time; more is not. */
#define ZSTD_LEVEL  "9"
#define CHUNK_BYTES ((size_t)1 << 16)

typedef struct writer {
    const gb_archive_library *library;
    struct archive *archive;
    int fd;
    const char *path; /* what the draft becomes: for messages */
    gb_sha256 *digest;
    time_t date_s;
    gb_status status; /* of what libarchive called */
    gb_error *err;
} writer;

/* --- bytes ---------------------------------------------------------------- */

/* libarchive's writer: to the draft, and into the digest at its end. */
static la_ssize_t put(struct archive *archive, void *ctx, const void *bytes,
                      size_t count) {
    writer *to = ctx;

    (void)archive;
    if (to->status != GB_OK)
        return -1;
    to->status = gb_write_all(to->fd, to->path, bytes, count, to->err);
    if (to->status == GB_OK)
        to->status = gb_sha256_add(to->digest, bytes, count, to->err);
    return to->status == GB_OK ? (la_ssize_t)count : -1;
}

/* The words of libarchive, unless what it called has failed. */
static gb_status failed(const writer *to) {
    if (to->status != GB_OK)
        return to->status;
    const char *words = to->library->archive_error_string(to->archive);
    return gb_fail(to->err, GB_ERR_IO, NULL, "cannot write '%s': %s", to->path,
                   words != NULL ? words : "libarchive does not say why");
}

static gb_status put_header(writer *to, const char *name, uint64_t size_bytes) {
    struct archive_entry *entry = to->library->archive_entry_new();

    if (entry == NULL)
        return gb_fail_memory(to->err, name);
    to->library->archive_entry_set_pathname(entry, name);
    to->library->archive_entry_set_size(entry, (la_int64_t)size_bytes);
    to->library->archive_entry_set_filetype(entry, AE_IFREG);
    to->library->archive_entry_set_perm(entry, 0644);
    to->library->archive_entry_set_mtime(entry, to->date_s, 0);
    const int done = to->library->archive_write_header(to->archive, entry);
    to->library->archive_entry_free(entry);
    return done == ARCHIVE_OK ? GB_OK : failed(to);
}

static gb_status put_bytes(writer *to, const char *bytes, size_t count) {
    if (count == 0)
        return GB_OK;
    return to->library->archive_write_data(to->archive, bytes, count) ==
                   (la_ssize_t)count
               ? GB_OK
               : failed(to);
}

static gb_status put_text(writer *to, const char *name, const char *text) {
    const gb_status status = put_header(to, name, strlen(text));

    return status == GB_OK ? put_bytes(to, text, strlen(text)) : status;
}

/* --- files ---------------------------------------------------------------- */

/* @param[out] digest  of what was read; @param[out] total_out  B */
static gb_status copy(writer *to, int fd, const gb_bundle_file *file,
                      gb_sha256 *digest, uint64_t *total_out) {
    char chunk[CHUNK_BYTES];
    gb_status status = GB_OK;

    *total_out = 0;
    while (status == GB_OK) {
        const ssize_t got = read(fd, chunk, sizeof(chunk));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            status = gb_fail_os(to->err, GB_ERR_IO, NULL, "cannot read '%s'",
                                file->path);
        if (got <= 0)
            break;
        *total_out += (uint64_t)got;
        if (*total_out > file->size_bytes)
            break; /* it grows: more than its header says cannot follow */
        status = gb_sha256_add(digest, chunk, (size_t)got, to->err);
        if (status == GB_OK)
            status = put_bytes(to, chunk, (size_t)got);
    }
    return status;
}

static gb_status put_file(writer *to, const gb_bundle_file *file) {
    char sha256[GB_SHA256_SIZE] = {0};
    uint64_t total_bytes = 0;
    gb_sha256 *digest = NULL;
    const int fd = open(file->path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return gb_fail_os(to->err, GB_ERR_IO, NULL, "cannot read '%s'",
                          file->path);
    gb_status status = gb_sha256_begin(&digest, to->err);
    if (status == GB_OK)
        status = put_header(to, file->name, file->size_bytes);
    if (status == GB_OK)
        status = copy(to, fd, file, digest, &total_bytes);
    if (status == GB_OK)
        status = gb_sha256_end(digest, sha256, to->err);
    close(fd);
    gb_sha256_free(digest);
    if (status == GB_OK &&
        (total_bytes != file->size_bytes || strcmp(sha256, file->sha256) != 0))
        status =
            gb_fail(to->err, GB_ERR_INVALID, "bundle a run when it has ended",
                    "expected '%s' to stay as it is, and it changed while "
                    "it was read",
                    file->path);
    return status;
}

static gb_status put_all(writer *to, const gb_bundle *bundle,
                         const char *manifest, const char *signature) {
    gb_status status = put_text(to, GB_BUNDLE_MANIFEST, manifest);

    if (status == GB_OK && signature != NULL)
        status = put_text(to, GB_BUNDLE_SIGNATURE, signature);
    for (size_t i = 0; i < bundle->count && status == GB_OK; i++) {
        const gb_bundle_file *file = &bundle->files[i];
        status = file->path != NULL ? put_file(to, file)
                                    : put_text(to, file->name, file->text);
    }
    return status;
}

/* --- the archive ---------------------------------------------------------- */

static bool has_foreign_names(const gb_bundle *bundle) {
    for (size_t i = 0; i < bundle->count; i++)
        for (const char *at = bundle->files[i].name; *at != '\0'; at++)
            if ((unsigned char)*at > '~')
                return true;
    return false;
}

/* Names are bytes, whatever the locale; tar has something to say of every file
 * of an archive that states it, so only one that needs it does. */
static gb_status start(writer *to, const gb_bundle *bundle) {
    const gb_archive_library *library = to->library;

    to->archive = library->archive_write_new();
    if (to->archive == NULL)
        return gb_fail_memory(to->err, "an archive");
    if (library->archive_write_add_filter_zstd(to->archive) != ARCHIVE_OK)
        return gb_archive_refuse_program(to->err);
    if (library->archive_write_set_format_pax_restricted(to->archive) !=
            ARCHIVE_OK ||
        (has_foreign_names(bundle) &&
         library->archive_write_set_format_option(
             to->archive, NULL, "hdrcharset", "BINARY") != ARCHIVE_OK) ||
        library->archive_write_set_filter_option(
            to->archive, NULL, "compression-level", ZSTD_LEVEL) != ARCHIVE_OK ||
        library->archive_write_set_bytes_in_last_block(to->archive, 1) !=
            ARCHIVE_OK ||
        library->archive_write_open(to->archive, to, NULL, put, NULL) !=
            ARCHIVE_OK)
        return failed(to);
    return GB_OK;
}

static gb_status put_tail(writer *to) {
    char sha256[GB_SHA256_SIZE], tail[GB_BUNDLE_TAIL_SIZE];
    const gb_status status = gb_sha256_end(to->digest, sha256, to->err);

    if (status != GB_OK)
        return status;
    gb_bundle_tail_make(sha256, tail);
    return gb_write_all(to->fd, to->path, tail, sizeof(tail), to->err);
}

static gb_status write_draft(writer *to, const gb_bundle *bundle,
                             const char *manifest, const char *signature) {
    gb_status status = gb_sha256_begin(&to->digest, to->err);

    if (status == GB_OK)
        status = start(to, bundle);
    if (status == GB_OK)
        status = put_all(to, bundle, manifest, signature);
    if (status == GB_OK &&
        to->library->archive_write_close(to->archive) != ARCHIVE_OK)
        status = failed(to);
    /* What it would fill up when it is freed goes nowhere. */
    to->status = status;
    if (to->archive != NULL)
        to->library->archive_write_free(to->archive);
    if (status == GB_OK)
        status = put_tail(to);
    gb_sha256_free(to->digest);
    return status;
}

gb_status gb_bundle_write(const char *dir_path, const char *name,
                          const gb_bundle *bundle, const char *manifest,
                          const char *signature, gb_error *err) {
    char path[PATH_MAX], draft[PATH_MAX];
    writer to = {.path = path,
                 .date_s = (time_t)(bundle->date_utc_ns / 1000000000u),
                 .err = err};

    gb_path_join(path, sizeof(path), dir_path, name);
    gb_status status = gb_archive_load(&to.library, err);
    if (status == GB_OK)
        status = gb_bundle_refuse_existing(path, err);
    if (status == GB_OK)
        status = gb_draft_path(dir_path, name, draft, sizeof(draft), err);
    if (status != GB_OK)
        return status;
    to.fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (to.fd < 0)
        return gb_fail_os(err, GB_ERR_IO, gb_space_hint(), "cannot write '%s'",
                          path);
    status = write_draft(&to, bundle, manifest, signature);
    if (status == GB_OK)
        status = gb_bundle_refuse_existing(path, err);
    if (status == GB_OK)
        return gb_draft_publish(to.fd, draft, dir_path, name, err);
    close(to.fd);
    unlink(draft);
    return status;
}
