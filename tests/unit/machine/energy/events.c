/* SPDX-License-Identifier: Apache-2.0 */
#include "events.h"

#include <stdlib.h>
#include <string.h>

scripted_event scripted_events[16];
size_t scripted_count;
bool scripted_read_fails;
size_t scripted_open_sets;

struct gb_event_set {
    size_t count;
    scripted_event *events[16];
};

static gb_status list_energy(gb_event_info **events_out, size_t *count_out,
                             gb_error *err) {
    gb_event_info *events = calloc(scripted_count + 1, sizeof(*events));

    if (!events)
        return gb_fail_memory(err, "a script");
    for (size_t i = 0; i < scripted_count; i++)
        events[i] = scripted_events[i].info;
    *events_out = events;
    *count_out = scripted_count;
    return GB_OK;
}

static gb_status open_set(const char *const *names, size_t count,
                          gb_event_set **set_out, gb_error *err) {
    gb_event_set *set = calloc(1, sizeof(*set));

    if (!set)
        return gb_fail_memory(err, "a script");
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < scripted_count; j++)
            if (strcmp(names[i], scripted_events[j].info.name) == 0)
                set->events[set->count++] = &scripted_events[j];
    for (size_t i = 0; i < set->count; i++)
        if (set->events[i]->refusal != GB_OK) {
            gb_status refusal = set->events[i]->refusal;
            free(set);
            return gb_fail(err, refusal, "a hint", "the script refuses '%s'",
                           names[i]);
        }
    scripted_open_sets++;
    *set_out = set;
    return GB_OK;
}

static gb_status read_set(gb_event_set *set, uint64_t *values, gb_error *err) {
    if (scripted_read_fails)
        return gb_fail(err, GB_ERR_IO, NULL, "the script fails");
    for (size_t i = 0; i < set->count; i++) {
        set->events[i]->value += set->events[i]->gain;
        values[i] = set->events[i]->value;
    }
    return GB_OK;
}

static void close_set(gb_event_set *set) {
    scripted_open_sets--;
    free(set);
}

const gb_event_reader scripted_reader = {"script 1.0", list_energy, open_set,
                                         read_set, close_set};
