/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/comm/comm.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"

#ifndef GREENBENCH_HAVE_MPI
gb_status gb_comm_open(int *argc, char ***argv, const char *node_key,
                       gb_comm **comm_out, gb_error *err) {
    (void)argc;
    (void)argv;
    (void)node_key;
    return gb_comm_open_single(comm_out, err);
}
#else
gb_status gb_comm_open(int *argc, char ***argv, const char *node_key,
                       gb_comm **comm_out, gb_error *err) {
    return gb_comm_open_mpi(argc, argv, node_key, comm_out, err);
}
#endif

void gb_comm_close(gb_comm *comm) {
    if (comm != NULL)
        comm->ops->close(comm);
}

static const char *const rank_names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK",
                                         "PMI_RANK", "SLURM_PROCID"};
#define RANK_NAME_COUNT (sizeof(rank_names) / sizeof(rank_names[0]))

/* The first of the launchers' variables that holds a number. */
static int number_from(const char *const *names, size_t count, int otherwise) {
    for (size_t i = 0; i < count; i++) {
        const char *text = getenv(names[i]);
        uint64_t number = 0;
        if (text != NULL && gb_parse_u64(text, &number, NULL) == GB_OK &&
            number <= INT32_MAX)
            return (int)number;
    }
    return otherwise;
}

int gb_comm_rank_from_environment(void) {
    return number_from(rank_names, RANK_NAME_COUNT, 0);
}

bool gb_comm_was_launched(void) {
    return number_from(rank_names, RANK_NAME_COUNT, -1) >= 0;
}

int gb_comm_size_from_environment(void) {
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE",
                                        "SLURM_NTASKS"};
    return number_from(names, sizeof(names) / sizeof(names[0]), 1);
}

/* Status above, rank below: the largest is the worst status, and of those the
 * lowest rank. */
static int64_t pack(gb_status status, int rank) {
    return ((int64_t)status << 32) | (int64_t)(INT32_MAX - rank);
}

#undef gb_comm_agree
gb_status gb_comm_agree(gb_comm *comm, gb_status status, gb_error *err) {
    return (gb_comm_agree_max)(comm, status, NULL, 0, err);
}

#undef gb_comm_agree_max
gb_status gb_comm_agree_max(gb_comm *comm, gb_status status, int64_t *values,
                            size_t count, gb_error *err) {
    int64_t largest[1 + GB_COMM_AGREE_VALUES] = {pack(status, comm->rank)};
    if (count > 0)
        memcpy(largest + 1, values, count * sizeof(*values));
    if (comm->ops->max_i64(comm, largest, 1 + count) != GB_OK)
        return gb_fail(err, GB_ERR_MPI, NULL,
                       "the ranks could not agree: an MPI call failed");
    if (count > 0)
        memcpy(values, largest + 1, count * sizeof(*values));
    const gb_status agreed = (gb_status)(largest[0] >> 32);
    if (agreed == GB_OK)
        return GB_OK;

    const int whose = INT32_MAX - (int)(largest[0] & INT32_MAX);
    gb_error message = {.status = agreed};
    if (whose == comm->rank) {
        if (err != NULL && err->status == status)
            message = *err;
        else
            gb_fail(&message, agreed, NULL, "%s", gb_status_text(agreed));
        message.rank = whose;
    }
    if (comm->ops->bcast(comm, &message, sizeof(message), whose) != GB_OK)
        return gb_fail(err, GB_ERR_MPI, NULL,
                       "the ranks could not agree: an MPI call failed");
    message.rank = whose;
    if (err != NULL)
        *err = message;
    return agreed;
}
