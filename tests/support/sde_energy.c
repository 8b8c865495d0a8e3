/* SPDX-License-Identifier: Apache-2.0 */
/* A site's meter library that exports its counters through PAPI's software
 * defined events: loaded with LD_PRELOAD, it offers
 *
 *   sde:::site_meter::PACKAGE0_ENERGY_UJ, PACKAGE1_ENERGY_UJ   60 W, 40 W
 *   sde:::site_meter::LASER_ENERGY                     a unit nobody states
 *
 * which count on CLOCK_MONOTONIC from when it was loaded. */
#include <sde_lib.h>
#include <stdint.h>
#include <time.h>

static double started_s;

static double now_s(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static long long energy_uj(void *power_w) {
    return (long long)(*(const double *)power_w * (now_s() - started_s) * 1e6);
}

__attribute__((constructor)) static void offer(void) {
    static double power_w[] = {60.0, 40.0, 1.0};
    static const char *const names[] = {"PACKAGE0_ENERGY_UJ",
                                        "PACKAGE1_ENERGY_UJ", "LASER_ENERGY"};
    papi_handle_t handle = papi_sde_init("site_meter");

    started_s = now_s();
    for (int i = 0; i < 3; i++)
        papi_sde_register_counter_cb(
            handle, names[i], PAPI_SDE_RO | PAPI_SDE_INSTANT,
            PAPI_SDE_long_long, energy_uj, &power_w[i]);
}
