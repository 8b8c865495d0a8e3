/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/hdf5_library.h"

#include <stddef.h>

#include "base/shared_object.h"

#define HINT "install the HDF5 library that greenbench was built with"

/* Fails where the version is not that of the header: its ids and structs may
 * differ then. */
static gb_status start(const void *loaded, gb_error *err) {
    const gb_hdf5 *library = loaded;
    unsigned major = 0, minor = 0, release = 0;

    if (library->H5get_libversion(&major, &minor, &release) < 0 ||
        major != H5_VERS_MAJOR || minor != H5_VERS_MINOR)
        return gb_fail(err, GB_ERR_UNSUPPORTED, HINT,
                       "expected HDF5 %d.%d, found %u.%u", H5_VERS_MAJOR,
                       H5_VERS_MINOR, major, minor);
    if (library->H5open() < 0)
        return gb_fail(err, GB_ERR_UNSUPPORTED, NULL, "HDF5 does not start");
    /* What goes wrong is in gb_error, not on stderr. */
    library->H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return GB_OK;
}

gb_status gb_hdf5_load(const gb_hdf5 **library_out, gb_error *err) {
    static const gb_symbol symbols[] = {
#define SYMBOL(name) {#name, offsetof(gb_hdf5, name)},
        GB_HDF5_FUNCTIONS(SYMBOL) GB_HDF5_IDS(SYMBOL)
#undef SYMBOL
    };
    static const gb_shared_object object = {
        .file = GB_HDF5_LIBRARY,
        .symbols = symbols,
        .symbol_count = sizeof(symbols) / sizeof(symbols[0]),
        .hint = HINT,
        .check = start,
    };
    static gb_hdf5 library;
    static void *handle;

    *library_out = &library;
    return gb_shared_object_load(&object, &library, &handle, err);
}

#ifdef GB_HDF5_PARALLEL_LIBRARY
static gb_status start_parallel(const void *loaded, gb_error *err) {
    const gb_hdf5_parallel *library = loaded;

    return start(&library->h5, err);
}

gb_status gb_hdf5_load_parallel(const gb_hdf5_parallel **library_out,
                                gb_error *err) {
    static const gb_symbol symbols[] = {
#define SYMBOL(name) {#name, offsetof(gb_hdf5_parallel, h5.name)},
        GB_HDF5_FUNCTIONS(SYMBOL) GB_HDF5_IDS(SYMBOL)
#undef SYMBOL
#define SYMBOL(name) {#name, offsetof(gb_hdf5_parallel, name)},
            GB_HDF5_PARALLEL_FUNCTIONS(SYMBOL) GB_HDF5_PARALLEL_OTHERS(SYMBOL)
#undef SYMBOL
    };
    static const gb_shared_object object = {
        .file = GB_HDF5_PARALLEL_LIBRARY,
        .symbols = symbols,
        .symbol_count = sizeof(symbols) / sizeof(symbols[0]),
        .hint = HINT,
        .check = start_parallel,
    };
    static gb_hdf5_parallel library;
    static void *handle;

    *library_out = &library;
    return gb_shared_object_load(&object, &library, &handle, err);
}
#endif
