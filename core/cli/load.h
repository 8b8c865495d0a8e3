/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_LOAD_H
#define GB_CLI_LOAD_H

/**
 * @file cli/load.h
 * Which plugins a command takes, by its options and the environment.
 */
#include "cli/args.h"
#include "cli/isolate.h"
#include "machine/plugin/plugin.h"
#include "model/catalogue.h"
#include "model/plan.h"

/** The options of every command that looks for plugins. */
#define GB_LOAD_FLAGS                                                          \
    {"plugin-path", 0, "DIR[:DIR]",                                            \
     "further folders with plugins, before the installed ones; absolute; "     \
     "repeatable"},                                                            \
        {"plugin-allow", 0, "SHA256[,..]",                                     \
         "load no plugins but these: sha256:HEX, or @FILE with one on each "   \
         "line; repeatable"},                                                  \
    {                                                                          \
        "allow-insecure-plugins", 0, NULL,                                     \
            "load plugins that others could have changed, too; the result "    \
            "names them"                                                       \
    }

/** Their environment, for --help. */
#define GB_LOAD_ENVIRONMENT                                                    \
    "  GREENBENCH_PLUGIN_PATH  further folders with plugins, separated by "    \
    "':'\n"                                                                    \
    "  GREENBENCH_PLUGIN_ALLOW  as --plugin-allow, which wins\n"

/** Is @p option one of them? */
bool gb_load_is_flag(const char *option);

/** Load every plugin that can be found (machine/plugin/plugin.h).
 *  @param with_mpi   offer greenbench.mpi/1
 *  @param isolation  told of each, and knows those to leave out; nullable
 *  @retval GB_ERR_INVALID  the options or the environment are wrong */
gb_status gb_load_plugins(const gb_args *args, bool with_mpi,
                          gb_isolation *isolation, gb_plugin_set **set_out,
                          gb_catalogue *catalogue_out, gb_error *err);

/** What another process of this node packed (gb_plugin_set_pack()), loaded. */
gb_status gb_load_packed(bool with_mpi, const void *packed, size_t bytes,
                         gb_plugin_set **set_out, gb_error *err);

/** What the plan tells of the plugin of each case, as it was loaded now.
 *  @retval GB_ERR_NOT_FOUND  there is none */
gb_status gb_load_identify(const gb_catalogue *catalogue, gb_plan *plan,
                           gb_error *err);

#endif /* GB_CLI_LOAD_H */
