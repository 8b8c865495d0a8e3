/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_HISTORY_FLAGS_H
#define GB_CLI_HISTORY_FLAGS_H

/**
 * @file cli/history_flags.h
 * --db and --system, as the history commands take them.
 */
#include "archive/history.h"
#include "cli/args.h"

/** --db, else GREENBENCH_HISTORY, else "greenbench-history.db". */
const char *gb_history_file(const gb_args *args);

/** --system, else what the run's nodes are. @param room  [size] for it */
const char *gb_history_system_named(const gb_args *args,
                                    const gb_session *session, char *room,
                                    size_t size);

#define GB_HISTORY_FLAG_DB                                                     \
    {                                                                          \
        "db", 0, "FILE",                                                       \
            "the history; default GREENBENCH_HISTORY or greenbench-history.db" \
    }
#define GB_HISTORY_FLAG_SYSTEM                                                    \
    {                                                                             \
        "system", 0, "NAME",                                                      \
            "what it ran on; default the processor, packages and cores of a node" \
    }

#endif /* GB_CLI_HISTORY_FLAGS_H */
