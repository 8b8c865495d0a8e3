/* SPDX-License-Identifier: Apache-2.0 */
/* What goes into a bundle, its manifest, and what catalogues want to know. */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/bundle.h"
#include "archive/files.h"
#include "archive/inventory.h"
#include "archive/manifest_seal.h"
#include "base/sha256.h"
#include "base/text.h"
#include "codec/json_bundle.h"

static const unsigned char magic[] = {0x28, 0xb5, 0x2f, 0xfd}; /* of zstd */

bool gb_is_bundle(const char *path) {
    unsigned char first[sizeof(magic)];
    /* Nobody waits for the writer of a pipe. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return false;
    const bool is = read(fd, first, sizeof(first)) == (ssize_t)sizeof(first) &&
                    memcmp(first, magic, sizeof(magic)) == 0;
    close(fd);
    return is;
}

gb_status gb_bundle_refuse_existing(const char *path, gb_error *err) {
    if (access(path, F_OK) != 0)
        return GB_OK;
    return gb_fail(err, GB_ERR_INVALID, "choose another name, or remove it",
                   "expected no file '%s', found one", path);
}

/* --- a run ---------------------------------------------------------------- */

/* Drafts are what a crash may leave. */
static bool is_hidden(const char *name) {
    return name[0] == '.' || strstr(name, "/.") != NULL;
}

static gb_status add_found(gb_bundle *bundle, const char *dir_path,
                           const char *folder, const gb_found_file *found,
                           gb_error *err) {
    char path[PATH_MAX], name[PATH_MAX];

    if (is_hidden(found->name))
        return GB_OK;
    gb_path_join(path, sizeof(path), dir_path, found->name);
    if (!S_ISREG(found->mode))
        return gb_fail(err, GB_ERR_INVALID, "move it out of the run directory",
                       "expected regular files in a run, got %s: '%s'",
                       S_ISLNK(found->mode)   ? "a link"
                       : S_ISDIR(found->mode) ? "a folder in a folder"
                                              : "something else",
                       path);
    gb_path_join(name, sizeof(name), folder, found->name);
    gb_bundle_file *file = gb_bundle_add(bundle, name, GB_BUNDLE_ROLE_RUN);
    if (file != NULL)
        file->path = strdup(path);
    return file != NULL && file->path != NULL ? GB_OK
                                              : gb_fail_memory(err, name);
}

gb_status gb_bundle_add_run(gb_bundle *bundle, const char *dir_path,
                            const char *folder, const char *run_id,
                            gb_error *err) {
    gb_inventory inventory = {0};
    gb_bundle_run *longer =
        realloc(bundle->runs, (bundle->run_count + 1) * sizeof(*longer));

    if (longer != NULL)
        bundle->runs = longer;
    char *copy = longer != NULL ? strdup(folder) : NULL;
    if (copy == NULL)
        return gb_fail_memory(err, folder);
    gb_bundle_run *run = &longer[bundle->run_count++];
    *run = (gb_bundle_run){.folder = copy};
    gb_copy(run->run_id, sizeof(run->run_id), run_id);
    gb_status status = gb_inventory_take(dir_path, &inventory, err);
    for (size_t i = 0; i < inventory.count && status == GB_OK; i++)
        status = add_found(bundle, dir_path, folder, &inventory.files[i], err);
    gb_inventory_fini(&inventory);
    return status;
}

/* --- the manifest --------------------------------------------------------- */

static gb_status digest(gb_bundle_file *file, gb_error *err) {
    if (file->path != NULL)
        return gb_sha256_file(file->path, file->sha256, &file->size_bytes, err);
    file->size_bytes = strlen(file->text);
    return gb_sha256_bytes(file->text, strlen(file->text), file->sha256, err);
}

/* It tells of all other files. */
static gb_status add_metadata(gb_bundle *bundle, const gb_bundle_notice *notice,
                              gb_error *err) {
    char *text = gb_json_crate(bundle, notice);
    gb_bundle_file *file =
        text != NULL
            ? gb_bundle_add(bundle, GB_BUNDLE_METADATA, GB_BUNDLE_ROLE_METADATA)
            : NULL;

    if (file == NULL) {
        free(text);
        return gb_fail_memory(err, GB_BUNDLE_METADATA);
    }
    file->text = text;
    const gb_status status = digest(file, err);
    gb_bundle_sort(bundle);
    return status;
}

/* Whoever reads the manifest must find the names that were written: one that is
 * no UTF-8 has another one there. */
static gb_status check_names(const gb_bundle *bundle, const char *manifest,
                             gb_error *err) {
    gb_bundle again = {0};
    gb_status status = gb_json_read_bundle(manifest, &again, err);

    for (size_t i = 0; status == GB_OK && i < bundle->count; i++)
        if (strcmp(again.files[i].name, bundle->files[i].name) != 0)
            status = gb_fail(err, GB_ERR_INVALID, "rename it",
                             "expected the name of a file in UTF-8, got '%s'",
                             again.files[i].name);
    gb_bundle_fini(&again);
    return status;
}

gb_status gb_bundle_seal(gb_bundle *bundle, const gb_bundle_notice *notice,
                         char **manifest_out, gb_error *err) {
    gb_status status = GB_OK;

    for (size_t i = 0; i < bundle->count && status == GB_OK; i++)
        status = digest(&bundle->files[i], err);
    gb_bundle_sort(bundle);
    if (status == GB_OK)
        status = add_metadata(bundle, notice, err);
    if (status != GB_OK)
        return status;
    char *manifest = gb_json_bundle(bundle);
    status = manifest != NULL ? check_names(bundle, manifest, err)
                              : gb_fail_memory(err, GB_BUNDLE_MANIFEST);
    if (status == GB_OK && strlen(manifest) > GB_BUNDLE_MANIFEST_MAX)
        status = gb_fail(err, GB_ERR_INVALID, "bundle fewer runs at a time",
                         "expected a manifest of at most 8 MiB, got %zu B",
                         strlen(manifest));
    if (status == GB_OK)
        status = gb_manifest_seal(manifest, err);
    if (status == GB_OK)
        *manifest_out = manifest;
    else
        free(manifest);
    return status;
}
