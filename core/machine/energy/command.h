/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_COMMAND_H
#define GB_MACHINE_ENERGY_COMMAND_H

/**
 * @file machine/energy/command.h
 * Run a program that prints readings and take what it printed. For slow sources
 * only: it blocks, up to its time-out. Private to machine/energy.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/**
 * Run @p argv without a shell: standard input empty, standard output into
 * @p out, the beginning of standard error into the error text. The program
 * starts in a process group of its own, with no signal blocked, and inherits
 * only descriptors that are not close-on-exec. When it has ended, or at the
 * time-out, all that is left of its group is killed; nothing stays behind,
 * except what made itself a session of its own. Safe from any thread.
 *
 * @param argv       [.. null]; argv[0] without '/' is looked for in PATH
 * @param timeout_s  > 0; until it has ended and closed its output
 * @param[out] out   [size], null-terminated; on failure what came until then
 * @retval GB_ERR_NOT_FOUND    no such program
 * @retval GB_ERR_PERMISSION   it may not be executed
 * @retval GB_ERR_INTERRUPTED  it did not end in time and was killed
 * @retval GB_ERR_RANGE        it printed more than size - 1 bytes, and was
 *                             killed
 * @retval GB_ERR_IO           it ended with another exit code than 0 or by a
 *                             signal, or could not be started
 */
gb_status gb_command_capture(const char *const *argv, double timeout_s,
                             char *out, size_t size, gb_error *err);

/** True if @p program is an executable file, by PATH unless it has a '/'. */
bool gb_command_exists(const char *program);

#endif /* GB_MACHINE_ENERGY_COMMAND_H */
