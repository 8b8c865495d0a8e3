/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench compare: stored runs against one of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/compare_flags.h"
#include "cli/console.h"
#include "cli/deliver.h"
#include "cli/outcome.h"
#include "cli/page.h"
#include "codec/json.h"
#include "machine/comm/comm.h"
#include "pipeline/compare/compare.h"
#include "pipeline/report/report.h"

/* --- options -------------------------------------------------------------- */

static gb_status read_options(const gb_args *args, gb_compare_options *out,
                              gb_error *err) {
    const gb_status status = gb_compare_flags_read(args, out, err);
    const size_t count = args->positional_count;

    out->interleaved = gb_args_has(args, "interleaved");
    if (status != GB_OK)
        return status;
    if (count < 2)
        return gb_fail(err, GB_ERR_INVALID,
                       "for example greenbench compare results/a results/b",
                       "greenbench compare: expected two run directories or "
                       "more, got %zu",
                       count);
    if (out->interleaved && (count < 4 || count % 2 != 0))
        return gb_fail(err, GB_ERR_INVALID,
                       "BASE NEW BASE NEW ..., in the order in which they ran",
                       "--interleaved: expected at least two pairs of run "
                       "directories, got %zu directories",
                       count);
    return GB_OK;
}

/* --- together ------------------------------------------------------------- */

static int show(const gb_args *args, const gb_comparison *comparison) {
    const char *markdown = gb_args_get(args, "markdown");
    gb_str out = {0};

    if (markdown != NULL) {
        gb_report_comparison_markdown(comparison, &out);
        const int code = gb_deliver_text(markdown, &out);
        if (code != GB_EXIT_OK || strcmp(markdown, "-") == 0)
            return code;
    }
    const int code = gb_page_deliver_comparison(args, comparison);
    if (code != GB_EXIT_OK || gb_page_is_output(args))
        return code;
    if (gb_args_has(args, "json"))
        return gb_console_print_owned(gb_json_comparison(comparison));
    if (gb_args_has(args, "quiet"))
        return GB_EXIT_OK;
    const gb_report_style style = gb_console_style();
    gb_report_comparison(comparison, &style, &out);
    return gb_console_print(&out);
}

static int exit_code_of(const gb_comparison *comparison) {
    gb_error err = {.rank = -1};

    if (comparison->regression)
        return GB_EXIT_FAILED;
    if (!comparison->refused)
        return GB_EXIT_OK;
    gb_fail(&err, GB_ERR_INVALID,
            "--metric names what is to be compared, such as performance",
            "expected runs that can be compared, got some that cannot: see "
            "'refused' and 'differs'");
    gb_console_error(&err);
    return GB_EXIT_USAGE;
}

static int compare(const gb_args *args, const gb_outcome *outcomes,
                   const gb_compare_options *options) {
    gb_comparison comparison;
    gb_error err = {.rank = -1};
    gb_compare_input *runs = calloc(args->positional_count, sizeof(*runs));
    gb_status status =
        runs != NULL ? GB_OK : gb_fail_memory(&err, "a comparison");

    for (size_t i = 0; status == GB_OK && i < args->positional_count; i++)
        runs[i] = (gb_compare_input){.path = args->positionals[i],
                                     .plan = &outcomes[i].plan,
                                     .reduced = &outcomes[i].reduced,
                                     .result = &outcomes[i].result};
    if (status == GB_OK)
        status = gb_compare(runs, args->positional_count, options, &comparison,
                            &err);
    free(runs);
    if (status != GB_OK) {
        gb_console_error(&err);
        return gb_console_exit_code(status);
    }
    int code = show(args, &comparison);
    if (code == GB_EXIT_OK)
        code = exit_code_of(&comparison);
    gb_comparison_fini(&comparison);
    return code;
}

static int run_compare(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    gb_compare_options options;
    gb_error err = {.rank = -1};
    gb_outcome *outcomes = NULL;
    size_t count = 0;
    gb_status status = read_options(args, &options, &err);

    if (status == GB_OK)
        status = gb_page_check(args, &err);
    if (status == GB_OK)
        outcomes = calloc(args->positional_count, sizeof(*outcomes));
    if (status == GB_OK && outcomes == NULL)
        status = gb_fail_memory(&err, "the runs");
    while (status == GB_OK && count < args->positional_count) {
        status =
            gb_outcome_read(args->positionals[count], &outcomes[count], &err);
        if (status == GB_OK)
            gb_outcome_keep_wholes(&outcomes[count++]);
    }
    int code = GB_EXIT_OK;
    if (status == GB_OK) {
        code = compare(args, outcomes, &options);
    } else {
        gb_console_error(&err);
        code = gb_console_exit_code(status);
    }
    for (size_t i = 0; i < count; i++)
        gb_outcome_fini(&outcomes[i]);
    free(outcomes);
    return code;
}

static const gb_flag flags[] = {
    {"metric", 0, "M[,M]",
     "compare only performance, time, power, energy, efficiency or edp"},
    {"margin", 0, "PCT", "what differs by less is equivalent, default 2"},
    {"interleaved", 0, NULL,
     "the runs are pairs in the order in which they ran: BASE NEW BASE NEW .."},
    GB_PAGE_FLAGS,
    {"markdown", 0, "FILE", "write it for a merge request; '-' for stdout"},
    {"json", 0, NULL, "JSON instead of the table"},
    {"quiet", 'q', NULL, "no table: the exit code, and the files asked for"},
};

const gb_command gb_command_compare = {
    .name = "compare",
    .usage = "BASE NEW... [options]",
    .summary = "what differs between stored runs, with its interval and a "
               "verdict",
    .details =
        "Each NEW is compared with BASE, computed again from the records.\n\n"
        "better, worse  the difference is beyond chance: of all verdicts of "
        "one call\n               together at most 5 % are wrong at all "
        "(Holm)\n"
        "equivalent     the ratio is within the margin (two one-sided tests)\n"
        "undecided      neither; 'at n' tells how many repetitions would "
        "decide\n"
        "refused        it cannot be compared, and why\n\n"
        "exit codes: 0 nothing is worse; 1 something is, or failed in NEW; 2 "
        "something\ncannot be compared. Power by itself decides only if "
        "--metric names it, or of a\nbenchmark that does no work.\n",
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .positional_max = 1000,
    .run = run_compare,
};
