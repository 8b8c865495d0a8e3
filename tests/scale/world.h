/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_TESTS_SCALE_WORLD_H
#define GB_TESTS_SCALE_WORLD_H

/**
 * @file tests/scale/world.h
 * What the harness of compare_scale asks of the machine it runs on: SimGrid's
 * (simulated.cpp), or this one under a real MPI (measured.c).
 */
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Before MPI starts, on every rank. */
void scale_world_open(void);

/** Tells nodes apart, as a boot id does. 16 ranks are a node. */
void scale_node_key(char *key, unsigned size);
#define SCALE_RANKS_PER_NODE 16

double scale_now_s(void);

/** Let @p s seconds of work or of waiting pass on this rank. */
void scale_pass_s(double s);

/** What this node has drawn, J; on a real machine, where this harness reads no
 *  counter, a number that grows. */
double scale_energy_j(void);

/**
 * A step of the run is over on this rank. In a simulation it then sleeps until
 * the next full second, when the step is over on all ranks: its messages are
 * then counted, those inside collective calls included, and its end is that of
 * the last rank. On a real machine nothing happens: there the messages of whole
 * runs are counted, and compared.
 * @param what  a literal
 */
void scale_mark(const char *what);

/** Print the steps so far; on one rank.
 *  {"step": "start", "seconds": , "messages": , "bytes": }, ... */
void scale_print_steps(void);

#ifdef __cplusplus
}
#endif

#endif /* GB_TESTS_SCALE_WORLD_H */
