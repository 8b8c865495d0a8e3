/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/history_flags.h"

#include <stdlib.h>

const char *gb_history_file(const gb_args *args) {
    const char *named = gb_args_get(args, "db");
    const char *environment = getenv("GREENBENCH_HISTORY");

    if (named != NULL)
        return named;
    return environment != NULL && environment[0] != '\0'
               ? environment
               : "greenbench-history.db";
}

const char *gb_history_system_named(const gb_args *args,
                                    const gb_session *session, char *room,
                                    size_t size) {
    const char *named = gb_args_get(args, "system");

    return named != NULL ? named : gb_history_system(session, room, size);
}
