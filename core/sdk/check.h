/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_SDK_CHECK_H
#define GB_SDK_CHECK_H

/**
 * @file sdk/check.h
 * Does one plugin keep its promises? It is loaded and run as a host would, in a
 * process of its own, and every rule of model/conformance.h is tried on it.
 */
#include "base/error.h"
#include "model/conformance.h"

/**
 * Call it before MPI is started and before any thread: it forks. Under mpirun
 * every rank calls it, and each child becomes the rank; what the ranks found is
 * merged, so that all of them get the same findings, unless the child of one
 * has died, which that rank alone knows.
 *
 * @param setting  what a meter is told, "host=pdu7;outlet=3"; nullable
 * @param limit_s  a step that lasts longer is taken for a hang, > 0
 * @param argc, argv  of the program, for MPI
 * @retval GB_OK           it was tried, well or not: see @p out
 * @retval GB_ERR_INVALID  it needs other ranks than there are
 * @retval GB_ERR_NOT_FOUND, GB_ERR_IO  the file cannot be read
 */
gb_status gb_sdk_check(const char *path, const char *setting, double limit_s,
                       int *argc, char ***argv, gb_conformance *out,
                       gb_error *err);

#endif /* GB_SDK_CHECK_H */
