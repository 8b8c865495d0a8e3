/* SPDX-License-Identifier: Apache-2.0 */
#include <papi.h>
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
    if (version != PAPI_VER_CURRENT)
        return gb_fail(
            err, GB_ERR_UNSUPPORTED,
            "build and run greenbench with the same PAPI",
            "expected PAPI %d.%d, got %s", PAPI_VERSION_MAJOR(PAPI_VER_CURRENT),
            PAPI_VERSION_MINOR(PAPI_VER_CURRENT),
            version > 0 ? "another version" : PAPI_strerror(version));
    /* Context switches happen in the kernel: in user space alone they count 0.
     * The library's default is set, because PAPI_set_opt() on an event set
     * tries a hardware event first and fails where there is none. */
    (void)PAPI_set_domain(PAPI_DOM_ALL);
    return GB_OK;
}

static gb_status fail_papi(gb_error *err, int code) {
    return gb_fail(err, GB_ERR_UNSUPPORTED, NULL, "PAPI: %s",
                   PAPI_strerror(code));
}

/* PAPI allows one component in a set, and one running set of a component. */
typedef struct component_set {
    int handle;
    int component;
    size_t count;
    size_t first; /* offset into `scratch`, once started */
    bool inherits;
} component_set;

typedef struct event_place {
    size_t set, index;
} event_place;

struct gb_event_set {
    component_set *sets; /* [set_count] */
    size_t set_count;
    event_place *places; /* [count] */
    size_t count;
    long long *scratch; /* [count], from start on */
};

gb_status gb_event_set_create(gb_event_set **set_out, gb_error *err) {
    gb_event_set *set = calloc(1, sizeof(*set));
    if (set == NULL)
        return gb_fail_memory(err, "PAPI's events");
    *set_out = set;
    return GB_OK;
}

static void drop_set(gb_event_set *set) {
    component_set *last = &set->sets[--set->set_count];
    (void)PAPI_cleanup_eventset(last->handle);
    (void)PAPI_destroy_eventset(&last->handle);
}

/* Threads started later are counted too, where PAPI can; 0 is the CPU. */
static bool inherit(int handle, int component) {
    PAPI_option_t option;
    if (component != 0)
        return true; /* the other components count the whole node */
    memset(&option, 0, sizeof(option));
    option.inherit.eventset = handle;
    option.inherit.inherit = PAPI_INHERIT_ALL;
    return PAPI_set_opt(PAPI_INHERIT, &option) == PAPI_OK;
}

static int add_component(gb_event_set *set, int component) {
    component_set *more =
        realloc(set->sets, (set->set_count + 1) * sizeof(*more));
    int handle = PAPI_NULL;
    if (more == NULL)
        return PAPI_ENOMEM;
    set->sets = more;
    int code = PAPI_create_eventset(&handle);
    if (code == PAPI_OK)
        code = PAPI_assign_eventset_component(handle, component);
    if (code != PAPI_OK)
        return code;
    set->sets[set->set_count++] = (component_set){
        .handle = handle,
        .component = component,
        .inherits = inherit(handle, component),
    };
    return PAPI_OK;
}

/* An event that can be added may still not start: no permission, or no room
 * beside the others. So it is tried. */
static int try_event(component_set *in, int event) {
    int code = PAPI_add_event(in->handle, event);
    if (code != PAPI_OK)
        return code;
    code = PAPI_start(in->handle);
    if (code == PAPI_OK) {
        long long *ignored = calloc(in->count + 1, sizeof(*ignored));
        (void)PAPI_stop(in->handle, ignored);
        free(ignored);
        in->count++;
        return PAPI_OK;
    }
    (void)PAPI_remove_event(in->handle, event);
    return code;
}

gb_status gb_event_set_add(gb_event_set *set, const char *name, gb_error *err) {
    char copy[PAPI_MAX_STR_LEN];
    int event = 0;
    gb_status status = start_papi(err);
    if (status != GB_OK)
        return status;
    event_place *more = realloc(set->places, (set->count + 1) * sizeof(*more));
    if (more == NULL)
        return gb_fail_memory(err, "PAPI's events");
    set->places = more;

    gb_copy(copy, sizeof(copy), name);
    int code = PAPI_event_name_to_code(copy, &event);
    if (code != PAPI_OK)
        return fail_papi(err, code);
    const int component = PAPI_get_event_component(event);
    size_t at = 0;
    while (at < set->set_count && set->sets[at].component != component)
        at++;
    const bool fresh = at == set->set_count;
    if (fresh)
        code = add_component(set, component);
    if (code == PAPI_OK)
        code = try_event(&set->sets[at], event);
    if (code != PAPI_OK) {
        if (fresh && at < set->set_count)
            drop_set(set);
        return fail_papi(err, code);
    }
    set->places[set->count++] = (event_place){at, set->sets[at].count - 1};
    return GB_OK;
}

gb_status gb_event_set_start(gb_event_set *set, gb_error *err) {
    size_t first = 0;
    set->scratch = calloc(set->count + 1, sizeof(*set->scratch));
    if (set->scratch == NULL)
        return gb_fail_memory(err, "PAPI's events");
    for (size_t i = 0; i < set->set_count; i++) {
        const int code = PAPI_start(set->sets[i].handle);
        if (code != PAPI_OK)
            return fail_papi(err, code);
        set->sets[i].first = first;
        first += set->sets[i].count;
    }
    return GB_OK;
}

bool gb_event_set_inherits(const gb_event_set *set) {
    for (size_t i = 0; i < set->set_count; i++)
        if (!set->sets[i].inherits)
            return false;
    return true;
}

gb_status gb_event_set_read(gb_event_set *set, uint64_t *values,
                            gb_error *err) {
    for (size_t i = 0; i < set->set_count; i++) {
        const int code =
            PAPI_read(set->sets[i].handle, set->scratch + set->sets[i].first);
        if (code != PAPI_OK)
            return fail_papi(err, code);
    }
    for (size_t i = 0; i < set->count; i++) {
        const event_place place = set->places[i];
        values[i] =
            (uint64_t)set->scratch[set->sets[place.set].first + place.index];
    }
    return GB_OK;
}

void gb_event_set_close(gb_event_set *set) {
    if (set == NULL)
        return;
    while (set->set_count > 0) {
        const component_set *last = &set->sets[set->set_count - 1];
        if (set->scratch != NULL)
            (void)PAPI_stop(last->handle, set->scratch + last->first);
        drop_set(set);
    }
    free(set->sets);
    free(set->places);
    free(set->scratch);
    free(set);
}

/* --- energy events, for machine/energy ------------------------------------ */

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

static gb_status open_events(const char *const *names, size_t count,
                             gb_event_set **set_out, gb_error *err) {
    gb_event_set *set = NULL;
    gb_status status = gb_event_set_create(&set, err);
    for (size_t i = 0; i < count && status == GB_OK; i++)
        status = gb_event_set_add(set, names[i], err);
    if (status == GB_OK)
        status = gb_event_set_start(set, err);
    if (status != GB_OK) {
        gb_event_set_close(set);
        return status;
    }
    *set_out = set;
    return GB_OK;
}

const gb_event_reader *gb_counters_event_reader(void) {
    static const gb_event_reader reader = {
        .name = "PAPI",
        .list_energy = list_energy,
        .open = open_events,
        .read = gb_event_set_read,
        .close = gb_event_set_close,
    };
    return &reader;
}
