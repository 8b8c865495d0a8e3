/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_REDFISH_H
#define GB_CODEC_REDFISH_H

/**
 * @file codec/redfish.h
 * One Redfish resource (JSON text) -> the links to follow and the readings in
 * it: power and energy of a node, each with the name of its property, so that
 * different properties are never mixed, and those that must not be used with
 * the reason (reference/energy.md §5.2, rules 26, 27 and 52). Pure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define GB_REDFISH_URI      192
#define GB_REDFISH_LINKS    32
#define GB_REDFISH_READINGS 24

typedef enum gb_redfish_side {
    GB_REDFISH_SIDE_UNKNOWN,
    GB_REDFISH_SIDE_AC, /* what the power supplies draw */
    GB_REDFISH_SIDE_DC, /* what they give */
} gb_redfish_side;

typedef struct gb_redfish_reading {
    char property[64];      /* "PowerControl[0].PowerConsumedWatts" */
    bool energy;            /* a counter in J; else a gauge in W */
    double value;           /* J or W; meaningless if refused */
    double step;            /* what its last digit is worth, J or W */
    double u_rel;           /* standard, from the stated accuracy; NAN: none */
    uint64_t update_ns;     /* SensingInterval; 0: not said */
    uint64_t average_ns;    /* AveragingInterval; 0: not said */
    uint64_t stamp_ns;      /* ReadingTime, ns since 1970 UTC; 0: not said */
    uint64_t stamp_step_ns; /* its resolution */
    gb_redfish_side side;
    bool own;                    /* RelatedItem names the system asked for */
    char sensor[GB_REDFISH_URI]; /* where the same is told in full; "" */
    char refused[120];           /* why it is no node power; "": usable */
} gb_redfish_reading;

/** Links to other resources of the same server, each a path. */
typedef struct gb_redfish_links {
    char uri[GB_REDFISH_LINKS][GB_REDFISH_URI];
    size_t count; /* of `uri` */
    size_t total; /* of the resource; more than `count` if there is no room */
} gb_redfish_links;

/** What of a resource is there is filled in, whatever its type. */
typedef struct gb_redfish_resource {
    char chassis[GB_REDFISH_URI]; /* collections, of the service root; "" */
    char systems[GB_REDFISH_URI];
    char environment[GB_REDFISH_URI]; /* EnvironmentMetrics */
    char power[GB_REDFISH_URI];
    gb_redfish_links members;        /* of a collection */
    gb_redfish_links linked_chassis; /* of a system */
    gb_redfish_links served;         /* systems in a chassis */
    gb_redfish_reading readings[GB_REDFISH_READINGS];
    size_t reading_count; /* best first within a resource */
} gb_redfish_resource;

/**
 * @param text    null-terminated
 * @param system  path of the node's ComputerSystem, "" if not known: of several
 *                PowerControl the one related to it is the node's, else the
 *                first
 * @retval GB_ERR_INVALID  not a JSON object
 */
gb_status gb_redfish_parse(const char *text, const char *system,
                           gb_redfish_resource *out, gb_error *err);

/** The reading of that property; null: not there, or refused. */
const gb_redfish_reading *gb_redfish_find(const gb_redfish_resource *resource,
                                          const char *property);

#endif /* GB_CODEC_REDFISH_H */
