/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_METER_SETTING_H
#define GB_MODEL_METER_SETTING_H

/**
 * @file model/meter_setting.h
 * Which meter plugin is meant, and what the user tells it: what follows
 * "meter=" in --energy.
 *
 *     acme.pdu;host=pdu7;outlet=3
 *
 * Parts are separated by ';', or by '+' where there is no ';', as in the
 * settings of management controllers. "%h" is this node's name.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define GB_METER_OPTIONS_MAX 16u

typedef struct gb_meter_option {
    char name[32];
    char value[256];
} gb_meter_option;

typedef struct gb_meter_setting {
    char id[64];                                   /* "acme.pdu" */
    gb_meter_option options[GB_METER_OPTIONS_MAX]; /* [option_count] */
    size_t option_count;
} gb_meter_setting;

/**
 * @param text       [length]
 * @param node_name  what "%h" stands for
 * @retval GB_ERR_INVALID  also for a password: settings end up in results, and
 *         @p err does not repeat it
 */
gb_status gb_meter_setting_parse(const char *text, size_t length,
                                 const char *node_name,
                                 gb_meter_setting *setting_out, gb_error *err);

/** As above, without an id before the options; "" is no option at all. */
gb_status gb_meter_options_parse(const char *text, const char *node_name,
                                 gb_meter_setting *setting_out, gb_error *err);

/** Would a parameter of this name hold a secret? */
bool gb_meter_is_secret(const char *name);

#endif /* GB_MODEL_METER_SETTING_H */
