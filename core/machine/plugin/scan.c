/* SPDX-License-Identifier: Apache-2.0 */
/* Look through folders, and list what was accepted and what was refused. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "base/text.h"
#include "machine/plugin/set.h"

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

/** True, and @p out null, if @p text is null. */
static bool copy_text(const char *text, char **out) {
    *out = text != NULL ? strdup(text) : NULL;
    return text == NULL || *out != NULL;
}

/** @param[out] params_out, count_out  also on failure: what there is to free */
static bool copy_params(const gb_param_decl *from, size_t count,
                        gb_catalogue_param **params_out, size_t *count_out) {
    if (count == 0)
        return true;
    *params_out = calloc(count, sizeof(**params_out));
    if (*params_out == NULL)
        return false;
    *count_out = count;
    for (size_t i = 0; i < count; i++) {
        gb_catalogue_param *to = &(*params_out)[i];
        if (!copy_text(from[i].name, &to->name) ||
            !copy_text(from[i].help, &to->help) ||
            !copy_text(from[i].default_text, &to->default_text) ||
            !copy_text(from[i].accepts, &to->accepts))
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

static char *copy_if_any(const char *text) {
    return text[0] != '\0' ? strdup(text) : NULL;
}

static gb_status add_entry(gb_catalogue *catalogue, const gb_loaded *item,
                           size_t index, gb_error *err) {
    const gb_plugin *plugin = &item->plugin;
    const gb_error *insecure = &item->insecure;
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
        .size_bytes = item->size_bytes,
        .insecure = copy_if_any(insecure->what),
        .insecure_fix = copy_if_any(insecure->hint),
        .ranks_min = plugin->ranks_min,
        .ranks_multiple = plugin->ranks_multiple,
        .one_shot = (plugin->flags & GB_PLUGIN_ONE_SHOT) != 0,
        .no_work = (plugin->flags & GB_PLUGIN_NO_WORK) != 0,
        .communicates = needs_mpi(plugin),
        .plugin = index,
    };
    gb_copy(entry->sha256, sizeof(entry->sha256), item->sha256);
    if (!copy_params(plugin->params, plugin->param_count, &entry->params,
                     &entry->param_count) ||
        entry->id == NULL || entry->version == NULL || entry->summary == NULL ||
        entry->work_unit == NULL || entry->path == NULL ||
        (entry->insecure == NULL && insecure->what[0] != '\0') ||
        (entry->insecure_fix == NULL && insecure->hint[0] != '\0'))
        return gb_fail_memory(err, "the list of plugins");
    return GB_OK;
}

static gb_status add_meter(gb_catalogue *catalogue, const gb_loaded *item,
                           size_t index, gb_error *err) {
    const gb_meter *meter = &item->meter;
    const gb_error *insecure = &item->insecure;
    gb_catalogue_meter *list =
        grown(catalogue->meters, catalogue->meter_count, sizeof(*list));
    if (list == NULL)
        return gb_fail_memory(err, "the list of meters");
    catalogue->meters = list;
    gb_catalogue_meter *entry = &list[catalogue->meter_count++];
    *entry = (gb_catalogue_meter){
        .id = strdup(meter->id),
        .version = strdup(meter->version),
        .summary = strdup(meter->summary),
        .path = strdup(item->path),
        .size_bytes = item->size_bytes,
        .insecure = copy_if_any(insecure->what),
        .slow = (meter->flags & GB_METER_SLOW) != 0,
        .plugin = index,
    };
    gb_copy(entry->sha256, sizeof(entry->sha256), item->sha256);
    if (!copy_params(meter->params, meter->param_count, &entry->params,
                     &entry->param_count) ||
        entry->id == NULL || entry->version == NULL || entry->summary == NULL ||
        entry->path == NULL ||
        (entry->insecure == NULL && insecure->what[0] != '\0'))
        return gb_fail_memory(err, "the list of meters");
    return GB_OK;
}

static int compare_meters(const void *a, const void *b) {
    return strcmp(((const gb_catalogue_meter *)a)->id,
                  ((const gb_catalogue_meter *)b)->id);
}

static int compare_entries(const void *a, const void *b) {
    return strcmp(((const gb_catalogue_entry *)a)->id,
                  ((const gb_catalogue_entry *)b)->id);
}

/* --- one file ------------------------------------------------------------- */

/** The accepted plugin whose id is that of @p file, "<id>.so"; or null. */
static const gb_loaded *find_same_id(const gb_plugin_set *set,
                                     const char *file) {
    for (size_t i = 0; i < set->count; i++) {
        const char *id = gb_loaded_id(&set->items[i]);
        const size_t length = strlen(id);
        if (strncmp(id, file, length) == 0 && strcmp(file + length, ".so") == 0)
            return &set->items[i];
    }
    return NULL;
}

/** Take over @p item, whose path is malloc'ed, also on failure. */
static gb_status keep(gb_plugin_set *set, gb_catalogue *catalogue,
                      const gb_loaded *item, gb_error *err) {
    const gb_status status = gb_plugin_set_add(set, item, err);

    if (status != GB_OK)
        return status;
    return item->is_meter ? add_meter(catalogue, item, set->count - 1, err)
                          : add_entry(catalogue, item, set->count - 1, err);
}

/** A sum that the list does not have is told, so that it can be added. */
static gb_status check_pins(const gb_pins *pins, const gb_loaded *item,
                            gb_error *why) {
    if (pins == NULL || gb_pins_hold(pins, item->sha256))
        return GB_OK;
    return gb_fail(why, GB_ERR_PERMISSION,
                   "add that to the list if this plugin is to be let in",
                   "'%s': expected a plugin that --plugin-allow names, found "
                   "sha256:%s",
                   item->path, item->sha256);
}

/** The file that was looked at, or one that took its place meanwhile? */
static gb_status check_same(const gb_trusted *found, const gb_loaded *item,
                            gb_error *why) {
    struct stat now = {0};

    if (stat(found->path, &now) == 0 && now.st_dev == item->device &&
        now.st_ino == item->inode)
        return GB_OK;
    return gb_fail(why, GB_ERR_IO, "start again when it is in place",
                   "'%s': expected the file that was there when it was opened, "
                   "found another",
                   item->path);
}

/**
 * Load what was opened, read and let in. Nobody but those trusted can change
 * it, so it is loaded by its name; else, if its content is what counts, it is
 * loaded from the copy that was summed.
 */
static gb_status load_content(const gb_plugin_rules *rules,
                              const gb_trusted *found, const void *content,
                              gb_loaded *item, gb_error *why) {
    if (rules->pins != NULL && found->insecure.status != GB_OK)
        return gb_plugin_load_copy(content, item->size_bytes, item->path,
                                   rules->extensions, item, why);
    gb_status status = gb_plugin_load_module(found->path, item->path,
                                             rules->extensions, item, why);
    if (status != GB_OK)
        return status;
    status = check_same(found, item, why);
    if (status != GB_OK)
        gb_plugin_close_module(item->module);
    return status;
}

static gb_status load_found(const gb_plugin_rules *rules,
                            const gb_trusted *found, gb_loaded *item,
                            gb_error *why) {
    void *content = NULL;
    size_t bytes = 0;

    if (found->insecure.status != GB_OK && !rules->allow_insecure) {
        *why = found->insecure;
        return why->status;
    }
    gb_status status =
        gb_plugin_read(found->fd, found->path, &content, &bytes, why);
    if (status == GB_OK)
        status = gb_sha256_bytes(content, bytes, item->sha256, why);
    item->size_bytes = bytes;
    item->insecure = found->insecure;
    if (status == GB_OK)
        status = check_pins(rules->pins, item, why);
    if (status == GB_OK && rules->loading != NULL)
        status = rules->loading(rules->loading_ctx, item->path, why);
    if (status == GB_OK)
        status = load_content(rules, found, content, item, why);
    free(content);
    return status;
}

static gb_status refuse_again(const gb_loaded *item, const gb_loaded *other,
                              gb_error *why) {
    return gb_fail(why, GB_ERR_INVALID,
                   "the earlier folder wins: remove or rename one",
                   "'%s': expected one plugin '%s', already loaded '%s'",
                   item->path, gb_loaded_id(other), other->path);
}

/** @param[in,out] item  its path is malloc'ed; kept, or freed */
static gb_status consider_found(gb_plugin_set *set, gb_catalogue *catalogue,
                                const char *file, const gb_plugin_rules *rules,
                                const gb_trusted *found, gb_loaded *item,
                                gb_error *err) {
    const gb_loaded *other = find_same_id(set, file);
    struct stat facts = {0};
    gb_error why = {0};

    (void)fstat(found->fd, &facts);
    item->device = facts.st_dev;
    item->inode = facts.st_ino;
    if (other != NULL && item->inode == other->inode &&
        item->device == other->device) {
        free(item->path); /* the same file, by way of two folders */
        return GB_OK;
    }
    gb_status status = other != NULL ? refuse_again(item, other, &why)
                                     : load_found(rules, found, item, &why);
    if (status == GB_OK)
        return keep(set, catalogue, item, err);
    status = add_refusal(catalogue, item->path, &why, err);
    free(item->path);
    return status;
}

static gb_status consider(gb_plugin_set *set, gb_catalogue *catalogue,
                          const gb_trusted *folder, const char *file,
                          const gb_plugin_rules *rules, gb_error *err) {
    gb_str text = {0};
    gb_str_addf(&text, "%s/%s", folder->path, file);
    gb_loaded item = {.path = gb_str_take(&text)};
    gb_trusted found;
    gb_error why = {0};
    if (item.path == NULL)
        return gb_fail_memory(err, "the path of a plugin");

    gb_status status =
        gb_trust_open_in(&rules->trust, folder, file, &found, &why);
    if (status == GB_OK) {
        status =
            consider_found(set, catalogue, file, rules, &found, &item, err);
        gb_trusted_fini(&found);
        return status;
    }
    status = add_refusal(catalogue, item.path, &why, err);
    free(item.path);
    return status;
}

/* --- folders -------------------------------------------------------------- */

static int is_module(const struct dirent *entry) {
    return entry->d_name[0] != '.' && gb_ends_with(entry->d_name, ".so");
}

/* strcmp, not alphasort(): the order must not depend on the locale. */
static int compare_names(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

/** scandir() of a folder that is open: what was looked at is what is listed. */
static int list_modules(const gb_trusted *folder, struct dirent ***files) {
    return scandirat(folder->fd, ".", files, is_module, compare_names);
}

static gb_status load_opened(gb_plugin_set *set, gb_catalogue *catalogue,
                             const gb_trusted *folder,
                             const gb_plugin_rules *rules, gb_error *err) {
    struct dirent **files = NULL;
    gb_status status = GB_OK;
    gb_error why = {0};

    if (folder->insecure.status != GB_OK && !rules->allow_insecure)
        return add_refusal(catalogue, folder->path, &folder->insecure, err);
    const int count = list_modules(folder, &files);
    if (count < 0 && errno == ENOTDIR)
        return GB_OK;
    if (count < 0) {
        gb_fail_os(&why, GB_ERR_IO, "check the permissions of this folder",
                   "cannot list the plugin folder '%s'", folder->path);
        return add_refusal(catalogue, folder->path, &why, err);
    }
    for (int i = 0; i < count; i++) {
        if (status == GB_OK)
            status =
                consider(set, catalogue, folder, files[i]->d_name, rules, err);
        free(files[i]);
    }
    free(files);
    return status;
}

static gb_status load_folder(gb_plugin_set *set, gb_catalogue *catalogue,
                             const char *path, const gb_plugin_rules *rules,
                             gb_error *err) {
    gb_trusted folder;
    gb_error why = {0};
    gb_status status = gb_trust_open(&rules->trust, path, &folder, &why);

    if (status == GB_ERR_NOT_FOUND)
        return GB_OK;
    if (status != GB_OK)
        return add_refusal(catalogue, path, &why, err);
    status = load_opened(set, catalogue, &folder, rules, err);
    gb_trusted_fini(&folder);
    return status;
}

gb_status gb_plugin_set_load(const char *const *folders, size_t folder_count,
                             const gb_plugin_rules *rules,
                             gb_plugin_set **set_out,
                             gb_catalogue *catalogue_out, gb_error *err) {
    gb_catalogue catalogue = {0};
    gb_status status = GB_OK;
    gb_plugin_set *set = calloc(1, sizeof(*set));

    if (set == NULL)
        return gb_fail_memory(err, "the list of plugins");
    for (size_t i = 0; status == GB_OK && i < folder_count; i++)
        status = load_folder(set, &catalogue, folders[i], rules, err);
    if (rules->loading != NULL)
        (void)rules->loading(rules->loading_ctx, "", NULL);
    if (status != GB_OK) {
        gb_catalogue_fini(&catalogue);
        gb_plugin_set_free(set);
        return status;
    }
    if (catalogue.count > 0)
        qsort(catalogue.entries, catalogue.count, sizeof(*catalogue.entries),
              compare_entries);
    if (catalogue.meter_count > 0)
        qsort(catalogue.meters, catalogue.meter_count,
              sizeof(*catalogue.meters), compare_meters);
    *catalogue_out = catalogue;
    *set_out = set;
    return GB_OK;
}
