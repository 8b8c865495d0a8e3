/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/load.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/program.h"
#include "greenbench/ext/pace.h"
#include "greenbench/ext/team.h"
#include "machine/comm/comm.h"

#define PATH_ENV  "GREENBENCH_PLUGIN_PATH"
#define ALLOW_ENV "GREENBENCH_PLUGIN_ALLOW"

static const gb_flag load_flags[] = {GB_LOAD_FLAGS};

bool gb_load_is_flag(const char *option) {
    for (size_t i = 0; i < sizeof(load_flags) / sizeof(load_flags[0]); i++)
        if (strcmp(load_flags[i].name, option) == 0)
            return true;
    return false;
}

static const char *const *extensions_of(bool with_mpi) {
    static const char *const offered[] = {GB_EXT_TEAM, GB_EXT_PACE, NULL};
    static const char *const with[] = {GB_EXT_TEAM, GB_EXT_PACE,
                                       GB_COMM_PLUGIN_EXTENSION, NULL};
    return with_mpi ? with : offered;
}

/** The values of --@p flag, or else that of the environment.
 *  @param values  [args->option_count + 1] */
static size_t values_of(const gb_args *args, const char *flag, const char *env,
                        const char **values, const char **said_by) {
    const char *value = getenv(env);
    size_t count = 0;

    for (size_t i = 0; i < args->option_count; i++)
        if (strcmp(args->options[i].name, flag) == 0)
            values[count++] = args->options[i].value;
    if (count == 0 && value != NULL && value[0] != '\0') {
        values[count++] = value;
        *said_by = env;
    }
    return count;
}

static gb_status load_from(const gb_args *args, const char **values,
                           const char *program_tree, gb_plugin_rules *rules,
                           gb_plugin_set **set_out, gb_catalogue *catalogue_out,
                           gb_error *err) {
    const char *said_by = "--plugin-path";
    char **folders = NULL;
    size_t folder_count = 0;
    gb_pins pins = {0};
    gb_status status = GB_OK;

    size_t count = values_of(args, "plugin-allow", ALLOW_ENV, values, &said_by);
    for (size_t i = 0; i < count && status == GB_OK; i++)
        status = gb_pins_add(&pins, &rules->trust, values[i], err);
    rules->pins = count > 0 ? &pins : NULL;
    said_by = "--plugin-path";
    count = values_of(args, "plugin-path", PATH_ENV, values, &said_by);
    if (status == GB_OK)
        status = gb_plugin_folders(values, count, said_by, program_tree,
                                   &folders, &folder_count, err);
    if (status == GB_OK)
        status = gb_plugin_set_load((const char *const *)folders, folder_count,
                                    rules, set_out, catalogue_out, err);
    for (size_t i = 0; i < folder_count; i++)
        free(folders[i]);
    free(folders);
    rules->pins = NULL;
    gb_pins_fini(&pins);
    return status;
}

gb_status gb_load_plugins(const gb_args *args, bool with_mpi,
                          gb_isolation *isolation, gb_plugin_set **set_out,
                          gb_catalogue *catalogue_out, gb_error *err) {
    char program[PATH_MAX], tree[PATH_MAX];
    gb_plugin_rules rules = {
        .extensions = extensions_of(with_mpi),
        .allow_insecure = gb_args_has(args, "allow-insecure-plugins"),
        .loading = isolation != NULL ? gb_isolate_file : NULL,
        .loading_ctx = isolation,
    };
    gb_status status = gb_program_path(program, sizeof(program), err);
    if (status == GB_OK)
        status = gb_program_prefix(tree, sizeof(tree), err);
    if (status == GB_OK)
        status = gb_trust_of_process(program, tree, &rules.trust, err);
    if (status != GB_OK)
        return status;
    const char **values = calloc(args->option_count + 1, sizeof(*values));
    if (values == NULL)
        return gb_fail_memory(err, "the options");
    status = load_from(args, values, tree, &rules, set_out, catalogue_out, err);
    free(values);
    return status;
}

gb_status gb_load_packed(bool with_mpi, const void *packed, size_t bytes,
                         gb_plugin_set **set_out, gb_error *err) {
    return gb_plugin_set_unpack(packed, bytes, extensions_of(with_mpi), set_out,
                                err);
}

/** Replace *text by a copy. False: no memory. */
static bool set_text(char **text, const char *to) {
    char *copy = strdup(to != NULL ? to : "");
    free(*text);
    *text = copy;
    return copy != NULL;
}

gb_status gb_load_identify(const gb_catalogue *catalogue, gb_plan *plan,
                           gb_error *err) {
    for (size_t i = 0; i < plan->case_count; i++) {
        gb_plan_case *planned = &plan->cases[i];
        const gb_catalogue_entry *entry =
            gb_catalogue_find(catalogue, planned->id);

        if (entry == NULL)
            return gb_fail(err, GB_ERR_NOT_FOUND,
                           PATH_ENV " names further folders",
                           "%s: expected the plugin that the run began with, "
                           "found none",
                           planned->id);
        if (!set_text(&planned->version, entry->version) ||
            !set_text(&planned->sha256, entry->sha256) ||
            !set_text(&planned->insecure, entry->insecure))
            return gb_fail_memory(err, "the plan");
    }
    return GB_OK;
}
