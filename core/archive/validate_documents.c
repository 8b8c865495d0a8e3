/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of a run against their schemas. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/validate.h"
#include "archive/validate_parts.h"
#include "base/text.h"
#include "codec/json_schema.h"

/* Where mismatches go. */
typedef struct reader {
    gb_validation *out;
    const char *file;
    size_t line; /* of records.jsonl; 0: a document */
} reader;

/* "line 12", "line 12: ranks.work", "benchmarks[0].id". */
static void describe_place(const reader *at, const char *path, char *out,
                           size_t size) {
    if (at->line == 0)
        snprintf(out, size, "%s", path);
    else
        snprintf(out, size, "line %zu%s%s", at->line,
                 path[0] != '\0' ? ": " : "", path);
}

static void told(void *ctx, const gb_mismatch *mismatch) {
    const reader *at = ctx;
    const bool unknown = mismatch->kind == GB_MISMATCH_UNKNOWN;
    const gb_violation_kind kind = {
        GB_CHECK_SCHEMA, unknown ? GB_SEVERITY_NOTE : GB_SEVERITY_ERROR,
        unknown ? "schema.unknown" : "schema.wrong", at->file};
    char where[200];

    describe_place(at, mismatch->path, where, sizeof(where));
    gb_violate(at->out, &kind, where, mismatch->expected, mismatch->found);
}

static void no_json(const reader *at, const gb_error *err) {
    const gb_violation_kind kind = {GB_CHECK_SCHEMA, GB_SEVERITY_ERROR,
                                    "schema.json", at->file};
    char where[32];

    describe_place(at, "", where, sizeof(where));
    gb_violate(at->out, &kind, where, "a JSON object", err->what);
}

static void check_text(const gb_json_schema *schema, const char *text,
                       reader *at) {
    const gb_mismatch_sink sink = {.tell = told, .ctx = at};
    gb_error err = {.rank = -1};

    if (gb_json_schema_check(schema, text, &sink, &err) != GB_OK)
        no_json(at, &err);
}

/* What a manifest does not know of itself, its own digest may be missing for:
 * then nothing vouches for a member with another name. */
static void check_manifest_members(gb_validation *out, const char *text) {
    const gb_violation_kind kind = {GB_CHECK_SCHEMA, GB_SEVERITY_ERROR,
                                    "schema.unknown", "manifest.json"};

    if (out->checks[GB_CHECK_SCHEMA].others > 0 &&
        strstr(text, "\"manifest_sha256\"") == NULL)
        gb_violate(out, &kind, "", "manifest_sha256",
                   "members that nothing describes, and none of this name");
}

/* @return whether it was there */
static bool check_document(const char *dir_path, const char *name,
                           const char *schema_name, gb_validation *out) {
    reader at = {.out = out, .file = name};
    gb_error err = {.rank = -1};
    gb_json_schema *schema = NULL;
    char *text = NULL;

    gb_status status = gb_read_stored(dir_path, name, &text, &err);
    if (status == GB_OK)
        status = gb_json_schema_open(schema_name, &schema, &err);
    if (status == GB_OK) {
        check_text(schema, text, &at);
        if (strcmp(name, "manifest.json") == 0)
            check_manifest_members(out, text);
    } else if (status != GB_ERR_NOT_FOUND) {
        no_json(&at, &err);
    }
    gb_json_schema_close(schema);
    free(text);
    return status == GB_OK;
}

/* @return lines that were looked at */
static size_t check_lines(const char *dir_path, const char *name,
                          const gb_json_schema *schema, gb_validation *out) {
    reader at = {.out = out, .file = name};
    gb_error err = {.rank = -1};
    char *text = NULL;

    if (gb_read_stored(dir_path, name, &text, &err) != GB_OK) {
        no_json(&at, &err);
        return 0;
    }
    for (char *line = text; *line != '\0';) {
        char *end = strchr(line, '\n');
        if (end == NULL)
            break; /* cut short by a crash: the reader drops it */
        *end = '\0';
        at.line++;
        check_text(schema, line, &at);
        line = end + 1;
    }
    free(text);
    return at.line;
}

static size_t check_records(const char *dir_path, const gb_inventory *inventory,
                            gb_validation *out) {
    gb_json_schema *schema = NULL;
    gb_error err = {.rank = -1};
    size_t lines = 0;

    if (gb_json_schema_open("records", &schema, &err) != GB_OK)
        return 0;
    for (size_t i = 0; i < inventory->count; i++) {
        const char *name = inventory->files[i].name;
        if (strcmp(name, "records.jsonl") == 0 ||
            (gb_starts_with(name, "launch-") &&
             gb_ends_with(name, "/records.jsonl")))
            lines += check_lines(dir_path, name, schema, out);
    }
    gb_json_schema_close(schema);
    return lines;
}

void gb_validate_documents(const char *dir_path, const gb_inventory *inventory,
                           gb_validation *out) {
    static const struct {
        const char *file, *schema;
    } documents[] = {
        {"manifest.json", "manifest"},
        {"plan.json", "plan"},
        {"summary.json", "summary"},
    };
    gb_str names = {0};

    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
        if (check_document(dir_path, documents[i].file, documents[i].schema,
                           out))
            gb_str_addf(&names, "%s, ", documents[i].file);
    const size_t lines = check_records(dir_path, inventory, out);
    gb_validation_done(out, GB_CHECK_SCHEMA, "%s%zu records",
                       names.text != NULL ? names.text : "", lines);
    gb_str_fini(&names);
}
