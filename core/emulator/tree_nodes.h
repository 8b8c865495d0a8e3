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

/** The node's path without its machine: "/sys/...". */
const char *gb_tree_local_path(const gb_tree_node *node);

#endif /* GB_EMULATOR_TREE_NODES_H */
