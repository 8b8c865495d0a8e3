/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_METERING_LATTICE_H
#define GB_METERING_LATTICE_H

/**
 * @file metering/lattice.h
 * Which scope contains which, and the choice of what is summed.
 */
#include "model/energy.h"

/** True if energy in @p inner is part of what @p outer counts: the scopes are
 *  nested and the packages are the same or the outer covers the whole node.
 *  A domain contains itself and any other reading of the same thing. */
bool gb_domain_contains(const gb_energy_domain *outer,
                        const gb_energy_domain *inner);

/**
 * Choose a node's cover: a set of usable domains of which none contains
 * another (rule 10), by the order of preference of reference/energy.md §0, but
 * `platform` (psys) is not used where packages are readable, and a second path
 * to the same counter ("powercap-mmio", mirrored dies, a second source) is left
 * out. Estimates (MODELLED) are used only if nothing else is ok.
 *
 * Sets `summed` on each domain, `reason` on each ok one that is left out, and
 * fills in @p cover. Only domains with status OK take part.
 *
 * @param domains  [count]
 * @param packages  CPU packages of the machine that the counters are of, so
 *                  that a sum of fewer is seen to be partial; 0: not known
 * @param preference  source names, best first, as the user gave them or the
 *                    built-in order; [preference_count]
 */
void gb_lattice_choose(gb_energy_domain *domains, size_t count,
                       uint32_t packages, const char *const *preference,
                       size_t preference_count, gb_energy_cover *cover);

#endif /* GB_METERING_LATTICE_H */
