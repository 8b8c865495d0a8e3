/* SPDX-License-Identifier: Apache-2.0 */
/* ITUE by the counters of a run. Tests with a number in front are the items of
 * standards.md §11 that they hold to. */
#include "base/text.h"
#include "claimed.h"
#include "support/gb_test.h"

enum { WALL, PSYS, PACKAGE, DRAM, CORES, DOMAINS };

/* A node that takes 1000 W: 800 in a package, 100 in its DRAM; and the board
 * and the cores, which are in neither sum. */
typedef struct fixture {
    gb_energy_domain domains[DOMAINS];
    gb_source_figure sources[DOMAINS];
    gb_node node;
    gb_session session;
    gb_plan plan;
    gb_reduced reduced;
    gb_result result;
    gb_assess_run run;
    gb_claim claim;
    gb_claims claims;
    gb_assessment out;
} fixture;

static int setup(void **state) {
    static const struct {
        const char *name;
        gb_energy_scope scope;
        int32_t package;
        double power_w;
    } rows[DOMAINS] = {{"wall", GB_SCOPE_NODE_AC, -1, 1000.0},
                       {"psys", GB_SCOPE_PLATFORM, -1, 950.0},
                       {"package-0", GB_SCOPE_PACKAGE, 0, 800.0},
                       {"package-0/dram", GB_SCOPE_DRAM, 0, 100.0},
                       {"package-0/core", GB_SCOPE_CORES, 0, 700.0}};
    static fixture made;
    fixture *f = &made;

    *f = (fixture){0};
    for (uint32_t d = 0; d < DOMAINS; d++) {
        f->domains[d] = (gb_energy_domain){.scope = rows[d].scope,
                                           .package = rows[d].package,
                                           .die = -1,
                                           .tick_j = 1e-6,
                                           .step_j = 1e-6,
                                           .max_power_w = 2000.0,
                                           .u_rel = d == WALL ? 0.01 : 0.03,
                                           .status = GB_DOMAIN_OK,
                                           .quality = GB_QUALITY_MEASURED,
                                           .summed = d == WALL,
                                           .refresh = -1};
        gb_copy(f->domains[d].source, sizeof(f->domains[d].source), "s");
        gb_copy(f->domains[d].name, sizeof(f->domains[d].name), rows[d].name);
        f->sources[d] = (gb_source_figure){.domain = d,
                                           .energy_j = 60.0 * rows[d].power_w,
                                           .window_s = 60.0,
                                           .status = GB_DOMAIN_OK};
    }
    f->node.domains = f->domains;
    f->node.domain_count = DOMAINS;
    f->node.packages = 1;
    gb_copy(f->node.name, sizeof(f->node.name), "n0");
    gb_copy(f->node.cover.holds, sizeof(f->node.cover.holds), "1 package");
    f->session.nodes = &f->node;
    f->session.node_count = 1;
    gb_copy(f->session.run_id, sizeof(f->session.run_id), "run");
    f->result = (gb_result){
        .session = &f->session, .sources = f->sources, .source_count = DOMAINS};
    claimed_before(&f->plan);
    f->run = (gb_assess_run){"run", &f->plan, &f->reduced, &f->result, ""};
    claimed_make(GB_CLAIM_ITUE, GB_CLAIM_BELOW, 1.25, &f->claim, &f->claims);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    gb_assessment_fini(&((fixture *)*state)->out);
    return 0;
}

static const gb_claim_result *assess(fixture *f) {
    return claimed_assess(&f->claims, &f->run, 1, NULL, &(gb_assess_site){0},
                          &f->out);
}

static void expect(fixture *f, gb_claim_verdict verdict,
                   gb_claim_reason reason) {
    claimed_expect(assess(f), verdict, reason);
}

static void item_16_input_over_components(void **state) {
    fixture *f = *state;
    const gb_claim_result *found = assess(f);

    assert_int_equal(found->verdict, GB_CLAIM_SUPPORTED);
    GB_EXPECT_NEAR(1000.0 / 900.0, found->estimate.value, 1e-12, "ITUE");
    GB_EXPECT_NEAR(found->estimate.value * hypot(0.01, 0.03), found->estimate.u,
                   1e-12, "u");
    /* Labelled by what its counters hold. */
    assert_true(strstr(found->conditions, "by the counters of the run") !=
                NULL);
    assert_true(strstr(found->conditions, "over 1 package + DRAM") != NULL);
    GB_EXPECT_TEXT("1 package + DRAM", found->holds, "holds");
}

/* The meters of one node are read one after the other: in the uncertainty, or
 * too far apart. */
static void windows_are_nearly_the_same(void **state) {
    fixture *f = *state;

    f->sources[PACKAGE].window_s = 59.7;
    f->sources[PACKAGE].energy_j = 59.7 * 800.0;
    const gb_claim_result *found = assess(f);
    GB_EXPECT_NEAR(1000.0 / 900.0, found->estimate.value, 1e-12, "ITUE");
    const double windows = (60.0 / 59.7 - 1.0) / sqrt(3.0);
    GB_EXPECT_NEAR(found->estimate.value *
                       sqrt(0.01 * 0.01 + 0.03 * 0.03 + windows * windows),
                   found->estimate.u, 1e-12, "u");
    f->sources[PACKAGE].window_s = 50.0;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_DOUBTFUL);
}

static void item_15_components_take_no_more_than_the_node(void **state) {
    fixture *f = *state;

    f->sources[WALL].energy_j = 60.0 * 890.0;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_IDENTITY);
}

static void item_29_estimates_make_no_itue(void **state) {
    fixture *f = *state;

    f->domains[DRAM].quality = GB_QUALITY_SIMULATED;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_EVIDENCE);
    f->claim.evidence = GB_QUALITY_SIMULATED;
    expect(f, GB_CLAIM_SUPPORTED, GB_CLAIM_REASON_NONE);
    assert_int_equal(f->out.results[0].quality, GB_QUALITY_SIMULATED);
    f->domains[WALL].quality = GB_QUALITY_MODELLED;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_MODELLED);
}

static void both_sides_have_to_be_metered(void **state) {
    fixture *f = *state;

    f->node.packages = 2; /* of which one has no counter */
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_PARTIAL);
    f->node.packages = 1;
    f->sources[DRAM].status = GB_DOMAIN_STUCK;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_DOUBTFUL);
    for (int d = PSYS; d < DOMAINS; d++)
        f->domains[d].status = GB_DOMAIN_ABSENT;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_NOT_METERED);
    f->domains[WALL].scope = GB_SCOPE_NODE_DC;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_NOT_METERED);
    assert_true(strstr(f->out.results[0].detail, "the input of n0") != NULL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(item_16_input_over_components),
        CASE(windows_are_nearly_the_same),
        CASE(item_15_components_take_no_more_than_the_node),
        CASE(item_29_estimates_make_no_itue),
        CASE(both_sides_have_to_be_metered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
