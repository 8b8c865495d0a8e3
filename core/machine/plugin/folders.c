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

gb_status gb_plugin_folders(const char *env_path, const char *program_dir,
                            char ***folders_out, size_t *count_out,
                            gb_error *err) {
    const char *const env = env_path != NULL ? env_path : "";
    const char *slash = strrchr(program_dir, '/');
    const size_t parent_length =
        slash != NULL ? (size_t)(slash - program_dir) : 0;
    size_t most = BESIDE_COUNT + 1;
    size_t count = 0;

    for (const char *p = env; *p != '\0'; p++)
        most += *p == ':';
    char **folders = calloc(most, sizeof(*folders));
    bool ok = folders != NULL;
    for (const char *p = env; ok && *p != '\0';) {
        const size_t length = strcspn(p, ":");
        if (length > 0)
            ok = add_folder(folders, &count, strndup(p, length));
        p += length + (p[length] == ':');
    }
    for (size_t i = 0; ok && i < BESIDE_COUNT; i++) {
        gb_str folder = {0};
        gb_str_addn(&folder, program_dir, parent_length);
        gb_str_addf(&folder, "/%s", beside_program[i]);
        ok = add_folder(folders, &count, gb_str_take(&folder));
    }
    if (!ok) {
        free_folders(folders, count);
        return gb_fail_memory(err, "the list of plugin folders");
    }
    *folders_out = folders;
    *count_out = count;
    return GB_OK;
}
