/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/project.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

const char *const gb_sdk_languages[] = {"c", "c++", "fortran", NULL};
const char *const gb_sdk_kinds[] = {"benchmark", "meter", NULL};

/* Beside the language's own folder: what it shares with others. */
static const struct {
    const char *language, *folder;
} shared[] = {{"c", "c-host"}, {"fortran", "c-host"}};

enum { TEMPLATE_MAX = 1 << 20 };

/* --- names ---------------------------------------------------------------- */

char *gb_sdk_project_rename(const char *text, const char *id) {
    const char *dot = strrchr(id, '.');
    const char *const last = dot != NULL ? dot + 1 : id;
    char joined[64];
    gb_str out = {0};

    gb_copy(joined, sizeof(joined), id);
    for (char *c = joined; *c != '\0'; c++)
        if (*c == '.')
            *c = '_';
    /* Longest first: each name holds the next. */
    const struct {
        const char *from, *to;
    } names[] = {{"acme.axpy", id}, {"acme_axpy", joined}, {"axpy", last}};
    gb_str_add(&out, "");
    while (*text != '\0') {
        size_t i = 0;
        while (i < 3 && !gb_starts_with(text, names[i].from))
            i++;
        if (i < 3) {
            gb_str_add(&out, names[i].to);
            text += strlen(names[i].from);
        } else {
            gb_str_addn(&out, text++, 1);
        }
    }
    return gb_str_take(&out);
}

static gb_status check_id(const char *id, gb_error *err) {
    static const char *const ours[] = {"compute.", "memory.", "network.",
                                       "meters."};
    const char *dot = strrchr(id, '.');

    if (!gb_is_id(id) || dot == NULL)
        return gb_fail(err, GB_ERR_INVALID,
                       "words of [a-z0-9_] joined by '.', the first of them "
                       "your own",
                       "expected an id such as 'acme.spmv', got '%s'", id);
    if (id[0] < 'a' || id[0] > 'z' || dot[1] < 'a' || dot[1] > 'z')
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "expected an id whose first and last word begin with a "
                       "letter, got '%s'",
                       id);
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (gb_starts_with(id, ours[i]))
            return gb_fail(err, GB_ERR_INVALID,
                           "begin it with the name of your organisation",
                           "expected an id of your own, got '%s': '%s' is "
                           "greenbench's",
                           id, ours[i]);
    return GB_OK;
}

static gb_status check_kind(const char *kind, const char *language,
                            gb_error *err) {
    bool known = false;

    for (size_t i = 0; gb_sdk_kinds[i] != NULL; i++)
        known = known || strcmp(kind, gb_sdk_kinds[i]) == 0;
    if (!known)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "--kind: expected benchmark or meter, got '%s'", kind);
    if (strcmp(kind, "meter") == 0 && strcmp(language, "c") != 0)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "--language: expected c for a meter, got '%s'",
                       language);
    return GB_OK;
}

static gb_status check_language(const char *language, gb_error *err) {
    for (size_t i = 0; gb_sdk_languages[i] != NULL; i++)
        if (strcmp(language, gb_sdk_languages[i]) == 0)
            return GB_OK;
    return gb_fail(err, GB_ERR_INVALID, NULL,
                   "--language: expected c, c++ or fortran, got '%s'",
                   language);
}

/* --- files ---------------------------------------------------------------- */

static gb_status read_text(const char *path, char **text_out, mode_t *mode_out,
                           gb_error *err) {
    struct stat facts = {0};
    FILE *file = fopen(path, "re");

    if (file == NULL || fstat(fileno(file), &facts) != 0 ||
        !S_ISREG(facts.st_mode) || facts.st_size > TEMPLATE_MAX) {
        gb_fail_os(err, GB_ERR_IO, NULL, "cannot read the template '%s'", path);
        if (file != NULL)
            fclose(file);
        return GB_ERR_IO;
    }
    char *text = calloc(1, (size_t)facts.st_size + 1);
    gb_status status = GB_OK;
    if (text == NULL)
        status = gb_fail_memory(err, "a template");
    else if (fread(text, 1, (size_t)facts.st_size, file) !=
             (size_t)facts.st_size)
        status = gb_fail_os(err, GB_ERR_IO, NULL,
                            "cannot read the template '%s'", path);
    fclose(file);
    if (status != GB_OK) {
        free(text);
        return status;
    }
    *text_out = text;
    *mode_out = facts.st_mode;
    return GB_OK;
}

static gb_status write_text(const char *path, const char *text, mode_t mode,
                            gb_error *err) {
    const mode_t access = (mode & S_IXUSR) != 0 ? 0777 : 0666; /* less umask */
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, access);
    size_t left = strlen(text);

    while (fd >= 0 && left > 0) {
        const ssize_t put = write(fd, text, left);
        if (put < 0 && errno != EINTR)
            break;
        text += put > 0 ? put : 0;
        left -= put > 0 ? (size_t)put : 0;
    }
    if (fd < 0 || left > 0) {
        gb_fail_os(err, GB_ERR_IO, NULL, "cannot write '%s'", path);
        if (fd >= 0)
            close(fd);
        return GB_ERR_IO;
    }
    return close(fd) == 0
               ? GB_OK
               : gb_fail_os(err, GB_ERR_IO, NULL, "cannot write '%s'", path);
}

static gb_status copy_file(const char *from, const char *file, const char *id,
                           const char *folder, gb_error *err) {
    char path[PATH_MAX];
    char *text = NULL;
    mode_t mode = 0;

    snprintf(path, sizeof(path), "%s/%s", from, file);
    gb_status status = read_text(path, &text, &mode, err);
    if (status != GB_OK)
        return status;
    char *renamed = gb_sdk_project_rename(text, id);
    char *name = gb_sdk_project_rename(file, id);
    if (renamed == NULL || name == NULL) {
        status = gb_fail_memory(err, "the new project");
    } else {
        snprintf(path, sizeof(path), "%s/%s", folder, name);
        status = write_text(path, renamed, mode, err);
    }
    free(name);
    free(renamed);
    free(text);
    return status;
}

static int is_visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static gb_status copy_folder(const char *templates, const char *name,
                             const char *id, const char *folder,
                             gb_error *err) {
    char from[PATH_MAX];
    struct dirent **files = NULL;
    gb_status status = GB_OK;

    snprintf(from, sizeof(from), "%s/%s", templates, name);
    const int count = scandir(from, &files, is_visible, NULL);
    if (count < 0)
        return gb_fail_os(err, GB_ERR_NOT_FOUND,
                          "install greenbench's SDK beside the program",
                          "expected templates in '%s'", from);
    for (int i = 0; i < count; i++) {
        if (status == GB_OK)
            status = copy_file(from, files[i]->d_name, id, folder, err);
        free(files[i]);
    }
    free(files);
    return status;
}

static gb_status make_folder(const char *folder, gb_error *err) {
    struct dirent **files = NULL;

    if (mkdir(folder, 0777) == 0)
        return GB_OK;
    if (errno != EEXIST)
        return gb_fail_os(err, GB_ERR_IO, NULL, "cannot make the folder '%s'",
                          folder);
    const int count = scandir(folder, &files, is_visible, NULL);
    if (count < 0)
        return gb_fail_os(err, GB_ERR_IO, NULL, "cannot use the folder '%s'",
                          folder);
    for (int i = 0; i < count; i++)
        free(files[i]);
    free(files);
    if (count > 0)
        return gb_fail(err, GB_ERR_INVALID, "choose a folder that is not there",
                       "expected a new or an empty folder, got '%s'", folder);
    return GB_OK;
}

gb_status gb_sdk_project_new(const char *templates, const char *kind,
                             const char *language, const char *id,
                             const char *folder, gb_error *err) {
    const bool meter = strcmp(kind, "meter") == 0;
    gb_status status = check_id(id, err);

    if (status == GB_OK)
        status = check_language(language, err);
    if (status == GB_OK)
        status = check_kind(kind, language, err);
    if (status == GB_OK && access(templates, R_OK) != 0)
        status = gb_fail_os(err, GB_ERR_NOT_FOUND,
                            "install greenbench's SDK beside the program",
                            "expected templates in '%s'", templates);
    if (status == GB_OK)
        status = make_folder(folder, err);
    if (status == GB_OK)
        status = copy_folder(templates, "common", id, folder, err);
    for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
        if (status == GB_OK && !meter &&
            strcmp(shared[i].language, language) == 0)
            status = copy_folder(templates, shared[i].folder, id, folder, err);
    if (status == GB_OK)
        status = copy_folder(templates, kind, id, folder, err);
    if (status == GB_OK && !meter)
        status = copy_folder(templates, language, id, folder, err);
    return status;
}
