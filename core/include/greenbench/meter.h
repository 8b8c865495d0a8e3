/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GREENBENCH_METER_H
#define GREENBENCH_METER_H

/**
 * @file greenbench/meter.h
 * The whole contract between the host and one meter plugin: a PDU, a wall
 * meter or a sensor on the board that greenbench has no source of its own for.
 *
 * A meter reads; the host does the arithmetic. It hands over ticks exactly as
 * the hardware counts them and says what they mean: joules, wraps, windows,
 * what is summed and the uncertainty follow from that in one place.
 *
 *     open -> domains -> read (1..n times) -> close
 *
 * One instance per node and per meter that the user names. Calls on one
 * instance never overlap, but may come from different threads. If open() fails,
 * nothing else is called. A meter may read clocks, files and sockets; it never
 * prints or exits, and writes to nothing but the device that it asks.
 *
 * Pointers are non-null unless marked nullable; strings are UTF-8. Whoever
 * allocates, frees: neither side frees the other's memory.
 */

#include <stddef.h>
#include <stdint.h>

#include "greenbench/plugin.h" /* gb_param_decl, GB_HAS_FIELD, gb_status */

#ifdef __cplusplus
extern "C" {
#endif

/** Counted apart from the benchmarks' ABI, by the same rules. */
#define GB_METER_ABI_MAJOR 1u
/** Additions at the tail raise it. */
#define GB_METER_ABI_MINOR 0u

/** The host's services, below. */
typedef struct gb_meter_host gb_meter_host;
/** The plugin's own. */
typedef struct gb_meter_instance gb_meter_instance;

/* gb_meter_domain.unit */

/** A counter of energy: ticks * tick is joules since some time or other. */
#define GB_METER_JOULE 1u
/** A gauge of power: ticks * tick is watts. */
#define GB_METER_WATT 2u

/* gb_meter_domain.flags */

/** Others draw on it as well, such as all nodes of a chassis: never summed. */
#define GB_METER_SHARED 1u
/** An estimate, not a measurement: figures are `modelled`. */
#define GB_METER_MODELLED 2u
/** It stands in for hardware: figures are `simulated`. */
#define GB_METER_SIMULATED 4u
/** Every reading says when it was true (gb_meter_reading.stamp_ns). */
#define GB_METER_STAMPED 8u

/* gb_meter_domain.accuracy_form */

/** Nothing is stated: the host takes 3 %, as for other meters. */
#define GB_METER_ACCURACY_UNKNOWN 0u
/** Limits of error, as in most data sheets: anything within is as likely. */
#define GB_METER_ACCURACY_LIMITS 1u
/** An expanded uncertainty, as in a calibration certificate: accuracy_k times
 *  the standard uncertainty of a normal distribution. */
#define GB_METER_ACCURACY_EXPANDED 2u

/** One thing that is measured. Does not change while the meter is open. */
typedef struct gb_meter_domain {
    uint32_t struct_size; /**< sizeof(gb_meter_domain) */
    gb_status status; /**< GB_OK; else why it is listed but cannot be read */

    const char *name;   /**< "outlet3": [A-Za-z0-9._:/-], at most 40, unique */
    const char *scope;  /**< what it covers, as `greenbench sensors` calls it:
                           "node-ac", "node-dc", "module", "package", "dram",
                           "accel", ..; "other" is never summed */
    const char *reason; /**< nullable: why status is not GB_OK */
    const char *fix;    /**< nullable: what the user can do about it */

    uint32_t unit;          /**< GB_METER_JOULE or GB_METER_WATT */
    uint32_t flags;         /**< GB_METER_SHARED, .., or 0 */
    int32_t package;        /**< where scope has one: from 0; -1: of no one */
    uint32_t accuracy_form; /**< how the accuracy is stated */

    double tick;         /**< joules or watts of one tick, > 0 */
    double step;         /**< smallest change of a value, J or W, >= tick */
    uint64_t wrap_ticks; /**< JOULE: where it begins again at 0; 0: never */
    uint64_t update_ns;  /**< time between new values, > 0 */
    uint64_t average_ns; /**< WATT: its own averaging; 0: none known */
    double range_w;      /**< full scale, W: more than twice of it is no value;
                            0: none stated */

    /* Parts add up, as in 0.1 % of the reading + 0.05 % of the range + 0.2 W.
     */
    double accuracy_of_reading; /**< a fraction: 0.001 for 0.1 % */
    double accuracy_of_range;   /**< a fraction of range_w */
    double accuracy_w;          /**< W, whatever is read */
    double accuracy_k;          /**< of GB_METER_ACCURACY_EXPANDED, > 0 */
} gb_meter_domain;

/** One reading. In an array: it can never grow. Zeroed by the host. */
typedef struct gb_meter_reading {
    uint64_t ticks;    /**< as the hardware counts them */
    uint64_t stamp_ns; /**< when `ticks` was true, by any clock that runs evenly
                          and of which only differences count; 0: not known */
    gb_status status;  /**< GB_OK; else there is no value this time */
    uint32_t reserved; /**< 0 */
    uint64_t reserved2; /**< 0 */
} gb_meter_reading;

/* gb_meter.flags */

/** read() may take longer than 1 ms: it asks a network, a bus, a program. It is
 *  then called on a thread of its own, once per update period. */
#define GB_METER_SLOW 1u

/** The descriptor. Constant data: reading it runs no plugin code. */
typedef struct gb_meter {
    /* Frozen in every version, as in gb_plugin. */
    uint32_t struct_size; /**< sizeof(gb_meter) */
    uint16_t abi_major;   /**< GB_METER_ABI_MAJOR */
    uint16_t abi_minor;   /**< GB_METER_ABI_MINOR */

    const char *id;      /**< "acme.pdu": vendor, dot, name; [a-z0-9_] */
    const char *version; /**< of the plugin, semver */
    const char *summary; /**< one line, no full stop */

    /** What the user may set, as in a benchmark, but that default_text may be
     *  null: it must then be given. Settings are stored with the results: name
     *  a file with a password, never take the password itself. */
    const gb_param_decl *params; /**< [param_count]; nullable if 0 */
    size_t param_count;          /**< of params */

    /** Reach the meter and learn what it has. May block for some seconds. Name
     *  in the message what was expected and got.
     *  @param[out] self_out  set on GB_OK only; freed by close()
     *  @retval GB_ERR_UNSUPPORTED  no such thing on this machine
     *  @retval GB_ERR_PERMISSION   present, this user may not read it
     *  @retval GB_ERR_IO, GB_ERR_TIMEOUT  it cannot be reached */
    gb_status (*open)(const gb_meter_host *host, gb_meter_instance **self_out);

    /** Everything it measures, also what cannot be read, with the reason.
     *  @return [*count_out] pointers, at least 1, valid until close() */
    const gb_meter_domain *const *(*domains)(const gb_meter_instance *self,
                                             size_t *count_out);

    /** Read all domains once, in the order of domains(). Without GB_METER_SLOW:
     *  1 ms at most, no allocation. A counter that could not be read has its
     *  own status; a link that is lost is opened again here, in time.
     *  @param[out] readings  one for each domain
     *  @return GB_OK, or why no domain could be read */
    gb_status (*read)(gb_meter_instance *self, gb_meter_reading *readings);

    /** Leave the meter as it was and release everything. Cannot fail. */
    void (*close)(gb_meter_instance *self);

    uint32_t flags;    /**< GB_METER_SLOW, or 0 */
    uint32_t reserved; /**< 0 */
} gb_meter;

/** Services the host lends for the lifetime of an instance. */
struct gb_meter_host {
    uint32_t struct_size;  /**< of the host's gb_meter_host */
    uint16_t abi_major;    /**< the host's */
    uint16_t abi_minor;    /**< the host's */
    void *host_data;       /**< the host's own; do not touch */
    const char *node_name; /**< of this node: "node17" */
    const char *root; /**< put it before paths below /sys, /proc and /dev: "",
                         or the folder of a machine that is replayed */

    /** CLOCK_MONOTONIC, or what a test puts in its place. */
    uint64_t (*now_ns)(const gb_meter_host *host);

    /** Zeroed memory; null on failure, and the error is already recorded:
     *  return GB_ERR_NO_MEMORY. */
    void *(*alloc)(const gb_meter_host *host, size_t bytes);
    /** Release it; null is allowed. */
    void (*free)(const gb_meter_host *host, void *block);

    /** The value of a declared parameter, already checked against `accepts`.
     *  A word such as "auto" reads as 0 through the numeric ones. */
    uint64_t (*param_u64)(const gb_meter_host *host, const char *name);
    /** As param_u64(), of a number that need not be whole. */
    double (*param_f64)(const gb_meter_host *host, const char *name);
    /** As param_u64(), of any text. */
    const char *(*param_text)(const gb_meter_host *host, const char *name);

    /** Record why a call is about to fail, or why a reading has no value; gives
     *  @p status back: `return host->fail(host, GB_ERR_IO, ...)`.
     *  @param hint  what the user can do about it; nullable */
    gb_status (*fail)(const gb_meter_host *host, gb_status status,
                      const char *hint, const char *fmt, ...);

    /** Record a fact for the result file, such as what the meter calls itself:
     *  note(host, "device", "PX3 5190 serial 17"). What is noted within open()
     *  counts. Keys are [a-z0-9_], at most 15; a second note under one key
     *  replaces the first. */
    void (*note)(const gb_meter_host *host, const char *key, const char *fmt,
                 ...);
};

/** The one symbol a meter plugin exports. */
#define GB_METER_SYMBOL "greenbench_meter"
/** What GB_METER_SYMBOL names. */
extern GB_PLUGIN_EXPORT const gb_meter greenbench_meter;

#ifdef __cplusplus
}
#endif

#endif /* GREENBENCH_METER_H */
