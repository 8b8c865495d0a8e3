/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/library.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

#include "base/text.h"

static bool has_setting(const gb_energy_env *env) {
    return env->setting && env->setting[0] != '\0';
}

static void note_path(gb_library *library, const char *name) {
    struct link_map *map = NULL;

    if (dlinfo(library->handle, RTLD_DI_LINKMAP, &map) == 0 && map &&
        map->l_name && map->l_name[0] != '\0')
        name = map->l_name;
    gb_copy(library->path, sizeof(library->path), name);
}

gb_status gb_library_load(const gb_energy_env *env, const char *const *names,
                          size_t count, const char *hint,
                          gb_library *library_out, gb_error *err) {
    const char *const chosen[] = {env->setting};
    char words[200] = "";

    *library_out = (gb_library){0};
    if (has_setting(env)) {
        names = chosen;
        count = 1;
    } else if (gb_sysroot_simulated(env->root)) {
        return gb_fail(err, GB_ERR_UNSUPPORTED, NULL,
                       "%s would read this machine, not the simulated root",
                       names[0]);
    }
    for (size_t i = 0; i < count; i++) {
        library_out->handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        if (library_out->handle) {
            note_path(library_out, names[i]);
            library_out->stand_in =
                dlsym(library_out->handle, GB_LIBRARY_STAND_IN) != NULL;
            return GB_OK;
        }
        const char *why = dlerror();
        if (i == 0)
            gb_copy(words, sizeof(words), why ? why : names[i]);
    }
    return gb_fail(err, GB_ERR_UNSUPPORTED, hint, "cannot load %s", words);
}

const char *gb_library_bind(const gb_library *library,
                            const gb_library_symbol *symbols, size_t count,
                            void *api) {
    const char *missing = NULL;

    for (size_t i = 0; i < count; i++) {
        void *found = dlsym(library->handle, symbols[i].name);

        /* POSIX: a function's address fits into void *; ISO C has no cast. */
        memcpy((char *)api + symbols[i].offset, &found, sizeof(found));
        if (!found && symbols[i].essential && !missing)
            missing = symbols[i].name;
    }
    return missing;
}

void gb_library_unload(gb_library *library) {
#ifndef GREENBENCH_NO_DLCLOSE
    if (library->handle)
        dlclose(library->handle);
#endif
    *library = (gb_library){0};
}

gb_quality gb_library_quality(const gb_library *library,
                              const gb_energy_env *env,
                              const char *const *drivers, size_t count) {
    bool driver = !has_setting(env);

    for (size_t i = 0; i < count && !driver; i++)
        driver = gb_sysroot_kind(env->root, drivers[i]) != GB_PATH_ABSENT;
    return library->stand_in || !driver ? GB_QUALITY_SIMULATED
                                        : GB_QUALITY_MEASURED;
}
