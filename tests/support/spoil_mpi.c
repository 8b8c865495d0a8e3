/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded with LD_PRELOAD: an MPI that spoils one byte of each message of a
 * certain size, as a broken network would.
 *
 * Environment: GB_SPOIL_COUNT, the elements of the messages to spoil;
 * GB_SPOIL_BYTE, which byte of them. Without GB_SPOIL_COUNT nothing changes.
 */
#include <mpi.h>
#include <stddef.h>
#include <stdlib.h>

#define RECEIVES_MAX 64

static unsigned char *under_way[RECEIVES_MAX];
static size_t under_way_count;

static int is_meant(int count) {
    const char *text = getenv("GB_SPOIL_COUNT");

    return text != NULL && count == (int)strtol(text, NULL, 10);
}

static void spoil(void *message) {
    const char *text = getenv("GB_SPOIL_BYTE");
    const long at = text != NULL ? strtol(text, NULL, 10) : 0;

    ((unsigned char *)message)[at] ^= 0x40u;
}

int MPI_Recv(void *message, int count, MPI_Datatype type, int from, int tag,
             MPI_Comm comm, MPI_Status *status) {
    const int code = PMPI_Recv(message, count, type, from, tag, comm, status);

    if (is_meant(count))
        spoil(message);
    return code;
}

int MPI_Irecv(void *message, int count, MPI_Datatype type, int from, int tag,
              MPI_Comm comm, MPI_Request *request) {
    if (is_meant(count) && under_way_count < RECEIVES_MAX)
        under_way[under_way_count++] = message;
    return PMPI_Irecv(message, count, type, from, tag, comm, request);
}

int MPI_Waitall(int count, MPI_Request requests[], MPI_Status statuses[]) {
    const int code = PMPI_Waitall(count, requests, statuses);

    while (under_way_count > 0)
        spoil(under_way[--under_way_count]);
    return code;
}

int MPI_Bcast(void *message, int count, MPI_Datatype type, int root,
              MPI_Comm comm) {
    int rank = root;
    const int code = PMPI_Bcast(message, count, type, root, comm);

    PMPI_Comm_rank(comm, &rank);
    if (is_meant(count) && rank != root)
        spoil(message);
    return code;
}

int MPI_Alltoall(const void *out, int out_count, MPI_Datatype out_type,
                 void *in, int in_count, MPI_Datatype in_type, MPI_Comm comm) {
    const int code =
        PMPI_Alltoall(out, out_count, out_type, in, in_count, in_type, comm);

    if (is_meant(in_count))
        spoil(in);
    return code;
}

int MPI_Allreduce(const void *in, void *out, int count, MPI_Datatype type,
                  MPI_Op op, MPI_Comm comm) {
    const int code = PMPI_Allreduce(in, out, count, type, op, comm);

    if (is_meant(count))
        spoil(out);
    return code;
}
