/* SPDX-License-Identifier: Apache-2.0 */
/* What a rank has on its node, as far as the stages ask: a benchmark whose call
 * takes a fixed time, counters, cores, and an energy source. What each costs is
 * a constant, since it does not depend on how many ranks there are.
 *
 * A word of a rank's result that is 0 does not travel. What would be 0 or not
 * by chance (a call that was preempted, a thread that moved, a count) is never
 * 0 here, in no world: what is sent has one size then, the largest it can have.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/load.h"
#include "doubles.h"
#include "machine/counters/counters.h"
#include "machine/energy/set.h"
#include "machine/platform/pace.h"
#include "machine/platform/platform.h"
#include "machine/platform/team.h"
#include "machine/plugin/plugin.h"
#include "pipeline/run/sampler.h"
#include "world.h"

#define DOMAINS            4     /* of a node: two packages with their DRAM */
#define SAMPLES_PER_WINDOW 10    /* a call of a second at 10 Hz */
#define READ_S             50e-6 /* all domains once, or the cores' state */
#define PLUGIN_BYTES       60000

/* --- plugins -------------------------------------------------------------- */

struct gb_plugin_run {
    unsigned calls;
};

static gb_plugin described = {.id = "scale.call"};

const gb_plugin *gb_plugin_set_get(const gb_plugin_set *set, size_t index) {
    (void)set;
    (void)index;
    return &described;
}

gb_status gb_plugin_set_pack(const gb_plugin_set *set, const size_t *indices,
                             size_t count, void **packed_out, size_t *bytes_out,
                             gb_error *err) {
    (void)set;
    (void)indices;
    *bytes_out = count * PLUGIN_BYTES;
    *packed_out = calloc(1, *bytes_out + 1);
    return *packed_out != NULL ? GB_OK : gb_fail_memory(err, "plugins");
}

gb_status gb_load_packed(bool with_mpi, const void *packed, size_t bytes,
                         gb_plugin_set **set_out, gb_error *err) {
    (void)with_mpi;
    (void)packed;
    (void)bytes;
    (void)set_out;
    (void)err;
    return GB_OK;
}

gb_status gb_plugin_run_create(const gb_plugin *plugin,
                               const gb_plan_case *planned,
                               const gb_host_setup *setup,
                               gb_plugin_run **run_out, gb_error *err) {
    (void)plugin;
    (void)planned;
    (void)setup;
    *run_out = calloc(1, sizeof(**run_out));
    return *run_out != NULL ? GB_OK : gb_fail_memory(err, "an instance");
}

gb_status gb_plugin_run_prepare(gb_plugin_run *run, gb_error *err) {
    (void)run;
    (void)err;
    return GB_OK;
}

/* Called on all ranks before each call: the step before it is over. */
gb_status gb_plugin_run_rearm(gb_plugin_run *run, gb_error *err) {
    static const char *const steps[] = {"prepare", "calibrate"};
    (void)err;
    scale_mark(run->calls < 2 ? steps[run->calls] : "repetition");
    run->calls++;
    return GB_OK;
}

gb_status gb_plugin_run_call(gb_plugin_run *run, uint64_t iterations,
                             gb_work *work_out, uint64_t *elapsed_ns_out,
                             gb_error *err) {
    const double begin_s = scale_now_s();
    (void)run;
    (void)err;
    scale_pass_s(SCALE_CALL_S * (double)iterations);
    work_out->done = work_out->checksum = (double)iterations;
    work_out->flops = work_out->memory_bytes = (double)iterations;
    work_out->network_bytes = work_out->messages = (double)iterations;
    work_out->in_flight = 1.0;
    *elapsed_ns_out = (uint64_t)llround((scale_now_s() - begin_s) * 1e9);
    return GB_OK;
}

gb_status gb_plugin_run_verify(gb_plugin_run *run, gb_error *err) {
    (void)run;
    (void)err;
    return GB_OK;
}

const gb_note *gb_plugin_run_notes(const gb_plugin_run *run,
                                   size_t *count_out) {
    (void)run;
    *count_out = 0;
    return NULL;
}

void gb_plugin_run_destroy(gb_plugin_run *run) {
    scale_mark("repetition");
    free(run);
}

/* --- counters ------------------------------------------------------------- */

struct gb_counters {
    char nothing;
};

static const char *const counted[] = {"SWITCHES", "MIGRATIONS", "FAULTS"};

gb_status gb_counters_open(const char *names, uint32_t thread_count,
                           gb_counters **counters_out, gb_error *err) {
    (void)names;
    (void)thread_count;
    *counters_out = calloc(1, sizeof(**counters_out));
    return *counters_out != NULL ? GB_OK : gb_fail_memory(err, "counters");
}

const char *const *gb_counters_names(const gb_counters *counters,
                                     size_t *count_out) {
    (void)counters;
    *count_out = sizeof(counted) / sizeof(counted[0]);
    return counted;
}

const char *gb_counters_absent(const gb_counters *counters) {
    (void)counters;
    return "";
}

gb_status gb_counters_read(gb_counters *counters, uint64_t *values,
                           gb_error *err) {
    static uint64_t reads;
    (void)counters;
    (void)err;
    reads++;
    for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
        values[i] = reads;
    return GB_OK;
}

void gb_counters_close(gb_counters *counters) {
    free(counters);
}

const gb_event_reader *gb_counters_event_reader(void) {
    return NULL;
}

/* --- cores ---------------------------------------------------------------- */

struct gb_team {
    char nothing;
};

gb_status gb_topology_load(const char *xml_path, gb_topology **topology_out,
                           gb_error *err) {
    (void)xml_path;
    (void)err;
    *topology_out = NULL;
    return GB_OK;
}

void gb_topology_free(gb_topology *topology) {
    (void)topology;
}

void gb_platform_facts(const gb_topology *topology, const gb_sysroot *root,
                       gb_node *node_out) {
    (void)topology;
    (void)root;
    *node_out = (gb_node){.sampler_pu = -1};
    scale_node_key(node_out->name, sizeof(node_out->name));
}

gb_status gb_platform_divide(const gb_topology *topology,
                             const gb_cpu_mask *masks, size_t rank_count,
                             gb_node *node, gb_rank_share *shares,
                             const gb_log *log, gb_error *err) {
    (void)topology;
    (void)node;
    (void)log;
    (void)err;
    for (size_t i = 0; i < rank_count; i++)
        shares[i] = (gb_rank_share){.core_count = 1, .cores = masks[i]};
    return GB_OK;
}

gb_status gb_platform_current_mask(gb_cpu_mask *mask_out, gb_error *err) {
    (void)err;
    *mask_out = (gb_cpu_mask){{0}};
    return GB_OK;
}

double gb_platform_stolen_s(const gb_sysroot *root, const gb_cpu_mask *mask) {
    (void)root;
    (void)mask;
    scale_pass_s(READ_S);
    return 0.0;
}

double gb_platform_clock_hz(const gb_sysroot *root, const gb_cpu_mask *mask) {
    return gb_platform_stolen_s(root, mask);
}

double gb_platform_preempted(void) {
    static double switches;
    return switches += 1.0;
}

void gb_cpu_mask_text(const gb_cpu_mask *mask, char *out, size_t size) {
    (void)mask;
    gb_copy(out, size, "0");
}

void gb_pace_init(const gb_clock *clock, uint32_t first, gb_pace *pace) {
    *pace = (gb_pace){.clock = clock, .first = first};
}

gb_status gb_team_create(const gb_rank_share *share, bool bind,
                         gb_team **team_out, gb_error *err) {
    (void)share;
    (void)bind;
    (void)err;
    *team_out = NULL;
    return GB_OK;
}

const gb_ext_team *gb_team_ext(const gb_team *team) {
    (void)team;
    return NULL;
}

void gb_team_places(gb_team *team, int32_t *pus) {
    static int32_t calls;
    (void)team;
    pus[0] = calls++;
}

void gb_team_destroy(gb_team *team) {
    (void)team;
}

/* --- energy --------------------------------------------------------------- */

struct gb_energy_set {
    gb_energy_domain domains[DOMAINS];
    gb_energy_cover cover;
};

gb_status gb_energy_set_open(const gb_energy_env *env, const char *wanted,
                             gb_energy_set **set_out, gb_error *err) {
    (void)env;
    (void)wanted;
    gb_energy_set *set = calloc(1, sizeof(*set));
    if (set == NULL)
        return gb_fail_memory(err, "energy");
    for (size_t i = 0; i < DOMAINS; i++) {
        gb_energy_domain *domain = &set->domains[i];
        gb_copy(domain->source, sizeof(domain->source), "simgrid");
        domain->tick_j = SCALE_TICK_J;
        domain->quality = GB_QUALITY_SIMULATED;
        domain->summed = true;
    }
    set->cover = (gb_energy_cover){.quality = GB_QUALITY_SIMULATED,
                                   .summed_count = DOMAINS};
    *set_out = set;
    return GB_OK;
}

gb_status gb_energy_set_describe(const gb_energy_set *set, gb_node *node,
                                 gb_error *err) {
    node->domains = calloc(DOMAINS, sizeof(*node->domains));
    if (node->domains == NULL)
        return gb_fail_memory(err, "energy");
    memcpy(node->domains, set->domains, sizeof(set->domains));
    node->domain_count = DOMAINS;
    node->cover = set->cover;
    return GB_OK;
}

const gb_energy_cover *gb_energy_set_cover(const gb_energy_set *set) {
    return &set->cover;
}

bool gb_energy_set_close(gb_energy_set *set) {
    free(set);
    return true;
}

/* No thread: rows appear where a thread would have put them. */
struct gb_sampler {
    uint32_t node;
    gb_sample rows[(2 + SAMPLES_PER_WINDOW) * DOMAINS];
    size_t count, marks;
};

gb_status gb_sampler_start(gb_energy_set *set, const gb_clock *clock, double hz,
                           int32_t pu, uint32_t node, gb_sampler **sampler_out,
                           gb_error *err) {
    (void)set;
    (void)clock;
    (void)hz;
    (void)pu;
    gb_sampler *sampler = calloc(1, sizeof(*sampler));
    if (sampler == NULL)
        return gb_fail_memory(err, "the sampler");
    sampler->node = node;
    *sampler_out = sampler;
    return GB_OK;
}

/* A domain's counter: its share of what the node has drawn. */
static void add_rows(gb_sampler *sampler, bool mark) {
    const uint64_t ticks =
        (uint64_t)(scale_energy_j() / DOMAINS / SCALE_TICK_J);
    const size_t most = sizeof(sampler->rows) / sizeof(sampler->rows[0]);
    for (uint32_t i = 0; i < DOMAINS && sampler->count < most; i++)
        sampler->rows[sampler->count++] = (gb_sample){
            .node = sampler->node,
            .domain = i,
            .reading = {.ticks = ticks,
                        .time_ns = (uint64_t)llround(scale_now_s() * 1e9),
                        .ok = true},
            .mark = mark,
        };
}

uint64_t gb_sampler_mark(gb_sampler *sampler) {
    const bool end = sampler->marks++ % 2 == 1;
    for (int i = 0; end && i < SAMPLES_PER_WINDOW; i++)
        add_rows(sampler, false);
    scale_pass_s(READ_S);
    add_rows(sampler, true);
    return (uint64_t)llround(scale_now_s() * 1e9);
}

gb_sample *gb_sampler_drain(gb_sampler *sampler, size_t *count_out) {
    gb_sample *rows = malloc(sizeof(sampler->rows));
    if (rows == NULL)
        return NULL;
    memcpy(rows, sampler->rows, sampler->count * sizeof(*rows));
    *count_out = sampler->count;
    sampler->count = 0;
    return rows;
}

bool gb_sampler_stop(gb_sampler *sampler, gb_sampler_cost *cost_out) {
    if (cost_out != NULL)
        *cost_out = (gb_sampler_cost){.cpu_s = 0.0};
    free(sampler);
    return true;
}
