/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle: its own manifest, each run in it as if it lay alone, and the
 * verdicts made again. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/bundle.h"
#include "archive/files.h"
#include "archive/validate.h"
#include "base/text.h"
#include "cli/bundle_open.h"
#include "cli/decide.h"
#include "cli/validate_run.h"

/* --- the runs ------------------------------------------------------------- */

/* The checks that look at runs: what they say of the first one, or why they
 * were not made of one. */
static void note_run(const gb_validation *run, const char *folder, size_t at,
                     size_t count, gb_validation *out) {
    char text[400];

    for (gb_check_id id = GB_CHECK_SCHEMA; id <= GB_CHECK_RECOMPUTED; id++) {
        const gb_check *check = &run->checks[id];
        if (!check->done) {
            snprintf(text, sizeof(text), "%s: %s", folder, check->what);
            gb_validation_skip(out, id, text);
        } else if (at == 0) {
            gb_validation_done(out, id, "%zu run%s, the first: %s", count,
                               count == 1 ? "" : "s", check->what);
        }
    }
}

static gb_status check_runs(const gb_open_bundle *bundle, gb_validation *out,
                            gb_error *err) {
    const size_t count = bundle->bundle.run_count;
    gb_status status = GB_OK;

    for (size_t i = 0; i < count && status == GB_OK; i++) {
        const char *folder = bundle->bundle.runs[i].folder;
        gb_validation run = {0};
        char prefix[1024];
        status = gb_validate_run(bundle->runs[i], &run, err);
        snprintf(prefix, sizeof(prefix), "%s/", folder);
        gb_validation_merge(out, &run, prefix);
        note_run(&run, folder, i, count, out);
        gb_validation_fini(&run);
    }
    return status;
}

/* --- the verdicts --------------------------------------------------------- */

static gb_status compare_verdicts(const gb_open_bundle *bundle,
                                  const char *verdicts, gb_validation *out,
                                  gb_error *err) {
    const bool same_tool =
        gb_is_this_tool(bundle->bundle.tool_version, bundle->bundle.tool_git);
    gb_check *check = &out->checks[GB_CHECK_RECOMPUTED];
    char path[PATH_MAX], before[sizeof(check->what)];
    char *stored = NULL;
    size_t length = 0;

    gb_path_join(path, sizeof(path), bundle->folder, GB_BUNDLE_VERDICTS);
    const gb_status status = gb_read_file(path, &stored, &length, err);
    if (status != GB_OK)
        return status;
    const size_t compared =
        gb_validate_verdicts(stored, verdicts, same_tool, out);
    free(stored);
    gb_copy(before, sizeof(before), check->what);
    if (check->done)
        gb_validation_done(out, GB_CHECK_RECOMPUTED,
                           "%zu values of verdicts.json; %s", compared, before);
    return GB_OK;
}

/* What cannot be decided is a finding: that it could be once is what a bundle
 * says. */
static gb_status check_verdicts(const gb_open_bundle *bundle,
                                gb_validation *out, gb_error *err) {
    gb_violation violation = {.check = GB_CHECK_RECOMPUTED,
                              .severity = GB_SEVERITY_ERROR,
                              .code = "recomputed.verdicts",
                              .file = GB_BUNDLE_VERDICTS,
                              .expected = "claims that can be decided"};
    gb_decision decision = {0};
    char *verdicts = NULL;

    gb_status status = gb_decide(&bundle->sources, &decision, err);
    if (status == GB_OK)
        status = gb_decision_json(&decision, &verdicts, err);
    gb_decision_fini(&decision);
    if (status == GB_OK) {
        status = compare_verdicts(bundle, verdicts, out, err);
    } else if (status != GB_ERR_NO_MEMORY) {
        gb_copy(violation.found, sizeof(violation.found), err->what);
        gb_validation_add(out, &violation);
        status = GB_OK;
    }
    free(verdicts);
    return status;
}

/* --- together ------------------------------------------------------------- */

static gb_status check_signature(const gb_open_bundle *bundle,
                                 const char *signers, gb_validation *out,
                                 gb_error *err) {
    if (signers != NULL)
        return gb_validate_signature(bundle->folder, signers, out, err);
    gb_validation_skip(out, GB_CHECK_SIGNATURE,
                       "nobody asked for it (--signers)");
    gb_validation_leave(out, "who made it: only a signature can tell");
    return GB_OK;
}

static void skip_rest(gb_validation *out) {
    for (gb_check_id id = 0; id < GB_CHECK_COUNT; id++)
        if (!out->checks[id].done)
            gb_validation_skip(out, id,
                               "the bundle is not what its manifest says, and "
                               "what is in it is not used");
}

gb_status gb_validate_bundle(const char *path, const char *signers,
                             gb_validation *out, gb_error *err) {
    gb_open_bundle bundle;
    bool whole = false;

    gb_copy(out->path, sizeof(out->path), path);
    gb_status status = gb_bundle_open(path, out, &whole, &bundle, err);
    if (status == GB_OK && whole)
        status = check_runs(&bundle, out, err);
    if (status == GB_OK && whole)
        status = check_verdicts(&bundle, out, err);
    if (status == GB_OK && whole)
        status = check_signature(&bundle, signers, out, err);
    if (status == GB_OK && whole)
        gb_validation_leave(out, "the programs and plugins: they lie outside "
                                 "of the bundle, and only their digests are "
                                 "known");
    if (status == GB_OK && !whole)
        skip_rest(out);
    gb_bundle_close(&bundle);
    return status;
}
