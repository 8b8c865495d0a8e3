/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_SET_H
#define GB_MACHINE_ENERGY_SET_H

/**
 * @file machine/energy/set.h
 * All sources of one node as one flat list of domains, probed, with its cover.
 */
#include "machine/energy/source.h"

typedef struct gb_energy_set gb_energy_set;

/**
 * Open the wanted sources, read each domain twice, and choose the cover.
 *
 * A domain is `ok` only if two reads worked and a counter moved between them
 * (rule 7); the wait is as short as the slowest update period needs, at most
 * 250 ms, and for an update period unknown 50 ms; a slow source is read on a
 * thread of its own from then on, and waited for until it has answered twice,
 * at most 7 s. A source that does not come back from being opened within 30 s
 * has failed. Under a simulated root every ok domain gets quality SIMULATED.
 With "auto" an estimate that is not needed
 * is `unsupported`, so that nobody pays for reading it.
 *
 * @param wanted  "auto": all sources; "none": no domains; or names separated
 *                by commas, best first; SOURCE=SETTING where one needs to be
                told something ("external=/run/meter"), of a meter plugin
                several
 * @retval GB_ERR_INVALID  an unknown name, with a suggestion
 */
gb_status gb_energy_set_open(const gb_energy_env *env, const char *wanted,
                             gb_energy_set **set_out, gb_error *err);

/** Check @p wanted without opening anything. */
gb_status gb_energy_set_check(const char *wanted, gb_error *err);

/** Every domain found, ok or not; a source with nothing is one row with status
 *  ABSENT and the domain name "". [*count_out], owned by the set. */
const gb_energy_domain *gb_energy_set_domains(const gb_energy_set *set,
                                              size_t *count_out);
/** Copy the domains and the cover into @p node, which owns the copy. */
gb_status gb_energy_set_describe(const gb_energy_set *set, gb_node *node,
                                 gb_error *err);
const gb_energy_cover *gb_energy_set_cover(const gb_energy_set *set);

/** Read every domain that is ok; others get ok = false. Not thread-safe.
 *  @param[out] readings  [count] in the order of gb_energy_set_domains() */
void gb_energy_set_read(gb_energy_set *set, gb_energy_reading *readings);

/** Longest interval between reads that cannot miss a wrap, s (rule 22). */
double gb_energy_set_longest_interval_s(const gb_energy_set *set);

/** Null is allowed. @return false: a source's read has not returned; its thread
 *  keeps the source and all that the set was opened with */
bool gb_energy_set_close(gb_energy_set *set);

#endif /* GB_MACHINE_ENERGY_SET_H */
