/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the manifest or the summary of a run from anybody: what is taken
 * as a manifest can be written and read again; checking against every schema
 * and comparing with itself says something or nothing, and a document never
 * differs from itself. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "codec/json_schema.h"
#include "codec/json_stored.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must_say_something(void *ctx, const gb_mismatch *mismatch) {
    (void)ctx;
    if (mismatch->expected == NULL || mismatch->found[0] == '\0')
        abort();
}

static void must_not_be_told(void *ctx, const gb_mismatch *mismatch) {
    (void)ctx;
    (void)mismatch;
    abort();
}

enum { SCHEMAS = 4 };

static void check_schemas(const char *text) {
    static const char *const names[SCHEMAS] = {"manifest", "plan", "records",
                                               "summary"};
    static gb_json_schema *schemas[SCHEMAS]; /* read once */
    const gb_mismatch_sink sink = {.tell = must_say_something};

    for (size_t i = 0; i < SCHEMAS; i++) {
        gb_error err = {0};
        if (schemas[i] == NULL &&
            gb_json_schema_open(names[i], &schemas[i], &err) != GB_OK)
            abort();
        (void)gb_json_schema_check(schemas[i], text, &sink, &err);
    }
}

static void read_stored(const char *text) {
    const gb_mismatch_sink sink = {.tell = must_not_be_told};
    gb_stored_summary summary = {0};
    gb_error err = {0};
    size_t compared = 0;

    if (gb_json_read_stored(text, &summary, &err) == GB_OK)
        gb_stored_summary_fini(&summary);
    (void)gb_json_compare(text, text, &sink, &compared, &err);
}

static void read_manifest(char *text) {
    gb_manifest manifest = {0}, again = {0};
    gb_error err = {0};

    if (gb_json_read_manifest(text, &manifest, &err) != GB_OK) {
        if (err.what[0] == '\0')
            abort();
        return;
    }
    char *written =
        gb_json_manifest(manifest.run_id, manifest.entries, manifest.count);
    if (written == NULL || gb_json_manifest_blank(written) == NULL ||
        gb_json_read_manifest(written, &again, &err) != GB_OK ||
        again.count != manifest.count)
        abort();
    for (size_t i = 0; i < again.count; i++)
        if (strcmp(again.entries[i].path, manifest.entries[i].path) != 0)
            abort();
    free(written);
    gb_manifest_fini(&again);
    gb_manifest_fini(&manifest);
    (void)gb_json_manifest_blank(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    char *text = malloc(size + 1);

    if (text == NULL)
        return 0;
    memcpy(text, bytes, size);
    text[size] = '\0';
    check_schemas(text);
    read_stored(text);
    read_manifest(text);
    free(text);
    return 0;
}
