/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_CONFORMANCE_H
#define GB_MODEL_CONFORMANCE_H

/**
 * @file model/conformance.h
 * What every plugin promises, as numbered rules, and how one plugin kept them.
 * A number is never given to another rule: docs/plugin-guide.md explains each.
 */
#include <stdbool.h>

/** X(name, number, promise) */
#define GB_RULE_MAP(X)                                                         \
    X(LOADS, "P101", "the host can load it")                                   \
    X(EXPORTS, "P102", "it exports greenbench_plugin and nothing else")        \
    X(ABI, "P103", "its descriptor has this host's ABI")                       \
    X(OPS, "P104", "it has create, prepare, run and destroy")                  \
    X(TEXTS, "P105",                                                           \
      "id, version, summary and work unit are told, in one "                   \
      "line each")                                                             \
    X(ID, "P106", "its id is sound, and its file is named after it")           \
    X(PARAMS, "P107", "its parameters are declared soundly")                   \
    X(DEFAULTS, "P108", "every default is a value that is accepted")           \
    X(NEEDS, "P109", "it needs only extensions that this host offers")         \
    X(RANKS, "P110", "its ranks and flags are ones that the host knows")       \
    X(REFUSES, "P201", "bad values are refused before create()")               \
    X(ACCEPTS, "P202",                                                         \
      "create() takes every word and both ends of every "                      \
      "range, or says why not")                                                \
    X(SURVIVES, "P301", "it neither crashes, hangs nor ends the process")      \
    X(LIVES, "P302", "it runs and verifies with 1 thread and with 3")          \
    X(WORK, "P303", "its work grows with the iterations")                      \
    X(MEMORY, "P304", "it gives back every byte that it was lent")             \
    X(VERIFIES, "P305", "verify() fails when the numbers are spoilt")          \
    X(TIME, "P306",                                                            \
      "its time grows with the iterations, and is the same in "                \
      "each call")                                                             \
    X(WORD, "P307", "verify() fails when one word of each array is wrong")     \
    X(SILENT, "P401", "it prints nothing on standard output")                  \
    X(SIGNALS, "P402", "it leaves signal handlers and masks alone")            \
    X(LOCALE, "P403", "it leaves the locale alone")                            \
    X(UMASK, "P404", "it leaves the umask alone")                              \
    X(FLOATS, "P405", "it leaves rounding and floating-point modes alone")     \
    X(AFFINITY, "P406", "it leaves the affinity of threads alone")             \
    X(ENVIRONMENT, "P407", "it leaves the environment alone")                  \
    X(FOLDER, "P408", "it leaves the working directory alone")                 \
    X(THREADS, "P409", "it leaves no threads behind")                          \
    X(FILES, "P410", "it leaves no open files behind")                         \
    X(CHILDREN, "P411", "it leaves no processes behind")                       \
    X(COMMUNICATOR, "P501", "its communicator is as it was lent")              \
    X(MESSAGES, "P502", "it leaves no message unreceived")

typedef enum gb_rule {
#define GB_RULE_CONSTANT(name, number, promise) GB_RULE_##name,
    GB_RULE_MAP(GB_RULE_CONSTANT)
#undef GB_RULE_CONSTANT
        GB_RULE_COUNT
} gb_rule;

typedef enum gb_verdict {
    GB_VERDICT_UNTRIED, /* `what` says why, if it is told */
    GB_VERDICT_KEPT,
    GB_VERDICT_BROKEN, /* `what` says how, `hint` what to do */
} gb_verdict;

typedef struct gb_rule_finding {
    gb_verdict verdict;
    char what[320]; /* "" if kept */
    char hint[240]; /* "" : none */
} gb_rule_finding;

typedef struct gb_conformance {
    char path[4096];
    char id[64], version[64]; /* "" if the descriptor could not be read */
    int ranks;                /* it was tried on so many */
    double took_s;
    gb_rule_finding findings[GB_RULE_COUNT];
} gb_conformance;

const char *gb_rule_number(gb_rule rule);  /* "P301" */
const char *gb_rule_promise(gb_rule rule); /* what a plugin promises */
const char *gb_verdict_name(gb_verdict v); /* "kept", "broken", "untried" */
/** How many rules have that verdict. */
unsigned gb_conformance_count(const gb_conformance *c, gb_verdict verdict);

#endif /* GB_MODEL_CONFORMANCE_H */
