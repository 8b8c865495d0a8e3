/* SPDX-License-Identifier: Apache-2.0 */
/* A build without PAPI: every event is absent, and says so. */
#include <stdlib.h>

#include "machine/counters/counters.h"
#include "machine/counters/event_set.h"

struct gb_event_set {
    char nothing;
};

gb_status gb_event_set_create(gb_event_set **set_out, gb_error *err) {
    gb_event_set *set = calloc(1, sizeof(*set));
    if (set == NULL)
        return gb_fail_memory(err, "the counters");
    *set_out = set;
    return GB_OK;
}

gb_status gb_event_set_add(gb_event_set *set, const char *name, gb_error *err) {
    (void)set;
    (void)name;
    return gb_fail(err, GB_ERR_UNSUPPORTED,
                   "build greenbench with libpapi-dev installed",
                   "this greenbench was built without PAPI");
}

gb_status gb_event_set_start(gb_event_set *set, gb_error *err) {
    (void)set;
    (void)err;
    return GB_OK;
}

bool gb_event_set_inherits(const gb_event_set *set) {
    (void)set;
    return true;
}

gb_status gb_event_set_read(gb_event_set *set, uint64_t *values,
                            gb_error *err) {
    (void)set;
    (void)values;
    (void)err;
    return GB_OK;
}

void gb_event_set_close(gb_event_set *set) {
    free(set);
}

const gb_event_reader *gb_counters_event_reader(void) {
    return NULL;
}
