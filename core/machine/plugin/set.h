/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_PLUGIN_SET_H
#define GB_MACHINE_PLUGIN_SET_H

/**
 * @file machine/plugin/set.h
 * What the files of this folder share: the plugins that a process has loaded.
 */
#include <sys/types.h>

#include "base/sha256.h"
#include "machine/plugin/meter.h"
#include "machine/plugin/plugin.h"

typedef struct gb_loaded {
    void *module;
    char *path;
    bool is_meter;
    gb_plugin plugin; /* of a benchmark */
    gb_meter meter;   /* of a meter */
    dev_t device;
    ino_t inode;
    char sha256[GB_SHA256_SIZE]; /* of what was loaded; "": not told */
    size_t size_bytes;
    gb_error insecure;     /* status GB_OK: only those trusted can change it */
    gb_plugin_part failed; /* what is wrong with it; GB_PART_ALL: nothing */
    int copy_fd; /* the copy that `module` lies in; 0: none, the file itself */
} gb_loaded;

struct gb_plugin_set {
    gb_loaded *items; /* [count] */
    size_t count;
};

/**
 * dlopen @p file, which is the plugin @p path or a copy of it, and check it.
 * @param[out] item  module, plugin and failed are filled in
 */
gb_status gb_plugin_load_module(const char *file, const char *path,
                                const char *const *extensions, gb_loaded *item,
                                gb_error *err);

/**
 * As gb_plugin_load_module(), from a copy in memory of [@p bytes].
 * @param[out] item  copy_fd is filled in, too
 * @retval GB_ERR_UNSUPPORTED  the kernel runs no code from memory
 *                             (vm.memfd_noexec)
 */
gb_status gb_plugin_load_copy(const void *content, size_t bytes,
                              const char *path, const char *const *extensions,
                              gb_loaded *item, gb_error *err);

/** Unload what gb_plugin_load_module() loaded. */
void gb_plugin_close_module(void *module);

/** Unload @p item and free its path. */
void gb_loaded_drop(const gb_loaded *item);

/** All of the file @p fd. @param[out] content_out  malloc'ed [*bytes_out] */
gb_status gb_plugin_read(int fd, const char *path, void **content_out,
                         size_t *bytes_out, gb_error *err);

/** Its id, of either kind. */
const char *gb_loaded_id(const gb_loaded *item);

/** Append @p item, whose path is malloc'ed; takes it over, also on failure. */
gb_status gb_plugin_set_add(gb_plugin_set *set, const gb_loaded *item,
                            gb_error *err);

#endif /* GB_MACHINE_PLUGIN_SET_H */
