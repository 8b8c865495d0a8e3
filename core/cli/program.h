/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_PROGRAM_H
#define GB_CLI_PROGRAM_H

/**
 * @file cli/program.h
 * The program itself: its version, where it lies, and how it was started.
 */
#include <limits.h>

#include "base/error.h"
#include "base/sysroot.h"
#include "base/text.h"
#include "model/record.h"

extern const char gb_program_version[]; /* "0.1.0" */
extern const char gb_program_git[];     /* "1a2b3c4d", "" if unknown */
extern const char gb_program_build[];   /* compiler, build type, features */

/** Absolute path of this executable. */
gb_status gb_program_path(char *path, size_t size, gb_error *err);

/** The folder above the program's own: the prefix that it is installed to, or
 *  its build folder. */
gb_status gb_program_prefix(char *path, size_t size, gb_error *err);

/** Room for what gb_program_share() says. */
enum { GB_PROGRAM_SHARE_SIZE = PATH_MAX + 64 };

/** "<prefix>/share/greenbench/<name>", where the build and `cmake --install`
 * put what the program reads; it may be missing. @p size >=
 * GB_PROGRAM_SHARE_SIZE */
gb_status gb_program_share(const char *name, char *path, size_t size,
                           gb_error *err);

/** The root of /sys, /proc and /dev: GREENBENCH_SYSROOT or the machine. */
gb_status gb_program_sysroot(gb_sysroot **root_out, gb_error *err);

/** What the environment says about an energy source: GREENBENCH_EXTERNAL for
 *  "external"; null: nothing. */
const char *gb_program_energy_setting(const char *source);

/** The batch job this process is part of, from the environment; all empty if
 *  none. Its node list is malloc'ed. */
gb_status gb_program_job(gb_job *job_out, gb_error *err);

/** "slurm job 4711, queue cpu, nodes n[0-3]"; "" if none. */
void gb_program_job_text(const gb_job *job, char *out, size_t size);

/** What the program knows of itself and of its launch, into a session that
 *  begins: version, scheduler, command line, start, and GREENBENCH_SYSROOT.
 *  @retval GB_ERR_NO_MEMORY */
gb_status gb_program_describe(int argc, char **argv, gb_session *session,
                              gb_error *err);

/** The command line as a shell would take it; malloc'ed, null: no memory. */
char *gb_program_command_line(int argc, char **argv);

#endif /* GB_CLI_PROGRAM_H */
