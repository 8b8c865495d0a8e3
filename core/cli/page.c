/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/page.h"

#include <stdlib.h>
#include <string.h>

#include "cli/console.h"
#include "cli/deliver.h"
#include "cli/program.h"
#include "codec/json.h"
#include "pipeline/reduce/timeline.h"
#include "pipeline/report/report.h"

static const char *const language_names[GB_LANGUAGES] = {"en", "zh"};

static gb_language language_of(const gb_args *args) {
    const char *name = gb_args_get(args, "lang");
    for (int l = 0; name != NULL && l < GB_LANGUAGES; l++)
        if (strcmp(name, language_names[l]) == 0)
            return (gb_language)l;
    return GB_LANGUAGE_EN;
}

/* What is of use with another flag only. */
static gb_status check_claims(const gb_args *args, gb_error *err) {
    const bool claims = gb_args_has(args, "claims");
    const char *alone = gb_args_has(args, "beside") ? "beside" : NULL;

    for (gb_claim_input kind = 0; kind < GB_CLAIM_INPUTS; kind++)
        if (gb_args_has(args, gb_claim_input_word(kind)))
            alone = gb_claim_input_word(kind);
    if (claims && gb_args_get(args, "html") == NULL)
        return gb_fail(err, GB_ERR_INVALID,
                       "greenbench claim decides them without a page",
                       "--claims: expected --html beside it, got none");
    if (!claims && alone != NULL)
        return gb_fail(err, GB_ERR_INVALID, "--html FILE --claims CLAIMS.yaml",
                       "--%s: expected --claims beside it, got none", alone);
    return GB_OK;
}

gb_status gb_page_check(const gb_args *args, gb_error *err) {
    const char *name = gb_args_get(args, "lang");

    const gb_status status = check_claims(args, err);
    if (status != GB_OK || name == NULL)
        return status;
    if (gb_args_get(args, "html") == NULL)
        return gb_fail(err, GB_ERR_INVALID, "--html FILE --lang zh",
                       "--lang: expected --html beside it, got none");
    if (strcmp(language_names[language_of(args)], name) != 0)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "--lang: expected en or zh, got '%s'", name);
    return GB_OK;
}

bool gb_page_is_output(const gb_args *args) {
    const char *path = gb_args_get(args, "html");
    return path != NULL && strcmp(path, "-") == 0;
}

/* Those that stand out want to be seen. */
static size_t wanted_nodes(const gb_result *result,
                           uint32_t nodes[GB_TIMELINE_NODES]) {
    size_t count = 0;
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_variability *all = &result->benches[i].variability;
        for (size_t k = 0; k < all->outlier_count; k++) {
            bool again = count == GB_TIMELINE_NODES;
            for (size_t n = 0; n < count && !again; n++)
                again = nodes[n] == all->outliers[k].node;
            if (!again)
                nodes[count++] = all->outliers[k].node;
        }
    }
    return count;
}

static int deliver(const char *path, gb_str *text, gb_status status,
                   const gb_error *err) {
    if (status == GB_OK)
        return gb_deliver_text(path, text);
    gb_str_fini(text);
    gb_console_error(err);
    return GB_EXIT_INTERNAL;
}

/* The run of the page is the last one, behind those that stand beside it. */
static gb_status decide(const gb_args *args, gb_decision *out, gb_error *err) {
    const char **runs = calloc(args->option_count + 1, sizeof(*runs));
    gb_claim_sources sources = {.claims = gb_args_get(args, "claims"),
                                .runs = runs};

    if (runs == NULL)
        return gb_fail_memory(err, "the runs of the claims");
    for (size_t i = 0; i < args->option_count; i++)
        if (strcmp(args->options[i].name, "beside") == 0)
            runs[sources.run_count++] = args->options[i].value;
    runs[sources.run_count++] = args->positionals[0];
    for (gb_claim_input kind = 0; kind < GB_CLAIM_INPUTS; kind++)
        sources.inputs[kind] = gb_args_get(args, gb_claim_input_word(kind));
    const gb_status status = gb_decide(&sources, out, err);
    free(runs);
    return status;
}

static gb_status make_page(const gb_args *args, const gb_page *page,
                           gb_str *text, gb_error *err) {
    char *document = gb_json_page(page);
    const gb_status status =
        document != NULL
            ? gb_report_html(page, document, language_of(args), text, err)
            : gb_fail_memory(err, "the page");

    free(document);
    return status;
}

int gb_page_deliver(const gb_args *args, const gb_outcome *outcome) {
    const char *path = gb_args_get(args, "html");
    uint32_t nodes[GB_TIMELINE_NODES];
    const gb_timeline_wish wish = {.nodes = nodes,
                                   .node_count =
                                       wanted_nodes(&outcome->result, nodes),
                                   .points = GB_PAGE_POINTS};
    gb_timelines timelines = {0};
    gb_decision decision = {0};
    gb_page page = {.result = &outcome->result, .timelines = &timelines};
    gb_error err = {.rank = -1};
    gb_str text = {0};

    if (path == NULL)
        return GB_EXIT_OK;
    if (gb_args_has(args, "claims")) {
        const gb_status status = decide(args, &decision, &err);
        page.assessment = &decision.assessment;
        if (status != GB_OK) {
            gb_decision_fini(&decision);
            gb_console_error(&err);
            return gb_console_exit_code(status);
        }
    }
    gb_status status =
        gb_reduce_timelines(&outcome->log, &wish, &timelines, &err);
    if (status == GB_OK)
        status = make_page(args, &page, &text, &err);
    gb_timelines_fini(&timelines);
    gb_decision_fini(&decision);
    return deliver(path, &text, status, &err);
}

int gb_page_deliver_comparison(const gb_args *args,
                               const gb_comparison *comparison) {
    const char *path = gb_args_get(args, "html");
    gb_error err = {.rank = -1};
    gb_str text = {0};

    if (path == NULL)
        return GB_EXIT_OK;
    char *document = gb_json_page_comparison(comparison);
    const gb_status status = document != NULL
                                 ? gb_report_comparison_html(
                                       comparison, gb_program_version, document,
                                       language_of(args), &text, &err)
                                 : gb_fail_memory(&err, "the page");
    free(document);
    return deliver(path, &text, status, &err);
}
