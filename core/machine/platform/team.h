/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_PLATFORM_TEAM_H
#define GB_MACHINE_PLATFORM_TEAM_H

/**
 * @file machine/platform/team.h
 * The host's side of ext/team.h: one pinned thread per core of the rank.
 */
#include "base/error.h"
#include "greenbench/ext/team.h"
#include "machine/platform/platform.h"

typedef struct gb_team gb_team;

/** The calling thread becomes thread 0 and is bound to the first core; threads
 *  wait asleep between calls. @param bind  false: leave affinity alone (more
 *  ranks than cores, or tests) */
gb_status gb_team_create(const gb_rank_share *share, bool bind,
                         gb_team **team_out, gb_error *err);
/** The PU that each thread is on now.
 *  @param[out] pus  [core_count of the share]; -1: the system does not tell */
void gb_team_places(gb_team *team, int32_t *pus);
const gb_ext_team *gb_team_ext(const gb_team *team);
/** Joins all threads; null is allowed. */
void gb_team_destroy(gb_team *team);

#endif /* GB_MACHINE_PLATFORM_TEAM_H */
