/* SPDX-License-Identifier: Apache-2.0 */
/* Which benchmarks run: wishes against what exists and how many ranks there
 * are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "pipeline/plan/parts.h"

#define NAMES_SIZE 180 /* of a list within a message */

bool gb_plan_is_glob(const char *pattern) {
    return strpbrk(pattern, "*?") != NULL;
}

static const char *suggest(const char *word, const char *const *names,
                           size_t count, char *hint, size_t size) {
    const char *near = gb_closest(word, names, count);
    hint[0] = '\0';
    if (near != NULL)
        snprintf(hint, size, "did you mean '%s'?", near);
    return hint;
}

/* --- ids ------------------------------------------------------------------ */

/** The file of @p id was found, and could not be used; null: none was. */
static const gb_catalogue_refusal *refusal_of(const gb_catalogue *catalogue,
                                              const char *id) {
    const size_t length = strlen(id);

    for (size_t i = 0; i < catalogue->refusal_count; i++) {
        const char *path = catalogue->refusals[i].path;
        const char *slash = strrchr(path, '/');
        const char *name = slash != NULL ? slash + 1 : path;
        if (strncmp(name, id, length) == 0 && strcmp(name + length, ".so") == 0)
            return &catalogue->refusals[i];
    }
    return NULL;
}

/** A folder that was not looked into; null: all were. */
static const gb_catalogue_refusal *refused_folder(
    const gb_catalogue *catalogue) {
    for (size_t i = 0; i < catalogue->refusal_count; i++)
        if (!gb_ends_with(catalogue->refusals[i].path, ".so"))
            return &catalogue->refusals[i];
    return NULL;
}

static gb_status no_such_benchmark(const gb_plan_draft *draft,
                                   const gb_config_bench *bench) {
    const gb_catalogue *catalogue = draft->catalogue;
    const gb_catalogue_refusal *refusal = refusal_of(catalogue, bench->pattern);
    if (refusal != NULL)
        return gb_fail(draft->err, GB_ERR_NOT_FOUND, refusal->hint,
                       "%s: '%s' cannot be used: %s", bench->origin.where,
                       bench->pattern, refusal->what);
    const char **ids = calloc(catalogue->count + 1, sizeof(*ids));
    char names[NAMES_SIZE], hint[128];
    if (ids == NULL)
        return gb_fail_memory(draft->err, "the plan");
    for (size_t i = 0; i < catalogue->count; i++)
        ids[i] = catalogue->entries[i].id;
    suggest(bench->pattern, ids, catalogue->count, hint, sizeof(hint));
    gb_join(ids, catalogue->count, names, sizeof(names));
    free(ids);
    const gb_catalogue_refusal *folder = refused_folder(catalogue);
    if (folder != NULL)
        return gb_fail(draft->err, GB_ERR_NOT_FOUND, folder->hint,
                       "%s: found no '%s', and did not look into %s",
                       bench->origin.where, bench->pattern, folder->what);
    return gb_fail(draft->err, GB_ERR_NOT_FOUND,
                   hint[0] != '\0' ? hint : "'greenbench list' shows them all",
                   "%s: expected %s %s, got '%s'", bench->origin.where,
                   gb_plan_is_glob(bench->pattern) ? "a pattern for one of"
                                                   : "one of",
                   names, bench->pattern);
}

gb_status gb_plan_add_skip(gb_plan *plan, const char *id, const char *what,
                           const char *hint, gb_error *err) {
    for (size_t i = 0; i < plan->skip_count; i++)
        if (strcmp(plan->skips[i].id, id) == 0)
            return GB_OK;
    gb_plan_skip *list =
        realloc(plan->skips, (plan->skip_count + 1) * sizeof(*list));
    if (list == NULL)
        return gb_fail_memory(err, "the plan");
    plan->skips = list;
    gb_str reason = {0};
    gb_str_addf(&reason, "%s is skipped: %s", id, what);
    gb_plan_skip *skip = &list[plan->skip_count++];
    *skip = (gb_plan_skip){
        .id = strdup(id), .reason = gb_str_take(&reason), .hint = strdup(hint)};
    return skip->id != NULL && skip->reason != NULL && skip->hint != NULL
               ? GB_OK
               : gb_fail_memory(err, "the plan");
}

static gb_status add_pick(gb_plan_draft *draft, const gb_config_bench *bench,
                          const gb_catalogue_entry *entry) {
    gb_plan_pick *list =
        realloc(draft->picks, (draft->pick_count + 1) * sizeof(*list));
    if (list == NULL)
        return gb_fail_memory(draft->err, "the plan");
    draft->picks = list;
    list[draft->pick_count++] = (gb_plan_pick){bench, entry};
    return GB_OK;
}

static gb_status add_rank_skip(gb_plan *plan, const char *id, const char *what,
                               const char *hint, const gb_plan_skip *needs,
                               gb_error *err) {
    const size_t before = plan->skip_count;
    const gb_status status = gb_plan_add_skip(plan, id, what, hint, err);

    if (status == GB_OK && plan->skip_count > before) {
        plan->skips[before].ranks_least = needs->ranks_least;
        plan->skips[before].ranks_multiple = needs->ranks_multiple;
    }
    return status;
}

static gb_status pick_entry(gb_plan_draft *draft, const gb_config_bench *bench,
                            const gb_catalogue_entry *entry) {
    char what[160], hint[96];
    gb_plan_skip needs = {0};
    if (gb_plan_ranks_fit(entry, draft->ranks))
        return add_pick(draft, bench, entry);
    gb_plan_explain_ranks(entry, draft->ranks, &needs, what, sizeof(what), hint,
                          sizeof(hint));
    if (bench->optional || gb_plan_is_glob(bench->pattern))
        return add_rank_skip(&draft->plan, entry->id, what, hint, &needs,
                             draft->err);
    return gb_fail(draft->err, GB_ERR_INVALID, hint, "%s: %s: %s",
                   bench->origin.where, entry->id, what);
}

/* --- names of parameters -------------------------------------------------- */

static bool declares(const gb_catalogue_entry *entry, const char *name) {
    for (size_t i = 0; i < entry->param_count; i++)
        if (strcasecmp(entry->params[i].name, name) == 0)
            return true;
    return false;
}

/* "<where>: <id>: expected one of <names>, got '<name>'"; the names are those
 * of all benchmarks that @p pattern stands for. */
static gb_status no_such_param(const gb_plan_draft *draft, const char *where,
                               const char *pattern, const char *name) {
    const char *known[64] = {NULL};
    size_t count = 0;
    char names[NAMES_SIZE], hint[96];
    for (size_t i = 0; i < draft->catalogue->count; i++) {
        const gb_catalogue_entry *entry = &draft->catalogue->entries[i];
        if (!gb_glob_match(pattern, entry->id))
            continue;
        for (size_t k = 0; k < entry->param_count && count < 64; k++) {
            bool seen = false;
            for (size_t j = 0; j < count; j++)
                seen |= strcmp(known[j], entry->params[k].name) == 0;
            if (!seen)
                known[count++] = entry->params[k].name;
        }
    }
    suggest(name, known, count, hint, sizeof(hint));
    return gb_fail(draft->err, GB_ERR_NOT_FOUND, hint,
                   "%s: %s: expected %s%s, got '%s'", where, pattern,
                   count > 0 ? "one of " : "no parameter",
                   gb_join(known, count, names, sizeof(names)), name);
}

/* A parameter that none of the benchmarks of its entry has. */
static gb_status check_bench_params(const gb_plan_draft *draft,
                                    const gb_config_bench *bench) {
    for (size_t i = 0; i < bench->param_count; i++) {
        bool found = false;
        for (size_t k = 0; k < draft->catalogue->count; k++) {
            const gb_catalogue_entry *entry = &draft->catalogue->entries[k];
            found |= gb_glob_match(bench->pattern, entry->id) &&
                     declares(entry, bench->params[i].name);
        }
        if (!found)
            return no_such_param(draft, bench->params[i].origin.where,
                                 bench->pattern, bench->params[i].name);
    }
    return GB_OK;
}

static gb_status pick_bench(gb_plan_draft *draft,
                            const gb_config_bench *bench) {
    bool found = false;
    gb_status status = GB_OK;
    for (size_t i = 0; i < draft->catalogue->count && status == GB_OK; i++) {
        const gb_catalogue_entry *entry = &draft->catalogue->entries[i];
        if (!gb_glob_match(bench->pattern, entry->id))
            continue;
        found = true;
        status = pick_entry(draft, bench, entry);
    }
    if (status != GB_OK)
        return status;
    if (found)
        return check_bench_params(draft, bench);
    if (!bench->optional)
        return no_such_benchmark(draft, bench);
    return gb_plan_add_skip(
        &draft->plan, bench->pattern,
        "expected a plugin of this name, found none",
        "'greenbench list' shows the plugins and why others were "
        "refused",
        draft->err);
}

gb_status gb_plan_pick_all(gb_plan_draft *draft) {
    gb_status status = GB_OK;
    if (draft->catalogue->count == 0 && draft->catalogue->refusal_count > 0)
        return gb_fail(draft->err, GB_ERR_NOT_FOUND,
                       draft->catalogue->refusals[0].hint,
                       "expected benchmark plugins, found none that can be "
                       "used: %s",
                       draft->catalogue->refusals[0].what);
    if (draft->catalogue->count == 0)
        return gb_fail(draft->err, GB_ERR_NOT_FOUND,
                       "set GREENBENCH_PLUGIN_PATH to the folder that holds "
                       "them",
                       "expected benchmark plugins, found none");
    for (size_t i = 0; i < draft->config->bench_count && status == GB_OK; i++)
        status = pick_bench(draft, &draft->config->benches[i]);
    if (status != GB_OK || draft->pick_count > 0)
        return status;
    const gb_plan *plan = &draft->plan;
    return gb_fail(draft->err, GB_ERR_INVALID,
                   plan->skip_count > 0 ? plan->skips[0].hint : NULL,
                   "expected a benchmark to run, got none: %s",
                   plan->skip_count > 0 ? plan->skips[0].reason
                                        : "the suite is empty");
}

/* --- overrides ------------------------------------------------------------ */

bool gb_plan_override_matches(const gb_config_param *param, const char *id,
                              const char *name) {
    const char *dot = strrchr(param->name, '.');
    char pattern[200];
    if (dot == NULL || (size_t)(dot - param->name) >= sizeof(pattern))
        return false;
    memcpy(pattern, param->name, (size_t)(dot - param->name));
    pattern[dot - param->name] = '\0';
    return gb_glob_match(pattern, id) &&
           (name == NULL || strcasecmp(dot + 1, name) == 0);
}

static gb_status override_without_benchmark(const gb_plan_draft *draft,
                                            const gb_config_param *param) {
    const char **ids = calloc(draft->pick_count + 1, sizeof(*ids));
    char names[NAMES_SIZE], hint[128], pattern[200];
    size_t count = 0;
    if (ids == NULL)
        return gb_fail_memory(draft->err, "the plan");
    for (size_t i = 0; i < draft->pick_count; i++)
        if (count == 0 ||
            strcmp(ids[count - 1], draft->picks[i].entry->id) != 0)
            ids[count++] = draft->picks[i].entry->id;
    gb_copy(pattern, sizeof(pattern), param->name);
    *strrchr(pattern, '.') = '\0';
    suggest(pattern, ids, count, hint, sizeof(hint));
    gb_join(ids, count, names, sizeof(names));
    free(ids);
    return gb_fail(draft->err, GB_ERR_NOT_FOUND, hint,
                   "%s: expected one of the planned %s, got '%s'",
                   param->origin.where, names, pattern);
}

static gb_status check_override(const gb_plan_draft *draft,
                                const gb_config_param *param) {
    const char *name = strrchr(param->name, '.') + 1;
    const char *id = NULL;
    for (size_t i = 0; i < draft->pick_count; i++) {
        const gb_catalogue_entry *entry = draft->picks[i].entry;
        if (!gb_plan_override_matches(param, entry->id, NULL))
            continue;
        if (declares(entry, name))
            return GB_OK;
        id = entry->id;
    }
    /* One for a benchmark that is skipped has nothing to change. */
    for (size_t i = 0; i < draft->plan.skip_count && id == NULL; i++)
        if (gb_plan_override_matches(param, draft->plan.skips[i].id, NULL))
            return GB_OK;
    return id != NULL ? no_such_param(draft, param->origin.where, id, name)
                      : override_without_benchmark(draft, param);
}

gb_status gb_plan_check_overrides(const gb_plan_draft *draft) {
    gb_status status = GB_OK;
    for (size_t i = 0; i < draft->config->override_count && status == GB_OK;
         i++)
        status = check_override(draft, &draft->config->overrides[i]);
    return status;
}
