/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELP_COLUMN 28 /* where the texts of the flags begin */
#define HELP_WIDTH  80

static const gb_flag help_flag = {"help", 'h', NULL, "show this help"};

/* "greenbench sensors", or the name of a program of its own. */
static const char *title(const gb_command *command, char *out, size_t size) {
    snprintf(out, size, "%s%s%s",
             command->program != NULL ? command->program : "greenbench",
             command->name[0] != '\0' ? " " : "", command->name);
    return out;
}

static const gb_flag *find_flag(const gb_command *command, const char *name,
                                size_t length) {
    for (size_t i = 0; i <= command->flag_count; i++) {
        const gb_flag *flag =
            i < command->flag_count ? &command->flags[i] : &help_flag;
        if (strlen(flag->name) == length &&
            strncmp(flag->name, name, length) == 0)
            return flag;
    }
    return NULL;
}

static const gb_flag *find_letter(const gb_command *command, char letter) {
    for (size_t i = 0; i <= command->flag_count; i++) {
        const gb_flag *flag =
            i < command->flag_count ? &command->flags[i] : &help_flag;
        if (flag->letter != 0 && flag->letter == letter)
            return flag;
    }
    return NULL;
}

static gb_status unknown_flag(const gb_command *command, const char *word,
                              gb_error *err) {
    const char *names[64];
    size_t count = 0;
    char plain[64], hint[160], called[64];
    title(command, called, sizeof(called));
    while (count < command->flag_count && count < 63) {
        names[count] = command->flags[count].name;
        count++;
    }
    names[count++] = help_flag.name;
    gb_copy(plain, sizeof(plain), word + strspn(word, "-"));
    plain[strcspn(plain, "=")] = '\0';
    const char *near = gb_closest(plain, names, count);
    if (near != NULL)
        snprintf(hint, sizeof(hint), "did you mean '--%s'?", near);
    else
        snprintf(hint, sizeof(hint), "'%s --help' lists all options", called);
    return gb_fail(err, GB_ERR_INVALID, hint,
                   "%s: expected an option it knows, got '%s'", called, word);
}

static void add_option(gb_args *args, const gb_flag *flag, const char *value) {
    if (flag == &help_flag)
        args->help = true;
    else
        args->options[args->option_count++] = (gb_option){flag->name, value};
}

/* One word that begins with '-'. Returns how many further words it used. */
static gb_status parse_flag(gb_args *args, char **words, size_t left,
                            size_t *used, gb_error *err) {
    const gb_command *command = args->command;
    const char *word = words[0];
    const bool is_long = word[1] == '-';
    const char *equals = is_long ? strchr(word, '=') : NULL;
    const gb_flag *flag =
        is_long ? find_flag(command, word + 2,
                            equals != NULL ? (size_t)(equals - word - 2)
                                           : strlen(word + 2))
                : find_letter(command, word[1]);
    const char *value = equals != NULL ? equals + 1 : NULL;
    if (flag == NULL)
        return unknown_flag(command, word, err);
    if (!is_long && word[2] != '\0')
        value = word + 2;

    if (flag->metavar == NULL) {
        if (value != NULL)
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "--%s: expected no value, got '%s'", flag->name,
                           value);
    } else if (value == NULL) {
        if (left < 2)
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "--%s: expected %s after it, got nothing",
                           flag->name, flag->metavar);
        value = words[1];
        *used = 1;
    }
    add_option(args, flag, value);
    return GB_OK;
}

gb_status gb_args_parse(const gb_command *command, char **words, size_t count,
                        gb_args *args_out, gb_error *err) {
    gb_args args = {
        .command = command,
        .options = calloc(count + 1, sizeof(*args.options)),
        .positionals = calloc(count + 1, sizeof(*args.positionals)),
    };
    gb_status status = GB_OK;
    bool flags_end = false;

    if (args.options == NULL || args.positionals == NULL)
        status = gb_fail_memory(err, "the command line");
    for (size_t i = 0; i < count && status == GB_OK; i++) {
        size_t used = 0;
        if (!flags_end && strcmp(words[i], "--") == 0) {
            flags_end = true;
        } else if (!flags_end && words[i][0] == '-' && words[i][1] != '\0') {
            status = parse_flag(&args, words + i, count - i, &used, err);
            i += used;
        } else if (args.positional_count >= command->positional_max) {
            char called[64];
            status = gb_fail(err, GB_ERR_INVALID, NULL,
                             "%s: expected %zu argument%s at most, got '%s' as "
                             "well",
                             title(command, called, sizeof(called)),
                             command->positional_max,
                             command->positional_max == 1 ? "" : "s", words[i]);
        } else {
            args.positionals[args.positional_count++] = words[i];
        }
    }
    if (status != GB_OK) {
        gb_args_fini(&args);
        return status;
    }
    *args_out = args;
    return GB_OK;
}

void gb_args_fini(gb_args *args) {
    free(args->options);
    free(args->positionals);
    args->options = NULL;
    args->positionals = NULL;
}

const char *gb_args_get(const gb_args *args, const char *name) {
    for (size_t i = args->option_count; i-- > 0;)
        if (strcmp(args->options[i].name, name) == 0)
            return args->options[i].value != NULL ? args->options[i].value : "";
    return NULL;
}

bool gb_args_has(const gb_args *args, const char *name) {
    return gb_args_get(args, name) != NULL;
}

/* --- help ----------------------------------------------------------------- */

static void add_flag_help(gb_str *out, const gb_flag *flag) {
    char left[64];
    snprintf(
        left, sizeof(left), "  %c%c%s --%s%s%s", flag->letter != 0 ? '-' : ' ',
        flag->letter != 0 ? flag->letter : ' ', flag->letter != 0 ? "," : " ",
        flag->name, flag->metavar != NULL ? " " : "",
        flag->metavar != NULL ? flag->metavar : "");
    const size_t length = strlen(left);
    gb_str_add(out, left);
    if (length + 2 > HELP_COLUMN)
        gb_str_addf(out, "\n%*s", HELP_COLUMN, "");
    else
        gb_str_addf(out, "%*s", (int)(HELP_COLUMN - length), "");
    gb_str_add_wrapped(out, flag->help, HELP_COLUMN, HELP_COLUMN, HELP_WIDTH);
}

void gb_args_help(const gb_command *command, gb_str *out) {
    char called[64];
    gb_str_addf(out, "usage: %s %s\n\n", title(command, called, sizeof(called)),
                command->usage);
    gb_str_add_wrapped(out, command->summary, 0, 0, HELP_WIDTH);
    gb_str_add(out, "\noptions:\n");
    for (size_t i = 0; i < command->flag_count; i++)
        add_flag_help(out, &command->flags[i]);
    add_flag_help(out, &help_flag);
    if (command->details != NULL)
        gb_str_addf(out, "\n%s", command->details);
}
