/* SPDX-License-Identifier: Apache-2.0 */
/* Energy events of PAPI's components, through a handle: this folder does not
 * know PAPI. Traps: reference/energy.md §8, rules 7, 24, 26. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "machine/energy/domains.h"
#include "machine/energy/event_units.h"

/* The events of one component, counted together: PAPI runs one event set for
 * each component at a time. */
typedef struct event_group {
    char component[48];
    gb_event_set *set; /* null: nothing to read */
    size_t *places;    /* [count]: of each value among the domains */
    uint64_t *values;  /* [count] */
    size_t count;
} event_group;

struct gb_energy_source {
    gb_energy_env env;
    gb_domain_list domains;
    gb_event_info *events; /* [domains.count]: what each domain counts */
    event_group *groups;   /* [group_count] */
    size_t group_count;
};

static void papi_close(gb_energy_source *source) {
    if (!source)
        return;
    for (size_t i = 0; i < source->group_count; i++) {
        if (source->groups[i].set)
            source->env.events->close(source->groups[i].set);
        free(source->groups[i].places);
        free(source->groups[i].values);
    }
    free(source->groups);
    free(source->events);
    gb_domain_list_fini(&source->domains);
    free(source);
}

/* --- which events --------------------------------------------------------- */

static bool listed_component(const gb_energy_source *source,
                             const char *component) {
    for (size_t i = 0; i < source->domains.count; i++)
        if (strcmp(source->events[i].component, component) == 0)
            return true;
    return false;
}

/* A domain for @p event; a component that is not used gets a single one. */
static gb_status add_event(gb_energy_source *source, const gb_event_info *event,
                           gb_error *err) {
    const gb_event_unit *unit = gb_event_unit_find(event);
    gb_event_unit stated;
    if (!unit && gb_event_unit_stated(event, &stated))
        unit = &stated;
    bool used = unit && unit->tick_j > 0;
    char name[64];

    if (unit && !used && listed_component(source, event->component))
        return GB_OK;
    gb_copy(name, sizeof(name), event->name);
    if (gb_domain_list_has(&source->domains, name))
        snprintf(name, sizeof(name), "%.48s..@%zu", event->name,
                 source->domains.count);
    gb_energy_domain *domain =
        gb_domain_list_add(&source->domains, gb_energy_papi.name, name,
                           event->name, used ? unit->scope : GB_SCOPE_OTHER);
    if (!domain)
        return gb_fail_memory(err, "a PAPI domain");
    source->events[source->domains.count - 1] = *event;

    if (!unit) {
        gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED, NULL,
                         "unit and scope of this event are not known to "
                         "greenbench (PAPI says '%s')",
                         event->units);
        return GB_OK;
    }
    if (!used) {
        gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED, NULL, "%s",
                         unit->reason);
        return GB_OK;
    }
    domain->tick_j = unit->tick_j;
    domain->step_j = unit->step_j;
    domain->update_ns = unit->update_ns;
    domain->max_power_w = unit->max_power_w;
    domain->u_rel = unit->u_rel;
    domain->package = gb_event_unit_index(unit, event->name);
    if (unit->software) {
        domain->quality = GB_QUALITY_MODELLED;
        gb_copy(domain->reason, sizeof(domain->reason),
                "a library in this process exports it: what is behind it "
                "cannot be told from here");
    }
    return GB_OK;
}

/* --- opening them --------------------------------------------------------- */

/* Open @p count events given by their places; @p set_out is null on failure. */
static gb_status open_events(const gb_energy_source *source,
                             const size_t *places, size_t count,
                             gb_event_set **set_out, gb_error *err) {
    const char **names = calloc(count, sizeof(*names));

    *set_out = NULL;
    if (!names)
        return gb_fail_memory(err, "the names of PAPI events");
    for (size_t i = 0; i < count; i++)
        names[i] = source->events[places[i]].name;
    gb_status status = source->env.events->open(names, count, set_out, err);
    free(names);
    if (status != GB_OK)
        *set_out = NULL;
    return status;
}

static void refuse_event(gb_energy_domain *domain, const gb_error *why) {
    gb_domain_refuse(domain,
                     why->status == GB_ERR_PERMISSION ? GB_DOMAIN_FORBIDDEN
                     : why->status == GB_ERR_UNSUPPORTED ||
                             why->status == GB_ERR_NOT_FOUND
                         ? GB_DOMAIN_UNSUPPORTED
                         : GB_DOMAIN_FAILED,
                     why->hint, "%s", why->what);
}

/* One event that cannot be counted spoils the whole set: find it by opening
 * each alone, and keep the others. */
static void drop_bad_events(gb_energy_source *source, event_group *group) {
    size_t kept = 0;

    for (size_t i = 0; i < group->count; i++) {
        size_t place = group->places[i];
        gb_error why = {0};
        gb_event_set *set;

        if (open_events(source, &place, 1, &set, &why) == GB_OK) {
            source->env.events->close(set);
            group->places[kept++] = place;
        } else {
            refuse_event(&source->domains.items[place], &why);
        }
    }
    group->count = kept;
}

static void open_group(gb_energy_source *source, event_group *group) {
    gb_error why = {0};

    if (open_events(source, group->places, group->count, &group->set, &why) ==
        GB_OK)
        return;
    drop_bad_events(source, group);
    if (group->count == 0 || open_events(source, group->places, group->count,
                                         &group->set, &why) == GB_OK)
        return;
    for (size_t i = 0; i < group->count; i++)
        refuse_event(&source->domains.items[group->places[i]], &why);
    group->count = 0;
}

static event_group *group_of(gb_energy_source *source, const char *component) {
    for (size_t i = 0; i < source->group_count; i++)
        if (strcmp(source->groups[i].component, component) == 0)
            return &source->groups[i];

    size_t room = source->domains.count;
    event_group *group = &source->groups[source->group_count];
    group->places = calloc(room, sizeof(*group->places));
    group->values = calloc(room, sizeof(*group->values));
    gb_copy(group->component, sizeof(group->component), component);
    source->group_count++;
    return group->places && group->values ? group : NULL;
}

static gb_status open_groups(gb_energy_source *source, gb_error *err) {
    source->groups = calloc(source->domains.count + 1, sizeof(*source->groups));
    if (!source->groups)
        return gb_fail_memory(err, "the PAPI components");
    for (size_t i = 0; i < source->domains.count; i++) {
        if (source->domains.items[i].status != GB_DOMAIN_OK)
            continue;
        event_group *group = group_of(source, source->events[i].component);
        if (!group)
            return gb_fail_memory(err, "a PAPI event set");
        group->places[group->count++] = i;
    }
    for (size_t i = 0; i < source->group_count; i++)
        open_group(source, &source->groups[i]);
    return GB_OK;
}

static gb_status list_events(gb_energy_source *source, gb_error *err) {
    gb_event_info *events = NULL;
    size_t count = 0;
    gb_status status = source->env.events->list_energy(&events, &count, err);

    if (status != GB_OK)
        return status;
    if (count == 0)
        status = gb_fail(err, GB_ERR_UNSUPPORTED,
                         "Debian's package has no rapl or nvml component: "
                         "build PAPI with --with-components=\"rapl nvml\"",
                         "%s offers no energy event", source->env.events->name);
    if (status == GB_OK) {
        source->events = calloc(count, sizeof(*source->events));
        if (!source->events)
            status = gb_fail_memory(err, "the list of PAPI events");
    }
    for (size_t i = 0; status == GB_OK && i < count; i++)
        status = add_event(source, &events[i], err);
    free(events);
    return status;
}

static gb_status papi_open(const gb_energy_env *env,
                           gb_energy_source **source_out, gb_error *err) {
    if (!env->events)
        return gb_fail(err, GB_ERR_UNSUPPORTED,
                       "install 'libpapi-dev' and configure with "
                       "-DGREENBENCH_WITH_PAPI=ON",
                       "built without PAPI");
    if (gb_sysroot_simulated(env->root))
        return gb_fail(err, GB_ERR_UNSUPPORTED, NULL,
                       "PAPI would read this machine, not the simulated root");

    gb_energy_source *source = calloc(1, sizeof(*source));
    if (!source)
        return gb_fail_memory(err, "the PAPI source");
    source->env = *env;
    gb_status status = list_events(source, err);
    if (status == GB_OK)
        status = open_groups(source, err);
    if (status != GB_OK) {
        papi_close(source);
        return status;
    }
    *source_out = source;
    return GB_OK;
}

static const gb_energy_domain *papi_domains(const gb_energy_source *source,
                                            size_t *count_out) {
    *count_out = source->domains.count;
    return source->domains.items;
}

static void papi_read(gb_energy_source *source, gb_energy_reading *readings) {
    for (size_t i = 0; i < source->domains.count; i++)
        readings[i] = (gb_energy_reading){0};
    for (size_t i = 0; i < source->group_count; i++) {
        event_group *group = &source->groups[i];
        gb_energy_reading reading = {0};
        uint64_t before_ns;

        if (!group->set)
            continue;
        before_ns = gb_clock_now_ns(source->env.clock);
        reading.ok =
            source->env.events->read(group->set, group->values, NULL) == GB_OK;
        gb_reading_stamp(&reading, before_ns,
                         gb_clock_now_ns(source->env.clock));
        for (size_t j = 0; j < group->count; j++) {
            reading.ticks = reading.ok ? group->values[j] : 0;
            readings[group->places[j]] = reading;
        }
    }
}

const gb_energy_source_ops gb_energy_papi = {
    .name = "papi",
    .summary = "energy events of PAPI's components (rapl, nvml, amd_smi)",
    /* PAPI keeps a set of events with the thread that made it. */
    .bound = true,
    .open = papi_open,
    .domains = papi_domains,
    .read = papi_read,
    .close = papi_close,
};
