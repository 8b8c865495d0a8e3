/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_ARCHIVE_HDF5_LIBRARY_H
#define GB_ARCHIVE_HDF5_LIBRARY_H

/**
 * @file archive/hdf5_library.h
 * What archive/hdf5.c uses of HDF5, loaded at run time. Private to it.
 */
#include <hdf5.h>

#include "base/error.h"

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
#undef GB_HDF5_POINTER
} gb_hdf5;

/** Loads it the first time. Not thread-safe.
 *  @retval GB_ERR_UNSUPPORTED  the linker's words, or another version */
gb_status gb_hdf5_load(const gb_hdf5 **library_out, gb_error *err);

#endif /* GB_ARCHIVE_HDF5_LIBRARY_H */
