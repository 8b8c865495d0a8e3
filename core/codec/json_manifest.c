/* SPDX-License-Identifier: Apache-2.0 */
/* manifest.json: what a result consists of, and its digests. */
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "base/text.h"
#include "codec/json_parts.h"

enum { DIGITS = GB_SHA256_SIZE - 1 };

/* --- writing -------------------------------------------------------------- */

json_t *gb_json_file(gb_json_out *out, const char *path, const char *role,
                     const char *sha256, uint64_t size_bytes) {
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "path", gb_json_text(out, path));
    gb_json_put(out, o, "role", gb_json_text(out, role));
    gb_json_put(out, o, "sha256", gb_json_text(out, sha256));
    gb_json_put(out, o, "size_bytes", gb_json_u64(out, size_bytes));
    return o;
}

char *gb_json_manifest(const char *run_id, const gb_manifest_entry *entries,
                       size_t count) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out), *files = gb_json_array(out);
    char zeros[GB_SHA256_SIZE] = {0};
    memset(zeros, '0', DIGITS);
    for (size_t i = 0; i < count; i++)
        gb_json_append(out, files,
                       gb_json_file(out, entries[i].path, entries[i].role,
                                    entries[i].sha256, entries[i].size_bytes));
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.manifest/1"));
    gb_json_put(out, o, "run_id", gb_json_text(out, run_id));
    gb_json_put(out, o, "files", files);
    gb_json_put(out, o, "manifest_sha256", gb_json_text(out, zeros));
    return gb_json_pretty(out, o);
}

char *gb_json_manifest_blank(char *text) {
    static const char name[] = "\n \"manifest_sha256\": \"";
    char *found = strstr(text, name);

    if (found == NULL || strstr(found + 1, name) != NULL)
        return NULL;
    found += sizeof(name) - 1;
    return strspn(found, "0123456789abcdef") == DIGITS && found[DIGITS] == '"'
               ? found
               : NULL;
}

/* --- reading -------------------------------------------------------------- */

static void read_entry(gb_json_in *in, const json_t *object,
                       gb_manifest_entry *entry) {
    const json_t *size = json_object_get(object, "size_bytes");

    gb_json_require_text(in, object, "path", entry->path, sizeof(entry->path));
    gb_json_require_text(in, object, "role", entry->role, sizeof(entry->role));
    gb_json_require_text(in, object, "sha256", entry->sha256,
                         sizeof(entry->sha256));
    if (!gb_json_u64_of(size, &entry->size_bytes))
        gb_json_mistake(in, "size_bytes", "a whole number from 0", size);
}

gb_status gb_json_read_manifest(const char *text, gb_manifest *manifest_out,
                                gb_error *err) {
    gb_json_in in = {.status = GB_OK, .err = err};
    gb_manifest manifest = {0};
    char schema[48];
    json_t *root = gb_json_parse(text, err);

    if (root == NULL)
        return GB_ERR_INVALID;
    gb_json_require_text(&in, root, "schema", schema, sizeof(schema));
    if (in.status == GB_OK && strcmp(schema, "greenbench.manifest/1") != 0)
        gb_json_mistake(&in, "schema", "greenbench.manifest/1",
                        json_object_get(root, "schema"));
    gb_json_require_text(&in, root, "run_id", manifest.run_id,
                         sizeof(manifest.run_id));
    if (json_object_get(root, "manifest_sha256") != NULL)
        gb_json_require_text(&in, root, "manifest_sha256", manifest.sha256,
                             sizeof(manifest.sha256));
    const json_t *files = json_object_get(root, "files");
    if (!json_is_array(files))
        gb_json_mistake(&in, "files", "an array", files);
    else if (json_array_size(files) > GB_MANIFEST_MAX)
        gb_json_mistake(&in, "files", "10000 files at most", files);
    manifest.entries =
        gb_json_alloc(&in, json_array_size(files), sizeof(*manifest.entries));
    if (manifest.entries != NULL)
        manifest.count = json_array_size(files);
    for (size_t i = 0; i < manifest.count && in.status == GB_OK; i++)
        read_entry(&in, json_array_get(files, i), &manifest.entries[i]);
    json_decref(root);
    if (in.status != GB_OK)
        gb_manifest_fini(&manifest);
    else
        *manifest_out = manifest;
    return in.status;
}

void gb_manifest_fini(gb_manifest *manifest) {
    free(manifest->entries);
    *manifest = (gb_manifest){0};
}
