/* SPDX-License-Identifier: Apache-2.0 */
#include "base/shared_object.h"

#include <dlfcn.h>
#include <string.h>

gb_status gb_shared_object_open(const char *file, const gb_symbol *symbols,
                                size_t count, const char *hint, void *pointers,
                                void **handle_out, gb_error *err) {
    void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);

    if (handle == NULL)
        return gb_fail(err, GB_ERR_UNSUPPORTED, hint, "cannot load %s",
                       dlerror());
    for (size_t i = 0; i < count; i++) {
        void *found = dlsym(handle, symbols[i].name);
        if (found == NULL) {
            dlclose(handle);
            return gb_fail(err, GB_ERR_UNSUPPORTED, hint,
                           "expected '%s' in %s, found none", symbols[i].name,
                           file);
        }
        /* POSIX: a function's address fits into void *; ISO C has no cast. */
        memcpy((char *)pointers + symbols[i].offset, &found, sizeof(found));
    }
    *handle_out = handle;
    return GB_OK;
}

void gb_shared_object_close(void *handle) {
    dlclose(handle);
}

gb_status gb_shared_object_load(const gb_shared_object *object, void *pointers,
                                void **handle, gb_error *err) {
    if (*handle != NULL)
        return GB_OK;
    gb_status status = gb_shared_object_open(object->file, object->symbols,
                                             object->symbol_count, object->hint,
                                             pointers, handle, err);
    if (status != GB_OK)
        return status;
    status = object->check(pointers, err);
    if (status != GB_OK) {
        gb_shared_object_close(*handle);
        *handle = NULL;
    }
    return status;
}
