/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/deliver.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/files.h"
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

/* --- in place ------------------------------------------------------------- */

/* A rename would put a file in the place of the pipe or device itself. */
static bool is_in_place(const char *path) {
    struct stat seen;

    return lstat(path, &seen) == 0 && !S_ISREG(seen.st_mode);
}

/** What is written to in place. */
typedef struct place {
    FILE *file;
    const char *path;
} place;

static gb_status cannot_write(const char *path, gb_error *err) {
    return gb_fail_os(err, GB_ERR_IO, gb_space_hint(), "cannot write '%s'",
                      path);
}

static gb_status put_in_place(void *ctx, const char *text, size_t length,
                              gb_error *err) {
    const place *at = ctx;

    return fwrite(text, 1, length, at->file) == length
               ? GB_OK
               : cannot_write(at->path, err);
}

static gb_status write_in_place(const char *path, gb_text_source source,
                                const void *what, gb_error *err) {
    place at = {.file = fopen(path, "we"), .path = path};
    const gb_text_sink sink = {.put = put_in_place, .ctx = &at};

    if (at.file == NULL)
        return cannot_write(path, err);
    gb_status status = source(what, &sink, err);
    if (fclose(at.file) != 0 && status == GB_OK)
        status = cannot_write(path, err);
    return status;
}

/* --- together ------------------------------------------------------------- */

int gb_deliver_by(const char *path, gb_text_source source, const void *what) {
    char directory[PATH_MAX];
    gb_error err = {.rank = -1};

    if (strcmp(path, "-") == 0)
        return gb_console_print_by(source, what);
    const char *name = gb_split_path(path, directory, sizeof(directory));
    const gb_status status =
        is_in_place(path)
            ? write_in_place(path, source, what, &err)
            : gb_rundir_write_by(directory, name, source, what, &err);
    if (status == GB_OK)
        return GB_EXIT_OK;
    gb_console_error(&err);
    return GB_EXIT_INTERNAL;
}

static gb_status give_text(const void *what, const gb_text_sink *sink,
                           gb_error *err) {
    const gb_str *text = what;

    if (text->failed)
        return gb_fail_memory(err, "the report");
    return text->length > 0
               ? sink->put(sink->ctx, text->text, text->length, err)
               : GB_OK;
}

int gb_deliver_text(const char *path, gb_str *text) {
    const int code = gb_deliver_by(path, give_text, text);

    gb_str_fini(text);
    return code;
}
