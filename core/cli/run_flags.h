/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_RUN_FLAGS_H
#define GB_CLI_RUN_FLAGS_H

/**
 * @file cli/run_flags.h
 * The options of `greenbench run`. For run_command.c alone.
 */
#include "cli/args.h"
#include "cli/console.h"
#include "cli/load.h"

static const gb_flag gb_run_flags[] = {
    {"bench", 'b', "ID[,ID...]",
     "these benchmarks only; globs work: 'memory.*'; repeatable"},
    {"suite", 0, "NAME",
     "a suite that comes with greenbench: quick, default (without --bench), "
     "full, green500, network, precise"},
    {"param", 'p', "ID.NAME=VALUE",
     "set a parameter; a list A,B,C or a range A..B sweeps; repeatable"},
    {"repeats", 0, "N", "repetitions of each benchmark (default 10)"},
    {"ci", 0, "PCT",
     "repeat until the 95 % interval is at most so wide either side"},
    {"max-repeats", 0, "N",
     "with --ci: give up after so many (default ten times --repeats)"},
    {"min-time", 0, "DUR", "shortest timed call (default 1s)"},
    {"trial-timeout", 0, "DUR",
     "longest step of a benchmark: preparing, one call, verifying (default 1h, "
     "of a solve 24h; 0: none); between benchmarks at least 10s"},
    {"idle", 0, "DUR",
     "length of the idle windows before and after (default 2s; 0: none)"},
    {"energy", 'e', "SOURCE[,..]",
     "auto (default), none, or sources, best first: meter, external, powercap, "
     "perf, hwmon, cray_pm, nvml, rocm, papi, redfish, ipmi, replay, model; "
     "SOURCE=SETTING tells one what it needs"},
    {"require-energy", 0, NULL, "exit 3 unless energy is measured"},
    {"partial-energy", 0, NULL,
     "where only some nodes can be metered, give their performance per watt"},
    {"sample-hz", 0, "HZ", "energy samples per second (default 10)"},
    {"counters", 0, "LIST",
     "PAPI events to count on each rank ('' for none; default context "
     "switches, migrations, page faults)"},
    {"claims", 0, "FILE",
     "claims that this run is to support: their SHA-256 goes into the plan, so "
     "that 'greenbench claim' can decide them"},
    {"output", 'o', "DIR",
     "where the run's directory is made (default results)"},
    {"resume", 0, "RUNDIR",
     "finish a run that was cut off: what is missing of its own plan, on the "
     "machine it began on"},
    GB_LOAD_FLAGS,
    {"isolate", 0, NULL,
     "run plugins in a child process: one that crashes or hangs costs its own "
     "trial; under mpirun each is tried in one first"},
    GB_VOICE_FLAGS("tell nothing but the table, warnings and errors",
                   "tell of each repetition, and below the table what its "
                   "figures rest on"),
    {"dry-run", 0, NULL, "check everything, print the plan, run nothing"},
};

#endif /* GB_CLI_RUN_FLAGS_H */
