/* SPDX-License-Identifier: Apache-2.0 */
#include "model/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* --- names ---------------------------------------------------------------- */

const char *gb_bundle_refuse_name(const char *name) {
    if (name[0] == '\0')
        return "it is empty";
    if (name[0] == '/')
        return "it is an absolute path";
    if (strlen(name) > 1000)
        return "it is longer than 1,000 characters";
    for (const char *at = name; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == '\x7f' || *at == '\\')
            return "it holds a control character or a backslash";
    for (const char *at = name;; at++) {
        const size_t length = strcspn(at, "/");
        if (length == 0)
            return "a part of it is empty";
        if (at[0] == '.' && (length == 1 || (length == 2 && at[1] == '.')))
            return "it leads elsewhere";
        if (length > 255)
            return "a part of it is longer than 255 characters";
        at += length;
        if (*at == '\0')
            return NULL;
    }
}

const char *gb_bundle_media_type(const char *name) {
    static const struct {
        const char *end, *type;
    } types[] = {
        {".json", "application/json"},
        {".jsonl", "application/x-ndjson"},
        {".yaml", "application/yaml"},
        {".yml", "application/yaml"},
        {".csv", "text/csv"},
        {"/samples", "text/csv"},
        {".md", "text/markdown"},
        {".h5", "application/x-hdf5"},
        {".sig", "application/x-pem-file"},
    };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (gb_ends_with(name, types[i].end))
            return types[i].type;
    return "application/octet-stream";
}

/* --- files ---------------------------------------------------------------- */

gb_bundle_file *gb_bundle_add(gb_bundle *bundle, const char *name,
                              const char *role) {
    gb_bundle_file *longer =
        realloc(bundle->files, (bundle->count + 1) * sizeof(*longer));

    if (longer != NULL)
        bundle->files = longer;
    char *copy = longer != NULL ? strdup(name) : NULL;
    if (copy == NULL)
        return NULL;
    gb_bundle_file *file = &longer[bundle->count++];
    *file = (gb_bundle_file){.name = copy};
    gb_copy(file->role, sizeof(file->role), role);
    return file;
}

const gb_bundle_file *gb_bundle_find_role(const gb_bundle *bundle,
                                          const char *role) {
    for (size_t i = 0; i < bundle->count; i++)
        if (strcmp(bundle->files[i].role, role) == 0)
            return &bundle->files[i];
    return NULL;
}

static int compare_names(const void *a, const void *b) {
    const gb_bundle_file *one = a, *other = b;

    return strcmp(one->name, other->name);
}

const gb_bundle_file *gb_bundle_find(const gb_bundle *bundle,
                                     const char *name) {
    size_t first = 0, end = bundle->count;

    while (first < end) {
        const size_t middle = first + (end - first) / 2;
        const int order = strcmp(bundle->files[middle].name, name);
        if (order == 0)
            return &bundle->files[middle];
        if (order < 0)
            first = middle + 1;
        else
            end = middle;
    }
    return NULL;
}

void gb_bundle_sort(gb_bundle *bundle) {
    if (bundle->count > 0)
        qsort(bundle->files, bundle->count, sizeof(*bundle->files),
              compare_names);
}

void gb_bundle_fini(gb_bundle *bundle) {
    for (size_t i = 0; i < bundle->count; i++) {
        free(bundle->files[i].name);
        free(bundle->files[i].path);
        free(bundle->files[i].text);
    }
    for (size_t i = 0; i < bundle->run_count; i++)
        free(bundle->runs[i].folder);
    free(bundle->files);
    free(bundle->runs);
    *bundle = (gb_bundle){0};
}
