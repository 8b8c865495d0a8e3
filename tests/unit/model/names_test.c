/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "model/energy.h"
#include "model/finding.h"
#include "model/result.h"
#include "support/gb_test.h"

static void every_name_is_its_own_inverse(void **state) {
    (void)state;
    for (int i = GB_QUALITY_UNAVAILABLE; i <= GB_QUALITY_MEASURED; i++) {
        gb_quality back = GB_QUALITY_UNAVAILABLE;
        assert_true(
            gb_quality_from_name(gb_quality_name((gb_quality)i), &back));
        assert_int_equal(back, i);
    }
    for (int i = 0; i < GB_SCOPE_COUNT; i++) {
        gb_energy_scope back = GB_SCOPE_OTHER;
        assert_true(
            gb_scope_from_name(gb_scope_name((gb_energy_scope)i), &back));
        assert_int_equal(back, i);
    }
    for (int i = GB_DOMAIN_OK; i <= GB_DOMAIN_FAILED; i++) {
        gb_domain_status back = GB_DOMAIN_OK;
        assert_true(gb_domain_status_from_name(
            gb_domain_status_name((gb_domain_status)i), &back));
        assert_int_equal(back, i);
    }
}

static void unknown_names_change_nothing(void **state) {
    (void)state;
    gb_quality quality = GB_QUALITY_MODELLED;
    assert_false(gb_quality_from_name("guessed", &quality));
    assert_int_equal(quality, GB_QUALITY_MODELLED);
    assert_string_equal(gb_quality_name((gb_quality)99), "unknown");
}

/* The quality of a sum is the minimum of its parts'. */
static void qualities_are_ordered_worst_to_best(void **state) {
    (void)state;
    assert_true(GB_QUALITY_UNAVAILABLE < GB_QUALITY_MODELLED);
    assert_true(GB_QUALITY_MODELLED < GB_QUALITY_REPLAYED);
    assert_true(GB_QUALITY_REPLAYED < GB_QUALITY_SIMULATED);
    assert_true(GB_QUALITY_SIMULATED < GB_QUALITY_MEASURED);
}

static void findings_grow_and_end(void **state) {
    (void)state;
    gb_findings findings = {0};
    for (int i = 0; i < 20; i++) {
        const gb_finding finding = {.severity = GB_SEVERITY_NOTE};
        assert_true(gb_findings_add(&findings, &finding));
    }
    assert_int_equal(findings.count, 20);
    gb_findings_fini(&findings);
    assert_int_equal(findings.count, 0);
    assert_null(findings.list);
}

/* Leaks and double frees are the sanitizers' to find. */
static void fini_twice_is_harmless(void **state) {
    (void)state;
    gb_run_log log = {0};
    gb_result result = {0};
    log.session.nodes = calloc(2, sizeof(*log.session.nodes));
    log.session.node_count = 2;
    log.session.nodes[0].domains = calloc(3, sizeof(gb_energy_domain));
    log.reps = calloc(1, sizeof(*log.reps));
    log.rep_count = 1;
    log.reps[0].ranks = calloc(4, sizeof(gb_rank_rep));
    gb_run_log_fini(&log);
    gb_run_log_fini(&log);
    gb_result_fini(&result);
    assert_int_equal(log.rep_count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_is_its_own_inverse),
        cmocka_unit_test(unknown_names_change_nothing),
        cmocka_unit_test(qualities_are_ordered_worst_to_best),
        cmocka_unit_test(findings_grow_and_end),
        cmocka_unit_test(fini_twice_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
