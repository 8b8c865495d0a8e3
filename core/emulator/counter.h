/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_EMULATOR_COUNTER_H
#define GB_EMULATOR_COUNTER_H

/**
 * @file emulator/counter.h
 * What a reader sees of a power trace: a register that is refreshed now and
 * then, counts whole steps and wraps. Pure: the same numbers for the same seed.
 * Times are ns since the emulator's start.
 */
#include <stdbool.h>
#include <stdint.h>

#include "emulator/trace.h"

/** When a sensor refreshes: instants `period_ns` apart, each moved by at most
 *  `jitter_ns` either way. */
typedef struct gb_refresh {
    uint64_t seed;
    int64_t period_ns; /* > 0 */
    int64_t jitter_ns; /* 0 <= jitter < period / 2: never out of order */
    int64_t phase_ns;  /* 0 <= phase < period */
} gb_refresh;

/** Counts of energy: `unit_nj` for each step, `modulus` steps in a turn. */
typedef struct gb_counter {
    double gain;      /* 1 + the sensor's relative error; > 0 */
    uint64_t unit_nj; /* 1 .. 10^9 */
    uint64_t modulus; /* 0: 2^64, as good as never */
    uint64_t start;   /* steps it shows at t = 0 */
} gb_counter;

/** Power readings. */
typedef struct gb_gauge {
    double gain;        /* 1 + the sensor's relative error; > 0 */
    int64_t average_ns; /* mean over so long before the refresh; 0: the power at
                           that instant */
    uint64_t unit_nw;   /* rounded down to a multiple of it; >= 1 */
} gb_gauge;

/** Well mixed 64 bits of @p seed and @p index (splitmix64). */
uint64_t gb_mix(uint64_t seed, uint64_t index);
/** gb_mix() as a number in [0, 1). */
double gb_mix_unit(uint64_t seed, uint64_t index);
/** A seed of its own for a thing with a name. */
uint64_t gb_mix_name(uint64_t seed, const char *name);

/** Instant of refresh number @p index. */
int64_t gb_refresh_instant_ns(const gb_refresh *refresh, int64_t index);

/** The last refresh at or before @p t_ns; its number in @p index_out
 *  (nullable). */
int64_t gb_refresh_last_ns(const gb_refresh *refresh, int64_t t_ns,
                           int64_t *index_out);

/** Whole steps from 0 to @p t_ns (0 for t <= 0), not wrapped, without the
 *  value at the start. No refresh: exactly at t_ns. */
uint64_t gb_counter_steps(const gb_counter *counter, const gb_trace *trace,
                          int64_t t_ns);

/** Wrap: (start + steps + extra) modulo the modulus. @p extra may be
 *  negative, as two's complement. */
uint64_t gb_counter_wrap(const gb_counter *counter, uint64_t steps,
                         int64_t extra);

/** @p steps in units of @p unit_nj, rounded down as the kernel does: 1000 for
 *  uJ, 10^9 for J. Exact for any result below 2^64. */
uint64_t gb_counter_in_units(const gb_counter *counter, uint64_t steps,
                             uint64_t unit_nj);

/** The largest value a reader can see, in uJ; UINT64_MAX without a modulus. */
uint64_t gb_counter_range_uj(const gb_counter *counter);

/** What the gauge shows after a refresh at @p t_ns, in nW. */
uint64_t gb_gauge_nw(const gb_gauge *gauge, const gb_trace *trace,
                     int64_t t_ns);

#endif /* GB_EMULATOR_COUNTER_H */
