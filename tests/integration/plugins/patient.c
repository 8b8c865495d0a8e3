/* SPDX-License-Identifier: Apache-2.0 */
/* compute.patient: sleeps. Takes no core, so that many runs can go on at once,
 * and each takes as long as it is told to. */
#include <time.h>

#include "small.h"

static gb_status patient_run(gb_instance *self, uint64_t iterations,
                             gb_work *work) {
    const struct timespec pause = {.tv_nsec = 20000000};
    (void)self;
    for (uint64_t i = 0; i < iterations; i++)
        nanosleep(&pause, NULL);
    work->done = (double)iterations;
    work->checksum = work->done;
    return GB_OK;
}

const gb_plugin greenbench_plugin = {
    SMALL_PLUGIN("compute.patient", "a benchmark that sleeps"),
    .run = patient_run,
};
