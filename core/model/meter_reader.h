/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_METER_READER_H
#define GB_MODEL_METER_READER_H

/**
 * @file model/meter_reader.h
 * Meter plugins as a handle: those that were loaded in the program, a script in
 * tests. What goes in and out is that of the public ABI.
 */
#include "base/clock.h"
#include "base/error.h"
#include "greenbench/meter.h"
#include "model/energy.h"
#include "model/meter_setting.h"

typedef struct gb_meter_run gb_meter_run; /* an open meter */

/** The world as a meter sees it. Outlives the meter. */
typedef struct gb_meter_env {
    const gb_clock *clock;
    const char *node_name;
    const char *root; /* "" or the folder in place of "/" */
} gb_meter_env;

/** What of an open meter never changes. */
typedef struct gb_meter_facts {
    gb_plugin_identity plugin;
    const gb_meter_domain *const *domains; /* [domain_count], sound or refused
                                              with a reason */
    size_t domain_count;
    bool slow;
    const char *insecure; /* who else could have changed it; nullable */
    char notes[128];      /* "device=PX3 serial=17"; "" */
} gb_meter_facts;

typedef struct gb_meter_reader {
    void *ctx;
    /** The ids there are, "acme.pdu, acme.wall"; "" if none. @return @p out */
    const char *(*list)(void *ctx, char *out, size_t size);
    /** @retval GB_ERR_NOT_FOUND  no such plugin, or it was refused: says why
     *  @retval GB_ERR_INVALID    a value that it does not accept, an option
     *                            that it does not have, or one that it lacks */
    gb_status (*open)(void *ctx, const gb_meter_setting *setting,
                      const gb_meter_env *env, gb_meter_run **run_out,
                      gb_error *err);
    const gb_meter_facts *(*facts)(const gb_meter_run *run);
    /** @param[out] readings  [domain_count]
     *  @param err  why no domain, or the last of several, has no value */
    gb_status (*read)(gb_meter_run *run, gb_meter_reading *readings,
                      gb_error *err);
    void (*close)(gb_meter_run *run);
} gb_meter_reader;

#endif /* GB_MODEL_METER_READER_H */
