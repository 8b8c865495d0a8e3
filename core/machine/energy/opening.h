/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_OPENING_H
#define GB_MACHINE_ENERGY_OPENING_H

/**
 * @file machine/energy/opening.h
 * Opening a source that may hang: a driver that is stuck already, a file system
 * of a dead server. Private to machine/energy.
 */
#include "machine/energy/source.h"

/** Libraries of eight GPUs without persistence take ten seconds to start. */
#define GB_OPENING_PATIENCE_NS UINT64_C(30000000000)

/**
 * Open @p ops on a thread of its own, and read it once unless it is slow, which
 * shows whether it answers at all. One that is bound to its thread is only
 * opened, here and without a limit.
 *
 * @param env            copied, but not what it points to
 * @param patience_ns    how long this waits for it at most
 * @param[out] lost_out  true: it has not come back, and may use all that @p env
 *                       points to for ever; should it come back, it is closed
 * @retval GB_ERR_TIMEOUT  *lost_out is true
 * @return else what ops->open() returned
 */
gb_status gb_opening_run(const gb_energy_source_ops *ops,
                         const gb_energy_env *env, uint64_t patience_ns,
                         gb_energy_source **source_out, bool *lost_out,
                         gb_error *err);

#endif /* GB_MACHINE_ENERGY_OPENING_H */
