/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_SDK_TRIAL_H
#define GB_SDK_TRIAL_H

/**
 * @file sdk/trial.h
 * One instance of a plugin under observation: which blocks it holds, so that
 * they can be spoilt under it.
 */
#include <stdbool.h>
#include <stdint.h>

#include "machine/comm/comm.h"
#include "machine/platform/pace.h"
#include "machine/platform/team.h"
#include "machine/plugin/plugin.h"

typedef struct gb_trial {
    const gb_plugin *plugin;
    uint32_t flags; /* of the plugin */
    gb_comm *comm;
    gb_team *team;
    gb_pace pace;
    const void *ext_mpi;
    gb_plan_case planned;
    gb_plugin_run *run;
} gb_trial;

/** The machine that the instance finds, and its parameters. */
typedef struct gb_trial_setup {
    uint32_t thread_count; /* of the team */
    uint64_t memory_bytes;
    const char *text; /* instead of a default; null: all have theirs */
    size_t changed;   /* index of the parameter that takes `text` */
} gb_trial_setup;

/** Everything up to and including create(); collective. */
gb_status gb_trial_create(const gb_plugin *plugin, gb_comm *comm,
                          const gb_trial_setup *setup, gb_trial *trial,
                          gb_error *err);
gb_status gb_trial_prepare(gb_trial *trial, gb_error *err);
/** @param[out] done_out  of all ranks together */
gb_status gb_trial_call(gb_trial *trial, uint64_t iterations, double *done_out,
                        gb_error *err);
gb_status gb_trial_verify(gb_trial *trial, gb_error *err);
/** Change every byte of every block that prepare() took and still holds.
 *  @return bytes changed */
uint64_t gb_trial_spoil(gb_trial *trial);
/** Change one word, another for each @p seed, in each block that prepare() took
 *  and still holds.
 *  @return words changed */
uint64_t gb_trial_spoil_words(gb_trial *trial, uint64_t seed);
/** destroy(). @param[out] kept_bytes_out  not given back */
gb_status gb_trial_end(gb_trial *trial, uint64_t *kept_bytes_out,
                       gb_error *err);
/** What gb_trial_create() made; after it failed, too. */
void gb_trial_fini(gb_trial *trial);

#endif /* GB_SDK_TRIAL_H */
