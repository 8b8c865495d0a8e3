/* SPDX-License-Identifier: Apache-2.0 */
/* A build without PAPI: every event is absent, and says so. */
#include "machine/counters/counters.h"
#include "machine/counters/event_set.h"

gb_status gb_counter_event_open(const char *name, gb_counter_event **event_out,
                                gb_error *err) {
    (void)name;
    (void)event_out;
    return gb_fail(err, GB_ERR_UNSUPPORTED,
                   "build greenbench with libpapi-dev installed",
                   "this greenbench was built without PAPI");
}

gb_status gb_counter_event_read(gb_counter_event *event, uint64_t *value_out,
                                gb_error *err) {
    (void)event;
    (void)value_out;
    return gb_fail(err, GB_ERR_UNSUPPORTED, NULL,
                   "this greenbench was built without PAPI");
}

void gb_counter_event_close(gb_counter_event *event) {
    (void)event;
}

const gb_event_reader *gb_counters_event_reader(void) {
    return NULL;
}
