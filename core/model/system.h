/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_SYSTEM_H
#define GB_MODEL_SYSTEM_H

/**
 * @file model/system.h
 * Facts about the nodes and how the ranks lie on them. "" and 0 mean that the
 * fact could not be had; JSON then shows null.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/energy.h"

/** Beyond this a node's clock is an error: MLPerf Power's limit. */
#define GB_CLOCK_OFFSET_MAX_S 0.4
/** How often the clocks of two nodes are compared. */
#define GB_CLOCK_ROUND_TRIPS 8

typedef struct gb_node {
    char name[64];       /* host name */
    char boot_id[40];    /* of the running kernel */
    char cpu[96];        /* "AMD EPYC 7763 64-Core Processor" */
    char cpu_vendor[24]; /* "AuthenticAMD" */
    uint32_t cpu_family, cpu_model, cpu_stepping;
    char microcode[24];
    char kernel[96];
    uint32_t packages, cores, pus, numa_nodes;
    bool smt;
    uint64_t memory_bytes;        /* installed or given to this VM */
    uint64_t memory_usable_bytes; /* MemAvailable within the cgroup's limit */
    uint64_t cgroup_limit_bytes;  /* 0: none */
    uint64_t cache_bytes;         /* sum of the last-level caches */
    char governor[32];            /* of cpu0, "mixed" if others differ */
    char turbo[16];               /* "on" | "off" */
    char power_caps[160];         /* "package-0 250 W long_term; ..." */
    char virtualisation[24];      /* "kvm", "none" */
    char clock_source[24];
    /* CLOCK_REALTIME minus that of rank 0's node, known within +-bound; NAN */
    double clock_offset_s, clock_offset_bound_s;
    int32_t perf_event_paranoid; /* -100: unknown */
    uint32_t ranks;
    int32_t sampler_pu;     /* OS index where the sampler runs; -1: not bound */
    char sampler_place[96]; /* "PU 3, outside the ranks' cores" */
    gb_energy_domain *domains; /* [domain_count]; every one, readable or not */
    size_t domain_count;
    bool shares_domains; /* they belong to an earlier node of the session */
    gb_energy_cover cover;
} gb_node;

/** Where one rank runs. */
typedef struct gb_rank_place {
    uint32_t node; /* index into gb_session.nodes */
    uint32_t core_count;
    char cpus[48]; /* "0-3,8": OS indices of the PUs it uses */
} gb_rank_place;

void gb_node_fini(gb_node *node);

#endif /* GB_MODEL_SYSTEM_H */
