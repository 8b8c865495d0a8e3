/* SPDX-License-Identifier: Apache-2.0 */
#include "gpus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void gpus_open(test_gpus *gpus, const char *library, const char *variable) {
    tree_open(&gpus->tree, "faults/no-powercap", "t0");
    gpus->tree.env.setting = library;
    snprintf(gpus->control, sizeof(gpus->control), "%s/control",
             gpus->tree.dir);
    gpus_say(gpus, "");
    assert_int_equal(setenv(variable, gpus->control, 1), 0);
}

void gpus_close(test_gpus *gpus) {
    tree_close(&gpus->tree);
}

/* Replaced at once: a reader in another thread sees the old text or the new. */
void gpus_say(const test_gpus *gpus, const char *text) {
    char fresh[144];

    snprintf(fresh, sizeof(fresh), "%s.new", gpus->control);
    FILE *file = fopen(fresh, "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(fresh, gpus->control), 0);
}

void real_set_open(test_real_set *real, const char *source,
                   const char *library) {
    char wanted[400];
    gb_error err = {0};

    *real = (test_real_set){0};
    assert_int_equal(gb_sysroot_open(NULL, &real->root, NULL), GB_OK);
    real->env = (gb_energy_env){
        .root = real->root, .clock = &gb_clock_system, .node = &real->node};
    snprintf(wanted, sizeof(wanted), "%s=%s", source, library);
    if (gb_energy_set_open(&real->env, wanted, &real->set, &err) != GB_OK)
        fail_msg("%s", err.what);
    real->domains = gb_energy_set_domains(real->set, &real->count);
}

void real_set_close(test_real_set *real) {
    gb_energy_set_close(real->set);
    gb_sysroot_close(real->root);
}

bool real_set_await(test_real_set *real, bool ok) {
    const uint64_t begin_ns = gb_clock_now_ns(&gb_clock_system);
    gb_energy_reading *readings = calloc(real->count, sizeof(*readings));

    assert_non_null(readings);
    for (;;) {
        const uint64_t now_ns = gb_clock_now_ns(&gb_clock_system);
        gb_energy_set_read(real->set, readings);
        if (readings[0].ok == ok || now_ns - begin_ns > 5 * S)
            break;
        gb_clock_system.sleep_until(gb_clock_system.ctx, now_ns + 10 * MS);
    }
    const bool reached = readings[0].ok == ok;
    free(readings);
    return reached;
}
