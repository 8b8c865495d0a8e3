/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/sqlite_library.h"

#include <stddef.h>

#include "base/shared_object.h"

#define HINT "install the SQLite library (Debian: libsqlite3-0)"

/* With ON CONFLICT (upsert), 2018. */
#define VERSION_LEAST 3024000

static const gb_symbol symbols[] = {
#define SYMBOL(name) {#name, offsetof(gb_sqlite, name)},
    GB_SQLITE_FUNCTIONS(SYMBOL)
#undef SYMBOL
};

static gb_status check_version(const gb_sqlite *library, gb_error *err) {
    const int version = library->sqlite3_libversion_number();

    if (version >= VERSION_LEAST)
        return GB_OK;
    return gb_fail(err, GB_ERR_UNSUPPORTED, HINT,
                   "expected SQLite 3.24 or later, found %d.%d",
                   version / 1000000, version / 1000 % 1000);
}

gb_status gb_sqlite_load(const gb_sqlite **library_out, gb_error *err) {
    static gb_sqlite library;
    static void *handle; /* stays until the program ends */

    *library_out = &library;
    if (handle != NULL)
        return GB_OK;
    gb_status status = gb_shared_object_open(
        GB_SQLITE_LIBRARY, symbols, sizeof(symbols) / sizeof(symbols[0]), HINT,
        &library, &handle, err);
    if (status != GB_OK)
        return status;
    status = check_version(&library, err);
    if (status != GB_OK) {
        gb_shared_object_close(handle);
        handle = NULL;
    }
    return status;
}
