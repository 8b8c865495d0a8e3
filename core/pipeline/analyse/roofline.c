/* SPDX-License-Identifier: Apache-2.0 */
/* Each benchmark below the peaks that the same run measured: the roofline model
 * of S. Williams, A. Waterman and D. Patterson (CACM 52(4), 2009), and the
 * theoretical peak of the vector units from the measured clock. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pipeline/analyse/bench.h"

/* A working set below this many times the caches measures the caches. */
#define CACHES_TO_EXCEED 2.0
/* Above a whole number of pipes by this much is still that number: the clock
 * and the rate were measured at different times. */
#define PIPE_TOLERANCE 0.05

typedef struct peaks {
    double flop_per_s, byte_per_s; /* NAN: this run has none */
    double clock_hz;               /* of each core; NAN */
    const char *clock_from;
} peaks;

static const char *param_of(const gb_plan_case *planned, const char *name) {
    for (size_t i = 0; i < planned->param_count; i++)
        if (strcmp(planned->params[i].name, name) == 0)
            return planned->params[i].text;
    return "";
}

/* A note that holds a number; NAN: there is none. */
static double note_number(const gb_bench_result *bench, const char *key) {
    for (size_t i = 0; i < bench->note_count; i++) {
        char *end;
        if (strcmp(bench->notes[i].key, key) != 0)
            continue;
        const double value = strtod(bench->notes[i].value, &end);
        return end != bench->notes[i].value && *end == '\0' ? value
                                                            : (double)NAN;
    }
    return NAN;
}

static bool is_single(const gb_plan_case *planned) {
    return strcmp(param_of(planned, "precision"), "fp32") == 0;
}

static double per_second(const gb_bench_result *bench, double count) {
    const double time_s = bench->time_s.mean * (double)bench->time_s.n;
    return count > 0.0 ? count / time_s : (double)NAN;
}

static uint64_t cores_of(const gb_session *session) {
    uint64_t cores = 0;
    for (uint32_t r = 0; session->places != NULL && r < session->ranks; r++)
        cores += session->places[r].core_count;
    return cores;
}

static void take_clock(const gb_result *result, peaks *out) {
    const uint64_t cores = cores_of(result->session);
    bool under_load = false;

    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        const gb_plan_case *planned = &result->plan->cases[bench->case_index];
        if (!bench->valid || strcmp(planned->id, "compute.clock") != 0 ||
            cores == 0)
            continue;
        const bool vector = strcmp(param_of(planned, "load"), "vector") == 0;
        if (under_load && !vector)
            continue;
        under_load = vector;
        out->clock_hz = bench->performance.median / (double)cores;
        out->clock_from =
            vector ? "compute.clock under vector load" : "compute.clock";
    }
}

static peaks find_peaks(const gb_result *result) {
    peaks found = {NAN, NAN, NAN, ""};

    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        const gb_plan_case *planned = &result->plan->cases[bench->case_index];
        if (!bench->valid)
            continue;
        if (strcmp(planned->id, "compute.fma") == 0 && !is_single(planned))
            found.flop_per_s =
                fmax(found.flop_per_s, per_second(bench, bench->counts.flops));
        /* Streams know how far beyond the caches they are. */
        if (gb_starts_with(planned->id, "memory.") &&
            note_number(bench, "cache_multiple") >= CACHES_TO_EXCEED)
            found.byte_per_s =
                fmax(found.byte_per_s,
                     per_second(bench, bench->counts.memory_bytes));
    }
    take_clock(result, &found);
    return found;
}

static void find_theoretical(const gb_result *result, const peaks *peak,
                             const gb_bench_result *bench, gb_roofline *out) {
    const double flop = note_number(bench, "flop_per_instruction");
    const double cores = (double)cores_of(result->session);
    const double rate = bench->performance.median;
    const double pipes =
        ceil(rate / (flop * cores * peak->clock_hz) - PIPE_TOLERANCE);

    if (!(pipes >= 1.0))
        return;
    out->theoretical_flop_per_s = pipes * flop * cores * peak->clock_hz;
    snprintf(out->theoretical, sizeof(out->theoretical),
             "%.0f pipe%s x %.0f flop x %.0f core%s x %.3f GHz (%s)", pipes,
             pipes > 1.0 ? "s" : "", flop, cores, cores > 1.0 ? "s" : "",
             peak->clock_hz * 1e-9, peak->clock_from);
}

static void place(const peaks *peak, gb_roofline *out) {
    const double flop = out->flop_per_s, byte = out->memory_byte_per_s;
    /* The share of each roof; the higher one is what holds it down. */
    const double of_compute = flop / peak->flop_per_s;
    const double of_memory = byte / peak->byte_per_s;

    out->peak_flop_per_s = peak->flop_per_s;
    out->peak_byte_per_s = peak->byte_per_s;
    if (!isnan(flop) && !isnan(byte))
        out->intensity = flop / byte;
    /* With both kinds of work and one roof only, the other may be the lower. */
    if ((!isnan(flop) && isnan(of_compute)) ||
        (!isnan(byte) && isnan(of_memory)))
        return;
    out->bound_fraction = fmax(of_compute, of_memory);
    if (!isnan(out->bound_fraction))
        gb_copy(out->bound, sizeof(out->bound),
                isnan(of_memory) || of_compute > of_memory ? "compute"
                                                           : "memory");
}

void gb_find_rooflines(gb_result *result) {
    const peaks peak = find_peaks(result);

    for (size_t i = 0; i < result->bench_count; i++) {
        gb_bench_result *bench = &result->benches[i];
        const gb_plan_case *planned = &result->plan->cases[bench->case_index];
        gb_roofline *out = &bench->roofline;

        *out = (gb_roofline){NAN, NAN, NAN, NAN, NAN, NAN, "", NAN, ""};
        if (!bench->valid)
            continue;
        out->flop_per_s = per_second(bench, bench->counts.flops);
        out->memory_byte_per_s = per_second(bench, bench->counts.memory_bytes);
        if (strcmp(planned->id, "compute.fma") == 0)
            find_theoretical(result, &peak, bench, out);
        /* The roof is of fp64. */
        if (!is_single(planned))
            place(&peak, out);
    }
}
