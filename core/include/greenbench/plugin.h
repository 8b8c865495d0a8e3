/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GREENBENCH_PLUGIN_H
#define GREENBENCH_PLUGIN_H

/**
 * @file greenbench/plugin.h
 * The whole contract between the host and one benchmark plugin.
 *
 * A plugin does work; the host measures. A plugin reads no clock, no energy
 * counter, no file and no environment variable, and it never prints or exits.
 *
 *     create -> prepare -> [rearm ->] run (1..n times) -> verify -> destroy
 *
 * One instance per rank; calls on one instance never overlap. If create()
 * fails, nothing else is called. After any other failure the host calls
 * destroy() and nothing else.
 *
 * Pointers are non-null unless marked nullable; strings are UTF-8. Whoever
 * allocates, frees: neither side frees the other's memory.
 */

#include <stddef.h>
#include <stdint.h>

#include "greenbench/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An existing field changed: a host of another major refuses to load. */
#define GB_PLUGIN_ABI_MAJOR 1u
/** Optional fields were appended: load; see GB_HAS_FIELD. */
#define GB_PLUGIN_ABI_MINOR 2u

/** True if @p s, by its own struct_size, is long enough to hold @p field. */
#define GB_HAS_FIELD(type, s, field)                                           \
    ((s)->struct_size >= offsetof(type, field) + sizeof((s)->field))

/** The host's services, below. */
typedef struct gb_host gb_host;
/** Values of the parameters, owned by the host. */
typedef struct gb_params gb_params;
/** One rank's instance, defined by the plugin. */
typedef struct gb_instance gb_instance;

/** One parameter a suite file may set. Declared as data, so that `greenbench
 *  --dry-run` checks a suite without running any plugin code.
 *
 *  `accepts` is a list of alternatives separated by '|': each a word ("fp32")
 *  or a closed range ("4KiB..64GiB", "1..1024", "0.5..2.0"). Sizes in bytes
 *  take B, KiB, MiB, GiB, TiB (1024) and kB, MB, GB, TB (1000). Null takes any
 *  text. A range whose ends carry a unit of bytes makes the parameter a size;
 *  whole ends make it an integer; ends with a decimal point make it a real
 *  number, and so do ends in per cent ("1%..95%": "80%" and "80" read as 80).
 */
typedef struct gb_param_decl {
    const char *name;         /**< "array_bytes": the unit is the last word */
    const char *help;         /**< one line, no full stop */
    const char *default_text; /**< as the user would write it: "64MiB" */
    const char *accepts;      /**< "4KiB..64GiB" or "auto|1..9"; nullable */
} gb_param_decl;

/** What one run() call did on this rank. Zeroed by the host before the call. */
typedef struct gb_work {
    uint32_t struct_size; /**< of the host's gb_work */
    uint32_t reserved;    /**< 0 */
    double done;          /**< in gb_plugin.work_unit; finite, > 0 */
    double checksum;      /**< keeps the work from being optimised away */

    /* Since 1.1. The same work in the terms of a roofline, where they are known
     * exactly: what the algorithm needs, not what a cache made of it. 0: not
     * told. Set them through GB_WORK_SET(). */
    double flops;         /**< additions and multiplications, as fp64 */
    double memory_bytes;  /**< to and from main memory, by the kernel's count */
    double network_bytes; /**< sent to other ranks */
    double messages;      /**< sent to other ranks */
    /** How many units of `done` were under way on this rank at any time, where
     *  each waits for the one before it, as in a chain of loads or a ping-pong:
     *  the time each takes is time * in_flight / done. */
    double in_flight;

    /** Since 1.2. The one other rank that this rank did its work with, as in a
     *  ping-pong, plus 1; 0: none, or several. Pairs of nodes are compared by
     *  it. Set it through GB_WORK_SET_PEER(). */
    uint32_t peer_plus_1;
    uint32_t reserved_2; /**< 0 */
} gb_work;

/** Set a field that an older host's gb_work may be too short for. */
#define GB_WORK_SET(work, field, value)                                        \
    do {                                                                       \
        if (GB_HAS_FIELD(gb_work, work, field))                                \
            (work)->field = (value);                                           \
    } while (0)

/** Say which rank the work was done with: gb_work.peer_plus_1. */
#define GB_WORK_SET_PEER(work, rank)                                           \
    GB_WORK_SET(work, peer_plus_1, (uint32_t)(rank) + 1u)

/* gb_plugin.flags */

/** run() is one long piece of work whose length the parameters set, a solve: it
 *  is always called with iterations == 1, never to warm up or to find a number
 *  of iterations, and once unless the user asks for repeats. */
#define GB_PLUGIN_ONE_SHOT 1u
/** run() leaves the machine as it is and is measured for its power alone: it
 *  has no performance, and work_out->done is the seconds it took. */
#define GB_PLUGIN_NO_WORK 2u

/** The descriptor. Constant data: reading it runs no plugin code. */
typedef struct gb_plugin {
    /* Frozen in every version, so that any host can read it safely. */
    uint32_t struct_size; /**< sizeof(gb_plugin) */
    uint16_t abi_major;   /**< GB_PLUGIN_ABI_MAJOR */
    uint16_t abi_minor;   /**< GB_PLUGIN_ABI_MINOR */

    const char *id;        /**< "memory.triad": kind, dot, name; [a-z0-9_] */
    const char *version;   /**< of the plugin, semver */
    const char *summary;   /**< one line, no full stop */
    const char *work_unit; /**< "byte", "flop", "message": singular */
    const gb_param_decl *params; /**< [param_count]; nullable if 0 */
    size_t param_count;          /**< number of parameters */
    const char *const *needs; /**< extension ids, null-terminated; nullable */

    /** Check parameters and build an instance. Allocate nothing large: the host
     *  also calls create() and destroy() alone, before anything is measured and
     *  for --dry-run, to learn what would be refused. Name in the message what
     *  was expected and got, and in the hint the nearest value that would do.
     *  @param[out] self_out  set on GB_OK only; freed by destroy() */
    gb_status (*create)(const gb_host *host, const gb_params *params,
                        gb_instance **self_out);

    /** Allocate and first-touch memory, open connections. Not timed. */
    gb_status (*prepare)(gb_instance *self);

    /** Do @p iterations units of work. This call, and only this call, is timed:
     *  no allocation, no logging, no I/O. */
    gb_status (*run)(gb_instance *self, uint64_t iterations, gb_work *work_out);

    /** Check the result of the last run(). Not timed. Nullable.
     *  @retval GB_ERR_VERIFY  the trial is reported as invalid, not averaged */
    gb_status (*verify)(gb_instance *self);

    /** Release everything create() and prepare() took. Cannot fail. */
    void (*destroy)(gb_instance *self);

    uint32_t ranks_min;      /**< it can use at least so many; 0 counts as 1 */
    uint32_t ranks_multiple; /**< and multiples of so many; 0 counts as 1 */

    /* --- since 1.1 -------------------------------------------------------- */

    uint32_t flags;    /**< GB_PLUGIN_ONE_SHOT, GB_PLUGIN_NO_WORK, or 0 */
    uint32_t reserved; /**< 0 */

    /** Before every run(): put back what the last one used up, such as a matrix
     *  that is factorised in place. Not timed. Nullable. */
    gb_status (*rearm)(gb_instance *self);
} gb_plugin;

/** Services the host lends for the lifetime of an instance. A plugin links
 *  against nothing of greenbench: everything it may use is in this table. */
struct gb_host {
    uint32_t struct_size; /**< of the host's gb_host */
    uint16_t abi_major;   /**< the host's */
    uint16_t abi_minor;   /**< the host's */
    void *host_data;      /**< the host's own; do not touch */
    uint32_t core_count;  /**< cores this rank may use, >= 1: use them all */
    uint32_t reserved;    /**< 0 */
    /** What this rank may allocate: its share of what the node has free within
     *  the cgroup's limit. */
    uint64_t memory_bytes;
    uint64_t cache_bytes; /**< its share of the node's last-level caches */

    /** Memory on the NUMA node this rank is bound to; null on failure, and the
     *  error is already recorded: return GB_ERR_NO_MEMORY.
     *  @param align  a power of two, >= sizeof(void *) */
    void *(*alloc)(const gb_host *host, size_t bytes, size_t align);
    /** Give a block back; null is allowed. */
    void (*free)(const gb_host *host, void *block);

    /** The value of a declared parameter, already checked against `accepts`.
     *  A word such as "auto" reads as 0 through the numeric ones. */
    uint64_t (*param_u64)(const gb_params *params, const char *name);
    /** As param_u64(), as a real number. */
    double (*param_f64)(const gb_params *params, const char *name);
    /** As param_u64(), as it was written. */
    const char *(*param_text)(const gb_params *params, const char *name);

    /** Record why a call is about to fail; gives @p status back, so that a
     *  plugin can write `return host->fail(host, GB_ERR_VERIFY, ...)`.
     *  @param hint  what the user can do about it; nullable */
    gb_status (*fail)(const gb_host *host, gb_status status, const char *hint,
                      const char *fmt, ...);

    /** Record a fact about this instance for the result file, such as the
     *  instruction set chosen: note(host, "isa", "avx512"). Keys are
     *  [a-z0-9_]; a second note under one key replaces the first. */
    void (*note)(const gb_host *host, const char *key, const char *fmt, ...);

    /** A further interface by id, such as GB_EXT_MPI; null if absent. Owned by
     *  the host and valid until destroy() returns. */
    const void *(*extension)(const gb_host *host, const char *id);
};

/** Put this at the end of each iteration of run(): it keeps the compiler from
 *  merging iterations whose results it knows to be equal. */
#define GB_KEEP_WORK() __asm__ volatile("" ::: "memory")

/** The one symbol a plugin exports. */
#define GB_PLUGIN_SYMBOL "greenbench_plugin"
/** Visible in a module whose other symbols are hidden. */
#define GB_PLUGIN_EXPORT __attribute__((visibility("default")))
/** The descriptor, defined by the plugin. */
extern GB_PLUGIN_EXPORT const gb_plugin greenbench_plugin;

#ifdef __cplusplus
}
#endif

#endif /* GREENBENCH_PLUGIN_H */
