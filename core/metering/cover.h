/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_METERING_COVER_H
#define GB_METERING_COVER_H

/**
 * @file metering/cover.h
 * A node's cover in words: what it holds, what it leaves out, and which parts
 * it lacks although they are of the kind that it sums.
 */
#include "base/phrase.h"
#include "metering/lattice.h"
#include "model/system.h"

/* Sets of scopes, for the files of this folder. */
#define GB_SCOPE_BIT(scope) (UINT32_C(1) << GB_SCOPE_##scope)

bool gb_scope_in(const gb_energy_domain *domain, uint32_t scopes);
/** The whole node, as a meter or the board sees it. */
bool gb_scope_is_node(const gb_energy_domain *domain);
/** The second register path to a package's counter. */
bool gb_domain_is_mmio(const gb_energy_domain *domain);
/** Accelerators of two vendors, each numbered on its own. */
bool gb_domains_of_two_vendors(const gb_energy_domain *a,
                               const gb_energy_domain *b);
/** The summed domain that holds @p domain, or lies in it; null: none. */
const gb_energy_domain *gb_cover_conflict(const gb_energy_domain *domains,
                                          size_t count,
                                          const gb_energy_domain *domain);

/**
 * The words of @p cover, once `summed` is settled.
 *
 * A cover is partial, and `missing` names why, where
 * - the counter of a module, socket, package, DRAM or accelerator is listed and
 *   forbidden, hidden, stuck or failed, and nothing summed holds what it
 *   counts; or
 * - sockets are summed, but fewer than the machine has (rule 19). Not asked of
 *   recordings and estimates, which are of other machines or of none, and not
 *   where a summed counter does not say which socket it is of.
 *
 * @param packages  CPU packages of the machine; 0: not known
 */
void gb_cover_describe(const gb_energy_domain *domains, size_t count,
                       uint32_t packages, gb_language language,
                       gb_energy_cover *cover);

/** The cover of a stored node in another language: described again from its
 *  domains. @return false, and nothing in @p out, if that does not give the
 *  recorded English words, such as those of another version of greenbench */
bool gb_cover_translate(const gb_node *node, gb_language language,
                        gb_energy_cover *out);

/** Why a readable domain that is not summed is left out, as give_reasons() of
 *  the choice says it; the reason that its source gave stays behind it.
 *  @return false, and nothing in @p out, if it is not the recorded reason */
bool gb_left_out_translate(const gb_node *node, size_t domain,
                           gb_language language, char *out, size_t size);

#endif /* GB_METERING_COVER_H */
