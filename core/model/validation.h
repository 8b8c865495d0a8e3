/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_VALIDATION_H
#define GB_MODEL_VALIDATION_H

/**
 * @file model/validation.h
 * What `greenbench validate` looked at, and what it found.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/finding.h"

/** What is looked at, in this order. */
typedef enum gb_check_id {
    GB_CHECK_MANIFEST,   /* the list of files, and its own digest */
    GB_CHECK_FILES,      /* each file: there, listed, its size and digest */
    GB_CHECK_SCHEMA,     /* documents against their schemas */
    GB_CHECK_IDENTITIES, /* numbers of the summary against each other */
    GB_CHECK_RECOMPUTED, /* the summary against the records and samples */
    GB_CHECK_SIGNATURE,  /* the manifest against who signed it */
    GB_CHECK_COUNT,
} gb_check_id;

const char *gb_check_name(gb_check_id id);

typedef struct gb_check {
    bool done;      /* false: nothing was looked at, `what` says why */
    size_t errors;  /* that make the result invalid */
    size_t others;  /* notes and warnings */
    char what[240]; /* what was looked at, in words */
} gb_check;

/** One thing that is not as it must be. */
typedef struct gb_violation {
    gb_check_id check;
    gb_severity severity; /* GB_SEVERITY_ERROR: the result is invalid */
    char code[48];        /* "files.sha256": stable */
    char file[160];       /* in the run directory; "": none */
    char where[200];      /* path in the document, or line; "" */
    char expected[280], found[280];
} gb_violation;

/** No more are kept; all are counted. */
enum { GB_VIOLATIONS_MAX = 1000 };

typedef struct gb_validation {
    char path[4096]; /* the directory as it was given */
    char run_id[96];
    char measured_by[160]; /* version and commit; "": not known */
    gb_check checks[GB_CHECK_COUNT];
    gb_violation *list; /* [count] */
    size_t count;
    size_t dropped;   /* that did not fit into `list` */
    char **unchecked; /* [unchecked_count]: what nothing here can tell */
    size_t unchecked_count;
    bool failed; /* out of memory: what was found is not whole */
} gb_validation;

/** Count a violation and keep a copy, in plain ASCII. */
void gb_validation_add(gb_validation *validation,
                       const gb_violation *violation);
/** Say that a check was made, and of what. */
void gb_validation_done(gb_validation *validation, gb_check_id id,
                        const char *fmt, ...) GB_PRINTF_LIKE(3, 4);
/** Say why a check was not made. */
void gb_validation_skip(gb_validation *validation, gb_check_id id,
                        const char *why);
/** What was found in a part of a whole, whose files are named @p prefix and
 *  then as in the part; what was looked at there is left out. */
void gb_validation_merge(gb_validation *validation, const gb_validation *part,
                         const char *prefix);
/** Say what nothing here can tell. */
void gb_validation_leave(gb_validation *validation, const char *fmt, ...)
    GB_PRINTF_LIKE(2, 3);

/** Nothing contradicts the result. */
bool gb_validation_is_valid(const gb_validation *validation);

void gb_validation_fini(gb_validation *validation);

#endif /* GB_MODEL_VALIDATION_H */
