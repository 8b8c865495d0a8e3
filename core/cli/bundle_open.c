/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bundle_open.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/bundle.h"
#include "archive/files.h"
#include "base/text.h"
#include "cli/scratch.h"

/* @return the path of @p name in the folder, kept by @p out; null: no memory */
static const char *path_of(gb_open_bundle *out, const char *name) {
    char path[PATH_MAX];

    gb_path_join(path, sizeof(path), out->folder, name);
    char *copy = strdup(path);
    if (copy != NULL)
        out->paths[out->path_count++] = copy;
    return copy;
}

static void tell_missing(gb_validation *found, const char *role) {
    gb_violation violation = {.check = GB_CHECK_MANIFEST,
                              .severity = GB_SEVERITY_ERROR,
                              .code = "bundle.incomplete",
                              .file = GB_BUNDLE_MANIFEST,
                              .found = "none"};

    snprintf(violation.expected, sizeof(violation.expected),
             "a file with the role '%s'", role);
    gb_validation_add(found, &violation);
}

/* Where claims, runs and inputs lie. */
static gb_status find_sources(gb_open_bundle *out, gb_validation *found,
                              gb_error *err) {
    const gb_bundle *bundle = &out->bundle;
    const gb_bundle_file *claims =
        gb_bundle_find_role(bundle, GB_BUNDLE_ROLE_CLAIMS);
    bool failed = false;

    out->paths =
        calloc(bundle->run_count + 2 + GB_CLAIM_INPUTS, sizeof(*out->paths));
    out->runs = calloc(bundle->run_count + 1, sizeof(*out->runs));
    out->sources.runs = out->runs;
    if (out->runs == NULL || out->paths == NULL)
        return gb_fail_memory(err, "the files of a bundle");
    if (claims == NULL)
        tell_missing(found, GB_BUNDLE_ROLE_CLAIMS);
    else
        out->sources.claims = path_of(out, claims->name);
    if (bundle->run_count == 0)
        tell_missing(found, GB_BUNDLE_ROLE_RUN);
    for (size_t i = 0; i < bundle->run_count; i++) {
        out->runs[out->sources.run_count++] =
            path_of(out, bundle->runs[i].folder);
        failed = failed || out->runs[i] == NULL;
    }
    for (gb_claim_input kind = 0; kind < GB_CLAIM_INPUTS; kind++) {
        const gb_bundle_file *input =
            gb_bundle_find_role(bundle, gb_claim_input_word(kind));
        if (input == NULL)
            continue;
        out->sources.inputs[kind] = path_of(out, input->name);
        failed = failed || out->sources.inputs[kind] == NULL;
    }
    if (gb_bundle_find_role(bundle, GB_BUNDLE_ROLE_FACTORS) != NULL) {
        out->sources.factors = path_of(out, GB_BUNDLE_FACTORS);
        failed = failed || out->sources.factors == NULL;
    }
    failed = failed || (claims != NULL && out->sources.claims == NULL);
    return failed ? gb_fail_memory(err, "the files of a bundle") : GB_OK;
}

gb_status gb_bundle_open(const char *path, gb_validation *found,
                         bool *whole_out, gb_open_bundle *out, gb_error *err) {
    *out = (gb_open_bundle){0};
    *whole_out = false;
    gb_status status = gb_scratch_make(&out->folder, err);
    if (status == GB_OK)
        status = gb_bundle_unpack(path, out->folder, &out->bundle, found,
                                  whole_out, err);
    if (status == GB_OK && *whole_out)
        status = find_sources(out, found, err);
    *whole_out = *whole_out && gb_validation_is_valid(found);
    return status;
}

void gb_bundle_close(gb_open_bundle *bundle) {
    for (size_t i = 0; i < bundle->path_count; i++)
        free(bundle->paths[i]);
    free(bundle->paths);
    free(bundle->runs);
    gb_bundle_fini(&bundle->bundle);
    gb_scratch_remove();
    *bundle = (gb_open_bundle){0};
}
