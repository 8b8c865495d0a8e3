/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_COMM_TREE_H
#define GB_MACHINE_COMM_TREE_H

/**
 * @file machine/comm/tree.h
 * A tree over 0 .. count - 1 in which what is below a member is a run of
 * consecutive numbers: written with `radix`, a member's parent has its last
 * digit that is not 0 set to 0. Pure; no MPI.
 */

/** @return -1 for member 0 */
int gb_tree_parent(int member, int radix);

/** The children of @p member in ascending order: from 0, then from the last.
 *  @return the next after @p child, or -1 */
int gb_tree_next_child(int member, int child, int radix, int count);

/** One after the last member below @p member, itself included. */
int gb_tree_end(int member, int radix, int count);

#endif /* GB_MACHINE_COMM_TREE_H */
