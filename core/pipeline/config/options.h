/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_CONFIG_OPTIONS_H
#define GB_PIPELINE_CONFIG_OPTIONS_H

/**
 * @file pipeline/config/options.h
 * One table of every setting: the name of its flag, of its environment variable
 * and of its key in a suite, what it accepts, and how it is stored.
 */
#include "base/error.h"
#include "model/config.h"

/** Who said it, weakest first. */
typedef enum gb_option_level {
    GB_LEVEL_DEFAULT,
    GB_LEVEL_SUITE,
    GB_LEVEL_ENV,
    GB_LEVEL_FLAG,
} gb_option_level;

/** A configuration on its way, with the level each setting came from. */
typedef struct gb_config_draft {
    gb_config config;
    gb_option_level repeats_level, ci_level, max_repeats_level, min_time_level;
    gb_origin repeats_origin, max_repeats_origin;
} gb_config_draft;

typedef struct gb_option_def {
    const char *flag;    /* "min-time"; null: not a flag */
    const char *env;     /* "GREENBENCH_MIN_TIME"; nullable */
    const char *key;     /* "min_time"; null: not a key of a suite */
    const char *accepts; /* for messages: "1ms..1h" */
    bool is_list;        /* a suite may write [a, b] for "a,b" */
    /** @retval GB_ERR_RANGE  @p text is not accepted; the caller words it
     *  @retval GB_ERR_NO_MEMORY */
    gb_status (*set)(gb_config *config, const char *text);
    /** As `set`, where an entry of the suite may have its own; nullable */
    gb_status (*set_bench)(gb_config_bench *bench, const char *text);
} gb_option_def;

extern const gb_option_def gb_option_defs[];
extern const size_t gb_option_def_count;

/** By flag, by key of a suite; null if there is none. */
const gb_option_def *gb_option_by_flag(const char *flag);
const gb_option_def *gb_option_by_key(const char *key);

/** Set one setting. @param where  "--repeats", "suite.yaml:3:10: repeats" */
gb_status gb_option_apply(gb_config_draft *draft, const gb_option_def *def,
                          gb_option_level level, const char *where,
                          const char *text, gb_error *err);

/** After all levels: settle --repeats against --ci, and let flags and
 *  environment win over entries of the suite. */
gb_status gb_option_settle(gb_config_draft *draft, gb_error *err);

/** Replace *text_inout by a copy of @p text. False: no memory. */
bool gb_replace_text(char **text_inout, const char *text);

/** Add an empty element at the end of a list, or null. */
gb_config_bench *gb_config_add_bench(gb_config *config, const char *pattern);
gb_config_param *gb_config_add_param(gb_config_param **params, size_t *count,
                                     const char *name);
bool gb_config_add_text(gb_config_param *param, const char *text,
                        size_t length);

/** "true", "yes", "on", "1" and their opposites. */
gb_status gb_parse_switch(const char *text, bool *out);

/* suite.c */

/** Read a suite into @p draft. @param name  for messages */
gb_status gb_suite_load(const char *path, gb_config_draft *draft,
                        gb_error *err);
gb_status gb_suite_parse(const char *name, const char *text,
                         gb_config_draft *draft, gb_error *err);

#endif /* GB_PIPELINE_CONFIG_OPTIONS_H */
