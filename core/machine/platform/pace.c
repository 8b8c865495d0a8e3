/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/platform/pace.h"

#include <math.h>

/* Multiples of it spread evenly over a slot, however many there are: the
 * fractional part of the golden ratio (H. Weyl, "Ueber die Gleichverteilung von
 * Zahlen mod. Eins", Math. Ann. 77, 1916). */
#define GOLDEN 0.6180339887498949

/* How much later than the first one's the slots of @p thread begin. */
static uint64_t phase_ns(const gb_pace *pace, uint32_t thread) {
    const double turns = GOLDEN * ((double)pace->first + (double)thread);
    return (uint64_t)((turns - floor(turns)) * (double)pace->slot_ns);
}

static void begin(const gb_ext_pace *ext, double slot_s) {
    gb_pace *pace = ext->pace_data;
    pace->slot_ns = slot_s > 1e-9 ? (uint64_t)(slot_s * 1e9) : 1;
    pace->begin_ns = gb_clock_now_ns(pace->clock);
}

static void wait_for(const gb_ext_pace *ext, uint32_t thread, uint64_t slot) {
    const gb_pace *pace = ext->pace_data;
    const uint64_t due_ns =
        pace->begin_ns + slot * pace->slot_ns + phase_ns(pace, thread);
    /* A signal wakes early: it is for the thread that handles signals. */
    while (gb_clock_now_ns(pace->clock) < due_ns)
        pace->clock->sleep_until(pace->clock->ctx, due_ns);
}

static uint64_t passed(const gb_ext_pace *ext, uint32_t thread) {
    const gb_pace *pace = ext->pace_data;
    const uint64_t first_ns = pace->begin_ns + phase_ns(pace, thread);
    const uint64_t now_ns = gb_clock_now_ns(pace->clock);
    return now_ns > first_ns ? (now_ns - first_ns) / pace->slot_ns : 0;
}

void gb_pace_init(const gb_clock *clock, uint32_t first, gb_pace *pace) {
    *pace = (gb_pace){
        .ext = {.struct_size = sizeof(gb_ext_pace),
                .pace_data = pace,
                .begin = begin,
                .wait = wait_for,
                .passed = passed},
        .clock = clock,
        .first = first,
        .slot_ns = 1,
    };
}
