/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_GRADING_H
#define GB_MODEL_GRADING_H

/**
 * @file model/grading.h
 * How far the power measurement of one solve meets the methodology of the
 * Energy Efficient HPC Working Group (EE HPC WG,
 * https://github.com/EEHPCWG/PowerMeasurementMethodology): a level for each of
 * its aspects, and the lowest of them for the whole. NAN: not known.
 */
#include <stdbool.h>
#include <stddef.h>

#include "model/result.h"
#include "model/stated.h"

/** X(NAME, "word"): the texts whose requirements there are. */
#define GB_METHODOLOGY_MAP(X)                                                  \
    X(1_2, "1.2")                                                              \
    X(2_0, "2.0")                                                              \
    X(3_0, "3.0-draft")

typedef enum gb_methodology {
#define GB_METHODOLOGY_ENUM(name, word) GB_METHODOLOGY_##name,
    GB_METHODOLOGY_MAP(GB_METHODOLOGY_ENUM)
#undef GB_METHODOLOGY_ENUM
        GB_METHODOLOGY_COUNT
} gb_methodology;

/** X(NAME, "number", "name"): as the methodology counts them. */
#define GB_ASPECT_MAP(X)                                                       \
    X(GRANULARITY, "1a", "granularity")                                        \
    X(TIMING, "1b", "timing")                                                  \
    X(VALUES, "1c", "reported values")                                         \
    X(FRACTION, "2", "machine fraction")                                       \
    X(SUBSYSTEMS, "3", "subsystems")                                           \
    X(LOCATION, "4", "point of measurement")                                   \
    X(ACCURACY, "4b", "meter accuracy")

typedef enum gb_aspect {
#define GB_ASPECT_ENUM(name, number, word) GB_ASPECT_##name,
    GB_ASPECT_MAP(GB_ASPECT_ENUM)
#undef GB_ASPECT_ENUM
        GB_ASPECT_COUNT
} gb_aspect;

/** Where the power was measured, worst first. */
#define GB_POINT_MAP(X)                                                        \
    X(NONE, "none")             /* there is no power */                        \
    X(ESTIMATED, "estimated")   /* modelled, not measured */                   \
    X(FOREIGN, "foreign")       /* replayed or simulated: of no such run */    \
    X(COMPONENT, "component")   /* RAPL, GPU, rails: parts of a node */        \
    X(DOWNSTREAM, "downstream") /* whole node, behind its power supply */      \
    X(CONTROLLER, "controller") /* its input, as its own controller says */    \
    X(UPSTREAM, "upstream")     /* before any conversion: PDU, meter */

typedef enum gb_point {
#define GB_POINT_ENUM(name, word) GB_POINT_##name,
    GB_POINT_MAP(GB_POINT_ENUM)
#undef GB_POINT_ENUM
} gb_point;

/** Nodes of one type. */
typedef struct gb_node_set {
    char type[96]; /* the processor */
    size_t nodes, metered;
    double metered_w; /* power of the metered ones in the core phase */
} gb_node_set;
enum { GB_NODE_SETS = 16 };

/** What is graded. */
typedef struct gb_grade_facts {
    gb_point point;
    bool counter;    /* energy is counted by the meter, not power integrated */
    double update_s; /* between the meter's own values; 0: not documented */
    double core_s;   /* core phase */
    size_t readings; /* that lie wholly inside it, the fewest of any meter */
    double interval_s;     /* longest time between two of them */
    double uncovered_s[2]; /* of the core phase, before the first and after the
                              last reading, at most */
    bool full_run, idle;   /* their power is there */
    size_t nodes, metered; /* that ran, and those with power */
    double metered_w;
    double least_share;   /* metered share of the set that has the least */
    bool chosen_randomly; /* the metered ones; of no matter if all are */
    bool interconnect;    /* it takes part, and is not metered */
    /* As stated, not measured. */
    gb_part interconnect_by, others;
    gb_conversion_loss loss;
    size_t system_nodes; /* of the whole system; 0: not stated */
    bool stated_accuracy, stated_update;
    size_t meters;
    double accuracy; /* of the worst meter, relative bound; NAN: undocumented */
    bool identical;  /* all meters see the same share of the machine */
} gb_grade_facts;

typedef struct gb_aspect_grade {
    unsigned level;    /* 0: none */
    char reason[320];  /* why it is this one */
    char missing[320]; /* for the next level; "" at the highest */
} gb_aspect_grade;

typedef struct gb_grades {
    unsigned level;    /* the lowest of all aspects; 0: none */
    bool invalid;      /* of no level whatever the meters: see `reason` */
    char label[24];    /* "component-level", "estimated"; "" : none needed */
    gb_aspect weakest; /* the first of those with the lowest level */
    char reason[320];
    gb_aspect_grade aspects[GB_ASPECT_COUNT];
} gb_grades;

/** One meter, as a submission names it. */
typedef struct gb_graded_meter {
    char source[16], name[64];
    gb_energy_scope scope;
    gb_reading_kind kind;
    double accuracy; /* relative bound, u * sqrt(3); NAN: undocumented */
    double update_s; /* 0: undocumented */
    size_t nodes;    /* that have one like it */
    const gb_stated_meter *stated; /* borrowed; null: nothing is stated */
} gb_graded_meter;
enum { GB_GRADED_METERS = 32 };

/** What a submission tells, with what is stated beside what was measured. */
typedef struct gb_submission {
    double nodes_w, nodes_u_w; /* of all nodes, before conversion; NAN */
    double parts_w;            /* of stated subsystems */
    double power_w;            /* of both; NAN: none */
    double efficiency, efficiency_u;
    char reason[320]; /* why there is none; "" */
} gb_submission;

/** A repetition of a benchmark with the power of its own window. */
typedef struct gb_grading {
    gb_methodology methodology;
    const gb_session *session;        /* borrowed: of its launch */
    const gb_plan_case *planned;      /* borrowed */
    const gb_reduced_case *reduced;   /* borrowed: its notes */
    const gb_result *result;          /* borrowed */
    const gb_bench_result *bench;     /* borrowed */
    uint32_t repetition, repetitions; /* the fastest of so many valid ones */
    uint64_t begin_utc_ns;            /* 0: not told */
    double performance, work;         /* of that repetition */
    double efficiency, efficiency_u;  /* per watt of the core phase; NAN */
    char efficiency_reason[320];      /* why there is none; "" */
    gb_energy_figure core, full;
    double core_w, core_u_w, full_w, full_u_w, idle_w, idle_u_w;
    double node_cv; /* of the nodes' power; NAN: fewer than 2 */
    double lambda;  /* half width of the 95 % interval of the mean power of all
                       nodes, of 1: from those that were metered. 0: all were;
                       NAN: fewer than 2 were */
    const gb_stated *stated;        /* borrowed; null: nothing is stated */
    gb_submission submission;       /* where something is stated */
    gb_node_set sets[GB_NODE_SETS]; /* [set_count] */
    size_t set_count;
    double extrapolated_w; /* to all nodes; NAN: not needed, or not
                              possible */
    gb_graded_meter meters[GB_GRADED_METERS]; /* [meter_count] */
    size_t meter_count;
    gb_grade_facts facts;
    gb_grades grades;
} gb_grading;

const char *gb_methodology_name(gb_methodology methodology);
/** Inverse; false, and @p out untouched, for unknown text. */
bool gb_methodology_from_name(const char *name, gb_methodology *out);
const char *gb_aspect_number(gb_aspect aspect); /* "1a" */
const char *gb_aspect_name(gb_aspect aspect);   /* "granularity" */
const char *gb_point_name(gb_point point);

/** Power is of whole nodes behind their supplies, whose loss is stated. */
bool gb_grade_loss_applies(const gb_grade_facts *facts);

#endif /* GB_MODEL_GRADING_H */
