/* SPDX-License-Identifier: Apache-2.0 */
/* What two runs have not in common, so that a ratio is not taken for more than
 * it is. */
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/phrase.h"
#include "base/text.h"
#include "pipeline/compare/parts.h"

/* Names in one text; more are counted. */
#define NAMED_MAX 4

static bool told(const gb_compared_pair *pair, const gb_warning *warning) {
    for (size_t i = 0; i < pair->difference_count; i++)
        if (strcmp(pair->differences[i].code, warning->code) == 0 &&
            strcmp(pair->differences[i].what, warning->what) == 0)
            return true;
    return false;
}

static bool differ(gb_compared_pair *pair, const char *code, const char *hint,
                   const char *fmt, ...) GB_PRINTF_LIKE(4, 5);

/* Once, however many pairs of interleaved runs differ in it.
 * @return false: out of memory */
static bool differ(gb_compared_pair *pair, const char *code, const char *hint,
                   const char *fmt, ...) {
    gb_warning found = {0};
    va_list args;

    gb_copy(found.code, sizeof(found.code), code);
    gb_copy(found.hint, sizeof(found.hint), hint);
    va_start(args, fmt);
    gb_phrase_vboth(found.what, sizeof(found.what), found.chinese,
                    sizeof(found.chinese), fmt, args);
    va_end(args);
    if (told(pair, &found))
        return true;
    gb_warning *longer =
        realloc(pair->differences,
                (pair->difference_count + 1) * sizeof(*pair->differences));
    if (longer == NULL)
        return false;
    pair->differences = longer;
    longer[pair->difference_count++] = found;
    return true;
}

/* The Chinese of the last one once more, where its values are words.
 * @param before  how many there were before it: it may have been told */
static void differ_chinese(gb_compared_pair *pair, size_t before,
                           const char *fmt, ...) GB_PRINTF_LIKE(3, 4);

static void differ_chinese(gb_compared_pair *pair, size_t before,
                           const char *fmt, ...) {
    char text[1024];
    va_list args;

    if (pair->difference_count == before)
        return;
    gb_warning *last = &pair->differences[pair->difference_count - 1];
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), gb_phrase(GB_LANGUAGE_ZH, fmt), args);
    va_end(args);
    gb_copy(last->chinese, sizeof(last->chinese), text);
}

static const char *zh(const char *english) {
    return gb_phrase(GB_LANGUAGE_ZH, english);
}

/* --- facts ---------------------------------------------------------------- */

static const char *known(const char *text) {
    return text[0] != '\0' ? text : "not known";
}

/* Words of ours, or names from outside, which no language changes. */
typedef enum values_are { WORDS, NAMES } values_are;

static const char several[] = "several";

/* A name is none of our words: there is a clock governor "performance". */
static const char *zh_value(values_are values, const char *text) {
    return values == WORDS || text[0] == '\0' || strcmp(text, several) == 0
               ? zh(known(text))
               : text;
}

static bool texts(gb_compared_pair *pair, const char *code, const char *what,
                  values_are values, const char *base, const char *next) {
    const size_t before = pair->difference_count;

    if (strcmp(base, next) == 0)
        return true;
    if (!differ(pair, code, "", "%s: %s in BASE, %s in NEW", what, known(base),
                known(next)))
        return false;
    differ_chinese(pair, before, "%s: %s in BASE, %s in NEW", zh(what),
                   zh_value(values, base), zh_value(values, next));
    return true;
}

/* A text of every node, or `several` where they differ. */
static const char *of_nodes(const gb_session *session, size_t offset) {
    const char *first = "";

    for (size_t n = 0; n < session->node_count; n++) {
        const char *text = (const char *)&session->nodes[n] + offset;
        if (n > 0 && strcmp(first, text) != 0)
            return several;
        first = text;
    }
    return first;
}

static bool compare_nodes(const gb_session *base, const gb_session *next,
                          gb_compared_pair *pair) {
    static const struct {
        const char *code, *what;
        values_are values;
        size_t offset;
    } facts[] = {
        {"compare.cpu", "processor", NAMES, offsetof(gb_node, cpu)},
        {"compare.microcode", "microcode", NAMES, offsetof(gb_node, microcode)},
        {"compare.kernel", "kernel", NAMES, offsetof(gb_node, kernel)},
        {"compare.governor", "clock governor", NAMES,
         offsetof(gb_node, governor)},
        {"compare.turbo", "turbo", WORDS, offsetof(gb_node, turbo)},
        {"compare.power_caps", "power limits", NAMES,
         offsetof(gb_node, power_caps)},
        {"compare.virtualisation", "virtualisation", WORDS,
         offsetof(gb_node, virtualisation)},
    };
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
        if (!texts(pair, facts[i].code, facts[i].what, facts[i].values,
                   of_nodes(base, facts[i].offset),
                   of_nodes(next, facts[i].offset)))
            return false;
    return true;
}

static bool compare_sessions(const gb_session *base, const gb_session *next,
                             gb_compared_pair *pair) {
    bool ok = true;

    if (strcmp(base->run_id, next->run_id) == 0)
        ok = differ(pair, "compare.same", "", "both are the run %s",
                    base->run_id);
    if (ok &&
        (base->ranks != next->ranks || base->node_count != next->node_count))
        ok = differ(
            pair, "compare.size", "figures are of the whole job, not of a node",
            "size: %" PRIu32 " ranks on %zu nodes in BASE, %" PRIu32
            " on %zu in NEW",
            base->ranks, base->node_count, next->ranks, next->node_count);
    return ok &&
           texts(pair, "compare.tool", "greenbench", NAMES, base->tool_version,
                 next->tool_version) &&
           texts(pair, "compare.build", "its build", NAMES, base->tool_build,
                 next->tool_build) &&
           texts(pair, "compare.mpi", "MPI", WORDS, base->mpi, next->mpi) &&
           compare_nodes(base, next, pair);
}

static bool compare_state(const gb_result *result, const char *side,
                          gb_compared_pair *pair) {
    if (result->status == GB_RUN_COMPLETE)
        return true;
    return differ(pair, "compare.status", "greenbench --resume finishes it",
                  result->status == GB_RUN_INTERRUPTED
                      ? "%s was interrupted: what had finished is compared"
                      : "%s was ended by a failure: what had finished is "
                        "compared",
                  side);
}

/* --- benchmarks ----------------------------------------------------------- */

/* Some names, and how many more there are. */
typedef struct names {
    gb_str text;
    size_t count;
} names;

static void add_name(names *list, const char *text, const char *more) {
    if (list->count++ < NAMED_MAX)
        gb_str_addf(&list->text, "%s%s%s%s", list->count > 1 ? ", " : "", text,
                    more[0] != '\0' ? " " : "", more);
}

/* Resets the names. */
static bool tell_names(gb_compared_pair *pair, const char *code,
                       const char *hint, const char *what, names *list) {
    const size_t before = pair->difference_count;
    char more[40] = "", chinese[60] = "";
    bool ok = !list->text.failed;

    if (list->count > NAMED_MAX)
        gb_phrase_both(more, sizeof(more), chinese, sizeof(chinese),
                       " and %zu more", list->count - NAMED_MAX);
    if (ok && list->count > 0) {
        ok = differ(pair, code, hint, "%s: %s%s", what, list->text.text, more);
        if (ok)
            differ_chinese(pair, before, "%s: %s%s", zh(what), list->text.text,
                           chinese);
    }
    gb_str_fini(&list->text);
    *list = (names){0};
    return ok;
}

static const gb_plan_case *planned_of(const gb_compare_input *run,
                                      const gb_case_key *key) {
    return &run->plan->cases[run->reduced->cases[key->at].case_index];
}

static bool add_case(names *list, const gb_compare_input *run,
                     const gb_case_key *key) {
    const gb_plan_case *planned = planned_of(run, key);
    char *params = gb_plan_case_params(planned);

    if (params == NULL)
        return false;
    add_name(list, planned->id, params);
    free(params);
    return true;
}

/* Cases of @p run that @p other lacks: others, or with other parameters. */
static bool tell_missing(const gb_compare_input *run,
                         const gb_case_index *cases,
                         const gb_case_index *others, const char *code,
                         const char *what, gb_compared_pair *pair) {
    names missing = {0};
    bool ok = true;

    for (size_t i = 0; ok && i < cases->count; i++)
        if (gb_case_find(others, &cases->keys[i]) == NULL)
            ok = add_case(&missing, run, &cases->keys[i]);
    return tell_names(pair, code, "", what, &missing) && ok;
}

static bool built_otherwise(const gb_plan_case *a, const gb_plan_case *b) {
    return a->sha256 != NULL && b->sha256 != NULL && a->sha256[0] != '\0' &&
           b->sha256[0] != '\0' && strcmp(a->version, b->version) == 0 &&
           strcmp(a->sha256, b->sha256) != 0;
}

/* The same version of a plugin from another file: it was built otherwise. Cases
 * of one plugin stand together. */
static bool tell_plugins(const gb_compare_input *base,
                         const gb_case_index *base_cases,
                         const gb_compare_input *next,
                         const gb_case_index *next_cases,
                         gb_compared_pair *pair) {
    names built = {0};
    const char *told = "";

    for (size_t i = 0; i < base_cases->count; i++) {
        const gb_case_key *key = &base_cases->keys[i];
        const gb_case_key *other = gb_case_find(next_cases, key);
        const gb_plan_case *a = planned_of(base, key);
        if (other == NULL || strcmp(told, a->id) == 0 ||
            !built_otherwise(a, planned_of(next, other)))
            continue;
        told = a->id;
        add_name(&built, a->id, "");
    }
    return tell_names(pair, "compare.plugin", "",
                      "plugins of one version from other files", &built);
}

static bool tell_flag(const char *side, const char *flag,
                      gb_compared_pair *pair) {
    const size_t before = pair->difference_count;

    if (!differ(pair, "compare.energy", "greenbench report shows where",
                "energy of %s: %s", side, flag))
        return false;
    differ_chinese(pair, before, "energy of %s: %s", side, zh(flag));
    return true;
}

/* Marks of an energy figure, as the report shows them behind its quality. */
static bool tell_flags(const gb_compare_input *run, const char *side,
                       gb_compared_pair *pair) {
    uint32_t flags = 0;

    for (size_t i = 0; i < run->result->bench_count; i++)
        flags |= run->result->benches[i].energy.flags;
    for (int f = 0; f < GB_FLAG_COUNT; f++)
        if ((flags >> f & 1u) != 0 &&
            !tell_flag(side, gb_energy_flag_text((gb_energy_flag)f), pair))
            return false;
    return true;
}

gb_status gb_compare_runs(const gb_compare_input *base,
                          const gb_case_index *base_cases,
                          const gb_compare_input *next,
                          const gb_case_index *next_cases,
                          gb_compared_pair *pair, gb_error *err) {
    const bool ok =
        compare_sessions(base->result->session, next->result->session, pair) &&
        compare_state(base->result, "BASE", pair) &&
        compare_state(next->result, "NEW", pair) &&
        tell_plugins(base, base_cases, next, next_cases, pair) &&
        tell_flags(base, "BASE", pair) && tell_flags(next, "NEW", pair) &&
        tell_missing(base, base_cases, next_cases, "compare.only_base",
                     "only BASE has", pair) &&
        tell_missing(next, next_cases, base_cases, "compare.only_new",
                     "only NEW has", pair);

    return ok ? GB_OK : gb_fail_memory(err, "the differences of two runs");
}

gb_status gb_compare_cases(const gb_compare_input *first,
                           const gb_case_index *first_cases,
                           const gb_case_index *other, const char *path,
                           gb_compared_pair *pair, gb_error *err) {
    char what[160];

    snprintf(what, sizeof(what), "not in %s", path);
    return tell_missing(first, first_cases, other, "compare.not_in_all", what,
                        pair)
               ? GB_OK
               : gb_fail_memory(err, "the differences of two runs");
}
