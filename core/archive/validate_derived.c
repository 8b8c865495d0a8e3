/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of a run against the same made again. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/files.h"
#include "archive/validate.h"
#include "archive/validate_parts.h"
#include "base/text.h"
#include "codec/json_schema.h"
#include "model/bundle.h"

/* --- what differs --------------------------------------------------------- */

typedef struct comparison {
    gb_validation *out;
    const char *file; /* that is compared */
    bool same_tool;
} comparison;

/* Another build may have other words and members, and may compute a figure
 * otherwise since a formula was corrected: only its own build can say that a
 * summary is wrong. */
static gb_severity severity_of(const comparison *c, gb_mismatch_kind kind) {
    if (c->same_tool)
        return GB_SEVERITY_ERROR;
    return kind == GB_MISMATCH_WRONG ? GB_SEVERITY_WARNING : GB_SEVERITY_NOTE;
}

static void differs(void *ctx, const gb_mismatch *mismatch) {
    static const char *const codes[] = {
        [GB_MISMATCH_WRONG] = "recomputed.value",
        [GB_MISMATCH_UNKNOWN] = "recomputed.unknown",
        [GB_MISMATCH_MISSING] = "recomputed.missing",
        [GB_MISMATCH_WORDS] = "recomputed.words",
    };
    const comparison *c = ctx;
    const gb_violation_kind kind = {GB_CHECK_RECOMPUTED,
                                    severity_of(c, mismatch->kind),
                                    codes[mismatch->kind], c->file};

    gb_violate(c->out, &kind, mismatch->path, mismatch->expected,
               mismatch->found);
}

static void not_comparable(gb_validation *out, const char *file,
                           const char *found) {
    const gb_violation_kind kind = {GB_CHECK_RECOMPUTED, GB_SEVERITY_ERROR,
                                    "recomputed.unreadable", file};

    gb_violate(out, &kind, "", "what the records say", found);
}

static size_t line_length(const char *text) {
    return strcspn(text, "\n");
}

/* The first line of report.md that is another. */
static void find_line(const char *stored, const char *again,
                      const comparison *c) {
    char where[32], expected[200], found[200];
    const gb_violation_kind kind = {GB_CHECK_RECOMPUTED,
                                    c->same_tool ? GB_SEVERITY_ERROR
                                                 : GB_SEVERITY_NOTE,
                                    "recomputed.report", "report.md"};
    const char *a = stored, *b = again;
    size_t line = 1;

    while (*a != '\0' && line_length(a) == line_length(b) &&
           strncmp(a, b, line_length(a)) == 0 &&
           a[line_length(a)] == b[line_length(b)]) {
        a += line_length(a) + (a[line_length(a)] == '\n');
        b += line_length(b) + (b[line_length(b)] == '\n');
        line++;
    }
    snprintf(where, sizeof(where), "line %zu", line);
    snprintf(expected, sizeof(expected), "%.*s", (int)line_length(b), b);
    snprintf(found, sizeof(found), "%.*s", (int)line_length(a), a);
    gb_violate(c->out, &kind, where, expected, found);
}

/* --- byte by byte --------------------------------------------------------- */

/* A file beside the text that it should be, which comes in pieces. */
typedef struct beside {
    int fd;
    bool differs;
    gb_json_counter values;
    char block[1 << 16];
} beside;

/* @return whether the file goes on with @p text */
static bool goes_on(beside *all, const char *text, size_t length) {
    while (length > 0) {
        const size_t want =
            length < sizeof(all->block) ? length : sizeof(all->block);
        const ssize_t got = read(all->fd, all->block, want);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || memcmp(all->block, text, (size_t)got) != 0)
            return false;
        text += got;
        length -= (size_t)got;
    }
    return true;
}

static gb_status hold_beside(void *ctx, const char *text, size_t length,
                             gb_error *err) {
    beside *all = ctx;

    all->differs = !goes_on(all, text, length);
    gb_json_count_values(&all->values, text, length);
    return all->differs ? gb_fail(err, GB_ERR_INVALID, NULL, "it differs")
                        : GB_OK;
}

/* Most results are those of the program that looks at them: then its bytes are
 * those that it makes again, and neither text is ever whole in memory.
 * @param[out] same_out    false as well if the file cannot be read
 * @param[out] values_out  of a JSON document, if it is the same */
static gb_status is_same(const char *dir_path, const char *name,
                         gb_text_source source, const void *result,
                         bool *same_out, size_t *values_out, gb_error *err) {
    char path[PATH_MAX], more;
    beside *all = calloc(1, sizeof(*all));

    *same_out = false;
    if (all == NULL)
        return gb_fail_memory(err, name);
    gb_path_join(path, sizeof(path), dir_path, name);
    all->fd = open(path, O_RDONLY | O_CLOEXEC);
    gb_status status = GB_OK;
    if (all->fd >= 0) {
        const gb_text_sink sink = {.put = hold_beside, .ctx = all};
        status = source(result, &sink, err);
        *same_out = status == GB_OK && read(all->fd, &more, 1) == 0;
        *values_out = all->values.count;
        close(all->fd);
    }
    if (all->differs)
        status = GB_OK;
    free(all);
    return status;
}

/* --- together ------------------------------------------------------------- */

/* Both texts whole: what is stored, and what is made again. */
static gb_status read_both(const char *dir_path, const char *name,
                           gb_text_source source, const void *result,
                           const comparison *c, char **stored_out,
                           gb_str *again_out, gb_error *err) {
    gb_error unreadable = {.rank = -1};
    const gb_text_sink sink = gb_str_sink(again_out);

    *stored_out = NULL;
    if (gb_read_stored(dir_path, name, stored_out, &unreadable) == GB_OK)
        return source(result, &sink, err);
    not_comparable(c->out, name, unreadable.what);
    return GB_OK;
}

static gb_status compare_summary(const char *dir_path,
                                 const gb_derived *derived, comparison *c,
                                 size_t *compared_out, gb_error *err) {
    const gb_mismatch_sink sink = {.tell = differs, .ctx = c};
    gb_error inner = {.rank = -1};
    gb_str again = {0};
    char *stored = NULL;
    bool same = false;
    gb_status status = is_same(dir_path, "summary.json", derived->summary,
                               derived->result, &same, compared_out, err);

    if (status != GB_OK || same)
        return status;
    status = read_both(dir_path, "summary.json", derived->summary,
                       derived->result, c, &stored, &again, err);
    if (status == GB_OK && stored != NULL &&
        gb_json_compare(stored, again.text, &sink, compared_out, &inner) !=
            GB_OK)
        not_comparable(c->out, "summary.json", inner.what);
    free(stored);
    gb_str_fini(&again);
    return status;
}

static gb_status compare_report(const char *dir_path, const gb_derived *derived,
                                const comparison *c, gb_error *err) {
    gb_str again = {0};
    char *stored = NULL;
    bool same = false;
    size_t ignored = 0;
    gb_status status = is_same(dir_path, "report.md", derived->report,
                               derived->result, &same, &ignored, err);

    if (status != GB_OK || same)
        return status;
    status = read_both(dir_path, "report.md", derived->report, derived->result,
                       c, &stored, &again, err);
    if (status == GB_OK && stored != NULL)
        find_line(stored, again.text, c);
    free(stored);
    gb_str_fini(&again);
    return status;
}

gb_status gb_validate_derived(const char *dir_path, const gb_derived *derived,
                              gb_validation *out, gb_error *err) {
    comparison c = {
        .out = out, .file = "summary.json", .same_tool = derived->same_tool};
    size_t compared = 0;
    gb_status status = compare_summary(dir_path, derived, &c, &compared, err);

    if (status == GB_OK)
        status = compare_report(dir_path, derived, &c, err);
    if (status != GB_OK)
        return status;
    gb_validation_done(out, GB_CHECK_RECOMPUTED,
                       "%zu values of summary.json, and report.md, from %zu "
                       "records and %zu samples%s",
                       compared, derived->records, derived->samples,
                       derived->same_tool ? ""
                                          : "; another build wrote them, "
                                            "which may compute otherwise");
    return GB_OK;
}

size_t gb_validate_verdicts(const char *stored, const char *verdicts,
                            bool same_tool, gb_validation *out) {
    comparison c = {
        .out = out, .file = GB_BUNDLE_VERDICTS, .same_tool = same_tool};
    const gb_mismatch_sink sink = {.tell = differs, .ctx = &c};
    gb_error err = {.rank = -1};
    size_t compared = 0;

    if (gb_json_compare(stored, verdicts, &sink, &compared, &err) != GB_OK)
        not_comparable(out, GB_BUNDLE_VERDICTS, err.what);
    return compared;
}
