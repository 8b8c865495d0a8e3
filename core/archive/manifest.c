/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 of everything a result consists of and was made with. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/files.h"
#include "archive/rundir.h"
#include "base/text.h"

#define CHUNK_BYTES ((size_t)1 << 16)

static gb_status digest_file(int fd, const char *path, EVP_MD_CTX *digest,
                             uint64_t *size_bytes, gb_error *err) {
    unsigned char *chunk = malloc(CHUNK_BYTES);
    gb_status status = chunk != NULL ? GB_OK : gb_fail_memory(err, path);
    if (status == GB_OK && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
        status = gb_fail(err, GB_ERR_INTERNAL, NULL,
                         "expected SHA-256 from libcrypto, got none");
    *size_bytes = 0;
    while (status == GB_OK) {
        const ssize_t length = read(fd, chunk, CHUNK_BYTES);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            status = gb_fail_os(err, GB_ERR_IO, NULL, "cannot read '%s'", path);
        if (length <= 0)
            break;
        *size_bytes += (uint64_t)length;
        if (EVP_DigestUpdate(digest, chunk, (size_t)length) != 1)
            status = gb_fail(err, GB_ERR_INTERNAL, NULL,
                             "libcrypto failed on '%s'", path);
    }
    free(chunk);
    return status;
}

gb_status gb_sha256_file(const char *path, char *hex_out,
                         uint64_t *size_bytes_out, gb_error *err) {
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return gb_fail_os(err, errno == ENOENT ? GB_ERR_NOT_FOUND : GB_ERR_IO,
                          NULL, "cannot read '%s'", path);
    /* libcrypto must outlive exit(): a plugin that calls it ends a run whose
     * manifest is written then. */
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    uint64_t size_bytes = 0;
    gb_status status = digest != NULL
                           ? digest_file(fd, path, digest, &size_bytes, err)
                           : gb_fail_memory(err, path);
    close(fd);
    if (status == GB_OK && EVP_DigestFinal_ex(digest, hash, &length) != 1)
        status = gb_fail(err, GB_ERR_INTERNAL, NULL, "libcrypto failed on '%s'",
                         path);
    EVP_MD_CTX_free(digest);
    if (status != GB_OK)
        return status;
    for (unsigned i = 0; i < length; i++)
        snprintf(hex_out + 2 * i, 3, "%02x", hash[i]);
    *size_bytes_out = size_bytes;
    return GB_OK;
}

/* --- the list ------------------------------------------------------------- */

typedef struct manifest {
    gb_manifest_entry *entries; /* [count] */
    size_t count;
} manifest;

static gb_status add_entry(manifest *list, const char *file, const char *path,
                           const char *role, gb_error *err) {
    gb_manifest_entry *longer =
        realloc(list->entries, (list->count + 1) * sizeof(*longer));
    if (longer == NULL)
        return gb_fail_memory(err, "the manifest");
    list->entries = longer;
    gb_manifest_entry *entry = &longer[list->count];
    *entry = (gb_manifest_entry){0};
    gb_copy(entry->path, sizeof(entry->path), path);
    gb_copy(entry->role, sizeof(entry->role), role);
    const gb_status status =
        gb_sha256_file(file, entry->sha256, &entry->size_bytes, err);
    if (status == GB_OK)
        list->count++;
    return status;
}

/* Regular files, but not drafts (".name.random"), which a crash may leave. */
static int is_result(const struct dirent *found) {
    return found->d_name[0] != '.' &&
           strcmp(found->d_name, "manifest.json") != 0;
}

/* Every file of @p dir_path/@p inside, which is "" or a folder of it. */
static gb_status add_results(manifest *list, const char *dir_path,
                             const char *inside, gb_error *err) {
    char folder[PATH_MAX];
    struct dirent **found = NULL;
    gb_path_join(folder, sizeof(folder), dir_path, inside);
    const int count = scandir(folder, &found, is_result, alphasort);
    gb_status status = GB_OK;
    if (count < 0)
        return gb_fail_os(err, GB_ERR_IO, NULL, "cannot list '%s'", folder);
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX], name[PATH_MAX];
        struct stat seen;
        snprintf(name, sizeof(name), "%s%s%s", inside,
                 inside[0] != '\0' ? "/" : "", found[i]->d_name);
        gb_path_join(path, sizeof(path), dir_path, name);
        if (status == GB_OK && stat(path, &seen) == 0) {
            if (S_ISREG(seen.st_mode))
                status = add_entry(list, path, name, "result", err);
            /* Launches have no folders of their own. */
            else if (S_ISDIR(seen.st_mode) && inside[0] == '\0')
                status = add_results(list, dir_path, name, err);
        }
        free(found[i]);
    }
    free(found);
    return status;
}

static gb_status add_plugins(manifest *list, const gb_plan *plan,
                             const gb_catalogue *catalogue, gb_error *err) {
    const size_t first = list->count;
    for (size_t i = 0; i < plan->case_count; i++) {
        const gb_catalogue_entry *entry =
            gb_catalogue_find(catalogue, plan->cases[i].id);
        bool seen = entry == NULL;
        for (size_t k = first; k < list->count && !seen; k++)
            seen = strcmp(list->entries[k].path, entry->path) == 0;
        if (seen)
            continue;
        const gb_status status =
            add_entry(list, entry->path, entry->path, "plugin", err);
        if (status != GB_OK)
            return status;
    }
    return GB_OK;
}

gb_status gb_rundir_write_manifest(const char *dir_path, const char *run_id,
                                   const char *tool_path, const gb_plan *plan,
                                   const gb_catalogue *catalogue,
                                   gb_error *err) {
    manifest list = {0};
    gb_status status = add_results(&list, dir_path, "", err);
    if (status == GB_OK && catalogue != NULL)
        status = add_plugins(&list, plan, catalogue, err);
    if (status == GB_OK)
        status = add_entry(&list, tool_path, tool_path, "tool", err);
    if (status == GB_OK) {
        char *text = gb_json_manifest(run_id, list.entries, list.count);
        status = text != NULL
                     ? gb_rundir_write(dir_path, "manifest.json", text, err)
                     : gb_fail_memory(err, "the manifest");
        free(text);
    }
    free(list.entries);
    return status;
}
