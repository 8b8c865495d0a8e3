/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_SCRATCH_H
#define GB_CLI_SCRATCH_H

/**
 * @file cli/scratch.h
 * A folder of this process alone, for as long as it needs one.
 */
#include "base/error.h"

/** Make the folder, in TMPDIR or /tmp. There is one at most; SIGINT, SIGTERM
 *  and SIGHUP remove it and then end the process, as they would have.
 *  @param[out] path_out  valid until gb_scratch_remove()
 *  @retval GB_ERR_IO */
gb_status gb_scratch_make(const char **path_out, gb_error *err);

/** Remove it with all that is in it; nothing if there is none. */
void gb_scratch_remove(void);

#endif /* GB_CLI_SCRATCH_H */
