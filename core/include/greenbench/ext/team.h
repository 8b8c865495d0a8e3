/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GREENBENCH_EXT_TEAM_H
#define GREENBENCH_EXT_TEAM_H

/**
 * @file greenbench/ext/team.h
 * One thread on each core that this rank may use, so that a plugin fills its
 * cores without a threading library of its own: 1 rank x k cores then does the
 * same work as k ranks x 1 core.
 */
#include <stdint.h>

/** For gb_plugin.needs and gb_host.extension(). */
#define GB_EXT_TEAM "greenbench.team/1"

/** One thread's part of the work. @p thread is 0 .. thread_count - 1. */
typedef void (*gb_team_fn)(void *arg, uint32_t thread, uint32_t thread_count);

/** What extension(GB_EXT_TEAM) gives. */
typedef struct gb_ext_team {
    uint32_t struct_size;  /**< of the host's gb_ext_team */
    uint32_t thread_count; /**< gb_host.core_count; thread t runs on core t */
    void *team_data;       /**< the host's own; do not touch */

    /** Call @p fn once on every thread and return when all have returned. The
     *  caller is thread 0. Costs a few microseconds: call it once per run(),
     *  not once per iteration. Memory written before the call is visible in
     *  @p fn, and what @p fn wrote is visible after it. */
    void (*run)(const struct gb_ext_team *team, gb_team_fn fn, void *arg);

    /** Wait inside @p fn until every thread of the team has come here. Spins
     *  at first and then sleeps; safe to call any number of times. */
    void (*barrier)(const struct gb_ext_team *team);
} gb_ext_team;

#endif /* GREENBENCH_EXT_TEAM_H */
