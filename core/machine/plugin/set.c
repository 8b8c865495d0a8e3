/* SPDX-License-Identifier: Apache-2.0 */
/* Load modules and keep them. */
#include "machine/plugin/plugin.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/plugin/mpi_library.h"
#include "machine/plugin/set.h"

const gb_plugin *gb_plugin_set_get(const gb_plugin_set *set, size_t index) {
    return &set->items[index].plugin;
}

const gb_meter *gb_plugin_set_meter(const gb_plugin_set *set, size_t index) {
    return set->items[index].is_meter ? &set->items[index].meter : NULL;
}

const char *gb_loaded_id(const gb_loaded *item) {
    return item->is_meter ? item->meter.id : item->plugin.id;
}

void gb_plugin_close_module(void *module) {
#ifdef GREENBENCH_NO_DLCLOSE
    (void)module;
#else
    dlclose(module);
#endif
}

void gb_loaded_drop(const gb_loaded *item) {
    /* A read of a meter that never returned still runs in its code. */
    if (!item->is_meter)
        gb_plugin_close_module(item->module);
    if (item->copy_fd > 0)
        close(item->copy_fd);
    free(item->path);
}

void gb_plugin_set_free(gb_plugin_set *set) {
    if (set == NULL)
        return;
    for (size_t i = 0; i < set->count; i++)
        gb_loaded_drop(&set->items[i]);
    free(set->items);
    free(set);
}

/* --- one file ------------------------------------------------------------- */

/** The dynamic linker's words, without the path that the message has anyway. */
static gb_status fail_dlopen(const char *file, const char *path,
                             gb_error *err) {
    const char *text = dlerror();
    const size_t length = strlen(file);

    if (text == NULL)
        text = "no reason given";
    if (strncmp(text, file, length) == 0)
        text += length + strspn(text + length, ": ");
    const char *hint = "rebuild it on this machine";
    if (strstr(text, "undefined symbol") != NULL)
        hint = "link the library that defines it, with -Wl,-z,defs to find "
               "such gaps when building";
    else if (strstr(text, "cannot open shared object") != NULL)
        hint = "install that library, or add its folder to LD_LIBRARY_PATH";
    return gb_fail(err, GB_ERR_ABI, hint, "cannot load '%s': %s", path, text);
}

/** Which of the two kinds it is, and whether it is sound. */
static gb_status check_descriptor(void *module, const char *path,
                                  const char *const *extensions,
                                  gb_loaded *item, gb_error *err) {
    const void *plugin = dlsym(module, GB_PLUGIN_SYMBOL);
    const void *meter = dlsym(module, GB_METER_SYMBOL);

    item->failed = GB_PART_SYMBOL;
    if (plugin != NULL && meter != NULL)
        return gb_fail(err, GB_ERR_ABI, "make two plugins of it",
                       "'%s': expected '" GB_PLUGIN_SYMBOL
                       "' or '" GB_METER_SYMBOL "', found both",
                       path);
    if (plugin != NULL)
        return gb_plugin_check(plugin, path, extensions, &item->plugin,
                               &item->failed, err);
    item->is_meter = meter != NULL;
    if (meter != NULL)
        return gb_meter_check(meter, path, &item->meter, &item->failed, err);
    return gb_fail(err, GB_ERR_ABI,
                   "define 'const gb_plugin " GB_PLUGIN_SYMBOL
                   "', or 'const gb_meter " GB_METER_SYMBOL "', and export it",
                   "'%s': expected the symbol '" GB_PLUGIN_SYMBOL
                   "' or '" GB_METER_SYMBOL "', found none",
                   path);
}

gb_status gb_plugin_load_module(const char *file, const char *path,
                                const char *const *extensions, gb_loaded *item,
                                gb_error *err) {
    item->failed = GB_PART_FILE;
    void *module = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (module == NULL)
        return fail_dlopen(file, path, err);
    gb_status status = gb_mpi_library_check(module, path, err);
    if (status != GB_OK) {
        gb_plugin_close_module(module);
        return status;
    }
    status = check_descriptor(module, path, extensions, item, err);
    if (status != GB_OK) {
        gb_plugin_close_module(module);
        return status;
    }
    item->module = module;
    return GB_OK;
}

/* --- sets ----------------------------------------------------------------- */

gb_status gb_plugin_set_add(gb_plugin_set *set, const gb_loaded *item,
                            gb_error *err) {
    gb_loaded *items = realloc(set->items, (set->count + 1) * sizeof(*items));

    if (items == NULL) {
        gb_loaded_drop(item);
        return gb_fail_memory(err, "the list of plugins");
    }
    set->items = items;
    items[set->count++] = *item;
    return GB_OK;
}

gb_status gb_plugin_set_load_file(const char *path,
                                  const char *const *extensions,
                                  gb_plugin_set **set_out,
                                  gb_plugin_part *failed_out, gb_error *err) {
    gb_plugin_set *set = calloc(1, sizeof(*set));
    /* dlopen() would look for a bare name in the library path. */
    gb_loaded item = {.path = realpath(path, NULL)};

    if (set == NULL) {
        free(item.path);
        return gb_fail_memory(err, "the list of plugins");
    }
    gb_status status = GB_OK;
    if (item.path == NULL)
        status = gb_fail_os(err, GB_ERR_NOT_FOUND, NULL,
                            "cannot find the plugin '%s'", path);
    else
        status =
            gb_plugin_load_module(item.path, item.path, extensions, &item, err);
    *failed_out = item.failed;
    if (status == GB_OK)
        status = gb_plugin_set_add(set, &item, err);
    else
        free(item.path);
    if (status != GB_OK) {
        gb_plugin_set_free(set);
        return status;
    }
    *set_out = set;
    return GB_OK;
}
