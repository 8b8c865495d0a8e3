/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_SDK_CHECKER_H
#define GB_SDK_CHECKER_H

/**
 * @file sdk/checker.h
 * What the files of this folder share while a plugin is tried.
 */
#include <stdatomic.h>

#include "machine/comm/comm.h"
#include "machine/plugin/meter.h"
#include "sdk/check.h"
#include "sdk/process.h"

/** More than any plugin's defaults need. */
#define GB_CHECK_MEMORY_BYTES ((uint64_t)1 << 30)

/** Written by the process that tries the plugin, read by the one that waits. */
typedef struct gb_shared_check {
    gb_conformance found;
    gb_error usage;         /* status GB_OK unless it could not be tried */
    char step[96];          /* what is being tried: "in run()" */
    atomic_uint step_count; /* grows with each step */
    atomic_bool done;
} gb_shared_check;

typedef struct gb_checker {
    gb_shared_check *shared;
    const gb_plugin *plugin;     /* of a benchmark */
    const gb_meter *meter;       /* of a meter */
    const gb_param_decl *params; /* [param_count] of either */
    size_t param_count;
    gb_comm *comm;         /* of a benchmark */
    gb_process before;     /* this process, before the plugin touched it */
    uint64_t memory_bytes; /* that its instances find */
} gb_checker;

/** Try every rule; in a process of its own, whose standard output is a file. */
void gb_check_plugin(const char *path, const char *setting, int *argc,
                     char ***argv, gb_shared_check *shared);

/** The rules of meters, M102 to M305 (meter.c).
 *  @param setting  what the user says, "host=pdu7;outlet=3"; nullable */
void gb_check_meter(gb_checker *c, const char *setting);

/** The rules P301 to P307 and what a life leaves behind (lives.c). */
void gb_check_lives(gb_checker *c);

/** A step begins; @p step is told if the process does not survive it. */
void gb_check_begin(gb_checker *c, const char *step);
/** The step is over: has the process changed?
 *  @param ended  nothing of the plugin may be left: threads, files, processes
 */
void gb_check_observe(gb_checker *c, bool ended);

/** One line, not too long, without a full stop. */
bool gb_check_is_summary(const char *text);
bool gb_check_is_semver(const char *text);
/** The rules P107, where a host is not as strict, and P201. */
void gb_check_params_of(gb_checker *c);

/** The first finding on a rule stays; a broken one beats the others. */
void gb_check_keep(gb_checker *c, gb_rule rule);
void gb_check_break(gb_checker *c, gb_rule rule, const gb_error *why);
void gb_check_skip(gb_checker *c, gb_rule rule, const char *reason);
void gb_check_status(gb_checker *c, gb_rule rule, gb_status status,
                     const gb_error *why);

#endif /* GB_SDK_CHECKER_H */
