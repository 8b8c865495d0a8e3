/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sysroot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define LINK_LIMIT 40 /* as the kernel's own: more is a loop */

struct gb_sysroot {
    char *path; /* as given; "/" for the machine */
    bool simulated;
    gb_sysroot_fault fault;
    void *fault_ctx;
};

gb_status gb_sysroot_open(const char *path, gb_sysroot **root_out,
                          gb_error *err) {
    const bool real = path == NULL || path[0] == '\0' || strcmp(path, "/") == 0;
    struct stat what;
    if (!real && (stat(path, &what) != 0 || !S_ISDIR(what.st_mode)))
        return gb_fail(err, GB_ERR_NOT_FOUND,
                       "unset GREENBENCH_SYSROOT to read this machine",
                       "expected a directory to stand for '/', got '%s'", path);
    gb_sysroot *root = calloc(1, sizeof(*root));
    if (root != NULL)
        root->path = strdup(real ? "/" : path);
    if (root == NULL || root->path == NULL) {
        free(root);
        return gb_fail_memory(err, "the root of /sys and /proc");
    }
    root->simulated = !real;
    *root_out = root;
    return GB_OK;
}

void gb_sysroot_close(gb_sysroot *root) {
    if (root == NULL)
        return;
    free(root->path);
    free(root);
}

bool gb_sysroot_simulated(const gb_sysroot *root) {
    return root->simulated;
}

const char *gb_sysroot_path(const gb_sysroot *root) {
    return root->path;
}

void gb_sysroot_set_fault(gb_sysroot *root, gb_sysroot_fault fault, void *ctx) {
    root->fault = fault;
    root->fault_ctx = ctx;
}

static int injected(const gb_sysroot *root, const char *path) {
    return root->fault != NULL ? root->fault(root->fault_ctx, path) : 0;
}

/* --- paths inside the root ------------------------------------------------ */

/* Drop the last component of @p path, never above "". */
static void drop_last(char *path) {
    char *slash = strrchr(path, '/');
    if (slash != NULL)
        *slash = '\0';
    else
        path[0] = '\0';
}

static bool join(char *out, size_t size, const char *a, const char *b) {
    const int length = snprintf(out, size, "%s/%s", a, b);
    return length >= 0 && (size_t)length < size;
}

/* If @p at (inside the root) is a link, put its target in front of @p rest.
 * Returns 1 if it was one, 0 if not, -1 with errno. */
static int follow_link(const gb_sysroot *root, char *at, char *rest,
                       size_t rest_size) {
    char host[PATH_MAX], target[PATH_MAX], tail[PATH_MAX];
    if (!join(host, sizeof(host), root->simulated ? root->path : "", at + 1)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    const ssize_t length = readlink(host, target, sizeof(target) - 1);
    if (length < 0)
        return errno == EINVAL ? 0 : -1;
    target[length] = '\0';
    gb_copy(tail, sizeof(tail), rest);
    const int written =
        snprintf(rest, rest_size, "%s%s%s", target,
                 tail[0] != '\0' && tail[0] != '/' ? "/" : "", tail);
    if (written < 0 || (size_t)written >= rest_size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (target[0] == '/')
        at[0] = '\0'; /* absolute inside the root, not on the host */
    else
        drop_last(at);
    return 1;
}

/* Resolve every link of @p path inside the root: no link and no ".." leaves it.
 * @p real is the path as on the real machine. 0, or an errno; with ENOENT,
 * `real` is what is missing. */
static int resolve(const gb_sysroot *root, const char *path, char *real,
                   size_t size) {
    char at[PATH_MAX] = "", rest[PATH_MAX], part[NAME_MAX + 1];
    int links = 0;
    gb_copy(rest, sizeof(rest), path);
    while (rest[0] != '\0') {
        const size_t skip = strspn(rest, "/");
        const size_t length = strcspn(rest + skip, "/");
        if (length > NAME_MAX)
            return ENAMETOOLONG;
        memcpy(part, rest + skip, length);
        part[length] = '\0';
        memmove(rest, rest + skip + length, strlen(rest + skip + length) + 1);
        if (length == 0 || strcmp(part, ".") == 0)
            continue;
        if (strcmp(part, "..") == 0) {
            drop_last(at);
            continue;
        }
        char next[PATH_MAX];
        if (!join(next, sizeof(next), at, part))
            return ENAMETOOLONG;
        gb_copy(at, sizeof(at), next);
        const int linked = follow_link(root, at, rest, sizeof(rest));
        if (linked < 0) {
            const int cause = errno;
            gb_copy(real, size, at);
            return cause;
        }
        if (linked > 0 && ++links > LINK_LIMIT)
            return ELOOP;
    }
    gb_copy(real, size, at[0] != '\0' ? at : "/");
    return 0;
}

/* @p path as the host sees it. Links on the real machine are left to the
 * kernel. 0, or an errno. */
static int host_path(const gb_sysroot *root, const char *path, char *host,
                     size_t size) {
    const int fault = injected(root, path);
    if (fault != 0)
        return fault;
    if (!root->simulated) {
        gb_copy(host, size, path);
        return 0;
    }
    char real[PATH_MAX];
    const int cause = resolve(root, path, real, sizeof(real));
    if (cause != 0)
        return cause;
    return join(host, size, root->path, real + 1) ? 0 : ENAMETOOLONG;
}

static gb_status fail_access(gb_error *err, const char *path, int cause) {
    gb_status status = GB_ERR_IO;
    char who[32] = "";
    if (cause == ENOENT || cause == ENOTDIR)
        status = GB_ERR_NOT_FOUND;
    if (cause == EACCES || cause == EPERM) {
        status = GB_ERR_PERMISSION;
        snprintf(who, sizeof(who), " (uid %lu)", (unsigned long)geteuid());
    }
    errno = cause;
    gb_fail(err, status, NULL, "cannot read '%s': %s%s", path, strerror(cause),
            who);
    if (err != NULL) {
        err->os_errno = cause;
        /* "Permission denied" in the middle of a sentence. */
        char *text = strstr(err->what, strerror(cause));
        if (text != NULL && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a')
            text[0] = (char)(text[0] - 'A' + 'a');
    }
    return status;
}

/* --- access --------------------------------------------------------------- */

gb_path_kind gb_sysroot_kind(const gb_sysroot *root, const char *path) {
    char host[PATH_MAX], real[PATH_MAX];
    const int fault = injected(root, path);
    if (fault != 0)
        return fault == ENOENT ? GB_PATH_ABSENT : GB_PATH_FILE;
    const int cause = host_path(root, path, host, sizeof(host));
    struct stat what;
    if (cause == 0 && stat(host, &what) == 0)
        return S_ISDIR(what.st_mode) ? GB_PATH_DIR : GB_PATH_FILE;
    if (cause != 0 && cause != ENOENT && cause != ENOTDIR)
        return GB_PATH_FILE; /* there, but opening it will fail */

    /* Missing: is the last component itself a link that leads nowhere? */
    char parent[PATH_MAX];
    gb_copy(parent, sizeof(parent), path);
    const char *name = strrchr(path, '/');
    drop_last(parent);
    if (name == NULL || resolve(root, parent[0] != '\0' ? parent : "/", real,
                                sizeof(real)) != 0)
        return GB_PATH_ABSENT;
    const int length = snprintf(host, sizeof(host), "%s%s%s",
                                root->simulated ? root->path : "",
                                strcmp(real, "/") == 0 ? "" : real, name);
    if (length < 0 || (size_t)length >= sizeof(host) || lstat(host, &what) != 0)
        return GB_PATH_ABSENT;
    return S_ISLNK(what.st_mode) ? GB_PATH_DANGLING : GB_PATH_ABSENT;
}

gb_status gb_sysroot_open_file(const gb_sysroot *root, const char *path,
                               int *fd_out, gb_error *err) {
    char host[PATH_MAX];
    const int cause = host_path(root, path, host, sizeof(host));
    if (cause != 0)
        return fail_access(err, path, cause);
    const int fd = open(host, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_access(err, path, errno);
    *fd_out = fd;
    return GB_OK;
}

gb_status gb_sysroot_read_text(const gb_sysroot *root, const char *path,
                               char *text, size_t size, gb_error *err) {
    int fd = -1;
    gb_status status = gb_sysroot_open_file(root, path, &fd, err);
    if (status != GB_OK)
        return status;
    char *buffer = malloc(size + 1);
    size_t length = 0;
    ssize_t got = buffer != NULL ? 1 : 0;
    while (got > 0 && length < size) {
        got = read(fd, buffer + length, size - length);
        if (got > 0)
            length += (size_t)got;
    }
    const int cause = errno;
    close(fd);
    if (buffer == NULL) {
        status = gb_fail_memory(err, path);
    } else if (got < 0) {
        status = fail_access(err, path, cause);
    } else if (length >= size) {
        status = gb_fail(err, GB_ERR_RANGE, NULL,
                         "'%s': expected at most %zu bytes, got more", path,
                         size - 1);
    } else {
        while (length > 0 && strchr(" \t\r\n", buffer[length - 1]) != NULL)
            length--;
        memcpy(text, buffer, length);
        text[length] = '\0';
    }
    free(buffer);
    return status;
}

/* One decimal number and at most white space after it. */
static gb_status parse_number(const char *path, const char *text, size_t length,
                              uint64_t *value_out, gb_error *err) {
    uint64_t value = 0;
    size_t digits = 0;
    while (digits < length && text[digits] >= '0' && text[digits] <= '9') {
        const uint64_t digit = (uint64_t)(text[digits] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return gb_fail(err, GB_ERR_RANGE, NULL,
                           "'%s': expected a number below 2^64, got '%.*s'",
                           path, (int)length, text);
        value = value * 10 + digit;
        digits++;
    }
    size_t end = digits;
    while (end < length && strchr(" \t\r\n", text[end]) != NULL &&
           text[end] != '\0')
        end++;
    if (digits == 0 || end != length)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "'%s': expected a number, got '%.*s'", path,
                       (int)strcspn(text, "\n"), text);
    *value_out = value;
    return GB_OK;
}

gb_status gb_sysroot_pread_u64(const gb_sysroot *root, int fd, const char *path,
                               uint64_t *value_out, gb_error *err) {
    char text[65];
    const int fault = injected(root, path);
    if (fault != 0)
        return fail_access(err, path, fault);
    const ssize_t got = pread(fd, text, sizeof(text) - 1, 0);
    if (got < 0)
        return fail_access(err, path, errno);
    text[got] = '\0';
    /* A longer text would be taken for the number it begins with. */
    if ((size_t)got == sizeof(text) - 1)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "'%s': expected a number, got %zu characters or more",
                       path, sizeof(text) - 1);
    return parse_number(path, text, (size_t)got, value_out, err);
}

gb_status gb_sysroot_pread_text(const gb_sysroot *root, int fd,
                                const char *path, char *text, size_t size,
                                size_t *length_out, gb_error *err) {
    const int fault = injected(root, path);
    if (fault != 0)
        return fail_access(err, path, fault);
    const ssize_t got = pread(fd, text, size, 0);
    if (got < 0)
        return fail_access(err, path, errno);
    if ((size_t)got >= size)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "'%s': expected at most %zu bytes, got more", path,
                       size - 1);
    text[got] = '\0';
    *length_out = (size_t)got;
    return GB_OK;
}

gb_status gb_sysroot_read_u64(const gb_sysroot *root, const char *path,
                              uint64_t *value_out, gb_error *err) {
    int fd = -1;
    gb_status status = gb_sysroot_open_file(root, path, &fd, err);
    if (status != GB_OK)
        return status;
    status = gb_sysroot_pread_u64(root, fd, path, value_out, err);
    close(fd);
    return status;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add_name(char ***names, size_t *count, const char *name) {
    char **list = realloc(*names, (*count + 1) * sizeof(*list));
    if (list == NULL)
        return false;
    *names = list;
    list[*count] = strdup(name);
    if (list[*count] == NULL)
        return false;
    (*count)++;
    return true;
}

gb_status gb_sysroot_list(const gb_sysroot *root, const char *path,
                          char ***names_out, size_t *count_out, gb_error *err) {
    char host[PATH_MAX];
    char **names = NULL;
    size_t count = 0;
    bool ok = true;
    const int cause = host_path(root, path, host, sizeof(host));
    if (cause != 0)
        return fail_access(err, path, cause);
    DIR *dir = opendir(host);
    if (dir == NULL)
        return fail_access(err, path, errno);
    for (struct dirent *entry; ok && (entry = readdir(dir)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            ok = add_name(&names, &count, entry->d_name);
    closedir(dir);
    if (!ok) {
        gb_sysroot_free_names(names, count);
        return gb_fail_memory(err, path);
    }
    if (count > 0)
        qsort(names, count, sizeof(*names), by_name);
    *names_out = names;
    *count_out = count;
    return GB_OK;
}

void gb_sysroot_free_names(char **names, size_t count) {
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

gb_status gb_sysroot_real_path(const gb_sysroot *root, const char *path,
                               char *real, size_t size, gb_error *err) {
    char resolved[PATH_MAX];
    int cause = injected(root, path);
    if (cause == 0)
        cause = resolve(root, path, resolved, sizeof(resolved));
    if (cause != 0)
        return fail_access(err, path, cause);
    if (strlen(resolved) >= size)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "'%s': expected a path of at most %zu bytes, got '%s'",
                       path, size - 1, resolved);
    gb_copy(real, size, resolved);
    return GB_OK;
}
