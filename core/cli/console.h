/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_CONSOLE_H
#define GB_CLI_CONSOLE_H

/**
 * @file cli/console.h
 * The only printing there is: results on stdout, everything else on stderr, and
 * that on one rank.
 */
#include <stdbool.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/args.h"
#include "pipeline/report/report.h"

/** Exit codes of DESIGN.md §6. */
enum {
    GB_EXIT_OK = 0,
    GB_EXIT_FAILED = 1,      /* a benchmark failed or verified wrong */
    GB_EXIT_USAGE = 2,       /* before anything ran */
    GB_EXIT_NO_ENERGY = 3,   /* measured energy required and not had */
    GB_EXIT_INTERRUPTED = 4, /* partial results are kept */
    GB_EXIT_UNDECIDED = 6,   /* claim: nothing refuted, something undecided */
    GB_EXIT_INTERNAL = 5,    /* internal or MPI failure, or unwritable output */
};

/** True if what this process writes to @p fd (1 or 2) ends on a terminal. Under
 *  mpirun the ranks' own descriptors say nothing: mpirun's are asked. */
bool gb_console_is_terminal(int fd);

/** Colours for stdout: on a terminal, unless NO_COLOR is set. */
gb_report_style gb_console_style(void);

/** The name before each message: "greenbench" unless a program of its own says
 *  another. @param name  borrowed for ever */
void gb_console_set_program(const char *name);

/** "greenbench: <what>" and "  hint: <hint>" on stderr. A failure of another
 *  rank than 0 names it. */
void gb_console_error(const gb_error *err);

/** Print and reset @p text. Out of memory or a failed write is an error.
 *  @return the exit code: 0 or GB_EXIT_INTERNAL */
int gb_console_print(gb_str *text);

/** As gb_console_print(), for a malloc'ed text such as an encoder gives; frees
 *  it. Null means that memory ran out. */
int gb_console_print_owned(char *text);

/** What @p source makes of @p what, printed while it is made. */
int gb_console_print_by(gb_text_source source, const void *what);

/** The exit code for a failure before anything ran. */
int gb_console_exit_code(gb_status status);

/** How much is told on stderr beside warnings and errors. */
typedef enum gb_voice {
    GB_VOICE_NORMAL,
    GB_VOICE_QUIET,   /* nothing */
    GB_VOICE_VERBOSE, /* each repetition has a line of its own that stays */
} gb_voice;

/** The rows of a command's table of flags. */
#define GB_VOICE_FLAGS(quiet, verbose)                                         \
    {"quiet", 'q', NULL, quiet}, {                                             \
        "verbose", 'v', NULL, verbose                                          \
    }

/** The last of --quiet and --verbose. */
gb_voice gb_voice_of(const gb_args *args);

/** Sink for warnings and progress: warnings in full, progress on one line that
 *  is rewritten on a terminal, or a line for each step elsewhere. */
typedef struct gb_console {
    bool terminal;
    gb_voice voice;
    bool line_open; /* a progress line stands on the terminal */
    void (*warned)(void *ctx, const char *code, const char *what,
                   const char *hint); /* nullable: also told of warnings */
    void *warned_ctx;
} gb_console;

void gb_console_init(gb_console *console);
gb_log gb_console_log(gb_console *console);
/** Take the progress line away. */
void gb_console_clear(gb_console *console);

#endif /* GB_CLI_CONSOLE_H */
