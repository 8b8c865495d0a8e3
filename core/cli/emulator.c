/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench-emulator: machines with energy counters that do not exist, whose
 * true energy is known. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "cli/args.h"
#include "cli/console.h"
#include "cli/program.h"
#include "emulator/machine.h"
#include "emulator/serve.h"
#include "emulator/tree.h"

#define PROGRAM "greenbench-emulator"

static int fail(const gb_error *err) {
    gb_console_error(err);
    return gb_console_exit_code(err->status);
}

/* --- --truth -------------------------------------------------------------- */

static gb_status check_instant(const char *text, gb_error *err) {
    uint64_t ns = 0;
    if (text != NULL && gb_parse_u64(text, &ns, NULL) == GB_OK)
        return GB_OK;
    return gb_fail(err, GB_ERR_INVALID,
                   "for example " PROGRAM " --truth MOUNT/MACHINE T0 T1",
                   "--truth: expected two instants in ns of CLOCK_MONOTONIC, "
                   "got '%s'",
                   text != NULL ? text : "nothing");
}

static int print_truth(const gb_args *args) {
    const char *machine = gb_args_get(args, "truth");
    gb_error err = {.rank = -1};
    gb_str out = {0};
    char path[1024], part[4096];
    gb_status status = GB_OK;
    for (size_t i = 0; i < 2 && status == GB_OK; i++)
        status = check_instant(
            i < args->positional_count ? args->positionals[i] : NULL, &err);
    if (status != GB_OK)
        return fail(&err);

    snprintf(path, sizeof(path), "%s/.emulator", machine);
    if (access(path, F_OK) != 0) {
        gb_fail(&err, GB_ERR_NOT_FOUND, "is the emulator running?",
                "expected an emulated machine, got '%s'", machine);
        return fail(&err);
    }
    snprintf(path, sizeof(path), "%s/.emulator/truth/%s-%s", machine,
             args->positionals[0], args->positionals[1]);
    FILE *file = fopen(path, "r");
    size_t got = 0;
    errno = ENOENT;
    while (file != NULL && (got = fread(part, 1, sizeof(part), file)) > 0)
        gb_str_addn(&out, part, got);
    if (file == NULL || ferror(file) != 0) {
        gb_fail_os(&err, GB_ERR_RANGE,
                   "both ends lie after the emulator's start and before now, "
                   "the first before the second",
                   "no truth for %s to %s", args->positionals[0],
                   args->positionals[1]);
        gb_str_fini(&out);
    }
    if (file != NULL)
        fclose(file);
    return err.status != GB_OK ? fail(&err) : gb_console_print(&out);
}

/* --- serving -------------------------------------------------------------- */

/* `ready` on stdout once, so that a script can wait for it; in the background
 * to the process that waits. */
static void say_ready(void *ctx) {
    const int fd = *(const int *)ctx;
    static const char word[] = "ready\n";
    if (write(fd, word, sizeof(word) - 1) < 0)
        perror(PROGRAM ": standard output");
}

/* The parent waits for `ready` and passes it on. Returns the exit code for the
 * parent, -1 in the child, whose end of the pipe is @p fd_out. */
static int go_to_background(int *fd_out) {
    int ends[2];
    char word[16];
    if (pipe(ends) != 0) {
        perror(PROGRAM ": pipe");
        return GB_EXIT_INTERNAL;
    }
    const pid_t child = fork();
    if (child < 0) {
        perror(PROGRAM ": fork");
        return GB_EXIT_INTERNAL;
    }
    if (child == 0) {
        close(ends[0]);
        setsid();
        *fd_out = ends[1];
        return -1;
    }
    close(ends[1]);
    const ssize_t got = read(ends[0], word, sizeof(word));
    close(ends[0]);
    if (got <= 0)
        return GB_EXIT_INTERNAL; /* the child has said why */
    if (write(STDOUT_FILENO, word, (size_t)got) != got)
        return GB_EXIT_INTERNAL;
    return GB_EXIT_OK;
}

/* After the mount a program in the background holds no terminal or pipe. */
static void ready_in_background(void *ctx) {
    int *fd = ctx;
    say_ready(fd);
    close(*fd);
    if (freopen("/dev/null", "r", stdin) == NULL ||
        freopen("/dev/null", "w", stdout) == NULL ||
        freopen("/dev/null", "w", stderr) == NULL)
        perror(PROGRAM ": /dev/null");
}

static int serve(const gb_args *args, gb_machines *machines) {
    const bool background = gb_args_has(args, "background");
    int fd = STDOUT_FILENO;
    gb_error err = {.rank = -1};
    gb_serve_options options = {
        .mount_point = args->positionals[1],
        .allow_other = gb_args_has(args, "allow-other"),
        .ready = background ? ready_in_background : say_ready,
        .ctx = &fd,
    };
    char *absolute = realpath(args->positionals[1], NULL);
    if (absolute != NULL)
        options.mount_point = absolute;
    int code = background ? go_to_background(&fd) : -1;
    if (code < 0) {
        const gb_status status = gb_serve(machines, &options, &err);
        code = status == GB_OK ? GB_EXIT_OK : fail(&err);
    }
    free(absolute);
    return code;
}

static int check_usage(const gb_args *args, gb_error *err) {
    const size_t wanted = gb_args_has(args, "check") ? 1 : 2;
    if (gb_args_has(args, "background") && gb_args_has(args, "foreground"))
        gb_fail(err, GB_ERR_INVALID, NULL,
                "expected --foreground or --background, got both");
    else if (args->positional_count != wanted)
        gb_fail(err, GB_ERR_INVALID, "'" PROGRAM " --help' shows how",
                "expected %s, got %zu argument%s",
                wanted == 1 ? "a description" : "a description and a folder",
                args->positional_count, args->positional_count == 1 ? "" : "s");
    return err->status == GB_OK;
}

static int run(const gb_args *args) {
    const char *seed_text = gb_args_get(args, "seed");
    uint64_t seed = 0;
    gb_machines *machines = NULL;
    gb_error err = {.rank = -1};
    if (gb_args_has(args, "truth"))
        return print_truth(args);
    if (!check_usage(args, &err))
        return fail(&err);
    if (seed_text != NULL && gb_parse_u64(seed_text, &seed, NULL) != GB_OK) {
        gb_fail(&err, GB_ERR_INVALID, NULL,
                "--seed: expected a whole number, got '%s'", seed_text);
        return fail(&err);
    }
    if (gb_machines_load(args->positionals[0], seed_text != NULL ? &seed : NULL,
                         &machines, &err) != GB_OK)
        return fail(&err);

    int code;
    if (gb_args_has(args, "check")) {
        gb_tree *tree = NULL;
        gb_str out = {0};
        const gb_status status = gb_tree_build(machines, &tree, &err);
        gb_tree_free(tree);
        gb_machines_describe(machines, &out);
        code = status == GB_OK ? gb_console_print(&out) : fail(&err);
        gb_str_fini(&out);
    } else {
        code = serve(args, machines);
    }
    gb_machines_free(machines);
    return code;
}

static const gb_flag flags[] = {
    {"check", 0, NULL, "describe the machines and mount nothing"},
    {"foreground", 'f', NULL, "serve until a signal (default)"},
    {"background", 0, NULL,
     "return once it is mounted; unmount with 'fusermount3 -u MOUNTPOINT'"},
    {"seed", 0, "N", "instead of the description's"},
    {"allow-other", 0, NULL,
     "let other users read; /etc/fuse.conf must allow it unless root"},
    {"truth", 0, "MOUNT/MACHINE",
     "print the true energy from T0 to T1, ns of CLOCK_MONOTONIC, as JSON"},
    {"version", 'V', NULL, "version, build and what it was built with"},
};

static const gb_command command = {
    .program = PROGRAM,
    .name = "",
    .usage = "[options] DESCRIPTION.yaml MOUNTPOINT\n"
             "       " PROGRAM " --check DESCRIPTION.yaml\n"
             "       " PROGRAM " --truth MOUNT/MACHINE T0_NS T1_NS",
    .summary = "Serves the energy counters of machines that do not exist, with "
               "scripted power, updates, wraps and faults, and knows their "
               "true energy. Prints 'ready' once it is mounted.",
    .details = "Then, for example:\n"
               "  GREENBENCH_SYSROOT=MOUNTPOINT/MACHINE greenbench sensors "
               "--measure 5s\n\n"
               "exit codes: 0 ended by a signal or an unmount, 2 usage or "
               "description,\n5 internal or output failure\n",
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .positional_max = 2,
    .run = run,
};

int main(int argc, char **argv) {
    gb_args args = {0};
    gb_error err = {.rank = -1};
    gb_str out = {0};
    int code = GB_EXIT_OK;
    gb_console_set_program(PROGRAM);
    if (gb_args_parse(&command, argv + 1, (size_t)argc - 1, &args, &err) !=
        GB_OK) {
        gb_console_error(&err);
        return GB_EXIT_USAGE;
    }
    if (args.help) {
        gb_args_help(&command, &out);
        code = gb_console_print(&out);
    } else if (gb_args_has(&args, "version")) {
        gb_str_addf(&out, PROGRAM " %s\n%s\n", gb_program_version,
                    gb_program_build);
        code = gb_console_print(&out);
    } else {
        code = command.run(&args);
    }
    gb_args_fini(&args);
    return code;
}
