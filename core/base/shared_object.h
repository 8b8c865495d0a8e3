/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_BASE_SHARED_OBJECT_H
#define GB_BASE_SHARED_OBJECT_H

/**
 * @file base/shared_object.h
 * Libraries that are loaded where they are needed, so that the ranks that do
 * not are spared their memory.
 */
#include <stddef.h>

#include "base/error.h"

/** Any function; cast to what it is before it is called. */
typedef void gb_any_function(void);

/** A function or variable of a library, and where in a struct of pointers it
 *  belongs. */
typedef struct gb_symbol {
    const char *name;
    size_t offset;
} gb_symbol;

/**
 * Load a library and fill in a struct of pointers.
 *
 * @param file     as for dlopen(): "libsqlite3.so.0"
 * @param symbols  [count], all of them needed
 * @param hint     how to get the library
 * @param[out] handle_out  for gb_shared_object_close()
 * @retval GB_ERR_UNSUPPORTED  it or a symbol is missing, and nothing is loaded
 */
gb_status gb_shared_object_open(const char *file, const gb_symbol *symbols,
                                size_t count, const char *hint, void *pointers,
                                void **handle_out, gb_error *err);
void gb_shared_object_close(void *handle);

/** Whether the library that was loaded is one that can be used. */
typedef gb_status gb_shared_object_check(const void *library, gb_error *err);

/** What gb_shared_object_load() loads. */
typedef struct gb_shared_object {
    const char *file;         /* as for dlopen() */
    const gb_symbol *symbols; /* [symbol_count], all of them needed */
    size_t symbol_count;
    const char *hint; /* how to get the library */
    gb_shared_object_check *check;
} gb_shared_object;

/**
 * Load a library that stays until the program ends, fill in a struct of
 * pointers and check it. What is loaded already is left as it is.
 *
 * @param[in,out] handle  null: not loaded yet, and after a failure
 * @retval GB_ERR_UNSUPPORTED  it or a symbol is missing
 * @return otherwise what the check says
 */
gb_status gb_shared_object_load(const gb_shared_object *object, void *pointers,
                                void **handle, gb_error *err);

#endif /* GB_BASE_SHARED_OBJECT_H */
