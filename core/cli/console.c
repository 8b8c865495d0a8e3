/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/console.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool gb_console_is_terminal(int fd) {
    /* Open MPI gives its ranks a pseudo-terminal as stdout and a pipe as
     * stderr, whatever its own are; so look at its own. */
    if (getenv("OMPI_COMM_WORLD_RANK") == NULL)
        return isatty(fd) != 0;
    char link[64], target[PATH_MAX];
    snprintf(link, sizeof(link), "/proc/%ld/fd/%d", (long)getppid(), fd);
    const ssize_t length = readlink(link, target, sizeof(target) - 1);
    if (length <= 0)
        return false;
    target[length] = '\0';
    return gb_starts_with(target, "/dev/pts/") ||
           gb_starts_with(target, "/dev/tty") ||
           strcmp(target, "/dev/console") == 0;
}

gb_report_style gb_console_style(void) {
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    const bool wanted = (no_color == NULL || no_color[0] == '\0') &&
                        (term == NULL || strcmp(term, "dumb") != 0);
    return (gb_report_style){
        .colour = wanted && gb_console_is_terminal(STDOUT_FILENO),
        .columns = 80,
    };
}

static const char *program_name = "greenbench";

void gb_console_set_program(const char *name) {
    program_name = name;
}

void gb_console_error(const gb_error *err) {
    fprintf(stderr, "%s: %s", program_name, err->what);
    if (err->rank > 0)
        fprintf(stderr, " (rank %d)", err->rank);
    fputc('\n', stderr);
    if (err->hint[0] != '\0')
        fprintf(stderr, "  hint: %s\n", err->hint);
}

int gb_console_print(gb_str *text) {
    bool ok = !text->failed;
    if (ok && text->length > 0)
        ok = fwrite(text->text, 1, text->length, stdout) == text->length;
    ok = fflush(stdout) == 0 && ok;
    if (!ok)
        fprintf(stderr, "%s: cannot write to standard output\n", program_name);
    gb_str_fini(text);
    return ok ? GB_EXIT_OK : GB_EXIT_INTERNAL;
}

int gb_console_print_owned(char *text) {
    gb_str out = {.failed = text == NULL};
    if (text != NULL)
        gb_str_add(&out, text);
    free(text);
    return gb_console_print(&out);
}

static gb_status put_to_stdout(void *ctx, const char *text, size_t length,
                               gb_error *err) {
    (void)ctx;
    return fwrite(text, 1, length, stdout) == length
               ? GB_OK
               : gb_fail(err, GB_ERR_IO, NULL,
                         "cannot write to standard output");
}

int gb_console_print_by(gb_text_source source, const void *what) {
    const gb_text_sink sink = {.put = put_to_stdout};
    gb_str end = {0};
    gb_error err = {.rank = -1};

    if (source(what, &sink, &err) == GB_OK)
        return gb_console_print(&end);
    gb_console_error(&err);
    return GB_EXIT_INTERNAL;
}

int gb_console_exit_code(gb_status status) {
    switch (status) {
    case GB_OK:
        return GB_EXIT_OK;
    case GB_ERR_INTERRUPTED:
        return GB_EXIT_INTERRUPTED;
    case GB_ERR_NO_MEMORY:
    case GB_ERR_IO:
    case GB_ERR_MPI:
    case GB_ERR_INTERNAL:
        return GB_EXIT_INTERNAL;
    default:
        return GB_EXIT_USAGE;
    }
}

gb_voice gb_voice_of(const gb_args *args) {
    gb_voice voice = GB_VOICE_NORMAL;

    for (size_t i = 0; i < args->option_count; i++) {
        if (strcmp(args->options[i].name, "quiet") == 0)
            voice = GB_VOICE_QUIET;
        if (strcmp(args->options[i].name, "verbose") == 0)
            voice = GB_VOICE_VERBOSE;
    }
    return voice;
}

static void write_log(void *ctx, gb_log_level level, const char *code,
                      const char *what, const char *hint) {
    gb_console *console = ctx;
    if (level == GB_LOG_WARNING) {
        gb_console_clear(console);
        fprintf(stderr, "%s: warning: %s\n", program_name, what);
        if (hint[0] != '\0')
            fprintf(stderr, "  hint: %s\n", hint);
        if (console->warned != NULL)
            console->warned(console->warned_ctx, code, what, hint);
    } else if (console->voice == GB_VOICE_QUIET) {
        return;
    } else if (level == GB_LOG_FINDING || console->voice == GB_VOICE_VERBOSE) {
        gb_console_clear(console);
        fprintf(stderr, "%s\n", what);
    } else if (console->terminal) {
        fprintf(stderr, "\r\033[K%.79s", what);
        console->line_open = true;
    } else if (level == GB_LOG_PROGRESS) {
        fprintf(stderr, "%s\n", what);
    }
    fflush(stderr);
}

void gb_console_init(gb_console *console) {
    *console = (gb_console){
        .terminal = gb_console_is_terminal(STDERR_FILENO),
    };
}

gb_log gb_console_log(gb_console *console) {
    return (gb_log){.write = write_log, .ctx = console};
}

void gb_console_clear(gb_console *console) {
    if (console->line_open)
        fputs("\r\033[K", stderr);
    console->line_open = false;
    fflush(stderr);
}
