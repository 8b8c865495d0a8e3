/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_SELFTEST_H
#define GB_SELFTEST_H

/**
 * @file selftest/selftest.h
 * Does this build, on this machine, give the right totals of saved machines,
 * and none of those that usual mistakes give? (reference/energy.md, rule 55)
 *
 * A saved machine is a folder with `expected.json` and its /sys as t0/ and,
 * dt_s later, t1/. It goes through the same sources, lattice and arithmetic as
 * a run: only that nobody waits for counters to move, and that what the sampler
 * would have read in between lies on the line from one state to the other.
 */
#include "base/error.h"
#include "model/selftest.h"

/**
 * @param folder  holds saved machines, and folders of them
 * @retval GB_ERR_NOT_FOUND  no such folder, or no saved machine in it
 */
gb_status gb_selftest_run(const char *folder, gb_selftest *selftest_out,
                          gb_error *err);

/** One saved machine. A machine that cannot be read is a case that is wrong. */
void gb_selftest_machine(const char *folder, const char *name,
                         gb_selftest_case *out);

#endif /* GB_SELFTEST_H */
