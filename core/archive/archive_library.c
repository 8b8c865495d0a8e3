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

static gb_status check_version(const gb_archive_library *library,
                               gb_error *err) {
    const int version = library->archive_version_number();

    if (version >= VERSION_LEAST)
        return GB_OK;
    return gb_fail(err, GB_ERR_UNSUPPORTED, HINT,
                   "expected libarchive 3.3.3 or later, found %d.%d.%d",
                   version / 1000000, version / 1000 % 1000, version % 1000);
}

gb_status gb_archive_load(const gb_archive_library **library_out,
                          gb_error *err) {
    static gb_archive_library library;
    static void *handle; /* stays until the program ends */

    *library_out = &library;
    if (handle != NULL)
        return GB_OK;
    gb_status status = gb_shared_object_open(
        GB_ARCHIVE_LIBRARY, symbols, sizeof(symbols) / sizeof(symbols[0]), HINT,
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

gb_status gb_archive_refuse_program(gb_error *err) {
    return gb_fail(err, GB_ERR_UNSUPPORTED, HINT,
                   "expected a libarchive that was built with zstd, found one "
                   "that would start a program for it");
}
