/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_CONFIG_H
#define GB_PIPELINE_CONFIG_H

/**
 * @file pipeline/config/config.h
 * Flags, environment, suite file and defaults -> one gb_config, in that order
 * of precedence. Pure but for reading the suite file.
 */
#include "base/error.h"
#include "model/config.h"

/** One option as given: the long flag name without dashes, and its value. */
typedef struct gb_option {
    const char *name;  /* "repeats", "bench", "param", "energy", ... */
    const char *value; /* null for a switch such as "require-energy" */
} gb_option;

/**
 * @param suite_path  nullable: the built-in suite that the option "suite" or
 *                    GREENBENCH_SUITE names, else the benchmarks of --bench,
 *                    else the default suite
 * @param options     [option_count], in the order given; later ones win, but
 *                    "bench" and "param" accumulate
 * @param getenv_fn   getenv, or a test's: "GREENBENCH_REPEATS" etc.
 * @retval GB_ERR_INVALID, GB_ERR_NOT_FOUND, GB_ERR_RANGE
 *         err->what begins with where the value came from
 */
gb_status gb_config_build(const char *suite_path, const gb_option *options,
                          size_t option_count,
                          const char *(*getenv_fn)(const char *name),
                          gb_config *config_out, gb_error *err);

#endif /* GB_PIPELINE_CONFIG_H */
