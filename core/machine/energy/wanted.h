/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_WANTED_H
#define GB_MACHINE_ENERGY_WANTED_H

/**
 * @file machine/energy/wanted.h
 * Which sources a user wants, and what they are told: the text of --energy.
 * Private to machine/energy.
 */
#include "machine/energy/source.h"

#define GB_SETTING_SIZE 1024u
/** Of sources, those of which there may be many counted each. */
#define GB_MEMBERS_MAX 28u

typedef struct gb_wanted_source {
    const gb_energy_source_ops *ops;
    char setting[GB_SETTING_SIZE]; /* SOURCE=SETTING; "": none given */
} gb_wanted_source;

/**
 * Resolve @p wanted, as of gb_energy_set_open(), into sources, best first, each
 * once, but for those of which there may be many.
 * @param[out] list_out  [GB_MEMBERS_MAX], of which [*count_out] are set
 */
gb_status gb_wanted_parse(const char *wanted, gb_wanted_source *list_out,
                          size_t *count_out, gb_error *err);

/** The next of the settings that @p at holds, [*length_out]; null: no more. */
const char *gb_wanted_setting(const gb_energy_source_ops *ops, const char *at,
                              size_t *length_out);

/** There is no room for another. */
gb_status gb_wanted_too_many(gb_error *err);

#endif /* GB_MACHINE_ENERGY_WANTED_H */
