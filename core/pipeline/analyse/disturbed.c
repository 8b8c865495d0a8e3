/* SPDX-License-Identifier: Apache-2.0 */
/* Which repetitions the operating system or a hypervisor disturbed. They are
 * marked and told, and stay in the figures: leaving out what one does not like
 * is not a method. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/phrase.h"
#include "base/text.h"
#include "pipeline/analyse/bench.h"
#include "stats/sample.h"

/* Of the time of a core. /proc/stat counts in steps of 10 ms: less than this
 * of a second is no more than one step. */
#define STOLEN_MOST 0.02
/* Below this share of the fastest repetition's clock. */
#define CLOCK_LEAST 0.97
/* Per second and core, beside two for each of the sampler's ticks. A competitor
 * for the core costs a hundred and more: the scheduler's slices are 1-10 ms. */
#define PREEMPTED_MOST_HZ 20.0
/* A thread that is moved once in a while loses its caches once in a while. */
#define MIGRATIONS_MOST_HZ 1.0

typedef struct told {
    char text[160], chinese[160];
} told;

/* What disturbed it, in words; false: nothing. Comparisons with NAN are false:
 * what is not told is not held against it. */
static bool explain(const gb_disturbance *one, double fastest_hz,
                    double sample_hz, told *out) {
    const size_t size = sizeof(out->text);

    if (one->stolen > STOLEN_MOST)
        gb_phrase_both(out->text, size, out->chinese, size,
                       "the hypervisor took %.2g %% of the cores' time",
                       100.0 * one->stolen);
    else if (one->clock_hz < CLOCK_LEAST * fastest_hz)
        gb_phrase_both(out->text, size, out->chinese, size,
                       "the clock fell to %.3g GHz from %.3g GHz",
                       one->clock_hz * 1e-9, fastest_hz * 1e-9);
    else if (one->preempted_hz > PREEMPTED_MOST_HZ + 2.0 * sample_hz)
        gb_phrase_both(out->text, size, out->chinese, size,
                       "other work took a core %.3g times a second",
                       one->preempted_hz);
    else if (one->migrations_hz > MIGRATIONS_MOST_HZ)
        gb_phrase_both(out->text, size, out->chinese, size,
                       "threads changed cores %.2g times a second",
                       one->migrations_hz);
    else
        return false;
    return true;
}

gb_status gb_find_disturbed(const gb_reduced_case *reduced, double sample_hz,
                            gb_bench_result *out, gb_error *err) {
    double fastest_hz = NAN, slowest = INFINITY;
    size_t n = 0, calm_count = 0;
    double *calm = calloc(out->performance.n + 1, sizeof(*calm));

    out->calm_median = NAN;
    out->disturbed = calloc(out->performance.n + 1, sizeof(*out->disturbed));
    if (calm == NULL || out->disturbed == NULL) {
        free(calm);
        return gb_fail_memory(err, "a benchmark's disturbances");
    }
    for (size_t i = 0; i < reduced->rep_count; i++)
        if (reduced->reps[i].valid)
            fastest_hz =
                fmax(fastest_hz, reduced->reps[i].disturbance.clock_hz);
    for (size_t i = 0; i < reduced->rep_count; i++) {
        const gb_reduced_rep *rep = &reduced->reps[i];
        told what;
        if (!rep->valid)
            continue;
        const double rate = rep->work / rep->time_s;
        out->disturbed[n] =
            explain(&rep->disturbance, fastest_hz, sample_hz, &what);
        if (!out->disturbed[n]) {
            calm[calm_count++] = rate;
        } else {
            out->disturbed_count++;
            if (rate < slowest) {
                gb_copy(out->disturbance, sizeof(out->disturbance), what.text);
                gb_copy(out->disturbance_chinese,
                        sizeof(out->disturbance_chinese), what.chinese);
            }
            slowest = fmin(slowest, rate);
        }
        n++;
    }
    if (calm_count > 0)
        out->calm_median = gb_median(calm, calm_count);
    free(calm);
    return GB_OK;
}
