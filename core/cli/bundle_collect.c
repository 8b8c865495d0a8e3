/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bundle_collect.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/bundle.h"
#include "cli/carbon_files.h"
#include "cli/deliver.h"
#include "cli/program.h"
#include "pipeline/config/factors.h"
#include "pipeline/config/named_files.h"

/* A role has the name of its kind of input. */
#define HAS_ROOM(name, word, help)                                             \
    _Static_assert(sizeof(word) <= sizeof(((gb_bundle_file *)0)->role), word);
GB_CLAIM_INPUT_MAP(HAS_ROOM)
#undef HAS_ROOM

/* --- files ---------------------------------------------------------------- */

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* Is @p path the file that @p other is as well? */
static bool is_same(const char *path, const char *other) {
    struct stat one, two;

    return stat(path, &one) == 0 && stat(other, &two) == 0 &&
           one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

static gb_status add_file(gb_bundle *out, const char *name, const char *role,
                          const char *path, gb_error *err) {
    for (size_t i = 0; i < out->count; i++) {
        if (strcmp(out->files[i].name, name) != 0)
            continue;
        if (is_same(path, out->files[i].path))
            return GB_OK;
        return gb_fail(err, GB_ERR_INVALID, "rename one of them",
                       "expected one file for '%s', got '%s' and '%s'", name,
                       out->files[i].path, path);
    }
    gb_bundle_file *file = gb_bundle_add(out, name, role);
    if (file != NULL)
        file->path = strdup(path);
    return file != NULL && file->path != NULL ? GB_OK
                                              : gb_fail_memory(err, name);
}

/* --- what inputs name ----------------------------------------------------- */

/* A name in a file, "../meters/a.csv": how far it leads up, and the rest. */
typedef struct place {
    size_t up;
    char rest[1024];
} place;

static gb_status refuse_name(const char *input, const char *name,
                             const char *hint, gb_error *err) {
    return gb_fail(err, GB_ERR_INVALID, hint,
                   "%s: expected files named relative to it, got '%s'", input,
                   name);
}

static gb_status find_place(const char *input, const char *name, place *out,
                            gb_error *err) {
    size_t used = 0;

    *out = (place){0};
    if (name[0] == '/')
        return refuse_name(input, name,
                           "a path of this machine means nothing on another",
                           err);
    for (const char *at = name; *at != '\0';) {
        const size_t length = strcspn(at, "/");
        const bool is_up = length == 2 && strncmp(at, "..", 2) == 0;
        if (is_up && used > 0)
            return refuse_name(input, name,
                               "write it without '..' behind "
                               "a folder's name",
                               err);
        if (used + length + 2 > sizeof(out->rest))
            return refuse_name(input, name, "name it shorter", err);
        out->up += is_up;
        if (!is_up && length > 0 && !(length == 1 && at[0] == '.')) {
            used += (size_t)snprintf(out->rest + used, sizeof(out->rest) - used,
                                     "%s%.*s", used > 0 ? "/" : "", (int)length,
                                     at);
        }
        at += length + (at[length] == '/');
    }
    return GB_OK;
}

/* "in/" for each folder that leads down to the input itself. */
static void name_inside(const char *folder, size_t depth, const char *rest,
                        char *out, size_t size) {
    size_t used = (size_t)snprintf(out, size, "%s/", folder);

    for (size_t i = 0; i < depth && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "in/");
    if (used < size)
        snprintf(out + used, size - used, "%s", rest);
}

/* As deep in the bundle as the names in it lead up. */
static gb_status add_named(gb_bundle *out, const char *folder,
                           const char *input, const gb_named_files *named,
                           gb_error *err) {
    char directory[PATH_MAX], name[PATH_MAX], path[PATH_MAX];
    size_t depth = 0;
    place at;
    gb_status status = GB_OK;

    for (size_t i = 0; i < named->count && status == GB_OK; i++) {
        status = find_place(input, named->names[i], &at, err);
        depth = at.up > depth ? at.up : depth;
    }
    if (status == GB_OK) {
        name_inside(folder, depth, last_part(input), name, sizeof(name));
        status = add_file(out, name, folder, input, err);
    }
    (void)gb_split_path(input, directory, sizeof(directory));
    for (size_t i = 0; i < named->count && status == GB_OK; i++) {
        status = find_place(input, named->names[i], &at, err);
        name_inside(folder, depth - at.up, at.rest, name, sizeof(name));
        snprintf(path, sizeof(path), "%s/%s", directory, named->names[i]);
        if (status == GB_OK)
            status = add_file(out, name, GB_BUNDLE_ROLE_NAMED, path, err);
    }
    return status;
}

static gb_status add_inputs(const gb_claim_sources *sources, gb_bundle *out,
                            gb_error *err) {
    gb_status status = GB_OK;

    for (gb_claim_input kind = 0; kind < GB_CLAIM_INPUTS && status == GB_OK;
         kind++) {
        const char *input = sources->inputs[kind];
        gb_named_files named = {0};
        if (input == NULL)
            continue;
        status = gb_named_files_read(input, &named, err);
        if (status == GB_OK)
            status =
                add_named(out, gb_claim_input_word(kind), input, &named, err);
        gb_named_files_fini(&named);
    }
    return status;
}

static gb_status add_table(void *ctx, const char *path, const char *name,
                           gb_error *err) {
    char inside[PATH_MAX];

    snprintf(inside, sizeof(inside), "%s/%s", GB_BUNDLE_FACTORS, name);
    return add_file(ctx, inside, GB_BUNDLE_ROLE_FACTORS, path, err);
}

/* The tables of this greenbench: another may have corrected them. */
static gb_status add_factors(const gb_claim_sources *sources, gb_bundle *out,
                             gb_error *err) {
    char folder[GB_PROGRAM_SHARE_SIZE];

    if (sources->inputs[GB_CLAIM_INPUT_CARBON] == NULL)
        return GB_OK;
    const gb_status status = gb_carbon_files_folder(folder, err);
    return status == GB_OK ? gb_factors_each_table(folder, add_table, out, err)
                           : status;
}

/* --- runs ----------------------------------------------------------------- */

static bool has_folder(const gb_bundle *bundle, const char *folder) {
    for (size_t i = 0; i < bundle->run_count; i++)
        if (strcmp(bundle->runs[i].folder, folder) == 0)
            return true;
    return false;
}

/* Claims may name a run by its directory: that name stays, and runs of one name
 * go apart. */
static void name_folder(const gb_bundle *bundle, const gb_decision *decision,
                        size_t at, char *out, size_t size) {
    const char *name = decision->runs[at].name;

    if (name[strspn(name, ".")] == '\0')
        name = decision->runs[at].result->session->run_id;
    snprintf(out, size, "runs/%s", name);
    for (int i = 2; has_folder(bundle, out); i++)
        snprintf(out, size, "runs-%d/%s", i, name);
}

static gb_status add_runs(const gb_claim_sources *sources,
                          const gb_decision *decision, gb_bundle *out,
                          gb_error *err) {
    gb_status status = GB_OK;

    for (size_t i = 0; i < decision->run_count && status == GB_OK; i++) {
        const gb_result *result = decision->runs[i].result;
        const uint64_t end_ns = result->ended_utc_ns != 0
                                    ? result->ended_utc_ns
                                    : result->session->started_utc_ns;
        char folder[512];
        name_folder(out, decision, i, folder, sizeof(folder));
        status = gb_bundle_add_run(out, sources->runs[i], folder,
                                   result->session->run_id, err);
        if (end_ns > out->date_utc_ns)
            out->date_utc_ns = end_ns;
    }
    return status;
}

/* --- together ------------------------------------------------------------- */

static gb_status add_verdicts(const gb_decision *decision, gb_bundle *out,
                              gb_error *err) {
    char *text = NULL;
    const gb_status status = gb_decision_json(decision, &text, err);

    if (status != GB_OK)
        return status;
    gb_bundle_file *file =
        gb_bundle_add(out, GB_BUNDLE_VERDICTS, GB_BUNDLE_ROLE_VERDICTS);
    if (file == NULL) {
        free(text);
        return gb_fail_memory(err, GB_BUNDLE_VERDICTS);
    }
    file->text = text;
    return GB_OK;
}

gb_status gb_bundle_collect(const gb_claim_sources *sources,
                            const gb_decision *decision, gb_bundle *out,
                            gb_error *err) {
    char name[512];

    *out = (gb_bundle){0};
    snprintf(out->tool_version, sizeof(out->tool_version), "%s",
             gb_program_version);
    snprintf(out->tool_git, sizeof(out->tool_git), "%s", gb_program_git);
    snprintf(name, sizeof(name), "claims/%s", last_part(sources->claims));
    gb_status status =
        add_file(out, name, GB_BUNDLE_ROLE_CLAIMS, sources->claims, err);
    if (status == GB_OK)
        status = add_runs(sources, decision, out, err);
    if (status == GB_OK)
        status = add_inputs(sources, out, err);
    if (status == GB_OK)
        status = add_factors(sources, out, err);
    return status == GB_OK ? add_verdicts(decision, out, err) : status;
}
