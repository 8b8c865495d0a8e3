/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_PLUGIN_LENT_H
#define GB_MACHINE_PLUGIN_LENT_H

/**
 * @file machine/plugin/lent.h
 * What the host lends to one instance of a plugin of either kind: memory, the
 * values of its parameters, and room for what it has to say. A plugin may ask
 * for these from any of its threads.
 */
#include <stdarg.h>
#include <stdatomic.h>

#include "base/error.h"
#include "model/plan.h"
#include "model/record.h"

#define GB_NOTES_MAX 16

/** One block of memory. */
typedef struct gb_block {
    struct gb_block *next;
    void *start;
    size_t bytes;  /* as asked for */
    size_t mapped; /* length of the mapping; 0: from the heap */
    void *mapping;
} gb_block;

typedef struct gb_lent {
    /* Set by the owner before the first call; borrowed. */
    const char *id; /* of the plugin */
    const gb_plan_param *params;
    size_t param_count;
    size_t notes_max; /* <= GB_NOTES_MAX */
    size_t key_max;   /* characters of a note's key */
    size_t value_max; /* and of its value: what is longer is cut */

    atomic_flag lock;
    gb_error reason; /* of the last fail() within this call */
    gb_error broken; /* a promise of the ABI the plugin broke within it */
    gb_block *blocks;
    uint64_t bytes; /* of all blocks */
    gb_note notes[GB_NOTES_MAX];
    size_t note_count;
} gb_lent;

void gb_lent_begin_call(gb_lent *lent);

/** What the plugin's @p op came to, with the reason it recorded. */
gb_status gb_lent_end_call(gb_lent *lent, const char *op, gb_status status,
                           gb_error *err);

/** The plugin broke a promise: whatever it returns, this call has failed. */
void gb_lent_broken(gb_lent *lent, const char *fmt, ...) GB_PRINTF_LIKE(2, 3);

/** Keep the reason why a call is about to fail. */
void gb_lent_fail(gb_lent *lent, gb_status status, const char *hint,
                  const char *fmt, va_list args) GB_PRINTF_LIKE(4, 0);

/** A second note under one key replaces the first. */
void gb_lent_note(gb_lent *lent, const char *key, const char *fmt, va_list args)
    GB_PRINTF_LIKE(3, 0);

/** @param bytes  > 0
 *  @return null if there is no memory; nothing is recorded of that */
void *gb_lent_alloc(gb_lent *lent, size_t bytes, size_t align);
void gb_lent_free(gb_lent *lent, void *start); /* null is allowed */
uint64_t gb_lent_bytes(gb_lent *lent);

/** Of a parameter that the plugin declares; 0, 0.0 or "" of any other. */
uint64_t gb_lent_u64(gb_lent *lent, const char *name);
double gb_lent_f64(gb_lent *lent, const char *name);
const char *gb_lent_text(gb_lent *lent, const char *name);

/** Take back whatever the plugin did not return. */
void gb_lent_fini(gb_lent *lent);

#endif /* GB_MACHINE_PLUGIN_LENT_H */
