/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_BASE_CLOCK_H
#define GB_BASE_CLOCK_H

/**
 * @file base/clock.h
 * Time through a handle, so that a test can replace it. Durations come from
 * CLOCK_MONOTONIC only (reference/energy.md, rule 31).
 */
#include <stdint.h>

typedef struct gb_clock {
    uint64_t (*now_ns)(void *ctx); /* monotonic */
    /** Sleep until now_ns() >= deadline; may wake early on a signal. */
    void (*sleep_until)(void *ctx, uint64_t deadline_ns);
    void *ctx;
} gb_clock;

/** CLOCK_MONOTONIC and clock_nanosleep(TIMER_ABSTIME). */
extern const gb_clock gb_clock_system;

static inline uint64_t gb_clock_now_ns(const gb_clock *clock) {
    return clock->now_ns(clock->ctx);
}

/** The shortest time that @p clock can tell from none, ns: what the system says
 *  of its own, or the least step seen in some thousand reads if that is more;
 *  0: neither. */
uint64_t gb_clock_resolution_ns(const gb_clock *clock);

/** CLOCK_REALTIME in ns since 1970 UTC: for labels, never for durations. */
uint64_t gb_clock_utc_ns(void);

/** "2026-11-23T17:18:10Z" (@p out holds 24 bytes or more). */
void gb_clock_format_utc(uint64_t utc_ns, char *out, unsigned out_size);

#endif /* GB_BASE_CLOCK_H */
