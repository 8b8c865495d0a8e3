/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/sqlite_library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define HINT "install the SQLite library (Debian: libsqlite3-0)"

/* With ON CONFLICT (upsert), 2018. */
#define VERSION_LEAST 3024000

static const struct {
    const char *name;
    size_t offset;
} symbols[] = {
#define SYMBOL(name) {#name, offsetof(gb_sqlite, name)},
    GB_SQLITE_FUNCTIONS(SYMBOL)
#undef SYMBOL
};

static gb_status bind_symbols(void *handle, gb_sqlite *library, gb_error *err) {
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        void *found = dlsym(handle, symbols[i].name);
        if (found == NULL)
            return gb_fail(err, GB_ERR_UNSUPPORTED, HINT,
                           "expected '%s' in " GB_SQLITE_LIBRARY ", found none",
                           symbols[i].name);
        memcpy((char *)library + symbols[i].offset, &found, sizeof(found));
    }
    const int version = library->sqlite3_libversion_number();
    if (version < VERSION_LEAST)
        return gb_fail(err, GB_ERR_UNSUPPORTED, HINT,
                       "expected SQLite 3.24 or later, found %d.%d",
                       version / 1000000, version / 1000 % 1000);
    return GB_OK;
}

gb_status gb_sqlite_load(const gb_sqlite **library_out, gb_error *err) {
    static gb_sqlite library;
    static void *handle;

    *library_out = &library;
    if (handle != NULL)
        return GB_OK;
    void *opened = dlopen(GB_SQLITE_LIBRARY, RTLD_NOW | RTLD_LOCAL);
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
