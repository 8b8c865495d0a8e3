/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"

/* --- lists ---------------------------------------------------------------- */

bool gb_replace_text(char **text_inout, const char *text) {
    char *copy = strdup(text);
    if (copy == NULL)
        return false;
    free(*text_inout);
    *text_inout = copy;
    return true;
}

gb_config_bench *gb_config_add_bench(gb_config *config, const char *pattern) {
    gb_config_bench *list =
        realloc(config->benches, (config->bench_count + 1) * sizeof(*list));
    char *copy = strdup(pattern);
    if (list != NULL)
        config->benches = list;
    if (list == NULL || copy == NULL) {
        free(copy);
        return NULL;
    }
    list[config->bench_count] = (gb_config_bench){.pattern = copy};
    return &list[config->bench_count++];
}

gb_config_param *gb_config_add_param(gb_config_param **params, size_t *count,
                                     const char *name) {
    gb_config_param *list = realloc(*params, (*count + 1) * sizeof(*list));
    char *copy = strdup(name);
    if (list != NULL)
        *params = list;
    if (list == NULL || copy == NULL) {
        free(copy);
        return NULL;
    }
    list[*count] = (gb_config_param){.name = copy};
    return &list[(*count)++];
}

bool gb_config_add_text(gb_config_param *param, const char *text,
                        size_t length) {
    char **texts =
        realloc(param->texts, (param->text_count + 1) * sizeof(*texts));
    char *copy = strndup(text, length);
    if (texts != NULL)
        param->texts = texts;
    if (texts == NULL || copy == NULL) {
        free(copy);
        return false;
    }
    texts[param->text_count++] = copy;
    return true;
}

/* --- values --------------------------------------------------------------- */

gb_status gb_parse_switch(const char *text, bool *out) {
    static const char *const words[] = {"false", "true", "no", "yes",
                                        "off",   "on",   "0",  "1"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i], text) == 0) {
            *out = i % 2 == 1;
            return GB_OK;
        }
    return GB_ERR_RANGE;
}

static gb_status read_count(const char *text, uint64_t most, uint32_t *out) {
    uint64_t value = 0;
    if (gb_parse_u64(text, &value, NULL) != GB_OK || value < 1 || value > most)
        return GB_ERR_RANGE;
    *out = (uint32_t)value;
    return GB_OK;
}

static gb_status read_duration(const char *text, double low_s, double high_s,
                               double *out) {
    double value = 0.0;
    if (gb_parse_duration(text, &value, NULL) != GB_OK || value < low_s ||
        value > high_s)
        return GB_ERR_RANGE;
    *out = value;
    return GB_OK;
}

static gb_status read_ci(const char *text, double *out) {
    double value = 0.0;
    if (gb_parse_percent(text, &value, NULL) != GB_OK || value < 0.1 ||
        value > 50.0)
        return GB_ERR_RANGE;
    *out = value;
    return GB_OK;
}

/* Names separated by commas, none empty; blanks around them are dropped. */
static gb_status read_names(const char *text, char **out) {
    gb_str names = {0};
    for (const char *at = text;; at++) {
        at += strspn(at, " \t");
        size_t length = strcspn(at, ",");
        const char *rest = at + length;
        while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t'))
            length--;
        if (length == 0) {
            gb_str_fini(&names);
            return GB_ERR_RANGE;
        }
        if (names.length > 0)
            gb_str_add(&names, ",");
        gb_str_addn(&names, at, length);
        at = rest;
        if (*at == '\0')
            break;
    }
    char *taken = gb_str_take(&names);
    if (taken == NULL)
        return GB_ERR_NO_MEMORY;
    free(*out);
    *out = taken;
    return GB_OK;
}

/* --- settings ------------------------------------------------------------- */

#define REPEATS_MAX     10000
#define MAX_REPEATS_MAX 100000
#define MIN_TIME_LOW_S  1e-3
#define HOUR_S          3600.0
#define WEEK_S          (168.0 * HOUR_S)

static gb_status set_repeats(gb_config *config, const char *text) {
    return read_count(text, REPEATS_MAX, &config->repeats);
}

static gb_status set_bench_repeats(gb_config_bench *bench, const char *text) {
    return read_count(text, REPEATS_MAX, &bench->repeats);
}

static gb_status set_max_repeats(gb_config *config, const char *text) {
    return read_count(text, MAX_REPEATS_MAX, &config->max_repeats);
}

static gb_status set_ci(gb_config *config, const char *text) {
    return read_ci(text, &config->ci_percent);
}

static gb_status set_bench_ci(gb_config_bench *bench, const char *text) {
    return read_ci(text, &bench->ci_percent);
}

static gb_status set_min_time(gb_config *config, const char *text) {
    return read_duration(text, MIN_TIME_LOW_S, HOUR_S, &config->min_time_s);
}

static gb_status set_bench_min_time(gb_config_bench *bench, const char *text) {
    return read_duration(text, MIN_TIME_LOW_S, HOUR_S, &bench->min_time_s);
}

static gb_status set_bench_optional(gb_config_bench *bench, const char *text) {
    return gb_parse_switch(text, &bench->optional);
}

static gb_status set_trial_timeout(gb_config *config, const char *text) {
    return read_duration(text, 0.0, WEEK_S, &config->trial_timeout_s);
}

static gb_status set_idle(gb_config *config, const char *text) {
    return read_duration(text, 0.0, HOUR_S, &config->idle_s);
}

static gb_status set_energy(gb_config *config, const char *text) {
    return read_names(text, &config->energy);
}

static gb_status set_require_energy(gb_config *config, const char *text) {
    return gb_parse_switch(text, &config->require_energy);
}

static gb_status set_partial_energy(gb_config *config, const char *text) {
    return gb_parse_switch(text, &config->partial_energy);
}

static gb_status set_sample_hz(gb_config *config, const char *text) {
    double value = 0.0;
    if (gb_parse_f64(text, &value, NULL) != GB_OK || value < 1.0 ||
        value > 1000.0)
        return GB_ERR_RANGE;
    config->sample_hz = value;
    return GB_OK;
}

static gb_status set_counters(gb_config *config, const char *text) {
    if (text[0] != '\0' && strcmp(text, "none") != 0)
        return read_names(text, &config->counters);
    return gb_replace_text(&config->counters, "") ? GB_OK : GB_ERR_NO_MEMORY;
}

static gb_status set_claims(gb_config *config, const char *text) {
    if (text[0] == '\0')
        return GB_ERR_RANGE;
    return gb_replace_text(&config->claims, text) ? GB_OK : GB_ERR_NO_MEMORY;
}

static gb_status set_output(gb_config *config, const char *text) {
    if (text[0] == '\0')
        return GB_ERR_RANGE;
    return gb_replace_text(&config->output_dir, text) ? GB_OK
                                                      : GB_ERR_NO_MEMORY;
}

static gb_status set_dry_run(gb_config *config, const char *text) {
    return gb_parse_switch(text, &config->dry_run);
}

const gb_option_def gb_option_defs[] = {
    {"repeats", "GREENBENCH_REPEATS", "repeats", "1..10000", false, set_repeats,
     set_bench_repeats},
    {"ci", "GREENBENCH_CI", "ci", "0.1%..50%", false, set_ci, set_bench_ci},
    {"max-repeats", "GREENBENCH_MAX_REPEATS", "max_repeats", "1..100000", false,
     set_max_repeats, NULL},
    {"min-time", "GREENBENCH_MIN_TIME", "min_time", "1ms..1h", false,
     set_min_time, set_bench_min_time},
    {"trial-timeout", "GREENBENCH_TRIAL_TIMEOUT", "trial_timeout",
     "0..168h; 0: none", false, set_trial_timeout, NULL},
    {"idle", "GREENBENCH_IDLE", "idle", "0..1h", false, set_idle, NULL},
    {"energy", "GREENBENCH_ENERGY", "energy",
     "auto, none or sources separated by commas", true, set_energy, NULL},
    {"require-energy", "GREENBENCH_REQUIRE_ENERGY", "require_energy",
     "true or false", false, set_require_energy, NULL},
    {"partial-energy", "GREENBENCH_PARTIAL_ENERGY", "partial_energy",
     "true or false", false, set_partial_energy, NULL},
    {"sample-hz", "GREENBENCH_SAMPLE_HZ", "sample_hz", "1..1000", false,
     set_sample_hz, NULL},
    {"counters", "GREENBENCH_COUNTERS", "counters",
     "none or events separated by commas", true, set_counters, NULL},
    {"claims", "GREENBENCH_CLAIMS", NULL, "a claims file", false, set_claims,
     NULL},
    {"output", "GREENBENCH_OUTPUT", NULL, "a directory", false, set_output,
     NULL},
    {"dry-run", NULL, NULL, "true or false", false, set_dry_run, NULL},
    /* Only in an entry of a suite. */
    {NULL, NULL, "optional", "true or false", false, NULL, set_bench_optional},
};
const size_t gb_option_def_count =
    sizeof(gb_option_defs) / sizeof(gb_option_defs[0]);

const gb_option_def *gb_option_by_flag(const char *flag) {
    for (size_t i = 0; i < gb_option_def_count; i++)
        if (gb_option_defs[i].flag != NULL &&
            strcmp(gb_option_defs[i].flag, flag) == 0)
            return &gb_option_defs[i];
    return NULL;
}

const gb_option_def *gb_option_by_key(const char *key) {
    for (size_t i = 0; i < gb_option_def_count; i++)
        if (gb_option_defs[i].key != NULL &&
            strcmp(gb_option_defs[i].key, key) == 0)
            return &gb_option_defs[i];
    return NULL;
}

/* --- levels --------------------------------------------------------------- */

gb_status gb_option_apply(gb_config_draft *draft, const gb_option_def *def,
                          gb_option_level level, const char *where,
                          const char *text, gb_error *err) {
    const gb_status status = def->set(&draft->config, text);
    if (status == GB_ERR_NO_MEMORY)
        return gb_fail_memory(err, "the configuration");
    if (status != GB_OK)
        return gb_fail(err, status, NULL, "%s: expected %s, got '%s'", where,
                       def->accepts, text);
    if (def->set == set_repeats) {
        draft->repeats_level = level;
        draft->config.repeats_given = true;
        gb_copy(draft->repeats_origin.where,
                sizeof(draft->repeats_origin.where), where);
    } else if (def->set == set_ci) {
        draft->ci_level = level;
    } else if (def->set == set_max_repeats) {
        draft->max_repeats_level = level;
        gb_copy(draft->max_repeats_origin.where,
                sizeof(draft->max_repeats_origin.where), where);
    } else if (def->set == set_min_time) {
        draft->min_time_level = level;
    }
    return GB_OK;
}

gb_status gb_option_settle(gb_config_draft *draft, gb_error *err) {
    gb_config *config = &draft->config;
    /* Asked for a count, and by someone weaker for a width: the count. */
    if (draft->repeats_level > draft->ci_level)
        config->ci_percent = 0.0;
    if (config->ci_percent > 0.0 && config->max_repeats > 0 &&
        config->max_repeats < config->repeats)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "%s: expected at least as many as repeats (%u), got %u",
                       draft->max_repeats_origin.where, config->repeats,
                       config->max_repeats);
    for (size_t i = 0; i < config->bench_count; i++) {
        gb_config_bench *bench = &config->benches[i];
        if (draft->repeats_level > GB_LEVEL_SUITE ||
            draft->ci_level > GB_LEVEL_SUITE) {
            bench->repeats = 0;
            bench->ci_percent = 0.0;
        }
        if (draft->min_time_level > GB_LEVEL_SUITE)
            bench->min_time_s = 0.0;
    }
    return GB_OK;
}
