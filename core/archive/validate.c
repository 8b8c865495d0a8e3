/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest, and the files that it names. */
#include "archive/validate.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/files.h"
#include "archive/inventory.h"
#include "archive/manifest_seal.h"
#include "archive/validate_parts.h"
#include "base/sha256.h"
#include "base/text.h"
#include "codec/json.h"

/* --- what every check uses ------------------------------------------------ */

void gb_violate(gb_validation *out, const gb_violation_kind *kind,
                const char *where, const char *expected, const char *found) {
    gb_violation violation = {.check = kind->check, .severity = kind->severity};

    gb_copy(violation.code, sizeof(violation.code), kind->code);
    gb_copy(violation.file, sizeof(violation.file), kind->file);
    gb_copy(violation.where, sizeof(violation.where), where);
    gb_copy(violation.expected, sizeof(violation.expected), expected);
    gb_copy(violation.found, sizeof(violation.found), found);
    gb_validation_add(out, &violation);
}

gb_status gb_read_stored(const char *dir_path, const char *name,
                         char **text_out, gb_error *err) {
    char path[PATH_MAX];
    char *text = NULL;
    size_t length = 0;

    gb_path_join(path, sizeof(path), dir_path, name);
    const gb_status status = gb_read_file(path, &text, &length, err);
    if (status != GB_OK)
        return status;
    if (strlen(text) != length) {
        free(text);
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "expected text, got a null character");
    }
    *text_out = text;
    return GB_OK;
}

/* --- the manifest --------------------------------------------------------- */

static void manifest_wrong(gb_validation *out, gb_severity severity,
                           const char *code, const char *where,
                           const char *expected, const char *found) {
    const gb_violation_kind kind = {GB_CHECK_MANIFEST, severity, code,
                                    "manifest.json"};

    gb_violate(out, &kind, where, expected, found);
}

static void check_own_digest(char *text, const gb_manifest *manifest,
                             gb_validation *out) {
    if (manifest->sha256[0] == '\0')
        manifest_wrong(out, GB_SEVERITY_WARNING, "manifest.no_digest", "",
                       "manifest_sha256, the digest of the rest of it",
                       "none: it was written by an early build, and a change "
                       "in the manifest itself may go unseen");
    else
        gb_manifest_check_seal(text, manifest->sha256, out);
}

/* Names of results are compared with what lies there and never opened; one that
 * leads elsewhere is told for what it is. */
static bool leads_elsewhere(const char *path) {
    if (path[0] == '/' || path[0] == '\0')
        return true;
    for (const char *at = path; at != NULL; at = strchr(at, '/')) {
        at += *at == '/';
        const size_t length = strcspn(at, "/");
        if (length == 0 || (length == 1 && at[0] == '.') ||
            (length == 2 && at[0] == '.' && at[1] == '.'))
            return true;
        if (at[length] == '\0')
            break;
    }
    return false;
}

static void check_entry(const gb_manifest *manifest, size_t at,
                        gb_validation *out) {
    const gb_manifest_entry *entry = &manifest->entries[at];
    char where[32];

    snprintf(where, sizeof(where), "files[%zu]", at);
    if (strcmp(entry->role, "result") != 0)
        return;
    if (leads_elsewhere(entry->path)) {
        manifest_wrong(out, GB_SEVERITY_ERROR, "manifest.path", where,
                       "the name of a file within the run directory",
                       entry->path);
        return;
    }
    for (size_t i = 0; i < at; i++)
        if (strcmp(manifest->entries[i].path, entry->path) == 0 &&
            strcmp(manifest->entries[i].role, "result") == 0) {
            manifest_wrong(out, GB_SEVERITY_ERROR, "manifest.twice", where,
                           "each file once", entry->path);
            return;
        }
}

static bool has_plugin(const gb_manifest *manifest, const char *sha256) {
    bool any = false;

    for (size_t i = 0; i < manifest->count; i++) {
        if (strcmp(manifest->entries[i].role, "plugin") != 0)
            continue;
        any = true;
        if (strcmp(manifest->entries[i].sha256, sha256) == 0)
            return true;
    }
    return !any; /* a run that was cut off may know of none */
}

/* The plan has the digests of the benchmarks' plugins, too. */
static void check_plugins(const char *dir_path, const gb_manifest *manifest,
                          gb_validation *out) {
    gb_plan plan = {0};
    gb_error err = {.rank = -1};
    char *text = NULL;

    if (gb_read_stored(dir_path, "plan.json", &text, &err) != GB_OK)
        return; /* the files' check says so */
    if (gb_json_read_plan(text, &plan, &err) == GB_OK) {
        for (size_t i = 0; i < plan.case_count; i++) {
            const gb_plan_case *planned = &plan.cases[i];
            if (planned->sha256 != NULL && planned->sha256[0] != '\0' &&
                !has_plugin(manifest, planned->sha256))
                manifest_wrong(out, GB_SEVERITY_ERROR, "manifest.plugin",
                               planned->id, planned->sha256,
                               "no plugin with the digest that plan.json has");
        }
        gb_plan_fini(&plan);
    }
    free(text);
}

static void leave_others(const gb_manifest *manifest, gb_validation *out) {
    size_t plugins = 0;

    for (size_t i = 0; i < manifest->count; i++)
        plugins += strcmp(manifest->entries[i].role, "plugin") == 0;
    gb_validation_leave(
        out,
        "the program and %zu plugins: they lie outside of the run directory, "
        "and only their digests are known",
        plugins);
}

/* @return whether there is a manifest that can be read */
static bool check_manifest(const char *dir_path, gb_manifest *manifest,
                           gb_validation *out) {
    gb_error err = {.rank = -1};
    char *text = NULL;
    gb_status status = gb_read_stored(dir_path, "manifest.json", &text, &err);

    if (status == GB_OK)
        status = gb_json_read_manifest(text, manifest, &err);
    if (status != GB_OK) {
        const bool missing = status == GB_ERR_NOT_FOUND;
        free(text);
        gb_validation_skip(out, GB_CHECK_MANIFEST,
                           missing ? "there is none: a run that was cut off "
                                     "has none"
                                   : "it cannot be read");
        manifest_wrong(out, GB_SEVERITY_ERROR,
                       missing ? "manifest.missing" : "manifest.unreadable", "",
                       "a manifest", err.what);
        return false;
    }
    gb_copy(out->run_id, sizeof(out->run_id), manifest->run_id);
    check_own_digest(text, manifest, out);
    free(text);
    for (size_t i = 0; i < manifest->count; i++)
        check_entry(manifest, i, out);
    check_plugins(dir_path, manifest, out);
    leave_others(manifest, out);
    gb_validation_done(out, GB_CHECK_MANIFEST, "%zu entries%s", manifest->count,
                       manifest->sha256[0] != '\0' ? " and its own digest"
                                                   : "");
    return true;
}

/* --- the files ------------------------------------------------------------ */

static void file_wrong(gb_validation *out, gb_severity severity,
                       const char *code, const char *name, const char *expected,
                       const char *found) {
    const gb_violation_kind kind = {GB_CHECK_FILES, severity, code, name};

    gb_violate(out, &kind, "", expected, found);
}

/* The manifest itself has a digest within, and a signature is of it. */
static bool is_apart(const char *name) {
    return strcmp(name, "manifest.json") == 0 ||
           strcmp(name, GB_SIGNATURE_FILE) == 0;
}

static const gb_manifest_entry *find_entry(const gb_manifest *manifest,
                                           const char *name) {
    for (size_t i = 0; i < manifest->count; i++)
        if (strcmp(manifest->entries[i].role, "result") == 0 &&
            strcmp(manifest->entries[i].path, name) == 0)
            return &manifest->entries[i];
    return NULL;
}

/* @return its size, B */
static uint64_t check_content(const char *dir_path, const char *name,
                              const gb_manifest_entry *entry,
                              gb_validation *out) {
    char path[PATH_MAX], sha256[GB_SHA256_SIZE] = {0}, expected[40], found[40];
    uint64_t size_bytes = 0;
    gb_error err = {.rank = -1};

    gb_path_join(path, sizeof(path), dir_path, name);
    if (gb_sha256_file(path, sha256, &size_bytes, &err) != GB_OK) {
        file_wrong(out, GB_SEVERITY_ERROR, "files.unreadable", name,
                   entry->sha256, err.what);
        return 0;
    }
    if (size_bytes != entry->size_bytes) {
        snprintf(expected, sizeof(expected), "%" PRIu64 " B",
                 entry->size_bytes);
        snprintf(found, sizeof(found), "%" PRIu64 " B", size_bytes);
        file_wrong(out, GB_SEVERITY_ERROR, "files.size", name, expected, found);
    }
    if (strcmp(sha256, entry->sha256) != 0)
        file_wrong(out, GB_SEVERITY_ERROR, "files.sha256", name, entry->sha256,
                   sha256);
    return size_bytes;
}

static void check_unlisted(const char *name, gb_validation *out) {
    const bool ours = gb_inventory_is_ours(name);

    file_wrong(out, ours ? GB_SEVERITY_ERROR : GB_SEVERITY_WARNING,
               "files.unlisted", name, "a file that the manifest names",
               ours ? "one that it does not"
                    : "one that it does not: it is no part of the result");
}

/* @return whether all that would be read is a file of its own */
static bool check_kinds(const gb_inventory *inventory, gb_validation *out) {
    bool safe = true;

    for (size_t i = 0; i < inventory->count; i++) {
        const gb_found_file *file = &inventory->files[i];
        if (S_ISREG(file->mode))
            continue;
        const bool ours =
            gb_inventory_is_ours(file->name) || is_apart(file->name);
        file_wrong(out, ours ? GB_SEVERITY_ERROR : GB_SEVERITY_WARNING,
                   "files.kind", file->name, "a regular file",
                   S_ISLNK(file->mode) ? "a link" : "something else");
        safe = safe && !ours;
    }
    return safe;
}

static void check_files(const char *dir_path, const gb_inventory *inventory,
                        const gb_manifest *manifest, gb_validation *out) {
    uint64_t total_bytes = 0;
    size_t count = 0;

    for (size_t i = 0; i < inventory->count; i++) {
        const gb_found_file *file = &inventory->files[i];
        const gb_manifest_entry *entry = find_entry(manifest, file->name);
        if (!S_ISREG(file->mode) || is_apart(file->name))
            continue;
        if (entry == NULL) {
            check_unlisted(file->name, out);
            continue;
        }
        total_bytes += check_content(dir_path, file->name, entry, out);
        count++;
    }
    for (size_t i = 0; i < manifest->count; i++) {
        const gb_manifest_entry *entry = &manifest->entries[i];
        if (strcmp(entry->role, "result") == 0 &&
            !leads_elsewhere(entry->path) &&
            gb_inventory_find(inventory, entry->path) == NULL)
            file_wrong(out, GB_SEVERITY_ERROR, "files.missing", entry->path,
                       entry->sha256, "no such file");
    }
    gb_validation_done(out, GB_CHECK_FILES,
                       "size and SHA-256 of %zu files, %" PRIu64 " B", count,
                       total_bytes);
}

/* --- together ------------------------------------------------------------- */

static void skip_all(gb_validation *out, gb_check_id first, const char *why) {
    for (gb_check_id id = first; id < GB_CHECK_SIGNATURE; id++)
        gb_validation_skip(out, id, why);
}

gb_status gb_validate_stored(const char *dir_path, gb_validation *out,
                             bool *safe_out, gb_error *err) {
    gb_inventory inventory = {0};
    gb_manifest manifest = {0};

    *out = (gb_validation){0};
    *safe_out = false;
    gb_copy(out->path, sizeof(out->path), dir_path);
    gb_status status = gb_check_directory(dir_path, err);
    if (status == GB_OK)
        status = gb_inventory_take(dir_path, &inventory, err);
    if (status == GB_OK) {
        *safe_out = check_kinds(&inventory, out);
        if (!*safe_out)
            skip_all(out, GB_CHECK_MANIFEST,
                     "a part of the run is no regular file, and is not read");
    }
    if (status == GB_OK && *safe_out) {
        if (check_manifest(dir_path, &manifest, out))
            check_files(dir_path, &inventory, &manifest, out);
        else
            gb_validation_skip(out, GB_CHECK_FILES,
                               "without a manifest nothing says what they "
                               "must be");
        gb_validate_documents(dir_path, &inventory, out);
        gb_validate_identities(dir_path, out);
        gb_manifest_fini(&manifest);
    }
    gb_inventory_fini(&inventory);
    return status;
}
