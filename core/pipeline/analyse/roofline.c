/* SPDX-License-Identifier: Apache-2.0 */
/* Each benchmark below the peaks that the same run measured: the roofline model
 * of S. Williams, A. Waterman and D. Patterson (CACM 52(4), 2009), and the
 * theoretical peak of the vector units from the measured clock. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/phrase.h"
#include "base/text.h"
#include "pipeline/analyse/bench.h"

/* A working set below this many times the caches measures the caches. */
#define CACHES_TO_EXCEED 2.0
/* Above a whole number of pipes by this much is still that number: the clock
 * and the rate were measured at different times. */
#define PIPE_TOLERANCE 0.05

/* Shorter messages than this, on average, are a matter of latency. */
#define MESSAGE_BYTES_LEAST 1024.0

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

static const char *note_of(const gb_bench_result *bench, const char *key) {
    for (size_t i = 0; i < bench->note_count; i++)
        if (strcmp(bench->notes[i].key, key) == 0)
            return bench->notes[i].value;
    return "";
}

/* A note that holds a number; NAN: there is none. */
static double note_number(const gb_bench_result *bench, const char *key) {
    const char *text = note_of(bench, key);
    char *end;
    const double value = strtod(text, &end);
    return end != text && *end == '\0' ? value : (double)NAN;
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
    snprintf(out->theoretical_chinese, sizeof(out->theoretical_chinese),
             gb_phrase(GB_LANGUAGE_ZH,
                       "%.0f pipes x %.0f flop x %.0f cores x %.3f GHz (%s)"),
             pipes, flop, cores, peak->clock_hz * 1e-9,
             gb_phrase(GB_LANGUAGE_ZH, peak->clock_from));
}

static bool is_network(const gb_plan_case *planned) {
    return gb_starts_with(planned->id, "network.");
}

/* "inter-node", "intra-node": where the partners of one that has a choice are;
 * "": it has none. */
static const char *pairs_of(const gb_bench_result *bench,
                            const gb_plan_case *planned) {
    const char *note = note_of(bench, "pairs");

    return param_of(planned, "pairs")[0] == '\0' ? ""
           : strstr(note, "inter-node") != NULL  ? "inter-node"
                                                 : "intra-node";
}

/* The best rate of network.bandwidth between such pairs: what goes through a
 * node's memory is no roof for what crosses the wire. */
static double find_network_peak(const gb_result *result, const char *pairs) {
    double peak = NAN;

    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        const gb_plan_case *planned = &result->plan->cases[bench->case_index];
        if (!bench->valid || strcmp(planned->id, "network.bandwidth") != 0)
            continue;
        if (pairs[0] == '\0' || strcmp(pairs_of(bench, planned), pairs) == 0)
            peak = fmax(peak, per_second(bench, bench->counts.network_bytes));
    }
    return peak;
}

static void set_bound(gb_roofline *out, const char *roof, double fraction) {
    gb_copy(out->bound, sizeof(out->bound), roof);
    out->bound_fraction = fraction;
}

static void explain(gb_roofline *out, const char *reason) {
    gb_copy(out->reason, sizeof(out->reason), reason);
}

static void place_on_network(const gb_result *result,
                             const gb_bench_result *bench,
                             const gb_plan_case *planned, gb_roofline *out) {
    const gb_work_counts *counts = &bench->counts;

    out->peak_network_byte_per_s =
        find_network_peak(result, pairs_of(bench, planned));
    if (!(counts->network_bytes > 0.0))
        explain(out, "it sends no bytes to other ranks");
    else if (counts->network_bytes < MESSAGE_BYTES_LEAST * counts->messages)
        explain(out, "messages below 1 KiB: latency holds them down, not "
                     "bandwidth");
    else if (isnan(out->peak_network_byte_per_s))
        explain(out, "the network's bandwidth was not measured in this run: "
                     "add network.bandwidth, between the same pairs");
    else
        set_bound(out, "network",
                  out->network_byte_per_s / out->peak_network_byte_per_s);
}

/* Why no roof of the node says anything about it. */
static const char *find_no_roof(const gb_bench_result *bench,
                                const gb_plan_case *planned) {
    if (planned->no_work)
        return "it does no work: measured for its power";
    if (strcmp(planned->id, "compute.clock") == 0)
        return "it counts cycles: the peaks follow from its clock";
    if (bench->counts.in_flight > 0.0)
        return "its units wait for each other: latency is its figure";
    return "it tells neither flop nor bytes of memory, so that neither peak "
           "holds it down";
}

static const char *find_missing(bool flop, bool byte) {
    return flop && byte
               ? "neither peak was measured in this run: add compute.fma and "
                 "memory.triad"
           : flop ? "the fp64 peak was not measured in this run: add "
                    "compute.fma"
                  : "the memory's peak was not measured in this run: add "
                    "memory.triad, with arrays beyond the caches";
}

static void place_on_node(const peaks *peak, const gb_bench_result *bench,
                          const gb_plan_case *planned, gb_roofline *out) {
    const double flop = out->flop_per_s, byte = out->memory_byte_per_s;
    /* The share of each roof; the higher one is what holds it down. */
    const double of_compute = flop / peak->flop_per_s;
    const double of_memory = byte / peak->byte_per_s;
    /* With both kinds of work and one roof only, the other may be the lower. */
    const bool no_compute = !isnan(flop) && isnan(of_compute);
    const bool no_memory = !isnan(byte) && isnan(of_memory);

    out->peak_flop_per_s = peak->flop_per_s;
    out->peak_byte_per_s = peak->byte_per_s;
    if (!isnan(flop) && !isnan(byte))
        out->intensity = flop / byte;
    if (is_single(planned))
        explain(out, "the peak is fp64's, and this is single precision");
    else if (isnan(flop) && isnan(byte))
        explain(out, find_no_roof(bench, planned));
    else if (no_compute || no_memory)
        explain(out, find_missing(no_compute, no_memory));
    else if (isnan(of_memory) || of_compute > of_memory)
        set_bound(out, "compute", of_compute);
    else
        set_bound(out, "memory", of_memory);
}

void gb_find_rooflines(gb_result *result) {
    const peaks peak = find_peaks(result);

    for (size_t i = 0; i < result->bench_count; i++) {
        gb_bench_result *bench = &result->benches[i];
        const gb_plan_case *planned = &result->plan->cases[bench->case_index];
        gb_roofline *out = &bench->roofline;

        *out = (gb_roofline){.flop_per_s = NAN,
                             .memory_byte_per_s = NAN,
                             .network_byte_per_s = NAN,
                             .intensity = NAN,
                             .peak_flop_per_s = NAN,
                             .peak_byte_per_s = NAN,
                             .peak_network_byte_per_s = NAN,
                             .bound_fraction = NAN,
                             .theoretical_flop_per_s = NAN};
        if (!bench->valid) {
            explain(out, "it has no valid result");
            continue;
        }
        out->flop_per_s = per_second(bench, bench->counts.flops);
        out->memory_byte_per_s = per_second(bench, bench->counts.memory_bytes);
        out->network_byte_per_s =
            per_second(bench, bench->counts.network_bytes);
        if (strcmp(planned->id, "compute.fma") == 0)
            find_theoretical(result, &peak, bench, out);
        if (is_network(planned))
            place_on_network(result, bench, planned, out);
        else
            place_on_node(&peak, bench, planned, out);
    }
}
