/* SPDX-License-Identifier: Apache-2.0 */
/* manifest.json of a bundle: what verdicts rest on, and its digests. */
#include "codec/json_bundle.h"

#include <stdlib.h>
#include <string.h>

#include "codec/json_parts.h"

/* --- writing -------------------------------------------------------------- */

static json_t *run_of(gb_json_out *out, const gb_bundle_run *run) {
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "path", gb_json_text(out, run->folder));
    gb_json_put(out, o, "run_id", gb_json_text(out, run->run_id));
    return o;
}

char *gb_json_bundle(const gb_bundle *bundle) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out), *tool = gb_json_object(out);
    json_t *runs = gb_json_array(out), *files = gb_json_array(out);
    char zeros[sizeof(bundle->sha256)] = {0};

    memset(zeros, '0', sizeof(zeros) - 1);
    gb_json_put(out, tool, "version", gb_json_text(out, bundle->tool_version));
    gb_json_put(out, tool, "git", gb_json_fact(out, bundle->tool_git));
    for (size_t i = 0; i < bundle->run_count; i++)
        gb_json_append(out, runs, run_of(out, &bundle->runs[i]));
    for (size_t i = 0; i < bundle->count; i++) {
        const gb_bundle_file *file = &bundle->files[i];
        gb_json_append(out, files,
                       gb_json_file(out, file->name, file->role, file->sha256,
                                    file->size_bytes));
    }
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.bundle/1"));
    gb_json_put(out, o, "tool", tool);
    gb_json_put(out, o, "date_utc", gb_json_utc(out, bundle->date_utc_ns));
    gb_json_put(out, o, "runs", runs);
    gb_json_put(out, o, "files", files);
    gb_json_put(out, o, "manifest_sha256", gb_json_text(out, zeros));
    return gb_json_pretty(out, o);
}

/* --- reading -------------------------------------------------------------- */

/* malloc'ed; a name that cannot be one in a bundle is a mistake. */
static char *name_of(gb_json_in *in, const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    const char *text = json_string_value(value);

    if (text == NULL) {
        gb_json_mistake(in, key, "text", value);
        return NULL;
    }
    const char *why = strlen(text) == json_string_length(value)
                          ? gb_bundle_refuse_name(text)
                          : "it holds a null character";
    if (why == NULL)
        return gb_json_dup_text(in, object, key);
    if (in->status == GB_OK)
        in->status = gb_fail(in->err, GB_ERR_INVALID, NULL,
                             "expected the name of a file in the bundle, got "
                             "'%.120s': %s",
                             text, why);
    return NULL;
}

static void read_file(gb_json_in *in, const json_t *object,
                      gb_bundle_file *file) {
    const json_t *size = json_object_get(object, "size_bytes");

    file->name = name_of(in, object, "path");
    gb_json_require_text(in, object, "role", file->role, sizeof(file->role));
    gb_json_require_text(in, object, "sha256", file->sha256,
                         sizeof(file->sha256));
    if (!gb_json_u64_of(size, &file->size_bytes))
        gb_json_mistake(in, "size_bytes", "a whole number from 0", size);
}

static void read_run(gb_json_in *in, const json_t *object, gb_bundle_run *run) {
    run->folder = name_of(in, object, "path");
    gb_json_require_text(in, object, "run_id", run->run_id,
                         sizeof(run->run_id));
}

/* @return the array at @p key; null after a mistake */
static const json_t *list_of(gb_json_in *in, const json_t *root,
                             const char *key) {
    const json_t *list = json_object_get(root, key);

    if (!json_is_array(list))
        gb_json_mistake(in, key, "an array", list);
    else if (json_array_size(list) > GB_MANIFEST_MAX)
        gb_json_mistake(in, key, "10000 entries at most", list);
    return in->status == GB_OK ? list : NULL;
}

static void read_lists(gb_json_in *in, const json_t *root, gb_bundle *out) {
    const json_t *files = list_of(in, root, "files");
    const json_t *runs = list_of(in, root, "runs");

    if (in->status != GB_OK)
        return;
    out->files = gb_json_alloc(in, json_array_size(files), sizeof(*out->files));
    out->runs = gb_json_alloc(in, json_array_size(runs), sizeof(*out->runs));
    for (size_t i = 0; in->status == GB_OK && i < json_array_size(files); i++)
        read_file(in, json_array_get(files, i), &out->files[out->count++]);
    for (size_t i = 0; in->status == GB_OK && i < json_array_size(runs); i++)
        read_run(in, json_array_get(runs, i), &out->runs[out->run_count++]);
}

/* One order, so that the same files give the same bytes, and each once. */
static void check_names(gb_json_in *in, const gb_bundle *bundle) {
    for (size_t i = 1; in->status == GB_OK && i < bundle->count; i++) {
        const char *before = bundle->files[i - 1].name;
        const char *name = bundle->files[i].name;
        if (strcmp(before, name) >= 0)
            in->status = gb_fail(in->err, GB_ERR_INVALID, NULL,
                                 "expected files by name, each once, got "
                                 "'%.120s' after '%.120s'",
                                 name, before);
    }
}

gb_status gb_json_read_bundle(const char *text, gb_bundle *bundle_out,
                              gb_error *err) {
    gb_json_in in = {.status = GB_OK, .err = err};
    gb_bundle bundle = {0};
    char schema[48];
    json_t *root = gb_json_parse(text, err);

    if (root == NULL)
        return GB_ERR_INVALID;
    gb_json_require_text(&in, root, "schema", schema, sizeof(schema));
    if (in.status == GB_OK && strcmp(schema, "greenbench.bundle/1") != 0)
        gb_json_mistake(&in, "schema", "greenbench.bundle/1",
                        json_object_get(root, "schema"));
    const json_t *tool = gb_json_get_object(&in, root, "tool");
    gb_json_require_text(&in, tool, "version", bundle.tool_version,
                         sizeof(bundle.tool_version));
    gb_json_get_text(&in, tool, "git", bundle.tool_git,
                     sizeof(bundle.tool_git));
    gb_json_require_text(&in, root, "manifest_sha256", bundle.sha256,
                         sizeof(bundle.sha256));
    read_lists(&in, root, &bundle);
    check_names(&in, &bundle);
    json_decref(root);
    if (in.status != GB_OK)
        gb_bundle_fini(&bundle);
    else
        *bundle_out = bundle;
    return in.status;
}
