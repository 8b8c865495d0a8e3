/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_ENERGY_H
#define GB_MODEL_ENERGY_H

/**
 * @file model/energy.h
 * What an energy counter is, what it covers, and one reading of it. Plain data:
 * sources fill it in, metering/ does the arithmetic, records carry it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Worst to best, so that the quality of a sum is the minimum. */
#define GB_QUALITY_MAP(X)                                                      \
    X(UNAVAILABLE, "unavailable")                                              \
    X(MODELLED, "modelled")                                                    \
    X(REPLAYED, "replayed")                                                    \
    X(SIMULATED, "simulated")                                                  \
    X(MEASURED, "measured")

typedef enum gb_quality {
#define GB_QUALITY_ENUM(name, text) GB_QUALITY_##name,
    GB_QUALITY_MAP(GB_QUALITY_ENUM)
#undef GB_QUALITY_ENUM
} gb_quality;

/** Why a figure is worth less than its quality says: bits of a set, with a word
 *  for files and a text for people. */
#define GB_FLAG_MAP(X)                                                         \
    X(ERRORS, "errors", "readings failed, and were bridged")                   \
    X(GAPS, "gaps", "power was not sampled all the time")                      \
    X(SLOW, "slow", "a reading took longer than 0.25 s")                       \
    X(SOURCE, "source", "a counter failed or stood still during the run")      \
    X(SUSPECT, "suspect", "a counter is known to be wrong on such machines")   \
    X(SHARED, "shared", "others draw on a meter as well")                      \
    X(PARTIAL, "partial", "a part of what should be counted is missing")

typedef enum gb_energy_flag {
#define GB_FLAG_ENUM(name, word, text) GB_FLAG_##name,
    GB_FLAG_MAP(GB_FLAG_ENUM)
#undef GB_FLAG_ENUM
        GB_FLAG_COUNT
} gb_energy_flag;

#define GB_FLAG(name) (UINT32_C(1) << GB_FLAG_##name)

/** What a domain covers (reference/energy.md §0). Which contains which is a
 *  table in metering/lattice.h. NODE_AC and NODE_DC hold everything below. */
#define GB_SCOPE_MAP(X)                                                        \
    X(NODE_AC, "node-ac", "node at the wall")                                  \
    X(NODE_DC, "node-dc", "node behind the power supply")                      \
    X(PLATFORM, "platform", "platform as the CPU sees it (psys)")              \
    X(MODULE, "module", "CPU, GPU and memory of a module")                     \
    X(GRACE, "grace", "whole Grace socket")                                    \
    X(PACKAGE, "package", "CPU package")                                       \
    X(CORES, "cores", "cores of a package")                                    \
    X(CORE, "core", "one core")                                                \
    X(UNCORE, "uncore", "uncore of a package")                                 \
    X(DRAM, "dram", "DRAM")                                                    \
    X(ACCEL, "accel", "accelerator")                                           \
    X(ACCEL_PART, "accel-part", "part of an accelerator")                      \
    X(OTHER, "other", "unknown part")

typedef enum gb_energy_scope {
#define GB_SCOPE_ENUM(name, word, text) GB_SCOPE_##name,
    GB_SCOPE_MAP(GB_SCOPE_ENUM)
#undef GB_SCOPE_ENUM
        GB_SCOPE_COUNT
} gb_energy_scope;

#define GB_DOMAIN_STATUS_MAP(X)                                                \
    X(OK, "ok")                                                                \
    X(ABSENT, "absent")           /* nothing of this kind on this machine */   \
    X(HIDDEN, "hidden")           /* masked by a container */                  \
    X(FORBIDDEN, "forbidden")     /* present, this user may not read it */     \
    X(UNSUPPORTED, "unsupported") /* listed, but it gives no energy */         \
    X(STUCK, "stuck")             /* readable, but it does not move */         \
    X(FAILED, "failed")           /* a read or its text was bad */

/** Standard relative calibration uncertainty (Type B) of BMC and board meters
 *  whose accuracy nobody states: +-5 % (reference/energy.md §9.1). */
#define GB_U_REL_METER 0.03

typedef enum gb_domain_status {
#define GB_DOMAIN_STATUS_ENUM(name, text) GB_DOMAIN_##name,
    GB_DOMAIN_STATUS_MAP(GB_DOMAIN_STATUS_ENUM)
#undef GB_DOMAIN_STATUS_ENUM
} gb_domain_status;

typedef enum gb_reading_kind {
    GB_READING_ENERGY, /* a counter: ticks * tick_j joules, cumulative */
    GB_READING_POWER,  /* a gauge: ticks * tick_j watts, to be integrated */
} gb_reading_kind;

/** Which plugin something comes from; all "": none. */
typedef struct gb_plugin_identity {
    char id[64];      /* "acme.pdu" */
    char version[32]; /* of the plugin */
    char sha256[65];  /* of its file; "" if not computed */
} gb_plugin_identity;

/** A counter or gauge, fixed once its source is open, but for `status`,
 *  `reason`, `fix`, `quality` and `summed`, which probing and the choice of a
 *  cover settle before the run begins. */
typedef struct gb_energy_domain {
    char source[16]; /* "powercap" */
    char name[64];   /* "package-0/dram"; unique within its source and node */
    char path[192];  /* where it is read, as evidence; "" if it has no path */
    gb_reading_kind kind;
    gb_energy_scope scope;
    int32_t package;      /* 0, 1, ..; -1: not tied to a package */
    int32_t die;          /* -1: whole package */
    double tick_j;        /* joules (POWER: watts) per tick, > 0 */
    double step_j;        /* smallest change seen by a reader, J or W, > 0 */
    uint64_t wrap_ticks;  /* modulus in ticks; 0: never wraps */
    uint64_t update_ns;   /* time between changes; 0: unknown */
    uint64_t average_ns;  /* POWER: the sensor's own averaging; 0: unknown */
    double max_power_w;   /* plausible upper bound, > 0 */
    double u_rel;         /* standard relative calibration uncertainty, >= 0 */
    double u_w;           /* the part of it that does not depend on the power, a
                             share of a meter's range: standard, W, >= 0 */
    bool accuracy_stated; /* by the meter or its site: not a guess of ours */
    gb_domain_status status;
    gb_quality quality; /* of a figure read from it; UNAVAILABLE unless OK */
    bool summed;        /* part of the node's cover */
    bool stamped;       /* readings carry the source's own stamps */
    bool shared;        /* others draw on it as well: a GPU in MIG mode, the
                           supplies of a chassis (rule 18) */
    char suspect[32]; /* a known fault that makes its figures doubtful although
                         it can be read: "spr_dram_unit"; "": none known.
                         `reason` explains it */
    int32_t refresh;  /* counters of a source with the same number are updated
                         at one instant; -1: each at its own */
    char reason[200]; /* why it is not ok, or why it is left out; "" */
    char fix[240];    /* what the admin can do; "" */
    gb_plugin_identity plugin; /* the meter plugin that reads it */
} gb_energy_domain;

/** One raw reading, exactly as delivered. */
typedef struct gb_energy_reading {
    uint64_t ticks;
    uint64_t time_ns;  /* CLOCK_MONOTONIC of that node, halfway through */
    uint32_t half_ns;  /* half the time the read took */
    bool ok;           /* false: the read failed, ticks mean nothing */
    uint64_t stamp_ns; /* when the source says `ticks` was true, on a clock of
                          its own that runs at the same rate; 0: it does not
                          say. Differences alone mean something (rule 30) */
} gb_energy_reading;

/** What of a node's energy is counted, in words for people. */
typedef struct gb_energy_cover {
    gb_quality quality; /* the worst of what is summed; UNAVAILABLE if none */
    size_t summed_count;
    char holds[160];      /* "2 packages + DRAM" */
    char leaves_out[160]; /* "fans, PSU loss, NIC, disks"; "" if nothing */
    char missing[240];    /* why it is partial: what should be in it and is not
                             (metering/cover.h); "" if it is whole */
} gb_energy_cover;

const char *gb_quality_name(gb_quality quality);
const char *gb_energy_flag_name(gb_energy_flag flag);
const char *gb_energy_flag_text(gb_energy_flag flag);
const char *gb_scope_name(gb_energy_scope scope);
const char *gb_scope_text(gb_energy_scope scope);
const char *gb_domain_status_name(gb_domain_status status);
/** Inverse of the names; false, and @p out untouched, for unknown text. */
bool gb_quality_from_name(const char *name, gb_quality *out);
bool gb_scope_from_name(const char *name, gb_energy_scope *out);
bool gb_domain_status_from_name(const char *name, gb_domain_status *out);

#endif /* GB_MODEL_ENERGY_H */
