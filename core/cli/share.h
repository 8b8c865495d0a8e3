/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_SHARE_H
#define GB_CLI_SHARE_H

/**
 * @file cli/share.h
 * What rank 0 decided and each node's leader read, brought to the other ranks:
 * files are looked for and read once for each node.
 */
#include "machine/comm/comm.h"
#include "machine/plugin/plugin.h"
#include "model/catalogue.h"
#include "model/plan.h"

/**
 * Rank 0's plan on all ranks. Collective.
 *
 * @param catalogue     of the node's leader, who points each case to its plugin
 * @param[in,out] plan  rank 0: built; elsewhere: empty, gb_plan_fini() it
 * @retval GB_ERR_NOT_FOUND  a node lacks a plugin that rank 0 has
 * @retval GB_ERR_INVALID    a node's plugin is another file
 */
gb_status gb_share_plan(gb_comm *comm, const gb_catalogue *catalogue,
                        gb_plan *plan, gb_error *err);

/**
 * The plan's plugins from each node's leader to its other ranks, which load
 * them from memory. Collective.
 *
 * @param[in,out] plan  cases of the other ranks point into their own set
 * @param[in,out] set   leader: loaded; elsewhere: null, gb_plugin_set_free() it
 */
gb_status gb_share_plugins(gb_comm *comm, bool with_mpi, gb_plan *plan,
                           gb_plugin_set **set, gb_error *err);

#endif /* GB_CLI_SHARE_H */
