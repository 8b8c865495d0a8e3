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
    size_t count;
    gb_event_set *set;
    char *absent;
};

static bool is_listed(const gb_counters *counters, const char *name) {
    for (size_t i = 0; i < counters->count; i++)
        if (strcmp(counters->names[i], name) == 0)
            return true;
    return false;
}

static void note_absence(gb_str *absent, const char *name, const char *why) {
    gb_str_addf(absent, "%s%s: %s", absent->length > 0 ? "; " : "", name, why);
}

static gb_status add_event(gb_counters *counters, const char *name,
                           gb_str *absent, gb_error *err) {
    gb_error why = {0};
    if (name[0] == '\0' || is_listed(counters, name))
        return GB_OK;
    if (counters->count == COUNTERS_MAX) {
        note_absence(absent, name, "more events than are counted at once");
        return GB_OK;
    }
    if (gb_event_set_add(counters->set, name, &why) != GB_OK) {
        note_absence(absent, name, why.what);
        return GB_OK;
    }
    char *copy = strdup(name);
    if (copy == NULL)
        return gb_fail_memory(err, "the counters");
    counters->names[counters->count++] = copy;
    return GB_OK;
}

static gb_status open_events(gb_counters *counters, const char *names,
                             uint32_t thread_count, gb_error *err) {
    gb_str absent = {0};
    char *list = strdup(names), *rest = list;
    if (list == NULL)
        return gb_fail_memory(err, "the counters");
    gb_status status = gb_event_set_create(&counters->set, err);
    for (char *name; status == GB_OK && (name = strsep(&rest, ",")) != NULL;)
        status = add_event(counters, name, &absent, err);
    free(list);
    if (status == GB_OK)
        status = gb_event_set_start(counters->set, err);
    if (status == GB_OK && thread_count > 1 &&
        !gb_event_set_inherits(counters->set))
        note_absence(&absent, "other threads of a rank",
                     "without hardware counters PAPI counts the first one");
    counters->absent = gb_str_take(&absent);
    if (status == GB_OK && counters->absent == NULL)
        status = gb_fail_memory(err, "the counters");
    return status;
}

gb_status gb_counters_open(const char *names, uint32_t thread_count,
                           gb_counters **counters_out, gb_error *err) {
    gb_counters *counters = calloc(1, sizeof(*counters));
    if (counters == NULL)
        return gb_fail_memory(err, "the counters");
    const gb_status status = open_events(counters, names, thread_count, err);
    if (status != GB_OK) {
        gb_counters_close(counters);
        return status;
    }
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
    return gb_event_set_read(counters->set, values, err);
}

void gb_counters_close(gb_counters *counters) {
    if (counters == NULL)
        return;
    gb_event_set_close(counters->set);
    for (size_t i = 0; i < counters->count; i++)
        free(counters->names[i]);
    free(counters->absent);
    free(counters);
}
