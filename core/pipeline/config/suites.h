/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_CONFIG_SUITES_H
#define GB_PIPELINE_CONFIG_SUITES_H

/**
 * @file pipeline/config/suites.h
 * The suites that are part of the program: the files of scripts/suites.
 */
#include <stddef.h>

typedef struct gb_builtin_suite {
    const char *name; /* "default" */
    const char *text; /* YAML */
} gb_builtin_suite;

extern const gb_builtin_suite gb_builtin_suites[]; /* sorted by name */
extern const size_t gb_builtin_suite_count;

#endif /* GB_PIPELINE_CONFIG_SUITES_H */
