/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_PLUGIN_SET_H
#define GB_MACHINE_PLUGIN_SET_H

/**
 * @file machine/plugin/set.h
 * What set.c and share.c share: the plugins that a process has loaded.
 */
#include <sys/types.h>

#include "machine/plugin/plugin.h"

typedef struct gb_loaded {
    void *module;
    char *path;
    gb_plugin plugin;
    dev_t device;
    ino_t inode;
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

/** Append @p item, whose path is malloc'ed; takes it over, also on failure. */
gb_status gb_plugin_set_add(gb_plugin_set *set, const gb_loaded *item,
                            gb_error *err);

#endif /* GB_MACHINE_PLUGIN_SET_H */
