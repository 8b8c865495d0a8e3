/* SPDX-License-Identifier: Apache-2.0 */
/* Sweeps: the values of each parameter, and every combination of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "model/accepts.h"
#include "pipeline/plan/parts.h"

/* The checked values of one parameter. */
typedef struct axis {
    gb_plan_param *values; /* [count]; `name` is borrowed from the catalogue */
    size_t count;
} axis;

static void axes_fini(axis *axes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < axes[i].count; k++)
            free(axes[i].values[k].text);
        free(axes[i].values);
    }
    free(axes);
}

/* Of one step. A solve takes as long as its size makes it take, but one that
 * waits for a rank that is no more must end some time. */
#define TIMEOUT_S       3600.0
#define SOLVE_TIMEOUT_S 86400.0

static bool same_value(const gb_plan_param *a, const gb_plan_param *b) {
    if (a->kind != b->kind)
        return false;
    if (a->kind == GB_VALUE_TEXT)
        return strcmp(a->text, b->text) == 0;
    return a->u64 == b->u64 && a->f64 >= b->f64 && a->f64 <= b->f64;
}

/* Put where the value stands before what is wrong with it. */
static gb_status prefix(gb_error *err, const char *where, const char *name,
                        const gb_error *inner) {
    return gb_fail(err, inner->status,
                   inner->hint[0] != '\0' ? inner->hint : NULL, "%s: %s: %s",
                   where, name, inner->what);
}

/* --- one parameter -------------------------------------------------------- */

/* Where the values of a parameter come from. */
typedef struct value_source {
    const char *where, *name; /* for messages */
    const char *const *texts; /* [count] */
    size_t count;
} value_source;

static gb_status add_value(gb_plan_draft *draft, const value_source *from,
                           const gb_catalogue_param *param,
                           const gb_plan_param *usual, const char *text,
                           axis *out) {
    gb_error inner = {0};
    gb_plan_param value = {.name = param->name};
    if (gb_accepts_parse(param->accepts, text, &value, &inner) != GB_OK)
        return prefix(draft->err, from->where, from->name, &inner);
    value.text = strdup(text);
    gb_plan_param *list = out->values;
    /* Powers of two only: the old count says when to grow. */
    if ((out->count & (out->count - 1)) == 0)
        list = realloc(list,
                       (out->count > 0 ? out->count * 2 : 1) * sizeof(*list));
    if (list != NULL)
        out->values = list;
    if (list == NULL || value.text == NULL) {
        free(value.text);
        return gb_fail_memory(draft->err, "the plan");
    }
    value.is_default = usual != NULL && same_value(&value, usual);
    for (size_t i = 0; i < out->count; i++) {
        if (!same_value(&list[i], &value))
            continue;
        free(value.text);
        return gb_fail(draft->err, GB_ERR_INVALID, NULL,
                       "%s: %s: expected different values, got '%s' twice",
                       from->where, from->name, text);
    }
    list[out->count++] = value;
    return GB_OK;
}

static gb_status add_text(gb_plan_draft *draft, const value_source *from,
                          const gb_catalogue_param *param,
                          const gb_plan_param *usual, const char *text,
                          axis *out) {
    gb_error inner = {0};
    char **texts = NULL;
    size_t count = 0;
    gb_status status =
        gb_accepts_expand(param->accepts, text, &texts, &count, &inner);
    if (status != GB_OK)
        return prefix(draft->err, from->where, from->name, &inner);
    for (size_t i = 0; i < count; i++) {
        if (status == GB_OK)
            status = add_value(draft, from, param, usual, texts[i], out);
        free(texts[i]);
    }
    free(texts);
    return status;
}

/* --param, else the suite's entry, else the default. */
static value_source find_source(const gb_plan_draft *draft,
                                const gb_plan_pick *pick,
                                const gb_catalogue_param *param) {
    const gb_config *config = draft->config;
    const gb_config_bench *bench = pick->bench;
    for (size_t i = config->override_count; i-- > 0;) {
        const gb_config_param *one = &config->overrides[i];
        if (gb_plan_override_matches(one, pick->entry->id, param->name))
            return (value_source){one->origin.where, one->name,
                                  (const char *const *)one->texts,
                                  one->text_count};
    }
    for (size_t i = 0; i < bench->param_count; i++) {
        const gb_config_param *one = &bench->params[i];
        if (strcasecmp(one->name, param->name) == 0)
            return (value_source){one->origin.where, one->name,
                                  (const char *const *)one->texts,
                                  one->text_count};
    }
    return (value_source){pick->entry->id, param->name,
                          (const char *const *)&param->default_text, 1};
}

static gb_status make_axis(gb_plan_draft *draft, const gb_plan_pick *pick,
                           const gb_catalogue_param *param, axis *out) {
    const value_source from = find_source(draft, pick, param);
    gb_plan_param usual = {.text = param->default_text};
    const bool has_default =
        gb_accepts_parse(param->accepts, param->default_text, &usual, NULL) ==
        GB_OK;
    gb_status status = GB_OK;
    for (size_t i = 0; i < from.count && status == GB_OK; i++)
        status = add_text(draft, &from, param, has_default ? &usual : NULL,
                          from.texts[i], out);
    return status;
}

/* --- cases ---------------------------------------------------------------- */

static bool same_case(const gb_plan_case *a, const gb_plan_case *b) {
    bool same = strcmp(a->id, b->id) == 0 && a->repeats == b->repeats &&
                a->max_repeats == b->max_repeats &&
                a->ci_percent == b->ci_percent &&
                a->min_time_s == b->min_time_s;
    for (size_t i = 0; i < a->param_count && same; i++)
        same = same_value(&a->params[i], &b->params[i]);
    return same;
}

static void set_repetitions(const gb_config *config,
                            const gb_config_bench *bench,
                            gb_plan_case *planned) {
    planned->repeats = bench->repeats > 0 ? bench->repeats : config->repeats;
    /* A solve may take an hour: more than one only where someone asked. */
    if (planned->one_shot && bench->repeats == 0 && !config->repeats_given)
        planned->repeats = 1;
    planned->ci_percent = bench->ci_percent;
    if (bench->repeats == 0 && bench->ci_percent <= 0.0)
        planned->ci_percent = config->ci_percent;
    planned->max_repeats = planned->repeats;
    if (planned->ci_percent > 0.0) {
        const uint32_t usual =
            planned->repeats > 10 ? planned->repeats * 10 : 100;
        const uint32_t most =
            config->max_repeats > 0 ? config->max_repeats : usual;
        if (most > planned->repeats)
            planned->max_repeats = most;
    }
    planned->min_time_s =
        bench->min_time_s > 0.0 ? bench->min_time_s : config->min_time_s;
}

/* The combination number @p index of @p axes, as a case of its own. */
static bool fill_case(const gb_plan_draft *draft, const gb_plan_pick *pick,
                      const axis *axes, size_t index, gb_plan_case *planned) {
    const gb_catalogue_entry *entry = pick->entry;
    const size_t count = entry->param_count;
    *planned = (gb_plan_case){
        .id = strdup(entry->id),
        .version = strdup(entry->version),
        .work_unit = strdup(entry->work_unit),
        .plugin = entry->plugin,
        .params = calloc(count > 0 ? count : 1, sizeof(*planned->params)),
    };
    bool ok = planned->id != NULL && planned->version != NULL &&
              planned->work_unit != NULL && planned->params != NULL;
    planned->param_count = planned->params != NULL ? count : 0;
    for (size_t i = planned->param_count; i-- > 0;) {
        const gb_plan_param *value = &axes[i].values[index % axes[i].count];
        index /= axes[i].count;
        planned->params[i] = *value;
        planned->params[i].name = strdup(value->name);
        planned->params[i].text = strdup(value->text);
        ok = ok && planned->params[i].name != NULL &&
             planned->params[i].text != NULL;
    }
    planned->one_shot = pick->entry->one_shot;
    planned->no_work = pick->entry->no_work;
    planned->communicates = pick->entry->communicates;
    planned->optional =
        pick->bench->optional || gb_plan_is_glob(pick->bench->pattern);
    set_repetitions(draft->config, pick->bench, planned);
    planned->timeout_s = draft->config->trial_timeout_s;
    if (planned->timeout_s < 0.0)
        planned->timeout_s = planned->one_shot ? SOLVE_TIMEOUT_S : TIMEOUT_S;
    return ok;
}

static gb_status add_cases(gb_plan_draft *draft, const gb_plan_pick *pick,
                           const axis *axes, size_t combinations) {
    gb_plan *plan = &draft->plan;
    const size_t before = plan->case_count;
    gb_plan_case *list =
        realloc(plan->cases, (before + combinations) * sizeof(*list));
    if (list == NULL)
        return gb_fail_memory(draft->err, "the plan");
    plan->cases = list;
    for (size_t i = 0; i < combinations; i++) {
        const bool ok =
            fill_case(draft, pick, axes, i, &list[plan->case_count++]);
        if (!ok)
            return gb_fail_memory(draft->err, "the plan");
        /* Two wishes that overlap ("memory.triad,memory.*") mean it once. */
        for (size_t k = 0; k < before; k++) {
            if (!same_case(&list[k], &list[plan->case_count - 1]))
                continue;
            gb_plan_case_fini(&plan->cases[--plan->case_count]);
            break;
        }
    }
    return GB_OK;
}

gb_status gb_plan_expand(gb_plan_draft *draft, const gb_plan_pick *pick) {
    const gb_catalogue_entry *entry = pick->entry;
    const size_t count = entry->param_count;
    axis *axes = calloc(count > 0 ? count : 1, sizeof(*axes));
    size_t combinations = 1;
    gb_status status = GB_OK;
    if (axes == NULL)
        return gb_fail_memory(draft->err, "the plan");
    for (size_t i = 0; i < count && status == GB_OK; i++) {
        status = make_axis(draft, pick, &entry->params[i], &axes[i]);
        /* Two factors of at most this size cannot overflow. */
        if (combinations <= GB_PLAN_CASES_MAX)
            combinations *= axes[i].count;
    }
    if (status == GB_OK &&
        draft->plan.case_count + combinations > GB_PLAN_CASES_MAX)
        status =
            gb_fail(draft->err, GB_ERR_RANGE, "sweep over fewer values",
                    "%s: %s: expected at most %d cases in a plan, got "
                    "more",
                    pick->bench->origin.where, entry->id, GB_PLAN_CASES_MAX);
    if (status == GB_OK)
        status = add_cases(draft, pick, axes, combinations);
    axes_fini(axes, count);
    return status;
}
