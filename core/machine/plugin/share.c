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

/** Append one plugin to the pack [*bytes]. */
static gb_status pack_one(const gb_loaded *item, unsigned char **pack,
                          size_t *bytes, gb_error *err) {
    const bool by_path = looks_beside_itself(item->module);
    const int fd = by_path ? -1 : open(item->path, O_RDONLY | O_CLOEXEC);
    struct stat facts = {0};
    if (!by_path && (fd < 0 || fstat(fd, &facts) != 0)) {
        gb_fail_os(err, GB_ERR_IO, NULL, "cannot read '%s'", item->path);
        if (fd >= 0)
            close(fd);
        return GB_ERR_IO;
    }
    const pack_head head = {
        .path_bytes = strlen(item->path) + 1,
        .content_bytes = (uint64_t)facts.st_size,
    };
    unsigned char *more = realloc(
        *pack, *bytes + sizeof(head) + head.path_bytes + head.content_bytes);
    gb_status status = GB_OK;
    if (more == NULL) {
        status = gb_fail_memory(err, "the plugins of this node");
    } else {
        *pack = more;
        memcpy(more + *bytes, &head, sizeof(head));
        memcpy(more + *bytes + sizeof(head), item->path, head.path_bytes);
        *bytes += sizeof(head) + head.path_bytes;
        status =
            read_all(fd, more + *bytes, head.content_bytes, item->path, err);
        *bytes += head.content_bytes;
    }
    if (fd >= 0)
        close(fd);
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

static gb_status unpack_one(const char *path, const unsigned char *content,
                            size_t bytes, const char *const *extensions,
                            gb_plugin_set *set, gb_error *err) {
    gb_loaded item = {.path = strdup(path)};
    gb_status status = GB_ERR_UNSUPPORTED;
    char name[32];

    if (item.path == NULL)
        return gb_fail_memory(err, "the list of plugins");
    const int fd = bytes > 0 ? copy_in_memory(content, bytes) : -1;
    if (fd > 0) {
        /* Stays open: the linker takes equal names for the same library. */
        item.copy_fd = fd;
        gb_error ignored; /* what is wrong with the file is said below */
        snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
        status = gb_plugin_load_module(name, path, extensions, &item, &ignored);
    }
    if (status != GB_OK) {
        if (fd >= 0)
            close(fd);
        item.copy_fd = 0;
        status = gb_plugin_load_module(path, path, extensions, &item, err);
    }
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
