/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_REDFISH_WALK_H
#define GB_MACHINE_ENERGY_REDFISH_WALK_H

/**
 * @file machine/energy/redfish_walk.h
 * From an address to the properties that may tell a node's power. Without a
 * network of its own: documents come from a function.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "codec/redfish.h"

#define GB_REDFISH_FOUND 24

/** Fetch the resource at @p path; see gb_https_get(). */
typedef struct gb_redfish_server {
    gb_status (*get)(void *ctx, const char *path, const char **text_out,
                     gb_error *err);
    void *ctx;
} gb_redfish_server;

/** A reading and the resource it is in, usable or refused. */
typedef struct gb_redfish_candidate {
    char path[GB_REDFISH_URI];
    gb_redfish_reading reading;
    bool shared; /* of a chassis that serves more than one system (rule 18) */
} gb_redfish_candidate;

typedef struct gb_redfish_found {
    char system[GB_REDFISH_URI]; /* the node's own; "" if not known */
    size_t systems;              /* of the service, if the path was "" */
    gb_redfish_candidate items[GB_REDFISH_FOUND];
    size_t count; /* best first; none if nothing is there */
} gb_redfish_found;

/**
 * List the readings of the node at @p path: a Chassis, a ComputerSystem (then
 * the chassis it is linked to), one of their resources, or "" (the only system
 * of the service; of several only what a chassis says for all of them). Stops
 * at the first chassis with a usable reading.
 *
 * @retval what the server's get() says of the first resource that fails, except
 *         that a linked resource may be missing
 * @retval GB_ERR_INVALID  a resource that is no JSON object
 */
gb_status gb_redfish_walk(const gb_redfish_server *server, const char *path,
                          gb_redfish_found *found, gb_error *err);

#endif /* GB_MACHINE_ENERGY_REDFISH_WALK_H */
