/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_EMULATOR_TREE_H
#define GB_EMULATOR_TREE_H

/**
 * @file emulator/tree.h
 * The files of emulated machines as functions of a path and a time: what is
 * there, and what reading gives. No clock, no FUSE.
 *
 *   /MACHINE/sys/...  /MACHINE/proc/...        as on the machine
 *   /MACHINE/.emulator/truth/T0-T1             JSON: true energy of a window
 *   /MACHINE/.emulator/log                     faults that began and ended
 *
 * Functions that fail return an errno, as a file system does.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "emulator/machine.h"

typedef struct gb_tree gb_tree;
typedef struct gb_tree_node gb_tree_node;

typedef enum gb_tree_kind {
    GB_TREE_DIR,
    GB_TREE_LINK,
    GB_TREE_FILE,
} gb_tree_kind;

/** When something is read. */
typedef struct gb_tree_time {
    int64_t t_ns;          /* since the emulator's start */
    uint64_t start_ns;     /* CLOCK_MONOTONIC at the start */
    uint64_t start_utc_us; /* since 1970, at the start */
} gb_tree_time;

/** What a path leads to. Borrows from the tree. */
typedef struct gb_tree_entry {
    gb_tree_kind kind;
    unsigned mode; /* permission bits */
    uint64_t size; /* as stat() says; not the length of what is read */
    gb_tree_node *node;
    uint64_t window_begin_ns, window_end_ns; /* of a truth file: absolute */
} gb_tree_entry;

/** @param machines  borrowed; must outlive the tree */
gb_status gb_tree_build(const gb_machines *machines, gb_tree **tree_out,
                        gb_error *err);
void gb_tree_free(gb_tree *tree); /* null is allowed */

/** @return 0, or ENOENT: not there, or vanished */
int gb_tree_look(const gb_tree *tree, const char *path, int64_t t_ns,
                 gb_tree_entry *entry_out);

/** Call @p each with the name of every entry of the folder.
 *  @return 0, ENOTDIR, or ENOENT if it has vanished since */
int gb_tree_list(const gb_tree *tree, const gb_tree_entry *folder, int64_t t_ns,
                 void (*each)(void *ctx, const char *name), void *ctx);

/** Target of a link; null for another entry. */
const char *gb_tree_link_target(const gb_tree_entry *entry);

/** @return 0, or EACCES as a fault says */
int gb_tree_open(const gb_tree_entry *entry, int64_t t_ns);

/** How long a read that begins at @p t_ns takes, in s; usually 0. */
double gb_tree_delay_s(const gb_tree_entry *entry, int64_t t_ns);

/** True if reading changes what later reads give (the stale-meter trap): the
 *  caller lets only one such read happen at a time. */
bool gb_tree_is_stateful(const gb_tree_entry *entry);

/**
 * Append what reading gives at @p time.
 * @return 0 or an errno: that of a fault; ENODEV while the file has vanished;
 *         EAGAIN for a truth window that has not ended; ERANGE for one that
 *         began before what is known
 */
int gb_tree_read(const gb_tree *tree, gb_tree_entry *entry,
                 const gb_tree_time *time, gb_str *out);

/**
 * The true energy of a window as JSON (greenbench.truth/1); times as
 * CLOCK_MONOTONIC. @return 0, EAGAIN or ERANGE as gb_tree_read()
 */
int gb_tree_truth(const gb_tree *tree, const gb_em_machine *machine,
                  const gb_tree_time *time, uint64_t begin_ns, uint64_t end_ns,
                  gb_str *out);

#endif /* GB_EMULATOR_TREE_H */
