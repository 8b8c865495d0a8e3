/* SPDX-License-Identifier: Apache-2.0 */
/* Prepare a node: the leader loads the topology once, divides the cores among
 * its ranks, and opens the energy sources. */
#include "pipeline/run/stage.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* --- cores ---------------------------------------------------------------- */

static gb_status divide_node(const gb_run_env *env, const gb_cpu_mask *masks,
                             gb_stage *stage, gb_rank_share *shares,
                             gb_error *err) {
    gb_topology *topology = NULL;
    gb_status status = gb_topology_load(NULL, &topology, err);
    if (status != GB_OK)
        return status;
    gb_platform_facts(topology, env->root, &stage->node);
    const uint64_t usable_bytes = stage->node.memory_usable_bytes;
    if (env->usable_bytes != NULL)
        stage->node.memory_usable_bytes =
            env->usable_bytes[env->comm->node_index];
    /* Every leader finds the same kind of thing; one voice is enough. */
    status = gb_platform_divide(topology, masks, (size_t)env->comm->node_size,
                                &stage->node, shares, env->log, err);
    stage->node.memory_usable_bytes = usable_bytes;
    gb_topology_free(topology);
    return status;
}

/* True if rank i's cores are also another rank's. */
static bool overlaps(const gb_rank_share *shares, size_t count, size_t i) {
    for (size_t k = 0; k < count; k++)
        for (size_t w = 0; k != i && w < GB_MAX_PUS / 64; w++)
            if ((shares[i].cores.bits[w] & shares[k].cores.bits[w]) != 0)
                return true;
    return false;
}

static gb_status share_cores(const gb_run_env *env, gb_stage *stage,
                             gb_error *err) {
    gb_comm *comm = env->comm;
    const bool leader = comm->node_rank == 0;
    gb_cpu_mask mine = {0};
    gb_cpu_mask *masks = NULL;
    gb_rank_share *shares = NULL;

    gb_status status = gb_platform_current_mask(&mine, err);
    if (leader && status == GB_OK) {
        masks = calloc((size_t)comm->node_size, sizeof(*masks));
        shares = calloc((size_t)comm->node_size, sizeof(*shares));
        if (masks == NULL || shares == NULL)
            status = gb_fail_memory(err, "the ranks' cores");
    }
    status = gb_comm_agree(comm, status, err);
    if (status == GB_OK)
        status = comm->ops->node_gather(comm, &mine, sizeof(mine), masks);
    if (status == GB_OK) {
        if (leader)
            status = divide_node(env, masks, stage, shares, err);
        status = gb_comm_agree(comm, status, err);
    }
    uint8_t *shared = calloc((size_t)comm->node_size, 1);
    uint8_t mine_shared = 0;
    if (status == GB_OK)
        status = gb_comm_agree(
            comm,
            shared != NULL ? GB_OK : gb_fail_memory(err, "the ranks' cores"),
            err);
    for (int i = 0; leader && status == GB_OK && i < comm->node_size; i++)
        for (size_t w = 0; w < GB_MAX_PUS / 64; w++)
            stage->pus.bits[w] |= shares[i].cores.bits[w];
    for (int i = 0; leader && status == GB_OK && i < comm->node_size; i++)
        shared[i] = overlaps(shares, (size_t)comm->node_size, (size_t)i);
    if (status == GB_OK)
        status = comm->ops->node_scatter(comm, shares, sizeof(stage->share),
                                         &stage->share);
    if (status == GB_OK)
        status = comm->ops->node_scatter(comm, shared, 1, &mine_shared);
    stage->shares_cores = mine_shared != 0;
    free(shared);
    free(shares);
    free(masks);
    return status;
}

/* --- energy --------------------------------------------------------------- */

static gb_status open_energy(const gb_run_env *env, const gb_plan *plan,
                             gb_stage *stage, gb_error *err) {
    stage->energy_env = (gb_energy_env){
        .root = env->root,
        .clock = env->clock,
        .node = &stage->node,
        .events = gb_counters_event_reader(),
        .meters = env->meters,
        .setting_of = env->energy_setting_of,
        .recording_of = env->recording_of,
    };
    gb_status status = gb_energy_set_open(&stage->energy_env, plan->energy,
                                          &stage->energy, err);
    if (status != GB_OK)
        return status;
    return gb_energy_set_describe(stage->energy, &stage->node, err);
}

/* The worst of what the nodes can read, and the coarsest timer of all ranks. */
static gb_status agree_worst(const gb_run_env *env, gb_stage *stage) {
    const bool leader = env->comm->node_rank == 0;
    double worst[] = {
        leader ? (double)stage->node.cover.quality
               : (double)GB_QUALITY_MEASURED,
        leader && stage->node.cover.missing[0] != '\0' ? 0.0 : 1.0,
        -1e-9 * (double)gb_clock_resolution_ns(env->clock),
    };
    gb_status status = env->comm->ops->min_f64(env->comm, worst, 3);
    stage->quality = (gb_quality)worst[0];
    stage->partial = worst[1] < 0.5;
    stage->timer_step_s = -worst[2];
    return status;
}

/* --- counters ------------------------------------------------------------- */

/* Of rank 0's events those that no rank lacks, all asked for at once.
 * @param names  cut up at its commas */
static gb_status keep_common(gb_comm *comm, char *names, const char *const *own,
                             size_t own_count, gb_stage *stage, gb_error *err) {
    size_t count = 1;
    for (const char *c = names; *c != '\0'; c++)
        count += *c == ',';
    double *have = calloc(count, sizeof(*have));
    size_t *place = calloc(count, sizeof(*place));
    char **name = calloc(count, sizeof(*name));
    gb_str common = {0};
    gb_status status = have != NULL && place != NULL && name != NULL
                           ? GB_OK
                           : gb_fail_memory(err, "the names of counters");

    for (size_t i = 0; status == GB_OK && i < count; i++) {
        name[i] = strsep(&names, ",");
        while (place[i] < own_count && strcmp(own[place[i]], name[i]) != 0)
            place[i]++;
        have[i] = place[i] < own_count;
    }
    status = gb_comm_agree(comm, status, err);
    if (status == GB_OK)
        status = comm->ops->min_f64(comm, have, count);
    for (size_t i = 0; status == GB_OK && i < count; i++) {
        if (have[i] == 0.0)
            continue;
        gb_str_addf(&common, "%s%s", stage->counter_count > 0 ? "," : "",
                    name[i]);
        stage->counter_index[stage->counter_count++] = place[i];
    }
    free(name);
    free(place);
    free(have);
    free(stage->counter_names);
    stage->counter_names = gb_str_take(&common);
    return status;
}

/* Only events that every rank can count are counted: rank 0's list, less what
 * any rank lacks. */
static gb_status choose_counters(const gb_run_env *env, gb_stage *stage,
                                 gb_error *err) {
    gb_comm *comm = env->comm;
    size_t own_count = 0;
    const char *const *own = gb_counters_names(stage->counters, &own_count);
    gb_str list = {0};
    for (size_t i = 0; i < own_count; i++)
        gb_str_addf(&list, "%s%s", i > 0 ? "," : "", own[i]);
    char *names = gb_str_take(&list);
    uint64_t size = comm->rank == 0 && names != NULL ? strlen(names) + 1 : 0;

    gb_status status = comm->ops->bcast(comm, &size, sizeof(size), 0);
    if (status == GB_OK && size > 0 && comm->rank != 0) {
        free(names);
        names = malloc(size);
    }
    if (status == GB_OK && size > 0 && names == NULL)
        status = gb_fail_memory(err, "the names of counters");
    status = gb_comm_agree(comm, status, err);
    if (status == GB_OK && size > 0)
        status = comm->ops->bcast(comm, names, size, 0);

    if (status == GB_OK && size > 0)
        status = keep_common(comm, names, own, own_count, stage, err);
    free(names);
    return status;
}

static gb_status open_counters(const gb_run_env *env, const gb_plan *plan,
                               gb_stage *stage, gb_error *err) {
    gb_status status = gb_counters_open(plan->counters, stage->share.core_count,
                                        &stage->counters, err);
    if (status == GB_OK) {
        size_t count = 0;
        (void)gb_counters_names(stage->counters, &count);
        stage->counter_index = calloc(count + 1, sizeof(size_t));
        stage->counts_before = calloc(count + 1, sizeof(uint64_t));
        stage->counts_after = calloc(count + 1, sizeof(uint64_t));
        stage->counter_names = calloc(1, 1);
        if (stage->counter_index == NULL || stage->counts_before == NULL ||
            stage->counts_after == NULL || stage->counter_names == NULL)
            status = gb_fail_memory(err, "the counters");
    }
    status = gb_comm_agree(env->comm, status, err);
    if (status != GB_OK)
        return status;
    return choose_counters(env, stage, err);
}

/* --- together ------------------------------------------------------------- */

static gb_status open_all(const gb_run_env *env, const gb_plan *plan,
                          gb_stage *stage, gb_error *err) {
    gb_status status = share_cores(env, stage, err);
    if (status != GB_OK)
        return status;
    /* Counters before threads: they are inherited by those started later. */
    status = open_counters(env, plan, stage, err);
    if (status != GB_OK)
        return status;
    /* Threads are bound, but for ranks that have to share cores: the kernel
     * then places them better than a fixed choice. */
    gb_pace_init(env->clock,
                 (uint32_t)env->comm->node_rank * stage->share.core_count,
                 &stage->pace);
    status =
        gb_team_create(&stage->share, !stage->shares_cores, &stage->team, err);
    stage->pus_before =
        calloc(stage->share.core_count, sizeof(*stage->pus_before));
    stage->pus_after =
        calloc(stage->share.core_count, sizeof(*stage->pus_after));
    if (status == GB_OK &&
        (stage->pus_before == NULL || stage->pus_after == NULL))
        status = gb_fail_memory(err, "the places of the threads");
    return gb_comm_agree(env->comm, status, err);
}

static void free_stage(gb_stage *stage) {
    gb_team_destroy(stage->team);
    gb_counters_close(stage->counters);
    gb_node_fini(&stage->node);
    free(stage->rows);
    free(stage->counter_names);
    free(stage->counter_index);
    free(stage->parcel_sizes);
    free(stage->pus_before);
    free(stage->pus_after);
    free(stage->counts_before);
    free(stage->counts_after);
    free(stage);
}

gb_status gb_stage_open(const gb_run_env *env, const gb_plan *plan,
                        gb_stage **stage_out, gb_error *err) {
    gb_stage *stage = calloc(1, sizeof(*stage));
    gb_run_watch(env, "looking at the nodes", 0.0);
    if (stage != NULL && env->comm->rank == 0)
        stage->parcel_sizes =
            calloc((size_t)env->comm->size, sizeof(*stage->parcel_sizes));
    const bool ready =
        stage != NULL && (env->comm->rank != 0 || stage->parcel_sizes != NULL);
    gb_status status = ready ? GB_OK : gb_fail_memory(err, "the node's state");
    status = gb_comm_agree(env->comm, status, err);
    if (status == GB_OK)
        status = open_all(env, plan, stage, err);
    if (status != GB_OK) {
        if (stage != NULL)
            free_stage(stage);
        return status;
    }
    *stage_out = stage;
    return GB_OK;
}

gb_status gb_stage_describe(const gb_run_env *env, const gb_plan *plan,
                            gb_stage *stage, gb_session *session,
                            gb_error *err) {
    gb_comm *comm = env->comm;
    gb_status status = GB_OK;
    gb_run_watch(env, "opening the energy sources", 0.0);
    if (comm->node_rank == 0)
        status = open_energy(env, plan, stage, err);
    if (comm->rank == 0 && status == GB_OK) {
        session->counters = strdup(stage->counter_names);
        session->counters_absent = strdup(gb_counters_absent(stage->counters));
        if (session->counters == NULL || session->counters_absent == NULL)
            status = gb_fail_memory(err, "the names of counters");
    }
    status = gb_comm_agree(comm, status, err);
    if (status == GB_OK)
        status = agree_worst(env, stage);
    if (status == GB_OK)
        status = gb_collect_session(env, stage, session, err);
    return status;
}

gb_quality gb_stage_quality(const gb_stage *stage) {
    return stage->quality;
}

bool gb_stage_partial(const gb_stage *stage) {
    return stage->partial;
}

const gb_sample *gb_stage_rows(const gb_stage *stage, size_t *count_out) {
    *count_out = stage->row_count;
    return stage->rows;
}

bool gb_stage_close(gb_stage *stage) {
    if (stage == NULL)
        return true;
    stage->lost = !gb_sampler_stop(stage->sampler, NULL) || stage->lost;
    if (stage->lost || !gb_energy_set_close(stage->energy))
        return false; /* the sources know the node's facts, which are in it */
    free_stage(stage);
    return true;
}
