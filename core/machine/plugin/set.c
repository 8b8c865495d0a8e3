/* SPDX-License-Identifier: Apache-2.0 */
/* Find modules, load them, and list what was accepted and what was refused. */
#include "machine/plugin/plugin.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "machine/plugin/mpi_library.h"
#include "machine/plugin/set.h"

const gb_plugin *gb_plugin_set_get(const gb_plugin_set *set, size_t index) {
    return &set->items[index].plugin;
}

static void close_module(void *module) {
#ifdef GREENBENCH_NO_DLCLOSE
    (void)module;
#else
    dlclose(module);
#endif
}

static void drop(const gb_loaded *item) {
    close_module(item->module);
    if (item->copy_fd > 0)
        close(item->copy_fd);
    free(item->path);
}

void gb_plugin_set_free(gb_plugin_set *set) {
    if (set == NULL)
        return;
    for (size_t i = 0; i < set->count; i++)
        drop(&set->items[i]);
    free(set->items);
    free(set);
}

/* --- one file ------------------------------------------------------------- */

/** The dynamic linker's words, without the path that the message has anyway. */
static gb_status fail_dlopen(const char *path, gb_error *err) {
    const char *text = dlerror();
    const size_t length = strlen(path);

    if (text == NULL)
        text = "no reason given";
    if (strncmp(text, path, length) == 0)
        text += length + strspn(text + length, ": ");
    const char *hint = "rebuild it on this machine";
    if (strstr(text, "undefined symbol") != NULL)
        hint = "link the library that defines it, with -Wl,-z,defs to find "
               "such gaps when building";
    else if (strstr(text, "cannot open shared object") != NULL)
        hint = "install that library, or add its folder to LD_LIBRARY_PATH";
    return gb_fail(err, GB_ERR_ABI, hint, "cannot load '%s': %s", path, text);
}

gb_status gb_plugin_load_module(const char *file, const char *path,
                                const char *const *extensions, gb_loaded *item,
                                gb_error *err) {
    item->failed = GB_PART_FILE;
    void *module = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (module == NULL)
        return fail_dlopen(path, err);
    gb_status status = gb_mpi_library_check(module, path, err);
    if (status != GB_OK) {
        close_module(module);
        return status;
    }
    item->failed = GB_PART_SYMBOL;
    const void *descriptor = dlsym(module, GB_PLUGIN_SYMBOL);
    if (descriptor == NULL)
        status = gb_fail(
            err, GB_ERR_ABI,
            "define 'const gb_plugin " GB_PLUGIN_SYMBOL "' and export it",
            "'%s': expected the symbol '" GB_PLUGIN_SYMBOL "', found none",
            path);
    else
        status = gb_plugin_check(descriptor, path, extensions, &item->plugin,
                                 &item->failed, err);
    if (status != GB_OK) {
        close_module(module);
        return status;
    }
    item->module = module;
    return GB_OK;
}

/* --- the catalogue -------------------------------------------------------- */

/** @p array grown to hold @p count + 1 items; null when out of memory. */
static void *grown(void *array, size_t count, size_t item_bytes) {
    return realloc(array, (count + 1) * item_bytes);
}

static gb_status add_refusal(gb_catalogue *catalogue, const char *path,
                             const gb_error *why, gb_error *err) {
    gb_catalogue_refusal *list =
        grown(catalogue->refusals, catalogue->refusal_count, sizeof(*list));
    if (list == NULL)
        return gb_fail_memory(err, "the list of refused plugins");
    catalogue->refusals = list;
    gb_catalogue_refusal *item = &list[catalogue->refusal_count];
    *item = (gb_catalogue_refusal){
        .path = strdup(path),
        .what = strdup(why->what),
        .hint = strdup(why->hint),
    };
    catalogue->refusal_count++; /* gb_catalogue_fini() frees what there is */
    if (item->path == NULL || item->what == NULL || item->hint == NULL)
        return gb_fail_memory(err, "the list of refused plugins");
    return GB_OK;
}

static bool copy_params(const gb_plugin *plugin, gb_catalogue_entry *entry) {
    if (plugin->param_count == 0)
        return true;
    entry->params = calloc(plugin->param_count, sizeof(*entry->params));
    if (entry->params == NULL)
        return false;
    for (size_t i = 0; i < plugin->param_count; i++) {
        const gb_param_decl *from = &plugin->params[i];
        gb_catalogue_param *to = &entry->params[i];
        entry->param_count++;
        to->name = strdup(from->name);
        to->help = strdup(from->help);
        to->default_text = strdup(from->default_text);
        to->accepts = from->accepts != NULL ? strdup(from->accepts) : NULL;
        if (to->name == NULL || to->help == NULL || to->default_text == NULL ||
            (from->accepts != NULL && to->accepts == NULL))
            return false;
    }
    return true;
}

static bool needs_mpi(const gb_plugin *plugin) {
    for (size_t i = 0; plugin->needs != NULL && plugin->needs[i] != NULL; i++)
        if (strncmp(plugin->needs[i], "greenbench.mpi/", 15) == 0)
            return true;
    return false;
}

static gb_status add_entry(gb_catalogue *catalogue, const gb_loaded *item,
                           size_t index, gb_error *err) {
    const gb_plugin *plugin = &item->plugin;
    gb_catalogue_entry *list =
        grown(catalogue->entries, catalogue->count, sizeof(*list));
    if (list == NULL)
        return gb_fail_memory(err, "the list of plugins");
    catalogue->entries = list;
    gb_catalogue_entry *entry = &list[catalogue->count++];
    *entry = (gb_catalogue_entry){
        .id = strdup(plugin->id),
        .version = strdup(plugin->version),
        .summary = strdup(plugin->summary),
        .work_unit = strdup(plugin->work_unit),
        .path = strdup(item->path),
        .ranks_min = plugin->ranks_min,
        .ranks_multiple = plugin->ranks_multiple,
        .one_shot = (plugin->flags & GB_PLUGIN_ONE_SHOT) != 0,
        .no_work = (plugin->flags & GB_PLUGIN_NO_WORK) != 0,
        .communicates = needs_mpi(plugin),
        .plugin = index,
    };
    if (!copy_params(plugin, entry) || entry->id == NULL ||
        entry->version == NULL || entry->summary == NULL ||
        entry->work_unit == NULL || entry->path == NULL)
        return gb_fail_memory(err, "the list of plugins");
    return GB_OK;
}

static int compare_entries(const void *a, const void *b) {
    return strcmp(((const gb_catalogue_entry *)a)->id,
                  ((const gb_catalogue_entry *)b)->id);
}

/* --- folders -------------------------------------------------------------- */

/** The accepted plugin whose id is that of @p file, "<id>.so"; or null. */
static const gb_loaded *find_same_id(const gb_plugin_set *set,
                                     const char *file) {
    for (size_t i = 0; i < set->count; i++) {
        const char *id = set->items[i].plugin.id;
        const size_t length = strlen(id);
        if (strncmp(id, file, length) == 0 && strcmp(file + length, ".so") == 0)
            return &set->items[i];
    }
    return NULL;
}

gb_status gb_plugin_set_add(gb_plugin_set *set, const gb_loaded *item,
                            gb_error *err) {
    gb_loaded *items = grown(set->items, set->count, sizeof(*items));

    if (items == NULL) {
        drop(item);
        return gb_fail_memory(err, "the list of plugins");
    }
    set->items = items;
    items[set->count++] = *item;
    return GB_OK;
}

/** Take over @p item, whose path is malloc'ed, also on failure. */
static gb_status keep(gb_plugin_set *set, gb_catalogue *catalogue,
                      const gb_loaded *item, gb_error *err) {
    const gb_status status = gb_plugin_set_add(set, item, err);

    return status == GB_OK ? add_entry(catalogue, item, set->count - 1, err)
                           : status;
}

static gb_status consider(gb_plugin_set *set, gb_catalogue *catalogue,
                          const char *folder, const char *file,
                          const char *const *extensions, gb_error *err) {
    gb_str text = {0};
    gb_str_addf(&text, "%s/%s", folder, file);
    char *path = gb_str_take(&text);
    if (path == NULL)
        return gb_fail_memory(err, "the path of a plugin");

    struct stat facts = {0};
    gb_error why = {0};
    gb_loaded item = {.path = path};
    gb_status status = GB_OK;
    const gb_loaded *other = find_same_id(set, file);
    (void)stat(path, &facts); /* a file that is gone fails in dlopen */
    item.device = facts.st_dev;
    item.inode = facts.st_ino;
    if (other != NULL && item.inode == other->inode &&
        item.device == other->device) {
        free(path); /* the same file, by way of two folders */
        return GB_OK;
    }
    if (other != NULL)
        status = gb_fail(&why, GB_ERR_INVALID,
                         "the earlier folder wins: remove or rename one",
                         "'%s': expected one plugin '%s', already loaded '%s'",
                         path, other->plugin.id, other->path);
    else
        status = gb_plugin_load_module(path, path, extensions, &item, &why);
    if (status == GB_OK)
        return keep(set, catalogue, &item, err);
    status = add_refusal(catalogue, path, &why, err);
    free(path);
    return status;
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

static int is_module(const struct dirent *entry) {
    return entry->d_name[0] != '.' && gb_ends_with(entry->d_name, ".so");
}

/* strcmp, not alphasort(): the order must not depend on the locale. */
static int compare_names(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static gb_status load_folder(gb_plugin_set *set, gb_catalogue *catalogue,
                             const char *folder, const char *const *extensions,
                             gb_error *err) {
    struct dirent **files = NULL;
    gb_status status = GB_OK;
    const int count = scandir(folder, &files, is_module, compare_names);

    if (count < 0 && (errno == ENOENT || errno == ENOTDIR))
        return GB_OK;
    if (count < 0) {
        gb_error why = {0};
        gb_fail_os(&why, GB_ERR_IO, "check the permissions of this folder",
                   "cannot list the plugin folder '%s'", folder);
        return add_refusal(catalogue, folder, &why, err);
    }
    for (int i = 0; i < count; i++) {
        if (status == GB_OK)
            status = consider(set, catalogue, folder, files[i]->d_name,
                              extensions, err);
        free(files[i]);
    }
    free(files);
    return status;
}

gb_status gb_plugin_set_load(const char *const *folders, size_t folder_count,
                             const char *const *extensions,
                             gb_plugin_set **set_out,
                             gb_catalogue *catalogue_out, gb_error *err) {
    gb_catalogue catalogue = {0};
    gb_status status = GB_OK;
    gb_plugin_set *set = calloc(1, sizeof(*set));

    if (set == NULL)
        return gb_fail_memory(err, "the list of plugins");
    for (size_t i = 0; status == GB_OK && i < folder_count; i++)
        status = load_folder(set, &catalogue, folders[i], extensions, err);
    if (status != GB_OK) {
        gb_catalogue_fini(&catalogue);
        gb_plugin_set_free(set);
        return status;
    }
    if (catalogue.count > 0)
        qsort(catalogue.entries, catalogue.count, sizeof(*catalogue.entries),
              compare_entries);
    *catalogue_out = catalogue;
    *set_out = set;
    return GB_OK;
}
