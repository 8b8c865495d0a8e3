/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "machine/comm/comm.h"
#include "support/gb_test.h"

static gb_comm *open_single(void) {
    gb_comm *comm = NULL;
    gb_error err = {0};
    GB_EXPECT_STATUS(GB_OK, gb_comm_open_single(&comm, &err), "open", err);
    return comm;
}

static void one_process_is_its_own_node(void **state) {
    (void)state;
    gb_comm *comm = open_single();
    assert_int_equal(comm->size, 1);
    assert_int_equal(comm->node_count, 1);
    assert_int_equal(comm->node_of_rank[0], 0);
    assert_int_equal(comm->leader_of_node[0], 0);
    assert_null(comm->ops->plugin_open(comm));
    gb_comm_close(comm);
}

static void what_is_gathered_is_what_was_sent(void **state) {
    (void)state;
    gb_comm *comm = open_single();
    void *all = NULL;
    size_t size = 0;
    int got = 0;
    assert_int_equal(comm->ops->gatherv(comm, "abc", 4, &all, &size), GB_OK);
    assert_int_equal(size, 4);
    assert_string_equal(all, "abc");
    free(all);
    assert_int_equal(comm->ops->gather(comm, &(int){5}, sizeof(int), &got),
                     GB_OK);
    assert_int_equal(got, 5);
    gb_comm_close(comm);
}

static void a_failure_keeps_its_words(void **state) {
    (void)state;
    gb_comm *comm = open_single();
    gb_error err = {0};
    gb_fail(&err, GB_ERR_VERIFY, "hint", "wrong");
    assert_int_equal(gb_comm_agree(comm, GB_ERR_VERIFY, &err), GB_ERR_VERIFY);
    assert_string_equal(err.what, "wrong");
    assert_int_equal(err.rank, 0);
    /* A status without a message of its own still says something. */
    err = (gb_error){0};
    assert_int_equal(gb_comm_agree(comm, GB_ERR_IO, &err), GB_ERR_IO);
    assert_string_equal(err.what, gb_status_text(GB_ERR_IO));
    assert_int_equal(gb_comm_agree(comm, GB_OK, &err), GB_OK);
    gb_comm_close(comm);
}

static void the_launcher_tells_the_rank(void **state) {
    (void)state;
    static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK",
                                        "PMI_RANK", "SLURM_PROCID"};
    for (size_t i = 0; i < GB_COUNT(names); i++)
        unsetenv(names[i]);
    assert_int_equal(gb_comm_rank_from_environment(), 0);
    for (size_t i = 0; i < GB_COUNT(names); i++) {
        setenv(names[i], "3", 1);
        assert_int_equal(gb_comm_rank_from_environment(), 3);
        setenv(names[i], "x", 1);
        assert_int_equal(gb_comm_rank_from_environment(), 0);
        unsetenv(names[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_process_is_its_own_node),
        cmocka_unit_test(what_is_gathered_is_what_was_sent),
        cmocka_unit_test(a_failure_keeps_its_words),
        cmocka_unit_test(the_launcher_tells_the_rank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
