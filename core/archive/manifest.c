/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 of everything a result consists of and was made with. */
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/files.h"
#include "archive/inventory.h"
#include "archive/manifest_seal.h"
#include "archive/rundir.h"
#include "archive/validate.h"
#include "base/sha256.h"
#include "base/text.h"

/* --- the list ------------------------------------------------------------- */

typedef struct manifest {
    gb_manifest_entry *entries; /* [count] */
    size_t count;
} manifest;

/** A further entry without a hash; null: out of memory. */
static gb_manifest_entry *append(manifest *list, const char *path,
                                 const char *role) {
    gb_manifest_entry *longer =
        realloc(list->entries, (list->count + 1) * sizeof(*longer));
    if (longer == NULL)
        return NULL;
    list->entries = longer;
    gb_manifest_entry *entry = &longer[list->count++];
    *entry = (gb_manifest_entry){0};
    gb_copy(entry->path, sizeof(entry->path), path);
    gb_copy(entry->role, sizeof(entry->role), role);
    return entry;
}

static gb_status add_file(manifest *list, const char *file, const char *path,
                          const char *role, gb_error *err) {
    gb_manifest_entry *entry = append(list, path, role);

    return entry != NULL
               ? gb_sha256_file(file, entry->sha256, &entry->size_bytes, err)
               : gb_fail_memory(err, "the manifest");
}

/* Regular files, but not drafts (".name.random"), which a crash may leave, nor
 * what is of the manifest itself. Launches have no folders of their own. */
static bool is_result(const gb_found_file *file) {
    const char *slash = strrchr(file->name, '/');
    const char *name = slash != NULL ? slash + 1 : file->name;

    return S_ISREG(file->mode) && name[0] != '.' && file->name[0] != '.' &&
           strcmp(name, "manifest.json") != 0 &&
           strcmp(name, GB_SIGNATURE_FILE) != 0;
}

static gb_status add_results(manifest *list, const char *dir_path,
                             gb_error *err) {
    gb_inventory inventory = {0};
    gb_status status = gb_inventory_take(dir_path, &inventory, err);

    for (size_t i = 0; i < inventory.count && status == GB_OK; i++) {
        const gb_found_file *file = &inventory.files[i];
        char path[PATH_MAX];
        gb_path_join(path, sizeof(path), dir_path, file->name);
        if (is_result(file))
            status = add_file(list, path, file->name, "result", err);
    }
    gb_inventory_fini(&inventory);
    return status;
}

/* A plugin as it was loaded: its file may be another by now. Once. */
static gb_status add_plugin(manifest *list, size_t first, const char *path,
                            const char *sha256, uint64_t size_bytes,
                            gb_error *err) {
    for (size_t i = first; i < list->count; i++)
        if (strcmp(list->entries[i].path, path) == 0)
            return GB_OK;
    gb_manifest_entry *added = append(list, path, "plugin");
    if (added == NULL)
        return gb_fail_memory(err, "the manifest");
    gb_copy(added->sha256, sizeof(added->sha256), sha256);
    added->size_bytes = size_bytes;
    return GB_OK;
}

static gb_status add_plugins(manifest *list, const gb_plan *plan,
                             const gb_catalogue *catalogue, gb_error *err) {
    const size_t first = list->count;
    gb_status status = GB_OK;
    for (size_t i = 0; i < plan->case_count && status == GB_OK; i++) {
        const gb_catalogue_entry *entry =
            gb_catalogue_find(catalogue, plan->cases[i].id);
        if (entry != NULL)
            status = add_plugin(list, first, entry->path, entry->sha256,
                                entry->size_bytes, err);
    }
    return status;
}

static bool is_read_by(const gb_session *session, const char *id) {
    for (size_t n = 0; n < session->node_count; n++)
        for (size_t k = 0; k < session->nodes[n].domain_count; k++)
            if (strcmp(session->nodes[n].domains[k].plugin.id, id) == 0)
                return true;
    return false;
}

/* Meter plugins that read something on some node. Other nodes may have had
 * other files of that name: each domain holds the digest of its own. */
static gb_status add_meters(manifest *list, const gb_session *session,
                            const gb_catalogue *catalogue, gb_error *err) {
    const size_t first = list->count;
    gb_status status = GB_OK;
    for (size_t i = 0; i < catalogue->meter_count && status == GB_OK; i++) {
        const gb_catalogue_meter *meter = &catalogue->meters[i];
        if (is_read_by(session, meter->id))
            status = add_plugin(list, first, meter->path, meter->sha256,
                                meter->size_bytes, err);
    }
    return status;
}

gb_status gb_rundir_write_manifest(const char *dir_path,
                                   const gb_session *session,
                                   const char *tool_path, const gb_plan *plan,
                                   const gb_catalogue *catalogue,
                                   gb_error *err) {
    manifest list = {0};
    gb_status status = add_results(&list, dir_path, err);
    if (status == GB_OK && catalogue != NULL)
        status = add_plugins(&list, plan, catalogue, err);
    if (status == GB_OK && catalogue != NULL)
        status = add_meters(&list, session, catalogue, err);
    if (status == GB_OK)
        status = add_file(&list, tool_path, tool_path, "tool", err);
    if (status == GB_OK) {
        char *text =
            gb_json_manifest(session->run_id, list.entries, list.count);
        status = text != NULL ? gb_manifest_seal(text, err)
                              : gb_fail_memory(err, "the manifest");
        if (status == GB_OK)
            status = gb_rundir_write(dir_path, "manifest.json", text, err);
        free(text);
    }
    free(list.entries);
    return status;
}
