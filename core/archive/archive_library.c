/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/archive_library.h"

#include <stddef.h>

#include "base/shared_object.h"

#define HINT "install libarchive with zstd (Debian: libarchive13)"

/* With zstd, 2018. */
#define VERSION_LEAST 3003003

static const gb_symbol symbols[] = {
#define SYMBOL(name) {#name, offsetof(gb_archive_library, name)},
    GB_ARCHIVE_FUNCTIONS(SYMBOL)
#undef SYMBOL
};

static gb_status check_version(const void *loaded, gb_error *err) {
    const gb_archive_library *library = loaded;
    const int version = library->archive_version_number();

    if (version >= VERSION_LEAST)
        return GB_OK;
    return gb_fail(err, GB_ERR_UNSUPPORTED, HINT,
                   "expected libarchive 3.3.3 or later, found %d.%d.%d",
                   version / 1000000, version / 1000 % 1000, version % 1000);
}

static const gb_shared_object object = {
    .file = GB_ARCHIVE_LIBRARY,
    .symbols = symbols,
    .symbol_count = sizeof(symbols) / sizeof(symbols[0]),
    .hint = HINT,
    .check = check_version,
};

gb_status gb_archive_load(const gb_archive_library **library_out,
                          gb_error *err) {
    static gb_archive_library library;
    static void *handle;

    *library_out = &library;
    return gb_shared_object_load(&object, &library, &handle, err);
}

gb_status gb_archive_refuse_program(gb_error *err) {
    return gb_fail(err, GB_ERR_UNSUPPORTED, HINT,
                   "expected a libarchive that was built with zstd, found one "
                   "that would start a program for it");
}
