/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_FACTS_H
#define GB_PIPELINE_REPORT_FACTS_H

/**
 * @file pipeline/report/facts.h
 * What the terminal, report.md and HTML say about a result, in the same words
 * and in the language asked for.
 */
#include "base/phrase.h"
#include "base/text.h"
#include "model/result.h"

/** Nodes whose cover is the same, in the order of their first one. */
typedef struct gb_cover_group {
    size_t first; /* index of the first node */
    size_t count;
} gb_cover_group;

/** @param groups_out  [session->node_count]
 *  @return how many groups there are */
size_t gb_facts_covers(const gb_session *session, gb_cover_group *groups_out);

/** "2 packages + DRAM, by powercap"; for an empty cover that there is none.
 *  @param holds  words of the cover in @p language */
void gb_facts_holds(const gb_node *node, const char *holds,
                    gb_language language, gb_str *out);

/** Texts that several benchmarks share: each once, with whose it is. */
typedef struct gb_reasons {
    struct gb_reason {
        char *text;
        char *chinese; /* ""; only English is known */
        char *ids;     /* "compute.fma, memory.triad" */
        size_t count;
    } * list; /* [count] */
    size_t count;
    bool failed;
} gb_reasons;

/** @param text     "" adds nothing
 *  @param chinese  nullable */
void gb_reasons_add(gb_reasons *reasons, const char *text, const char *chinese,
                    const char *id);
void gb_reasons_fini(gb_reasons *reasons);

/** Why valid benchmarks have no energy, unless a warning says so. */
void gb_facts_no_energy(const gb_result *result, gb_reasons *reasons);
/** "3/4 nodes" for a benchmark of which only a part has energy; else false. */
bool gb_facts_part(const gb_result *result, const gb_bench_result *bench,
                   gb_language language, char *out, size_t size);
/** Why only some nodes of valid benchmarks have energy, and what is shown. */
void gb_facts_partial(const gb_result *result, gb_reasons *reasons);
/** Why valid benchmarks with energy have no performance per watt, unless a
 *  warning says so. */
void gb_facts_no_efficiency(const gb_result *result, gb_reasons *reasons);
/** True if something about the energy shown for @p bench is worth a mark. */
bool gb_facts_flagged(const gb_bench_result *bench);
/** What it is, for all benchmarks that have a mark. */
void gb_facts_flags(const gb_result *result, gb_reasons *reasons);
/** Why valid benchmarks have no share of a peak. */
void gb_facts_no_roof(const gb_result *result, gb_reasons *reasons);
/** Why valid benchmarks have no 95 % interval. */
void gb_facts_no_interval(const gb_result *result, gb_reasons *reasons);

/** Why there is no idle power, or "before 12.3 ± 1.2 W" and the like; false
 *  if no idle window was asked for. */
bool gb_facts_idle(const gb_result *result, gb_language language, gb_str *out);

/** "10 samples/s, 0.012 % of one core, 23 us each"; or why it is not known. */
void gb_facts_sampler(const gb_result *result, gb_language language,
                      gb_str *out);

/** True if the table already says it (skipped benchmarks are listed). */
bool gb_facts_told(const gb_warning *warning);

/** "kvm virtual machine" after @p joint; nothing for a real machine. */
void gb_facts_virtual(const gb_node *node, const char *joint, gb_str *out);

/** "3 repetitions had finished before: median 44.69 GB/s"; nothing if none had,
 *  or the benchmark is valid. */
void gb_facts_finished_before(const gb_bench_result *bench,
                              gb_language language, gb_str *out);

/** "2 ranks on 1 node". */
void gb_facts_size(const gb_session *session, gb_language language,
                   gb_str *out);

/** "2: 14 repetitions of 2026-11-23T17:18:10Z, 6 of 2026-11-24T08:00:00Z".
 *  @return false: the run was not resumed */
bool gb_facts_launches(const gb_result *result, gb_language language,
                       gb_str *out);

/** "others could have changed compute.echo, .."; what --allow-insecure-plugins
 *  let pass. @return false: nothing */
bool gb_facts_insecure(const gb_result *result, gb_str *out);

/** "complete" | "interrupted" | "failed". */
const char *gb_facts_status(gb_run_status status);

/** "100 % 4.5 W, 50 % 3.1 W, at rest 1.5 W (34 % of full); 290 ± 9 kop/s/W over
 *  all". @return false: this run did not measure it */
bool gb_facts_load(const gb_result *result, gb_str *out);

/** What the figure means beside the machine: "12.3 ns and 4.5 nJ a load; 92 %
 *  of the memory peak measured here"; of the network also the energy of a byte
 *  and a message. Nothing is added where nothing is known. */
void gb_facts_context(const gb_plan_case *planned, const gb_bench_result *bench,
                      gb_language language, gb_str *out);

#endif /* GB_PIPELINE_REPORT_FACTS_H */
