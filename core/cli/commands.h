/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_COMMANDS_H
#define GB_CLI_COMMANDS_H

/**
 * @file cli/commands.h
 * The subcommands. All but `run` use no MPI: under mpirun rank 0 answers and
 * the others leave at once.
 */
#include "cli/args.h"

extern const gb_command gb_command_run;
extern const gb_command gb_command_list;
extern const gb_command gb_command_sensors;
extern const gb_command gb_command_doctor;
extern const gb_command gb_command_selftest;
extern const gb_command gb_command_report;
extern const gb_command gb_command_compare;
extern const gb_command gb_command_claim;
extern const gb_command gb_command_carbon;
extern const gb_command gb_command_grade;
extern const gb_command gb_command_score;
extern const gb_command gb_command_validate;
extern const gb_command gb_command_bundle;
extern const gb_command gb_command_history_add;
extern const gb_command gb_command_history_list;
extern const gb_command gb_command_history_trend;
extern const gb_command gb_command_history_gate;
extern const gb_command gb_command_plugin_check;
extern const gb_command gb_command_plugin_new;

#endif /* GB_CLI_COMMANDS_H */
