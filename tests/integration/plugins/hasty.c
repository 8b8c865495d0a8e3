/* SPDX-License-Identifier: Apache-2.0 */
/* compute.hasty: slow while it is calibrated, and then ten times faster: what a
 * machine does that was busy when calibration looked. */
#include <time.h>

#include "small.h"

static gb_status hasty_run(gb_instance *self, uint64_t iterations,
                           gb_work *work) {
    const struct timespec pause = {.tv_nsec =
                                       self->calls++ < 2 ? 2000000 : 200000};
    for (uint64_t i = 0; i < iterations; i++)
        nanosleep(&pause, NULL);
    work->done = (double)iterations;
    work->checksum = work->done;
    return GB_OK;
}

const gb_plugin greenbench_plugin = {
    SMALL_PLUGIN("compute.hasty", "a benchmark that is slow at first"),
    .run = hasty_run,
};
