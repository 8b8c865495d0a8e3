/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded with LD_PRELOAD: an MPI that spoils one byte of each message of a
 * certain size, as a broken network would.
 *
 * Environment: GB_SPOIL_COUNT, the elements of the messages to spoil;
 * GB_SPOIL_BYTE, which byte of them. Without GB_SPOIL_COUNT nothing changes.
 * GB_SPOIL_FILE: "refuse", no file can be opened; "die", the second rank is
 * killed when it writes to one.
 */
#include <mpi.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Open MPI's header says that its functions are seen from outside; MPICH's does
 * not, and what is hidden stands before nothing. */
#pragma GCC visibility push(default)

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

/* --- files ---------------------------------------------------------------- */

static int file_is_to(const char *what) {
    const char *text = getenv("GB_SPOIL_FILE");

    return text != NULL && strcmp(text, what) == 0;
}

int MPI_File_open(MPI_Comm comm, const char *name, int mode, MPI_Info about,
                  MPI_File *file) {
    return file_is_to("refuse") ? MPI_ERR_ACCESS
                                : PMPI_File_open(comm, name, mode, about, file);
}

int MPI_File_write_at_all(MPI_File file, MPI_Offset at, const void *bytes,
                          int count, MPI_Datatype type, MPI_Status *status) {
    int rank = 0;

    PMPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (rank == 1 && file_is_to("die"))
        raise(SIGKILL);
    return PMPI_File_write_at_all(file, at, bytes, count, type, status);
}

#pragma GCC visibility pop
