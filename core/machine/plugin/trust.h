/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_PLUGIN_TRUST_H
#define GB_MACHINE_PLUGIN_TRUST_H

/**
 * @file machine/plugin/trust.h
 * Who could have put a file there, or change it before it is loaded: its
 * owner, whoever may write to it, and the same of each folder above it.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

/**
 * Those who may provide code: root, the user, and whoever owns the program,
 * who could change that as well. An owner that this container or file server
 * does not know (65534) owns many things that have nothing to do with each
 * other: it counts as the program's in the program's own folders alone.
 */
typedef struct gb_trust {
    uid_t user;
    uid_t program_owner;
    const char *program_tree; /* the folder above the program's own, absolute,
                                 without links; borrowed */
} gb_trust;

/** What gb_trust_open() found. */
typedef struct gb_trusted {
    int fd;            /* of exactly what was looked at */
    char *path;        /* malloc'ed: absolute, without links */
    gb_error insecure; /* status GB_OK: only those trusted can change it */
} gb_trusted;

/** Of this process. @param program  "/opt/gb/bin/greenbench"
 *  @param program_tree  "/opt/gb"; must outlive @p trust_out */
gb_status gb_trust_of_process(const char *program, const char *program_tree,
                              gb_trust *trust_out, gb_error *err);

/**
 * Open a file or a folder to read, and look at it and at each folder above it,
 * but for those above the program's tree.
 * Links are followed first; from the root on nothing is taken that became one
 * since.
 *
 * @param path       absolute
 * @param[out] found gb_trusted_fini() it
 * @retval GB_OK  it is open, whether it is secure or not
 * @retval GB_ERR_NOT_FOUND, GB_ERR_INVALID (neither a file nor a folder),
 *         GB_ERR_IO
 */
gb_status gb_trust_open(const gb_trust *trust, const char *path,
                        gb_trusted *found, gb_error *err);

/** As gb_trust_open(), of the file @p name in @p folder, which is open. What is
 *  insecure about the folder is so about all that is in it. */
gb_status gb_trust_open_in(const gb_trust *trust, const gb_trusted *folder,
                           const char *name, gb_trusted *found, gb_error *err);

void gb_trusted_fini(gb_trusted *found);

#endif /* GB_MACHINE_PLUGIN_TRUST_H */
