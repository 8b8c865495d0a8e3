/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GREENBENCH_PLUGINS_HPL_LAYOUT_H
#define GREENBENCH_PLUGINS_HPL_LAYOUT_H

/**
 * @file hpl_layout.h
 * Which process holds which row or column: blocks of nb are dealt out in turn
 * to the processes of one dimension of the grid, starting with process 0
 * (block-cyclic). All functions are pure.
 */
#include <stddef.h>
#include <stdint.h>

/** How many of the indices [0, end) process @p proc of @p procs holds. It is
 *  also the local index of the first one it holds from @p end on. */
size_t hpl_local_count(size_t end, size_t nb, size_t proc, size_t procs);

/** The process that holds a global index. */
size_t hpl_owner(size_t global, size_t nb, size_t procs);

/** Local index of a global one, on its owner. */
size_t hpl_to_local(size_t global, size_t nb, size_t procs);

/** Global index of a local one on @p proc. */
size_t hpl_to_global(size_t local, size_t nb, size_t proc, size_t procs);

/** Additions and multiplications of a solve as HPL counts them:
 *  2/3 n^3 + 3/2 n^2. */
double hpl_operations(double n);

/** The largest divisor of @p ranks whose square is at most @p ranks: with it as
 *  the number of rows the grid is as near to square as it gets. */
size_t hpl_square_rows(size_t ranks);

/** Leading dimension for @p count doubles: whole cache lines, and no multiple
 *  of a page, so that successive rows do not fall into one set of a cache. */
size_t hpl_padded(size_t count);

#endif /* GREENBENCH_PLUGINS_HPL_LAYOUT_H */
