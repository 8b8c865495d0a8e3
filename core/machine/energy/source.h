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
#include "model/meter_reader.h"
#include "model/record.h"
#include "model/system.h"

struct perf_event_attr;

/** The outside world as a source sees it. Outlives the source. */
typedef struct gb_energy_env {
    const gb_sysroot *root;
    const gb_clock *clock;
    const gb_node *node;           /* CPU facts */
    const gb_event_reader *events; /* nullable: no PAPI */
    const gb_meter_reader *meters; /* nullable: no meter plugins */
    /** What an earlier run recorded of a node's energy; nullable. */
    gb_status (*recording_of)(const char *rundir, const char *node_name,
                              gb_recording *recording_out, gb_error *err);
    /** What the site says about a source ("external", "redfish"), from its
     *  environment; null: nothing. Nullable. */
    const char *(*setting_of)(const char *source);
    /** perf_event_open(2), for tests; null: the system call, which never reads
     *  for a simulated root. @return a descriptor, or -1 and errno */
    int (*perf_event_open)(const struct perf_event_attr *attr, int pid, int cpu,
                           int group_fd, unsigned long flags);
    uint64_t patience_ns; /* how long opening a source may take; 0: 30 s */
    const char *setting;  /* for the source being opened: SOURCE=SETTING of the
                             user's choice, else setting_of(); null: none */
} gb_energy_env;

typedef struct gb_energy_source gb_energy_source; /* defined by each source */

typedef struct gb_energy_source_ops {
    const char *name;    /* "powercap"; the word used in suites and flags */
    const char *summary; /* one line, no full stop */
    /** A setting is a list of settings, separated by blanks, and each of them
     * is opened on its own. */
    bool many;
    /** Opened on the caller's thread, however long that takes: what it uses is
     *  bound to the thread that made it. */
    bool bound;

    /** Nullable: any setting is well-formed. Is @p setting? Asked before
     *  anything is opened or written down, so that a setting that holds a
     *  secret goes nowhere; @p err does not repeat it. */
    gb_status (*check)(const char *setting, gb_error *err);

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

    /** Nullable: read() is fast. Else read() may block (a BMC, a command), and
     *  is called on a thread of its own, this often in ns (0: it is fast after
     *  all); the sampler gets its latest readings, with `stamp_ns` as the time
     * they were taken at. May allocate. */
    uint64_t (*slow_ns)(const gb_energy_source *source);
} gb_energy_source_ops;

extern const gb_energy_source_ops gb_energy_powercap;
extern const gb_energy_source_ops gb_energy_perf;
extern const gb_energy_source_ops gb_energy_hwmon;
extern const gb_energy_source_ops gb_energy_cray_pm;
extern const gb_energy_source_ops gb_energy_nvml;
extern const gb_energy_source_ops gb_energy_rocm;
extern const gb_energy_source_ops gb_energy_papi;
extern const gb_energy_source_ops gb_energy_ipmi;
extern const gb_energy_source_ops gb_energy_redfish;
extern const gb_energy_source_ops gb_energy_meter;
extern const gb_energy_source_ops gb_energy_external;
extern const gb_energy_source_ops gb_energy_replay;
extern const gb_energy_source_ops gb_energy_model;

/** All of them, in the order of preference for equal scopes. [*count_out] */
const gb_energy_source_ops *const *gb_energy_sources(size_t *count_out);

#endif /* GB_MACHINE_ENERGY_SOURCE_H */
