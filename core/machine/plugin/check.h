/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_PLUGIN_CHECK_H
#define GB_MACHINE_PLUGIN_CHECK_H

/**
 * @file machine/plugin/check.h
 * What the descriptors of both kinds of plugins are looked at for. Private to
 * machine/plugin.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "greenbench/plugin.h"

/** What one kind of descriptor looks like to this host. */
typedef struct gb_descriptor_kind {
    const char *word; /* "plugin" */
    const char *type; /* "gb_plugin" */
    unsigned abi_major;
    size_t required_bytes; /* every host calls what lies before */
    size_t size;           /* of this host's own struct */
} gb_descriptor_kind;

/** A part of a descriptor that must be there. */
typedef struct gb_required {
    const char *name;
    bool present;
} gb_required;

/** @param[out] copy_out  [kind->size], zero-filled beyond what the plugin has
 */
gb_status gb_check_prefix(const void *descriptor, const char *path,
                          const gb_descriptor_kind *kind, void *copy_out,
                          gb_error *err);
/** @param ops  [count] */
gb_status gb_check_ops(const gb_required *ops, size_t count, const char *path,
                       const char *hint, gb_error *err);
gb_status gb_check_texts(const gb_required *texts, size_t count,
                         const char *path, gb_error *err);
/** Is @p id sound, and the file @p path named after it? */
gb_status gb_check_id(const char *id, const char *path, gb_error *err);
/** @param params  [count] */
gb_status gb_check_params(const gb_param_decl *params, size_t count,
                          const char *path, gb_error *err);
/** @param may_lack  a null default is one that the user must replace */
gb_status gb_check_defaults(const gb_param_decl *params, size_t count,
                            bool may_lack, const char *path, gb_error *err);

#endif /* GB_MACHINE_PLUGIN_CHECK_H */
