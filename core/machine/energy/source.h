/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_SOURCE_H
#define GB_MACHINE_ENERGY_SOURCE_H

/**
 * @file machine/energy/source.h
 * One way of reading energy: powercap, perf, hwmon, PAPI, a model.
 *
 * A source returns raw ticks exactly as the hardware counts them. Units, wraps
 * and intervals are handled once, in metering/, for all sources.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/sysroot.h"
#include "model/energy.h"
#include "model/event_reader.h"
#include "model/system.h"

/** The outside world as a source sees it. Outlives the source. */
typedef struct gb_energy_env {
    const gb_sysroot *root;
    const gb_clock *clock;
    const gb_node *node;           /* CPU facts */
    const gb_event_reader *events; /* nullable: no PAPI */
} gb_energy_env;

typedef struct gb_energy_source gb_energy_source; /* defined by each source */

typedef struct gb_energy_source_ops {
    const char *name;    /* "powercap"; the word used in suites and flags */
    const char *summary; /* one line, no full stop */

    /** List every domain of this kind, readable or not: an unreadable one has
     *  its status, reason and fix. Opens what can be read.
     *  @retval GB_ERR_UNSUPPORTED  nothing of this kind here; err->what says
     *          why, err->hint how to get it: the whole source is "absent" */
    gb_status (*open)(const gb_energy_env *env, gb_energy_source **source_out,
                      gb_error *err);

    /** @return [*count_out] domains, owned by @p source, valid until close() */
    const gb_energy_domain *(*domains)(const gb_energy_source *source,
                                       size_t *count_out);

    /** Read all domains once, each with its own stamp and `ok`. Called by the
     *  sampler thread: must not allocate. Domains whose status is not OK are
     *  skipped with ok = false.
     *  @param[out] readings  [count], in the order of domains() */
    void (*read)(gb_energy_source *source, gb_energy_reading *readings);

    void (*close)(gb_energy_source *source); /* null is allowed */
} gb_energy_source_ops;

extern const gb_energy_source_ops gb_energy_powercap;
extern const gb_energy_source_ops gb_energy_perf;
extern const gb_energy_source_ops gb_energy_hwmon;
extern const gb_energy_source_ops gb_energy_papi;
extern const gb_energy_source_ops gb_energy_model;

/** All of them, in the order of preference for equal scopes. [*count_out] */
const gb_energy_source_ops *const *gb_energy_sources(size_t *count_out);

#endif /* GB_MACHINE_ENERGY_SOURCE_H */
