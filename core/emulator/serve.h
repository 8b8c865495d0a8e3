/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_EMULATOR_SERVE_H
#define GB_EMULATOR_SERVE_H

/**
 * @file emulator/serve.h
 * Emulated machines as files, over FUSE. Linked only where libfuse is.
 */
#include <stdbool.h>

#include "base/error.h"
#include "emulator/machine.h"

typedef struct gb_serve_options {
    const char *mount_point;
    bool allow_other;         /* users other than this one may read */
    void (*ready)(void *ctx); /* called once it is mounted; nullable */
    void *ctx;
} gb_serve_options;

/**
 * Mount and serve until SIGINT, SIGTERM or SIGHUP, or until somebody unmounts;
 * leaves no mount behind. The emulator's time begins here.
 *
 * @retval GB_ERR_NOT_FOUND    no such folder
 * @retval GB_ERR_UNSUPPORTED  FUSE cannot mount here
 */
gb_status gb_serve(gb_machines *machines, const gb_serve_options *options,
                   gb_error *err);

#endif /* GB_EMULATOR_SERVE_H */
