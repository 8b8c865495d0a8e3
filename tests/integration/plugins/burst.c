/* SPDX-License-Identifier: Apache-2.0 */
/* compute.burst: crashes as soon as it is loaded. */
#include <signal.h>

#include "small.h"

__attribute__((constructor)) static void burst(void) {
    raise(SIGSEGV);
}

static gb_status burst_run(gb_instance *self, uint64_t iterations,
                           gb_work *work) {
    (void)self;
    work->done = (double)iterations;
    return GB_OK;
}

const gb_plugin greenbench_plugin = {
    SMALL_PLUGIN("compute.burst", "a benchmark that cannot even be loaded"),
    .run = burst_run,
};
