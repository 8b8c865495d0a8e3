/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle from anybody: only what its manifest lists is taken, file by file,
 * and nothing but files. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "archive/archive_library.h"
#include "archive/bundle.h"
#include "archive/bundle_parts.h"
#include "archive/files.h"
#include "archive/manifest_seal.h"
#include "archive/validate_parts.h"
#include "base/sha256.h"
#include "codec/json_bundle.h"

#define CHUNK_BYTES ((size_t)1 << 16)

/* Records and samples become 4 to 40 times smaller. What claims to be a
 * thousand times as large as it is, and not small either, is made to fill a
 * disk. */
#define GROWTH_MAX       1000
#define SMALL_BYTES      ((uint64_t)64 << 20)
#define LEFT_ALONE_BYTES ((uint64_t)16 << 20) /* of the disk's room */

typedef struct reader {
    const gb_archive_library *library;
    struct archive *archive;
    int fd; /* the bundle */
    const char *path;
    uint64_t size_bytes; /* of it */
    uint64_t left_bytes; /* that libarchive has not had, without the tail */
    char chunk[CHUNK_BYTES];
    int folder; /* where files go */
    const char *folder_path;
    gb_bundle *bundle;
    bool *seen; /* [bundle->count] */
    bool signature_seen;
    gb_validation *found;
    bool refused; /* what follows is not looked at */
    gb_error *err;
} reader;

/* --- what is wrong -------------------------------------------------------- */

static void tell(reader *from, gb_check_id check, const char *code,
                 const char *file, const char *expected, const char *found) {
    const gb_violation_kind kind = {check, GB_SEVERITY_ERROR, code, file};

    gb_violate(from->found, &kind, "", expected, found);
}

/* The same, and nothing after it is looked at. */
static gb_status refuse(reader *from, gb_check_id check, const char *code,
                        const char *file, const char *expected,
                        const char *found) {
    tell(from, check, code, file, expected, found);
    from->refused = true;
    return GB_OK;
}

static void words_of_size(uint64_t bytes, char *out, size_t size) {
    snprintf(out, size, "%" PRIu64 " B", bytes);
}

/* --- the bytes of the archive --------------------------------------------- */

/* libarchive's reader. */
static la_ssize_t get(struct archive *archive, void *ctx, const void **out) {
    reader *from = ctx;

    (void)archive;
    for (;;) {
        const size_t wanted = from->left_bytes < CHUNK_BYTES
                                  ? (size_t)from->left_bytes
                                  : CHUNK_BYTES;
        const ssize_t got = read(from->fd, from->chunk, wanted);
        if (got < 0 && errno == EINTR)
            continue;
        if (got > 0)
            from->left_bytes -= (uint64_t)got;
        *out = from->chunk;
        return got;
    }
}

static const char *words_of_library(const reader *from) {
    const char *words = from->library->archive_error_string(from->archive);

    return words != NULL ? words : "libarchive does not say why";
}

/* --- one entry ------------------------------------------------------------ */

static const char *name_of_kind(mode_t kind) {
    switch (kind & S_IFMT) {
    case S_IFLNK:
        return "a symbolic link";
    case S_IFDIR:
        return "a directory";
    case S_IFIFO:
        return "a pipe";
    case S_IFCHR:
    case S_IFBLK:
        return "a device";
    default:
        return "something else";
    }
}

/* Regular files without holes, that are no second name of another. */
static gb_status check_kind(reader *from, struct archive_entry *entry,
                            const char *name) {
    const mode_t kind = from->library->archive_entry_filetype(entry);
    const char *found = NULL;

    if (from->library->archive_entry_hardlink(entry) != NULL)
        found = "a hard link";
    else if (!S_ISREG(kind))
        found = name_of_kind(kind);
    else if (from->library->archive_entry_sparse_count(entry) > 0)
        found = "a file with holes";
    return found == NULL ? GB_OK
                         : refuse(from, GB_CHECK_FILES, "bundle.kind", name,
                                  "a regular file", found);
}

/* @param[out] text_out  malloc'ed; null: refused */
static gb_status read_text(reader *from, struct archive_entry *entry,
                           const char *name, int64_t most, char **text_out) {
    const int64_t size = from->library->archive_entry_size(entry);
    char expected[48], found[48];

    *text_out = NULL;
    if (size < 0 || size > most) {
        words_of_size((uint64_t)most, expected, sizeof(expected));
        words_of_size((uint64_t)size, found, sizeof(found));
        return refuse(from, GB_CHECK_MANIFEST, "bundle.size", name, expected,
                      found);
    }
    char *text = calloc((size_t)size + 1, 1);
    if (text == NULL)
        return gb_fail_memory(from->err, name);
    for (int64_t at = 0; at < size;) {
        const la_ssize_t got = from->library->archive_read_data(
            from->archive, text + at, (size_t)(size - at));
        if (got <= 0) {
            free(text);
            return refuse(from, GB_CHECK_MANIFEST, "bundle.format", name,
                          "its content", words_of_library(from));
        }
        at += got;
    }
    if (strlen(text) != (size_t)size) {
        free(text);
        return refuse(from, GB_CHECK_MANIFEST, "bundle.format", name, "text",
                      "a null character");
    }
    *text_out = text;
    return GB_OK;
}

/* --- files ---------------------------------------------------------------- */

static gb_status write_text(const reader *from, const char *name,
                            const char *text) {
    const int fd = gb_bundle_create(from->folder, name);

    if (fd < 0)
        return gb_fail_os(from->err, GB_ERR_IO, gb_space_hint(),
                          "cannot write '%s/%s'", from->folder_path, name);
    const gb_status status =
        gb_write_all(fd, from->folder_path, text, strlen(text), from->err);
    close(fd);
    return status;
}

/* libarchive gives no more than the entry's size, which is the manifest's. */
static gb_status copy(reader *from, const gb_bundle_file *file, int fd,
                      gb_sha256 *digest) {
    char *chunk = malloc(CHUNK_BYTES);
    gb_status status =
        chunk != NULL ? GB_OK : gb_fail_memory(from->err, file->name);

    while (status == GB_OK) {
        const la_ssize_t got =
            from->library->archive_read_data(from->archive, chunk, CHUNK_BYTES);
        if (got == 0)
            break;
        if (got < 0) {
            status = refuse(from, GB_CHECK_FILES, "bundle.format", file->name,
                            "its content", words_of_library(from));
            break;
        }
        status = gb_sha256_add(digest, chunk, (size_t)got, from->err);
        if (status == GB_OK)
            status = gb_write_all(fd, from->folder_path, chunk, (size_t)got,
                                  from->err);
    }
    free(chunk);
    return status;
}

static gb_status extract(reader *from, const gb_bundle_file *file) {
    char sha256[GB_SHA256_SIZE] = {0};
    gb_sha256 *digest = NULL;
    const int fd = gb_bundle_create(from->folder, file->name);

    if (fd < 0 && (errno == EEXIST || errno == ENOTDIR || errno == EISDIR))
        return refuse(from, GB_CHECK_FILES, "bundle.twice", file->name,
                      "each name once", "a file where another has its folder");
    if (fd < 0)
        return gb_fail_os(from->err, GB_ERR_IO, gb_space_hint(),
                          "cannot write '%s/%s'", from->folder_path,
                          file->name);
    gb_status status = gb_sha256_begin(&digest, from->err);
    if (status == GB_OK)
        status = copy(from, file, fd, digest);
    if (status == GB_OK)
        status = gb_sha256_end(digest, sha256, from->err);
    gb_sha256_free(digest);
    close(fd);
    if (status == GB_OK && !from->refused && strcmp(sha256, file->sha256) != 0)
        tell(from, GB_CHECK_FILES, "files.sha256", file->name, file->sha256,
             sha256);
    return status;
}

static gb_status take_listed(reader *from, struct archive_entry *entry,
                             const char *name) {
    const gb_bundle_file *file = gb_bundle_find(from->bundle, name);
    const int64_t size = from->library->archive_entry_size(entry);
    char expected[48], found[48];

    if (file == NULL) {
        const char *why = gb_bundle_refuse_name(name);
        return refuse(from, GB_CHECK_FILES,
                      why != NULL ? "bundle.path" : "files.unlisted", name,
                      "a file that the manifest names",
                      why != NULL ? why : "one that it does not");
    }
    bool *seen = &from->seen[file - from->bundle->files];
    if (*seen)
        return refuse(from, GB_CHECK_FILES, "bundle.twice", name,
                      "each file once", "a second one of that name");
    *seen = true;
    if (size < 0 || (uint64_t)size != file->size_bytes) {
        words_of_size(file->size_bytes, expected, sizeof(expected));
        snprintf(found, sizeof(found), "%" PRId64 " B", size);
        return refuse(from, GB_CHECK_FILES, "files.size", name, expected,
                      found);
    }
    return extract(from, file);
}

/* --- the manifest --------------------------------------------------------- */

/* No more than there is room for, and no more than could have come of so few
 * bytes. */
static gb_status check_room(reader *from) {
    struct statvfs room;
    uint64_t total = 0;
    char expected[64], found[64];

    for (size_t i = 0; i < from->bundle->count; i++) {
        const uint64_t size = from->bundle->files[i].size_bytes;
        total = size > UINT64_MAX - total ? UINT64_MAX : total + size;
    }
    if (total > SMALL_BYTES && total / GROWTH_MAX > from->size_bytes) {
        snprintf(expected, sizeof(expected),
                 "at most %d times the %" PRIu64 " B of it", GROWTH_MAX,
                 from->size_bytes);
        snprintf(found, sizeof(found), "files of %" PRIu64 " B", total);
        return refuse(from, GB_CHECK_MANIFEST, "bundle.size",
                      GB_BUNDLE_MANIFEST, expected, found);
    }
    if (fstatvfs(from->folder, &room) != 0)
        return gb_fail_os(from->err, GB_ERR_IO, NULL, "cannot look at '%s'",
                          from->folder_path);
    const uint64_t free_bytes = (uint64_t)room.f_bavail * room.f_frsize;
    if (total < free_bytes && free_bytes - total > LEFT_ALONE_BYTES)
        return GB_OK;
    return gb_fail(
        from->err, GB_ERR_IO, "set TMPDIR to a folder with more room",
        "expected room for %" PRIu64 " B in '%s', found %" PRIu64 " B", total,
        from->folder_path, free_bytes);
}

static gb_status take_manifest(reader *from, struct archive_entry *entry) {
    gb_error inner = {.rank = -1};
    char *text = NULL;
    gb_status status = read_text(from, entry, GB_BUNDLE_MANIFEST,
                                 GB_BUNDLE_MANIFEST_MAX, &text);

    if (status != GB_OK || text == NULL)
        return status;
    status = write_text(from, GB_BUNDLE_MANIFEST, text);
    if (status == GB_OK &&
        gb_json_read_bundle(text, from->bundle, &inner) != GB_OK) {
        free(text);
        return refuse(from, GB_CHECK_MANIFEST, "manifest.unreadable",
                      GB_BUNDLE_MANIFEST, "the manifest of a bundle",
                      inner.what);
    }
    if (status == GB_OK) {
        gb_manifest_check_seal(text, from->bundle->sha256, from->found);
        gb_validation_done(from->found, GB_CHECK_MANIFEST,
                           "%zu files and its own digest", from->bundle->count);
        from->seen = calloc(from->bundle->count + 1, sizeof(*from->seen));
        if (from->seen == NULL)
            status = gb_fail_memory(from->err, GB_BUNDLE_MANIFEST);
    }
    free(text);
    return status == GB_OK ? check_room(from) : status;
}

static gb_status take_signature(reader *from, struct archive_entry *entry) {
    char *text = NULL;

    if (from->signature_seen)
        return refuse(from, GB_CHECK_FILES, "bundle.twice", GB_BUNDLE_SIGNATURE,
                      "each file once", "a second one of that name");
    from->signature_seen = true;
    gb_status status = read_text(from, entry, GB_BUNDLE_SIGNATURE,
                                 GB_BUNDLE_SIGNATURE_MAX, &text);
    if (status == GB_OK && text != NULL)
        status = write_text(from, GB_BUNDLE_SIGNATURE, text);
    free(text);
    return status;
}

/* --- together ------------------------------------------------------------- */

static gb_status take(reader *from, struct archive_entry *entry) {
    const char *name = from->library->archive_entry_pathname(entry);
    const gb_status status = check_kind(from, entry, name != NULL ? name : "");

    if (status != GB_OK || from->refused)
        return status;
    if (name == NULL)
        return refuse(from, GB_CHECK_FILES, "bundle.path", "", "a name",
                      "none");
    const bool is_manifest = strcmp(name, GB_BUNDLE_MANIFEST) == 0;
    if (from->seen == NULL && !is_manifest)
        return refuse(from, GB_CHECK_MANIFEST, "manifest.missing", name,
                      "manifest.json as its first file", "another one");
    if (from->seen == NULL)
        return take_manifest(from, entry);
    if (strcmp(name, GB_BUNDLE_SIGNATURE) == 0)
        return take_signature(from, entry);
    return take_listed(from, entry, name);
}

static gb_status take_all(reader *from) {
    gb_status status = GB_OK;

    while (status == GB_OK && !from->refused) {
        struct archive_entry *entry = NULL;
        const int got =
            from->library->archive_read_next_header(from->archive, &entry);
        if (got == ARCHIVE_EOF)
            break;
        if (got != ARCHIVE_OK)
            return refuse(from, GB_CHECK_FILES, "bundle.format", "",
                          "a .tar.zst as greenbench writes it",
                          words_of_library(from));
        status = take(from, entry);
    }
    return status;
}

static void tell_missing(reader *from) {
    uint64_t total_bytes = 0;

    for (size_t i = 0; i < from->bundle->count; i++) {
        const gb_bundle_file *file = &from->bundle->files[i];
        total_bytes += file->size_bytes;
        if (!from->seen[i])
            tell(from, GB_CHECK_FILES, "files.missing", file->name,
                 file->sha256, "no such file");
    }
    gb_validation_done(from->found, GB_CHECK_FILES,
                       "size and SHA-256 of %zu files, %" PRIu64
                       " B, and the bundle's",
                       from->bundle->count, total_bytes);
}

static gb_status read_archive(reader *from) {
    const gb_archive_library *library = from->library;
    gb_status status = GB_OK;

    from->archive = library->archive_read_new();
    if (from->archive == NULL)
        return gb_fail_memory(from->err, from->path);
    if (library->archive_read_support_filter_zstd(from->archive) != ARCHIVE_OK)
        status = gb_archive_refuse_program(from->err);
    else if (library->archive_read_support_format_tar(from->archive) !=
                 ARCHIVE_OK ||
             library->archive_read_open(from->archive, from, NULL, get, NULL) !=
                 ARCHIVE_OK)
        status = refuse(from, GB_CHECK_FILES, "bundle.format", "",
                        "a .tar.zst as greenbench writes it",
                        words_of_library(from));
    else
        status = take_all(from);
    if (status == GB_OK && !from->refused && from->seen == NULL)
        status = refuse(from, GB_CHECK_MANIFEST, "manifest.missing", "",
                        "manifest.json as its first file", "nothing");
    if (status == GB_OK && !from->refused)
        tell_missing(from);
    library->archive_read_free(from->archive);
    return status;
}

static gb_status open_bundle(reader *from) {
    struct stat seen;

    from->fd = open(from->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (from->fd < 0)
        return gb_fail_os(from->err,
                          errno == ENOENT ? GB_ERR_NOT_FOUND : GB_ERR_IO, NULL,
                          "cannot read '%s'", from->path);
    if (fstat(from->fd, &seen) != 0 || !S_ISREG(seen.st_mode))
        return gb_fail(from->err, GB_ERR_INVALID, NULL,
                       "expected a bundle, got something that is no file: '%s'",
                       from->path);
    from->folder = open(from->folder_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (from->folder < 0)
        return gb_fail_os(from->err, GB_ERR_IO, NULL, "cannot open '%s'",
                          from->folder_path);
    from->size_bytes = (uint64_t)seen.st_size;
    return GB_OK;
}

static gb_status look_at(reader *from) {
    gb_status status = gb_archive_load(&from->library, from->err);

    if (status == GB_OK)
        status = open_bundle(from);
    if (status != GB_OK)
        return status;
    if (from->size_bytes < GB_BUNDLE_TAIL_SIZE)
        return refuse(from, GB_CHECK_FILES, "bundle.format", "",
                      "a .tar.zst as greenbench writes it",
                      "fewer bytes than its end has");
    from->left_bytes = from->size_bytes - GB_BUNDLE_TAIL_SIZE;
    status = gb_bundle_tail_check(from->fd, from->path, from->left_bytes,
                                  from->found, from->err);
    return status == GB_OK ? read_archive(from) : status;
}

gb_status gb_bundle_unpack(const char *path, const char *folder, gb_bundle *out,
                           gb_validation *found, bool *whole_out,
                           gb_error *err) {
    reader *from = calloc(1, sizeof(*from));

    *out = (gb_bundle){0};
    *whole_out = false;
    if (from == NULL)
        return gb_fail_memory(err, path);
    *from = (reader){.fd = -1,
                     .path = path,
                     .folder = -1,
                     .folder_path = folder,
                     .bundle = out,
                     .found = found,
                     .err = err};
    const gb_status status = look_at(from);
    *whole_out = status == GB_OK && gb_validation_is_valid(found);
    if (from->fd >= 0)
        close(from->fd);
    if (from->folder >= 0)
        close(from->folder);
    free(from->seen);
    free(from);
    return status;
}
