/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <time.h>

/* Enough that one of them is not interrupted; some 50 us at most. */
#define STEPS      32
#define READS_MOST 1000

static uint64_t system_now_ns(void *ctx) {
    (void)ctx;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void system_sleep_until(void *ctx, uint64_t deadline_ns) {
    (void)ctx;
    const struct timespec deadline = {
        .tv_sec = (time_t)(deadline_ns / 1000000000u),
        .tv_nsec = (long)(deadline_ns % 1000000000u),
    };
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL);
}

const gb_clock gb_clock_system = {
    .now_ns = system_now_ns,
    .sleep_until = system_sleep_until,
};

uint64_t gb_clock_resolution_ns(const gb_clock *clock) {
    struct timespec said = {0, 0};
    uint64_t least_ns = 0;

    for (int steps = 0, reads = 0; steps < STEPS && reads < READS_MOST;
         steps++) {
        const uint64_t from_ns = gb_clock_now_ns(clock);
        uint64_t now_ns = from_ns;
        while (now_ns == from_ns && reads++ < READS_MOST)
            now_ns = gb_clock_now_ns(clock);
        const uint64_t step_ns = now_ns - from_ns;
        if (step_ns > 0 && (least_ns == 0 || step_ns < least_ns))
            least_ns = step_ns;
    }
    if (clock == &gb_clock_system && clock_getres(CLOCK_MONOTONIC, &said) == 0)
        least_ns =
            said.tv_sec > 0 || (uint64_t)said.tv_nsec > least_ns
                ? (uint64_t)said.tv_sec * 1000000000u + (uint64_t)said.tv_nsec
                : least_ns;
    return least_ns;
}

uint64_t gb_clock_utc_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void gb_clock_format_utc(uint64_t utc_ns, char *out, unsigned out_size) {
    const time_t seconds = (time_t)(utc_ns / 1000000000u);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    if (strftime(out, out_size, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0 &&
        out_size > 0)
        out[0] = '\0';
}
