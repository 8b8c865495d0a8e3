/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_TEST_ENERGY_TREE_H
#define GB_TEST_ENERGY_TREE_H

/**
 * @file tree.h
 * A scratch copy of a saved machine whose files a test may change while a
 * source has them open, and a clock that moves only when told to.
 */
#include "machine/energy/source.h"

#define MS UINT64_C(1000000)
#define S  UINT64_C(1000000000)

typedef struct test_tree {
    char fixture[256]; /* "<fixtures>/amd-epyc-2s" */
    char dir[64];      /* the copy, which is the root */
    gb_sysroot *root;
    gb_node node;    /* CPU facts of proc/cpuinfo */
    uint64_t now_ns; /* of the clock */
    /** Called when something sleeps on the clock; nullable. */
    void (*on_sleep)(struct test_tree *tree);
    gb_clock clock;
    gb_energy_env env;
} test_tree;

/** Copy <fixtures>/@p fixture/@p state and open it; fails the test on error. */
void tree_open(test_tree *tree, const char *fixture, const char *state);
void tree_close(test_tree *tree);

/** Overwrite every file in place with its state in @p state, "t0" or "t1". */
void tree_become(test_tree *tree, const char *state);

/** Overwrite one file in place; creates it if it is missing. */
void tree_write(const test_tree *tree, const char *path, const char *text);
void tree_write_u64(const test_tree *tree, const char *path, uint64_t value);
void tree_remove(const test_tree *tree, const char *path);

/** An errno for each access to a path that matches a pattern. */
typedef struct test_fault {
    const char *pattern;
    int os_errno;
} test_fault;
int tree_fault(void *fault, const char *path); /* a gb_sysroot_fault */

/** cmocka compares floats only. */
#define assert_near(got, expected, margin)                                     \
    assert_near_at((got), (expected), (margin), #got, __FILE__, __LINE__)
void assert_near_at(double got, double expected, double margin,
                    const char *what, const char *file, int line);

/** Index of the domain @p name, which must exist. */
size_t domain_named(const gb_energy_domain *domains, size_t count,
                    const char *name);

/** A source opened on the tree. */
typedef struct test_source {
    const gb_energy_source_ops *ops;
    gb_energy_source *source;
    const gb_energy_domain *domains;
    size_t count;
} test_source;
test_source source_open(test_tree *tree, const gb_energy_source_ops *ops);
void source_close(test_source *source);

#endif /* GB_TEST_ENERGY_TREE_H */
