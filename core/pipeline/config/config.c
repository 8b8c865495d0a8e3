/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pipeline/config/options.h"
#include "pipeline/config/suites.h"

/* Environment variables of the options that accumulate. */
#define BENCH_ENV "GREENBENCH_BENCH" /* "ID,ID" */
#define SUITE_ENV "GREENBENCH_SUITE"
#define PARAM_ENV "GREENBENCH_PARAM" /* "ID.NAME=VALUE;ID.NAME=VALUE" */

/* --- defaults ------------------------------------------------------------- */

static gb_status set_defaults(gb_config *config, gb_error *err) {
    config->repeats = 10;
    config->min_time_s = 1.0;
    config->idle_s = 2.0;
    config->trial_timeout_s = -1.0;
    config->sample_hz = 10.0;
    if (gb_replace_text(&config->suite_name, "default") &&
        gb_replace_text(&config->energy, "auto") &&
        gb_replace_text(&config->counters, GB_COUNTERS_DEFAULT) &&
        gb_replace_text(&config->output_dir, "results"))
        return GB_OK;
    return gb_fail_memory(err, "the configuration");
}

/* The name of a suite that gives itself none. */
static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* --- lists of wishes ------------------------------------------------------ */

typedef struct wish {
    char *pattern;
    const char *where; /* "--bench" */
} wish;

typedef struct wishes {
    wish *list; /* [count] */
    size_t count;
} wishes;

static void wishes_fini(wishes *all) {
    for (size_t i = 0; i < all->count; i++)
        free(all->list[i].pattern);
    free(all->list);
}

/* Calls @p add for each part of @p text between separators. */
static gb_status split(const char *text, char separator, const char *where,
                       const char *wanted,
                       gb_status (*add)(void *ctx, const char *where,
                                        const char *part, size_t length,
                                        gb_error *err),
                       void *ctx, gb_error *err) {
    for (const char *at = text;;) {
        const char *end = strchr(at, separator);
        const size_t length = end != NULL ? (size_t)(end - at) : strlen(at);
        if (length == 0)
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "%s: expected %s, got '%s'", where, wanted, text);
        const gb_status status = add(ctx, where, at, length, err);
        if (status != GB_OK || end == NULL)
            return status;
        at = end + 1;
    }
}

static gb_status add_wish(void *ctx, const char *where, const char *part,
                          size_t length, gb_error *err) {
    wishes *all = ctx;
    wish *list = realloc(all->list, (all->count + 1) * sizeof(*list));
    char *pattern = strndup(part, length);
    if (list != NULL)
        all->list = list;
    if (list == NULL || pattern == NULL) {
        free(pattern);
        return gb_fail_memory(err, "the list of benchmarks");
    }
    list[all->count++] = (wish){pattern, where};
    return GB_OK;
}

static gb_status add_override(void *ctx, const char *where, const char *part,
                              size_t length, gb_error *err) {
    gb_config *config = ctx;
    const char *equals = memchr(part, '=', length);
    const size_t name_length = equals != NULL ? (size_t)(equals - part) : 0;
    char name[200];
    gb_status status = GB_OK;

    /* The last dot before '=': ids have dots of their own. */
    const char *dot = memrchr(part, '.', name_length);
    if (dot == NULL || dot == part || dot + 1 == equals ||
        equals + 1 == part + length || name_length >= sizeof(name))
        return gb_fail(
            err, GB_ERR_INVALID, "for example memory.triad.array_bytes=64MiB",
            "%s: expected ID.NAME=VALUE, got '%.*s'", where, (int)length, part);
    memcpy(name, part, name_length);
    name[name_length] = '\0';
    gb_config_param *param =
        gb_config_add_param(&config->overrides, &config->override_count, name);
    if (param == NULL)
        return gb_fail_memory(err, "the parameters");
    gb_copy(param->origin.where, sizeof(param->origin.where), where);
    const char *end = part + length;
    for (const char *at = equals + 1; status == GB_OK;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma != NULL ? comma : end;
        if (stop == at)
            status = gb_fail(err, GB_ERR_INVALID, NULL,
                             "%s: %s: expected values separated by commas, "
                             "got '%.*s'",
                             where, name, (int)(end - equals - 1), equals + 1);
        else if (!gb_config_add_text(param, at, (size_t)(stop - at)))
            status = gb_fail_memory(err, "the parameters");
        if (comma == NULL)
            break;
        at = comma + 1;
    }
    return status;
}

/* --- --bench -------------------------------------------------------------- */

/* Without a suite the wishes are the suite. */
static gb_status use_wishes(gb_config *config, const wishes *all,
                            gb_error *err) {
    for (size_t i = 0; i < all->count; i++) {
        gb_config_bench *bench =
            gb_config_add_bench(config, all->list[i].pattern);
        if (bench == NULL)
            return gb_fail_memory(err, "the list of benchmarks");
        gb_copy(bench->origin.where, sizeof(bench->origin.where),
                all->list[i].where);
    }
    return gb_replace_text(&config->suite_name, "selection")
               ? GB_OK
               : gb_fail_memory(err, "the list of benchmarks");
}

typedef enum overlap_kind {
    OVERLAP_NONE,
    OVERLAP_WITHIN, /* the wish covers the entry */
    OVERLAP_WIDER,  /* the entry is the wider glob of the two */
} overlap_kind;

static overlap_kind overlap(const char *entry, const char *wanted) {
    if (gb_glob_match(wanted, entry))
        return OVERLAP_WITHIN;
    return gb_glob_match(entry, wanted) ? OVERLAP_WIDER : OVERLAP_NONE;
}

/* The wish that lets an entry stay, or null. */
static const wish *find_wish(const gb_config_bench *bench, const wishes *all,
                             bool *narrow) {
    for (size_t i = 0; i < all->count; i++) {
        const overlap_kind kind = overlap(bench->pattern, all->list[i].pattern);
        *narrow = kind == OVERLAP_WIDER;
        if (kind != OVERLAP_NONE)
            return &all->list[i];
    }
    return NULL;
}

static gb_status no_such_entry(const gb_config *config, const wish *wanted,
                               gb_error *err) {
    const char **patterns = calloc(config->bench_count + 1, sizeof(*patterns));
    char names[180], hint[160] = "";
    if (patterns == NULL)
        return gb_fail_memory(err, "the list of benchmarks");
    for (size_t i = 0; i < config->bench_count; i++)
        patterns[i] = config->benches[i].pattern;
    const char *near =
        gb_closest(wanted->pattern, patterns, config->bench_count);
    if (near != NULL)
        snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
    gb_join(patterns, config->bench_count, names, sizeof(names));
    free(patterns);
    return gb_fail(err, GB_ERR_NOT_FOUND, hint,
                   "%s: expected one of the suite's %s, got '%s'",
                   wanted->where, names, wanted->pattern);
}

/* Every wish must be some entry's. */
static gb_status check_wishes(const gb_config *config, const wishes *all,
                              gb_error *err) {
    bool *used = calloc(all->count, sizeof(*used));
    gb_status status = GB_OK;
    if (used == NULL)
        return gb_fail_memory(err, "the list of benchmarks");
    for (size_t i = 0; i < config->bench_count; i++)
        for (size_t k = 0; k < all->count; k++)
            used[k] |= overlap(config->benches[i].pattern,
                               all->list[k].pattern) != OVERLAP_NONE;
    for (size_t k = 0; k < all->count && status == GB_OK; k++)
        if (!used[k])
            status = no_such_entry(config, &all->list[k], err);
    free(used);
    return status;
}

static gb_status select_entries(gb_config *config, const wishes *all,
                                gb_error *err) {
    gb_config dropped = {0};
    size_t kept = 0;
    gb_status status = check_wishes(config, all, err);
    if (status != GB_OK)
        return status;
    dropped.benches = calloc(config->bench_count, sizeof(*dropped.benches));
    if (dropped.benches == NULL)
        return gb_fail_memory(err, "the list of benchmarks");
    for (size_t i = 0; i < config->bench_count; i++) {
        gb_config_bench bench = config->benches[i];
        bool narrow = false;
        const wish *found = find_wish(&bench, all, &narrow);
        if (found == NULL) {
            dropped.benches[dropped.bench_count++] = bench;
            continue;
        }
        if (narrow && !gb_replace_text(&bench.pattern, found->pattern))
            status = gb_fail_memory(err, "the list of benchmarks");
        /* Asked for by its name: skipping it would not be an answer. */
        if (strpbrk(found->pattern, "*?") == NULL)
            bench.optional = false;
        config->benches[kept++] = bench;
    }
    config->bench_count = kept;
    gb_config_fini(&dropped);
    return status;
}

/* --- all together --------------------------------------------------------- */

static gb_status apply_environment(gb_config_draft *draft,
                                   const char *(*getenv_fn)(const char *name),
                                   gb_error *err) {
    gb_status status = GB_OK;
    for (size_t i = 0; i < gb_option_def_count && status == GB_OK; i++) {
        const gb_option_def *def = &gb_option_defs[i];
        const char *text = def->env != NULL ? getenv_fn(def->env) : NULL;
        /* Set but empty is how a shell script says "not set". */
        if (text != NULL && text[0] != '\0')
            status =
                gb_option_apply(draft, def, GB_LEVEL_ENV, def->env, text, err);
    }
    const char *param = getenv_fn(PARAM_ENV);
    if (status == GB_OK && param != NULL && param[0] != '\0')
        status = split(param, ';', PARAM_ENV, "ID.NAME=VALUE separated by ';'",
                       add_override, &draft->config, err);
    return status;
}

static gb_status apply_flag(gb_config_draft *draft, const gb_option *option,
                            gb_error *err) {
    const gb_option_def *def = gb_option_by_flag(option->name);
    char where[48];
    /* cli/ has a table of the same flags: another name is our own mistake. */
    if (def == NULL)
        return gb_fail(err, GB_ERR_INTERNAL, NULL,
                       "--%s: expected an option of the configuration",
                       option->name);
    snprintf(where, sizeof(where), "--%s", option->name);
    return gb_option_apply(draft, def, GB_LEVEL_FLAG, where,
                           option->value != NULL ? option->value : "true", err);
}

/* Flags, or else the environment. */
static gb_status collect_wishes(const gb_option *options, size_t option_count,
                                const char *(*getenv_fn)(const char *name),
                                wishes *all, gb_error *err) {
    gb_status status = GB_OK;
    for (size_t i = 0; i < option_count && status == GB_OK; i++)
        if (strcmp(options[i].name, "bench") == 0)
            status = split(options[i].value, ',', "--bench",
                           "ids separated by commas", add_wish, all, err);
    const char *text = getenv_fn(BENCH_ENV);
    if (status == GB_OK && all->count == 0 && text != NULL && text[0] != '\0')
        status = split(text, ',', BENCH_ENV, "ids separated by commas",
                       add_wish, all, err);
    return status;
}

/* --- the suite -------------------------------------------------------------
 */

static gb_status no_such_suite(const char *where, const char *name,
                               gb_error *err) {
    const char *names[16];
    char list[180], hint[128] = "a file of your own needs no --suite";
    size_t count = 0;
    for (size_t i = 0; i < gb_builtin_suite_count && count < 16; i++)
        names[count++] = gb_builtin_suites[i].name;
    const char *near = gb_closest(name, names, count);
    if (near != NULL)
        snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
    return gb_fail(err, GB_ERR_NOT_FOUND, hint,
                   "%s: expected one of %s, got "
                   "'%s'",
                   where, gb_join(names, count, list, sizeof(list)), name);
}

static gb_status parse_builtin(gb_config_draft *draft, const char *where,
                               const char *name, gb_error *err) {
    char label[64];
    for (size_t i = 0; i < gb_builtin_suite_count; i++) {
        if (strcmp(gb_builtin_suites[i].name, name) != 0)
            continue;
        snprintf(label, sizeof(label), "%s suite", name);
        return gb_suite_parse(label, gb_builtin_suites[i].text, draft, err);
    }
    return no_such_suite(where, name, err);
}

/* A suite asked for by its name; null: none was. */
static const char *named_suite(const gb_option *options, size_t option_count,
                               const char *(*getenv_fn)(const char *name),
                               const char **where_out) {
    for (size_t i = option_count; i-- > 0;)
        if (strcmp(options[i].name, "suite") == 0) {
            *where_out = "--suite";
            return options[i].value;
        }
    const char *text = getenv_fn(SUITE_ENV);
    *where_out = SUITE_ENV;
    return text != NULL && text[0] != '\0' ? text : NULL;
}

static gb_status load_suite(gb_config_draft *draft, const char *path,
                            const char *where, const char *name,
                            gb_error *err) {
    if (path == NULL)
        return parse_builtin(draft, where, name, err);
    if (!gb_replace_text(&draft->config.suite_path, path) ||
        !gb_replace_text(&draft->config.suite_name, base_name(path)))
        return gb_fail_memory(err, "the configuration");
    return gb_suite_load(path, draft, err);
}

/* The file, a built-in suite, or nothing where --bench says it all. */
static gb_status apply_suite(gb_config_draft *draft, const char *path,
                             const char *where, const char *name,
                             const wishes *all, gb_error *err) {
    if (path != NULL && name != NULL && strcmp(where, "--suite") == 0)
        return gb_fail(err, GB_ERR_INVALID, "leave one of them out",
                       "--suite: expected a suite or a file, got '%s' and '%s'",
                       name, path);
    if (path == NULL && name == NULL && all->count > 0)
        return use_wishes(&draft->config, all, err);
    const gb_status status =
        load_suite(draft, path, where, name != NULL ? name : "default", err);
    return status == GB_OK && all->count > 0
               ? select_entries(&draft->config, all, err)
               : status;
}

static gb_status apply_flags(gb_config_draft *draft, const gb_option *options,
                             size_t option_count, gb_error *err) {
    gb_status status = GB_OK;
    for (size_t i = 0; i < option_count && status == GB_OK; i++) {
        const char *value = options[i].value;
        if (strcmp(options[i].name, "bench") == 0 ||
            strcmp(options[i].name, "suite") == 0)
            continue;
        /* Not split at ';': one flag is one parameter. */
        if (strcmp(options[i].name, "param") == 0)
            status = add_override(&draft->config, "--param", value,
                                  strlen(value), err);
        else
            status = apply_flag(draft, &options[i], err);
    }
    return status;
}

gb_status gb_config_build(const char *suite_path, const gb_option *options,
                          size_t option_count,
                          const char *(*getenv_fn)(const char *name),
                          gb_config *config_out, gb_error *err) {
    gb_config_draft draft = {0};
    gb_config *config = &draft.config;
    wishes all = {0};
    const char *where = "";
    const char *name = named_suite(options, option_count, getenv_fn, &where);

    gb_status status = set_defaults(config, err);
    if (status == GB_OK)
        status = collect_wishes(options, option_count, getenv_fn, &all, err);
    if (status == GB_OK)
        status = apply_suite(&draft, suite_path, where, name, &all, err);
    if (status == GB_OK)
        status = apply_environment(&draft, getenv_fn, err);
    if (status == GB_OK)
        status = apply_flags(&draft, options, option_count, err);
    if (status == GB_OK)
        status = gb_option_settle(&draft, err);
    wishes_fini(&all);
    if (status != GB_OK)
        gb_config_fini(config);
    else
        *config_out = *config;
    return status;
}
