/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_PLUGIN_MPI_LIBRARY_H
#define GB_MACHINE_PLUGIN_MPI_LIBRARY_H

/**
 * @file machine/plugin/mpi_library.h
 * Which MPI library a shared object was linked with. Handles of two MPI
 * libraries differ in size and meaning: a plugin of one crashes in a program of
 * the other.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/** @return whether @p soname, such as "libmpi.so.40", is an MPI library's */
bool gb_mpi_library_is(const char *soname);

/** @return whether handles of @p a and @p b agree: they are the same, or both
 *  follow the MPICH ABI Compatibility Initiative (www.mpich.org/abi): MPICH,
 *  Intel MPI, MVAPICH, Cray MPICH. */
bool gb_mpi_library_agree(const char *a, const char *b);

/** "Open MPI (libmpi.so.40)", or the soname alone where it tells no more. */
void gb_mpi_library_name(const char *soname, char *out, size_t size);

/**
 * @param module  of dlopen()
 * @param path    its file, for the message
 * @retval GB_ERR_ABI  @p module needs another MPI library than the program
 */
gb_status gb_mpi_library_check(void *module, const char *path, gb_error *err);

#endif /* GB_MACHINE_PLUGIN_MPI_LIBRARY_H */
