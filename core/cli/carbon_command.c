/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench carbon: what stored runs, and a site over a period, emit. */
#include <math.h>
#include <string.h>

#include "base/utc.h"
#include "cli/carbon_files.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/decide.h"
#include "cli/deliver.h"
#include "codec/json.h"
#include "machine/comm/comm.h"
#include "pipeline/assess/footprint.h"
#include "pipeline/config/facility.h"
#include "pipeline/report/report.h"

/* All that the figures are made from. */
typedef struct evidence {
    gb_carbon_setting setting;
    gb_decision runs; /* without claims */
    gb_facility facility;
    bool has_facility;
    int64_t period_ns[2];
    gb_footprint footprint;
} evidence;

static void free_evidence(evidence *all) {
    gb_footprint_fini(&all->footprint);
    gb_facility_fini(&all->facility);
    gb_decision_fini(&all->runs);
    gb_carbon_setting_fini(&all->setting);
}

/* --- reading -------------------------------------------------------------- */

static gb_status read_period(const gb_args *args, int64_t *period_ns,
                             gb_error *err) {
    const char *text = gb_args_get(args, "period");
    const char *slash = text != NULL ? strchr(text, '/') : NULL;

    if (text == NULL)
        return GB_OK;
    if (slash != NULL && gb_args_has(args, "facility") &&
        gb_utc_parse(text, (size_t)(slash - text), GB_UTC_NO_OFFSET,
                     &period_ns[0]) &&
        gb_utc_parse(slash + 1, strlen(slash + 1), GB_UTC_NO_OFFSET,
                     &period_ns[1]) &&
        period_ns[0] < period_ns[1])
        return GB_OK;
    return gb_fail(err, GB_ERR_INVALID, NULL,
                   "--period: expected two times of a facility's meters such "
                   "as 2026-01-01T00:00:00Z/2027-01-01T00:00:00Z, got '%s'",
                   text);
}

static gb_status check_whole(const gb_decision *runs, gb_error *err) {
    for (size_t i = 0; i < runs->run_count; i++)
        if (runs->folders[i].damage[0] != '\0')
            return gb_fail(err, GB_ERR_INVALID,
                           "'greenbench validate' says all that differs",
                           "%s: expected the files of its manifest, got "
                           "others: %s",
                           runs->folders[i].name, runs->folders[i].damage);
    return GB_OK;
}

static gb_status gather(const gb_args *args, evidence *all, gb_error *err) {
    const char *facility = gb_args_get(args, "facility");

    if (args->positional_count < (facility != NULL ? 1 : 2))
        return gb_fail(err, GB_ERR_INVALID,
                       "for example greenbench carbon carbon.yaml results/a",
                       "greenbench carbon: expected a carbon file and run "
                       "directories, got %zu words",
                       args->positional_count);
    const gb_claim_sources sources = {.runs = args->positionals + 1,
                                      .run_count = args->positional_count - 1};
    gb_status status = read_period(args, all->period_ns, err);
    if (status == GB_OK)
        status = gb_carbon_files_read(args->positionals[0], NULL, &all->setting,
                                      err);
    if (status == GB_OK && sources.run_count > 0)
        status = gb_decide_read_runs(&sources, &all->runs, err);
    if (status == GB_OK)
        status = check_whole(&all->runs, err);
    all->has_facility = status == GB_OK && facility != NULL;
    if (all->has_facility)
        status = gb_facility_load(facility, &all->facility, err);
    return status == GB_OK
               ? gb_footprint_make(&all->setting, all->runs.runs,
                                   all->runs.run_count,
                                   all->has_facility ? &all->facility : NULL,
                                   all->period_ns, &all->footprint, err)
               : status;
}

/* --- showing -------------------------------------------------------------- */

static int show(const gb_args *args, const gb_footprint *footprint) {
    const char *markdown = gb_args_get(args, "markdown");
    const gb_report_style style = gb_console_style();
    gb_str out = {0};

    if (markdown != NULL) {
        gb_report_footprint_markdown(footprint, &out);
        const int code = gb_deliver_text(markdown, &out);
        if (code != GB_EXIT_OK || strcmp(markdown, "-") == 0)
            return code;
    }
    if (gb_args_has(args, "json"))
        return gb_console_print_owned(gb_json_footprint(footprint));
    gb_report_footprint(footprint, &style, &out);
    return gb_console_print(&out);
}

static bool is_whole(const gb_footprint *footprint) {
    for (size_t r = 0; r < footprint->run_count; r++) {
        const gb_carbon_run *run = &footprint->runs[r];
        if (run->supply == NULL)
            return false;
        for (size_t i = 0; i < run->bench_count; i++)
            if (!isfinite(run->benches[i].amounts[GB_CARBON_BY_LOCATION].g))
                return false;
    }
    const gb_carbon_site *site = &footprint->site;
    return !site->present || isfinite(site->amounts[GB_CARBON_BY_LOCATION].g);
}

static int list_factors(const gb_args *args) {
    const gb_report_style style = gb_console_style();
    gb_factors factors = {0};
    gb_error err = {.rank = -1};
    gb_str out = {0};
    int code = GB_EXIT_OK;
    const gb_status status = gb_carbon_files_factors(NULL, &factors, &err);

    if (status != GB_OK) {
        gb_console_error(&err);
        code = gb_console_exit_code(status);
    } else if (gb_args_has(args, "json")) {
        code = gb_console_print_owned(gb_json_factors(&factors));
    } else {
        gb_report_factors(&factors, &style, &out);
        code = gb_console_print(&out);
    }
    gb_factors_fini(&factors);
    return code;
}

static int run_carbon(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    if (gb_args_has(args, "factors"))
        return list_factors(args);
    evidence all = {0};
    gb_error err = {.rank = -1};
    const gb_status status = gather(args, &all, &err);
    int code = GB_EXIT_OK;

    if (status == GB_OK) {
        code = show(args, &all.footprint);
        if (code == GB_EXIT_OK && !is_whole(&all.footprint))
            code = GB_EXIT_FAILED;
    } else {
        gb_console_error(&err);
        code = gb_console_exit_code(status);
    }
    free_evidence(&all);
    return code;
}

static const gb_flag flags[] = {
    {"facility", 0, "FILE", "also a site, by its meters (docs/facility.md)"},
    {"period", 0, "A/B", "of the site, two times; default all that it has"},
    {"factors", 0, NULL, "list the emission factors that greenbench has"},
    {"markdown", 0, "FILE", "write it as Markdown; '-' for stdout"},
    {"json", 0, NULL, "JSON instead of the text"},
};

const gb_command gb_command_carbon = {
    .name = "carbon",
    .usage = "CARBON.yaml RUNDIR... [options]",
    .summary = "what stored runs emit: by location, by contract beside it, and "
               "the SCI",
    .details =
        "CARBON.yaml says what electricity is charged with: a factor that is "
        "looked up by\nregion, year and kind, one of your own, or a trace of "
        "intensities over time; and\nwhat making the hardware emitted. Shown "
        "are grams in all, for each unit of work,\nGflop, GB and solution, "
        "with their uncertainty.\n\n"
        "exit codes: 0 all have their figure; 1 something has none, and why "
        "stands in its\nplace; 2 a file cannot be read, or mixes what cannot "
        "be added up\n",
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .positional_max = 10000,
    .run = run_carbon,
};
