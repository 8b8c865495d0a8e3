/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/counter.h"

#include <math.h>

/* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014. */
uint64_t gb_mix(uint64_t seed, uint64_t index) {
    uint64_t z = seed + (index + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

double gb_mix_unit(uint64_t seed, uint64_t index) {
    return (double)(gb_mix(seed, index) >> 11) * 0x1p-53;
}

uint64_t gb_mix_name(uint64_t seed, const char *name) {
    uint64_t mixed = seed;
    for (const char *at = name; *at != '\0'; at++)
        mixed = gb_mix(mixed, (unsigned char)*at);
    return mixed;
}

int64_t gb_refresh_instant_ns(const gb_refresh *refresh, int64_t index) {
    const double unit = gb_mix_unit(refresh->seed, (uint64_t)index);
    const int64_t moved =
        (int64_t)llround((2.0 * unit - 1.0) * (double)refresh->jitter_ns);
    return refresh->phase_ns + index * refresh->period_ns + moved;
}

int64_t gb_refresh_last_ns(const gb_refresh *refresh, int64_t t_ns,
                           int64_t *index_out) {
    const int64_t from = t_ns - refresh->phase_ns;
    int64_t index = from / refresh->period_ns;
    if (from % refresh->period_ns < 0)
        index--; /* down, not towards zero */
    /* Jitter is below half a period: the one before, this one or the next. */
    int64_t at = gb_refresh_instant_ns(refresh, ++index);
    while (at > t_ns)
        at = gb_refresh_instant_ns(refresh, --index);
    if (index_out != NULL)
        *index_out = index;
    return at;
}

uint64_t gb_counter_steps(const gb_counter *counter, const gb_trace *trace,
                          int64_t t_ns) {
    if (t_ns <= 0)
        return 0;
    const double energy_j =
        gb_trace_energy_j(trace, 0.0, (double)t_ns * 1e-9) * counter->gain;
    const double steps = floor(energy_j * 1e9 / (double)counter->unit_nj);
    if (!(steps > 0.0))
        return 0;
    return steps < 0x1p63 ? (uint64_t)steps : UINT64_C(1) << 63;
}

uint64_t gb_counter_wrap(const gb_counter *counter, uint64_t steps,
                         int64_t extra) {
    const uint64_t modulus = counter->modulus;
    if (modulus == 0)
        return counter->start + steps + (uint64_t)extra;
    /* Each term below the modulus, and the modulus below 2^63: no overflow. */
    const uint64_t size = extra < 0 ? 0 - (uint64_t)extra : (uint64_t)extra;
    uint64_t value = (counter->start % modulus + steps % modulus) % modulus;
    value += extra < 0 ? modulus - size % modulus : size % modulus;
    return value % modulus;
}

uint64_t gb_counter_in_units(const gb_counter *counter, uint64_t steps,
                             uint64_t unit_nj) {
    return steps / unit_nj * counter->unit_nj +
           steps % unit_nj * counter->unit_nj / unit_nj;
}

uint64_t gb_counter_range_uj(const gb_counter *counter) {
    return counter->modulus == 0
               ? UINT64_MAX
               : gb_counter_in_units(counter, counter->modulus - 1, 1000);
}

uint64_t gb_gauge_nw(const gb_gauge *gauge, const gb_trace *trace,
                     int64_t t_ns) {
    const double t_s = (double)(t_ns > 0 ? t_ns : 0) * 1e-9;
    double from_s = (double)(t_ns - gauge->average_ns) * 1e-9;
    if (from_s < 0.0)
        from_s = 0.0;
    const double power_w =
        gauge->average_ns > 0 && t_s > from_s
            ? gb_trace_energy_j(trace, from_s, t_s) / (t_s - from_s)
            : gb_trace_power_w(trace, t_s);
    /* Half a nanowatt up, so that 100 W summed in halves is not 99.999. */
    const double units =
        floor((power_w * gauge->gain * 1e9 + 0.5) / (double)gauge->unit_nw);
    return units > 0.0 && units < 0x1p62 / (double)gauge->unit_nw
               ? (uint64_t)units * gauge->unit_nw
               : 0;
}
