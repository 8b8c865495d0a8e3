/* SPDX-License-Identifier: Apache-2.0 */
/* Loaded with LD_PRELOAD: the time of day is GB_SHIFT_CLOCK_S seconds ahead,
 * and nothing else is changed. libfaketime also stands in for the waits on
 * conditions, and ends those by CLOCK_MONOTONIC at once. */
#include <math.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static long long shift_ns(void) {
    const char *text = getenv("GB_SHIFT_CLOCK_S");

    return text != NULL ? llround(1e9 * strtod(text, NULL)) : 0;
}

static int is_time_of_day(clockid_t clock) {
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
}

EXPORT int clock_gettime(clockid_t clock, struct timespec *now) {
    if (syscall(SYS_clock_gettime, clock, now) != 0)
        return -1;
    if (is_time_of_day(clock)) {
        const long long ns =
            now->tv_sec * 1000000000LL + now->tv_nsec + shift_ns();
        now->tv_sec = (time_t)(ns / 1000000000LL);
        now->tv_nsec = (long)(ns % 1000000000LL);
    }
    return 0;
}

EXPORT int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;

    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &exact) != 0)
        return -1;
    *now = (struct timeval){exact.tv_sec, exact.tv_nsec / 1000};
    return 0;
}

EXPORT time_t time(time_t *now_out) {
    struct timespec now;

    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return (time_t)-1;
    if (now_out != NULL)
        *now_out = now.tv_sec;
    return now.tv_sec;
}
