/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_METER_COMMAND_H
#define GB_MACHINE_ENERGY_METER_COMMAND_H

/**
 * @file machine/energy/meter_command.h
 * A program that prints a meter's readings: one that goes on printing, or one
 * that prints once, ends and is run again. Private to machine/energy.
 */
#include <sys/types.h>

#include "base/clock.h"
#include "machine/energy/meter_text.h"

typedef struct gb_meter_command {
    char text[256];     /* for /bin/sh -c */
    pid_t pid;          /* of its process group too; -1: not running */
    int out_fd, err_fd; /* of its output; -1: closed */
    uint64_t started_ns, spoke_ns;
    bool spoke;    /* a line came since it was started */
    bool failed;   /* the last one ended with an error, or said nothing */
    int exit_code; /* of the last one; 128 + signal */
    gb_line_buffer lines;
    char complaint[160]; /* the begin of what it wrote on standard error */
    size_t complaint_length;
} gb_meter_command;

/**
 * Run it: in a process group of its own, with no input, and no signal blocked.
 * @retval GB_ERR_IO  it cannot be started
 */
gb_status gb_meter_command_start(gb_meter_command *command,
                                 const gb_clock *clock, gb_error *err);

/** Prepare @p text to be started. */
void gb_meter_command_init(gb_meter_command *command, const char *text);

/** The next whole line, valid until the next call; null: none so far. Never
 *  blocks, but for half a second to end a program that closed its output and
 *  lives on. */
const char *gb_meter_command_next(gb_meter_command *command,
                                  const gb_clock *clock);

/** End its process group: SIGTERM, and SIGKILL half a second later. */
void gb_meter_command_stop(gb_meter_command *command);

#endif /* GB_MACHINE_ENERGY_METER_COMMAND_H */
