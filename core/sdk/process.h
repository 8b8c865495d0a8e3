/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_SDK_PROCESS_H
#define GB_SDK_PROCESS_H

/**
 * @file sdk/process.h
 * What of a process a plugin must leave alone, recorded before and after.
 */
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/error.h"
#include "model/conformance.h"

enum { GB_SIGNALS = 65, GB_FILES_SEEN = 1024, GB_CPUS_SEEN = 8192 };

/** Rounding, masks and flush-to-zero of one thread; not the flags that each
 *  operation raises. */
typedef struct gb_float_modes {
    int rounding;
    unsigned long control;
} gb_float_modes;

typedef struct gb_affinity {
    unsigned long mask[GB_CPUS_SEEN / (8 * sizeof(unsigned long))];
} gb_affinity;

typedef struct gb_process {
    struct sigaction actions[GB_SIGNALS];
    sigset_t blocked;
    char locale[512];
    mode_t file_mask;
    gb_float_modes floats;
    gb_affinity affinity;
    char **environment; /* null-terminated, malloc'ed */
    char folder[4096];
    unsigned thread_count, child_count;
    unsigned char open_files[GB_FILES_SEEN]; /* 1: open */
    off_t printed_bytes;                     /* on standard output, a file */
} gb_process;

/** @retval GB_ERR_NO_MEMORY, GB_ERR_IO */
gb_status gb_process_record(gb_process *out, gb_error *err);
void gb_process_fini(gb_process *process);

/**
 * Is what @p rule, GB_RULE_SILENT .. GB_RULE_CHILDREN, speaks of the same in
 * both? @return GB_OK, or GB_ERR_INVALID with what differs
 */
gb_status gb_process_same(const gb_process *before, const gb_process *after,
                          gb_rule rule, gb_error *err);

/** Of the calling thread. */
gb_float_modes gb_float_modes_now(void);
gb_affinity gb_affinity_now(void);
unsigned gb_thread_count_now(void); /* of this process */

/** End the processes that this one started since @p before. */
void gb_process_end_children(const gb_process *before);

#endif /* GB_SDK_PROCESS_H */
