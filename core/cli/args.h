/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_ARGS_H
#define GB_CLI_ARGS_H

/**
 * @file cli/args.h
 * Command lines from a table: parsing, suggestions and --help in one place.
 */
#include "base/error.h"
#include "base/text.h"
#include "pipeline/config/config.h"

typedef struct gb_flag {
    const char *name;    /* "repeats" */
    char letter;         /* 'b'; 0: none */
    const char *metavar; /* "N"; null: a switch */
    const char *help;    /* one line */
} gb_flag;

typedef struct gb_args gb_args;

/** One way to call a program: a subcommand of greenbench, or a program of its
 *  own (`program` set). */
typedef struct gb_command {
    const char *program;  /* null: "greenbench" */
    const char *name;     /* "sensors"; "": the program itself */
    const char *usage;    /* "[--measure DUR] [--json]" */
    const char *summary;  /* one line */
    const char *details;  /* paragraphs for --help; nullable */
    const gb_flag *flags; /* [flag_count] */
    size_t flag_count;
    size_t positional_max;
    int (*run)(const gb_args *args); /* the exit code */
} gb_command;

struct gb_args {
    const gb_command *command;
    gb_option *options; /* [option_count], in the order given */
    size_t option_count;
    const char **positionals; /* [positional_count] */
    size_t positional_count;
    bool help;
    int argc; /* of the whole program, for MPI_Init and the record */
    char **argv;
};

/** @param words  [count], after the command's name; borrowed
 *  @retval GB_ERR_INVALID  unknown flag, missing value, too many words */
gb_status gb_args_parse(const gb_command *command, char **words, size_t count,
                        gb_args *args_out, gb_error *err);
void gb_args_fini(gb_args *args);

/** Value of the last --name given; null if it was not, "" for a switch. */
const char *gb_args_get(const gb_args *args, const char *name);
bool gb_args_has(const gb_args *args, const char *name);

/** `greenbench COMMAND --help`, at most 80 columns. */
void gb_args_help(const gb_command *command, gb_str *out);

#endif /* GB_CLI_ARGS_H */
