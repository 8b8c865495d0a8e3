/* SPDX-License-Identifier: Apache-2.0 */
/* MPI lent to plugins: a communicator of their own, and what came back. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "greenbench/ext/mpi.h"
#include "machine/comm/mpi_comm.h"

typedef struct loan {
    gb_ext_mpi ext; /* what the plugin gets */
    gb_ext_mpi copy;
    int key;    /* an attribute of the communicator: */
    bool freed; /* MPI tells when it goes away */
} loan;

/* Ours since gb_mpi_lend(): `ext` is its first field. */
static loan *loan_of(const void *ext) {
    loan *own = NULL;
    memcpy(&own, &ext, sizeof(own));
    return own;
}

static int on_free(MPI_Comm comm, int key, void *value, void *extra) {
    loan *own = value;
    (void)comm;
    (void)key;
    (void)extra;
    own->freed = true;
    return MPI_SUCCESS;
}

const void *gb_mpi_lend(gb_comm *comm) {
    gb_mpi_comm *self = gb_mpi_self(comm);
    loan *own = calloc(1, sizeof(*own));
    if (own == NULL)
        return NULL;
    own->ext = (gb_ext_mpi){
        .struct_size = sizeof(own->ext),
        .rank = comm->rank,
        .size = comm->size,
        .node_of_rank = comm->node_of_rank,
    };
    if (MPI_Comm_dup(self->world, &own->ext.comm) != MPI_SUCCESS) {
        free(own);
        return NULL;
    }
    if (MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, on_free, &own->key,
                               NULL) != MPI_SUCCESS ||
        MPI_Comm_set_attr(own->ext.comm, own->key, own) != MPI_SUCCESS) {
        MPI_Comm_free(&own->ext.comm);
        free(own);
        return NULL;
    }
    own->copy = own->ext;
    return &own->ext;
}

void gb_mpi_take_back(gb_comm *comm, const void *ext) {
    loan *own = loan_of(ext);
    (void)comm;
    if (own == NULL)
        return;
    if (!own->freed)
        MPI_Comm_free(&own->copy.comm);
    MPI_Comm_free_keyval(&own->key);
    free(own);
}

gb_status gb_mpi_intact(gb_comm *comm, const void *ext, gb_error *err) {
    const loan *own = loan_of(ext);
    MPI_Errhandler handler = MPI_ERRHANDLER_NULL;
    const char *hint = "duplicate it, and change the duplicate";
    (void)comm;

    if (own->freed)
        return gb_fail(err, GB_ERR_MPI,
                       "the host frees what it lent: free only communicators "
                       "of your own",
                       "the communicator of greenbench.mpi/1 was freed");
    if (own->ext.comm != own->copy.comm || own->ext.rank != own->copy.rank ||
        own->ext.size != own->copy.size ||
        own->ext.node_of_rank != own->copy.node_of_rank)
        return gb_fail(err, GB_ERR_MPI, "treat it as constant",
                       "what greenbench.mpi/1 handed out was written to");
    if (MPI_Comm_get_errhandler(own->copy.comm, &handler) != MPI_SUCCESS)
        return gb_fail(err, GB_ERR_MPI, hint,
                       "the communicator of greenbench.mpi/1 does not answer");
    const bool same = handler == MPI_ERRORS_RETURN;
    if (handler != MPI_ERRHANDLER_NULL)
        MPI_Errhandler_free(&handler);
    if (!same)
        return gb_fail(err, GB_ERR_MPI, hint,
                       "the communicator of greenbench.mpi/1 has another error "
                       "handler than it was lent with");
    return GB_OK;
}

gb_status gb_mpi_drained(gb_comm *comm, const void *ext, gb_error *err) {
    const loan *own = loan_of(ext);
    MPI_Status about;
    int found = 0;
    gb_status status = comm->ops->barrier(comm);

    /* What was sent before the barrier may still be on its way. */
    for (int i = 0; i < 1000 && !own->freed && found == 0 && status == GB_OK;
         i++)
        if (MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, own->copy.comm, &found,
                       &about) != MPI_SUCCESS)
            status = GB_ERR_MPI;
    if (status != GB_OK)
        return gb_fail(err, status, NULL,
                       "cannot ask MPI for messages that wait");
    if (found != 0)
        return gb_fail(err, GB_ERR_MPI,
                       "receive every message before destroy() returns",
                       "rank %d sent rank %d a message with tag %d that was "
                       "never received",
                       about.MPI_SOURCE, own->copy.rank, about.MPI_TAG);
    return GB_OK;
}
