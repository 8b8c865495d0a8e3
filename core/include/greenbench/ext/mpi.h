/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GREENBENCH_EXT_MPI_H
#define GREENBENCH_EXT_MPI_H

/**
 * @file greenbench/ext/mpi.h
 * MPI for plugins that measure the network. The only public header that needs
 * <mpi.h>: compute and memory plugins build and run without MPI.
 */
#include <mpi.h>
#include <stdint.h>

/** For gb_plugin.needs and gb_host.extension(). */
#define GB_EXT_MPI "greenbench.mpi/1"

/** What extension(GB_EXT_MPI) gives. */
typedef struct gb_ext_mpi {
    uint32_t struct_size; /**< of the host's gb_ext_mpi */
    int32_t rank;         /**< this rank's number in `comm` */
    int32_t size;         /**< ranks in `comm` */
    MPI_Comm comm; /**< a duplicate made for this instance; do not free it */
    const int32_t *node_of_rank; /**< [size], 0 .. number of nodes - 1 */
} gb_ext_mpi;

#endif /* GREENBENCH_EXT_MPI_H */
