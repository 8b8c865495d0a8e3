/* SPDX-License-Identifier: Apache-2.0 */
#include "model/validation.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

const char *gb_check_name(gb_check_id id) {
    static const char *const names[GB_CHECK_COUNT] = {
        [GB_CHECK_MANIFEST] = "manifest",
        [GB_CHECK_FILES] = "files",
        [GB_CHECK_SCHEMA] = "schema",
        [GB_CHECK_IDENTITIES] = "identities",
        [GB_CHECK_RECOMPUTED] = "recomputed",
        [GB_CHECK_SIGNATURE] = "signature",
    };
    return names[id];
}

/* Files of others may hold anything: "\\xNN" for what is not plain ASCII. */
static void escape(char *text, size_t size) {
    gb_str plain = {0};

    for (const char *at = text; *at != '\0'; at++) {
        if (*at >= ' ' && *at <= '~')
            gb_str_addn(&plain, at, 1);
        else
            gb_str_addf(&plain, "\\x%02x", (unsigned)(unsigned char)*at);
    }
    gb_copy(text, size, plain.text != NULL ? plain.text : "");
    gb_str_fini(&plain);
}

/* @return the copy; null: it is counted alone */
static gb_violation *keep(gb_validation *validation,
                          const gb_violation *violation) {
    const size_t count = validation->count;

    if (count == GB_VIOLATIONS_MAX) {
        validation->dropped++;
        return NULL;
    }
    /* Powers of two only: the old count says when to grow. */
    if ((count & (count - 1)) == 0) {
        gb_violation *longer =
            realloc(validation->list,
                    (count > 0 ? count * 2 : 1) * sizeof(*validation->list));
        if (longer == NULL) {
            validation->failed = true;
            return NULL;
        }
        validation->list = longer;
    }
    gb_violation *kept = &validation->list[validation->count++];
    *kept = *violation;
    return kept;
}

void gb_validation_add(gb_validation *validation,
                       const gb_violation *violation) {
    gb_check *check = &validation->checks[violation->check];

    if (violation->severity == GB_SEVERITY_ERROR)
        check->errors++;
    else
        check->others++;
    gb_violation *kept = keep(validation, violation);
    if (kept == NULL)
        return;
    escape(kept->file, sizeof(kept->file));
    escape(kept->where, sizeof(kept->where));
    escape(kept->expected, sizeof(kept->expected));
    escape(kept->found, sizeof(kept->found));
}

void gb_validation_merge(gb_validation *validation, const gb_validation *part,
                         const char *prefix) {
    for (size_t i = 0; i < GB_CHECK_COUNT; i++) {
        validation->checks[i].errors += part->checks[i].errors;
        validation->checks[i].others += part->checks[i].others;
    }
    for (size_t i = 0; i < part->count; i++) {
        gb_violation *kept = keep(validation, &part->list[i]);
        char file[sizeof(kept->file) + sizeof(validation->path)];
        if (kept == NULL)
            continue;
        snprintf(file, sizeof(file), "%s%s", prefix, part->list[i].file);
        gb_copy(kept->file, sizeof(kept->file), file);
        escape(kept->file, sizeof(kept->file));
    }
    validation->dropped += part->dropped;
    validation->failed = validation->failed || part->failed;
}

void gb_validation_done(gb_validation *validation, gb_check_id id,
                        const char *fmt, ...) {
    gb_check *check = &validation->checks[id];
    va_list args;

    check->done = true;
    va_start(args, fmt);
    vsnprintf(check->what, sizeof(check->what), fmt, args);
    va_end(args);
}

void gb_validation_skip(gb_validation *validation, gb_check_id id,
                        const char *why) {
    gb_check *check = &validation->checks[id];

    check->done = false;
    gb_copy(check->what, sizeof(check->what), why);
}

void gb_validation_leave(gb_validation *validation, const char *fmt, ...) {
    char text[320];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    char **longer =
        realloc(validation->unchecked,
                (validation->unchecked_count + 1) * sizeof(*longer));
    if (longer != NULL)
        validation->unchecked = longer;
    char *copy = longer != NULL ? strdup(text) : NULL;
    if (copy == NULL)
        validation->failed = true;
    else
        longer[validation->unchecked_count++] = copy;
}

bool gb_validation_is_valid(const gb_validation *validation) {
    for (size_t i = 0; i < GB_CHECK_COUNT; i++)
        if (validation->checks[i].errors > 0)
            return false;
    return true;
}

void gb_validation_fini(gb_validation *validation) {
    for (size_t i = 0; i < validation->unchecked_count; i++)
        free(validation->unchecked[i]);
    free(validation->unchecked);
    free(validation->list);
    *validation = (gb_validation){0};
}
