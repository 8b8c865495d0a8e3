/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/redfish_walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define SERVICE_ROOT "/redfish/v1/"
/* Chassis of one system, or of a service, that are looked at: each costs up to
 * four requests, and a controller may take a second for each. */
#define CHASSIS_LIMIT 8

typedef struct walk {
    const gb_redfish_server *server;
    gb_redfish_found *found;
    bool guessed; /* which of several systems is the node's is not known */
} walk;

static gb_status fetch(const walk *state, const char *path,
                       gb_redfish_resource **out, gb_error *err) {
    const char *text = NULL;
    gb_error why = {0};
    gb_status status = state->server->get(state->server->ctx, path, &text, err);

    if (status != GB_OK)
        return status;
    gb_redfish_resource *resource = malloc(sizeof(*resource));
    if (!resource)
        return gb_fail_memory(err, "a Redfish resource");
    status = gb_redfish_parse(text, state->found->system, resource, &why);
    if (status != GB_OK) {
        free(resource);
        return gb_fail(err, status, NULL, "'%s': %s", path, why.what);
    }
    *out = resource;
    return GB_OK;
}

/* As fetch(), but a link that leads nowhere gives no resource. */
static gb_status fetch_if_there(const walk *state, const char *path,
                                gb_redfish_resource **out, gb_error *err) {
    *out = NULL;
    if (path[0] == '\0')
        return GB_OK;
    gb_status status = fetch(state, path, out, err);
    return status == GB_ERR_NOT_FOUND ? GB_OK : status;
}

static bool any_usable(const walk *state) {
    for (size_t i = 0; i < state->found->count; i++)
        if (state->found->items[i].reading.refused[0] == '\0')
            return true;
    return false;
}

/* --- readings ------------------------------------------------------------- */

static void add(walk *state, const char *path,
                const gb_redfish_reading *reading, bool shared) {
    gb_redfish_found *found = state->found;

    if (found->count == GB_REDFISH_FOUND)
        return;
    gb_redfish_candidate *item = &found->items[found->count++];
    gb_copy(item->path, sizeof(item->path), path);
    item->reading = *reading;
    item->shared = shared && !reading->own;
}

/* The sensor behind an excerpt says when it was read and over what time; it is
 * taken instead if it is one of the same quantity. */
static gb_status add_in_full(walk *state, const char *path,
                             const gb_redfish_reading *excerpt, bool shared,
                             gb_error *err) {
    const char *property = gb_ends_with(excerpt->property, "LifetimeReading")
                               ? "LifetimeReading"
                               : "Reading";
    gb_redfish_resource *sensor = NULL;
    gb_status status = GB_OK;

    if (excerpt->refused[0] == '\0')
        status = fetch_if_there(state, excerpt->sensor, &sensor, err);
    /* Not JSON, or not for this user: then the excerpt is what there is. */
    if (status == GB_ERR_INVALID || status == GB_ERR_PERMISSION)
        status = GB_OK;
    if (status != GB_OK)
        return status;
    const gb_redfish_reading *full =
        sensor ? gb_redfish_find(sensor, property) : NULL;
    if (full && full->energy == excerpt->energy)
        add(state, excerpt->sensor, full, shared);
    else
        add(state, path, excerpt, shared);
    free(sensor);
    return GB_OK;
}

static gb_status add_all(walk *state, const char *path,
                         const gb_redfish_resource *resource, bool shared,
                         gb_error *err) {
    gb_status status = GB_OK;

    for (size_t i = 0; status == GB_OK && i < resource->reading_count; i++)
        status = add_in_full(state, path, &resource->readings[i], shared, err);
    return status;
}

/* --- chassis -------------------------------------------------------------- */

static gb_status visit_parts(walk *state, const gb_redfish_resource *chassis,
                             gb_error *err) {
    const char *const parts[] = {chassis->environment, chassis->power};
    const bool shared = chassis->served.total > 1;
    gb_status status = GB_OK;

    for (size_t i = 0; status == GB_OK && i < 2; i++) {
        gb_redfish_resource *part = NULL;

        status = fetch_if_there(state, parts[i], &part, err);
        if (status == GB_OK && part)
            status = add_all(state, parts[i], part, shared, err);
        free(part);
    }
    return status;
}

static gb_status visit_chassis(walk *state, const char *path,
                               const gb_redfish_resource *chassis,
                               gb_error *err) {
    gb_redfish_found *found = state->found;

    /* What several nodes share is true for each of them; what is one's alone
     * would be the wrong one's. */
    if (state->guessed && chassis->served.total < 2)
        return GB_OK;
    if (found->system[0] == '\0' && chassis->served.total == 1)
        gb_copy(found->system, sizeof(found->system), chassis->served.uri[0]);
    gb_status status = visit_parts(state, chassis, err);
    /* The address may be that of EnvironmentMetrics, Power or a sensor. */
    if (status == GB_OK)
        status = add_all(state, path, chassis, chassis->served.total > 1, err);
    return status;
}

static gb_status visit_each(walk *state, const gb_redfish_links *chassis,
                            gb_error *err) {
    gb_status status = GB_OK;

    for (size_t i = 0; status == GB_OK && i < chassis->count &&
                       i < CHASSIS_LIMIT && !any_usable(state);
         i++) {
        gb_redfish_resource *one = NULL;

        status = fetch_if_there(state, chassis->uri[i], &one, err);
        if (status == GB_OK && one)
            status = visit_chassis(state, chassis->uri[i], one, err);
        free(one);
    }
    return status;
}

/* --- systems and the root ------------------------------------------------- */

static gb_status visit_named(walk *state, const char *path, gb_error *err) {
    gb_redfish_resource *resource = NULL;
    gb_status status = fetch(state, path, &resource, err);

    if (status != GB_OK)
        return status;
    if (resource->linked_chassis.count > 0 && resource->power[0] == '\0') {
        gb_copy(state->found->system, sizeof(state->found->system), path);
        status = visit_each(state, &resource->linked_chassis, err);
    } else {
        status = visit_chassis(state, path, resource, err);
    }
    free(resource);
    return status;
}

static gb_status visit_root(walk *state, gb_error *err) {
    gb_redfish_resource *root = NULL, *systems = NULL, *chassis = NULL;
    gb_status status = fetch(state, SERVICE_ROOT, &root, err);

    if (status == GB_OK)
        status = fetch_if_there(state, root->systems, &systems, err);
    if (status == GB_OK && systems && systems->members.total == 1) {
        status = visit_named(state, systems->members.uri[0], err);
    } else if (status == GB_OK) {
        state->found->systems = systems ? systems->members.total : 0;
        state->guessed = state->found->systems > 1;
        status = fetch_if_there(state, root->chassis, &chassis, err);
    }
    if (status == GB_OK && chassis)
        status = visit_each(state, &chassis->members, err);
    free(root);
    free(systems);
    free(chassis);
    return status;
}

gb_status gb_redfish_walk(const gb_redfish_server *server, const char *path,
                          gb_redfish_found *found, gb_error *err) {
    walk state = {.server = server, .found = found};

    *found = (gb_redfish_found){0};
    return path[0] == '\0' ? visit_root(&state, err)
                           : visit_named(&state, path, err);
}
