/* SPDX-License-Identifier: Apache-2.0 */
/* Plugins handed from one process of a node to the others. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/plugin/set.h"

/* Before each plugin of a pack; path and content follow. */
typedef struct pack_head {
    uint64_t path_bytes;    /* with the final null */
    uint64_t content_bytes; /* 0: to be loaded from its path */
} pack_head;

/* --- out of this process -------------------------------------------------- */

/** Does @p module name folders relative to its own? A copy would look for them
 *  in vain. */
static bool looks_beside_itself(void *module) {
    struct link_map *map = NULL;
    const char *strings = NULL;

    if (dlinfo(module, RTLD_DI_LINKMAP, &map) != 0)
        return true;
    for (const ElfW(Dyn) *d = map->l_ld; d != NULL && d->d_tag != DT_NULL; d++)
        if (d->d_tag == DT_STRTAB) /* glibc has added the load address */
            strings = (const char *)d->d_un.d_ptr;
    for (const ElfW(Dyn) *d = map->l_ld; strings != NULL && d->d_tag != DT_NULL;
         d++)
        if ((d->d_tag == DT_RPATH || d->d_tag == DT_RUNPATH ||
             d->d_tag == DT_NEEDED) &&
            strchr(strings + d->d_un.d_val, '$') != NULL)
            return true;
    return false;
}

static gb_status read_all(int fd, unsigned char *to, size_t bytes,
                          const char *path, gb_error *err) {
    while (bytes > 0) {
        const ssize_t got = read(fd, to, bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return gb_fail_os(err, GB_ERR_IO, NULL, "cannot read '%s'", path);
        if (got == 0)
            return gb_fail(err, GB_ERR_IO, "was it replaced just now?",
                           "'%s': expected %zu more bytes, found its end", path,
                           bytes);
        to += got;
        bytes -= (size_t)got;
    }
    return GB_OK;
}

gb_status gb_plugin_read(int fd, const char *path, void **content_out,
                         size_t *bytes_out, gb_error *err) {
    struct stat facts;

    if (fstat(fd, &facts) != 0 || lseek(fd, 0, SEEK_SET) != 0)
        return gb_fail_os(err, GB_ERR_IO, NULL, "cannot read '%s'", path);
    const size_t bytes = (size_t)facts.st_size;
    unsigned char *content = malloc(bytes + 1);
    if (content == NULL)
        return gb_fail_memory(err, path);
    const gb_status status = read_all(fd, content, bytes, path, err);
    if (status != GB_OK) {
        free(content);
        return status;
    }
    *content_out = content;
    *bytes_out = bytes;
    return GB_OK;
}

/** The bytes that were loaded, once more. */
static gb_status read_again(const gb_loaded *item, void **content,
                            size_t *bytes, gb_error *err) {
    const bool is_copy = item->copy_fd > 0;
    const int fd =
        is_copy ? item->copy_fd : open(item->path, O_RDONLY | O_CLOEXEC);
    char sha256[GB_SHA256_SIZE];

    if (fd < 0)
        return gb_fail_os(err, GB_ERR_IO, NULL, "cannot read '%s'", item->path);
    gb_status status = gb_plugin_read(fd, item->path, content, bytes, err);
    if (!is_copy)
        close(fd);
    if (status != GB_OK)
        return status;
    status = gb_sha256_bytes(*content, *bytes, sha256, err);
    if (status == GB_OK && strcmp(sha256, item->sha256) != 0)
        status = gb_fail(err, GB_ERR_IO, "was it replaced just now?",
                         "'%s': expected the content that was loaded, found "
                         "another",
                         item->path);
    if (status != GB_OK)
        free(*content);
    return status;
}

/** Append one plugin to the pack [*bytes]. */
static gb_status pack_one(const gb_loaded *item, unsigned char **pack,
                          size_t *bytes, gb_error *err) {
    void *content = NULL;
    size_t content_bytes = 0;
    gb_status status = GB_OK;
    if (item->copy_fd > 0 || !looks_beside_itself(item->module))
        status = read_again(item, &content, &content_bytes, err);
    if (status != GB_OK)
        return status;
    const pack_head head = {
        .path_bytes = strlen(item->path) + 1,
        .content_bytes = content_bytes,
    };
    unsigned char *more =
        realloc(*pack, *bytes + sizeof(head) + head.path_bytes + content_bytes);
    if (more == NULL) {
        status = gb_fail_memory(err, "the plugins of this node");
    } else {
        *pack = more;
        memcpy(more + *bytes, &head, sizeof(head));
        memcpy(more + *bytes + sizeof(head), item->path, head.path_bytes);
        *bytes += sizeof(head) + head.path_bytes;
        if (content_bytes > 0)
            memcpy(more + *bytes, content, content_bytes);
        *bytes += content_bytes;
    }
    free(content);
    return status;
}

gb_status gb_plugin_set_pack(const gb_plugin_set *set, const size_t *indices,
                             size_t count, void **packed_out, size_t *bytes_out,
                             gb_error *err) {
    unsigned char *pack = malloc(1); /* also of nothing there is a pack */
    size_t bytes = 0;
    gb_status status =
        pack != NULL ? GB_OK : gb_fail_memory(err, "the plugins of this node");
    for (size_t i = 0; i < count && status == GB_OK; i++)
        status = pack_one(&set->items[indices[i]], &pack, &bytes, err);
    if (status != GB_OK) {
        free(pack);
        return status;
    }
    *packed_out = pack;
    *bytes_out = bytes;
    return GB_OK;
}

/* --- into this one -------------------------------------------------------- */

/** A file in memory with that content; -1: the kernel has none for us. */
static int copy_in_memory(const unsigned char *content, size_t bytes) {
    const int fd = memfd_create("greenbench-plugin", MFD_CLOEXEC);
    while (fd >= 0 && bytes > 0) {
        const ssize_t put = write(fd, content, bytes);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            close(fd);
            return -1;
        }
        content += put;
        bytes -= (size_t)put;
    }
    return fd;
}

gb_status gb_plugin_load_copy(const void *content, size_t bytes,
                              const char *path, const char *const *extensions,
                              gb_loaded *item, gb_error *err) {
    const int fd = copy_in_memory(content, bytes);
    char name[32];

    if (fd <= 0)
        return gb_fail_os(err, GB_ERR_UNSUPPORTED, NULL,
                          "'%s': cannot load it from memory", path);
    /* Stays open: the linker takes equal names for the same library. */
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    const gb_status status =
        gb_plugin_load_module(name, path, extensions, item, err);
    if (status == GB_OK)
        item->copy_fd = fd;
    else
        close(fd);
    return status;
}

static gb_status unpack_one(const char *path, const unsigned char *content,
                            size_t bytes, const char *const *extensions,
                            gb_plugin_set *set, gb_error *err) {
    gb_loaded item = {.path = strdup(path)};
    gb_status status = GB_ERR_UNSUPPORTED;

    if (item.path == NULL)
        return gb_fail_memory(err, "the list of plugins");
    if (bytes > 0) {
        gb_error ignored; /* what is wrong with the file is said below */
        status = gb_plugin_load_copy(content, bytes, path, extensions, &item,
                                     &ignored);
    }
    if (status != GB_OK)
        status = gb_plugin_load_module(path, path, extensions, &item, err);
    if (status == GB_OK)
        return gb_plugin_set_add(set, &item, err);
    free(item.path);
    return status;
}

gb_status gb_plugin_set_unpack(const void *packed, size_t bytes,
                               const char *const *extensions,
                               gb_plugin_set **set_out, gb_error *err) {
    const unsigned char *at = packed;
    gb_plugin_set *set = calloc(1, sizeof(*set));
    gb_status status =
        set != NULL ? GB_OK : gb_fail_memory(err, "the list of plugins");

    for (size_t left = bytes; left > 0 && status == GB_OK;) {
        pack_head head = {0};
        if (left >= sizeof(head))
            memcpy(&head, at, sizeof(head));
        if (head.path_bytes == 0 || head.path_bytes > left - sizeof(head) ||
            head.content_bytes > left - sizeof(head) - head.path_bytes) {
            status = gb_fail(err, GB_ERR_INTERNAL, NULL,
                             "expected a plugin in the last %zu bytes of %zu",
                             left, bytes);
            break;
        }
        const char *path = (const char *)at + sizeof(head);
        const unsigned char *content = at + sizeof(head) + head.path_bytes;
        status =
            unpack_one(path, content, head.content_bytes, extensions, set, err);
        at = content + head.content_bytes;
        left -= sizeof(head) + head.path_bytes + head.content_bytes;
    }
    if (status != GB_OK) {
        gb_plugin_set_free(set);
        return status;
    }
    *set_out = set;
    return GB_OK;
}
