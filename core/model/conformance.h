/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_CONFORMANCE_H
#define GB_MODEL_CONFORMANCE_H

/**
 * @file model/conformance.h
 * What every plugin promises, as numbered rules, and how one plugin kept them.
 * A number is never given to another rule: docs/plugin-guide.md explains each.
 */
#include <stdbool.h>

typedef enum gb_plugin_kind {
    GB_KIND_BENCHMARK,
    GB_KIND_METER,
} gb_plugin_kind;

/** X(name, number, kinds, promise); kinds is B: for benchmarks, M: for meters,
 *  or both. */
#define GB_RULE_MAP(X)                                                         \
    X(LOADS, "P101", B | M, "the host can load it")                            \
    X(EXPORTS, "P102", B | M, "it exports its descriptor and nothing else")    \
    X(ABI, "P103", B | M, "its descriptor has this host's ABI")                \
    X(OPS, "P104", B, "it has create, prepare, run and destroy")               \
    X(TEXTS, "P105", B,                                                        \
      "id, version, summary and work unit are told, in one line each")         \
    X(ID, "P106", B | M, "its id is sound, and its file is named after it")    \
    X(PARAMS, "P107", B | M, "its parameters are declared soundly")            \
    X(DEFAULTS, "P108", B | M, "every default is a value that is accepted")    \
    X(NEEDS, "P109", B, "it needs only extensions that this host offers")      \
    X(RANKS, "P110", B, "its ranks and flags are ones that the host knows")    \
    X(REFUSES, "P201", B | M, "bad values are refused before it sees them")    \
    X(ACCEPTS, "P202", B,                                                      \
      "create() takes every word and both ends of every range, "               \
      "or says why not")                                                       \
    X(SURVIVES, "P301", B | M,                                                 \
      "it neither crashes, hangs nor ends the process")                        \
    X(LIVES, "P302", B, "it runs and verifies with 1 thread and with 3")       \
    X(WORK, "P303", B, "its work grows with the iterations")                   \
    X(MEMORY, "P304", B | M, "it gives back every byte that it was lent")      \
    X(VERIFIES, "P305", B, "verify() fails when the numbers are spoilt")       \
    X(TIME, "P306", B,                                                         \
      "its time grows with the iterations, and is the same in each call")      \
    X(WORD, "P307", B, "verify() fails when one word of each array is wrong")  \
    X(SILENT, "P401", B | M, "it prints nothing on standard output")           \
    X(SIGNALS, "P402", B | M, "it leaves signal handlers and masks alone")     \
    X(LOCALE, "P403", B | M, "it leaves the locale alone")                     \
    X(UMASK, "P404", B | M, "it leaves the umask alone")                       \
    X(FLOATS, "P405", B | M,                                                   \
      "it leaves rounding and floating-point modes alone")                     \
    X(AFFINITY, "P406", B | M, "it leaves the affinity of threads alone")      \
    X(ENVIRONMENT, "P407", B | M, "it leaves the environment alone")           \
    X(FOLDER, "P408", B | M, "it leaves the working directory alone")          \
    X(THREADS, "P409", B | M, "it leaves no threads behind")                   \
    X(FILES, "P410", B | M, "it leaves no open files behind")                  \
    X(CHILDREN, "P411", B | M, "it leaves no processes behind")                \
    X(COMMUNICATOR, "P501", B, "its communicator is as it was lent")           \
    X(MESSAGES, "P502", B, "it leaves no message unreceived")                  \
    X(METER_OPS, "M101", M, "it has open, domains, read and close")            \
    X(METER_TEXTS, "M102", M,                                                  \
      "id, version and summary are told, in one line each")                    \
    X(METER_FLAGS, "M103", M, "its flags are ones that the host knows")        \
    X(METER_SECRETS, "M104", M, "no parameter of it asks for a secret")        \
    X(METER_ACCEPTS, "M201", M,                                                \
      "open() takes every word and both ends of every range, or says why not") \
    X(METER_LIVES, "M301", M, "it opens, reads and closes, twice")             \
    X(METER_DOMAINS, "M302", M,                                                \
      "its domains are declared soundly, and each time alike")                 \
    X(METER_READINGS, "M303", M,                                               \
      "a reading is within what was declared, or says why there is none")      \
    X(METER_MONOTONE, "M304", M, "a counter never falls, but where it wraps")  \
    X(METER_QUICK, "M305", M,                                                  \
      "read() takes 1 ms at most, unless it is said to be slow")

typedef enum gb_rule {
#define GB_RULE_CONSTANT(name, number, kinds, promise) GB_RULE_##name,
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
    gb_plugin_kind kind;      /* BENCHMARK if it could not be told */
    int ranks;                /* it was tried on so many */
    double took_s;
    gb_rule_finding findings[GB_RULE_COUNT];
} gb_conformance;

const char *gb_rule_number(gb_rule rule);  /* "P301" */
const char *gb_rule_promise(gb_rule rule); /* what a plugin promises */
const char *gb_verdict_name(gb_verdict v); /* "kept", "broken", "untried" */
bool gb_rule_applies(gb_rule rule, gb_plugin_kind kind);
const char *gb_plugin_kind_name(gb_plugin_kind kind); /* "benchmark", "meter" */
/** How many rules of its kind have that verdict. */
unsigned gb_conformance_count(const gb_conformance *c, gb_verdict verdict);

#endif /* GB_MODEL_CONFORMANCE_H */
