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

static gb_status check_version(const void *loaded, gb_error *err) {
    const gb_sqlite *library = loaded;
    const int version = library->sqlite3_libversion_number();

    if (version >= VERSION_LEAST)
        return GB_OK;
    return gb_fail(err, GB_ERR_UNSUPPORTED, HINT,
                   "expected SQLite 3.24 or later, found %d.%d",
                   version / 1000000, version / 1000 % 1000);
}

static const gb_shared_object object = {
    .file = GB_SQLITE_LIBRARY,
    .symbols = symbols,
    .symbol_count = sizeof(symbols) / sizeof(symbols[0]),
    .hint = HINT,
    .check = check_version,
};

gb_status gb_sqlite_load(const gb_sqlite **library_out, gb_error *err) {
    static gb_sqlite library;
    static void *handle;

    *library_out = &library;
    return gb_shared_object_load(&object, &library, &handle, err);
}
