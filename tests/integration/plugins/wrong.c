/* SPDX-License-Identifier: Apache-2.0 */
/* compute.wrong: runs well and then finds its own result wrong. */
#include "small.h"

static gb_status wrong_run(gb_instance *self, uint64_t iterations,
                           gb_work *work) {
    for (uint64_t i = 0; i < iterations; i++) {
        self->value = self->value * 0.5 + 1.0;
        GB_KEEP_WORK();
    }
    work->done = 2.0 * (double)iterations;
    work->checksum = self->value;
    return GB_OK;
}

static gb_status wrong_verify(gb_instance *self) {
    return self->host->fail(self->host, GB_ERR_VERIFY, NULL,
                            "value: expected 7, got %g", self->value);
}

const gb_plugin greenbench_plugin = {
    SMALL_PLUGIN("compute.wrong", "a benchmark whose result is never right"),
    .run = wrong_run,
    .verify = wrong_verify,
};
