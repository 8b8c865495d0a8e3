/* SPDX-License-Identifier: Apache-2.0 */
#include <papi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "machine/counters/counters.h"
#include "machine/counters/event_set.h"

/* Initialising costs some 10 ms, so it waits for the first event. */
static gb_status start_papi(gb_error *err) {
    if (PAPI_is_initialized() != PAPI_NOT_INITED)
        return GB_OK;
    const int version = PAPI_library_init(PAPI_VER_CURRENT);
    if (version == PAPI_VER_CURRENT)
        return GB_OK;
    return gb_fail(
        err, GB_ERR_UNSUPPORTED, "build and run greenbench with the same PAPI",
        "expected PAPI %d.%d, got %s", PAPI_VERSION_MAJOR(PAPI_VER_CURRENT),
        PAPI_VERSION_MINOR(PAPI_VER_CURRENT),
        version > 0 ? "another version" : PAPI_strerror(version));
}

static gb_status fail_papi(gb_error *err, const char *step, int code) {
    return gb_fail(err, GB_ERR_UNSUPPORTED, NULL, "%s: %s", step,
                   PAPI_strerror(code));
}

/* --- one event for this process ------------------------------------------- */

struct gb_counter_event {
    int set;
};

static void close_set(int *set) {
    long long ignored[64];
    if (*set == PAPI_NULL)
        return;
    (void)PAPI_stop(*set, ignored);
    (void)PAPI_cleanup_eventset(*set);
    (void)PAPI_destroy_eventset(set);
}

/* Events of the CPU are inherited by threads started later. Components that
 * count for the whole node (perf_event_uncore, rapl) have no such option. */
static int set_options(int set, int event, bool kernel) {
    const int component = PAPI_get_event_component(event);
    PAPI_option_t option;
    int code = PAPI_assign_eventset_component(set, component);
    if (code != PAPI_OK || component != 0)
        return code;
    memset(&option, 0, sizeof(option));
    option.domain.eventset = set;
    option.domain.domain = kernel ? PAPI_DOM_ALL : PAPI_DOM_USER;
    code = PAPI_set_opt(PAPI_DOMAIN, &option);
    if (code != PAPI_OK)
        return code;
    memset(&option, 0, sizeof(option));
    option.inherit.eventset = set;
    option.inherit.inherit = PAPI_INHERIT_ALL;
    return PAPI_set_opt(PAPI_INHERIT, &option);
}

static int start_set(const char *name, bool kernel, int *set_out) {
    int set = PAPI_NULL, event = 0;
    char copy[PAPI_MAX_STR_LEN];
    gb_copy(copy, sizeof(copy), name);
    int code = PAPI_event_name_to_code(copy, &event);
    if (code == PAPI_OK)
        code = PAPI_create_eventset(&set);
    if (code == PAPI_OK)
        code = set_options(set, event, kernel);
    if (code == PAPI_OK)
        code = PAPI_add_event(set, event);
    if (code == PAPI_OK)
        code = PAPI_start(set);
    if (code != PAPI_OK) {
        if (set != PAPI_NULL) {
            (void)PAPI_cleanup_eventset(set);
            (void)PAPI_destroy_eventset(&set);
        }
        return code;
    }
    *set_out = set;
    return PAPI_OK;
}

gb_status gb_counter_event_open(const char *name, gb_counter_event **event_out,
                                gb_error *err) {
    int set = PAPI_NULL;
    gb_status status = start_papi(err);
    if (status != GB_OK)
        return status;
    /* Context switches happen in the kernel: without it they count 0. An
     * unprivileged user may have to do with user space. */
    int code = start_set(name, true, &set);
    if (code != PAPI_OK)
        code = start_set(name, false, &set);
    if (code != PAPI_OK)
        return fail_papi(err, "PAPI cannot count it", code);
    gb_counter_event *event = malloc(sizeof(*event));
    if (event == NULL) {
        close_set(&set);
        return gb_fail_memory(err, "a counter");
    }
    event->set = set;
    *event_out = event;
    return GB_OK;
}

gb_status gb_counter_event_read(gb_counter_event *event, uint64_t *value_out,
                                gb_error *err) {
    long long value = 0;
    const int code = PAPI_read(event->set, &value);
    if (code != PAPI_OK)
        return fail_papi(err, "PAPI_read", code);
    *value_out = (uint64_t)value;
    return GB_OK;
}

void gb_counter_event_close(gb_counter_event *event) {
    if (event == NULL)
        return;
    close_set(&event->set);
    free(event);
}

/* --- energy events, for machine/energy ------------------------------------ */

struct gb_event_set {
    int *sets;      /* [set_count]: PAPI allows one component in a set */
    size_t *counts; /* [set_count] */
    size_t set_count;
    size_t *place;      /* [count]: where each value lies in `scratch` */
    long long *scratch; /* [count] */
    size_t count;
};

static bool names_energy(const char *name) {
    for (; *name != '\0'; name++)
        if (strncasecmp(name, "energy", 6) == 0)
            return true;
    return false;
}

static gb_status add_info(gb_event_info **list, size_t *count, int code,
                          const char *component, gb_error *err) {
    PAPI_event_info_t found;
    if (PAPI_get_event_info(code, &found) != PAPI_OK ||
        !names_energy(found.symbol))
        return GB_OK;
    gb_event_info *more = realloc(*list, (*count + 1) * sizeof(*more));
    if (more == NULL)
        return gb_fail_memory(err, "PAPI's events");
    *list = more;
    gb_event_info *info = &more[(*count)++];
    *info = (gb_event_info){{0}, {0}, {0}};
    gb_copy(info->name, sizeof(info->name), found.symbol);
    gb_copy(info->component, sizeof(info->component), component);
    gb_copy(info->units, sizeof(info->units), found.units);
    return GB_OK;
}

static gb_status list_energy(gb_event_info **events_out, size_t *count_out,
                             gb_error *err) {
    gb_event_info *list = NULL;
    size_t count = 0;
    gb_status status = start_papi(err);
    const int components = status == GB_OK ? PAPI_num_components() : 0;
    for (int c = 0; c < components && status == GB_OK; c++) {
        const PAPI_component_info_t *component = PAPI_get_component_info(c);
        int code = 0 | PAPI_NATIVE_MASK;
        /* The core PMU has hundreds of events, and none counts energy. */
        if (component == NULL || component->disabled ||
            strcmp(component->name, "perf_event") == 0 ||
            PAPI_enum_cmp_event(&code, PAPI_ENUM_FIRST, c) != PAPI_OK)
            continue;
        do
            status = add_info(&list, &count, code, component->name, err);
        while (status == GB_OK &&
               PAPI_enum_cmp_event(&code, PAPI_ENUM_EVENTS, c) == PAPI_OK);
    }
    if (status != GB_OK) {
        free(list);
        return status;
    }
    *events_out = list;
    *count_out = count;
    return GB_OK;
}

static void close_events(gb_event_set *set) {
    if (set == NULL)
        return;
    for (size_t i = 0; i < set->set_count; i++)
        close_set(&set->sets[i]);
    free(set->sets);
    free(set->counts);
    free(set->place);
    free(set->scratch);
    free(set);
}

/* Find or make the set of this event's component, and add the event. */
static int add_to_set(gb_event_set *set, const char *name, size_t index) {
    int event = 0, code;
    char copy[PAPI_MAX_STR_LEN];
    gb_copy(copy, sizeof(copy), name);
    code = PAPI_event_name_to_code(copy, &event);
    if (code != PAPI_OK)
        return code;
    const int component = PAPI_get_event_component(event);
    size_t at = 0;
    while (at < set->set_count &&
           PAPI_get_eventset_component(set->sets[at]) != component)
        at++;
    if (at == set->set_count) {
        set->sets[at] = PAPI_NULL;
        code = PAPI_create_eventset(&set->sets[at]);
        if (code == PAPI_OK)
            code = PAPI_assign_eventset_component(set->sets[at], component);
        if (code != PAPI_OK)
            return code;
        set->set_count++;
    }
    code = PAPI_add_event(set->sets[at], event);
    if (code == PAPI_OK)
        set->place[index] = at << 32 | set->counts[at]++;
    return code;
}

static gb_status open_events(const char *const *names, size_t count,
                             gb_event_set **set_out, gb_error *err) {
    gb_status status = start_papi(err);
    if (status != GB_OK)
        return status;
    gb_event_set *set = calloc(1, sizeof(*set));
    if (set == NULL)
        return gb_fail_memory(err, "PAPI's events");
    set->sets = calloc(count + 1, sizeof(*set->sets));
    set->counts = calloc(count + 1, sizeof(*set->counts));
    set->place = calloc(count + 1, sizeof(*set->place));
    set->scratch = calloc(count + 1, sizeof(*set->scratch));
    set->count = count;
    if (set->sets == NULL || set->counts == NULL || set->place == NULL ||
        set->scratch == NULL) {
        close_events(set);
        return gb_fail_memory(err, "PAPI's events");
    }
    int code = PAPI_OK;
    for (size_t i = 0; i < count && code == PAPI_OK; i++)
        code = add_to_set(set, names[i], i);
    for (size_t i = 0; i < set->set_count && code == PAPI_OK; i++)
        code = PAPI_start(set->sets[i]);
    if (code != PAPI_OK) {
        close_events(set);
        return fail_papi(err, "PAPI cannot count energy events", code);
    }
    *set_out = set;
    return GB_OK;
}

static gb_status read_events(gb_event_set *set, uint64_t *values,
                             gb_error *err) {
    size_t offset = 0;
    for (size_t s = 0; s < set->set_count; s++) {
        const int code = PAPI_read(set->sets[s], set->scratch + offset);
        if (code != PAPI_OK)
            return fail_papi(err, "PAPI_read", code);
        for (size_t i = 0; i < set->count; i++)
            if (set->place[i] >> 32 == s)
                values[i] =
                    (uint64_t)
                        set->scratch[offset + (set->place[i] & 0xffffffffu)];
        offset += set->counts[s];
    }
    return GB_OK;
}

const gb_event_reader *gb_counters_event_reader(void) {
    static const gb_event_reader reader = {
        .name = "PAPI",
        .list_energy = list_energy,
        .open = open_events,
        .read = read_events,
        .close = close_events,
    };
    return &reader;
}
