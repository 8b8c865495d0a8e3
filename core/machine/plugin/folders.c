/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/plugin/plugin.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Relative to the folder above the program's: where `cmake --install` and then
 * where the build puts the modules. The usual libdirs follow, so that a binary
 * moved to a tree laid out for another distribution still finds its modules. */
static const char *const beside_program[] = {
    GREENBENCH_LIBDIR "/greenbench/plugins",
    "lib/greenbench/plugins",
    "lib64/greenbench/plugins",
    "plugins",
};
#define BESIDE_COUNT (sizeof(beside_program) / sizeof(beside_program[0]))

static void free_folders(char **folders, size_t count) {
    for (size_t i = 0; i < count; i++)
        free(folders[i]);
    free(folders);
}

/** Takes @p folder over. False when out of memory. */
static bool add_folder(char **folders, size_t *count, char *folder) {
    if (folder == NULL)
        return false;
    for (size_t i = 0; i < *count; i++)
        if (strcmp(folders[i], folder) == 0) {
            free(folder);
            return true;
        }
    folders[(*count)++] = folder;
    return true;
}

/** Each folder of @p list, which is not empty. */
static gb_status add_list(char **folders, size_t *count, const char *list,
                          const char *said_by, gb_error *err) {
    for (const char *at = list;; at++) {
        const size_t length = strcspn(at, ":");
        if (length == 0)
            return gb_fail(err, GB_ERR_INVALID,
                           "take the colon away that has nothing beside it",
                           "%s: expected absolute folders separated by ':', "
                           "got an empty one in '%s'",
                           said_by, list);
        if (at[0] != '/')
            return gb_fail(err, GB_ERR_INVALID,
                           "name it from the root on: no plugin is taken from "
                           "where the program happens to be started",
                           "%s: expected absolute folders, got '%.*s'", said_by,
                           (int)length, at);
        if (!add_folder(folders, count, strndup(at, length)))
            return gb_fail_memory(err, "the list of plugin folders");
        at += length;
        if (*at == '\0')
            return GB_OK;
    }
}

static gb_status add_beside(char **folders, size_t *count,
                            const char *program_tree, gb_error *err) {
    for (size_t i = 0; i < BESIDE_COUNT; i++) {
        gb_str folder = {0};
        gb_str_addf(&folder, "%s/%s", program_tree, beside_program[i]);
        if (!add_folder(folders, count, gb_str_take(&folder)))
            return gb_fail_memory(err, "the list of plugin folders");
    }
    return GB_OK;
}

gb_status gb_plugin_folders(const char *const *lists, size_t list_count,
                            const char *said_by, const char *program_tree,
                            char ***folders_out, size_t *count_out,
                            gb_error *err) {
    size_t most = BESIDE_COUNT + list_count;
    size_t count = 0;

    for (size_t i = 0; i < list_count; i++)
        for (const char *p = lists[i]; *p != '\0'; p++)
            most += *p == ':';
    char **folders = calloc(most, sizeof(*folders));
    gb_status status = folders != NULL
                           ? GB_OK
                           : gb_fail_memory(err, "the list of plugin folders");
    for (size_t i = 0; i < list_count && status == GB_OK; i++)
        if (lists[i][0] != '\0')
            status = add_list(folders, &count, lists[i], said_by, err);
    if (status == GB_OK)
        status = add_beside(folders, &count, program_tree, err);
    if (status != GB_OK) {
        free_folders(folders, count);
        return status;
    }
    *folders_out = folders;
    *count_out = count;
    return GB_OK;
}
