/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/deliver.h"

#include <limits.h>
#include <string.h>

#include "archive/rundir.h"
#include "cli/console.h"

const char *gb_split_path(const char *path, char *directory, size_t size) {
    const char *slash = strrchr(path, '/');

    gb_copy(directory, size, slash == NULL ? "." : path);
    if (slash == NULL)
        return path;
    directory[slash == path ? 1 : slash - path] = '\0';
    return slash + 1;
}

int gb_deliver_text(const char *path, gb_str *text) {
    if (strcmp(path, "-") == 0)
        return gb_console_print(text);
    char directory[PATH_MAX];
    gb_error err = {.rank = -1};
    const char *name = gb_split_path(path, directory, sizeof(directory));
    const gb_status status =
        text->failed
            ? gb_fail_memory(&err, "the report")
            : gb_rundir_write(directory, name,
                              text->text != NULL ? text->text : "", &err);
    gb_str_fini(text);
    if (status == GB_OK)
        return GB_EXIT_OK;
    gb_console_error(&err);
    return GB_EXIT_INTERNAL;
}
