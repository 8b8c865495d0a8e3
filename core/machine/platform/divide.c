/* SPDX-License-Identifier: Apache-2.0 */
/* Who runs where: the cores of a node divided among its ranks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "machine/platform/topology.h"

/* Memory that a run leaves to the system. */
#define MEMORY_SHARE 0.9

typedef struct division {
    hwloc_topology_t tree;
    size_t rank_count;
    hwloc_bitmap_t *sets; /* [rank_count]: PUs each rank may use */
    hwloc_bitmap_t all;   /* their union */
    hwloc_obj_t *cores;   /* [core_count]: cores that any rank may use */
    size_t core_count;
    bool overlap;
} division;

/* --- from masks to cores -------------------------------------------------- */

static hwloc_bitmap_t to_bitmap(const gb_cpu_mask *mask,
                                hwloc_topology_t tree) {
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    if (set == NULL)
        return NULL;
    for (uint32_t pu = 0; pu < GB_MAX_PUS; pu++)
        if (gb_cpu_mask_has(mask, pu))
            hwloc_bitmap_set(set, pu);
    hwloc_bitmap_and(set, set, hwloc_topology_get_topology_cpuset(tree));
    return set;
}

static bool open_sets(division *d, const gb_cpu_mask *masks) {
    d->sets = calloc(d->rank_count, sizeof(*d->sets));
    d->all = hwloc_bitmap_alloc();
    if (d->sets == NULL || d->all == NULL)
        return false;
    for (size_t i = 0; i < d->rank_count; i++) {
        d->sets[i] = to_bitmap(&masks[i], d->tree);
        if (d->sets[i] == NULL)
            return false;
        if (hwloc_bitmap_intersects(d->all, d->sets[i]))
            d->overlap = true;
        hwloc_bitmap_or(d->all, d->all, d->sets[i]);
    }
    return true;
}

/* A core is a core object, or a PU where hwloc knows no cores. */
static bool open_cores(division *d) {
    const hwloc_obj_type_t type =
        hwloc_get_type_or_below_depth(d->tree, HWLOC_OBJ_CORE) >= 0 &&
                hwloc_get_nbobjs_by_type(d->tree, HWLOC_OBJ_CORE) > 0
            ? HWLOC_OBJ_CORE
            : HWLOC_OBJ_PU;
    const int count = hwloc_get_nbobjs_by_type(d->tree, type);
    d->cores = calloc((size_t)(count > 0 ? count : 1), sizeof(hwloc_obj_t));
    if (d->cores == NULL)
        return false;
    hwloc_obj_t core = NULL;
    while ((core = hwloc_get_next_obj_by_type(d->tree, type, core)) != NULL)
        if (hwloc_bitmap_intersects(core->cpuset, d->all))
            d->cores[d->core_count++] = core;
    return true;
}

static void close_division(division *d) {
    for (size_t i = 0; d->sets != NULL && i < d->rank_count; i++)
        hwloc_bitmap_free(d->sets[i]);
    free(d->sets);
    hwloc_bitmap_free(d->all);
    free(d->cores);
}

/* The first PU of a core that the rank may use; -1: none. */
static int first_pu(hwloc_obj_t core, hwloc_const_bitmap_t allowed) {
    int pu = -1;
    hwloc_bitmap_t both = hwloc_bitmap_alloc();
    if (both != NULL) {
        hwloc_bitmap_and(both, core->cpuset, allowed);
        pu = hwloc_bitmap_first(both);
    }
    hwloc_bitmap_free(both);
    return pu;
}

static void take_core(gb_rank_share *share, int pu) {
    if (pu < 0)
        return;
    if (share->core_count == 0)
        share->first_pu = pu;
    if (!gb_cpu_mask_has(&share->cores, (uint32_t)pu)) {
        gb_cpu_mask_set(&share->cores, (uint32_t)pu);
        share->core_count++;
    }
}

/* --- the two ways --------------------------------------------------------- */

/* Each rank was bound to cores of its own. */
static void keep_own_cores(const division *d, gb_rank_share *shares) {
    for (size_t i = 0; i < d->rank_count; i++)
        for (size_t c = 0; c < d->core_count; c++)
            if (hwloc_bitmap_intersects(d->cores[c]->cpuset, d->sets[i]))
                take_core(&shares[i], first_pu(d->cores[c], d->sets[i]));
}

/* Ranks that would share cores get equal parts of all of them, in order, so
 * that the work of a node does not depend on how it was launched. */
static void divide_fairly(const division *d, gb_rank_share *shares) {
    for (size_t i = 0; i < d->rank_count; i++) {
        size_t begin = i * d->core_count / d->rank_count;
        size_t end = (i + 1) * d->core_count / d->rank_count;
        if (end == begin)
            end = begin + 1; /* more ranks than cores: some share one */
        for (size_t c = begin; c < end && c < d->core_count; c++)
            take_core(&shares[i], first_pu(d->cores[c], d->all));
    }
}

static void warn(const division *d, const gb_node *node, const gb_log *log) {
    char hint[160];
    const size_t total = node->cores > 0 ? node->cores : d->core_count;
    if (d->rank_count > d->core_count) {
        snprintf(hint, sizeof(hint), "start at most %zu ranks on a node%s",
                 d->core_count,
                 d->core_count < total ? ", or bind them to more cores" : "");
        gb_log_warn(log, "binding.oversubscribed", hint,
                    "%zu ranks share %zu core%s: figures are those of an "
                    "overloaded node",
                    d->rank_count, d->core_count,
                    d->core_count == 1 ? "" : "s");
    } else if (d->overlap) {
        const size_t each = d->core_count / d->rank_count;
        snprintf(hint, sizeof(hint),
                 "mpirun --map-by slot:PE=%zu --bind-to core, or srun "
                 "--cpu-bind=cores -c %zu, binds each rank to its own",
                 each, each);
        gb_log_warn(log, "binding.overlap", hint,
                    "the ranks are not bound to cores of their own; each gets "
                    "%zu of the %zu cores",
                    each, d->core_count);
    } else if (d->core_count < total) {
        snprintf(hint, sizeof(hint),
                 "mpirun -n %zu uses a rank for each core; mpirun -n 1 "
                 "--bind-to none one rank for all",
                 total);
        gb_log_warn(log, "binding.unused", hint,
                    "only %zu of this node's %zu cores are used: power is the "
                    "whole node's, work is theirs",
                    d->core_count, total);
    }
}

/* --- the sampler's place -------------------------------------------------- */

static bool is_used(const gb_rank_share *shares, size_t count, int pu) {
    for (size_t i = 0; i < count; i++)
        if (gb_cpu_mask_has(&shares[i].cores, (uint32_t)pu))
            return true;
    return false;
}

/* A PU on a core that no rank works on; else one whose sibling works; else the
 * last rank's last core. Only where this process may go. */
static void place_sampler(const division *d, const gb_rank_share *shares,
                          gb_node *node) {
    hwloc_const_bitmap_t allowed = hwloc_topology_get_allowed_cpuset(d->tree);
    int sibling = -1, outside = -1, pu;
    hwloc_bitmap_foreach_begin(pu, allowed) {
        if (is_used(shares, d->rank_count, pu))
            continue;
        bool core_works = false;
        for (size_t c = 0; c < d->core_count && !core_works; c++)
            core_works = hwloc_bitmap_isset(d->cores[c]->cpuset, (unsigned)pu);
        if (core_works)
            sibling = pu;
        else
            outside = pu;
    }
    hwloc_bitmap_foreach_end();

    if (outside >= 0 || sibling >= 0) {
        node->sampler_pu = outside >= 0 ? outside : sibling;
        snprintf(node->sampler_place, sizeof(node->sampler_place), "PU %d, %s",
                 node->sampler_pu,
                 outside >= 0 ? "outside the ranks' cores"
                              : "second thread of a rank's core");
        return;
    }
    const gb_rank_share *last = &shares[d->rank_count - 1];
    for (uint32_t i = 0; i < GB_MAX_PUS; i++)
        if (gb_cpu_mask_has(&last->cores, i))
            node->sampler_pu = (int32_t)i;
    snprintf(node->sampler_place, sizeof(node->sampler_place),
             "PU %d, shared with the last rank: no core is free",
             node->sampler_pu);
}

gb_status gb_platform_divide(const gb_topology *topology,
                             const gb_cpu_mask *masks, size_t rank_count,
                             gb_node *node, gb_rank_share *shares,
                             const gb_log *log, gb_error *err) {
    division d = {.tree = topology->tree, .rank_count = rank_count};
    if (!open_sets(&d, masks) || !open_cores(&d)) {
        close_division(&d);
        return gb_fail_memory(err, "the ranks' cores");
    }
    if (d.core_count == 0) {
        close_division(&d);
        return gb_fail(err, GB_ERR_INTERNAL, "does 'lstopo' show the cores?",
                       "expected at least one core that the ranks may use, "
                       "hwloc knows none of them");
    }
    memset(shares, 0, rank_count * sizeof(*shares));
    if (d.overlap)
        divide_fairly(&d, shares);
    else
        keep_own_cores(&d, shares);
    for (size_t i = 0; i < rank_count; i++) {
        const double memory = (double)node->memory_usable_bytes * MEMORY_SHARE;
        shares[i].memory_bytes = (uint64_t)(memory / (double)rank_count);
        shares[i].cache_bytes = node->cache_bytes / rank_count;
    }
    node->ranks = (uint32_t)rank_count;
    place_sampler(&d, shares, node);
    warn(&d, node, log);
    close_division(&d);
    return GB_OK;
}
