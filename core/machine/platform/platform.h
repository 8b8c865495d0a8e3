/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_PLATFORM_H
#define GB_MACHINE_PLATFORM_H

/**
 * @file machine/platform/platform.h
 * The node: its topology (hwloc, loaded by the node's leader only), its facts,
 * and a fair, non-overlapping division of its cores among the ranks on it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"
#include "base/sysroot.h"
#include "model/system.h"

#define GB_MAX_PUS 4096 /* bits in a mask */

/** A set of PUs by OS index. */
typedef struct gb_cpu_mask {
    uint64_t bits[GB_MAX_PUS / 64];
} gb_cpu_mask;

/** What each rank gets from its leader. Plain bytes: it travels by scatter. */
typedef struct gb_rank_share {
    uint32_t core_count;   /* >= 1 */
    uint64_t memory_bytes; /* this rank's share of the usable memory */
    uint64_t cache_bytes;  /* its share of the last-level caches */
    int32_t first_pu;
    gb_cpu_mask cores; /* one PU for each core it should run a thread on */
} gb_rank_share;

typedef struct gb_topology gb_topology; /* hwloc's, on the leader only */

/** The PUs this process may run on now (sched_getaffinity). Cheap. */
gb_status gb_platform_current_mask(gb_cpu_mask *mask_out, gb_error *err);

/** Host name and boot id, cheap, for gb_comm_open(): boot id from @p root, the
 *  host name where there is none. */
void gb_platform_node_key(const gb_sysroot *root, char *key, size_t size);

/** Load the topology: leader only. I/O devices are left out.
 *  @param xml_path  nullable: a saved topology, for tests */
gb_status gb_topology_load(const char *xml_path, gb_topology **topology_out,
                           gb_error *err);
void gb_topology_free(gb_topology *topology);

/** What /proc/cpuinfo says of the CPU: name, vendor, family, model, stepping,
 *  microcode, and whether a hypervisor is below it. */
void gb_platform_cpu_facts(const gb_sysroot *root, gb_node *node);

/** Facts about this node (no energy domains). Missing ones stay "" or 0.
 *  @param topology  nullable: then counts come from @p root */
void gb_platform_facts(const gb_topology *topology, const gb_sysroot *root,
                       gb_node *node_out);

/** Free memory this process may use, bytes: the smallest of MemAvailable, the
 *  cgroup's limits minus usage on the way up (v1 and v2), and RLIMIT_AS. */
uint64_t gb_platform_usable_memory(const gb_sysroot *root,
                                   uint64_t *cgroup_limit_out);

/** Give up the resident pages of this program and its libraries that nobody
 *  writes: tables of symbols and relocations, which were needed to load them.
 *  What is needed again comes from the page cache. Safe at any time. */
void gb_platform_drop_pages(void);

/**
 * Divide the node among its ranks. Ranks whose masks do not overlap get the
 * cores of their masks (one thread per core, first PU of each). Overlapping or
 * unbound ranks get disjoint fair shares of what they overlap in, and a warning
 * "binding.overlap" with the mpirun flags that avoid it; more ranks than cores
 * warns "binding.oversubscribed". Also picks the sampler's PU: one outside all
 * ranks' cores if the leader may use one, else a sibling thread, else the last
 * rank's last core.
 *
 * @param masks   [rank_count], as launched
 * @param[out] shares  [rank_count]
 * @param[in,out] node  ranks, sampler_pu and sampler_place are set
 */
gb_status gb_platform_divide(const gb_topology *topology,
                             const gb_cpu_mask *masks, size_t rank_count,
                             gb_node *node, gb_rank_share *shares,
                             const gb_log *log, gb_error *err);

/** Time that a hypervisor has taken from each PU of @p mask since boot, s, mean
 *  over them; counted in steps of 10 ms mostly (/proc/stat, "steal").
 *  @return NAN: not told */
double gb_platform_stolen_s(const gb_sysroot *root, const gb_cpu_mask *mask);

/** The clock that the PUs of @p mask run at, Hz: the mean of up to eight of
 *  them (cpufreq, scaling_cur_freq). @return NAN: not told */
double gb_platform_clock_hz(const gb_sysroot *root, const gb_cpu_mask *mask);

/** Context switches that the threads of this process did not ask for, since it
 *  began (getrusage, ru_nivcsw). @return NAN: not told */
double gb_platform_preempted(void);

/** "0-3,8" */
void gb_cpu_mask_text(const gb_cpu_mask *mask, char *out, size_t size);
bool gb_cpu_mask_has(const gb_cpu_mask *mask, uint32_t pu);
void gb_cpu_mask_set(gb_cpu_mask *mask, uint32_t pu);

/** Bind the calling thread. @retval GB_ERR_IO */
gb_status gb_platform_bind_thread(const gb_cpu_mask *mask, gb_error *err);

#endif /* GB_MACHINE_PLATFORM_H */
