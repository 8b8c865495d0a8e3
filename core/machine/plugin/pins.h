/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_PLUGIN_PINS_H
#define GB_MACHINE_PLUGIN_PINS_H

/**
 * @file machine/plugin/pins.h
 * The plugins that a site lets in, by content: a list of SHA-256 sums.
 */
#include "base/sha256.h"
#include "machine/plugin/trust.h"

typedef struct gb_pins {
    char (*sha256)[GB_SHA256_SIZE]; /* [count] */
    size_t count;
} gb_pins;

/**
 * Add what @p text names: "sha256:HEX,sha256:HEX", or "@FILE" with one of these
 * on each line, where '#' begins a comment.
 *
 * @param trust  who may provide the file; a list that others can change pins
 *               nothing
 * @retval GB_ERR_INVALID, GB_ERR_NOT_FOUND, GB_ERR_IO, GB_ERR_PERMISSION
 */
gb_status gb_pins_add(gb_pins *pins, const gb_trust *trust, const char *text,
                      gb_error *err);
bool gb_pins_hold(const gb_pins *pins, const char *sha256);
void gb_pins_fini(gb_pins *pins);

#endif /* GB_MACHINE_PLUGIN_PINS_H */
