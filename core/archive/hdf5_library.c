/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/hdf5_library.h"

#include <dlfcn.h>
#include <string.h>

#define HINT "install the HDF5 library that greenbench was built with"

static const struct {
    const char *name;
    size_t offset;
} symbols[] = {
#define SYMBOL(name) {#name, offsetof(gb_hdf5, name)},
    GB_HDF5_FUNCTIONS(SYMBOL) GB_HDF5_IDS(SYMBOL)
#undef SYMBOL
};

/* Fails where a name is missing, and where the version is not that of the
 * header: its ids and structs may differ then. */
static gb_status bind_symbols(void *handle, gb_hdf5 *library, gb_error *err) {
    unsigned major = 0, minor = 0, release = 0;

    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        void *found = dlsym(handle, symbols[i].name);
        if (found == NULL)
            return gb_fail(err, GB_ERR_UNSUPPORTED, HINT,
                           "expected '%s' in " GB_HDF5_LIBRARY ", found none",
                           symbols[i].name);
        memcpy((char *)library + symbols[i].offset, &found, sizeof(found));
    }
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
    static void *handle;

    *library_out = &library;
    if (handle != NULL)
        return GB_OK;
    void *opened = dlopen(GB_HDF5_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (opened == NULL)
        return gb_fail(err, GB_ERR_UNSUPPORTED, HINT, "cannot load %s",
                       dlerror());
    const gb_status status = bind_symbols(opened, &library, err);
    if (status == GB_OK)
        handle = opened; /* stays until the program ends */
    else
        dlclose(opened);
    return status;
}
