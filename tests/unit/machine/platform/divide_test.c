/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/platform/platform.h"

#include "support/gb_test.h"

/* Core c has the PUs 2c and 2c + 1. */
#define SMT_MACHINE   GB_TEST_FIXTURES "/topology/synthetic-2p4c2t.xml"
#define PLAIN_MACHINE GB_TEST_FIXTURES "/topology/synthetic-1p4c1t.xml"
#define RANKS_MAX     8

typedef struct heard {
    char code[48], hint[240];
    unsigned count;
} heard;

static void listen(void *ctx, gb_log_level level, const char *code,
                   const char *what, const char *hint) {
    heard *h = ctx;
    (void)level;
    (void)what;
    h->count++;
    strncpy(h->code, code, sizeof(h->code) - 1);
    strncpy(h->hint, hint, sizeof(h->hint) - 1);
}

typedef struct divided {
    gb_node node;
    gb_rank_share shares[RANKS_MAX];
    heard log;
} divided;

/* @param ranges  [count] pairs: first and last PU of each rank's mask */
static divided divide(const char *machine, const uint32_t (*ranges)[2],
                      size_t count) {
    divided out = {.node = {.memory_usable_bytes = 1000, .cache_bytes = 800}};
    gb_cpu_mask masks[RANKS_MAX];
    gb_topology *topology = NULL;
    gb_error err = {0};
    const gb_log log = {.write = listen, .ctx = &out.log};

    memset(masks, 0, sizeof(masks));
    for (size_t i = 0; i < count; i++)
        for (uint32_t pu = ranges[i][0]; pu <= ranges[i][1]; pu++)
            gb_cpu_mask_set(&masks[i], pu);
    GB_EXPECT_STATUS(GB_OK, gb_topology_load(machine, &topology, &err), machine,
                     err);
    out.node.cores = strstr(machine, "2p4c2t") != NULL ? 8 : 4;
    GB_EXPECT_STATUS(GB_OK,
                     gb_platform_divide(topology, masks, count, &out.node,
                                        out.shares, &log, &err),
                     "divide", err);
    gb_topology_free(topology);
    return out;
}

static void expect_cores(const divided *d, size_t rank, const char *cores) {
    char text[48];
    gb_cpu_mask_text(&d->shares[rank].cores, text, sizeof(text));
    GB_EXPECT_TEXT(cores, text, "cores");
}

static void bound_ranks_keep_one_thread_of_each_core(void **state) {
    (void)state;
    static const uint32_t ranges[][2] = {{0, 7}, {8, 15}};
    const divided d = divide(SMT_MACHINE, ranges, 2);
    expect_cores(&d, 0, "0,2,4,6");
    expect_cores(&d, 1, "8,10,12,14");
    assert_int_equal(d.shares[0].core_count, 4);
    assert_int_equal(d.shares[1].first_pu, 8);
    assert_int_equal(d.log.count, 0);
    assert_int_equal(d.shares[0].memory_bytes, 450);
    assert_int_equal(d.shares[0].cache_bytes, 400);
}

static void unbound_ranks_get_disjoint_shares_and_a_warning(void **state) {
    (void)state;
    static const uint32_t ranges[][2] = {{0, 3}, {0, 3}};
    const divided d = divide(PLAIN_MACHINE, ranges, 2);
    expect_cores(&d, 0, "0-1");
    expect_cores(&d, 1, "2-3");
    assert_string_equal(d.log.code, "binding.overlap");
    assert_non_null(strstr(d.log.hint, "--map-by slot:PE=2 --bind-to core"));
}

static void uneven_shares_use_every_core_once(void **state) {
    (void)state;
    static const uint32_t ranges[][2] = {{0, 3}, {0, 3}, {0, 3}};
    const divided d = divide(PLAIN_MACHINE, ranges, 3);
    unsigned total = 0;
    for (size_t i = 0; i < 3; i++)
        total += d.shares[i].core_count;
    assert_int_equal(total, 4);
}

static void more_ranks_than_cores_share_and_are_told(void **state) {
    (void)state;
    static const uint32_t ranges[][2] = {{0, 3}, {0, 3}, {0, 3}, {0, 3},
                                         {0, 3}, {0, 3}, {0, 3}, {0, 3}};
    const divided d = divide(PLAIN_MACHINE, ranges, 8);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(d.shares[i].core_count, 1);
    assert_string_equal(d.log.code, "binding.oversubscribed");
}

static void one_unbound_rank_owns_the_node_in_silence(void **state) {
    (void)state;
    static const uint32_t ranges[][2] = {{0, 15}};
    const divided d = divide(SMT_MACHINE, ranges, 1);
    assert_int_equal(d.shares[0].core_count, 8);
    assert_int_equal(d.log.count, 0);
}

static void idle_cores_are_pointed_out(void **state) {
    (void)state;
    static const uint32_t ranges[][2] = {{0, 0}};
    const divided d = divide(PLAIN_MACHINE, ranges, 1);
    assert_int_equal(d.shares[0].core_count, 1);
    assert_string_equal(d.log.code, "binding.unused");
}

static void the_sampler_goes_where_it_disturbs_least(void **state) {
    (void)state;
    static const uint32_t half[][2] = {{0, 7}}, all_smt[][2] = {{0, 15}},
                          all[][2] = {{0, 3}};
    divided d = divide(SMT_MACHINE, half, 1);
    assert_in_range(d.node.sampler_pu, 8, 15);
    assert_non_null(strstr(d.node.sampler_place, "outside"));
    d = divide(SMT_MACHINE, all_smt, 1);
    assert_int_equal(d.node.sampler_pu % 2, 1);
    assert_non_null(strstr(d.node.sampler_place, "second thread"));
    d = divide(PLAIN_MACHINE, all, 1);
    assert_int_equal(d.node.sampler_pu, 3);
    assert_non_null(strstr(d.node.sampler_place, "shared"));
}

static void masks_are_written_as_ranges(void **state) {
    (void)state;
    gb_cpu_mask mask = {{0}};
    char text[16];
    gb_cpu_mask_text(&mask, text, sizeof(text));
    assert_string_equal(text, "");
    for (uint32_t pu = 0; pu < 4; pu++)
        gb_cpu_mask_set(&mask, pu);
    gb_cpu_mask_set(&mask, 8);
    gb_cpu_mask_text(&mask, text, sizeof(text));
    assert_string_equal(text, "0-3,8");
    for (uint32_t pu = 10; pu < 40; pu += 2)
        gb_cpu_mask_set(&mask, pu);
    gb_cpu_mask_text(&mask, text, sizeof(text));
    assert_string_equal(text + strlen(text) - 3, "...");
    assert_false(gb_cpu_mask_has(&mask, GB_MAX_PUS));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bound_ranks_keep_one_thread_of_each_core),
        cmocka_unit_test(unbound_ranks_get_disjoint_shares_and_a_warning),
        cmocka_unit_test(uneven_shares_use_every_core_once),
        cmocka_unit_test(more_ranks_than_cores_share_and_are_told),
        cmocka_unit_test(one_unbound_rank_owns_the_node_in_silence),
        cmocka_unit_test(idle_cores_are_pointed_out),
        cmocka_unit_test(the_sampler_goes_where_it_disturbs_least),
        cmocka_unit_test(masks_are_written_as_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
