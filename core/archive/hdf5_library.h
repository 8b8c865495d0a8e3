/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_ARCHIVE_HDF5_LIBRARY_H
#define GB_ARCHIVE_HDF5_LIBRARY_H

/**
 * @file archive/hdf5_library.h
 * What archive/hdf5*.c use of HDF5, loaded at run time. Private to them.
 */
#include <hdf5.h>

#include "base/error.h"
#include "base/shared_object.h"

#define GB_HDF5_FUNCTIONS(X)                                                   \
    X(H5open)                                                                  \
    X(H5get_libversion)                                                        \
    X(H5Eset_auto2)                                                            \
    X(H5Fcreate)                                                               \
    X(H5Fclose)                                                                \
    X(H5Gcreate2)                                                              \
    X(H5Gclose)                                                                \
    X(H5Dcreate2)                                                              \
    X(H5Dwrite)                                                                \
    X(H5Dclose)                                                                \
    X(H5Acreate2)                                                              \
    X(H5Awrite)                                                                \
    X(H5Aclose)                                                                \
    X(H5Screate)                                                               \
    X(H5Screate_simple)                                                        \
    X(H5Sclose)                                                                \
    X(H5Pcreate)                                                               \
    X(H5Pset_libver_bounds)                                                    \
    X(H5Pset_chunk)                                                            \
    X(H5Pset_shuffle)                                                          \
    X(H5Pset_deflate)                                                          \
    X(H5Pclose)                                                                \
    X(H5Tcopy)                                                                 \
    X(H5Tset_size)                                                             \
    X(H5Tset_cset)                                                             \
    X(H5Tclose)

/** Ids of types and property classes; variables of the library. */
#define GB_HDF5_IDS(X)                                                         \
    X(H5T_C_S1_g)                                                              \
    X(H5T_NATIVE_UINT64_g)                                                     \
    X(H5T_STD_U64LE_g)                                                         \
    X(H5T_NATIVE_DOUBLE_g)                                                     \
    X(H5T_IEEE_F64LE_g)                                                        \
    X(H5P_CLS_FILE_ACCESS_ID_g)                                                \
    X(H5P_CLS_DATASET_CREATE_ID_g)

typedef struct gb_hdf5 {
#define GB_HDF5_POINTER(name) __typeof__(name) *name;
    GB_HDF5_FUNCTIONS(GB_HDF5_POINTER)
    GB_HDF5_IDS(GB_HDF5_POINTER)
} gb_hdf5;

/** What only those need that write a file together. */
#define GB_HDF5_PARALLEL_FUNCTIONS(X)                                          \
    X(H5Fopen)                                                                 \
    X(H5Fflush)                                                                \
    X(H5Dopen2)                                                                \
    X(H5Dget_space)                                                            \
    X(H5Sget_simple_extent_npoints)                                            \
    X(H5Sselect_none)                                                          \
    X(H5P_CLS_DATASET_XFER_ID_g)

/** And what the header of a library that is not parallel does not declare. */
#define GB_HDF5_PARALLEL_OTHERS(X)                                             \
    X(H5Pset_fapl_mpio)                                                        \
    X(H5Pset_dxpl_mpio)                                                        \
    X(H5Pset_all_coll_metadata_ops)                                            \
    X(H5Pset_coll_metadata_write)

typedef struct gb_hdf5_parallel {
    gb_hdf5 h5;
    GB_HDF5_PARALLEL_FUNCTIONS(GB_HDF5_POINTER)
    gb_any_function *H5Pset_fapl_mpio; /* its type needs MPI's header */
    herr_t (*H5Pset_dxpl_mpio)(hid_t list, H5FD_mpio_xfer_t mode);
    herr_t (*H5Pset_all_coll_metadata_ops)(hid_t list, hbool_t on);
    herr_t (*H5Pset_coll_metadata_write)(hid_t list, hbool_t on);
} gb_hdf5_parallel;

/** Loads it the first time. Not thread-safe.
 *  @retval GB_ERR_UNSUPPORTED  the linker's words, or another version */
gb_status gb_hdf5_load(const gb_hdf5 **library_out, gb_error *err);

/** The same for the library that was built for this program's MPI, in a program
 *  that knows of one. */
gb_status gb_hdf5_load_parallel(const gb_hdf5_parallel **library_out,
                                gb_error *err);
#undef GB_HDF5_POINTER

#endif /* GB_ARCHIVE_HDF5_LIBRARY_H */
