/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_CONFIG_H
#define GB_MODEL_CONFIG_H

/**
 * @file model/config.h
 * What the user asked for, after flags, environment, suite file and defaults
 * were put in order, and before it is checked against the plugins that exist.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** PAPI events that work everywhere and show a disturbed trial. */
#define GB_COUNTERS_DEFAULT                                                    \
    "perf::CONTEXT-SWITCHES,perf::CPU-MIGRATIONS,perf::PAGE-FAULTS"

/** Where a value came from, for messages: "suite.yaml:14:3", "--param", or
 *  "GREENBENCH_REPEATS". Never null in a filled-in struct. */
typedef struct gb_origin {
    char where[160];
} gb_origin;

/** One parameter as written: one text, several to sweep over, or a range that
 *  planning expands ("8B..4MiB", "1..16*4", "1..10+3"). */
typedef struct gb_config_param {
    char *name;
    char **texts; /* [text_count], >= 1 */
    size_t text_count;
    gb_origin origin;
} gb_config_param;

/** One wish: an id or glob with its parameters. */
typedef struct gb_config_bench {
    char *pattern;           /* "memory.*" */
    gb_config_param *params; /* [param_count] */
    size_t param_count;
    uint32_t repeats;  /* 0: as the whole run */
    double ci_percent; /* 0: as the whole run, but with `repeats` none */
    double min_time_s; /* 0: as the whole run */
    bool optional;     /* skip with a warning where the layout does not fit it,
                          rather than refuse the run */
    gb_origin origin;
} gb_config_bench;

typedef struct gb_config {
    char *suite_name;         /* "default", or of the suite file */
    char *suite_path;         /* nullable */
    gb_config_bench *benches; /* [bench_count] */
    size_t bench_count;
    gb_config_param
        *overrides; /* --param: name is "ID.NAME", ID may be a glob*/
    size_t override_count;
    uint32_t repeats;     /* >= 1, default 10 */
    bool repeats_given;   /* not the default */
    double ci_percent;    /* 0: fixed count; else until the 95 % interval of the
                             performance is this narrow, up to max_repeats */
    uint32_t max_repeats; /* with ci_percent; 0: as planning decides */
    double min_time_s;    /* > 0, default 1 */
    double trial_timeout_s; /* longest step of a trial; 0: none, < 0: default */
    double idle_s;          /* idle window before and after; 0: none */
    char *energy;           /* "auto", "none" or "powercap,hwmon" */
    bool require_energy;
    bool partial_energy; /* perf/W of the metered nodes if not all are */
    double sample_hz;    /* 1 .. 1000, default 10 */
    char *counters;      /* comma-separated, default GB_COUNTERS_DEFAULT; "":
                            none */
    char *claims;        /* path of a claims file; null: none */
    char *output_dir;    /* default "results" */
    bool dry_run;
} gb_config;

void gb_config_fini(gb_config *config);

#endif /* GB_MODEL_CONFIG_H */
