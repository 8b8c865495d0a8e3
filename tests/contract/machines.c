/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The suites that come with greenbench, planned for machines from 1 core and
 * 2 GiB to 256 cores and 4 TiB: every benchmark finds a size that fits.
 *
 * usage: gb_machines FOLDER_OF_PLUGINS
 *
 * The real plan and the real create() of every plugin, on a machine that is
 * numbers: this program's own MPI answers for ranks that are all alike. Where a
 * rank's share is small, prepare() must stay within it, too.
 */
#include <mpi.h>
#include <stdlib.h>

#include "base/text.h"
#include "greenbench/ext/mpi.h"
#include "greenbench/ext/pace.h"
#include "greenbench/ext/team.h"
#include "machine/plugin/plugin.h"
#include "pipeline/config/config.h"
#include "pipeline/plan/plan.h"
#include "support/gb_test.h"

#define GIB ((uint64_t)1 << 30)
#define MIB ((uint64_t)1 << 20)
/* What a node has beside the operating system; caches of each core. */
#define USABLE_SHARE    0.9
#define CACHE_PER_CORE  (3 * MIB)
#define RANKS_MAX       256
#define PREPARE_AT_MOST (32 * MIB)

typedef struct machine {
    uint32_t cores, ranks;
    uint64_t memory_bytes;
} machine;

static const char *folder;
static gb_plugin_set *plugins;
static gb_catalogue catalogue;

/* --- ranks that are all alike --------------------------------------------- */

static gb_ext_mpi world = {.struct_size = sizeof(world)};
static int32_t one_node[RANKS_MAX];

static double times_of(MPI_Op op, double ranks) {
    return op == MPI_SUM ? ranks : 1.0;
}

static int combine(void *values, int count, MPI_Datatype type, double times) {
    for (int i = 0; i < count; i++) {
        if (type == MPI_UINT64_T)
            ((uint64_t *)values)[i] *= (uint64_t)times;
        else if (type == MPI_INT64_T)
            ((int64_t *)values)[i] *= (int64_t)times;
        else
            fail_msg("expected whole numbers in create(), got another type");
    }
    return MPI_SUCCESS;
}

/* They stand before the library's: create() makes no other calls. */
int MPI_Allreduce(const void *from, void *to, int count, MPI_Datatype type,
                  MPI_Op op, MPI_Comm comm) {
    (void)comm;
    assert_ptr_equal(from, MPI_IN_PLACE);
    return combine(to, count, type, times_of(op, world.size));
}

int MPI_Exscan(const void *from, void *to, int count, MPI_Datatype type,
               MPI_Op op, MPI_Comm comm) {
    (void)comm;
    assert_true(op == MPI_SUM && type == MPI_UINT64_T && count == 1);
    if (world.rank > 0)
        memcpy(to, from, sizeof(uint64_t));
    return combine(to, count, type, world.rank);
}

/* --- a rank --------------------------------------------------------------- */

static void run_one(const gb_ext_team *team, gb_team_fn fn, void *arg) {
    (void)team;
    fn(arg, 0, 1);
}

static void no_barrier(const gb_ext_team *team) {
    (void)team;
}

static void no_begin(const gb_ext_pace *pace, double slot_s) {
    (void)pace;
    (void)slot_s;
}

static const gb_ext_pace pace = {.struct_size = sizeof(pace),
                                 .begin = no_begin};

static bool asks_for_nodes(const gb_plan_case *planned) {
    for (size_t i = 0; i < planned->param_count; i++)
        if (strcmp(planned->params[i].text, "inter") == 0)
            return true;
    return false;
}

/* A size that a suite sets, such as that of a cache, may be too small for many
 * cores or too large for some: then it is left out, and a value is named. */
static bool asks_for_size(const gb_plan_case *planned) {
    for (size_t i = 0; i < planned->param_count; i++)
        if (!planned->params[i].is_default &&
            planned->params[i].kind == GB_VALUE_BYTES)
            return true;
    return false;
}

/* Communicators and plans of MPI, or time itself, are not numbers. */
static bool can_prepare(const gb_plan_case *planned) {
    static const char *const others[] = {"compute.hpl", "compute.fft", "load"};

    for (size_t i = 0; i < GB_COUNT(others); i++)
        if (strcmp(planned->id, others[i]) == 0)
            return false;
    return true;
}

static void note_all(const gb_plugin_run *run, gb_str *notes) {
    size_t count = 0;
    const gb_note *list = gb_plugin_run_notes(run, &count);

    for (size_t i = 0; notes != NULL && i < count; i++)
        gb_str_addf(notes, "%s=%s ", list[i].key, list[i].value);
}

static void try_case(const machine *m, const gb_plan_case *planned,
                     gb_str *notes) {
    const uint64_t share =
        (uint64_t)(USABLE_SHARE * (double)m->memory_bytes / m->ranks);
    const gb_ext_team team = {.struct_size = sizeof(team),
                              .thread_count = m->cores / m->ranks,
                              .run = run_one,
                              .barrier = no_barrier};
    const gb_host_setup setup = {
        .core_count = team.thread_count,
        .memory_bytes = share,
        .cache_bytes = CACHE_PER_CORE * team.thread_count,
        .ext_mpi = &world,
        .ext_team = &team,
        .ext_pace = &pace,
    };
    gb_plugin_run *run = NULL;
    gb_error err = {.rank = -1};
    char label[160];

    gb_plan_case_label(planned, label, sizeof(label));
    gb_status status =
        gb_plugin_run_create(gb_plugin_set_get(plugins, planned->plugin),
                             planned, &setup, &run, &err);
    if (asks_for_nodes(planned)) {
        GB_EXPECT_STATUS(GB_ERR_INVALID, status, label, err);
        return;
    }
    if (status != GB_OK && asks_for_size(planned)) {
        if (err.hint[0] == '\0')
            fail_msg("%s: expected a value that would do: %s", label, err.what);
        return;
    }
    if (status == GB_ERR_UNSUPPORTED) /* by this CPU: no matter of size */
        return;
    if (status == GB_OK && share <= PREPARE_AT_MOST && m->ranks == m->cores &&
        can_prepare(planned))
        status = gb_plugin_run_prepare(run, &err);
    if (status != GB_OK)
        fail_msg("%s on rank %d of %u with %u cores and %llu MiB: %s (%s)",
                 label, (int)world.rank, m->ranks, team.thread_count,
                 (unsigned long long)(share / MIB), err.what, err.hint);
    note_all(run, notes);
    gb_plugin_run_destroy(run);
}

/* --- a suite -------------------------------------------------------------- */

static const char *nothing_set(const char *name) {
    (void)name;
    return NULL;
}

static void plan_suite(const char *suite, uint32_t ranks, gb_plan *plan) {
    const gb_option options[] = {{"suite", suite}};
    gb_config config = {0};
    gb_error err = {.rank = -1};

    GB_EXPECT_STATUS(
        GB_OK, gb_config_build(NULL, options, 1, nothing_set, &config, &err),
        suite, err);
    GB_EXPECT_STATUS(GB_OK,
                     gb_plan_build(&config, &catalogue, ranks, plan, &err),
                     suite, err);
    gb_config_fini(&config);
}

static void try_suite(const char *suite, const machine *m, gb_str *notes) {
    gb_plan plan = {0};

    plan_suite(suite, m->ranks, &plan);
    assert_true(plan.case_count > 3);
    for (size_t i = 0; i < plan.case_count; i++)
        for (int end = 0; end < 2; end++) {
            world.size = (int32_t)m->ranks;
            world.rank = end == 0 ? 0 : world.size - 1;
            world.node_of_rank = one_node;
            try_case(m, &plan.cases[i], end == 0 ? notes : NULL);
        }
    gb_plan_fini(&plan);
}

static const uint32_t core_counts[] = {1,  2,  4,   8,   16, 32,
                                       64, 96, 128, 192, 256};
static const uint64_t memory_gib[] = {2, 4, 8, 16, 64, 256, 1024, 4096};

static void every_suite_fits_every_machine(void **state) {
    static const char *const suites[] = {"quick", "default", "full"};

    (void)state;
    for (size_t s = 0; s < GB_COUNT(suites); s++)
        for (size_t c = 0; c < GB_COUNT(core_counts); c++)
            for (size_t k = 0; k < GB_COUNT(memory_gib); k++) {
                machine m = {.cores = core_counts[c],
                             .ranks = core_counts[c],
                             .memory_bytes = memory_gib[k] * GIB};
                try_suite(suites[s], &m, NULL);
                m.ranks = 1;
                try_suite(suites[s], &m, NULL);
                m.ranks = 2;
                if (m.cores >= 2)
                    try_suite(suites[s], &m, NULL);
            }
}

/* So that it takes as long on a fat node. */
static void with_room_enough_more_memory_changes_no_size(void **state) {
    static const char *const suites[] = {"quick", "default"};

    (void)state;
    for (size_t s = 0; s < GB_COUNT(suites); s++)
        for (size_t c = 0; c < GB_COUNT(core_counts); c++) {
            gb_str some = {0}, more = {0};
            machine m = {.cores = core_counts[c],
                         .ranks = core_counts[c],
                         .memory_bytes = 1024 * GIB};
            try_suite(suites[s], &m, &some);
            m.memory_bytes = 4096 * GIB;
            try_suite(suites[s], &m, &more);
            assert_non_null(some.text);
            GB_EXPECT_TEXT(some.text, more.text, suites[s]);
            gb_str_fini(&some);
            gb_str_fini(&more);
        }
}

static void the_default_suite_takes_about_a_minute(void **state) {
    static const struct {
        const char *suite;
        double least_s, most_s;
    } cases[] = {{"quick", 5.0, 20.0}, {"default", 40.0, 70.0}};

    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        gb_plan plan = {0};
        plan_suite(cases[i].suite, 64, &plan);
        if (plan.estimate_s < cases[i].least_s ||
            plan.estimate_s > cases[i].most_s)
            fail_msg("%s: got %.1f s", cases[i].suite, plan.estimate_s);
        assert_int_equal(gb_plan_solves(&plan, 0), 0);
        gb_plan_fini(&plan);
    }
}

static int load_plugins(void **state) {
    static const char *const extensions[] = {GB_EXT_MPI, GB_EXT_TEAM,
                                             GB_EXT_PACE, NULL};
    /* Whose folder it is, is no matter here. */
    const gb_plugin_rules rules = {.extensions = extensions,
                                   .trust = {.program_tree = folder},
                                   .allow_insecure = true};
    gb_error err = {.rank = -1};

    (void)state;
    GB_EXPECT_STATUS(
        GB_OK,
        gb_plugin_set_load(&folder, 1, &rules, &plugins, &catalogue, &err),
        folder, err);
    return 0;
}

static int free_plugins(void **state) {
    (void)state;
    gb_catalogue_fini(&catalogue);
    gb_plugin_set_free(plugins);
    return 0;
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_suite_fits_every_machine),
        cmocka_unit_test(with_room_enough_more_memory_changes_no_size),
        cmocka_unit_test(the_default_suite_takes_about_a_minute),
    };
    if (argc != 2)
        return 2;
    folder = argv[1];
    return cmocka_run_group_tests(tests, load_plugins, free_plugins);
}
