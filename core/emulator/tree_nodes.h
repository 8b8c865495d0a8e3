/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_EMULATOR_TREE_NODES_H
#define GB_EMULATOR_TREE_NODES_H

/**
 * @file emulator/tree_nodes.h
 * What the tree is made of. Private to core/emulator.
 */
#include "emulator/tree.h"

typedef enum gb_tree_value {
    GB_VALUE_TEXT, /* as it stands */
    GB_VALUE_ENERGY,
    GB_VALUE_POWER,
    GB_VALUE_TEMPERATURE,
    GB_VALUE_FRESHNESS,
    GB_VALUE_GENERATION,
    GB_VALUE_STARTUP,
    GB_VALUE_LOG,
} gb_tree_value;

/** One freshness timer for all meters of a socket. */
typedef struct gb_meter_timer {
    const gb_em_machine *machine;
    int socket;
    bool used;
    int64_t refreshed_ns;
} gb_meter_timer;

struct gb_tree_node {
    char *path; /* "/node0/sys/class/powercap" */
    gb_tree_kind kind;
    unsigned mode;
    uint64_t size;
    gb_tree_value value;
    char *text;                   /* of a link its target */
    const gb_em_machine *machine; /* null: the root */
    const gb_em_domain *domain;   /* nullable: gone when it vanishes */
    bool truth;                   /* the folder of truth files */
    gb_meter_timer *timer;        /* nullable */
    uint64_t shown_nw;            /* with a timer: what was last refreshed */
};

struct gb_tree {
    const gb_machines *machines;
    gb_tree_node *nodes; /* [count], sorted by path */
    size_t count, capacity;
    gb_meter_timer *timers; /* [timer_count] */
    size_t timer_count;
};

/* --- building --------------------------------------------------------------
 */

/** A tree that is being built, not yet sorted. */
typedef struct gb_tree_builder {
    gb_tree *tree;
    const gb_em_machine *machine;
    unsigned hwmon; /* number of the next chip */
    bool failed;    /* out of memory */
} gb_tree_builder;

/** The node at @p path of a tree that is not sorted yet; null: none. Valid
 * until the next is added, as all nodes below. */
gb_tree_node *gb_tree_find(const gb_tree *tree, const char *path);
/** Null: no memory, and `failed` is set. */
gb_tree_node *gb_tree_add_node(gb_tree_builder *to, const char *path,
                               gb_tree_kind kind);
/** The folders above @p path (with its machine), and it itself. */
void gb_tree_add_dirs(gb_tree_builder *to, const char *path);
/** @p name in @p dir (as on the machine), with the folders above it. What is
 *  there is kept, only its text replaced.
 *  @param text  nullable; of a link its target */
gb_tree_node *gb_tree_add_entry(gb_tree_builder *to, const char *dir,
                                const char *name, gb_tree_kind kind,
                                const char *text);
/** A file with a line. */
void gb_tree_add_text(gb_tree_builder *to, const char *dir, const char *name,
                      const char *text);
void gb_tree_add_number(gb_tree_builder *to, const char *dir, const char *name,
                        uint64_t number);
gb_tree_node *gb_tree_add_value(gb_tree_builder *to, const char *dir,
                                const char *name, gb_tree_value value,
                                const gb_em_domain *domain, unsigned mode);
/** The folder @p path goes when the domain vanishes. */
void gb_tree_own(gb_tree_builder *to, const char *path,
                 const gb_em_domain *domain);
void gb_tree_sort(gb_tree *tree);

/** The node's path without its machine: "/sys/...". */
const char *gb_tree_local_path(const gb_tree_node *node);

#endif /* GB_EMULATOR_TREE_NODES_H */
