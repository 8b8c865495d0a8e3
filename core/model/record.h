/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_RECORD_H
#define GB_MODEL_RECORD_H

/**
 * @file model/record.h
 * What a run leaves behind, raw. Records are appended in the order they
 * happen and never rewritten; every derived number is computed from them and
 * from the samples, by the same code during the run and years later.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "greenbench/status.h"
#include "model/system.h"

typedef struct gb_warning {
    char code[48]; /* "energy.modelled": stable */
    char what[320];
    char chinese[320]; /* `what` in Chinese; "": only English is known */
    char hint[240];
} gb_warning;

/** The batch job that a run is part of, as its system names things. */
typedef struct gb_job {
    char system[16]; /* "slurm"; "" if none */
    char id[64];
    char queue[64]; /* "": not told */
    char *nodes;    /* "n[0-3,7]", whole however long; null: not told */
} gb_job;

/** First record: everything that is fixed once the run is going. */
typedef struct gb_session {
    char run_id[96];
    uint32_t launch; /* 1: the run began; 2, 3, ..: it was resumed */
    char tool_version[32], tool_git[48], tool_build[160];
    char *command; /* the whole command line */
    uint64_t started_utc_ns;
    uint32_t ranks;
    gb_node *nodes; /* [node_count] */
    size_t node_count;
    gb_rank_place *places; /* [ranks] */
    char mpi[96];          /* "Open MPI v4.1.4"; "none" */
    gb_job job;
    char scheduler[160];   /* `job` in words, cut; "" if none */
    char sysroot[192];     /* GREENBENCH_SYSROOT; "" on the real machine */
    char *counters;        /* names in the order of gb_rank_rep.counters, comma-
                              separated; "" if none */
    char *counters_absent; /* "NAME: reason; ..." ; "" if none */
    char suite[64];
    double sample_hz;
    bool require_energy;
} gb_session;

/** Window of one node, bounded by two counter reads of its leader. */
typedef struct gb_node_window {
    uint64_t begin_ns, end_ns; /* CLOCK_MONOTONIC of that node, both are stamps
                                  of sample rows marked 'm' */
} gb_node_window;

typedef struct gb_note {
    char key[32];
    char value[160];
} gb_note;

/** What one rank did in one repetition. */
typedef struct gb_rank_rep {
    double elapsed_s; /* of the run() call */
    double work;      /* in the plugin's work unit */
    double checksum;
    /* As in gb_work; 0: not told. */
    double flops, memory_bytes, network_bytes, messages, in_flight;
    double preempted; /* context switches its threads did not ask for; NAN */
    double moved; /* threads that ended on another PU than they began on; NAN */
    uint32_t peer_plus_1; /* the rank it worked with, plus 1; 0: none */
} gb_rank_rep;

/** A field of gb_rank_rep that a benchmark may tell beside its work: its name
 *  in files, and where it is. */
typedef struct gb_rank_count {
    const char *name; /* "memory_bytes" */
    size_t offset;
} gb_rank_count;

extern const gb_rank_count gb_rank_counts[];
extern const size_t gb_rank_count_count;

const double *gb_rank_count_of(const gb_rank_count *counted,
                               const gb_rank_rep *rep);
double *gb_rank_count_in(const gb_rank_count *counted, gb_rank_rep *rep);

/** What may have disturbed a node during a window, from outside. */
typedef struct gb_node_condition {
    double stolen_s; /* by a hypervisor, from each PU of the ranks, mean; NAN */
    double clock_hz; /* mean over their cores, at the end of the window; NAN */
} gb_node_condition;

/** A case begins: its instance was made and calibrated, or was not. */
typedef struct gb_trial_record {
    uint32_t case_index;       /* into the plan */
    gb_status status;          /* GB_OK: repetitions follow */
    int32_t rank;              /* whose failure; -1 */
    char what[320], hint[240]; /* "" if ok */
    uint64_t iterations;       /* per timed call, calibrated */
    double warmup_s;           /* spent before the first repetition */
    gb_note *notes;            /* [note_count], of rank 0's instance */
    size_t note_count;
} gb_trial_record;

/** The count could not be read: null in JSON. */
#define GB_COUNT_NONE UINT64_MAX

typedef struct gb_rep_record {
    uint32_t case_index;
    uint32_t repetition; /* 0, 1, .. */
    gb_status status;    /* GB_OK, or why it is invalid */
    int32_t rank;        /* whose failure; -1 */
    char what[320], hint[240];
    uint64_t iterations;
    uint64_t begin_utc_ns;         /* when rank 0 called run(); 0: not told */
    double elapsed_s;              /* longest run() over all ranks */
    gb_rank_rep *ranks;            /* [session.ranks] */
    gb_node_window *windows;       /* [session.node_count] */
    gb_node_condition *conditions; /* [session.node_count]; null: not told */
    uint64_t *counters; /* [session.ranks][counter_count]; GB_COUNT_NONE */
    size_t counter_count;
    gb_note *notes; /* [note_count], all of rank 0's instance, where they are
                       others than were recorded last; null: the same */
    size_t note_count;
} gb_rep_record;

/** Nothing ran. */
typedef struct gb_idle_record {
    bool after;              /* false: before the suite */
    gb_node_window *windows; /* [session.node_count] */
} gb_idle_record;

typedef struct gb_sampler_cost {
    double cpu_s;  /* CPU time of the sampler's thread and of the marks */
    double wall_s; /* how long it ran */
    uint64_t reads, errors, wakeups, late; /* late: ticks missed */
    double sample_hz; /* its rate: what was asked for, or more where a counter
                         would wrap; NAN: not told */
} gb_sampler_cost;

typedef enum gb_run_status {
    GB_RUN_COMPLETE,
    GB_RUN_INTERRUPTED, /* stopped by a signal */
    GB_RUN_FAILED,      /* MPI or internal failure */
} gb_run_status;

/** Last record. A run without one was cut off: it counts as interrupted. */
typedef struct gb_end_record {
    gb_run_status status;
    uint64_t ended_utc_ns;
    double init_s;          /* from MPI_Init's return to the first timed call */
    gb_sampler_cost *costs; /* [session.node_count] */
} gb_end_record;

/** One row of `samples`: one reading of one domain of one node. */
typedef struct gb_sample {
    uint32_t node, domain; /* indices into session.nodes[].domains[] */
    gb_energy_reading reading;
    bool mark; /* taken at the edge of a window */
} gb_sample;

/** What a run recorded of one node's energy, to be replayed. */
typedef struct gb_recording {
    char node[64];             /* its name */
    gb_energy_domain *domains; /* [domain_count] */
    size_t domain_count;
    gb_sample *rows; /* [row_count] in the order they were read */
    size_t row_count;
} gb_recording;

/** What one launch of a run left, read back or collected; a run that was
 *  resumed is a chain of them. Arrays grow in the order of the records. */
typedef struct gb_run_log {
    bool has_session, has_end;
    gb_session session;
    gb_trial_record *trials; /* [trial_count] */
    size_t trial_count;
    gb_rep_record *reps; /* [rep_count] */
    size_t rep_count;
    gb_idle_record *idles; /* [idle_count] */
    size_t idle_count;
    gb_warning *warnings; /* [warning_count] */
    size_t warning_count;
    gb_end_record end;
    gb_sample *samples; /* [sample_count], by time for each node and domain */
    size_t sample_count;
    size_t damaged_lines;    /* a last line cut short by a crash is 1 */
    struct gb_run_log *next; /* the launch that resumed it; null: none did */
} gb_run_log;

/** The launch that ended the run, or was the last to be cut off. */
const gb_run_log *gb_run_log_last(const gb_run_log *log);
size_t gb_run_log_launches(const gb_run_log *log);

/** How many nodes were rebooted between two launches of one run. */
size_t gb_session_rebooted(const gb_session *first, const gb_session *later);

/** Where a run puts its records, as they happen. A handle, so that a test can
 *  collect them in memory and the program can append them to files. */
typedef struct gb_record_sink {
    gb_status (*session)(void *ctx, const gb_session *record);
    gb_status (*trial)(void *ctx, const gb_trial_record *record);
    gb_status (*rep)(void *ctx, const gb_rep_record *record);
    gb_status (*idle)(void *ctx, const gb_idle_record *record);
    gb_status (*warning)(void *ctx, const gb_warning *record);
    gb_status (*end)(void *ctx, const gb_end_record *record);
    gb_status (*samples)(void *ctx, const gb_sample *rows, size_t count);
    void *ctx; /* a failure leaves the reason in the sink's own gb_error */
} gb_record_sink;

void gb_recording_fini(gb_recording *recording);
void gb_session_fini(gb_session *session);
void gb_trial_record_fini(gb_trial_record *record);
void gb_rep_record_fini(gb_rep_record *record);
void gb_idle_record_fini(gb_idle_record *record);
void gb_end_record_fini(gb_end_record *record);
void gb_run_log_fini(gb_run_log *log); /* and those after it */
/** Let go of the repetitions and samples, of which a run of thousands of nodes
 *  mostly consists; whoever has reduced them needs them no more. And of those
 *  after it. */
void gb_run_log_drop_readings(gb_run_log *log);

#endif /* GB_MODEL_RECORD_H */
