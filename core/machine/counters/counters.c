/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the wanted events can be counted, and which not and why. What counts
 * is in papi.c, or in absent.c for a build without PAPI. */
#include "machine/counters/counters.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "machine/counters/event_set.h"

#define COUNTERS_MAX 64

struct gb_counters {
    char *names[COUNTERS_MAX]; /* [count] */
    gb_counter_event *events[COUNTERS_MAX];
    size_t count;
    char *absent;
};

static bool is_listed(const gb_counters *counters, const char *name) {
    for (size_t i = 0; i < counters->count; i++)
        if (strcmp(counters->names[i], name) == 0)
            return true;
    return false;
}

/* Each event is opened alone, so that one that is absent spoils no other. */
static gb_status add_event(gb_counters *counters, const char *name,
                           gb_str *absent, gb_error *err) {
    gb_counter_event *event = NULL;
    gb_error why = {0};
    if (name[0] == '\0' || is_listed(counters, name))
        return GB_OK;
    if (counters->count == COUNTERS_MAX) {
        gb_str_addf(absent, "%s%s: more than %d events",
                    absent->length > 0 ? "; " : "", name, COUNTERS_MAX);
        return GB_OK;
    }
    if (gb_counter_event_open(name, &event, &why) != GB_OK) {
        gb_str_addf(absent, "%s%s: %s", absent->length > 0 ? "; " : "", name,
                    why.what);
        return GB_OK;
    }
    char *copy = strdup(name);
    if (copy == NULL) {
        gb_counter_event_close(event);
        return gb_fail_memory(err, "the counters");
    }
    counters->names[counters->count] = copy;
    counters->events[counters->count++] = event;
    return GB_OK;
}

gb_status gb_counters_open(const char *names, gb_counters **counters_out,
                           gb_error *err) {
    gb_counters *counters = calloc(1, sizeof(*counters));
    char *list = strdup(names), *rest = list;
    gb_str absent = {0};
    gb_status status = GB_OK;
    if (counters == NULL || list == NULL)
        status = gb_fail_memory(err, "the counters");
    for (char *name; status == GB_OK && (name = strsep(&rest, ",")) != NULL;)
        status = add_event(counters, name, &absent, err);
    free(list);
    char *text = gb_str_take(&absent);
    if (status == GB_OK && text == NULL)
        status = gb_fail_memory(err, "the counters");
    if (status != GB_OK) {
        free(text);
        gb_counters_close(counters);
        return status;
    }
    counters->absent = text;
    *counters_out = counters;
    return GB_OK;
}

const char *const *gb_counters_names(const gb_counters *counters,
                                     size_t *count_out) {
    *count_out = counters->count;
    return (const char *const *)counters->names;
}

const char *gb_counters_absent(const gb_counters *counters) {
    return counters->absent;
}

gb_status gb_counters_read(gb_counters *counters, uint64_t *values,
                           gb_error *err) {
    for (size_t i = 0; i < counters->count; i++) {
        const gb_status status =
            gb_counter_event_read(counters->events[i], &values[i], err);
        if (status != GB_OK)
            return status;
    }
    return GB_OK;
}

void gb_counters_close(gb_counters *counters) {
    if (counters == NULL)
        return;
    for (size_t i = 0; i < counters->count; i++) {
        gb_counter_event_close(counters->events[i]);
        free(counters->names[i]);
    }
    free(counters->absent);
    free(counters);
}
