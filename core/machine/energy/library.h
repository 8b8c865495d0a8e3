/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_LIBRARY_H
#define GB_MACHINE_ENERGY_LIBRARY_H

/**
 * @file machine/energy/library.h
 * A vendor's library found at run time, so that one build works with and
 * without it. Private to machine/energy.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "machine/energy/source.h"

/* Exported by libraries that only pretend to be a vendor's, such as those of
 * our tests: what they say is never a measurement. */
#define GB_LIBRARY_STAND_IN "greenbench_fake_library"

typedef struct gb_library {
    void *handle;   /* null: none */
    char path[160]; /* the file, as the dynamic linker found it */
    bool stand_in;  /* exports GB_LIBRARY_STAND_IN */
} gb_library;

/** A function of a library, and where in a struct of pointers it belongs. */
typedef struct gb_library_symbol {
    const char *name;
    size_t offset;
    bool essential;
} gb_library_symbol;

/**
 * Load the first of @p names that can be loaded; a setting of the user's, a
 * path, replaces them all. A simulated root without a setting has no libraries:
 * they would read this machine.
 *
 * @param names  [count], as for dlopen()
 * @param hint   what to do if there is none
 * @retval GB_ERR_UNSUPPORTED  the linker's words for the first name
 */
gb_status gb_library_load(const gb_energy_env *env, const char *const *names,
                          size_t count, const char *hint,
                          gb_library *library_out, gb_error *err);

/**
 * Fill in the function pointers of @p api; null where a symbol is missing.
 * @param symbols  [count]
 * @return the first essential symbol that is missing, or null
 */
const char *gb_library_bind(const gb_library *library,
                            const gb_library_symbol *symbols, size_t count,
                            void *api);

void gb_library_unload(gb_library *library);

/** What figures read through @p library are worth: SIMULATED for a stand-in,
 *  and for a library of the user's choice where the kernel has none of
 *  @p drivers (paths, [count]), which any real one needs. */
gb_quality gb_library_quality(const gb_library *library,
                              const gb_energy_env *env,
                              const char *const *drivers, size_t count);

#endif /* GB_MACHINE_ENERGY_LIBRARY_H */
