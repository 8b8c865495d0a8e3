/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/program.h"
#include "machine/comm/comm.h"
#include "machine/platform/platform.h"

static const gb_command *const commands[] = {
    &gb_command_run,          &gb_command_list,
    &gb_command_sensors,      &gb_command_doctor,
    &gb_command_selftest,     &gb_command_report,
    &gb_command_compare,      &gb_command_claim,
    &gb_command_carbon,       &gb_command_grade,
    &gb_command_score,        &gb_command_validate,
    &gb_command_bundle,       &gb_command_history_add,
    &gb_command_history_list, &gb_command_history_trend,
    &gb_command_history_gate, &gb_command_plugin_check,
    &gb_command_plugin_new,
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

/** The command that the first one or two of @p words name, and how many. */
static const gb_command *find_command(char **words, int count, int *used_out) {
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const char *name = commands[i]->name;
        const size_t first = strcspn(name, " ");
        if (count < 1 || strlen(words[0]) != first ||
            strncmp(name, words[0], first) != 0)
            continue;
        *used_out = name[first] == '\0' ? 1 : 2;
        if (*used_out == 1 ||
            (count > 1 && strcmp(name + first + 1, words[1]) == 0))
            return commands[i];
    }
    return NULL;
}

static int print_version(void) {
    gb_str out = {0};
    gb_str_addf(&out, "greenbench %s%s%s%s\n%s\n", gb_program_version,
                gb_program_git[0] != '\0' ? " (" : "", gb_program_git,
                gb_program_git[0] != '\0' ? ")" : "", gb_program_build);
    return gb_console_print(&out);
}

static int print_help(void) {
    gb_str out = {0};
    gb_str_add(
        &out,
        "usage: mpirun [-n N] greenbench [run] [SUITE.yaml] [options]\n"
        "       greenbench COMMAND [options]\n\n"
        "Runs compute, memory and network benchmarks across MPI ranks while it "
        "reads\nthe energy counters of every node, and reports performance per "
        "watt with its\nuncertainty. Without arguments: the default suite, "
        "about a minute.\n\ncommands:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        gb_str_addf(&out, "  %-14s", commands[i]->name);
        gb_str_add_wrapped(&out, commands[i]->summary, 16, 16, 80);
    }
    gb_str_add(
        &out,
        "\n  -h, --help      this help; 'greenbench help COMMAND' for a "
        "command's options\n  -V, --version   version, build and what it was "
        "built with\n\nexit codes: 0 all ran and verified, 1 a benchmark "
        "failed, 2 usage, 3 measured\nenergy required and not had, 4 "
        "interrupted, 5 internal or output failure,\n6 a claim is not "
        "decided\n");
    return gb_console_print(&out);
}

/** "'plugin check' or 'plugin new'": commands of two words that begin with
 *  @p word. @return how many */
static size_t list_second_words(const char *word, char *out, size_t size) {
    const size_t length = strlen(word);
    size_t count = 0, told = 0, used = 0;

    for (size_t i = 0; i < COMMAND_COUNT; i++)
        count += strncmp(commands[i]->name, word, length) == 0 &&
                 commands[i]->name[length] == ' ';
    for (size_t i = 0; i < COMMAND_COUNT && used < size; i++) {
        if (strncmp(commands[i]->name, word, length) != 0 ||
            commands[i]->name[length] != ' ')
            continue;
        told++;
        used += (size_t)snprintf(out + used, size - used, "%s'%s'",
                                 told == 1       ? ""
                                 : told == count ? " or "
                                                 : ", ",
                                 commands[i]->name);
    }
    return count;
}

/* A word that is no command is taken as a suite file; if there is no such file
 * either, it was more likely a command misspelt. */
static bool plausible_suite(const char *word, bool speaks) {
    const char *names[COMMAND_COUNT];
    gb_error err;
    char hint[80], list[160];
    if (list_second_words(word, list, sizeof(list)) > 0) {
        gb_fail(&err, GB_ERR_INVALID, "'greenbench --help' lists all commands",
                "expected %s, got '%s'", list, word);
        if (speaks)
            gb_console_error(&err);
        return false;
    }
    if (word[0] == '-' || access(word, F_OK) == 0)
        return true;
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = commands[i]->name;
    const char *near = gb_closest(word, names, COMMAND_COUNT);
    if (near == NULL || strchr(word, '.') != NULL || strchr(word, '/') != NULL)
        return true;
    snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
    gb_fail(&err, GB_ERR_INVALID, hint,
            "expected a command or a suite file, got '%s'", word);
    if (speaks)
        gb_console_error(&err);
    return false;
}

static int print_command_help(const gb_command *command) {
    gb_str out = {0};
    gb_args_help(command, &out);
    return gb_console_print(&out);
}

/** `greenbench help COMMAND`. */
static int help_on(char **words, int count, bool speaks) {
    int used = 0;
    const gb_command *command = find_command(words, count, &used);
    gb_error err;

    if (command != NULL && used == count)
        return speaks ? print_command_help(command) : GB_EXIT_OK;
    if (command != NULL || plausible_suite(words[0], speaks)) {
        gb_fail(&err, GB_ERR_INVALID, "'greenbench --help' lists all commands",
                "help: expected a command, got '%s'",
                words[command != NULL ? used : 0]);
        if (speaks)
            gb_console_error(&err);
    }
    return GB_EXIT_USAGE;
}

/* Whoever starts it chooses the code that it loads: with the rights of another
 * it would give these away. */
static bool is_set_id(bool speaks) {
    gb_error err;

    if (getuid() == geteuid() && getgid() == getegid())
        return false;
    gb_fail(&err, GB_ERR_INVALID,
            "take the set-id bits off the file; 'greenbench doctor' says what "
            "counters need instead",
            "expected to run with the rights of its user, got set-id bits: a "
            "program that loads plugins would give its rights to them");
    if (speaks)
        gb_console_error(&err);
    return true;
}

int main(int argc, char **argv) {
    const gb_command *command = &gb_command_run;
    int first = 1;
    const bool speaks = gb_comm_rank_from_environment() == 0;

    /* Ignored by whoever started this, nobody learns how a child ended. */
    (void)signal(SIGCHLD, SIG_DFL);
    /* Of many processes on a node. libpfm alone has 1 MiB of relocations. */
    if (gb_comm_was_launched())
        gb_platform_drop_pages();
    if (is_set_id(speaks))
        return GB_EXIT_USAGE;
    if (argc > 1) {
        int words = 0;
        const gb_command *named = find_command(argv + 1, argc - 1, &words);
        if (strcmp(argv[1], "help") == 0 && argc > 2)
            return help_on(argv + 2, argc - 2, speaks);
        if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
            strcmp(argv[1], "help") == 0)
            return speaks ? print_help() : GB_EXIT_OK;
        if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
            return speaks ? print_version() : GB_EXIT_OK;
        if (named != NULL) {
            command = named;
            first = 1 + words;
        } else if (!plausible_suite(argv[1], speaks)) {
            return GB_EXIT_USAGE;
        }
    }

    gb_args args = {0};
    gb_error err = {0};
    gb_status status = gb_args_parse(command, argv + first,
                                     (size_t)(argc - first), &args, &err);
    if (status != GB_OK) {
        if (speaks)
            gb_console_error(&err);
        return GB_EXIT_USAGE;
    }
    args.argc = argc;
    args.argv = argv;

    int code = GB_EXIT_OK;
    if (!args.help)
        code = command->run(&args);
    else if (speaks)
        code = print_command_help(command);
    gb_args_fini(&args);
    return code;
}
