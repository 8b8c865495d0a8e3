/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <time.h>

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
