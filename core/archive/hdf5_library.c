/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/hdf5_library.h"

#include <stddef.h>

#include "base/shared_object.h"

#define HINT "install the HDF5 library that greenbench was built with"

static const gb_symbol symbols[] = {
#define SYMBOL(name) {#name, offsetof(gb_hdf5, name)},
    GB_HDF5_FUNCTIONS(SYMBOL) GB_HDF5_IDS(SYMBOL)
#undef SYMBOL
};

/* Fails where the version is not that of the header: its ids and structs may
 * differ then. */
static gb_status start(const gb_hdf5 *library, gb_error *err) {
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
    static gb_hdf5 library;
    static void *handle; /* stays until the program ends */

    *library_out = &library;
    if (handle != NULL)
        return GB_OK;
    gb_status status = gb_shared_object_open(
        GB_HDF5_LIBRARY, symbols, sizeof(symbols) / sizeof(symbols[0]), HINT,
        &library, &handle, err);
    if (status != GB_OK)
        return status;
    status = start(&library, err);
    if (status != GB_OK) {
        gb_shared_object_close(handle);
        handle = NULL;
    }
    return status;
}
