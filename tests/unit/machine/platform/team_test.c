/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/platform/team.h"

#include <stdatomic.h>

#include "support/gb_test.h"

#define THREADS 3

static gb_team *make_team(uint32_t count) {
    gb_team *team = NULL;
    gb_error err = {0};
    const gb_rank_share share = {.core_count = count};
    GB_EXPECT_STATUS(GB_OK, gb_team_create(&share, false, &team, &err), "team",
                     err);
    return team;
}

typedef struct sums {
    uint64_t part[THREADS];
    uint32_t count;
} sums;

static void add_own_part(void *arg, uint32_t thread, uint32_t count) {
    sums *s = arg;
    s->part[thread] += thread + 1;
    if (thread == 0)
        s->count = count;
}

static void every_thread_works_once_in_each_call(void **state) {
    (void)state;
    gb_team *team = make_team(THREADS);
    const gb_ext_team *ext = gb_team_ext(team);
    sums s = {{0}, 0};
    assert_int_equal(ext->thread_count, THREADS);
    for (int i = 0; i < 2000; i++)
        ext->run(ext, add_own_part, &s);
    for (uint32_t t = 0; t < THREADS; t++)
        assert_int_equal(s.part[t], 2000 * (t + 1));
    assert_int_equal(s.count, THREADS);
    gb_team_destroy(team);
}

typedef struct phases {
    const gb_ext_team *ext;
    atomic_uint arrived[50];
    atomic_bool early;
} phases;

static void walk_through_phases(void *arg, uint32_t thread, uint32_t count) {
    phases *p = arg;
    (void)thread;
    for (size_t i = 0; i < GB_COUNT(p->arrived); i++) {
        atomic_fetch_add(&p->arrived[i], 1);
        p->ext->barrier(p->ext);
        if (atomic_load(&p->arrived[i]) != count)
            atomic_store(&p->early, true);
    }
}

static void nobody_passes_the_barrier_early(void **state) {
    (void)state;
    gb_team *team = make_team(THREADS);
    phases p = {.ext = gb_team_ext(team)};
    p.ext->run(p.ext, walk_through_phases, &p);
    assert_false(atomic_load(&p.early));
    gb_team_destroy(team);
}

static void a_team_of_one_is_the_caller(void **state) {
    (void)state;
    gb_team *team = make_team(1);
    sums s = {{0}, 0};
    gb_team_ext(team)->run(gb_team_ext(team), add_own_part, &s);
    gb_team_ext(team)->barrier(gb_team_ext(team));
    assert_int_equal(s.part[0], 1);
    gb_team_destroy(team);
    gb_team_destroy(NULL);
}

static void every_thread_tells_where_it_is(void **state) {
    int32_t pus[THREADS + 1] = {-2, -2, -2, -2};
    (void)state;
    gb_team *team = make_team(THREADS);
    gb_team_places(team, pus);
    for (uint32_t t = 0; t < THREADS; t++)
        assert_true(pus[t] >= 0);
    assert_int_equal(pus[THREADS], -2);
    gb_team_destroy(team);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_thread_works_once_in_each_call),
        cmocka_unit_test(nobody_passes_the_barrier_early),
        cmocka_unit_test(a_team_of_one_is_the_caller),
        cmocka_unit_test(every_thread_tells_where_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
