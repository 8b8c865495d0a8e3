/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/inventory.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/files.h"
#include "base/text.h"

static int is_name(const struct dirent *found) {
    return strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0;
}

static bool add(gb_inventory *out, const char *name, mode_t mode) {
    gb_found_file *longer =
        realloc(out->files, (out->count + 1) * sizeof(*longer));

    if (longer != NULL)
        out->files = longer;
    char *copy = longer != NULL ? strdup(name) : NULL;
    if (copy == NULL)
        return false;
    longer[out->count++] = (gb_found_file){.name = copy, .mode = mode};
    return true;
}

/* @param inside  "" or a folder of it */
static gb_status take(const char *dir_path, const char *inside,
                      gb_inventory *out, gb_error *err) {
    char folder[PATH_MAX];
    struct dirent **found = NULL;
    gb_path_join(folder, sizeof(folder), dir_path, inside);
    const int count = scandir(folder, &found, is_name, alphasort);
    gb_status status = GB_OK;

    if (count < 0)
        return gb_fail_os(err, GB_ERR_IO, NULL, "cannot list '%s'", folder);
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX], name[PATH_MAX];
        struct stat seen;
        snprintf(name, sizeof(name), "%s%s%s", inside,
                 inside[0] != '\0' ? "/" : "", found[i]->d_name);
        gb_path_join(path, sizeof(path), dir_path, name);
        if (status == GB_OK && lstat(path, &seen) == 0) {
            if (S_ISDIR(seen.st_mode) && inside[0] == '\0')
                status = take(dir_path, name, out, err);
            else if (!add(out, name, seen.st_mode))
                status = gb_fail_memory(err, "the list of files");
        }
        free(found[i]);
    }
    free(found);
    return status;
}

gb_status gb_inventory_take(const char *dir_path, gb_inventory *out,
                            gb_error *err) {
    *out = (gb_inventory){0};
    return take(dir_path, "", out, err);
}

const gb_found_file *gb_inventory_find(const gb_inventory *inventory,
                                       const char *name) {
    for (size_t i = 0; i < inventory->count; i++)
        if (strcmp(inventory->files[i].name, name) == 0)
            return &inventory->files[i];
    return NULL;
}

void gb_inventory_fini(gb_inventory *inventory) {
    for (size_t i = 0; i < inventory->count; i++)
        free(inventory->files[i].name);
    free(inventory->files);
    *inventory = (gb_inventory){0};
}

bool gb_inventory_is_ours(const char *name) {
    static const char *const names[] = {
        "plan.json",    "records.jsonl", "samples",      "samples.h5",
        "summary.json", "report.md",     "manifest.json"};

    if (gb_starts_with(name, "launch-"))
        return true;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}
