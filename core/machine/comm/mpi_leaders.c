/* SPDX-License-Identifier: Apache-2.0 */
/* The nodes' leaders among themselves: a communicator like any other, whose
 * nodes have one rank each, and the files that its ranks open together. */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "machine/comm/mpi_comm.h"

static gb_status number_leaders(gb_mpi_comm *own, const gb_comm *comm) {
    char key[16];

    MPI_Comm_set_errhandler(own->world, MPI_ERRORS_RETURN);
    MPI_Comm_rank(own->world, &own->base.rank);
    MPI_Comm_size(own->world, &own->base.size);
    snprintf(key, sizeof(key), "%d", comm->node_index);
    return gb_mpi_find_nodes(own, key);
}

gb_status gb_mpi_leaders(gb_comm *comm, gb_comm **leaders_out) {
    const gb_mpi_comm *self = gb_mpi_self(comm);
    gb_mpi_comm *own = calloc(1, sizeof(*own));

    if (own == NULL)
        MPI_Abort(self->world, 5); /* the others are already in the call */
    own->node = MPI_COMM_NULL;
    own->leaders = MPI_COMM_NULL;
    own->base.impl = own;
    own->base.ops = comm->ops;
    gb_copy(own->base.library, sizeof(own->base.library), comm->library);
    gb_status status = gb_mpi_checked(MPI_Comm_dup(self->leaders, &own->world));
    if (status == GB_OK)
        status = number_leaders(own, comm);
    if (status != GB_OK) {
        gb_mpi_free(own);
        return status;
    }
    *leaders_out = &own->base;
    return GB_OK;
}

/* H5Pset_fapl_mpio() since HDF5 1.10, whose ids have 64 bits. */
typedef int set_access_fn(int64_t list, MPI_Comm comm, MPI_Info info);

gb_status gb_mpi_open_together(gb_comm *comm, gb_any_function *set,
                               int64_t access) {
    set_access_fn *const set_access = (set_access_fn *)set;

    return set_access(access, gb_mpi_self(comm)->world, MPI_INFO_NULL) < 0
               ? GB_ERR_UNSUPPORTED
               : GB_OK;
}
