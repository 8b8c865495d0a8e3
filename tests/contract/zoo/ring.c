/* SPDX-License-Identifier: Apache-2.0 */
/* As zoo.c, with messages: each rank sends the next one a number. */
#include <stddef.h>

#include "greenbench/ext/mpi.h"
#include "greenbench/plugin.h"

struct gb_instance {
    const gb_host *host;
    const gb_ext_mpi *mpi;
    int *numbers; /* [1] received */
    int sent;
};

static const char *const needs[] = {GB_EXT_MPI, NULL};

static gb_status ring_create(const gb_host *host, const gb_params *values,
                             gb_instance **self_out) {
    (void)values;
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.host = host};
    self->mpi = host->extension(host, GB_EXT_MPI);
    *self_out = self;
    return GB_OK;
}

static gb_status ring_prepare(gb_instance *self) {
    self->numbers = self->host->alloc(self->host, sizeof(int), 64);
#ifdef ZOO_error_handler
    MPI_Comm_set_errhandler(self->mpi->comm, MPI_ERRORS_ARE_FATAL);
#endif
    return self->numbers != NULL ? GB_OK : GB_ERR_NO_MEMORY;
}

static gb_status ring_run(gb_instance *self, uint64_t iterations,
                          gb_work *work) {
    const int size = self->mpi->size, rank = self->mpi->rank;
    const int next = (rank + 1) % size, last = (rank + size - 1) % size;

    for (uint64_t k = 0; k < iterations; k++) {
        self->sent++;
        if (MPI_Sendrecv(&self->sent, 1, MPI_INT, next, 7, self->numbers, 1,
                         MPI_INT, last, 7, self->mpi->comm,
                         MPI_STATUS_IGNORE) != MPI_SUCCESS)
            return self->host->fail(self->host, GB_ERR_MPI, NULL,
                                    "cannot exchange a number");
    }
    work->done = (double)iterations;
    return GB_OK;
}

static gb_status ring_verify(gb_instance *self) {
    if (*self->numbers == self->sent)
        return GB_OK;
    return self->host->fail(self->host, GB_ERR_VERIFY, NULL,
                            "expected %d, got %d", self->sent, *self->numbers);
}

static void ring_destroy(gb_instance *self) {
    const gb_host *host = self->host;
#ifdef ZOO_message
    const int next = (self->mpi->rank + 1) % self->mpi->size;
    MPI_Request request;
    static int last = 0;
    MPI_Isend(&last, 1, MPI_INT, next, 8, self->mpi->comm, &request);
    MPI_Request_free(&request);
#endif
#ifdef ZOO_communicator_freed
    MPI_Comm copy = self->mpi->comm;
    MPI_Comm_free(&copy);
#endif
    host->free(host, self->numbers);
    host->free(host, self);
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = ZOO_ID,
    .version = "0.1.0",
    .summary = "keeps all promises but one",
    .work_unit = "message",
    .needs = needs,
    .create = ring_create,
    .prepare = ring_prepare,
    .run = ring_run,
    .verify = ring_verify,
    .destroy = ring_destroy,
    .ranks_min = 2,
};
