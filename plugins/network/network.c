/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>

#include "layout.h"

#define PAGE_BYTES 4096u
#define LINE_BYTES 64u

/* The host lends huge pages, where the kernel has them, from HUGE_BLOCK_BYTES
 * on. From LARGE_BYTES on a message is worth a block that large: MPI libraries
 * hand longer ones to the kernel or the adapter page by page, and what a page
 * costs there is more than the copy of its 4 KiB. */
#define LARGE_BYTES      ((size_t)64 << 10)
#define HUGE_BLOCK_BYTES ((size_t)4 << 20)
/* A rank with less keeps what that would waste: two blocks of a few KiB each
 * would take all that 1 of 256 ranks has of 2 GiB. */
#define ROOMY_BYTES ((uint64_t)64 << 20)

/* The library takes memory of its own for what is under way. */
#define USABLE_SHARE (15.0 / 16.0)

static bool is_roomy(const gb_host *host) {
    return host->memory_bytes == 0 || host->memory_bytes >= ROOMY_BYTES;
}

double gb_network_room_bytes(const gb_host *host) {
    const double rounding =
        is_roomy(host) ? 2.0 * (double)HUGE_BLOCK_BYTES : 0.0;

    return host->memory_bytes == 0
               ? (double)INFINITY
               : USABLE_SHARE * (double)host->memory_bytes - rounding;
}

static gb_status check_size(const gb_host *host, uint64_t bytes, double held,
                            size_t unit_bytes) {
    const double usable = gb_network_room_bytes(host) / held;
    const char *limit = "MPI counts in ints";
    uint64_t most = INT_MAX;
    char hint[64];

    if (usable < (double)most) {
        limit = "of this rank's memory";
        most = usable > 0.0 ? (uint64_t)usable : 0;
    }
    most = most / unit_bytes * unit_bytes;
    if (bytes > most) {
        snprintf(hint, sizeof(hint), "set message_bytes to %lluB or less",
                 (unsigned long long)most);
        return host->fail(host, GB_ERR_INVALID, most > 0 ? hint : NULL,
                          "expected message_bytes up to %llu (%s; %.0f such "
                          "messages are held), got %llu",
                          (unsigned long long)most, limit, held,
                          (unsigned long long)bytes);
    }
    if (bytes == 0 || bytes % unit_bytes != 0) {
        const uint64_t below = bytes / unit_bytes * unit_bytes;
        snprintf(hint, sizeof(hint), "set message_bytes to %lluB",
                 (unsigned long long)(below > 0 ? below : unit_bytes));
        return host->fail(host, GB_ERR_INVALID, hint,
                          "expected message_bytes in multiples of %zu, got "
                          "%llu",
                          unit_bytes, (unsigned long long)bytes);
    }
    return GB_OK;
}

gb_status gb_network_open(const gb_host *host, const gb_params *values,
                          double held, size_t unit_bytes, gb_network *net_out) {
    const gb_ext_mpi *mpi = host->extension(host, GB_EXT_MPI);
    const uint64_t bytes = host->param_u64(values, "message_bytes");

    if (mpi == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED, "start it under mpirun",
                          "needs the extension '%s', got none", GB_EXT_MPI);
    const gb_status status = check_size(host, bytes, held, unit_bytes);
    if (status == GB_OK)
        *net_out = (gb_network){
            .host = host, .mpi = mpi, .message_bytes = (size_t)bytes};
    return status;
}

size_t gb_network_stride(size_t message_bytes) {
    return (message_bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
}

unsigned char *gb_network_alloc(const gb_network *net, size_t bytes) {
    const bool rounded =
        is_roomy(net->host) && bytes >= LARGE_BYTES && bytes < HUGE_BLOCK_BYTES;
    unsigned char *start = net->host->alloc(
        net->host, rounded ? HUGE_BLOCK_BYTES : bytes, PAGE_BYTES);

    if (start != NULL)
        memset(start, 0, bytes); /* touched here, so near this rank's core */
    return start;
}

int32_t *gb_network_sort_ranks(const gb_network *net) {
    const gb_host *host = net->host;
    const size_t size = (size_t)net->mpi->size;
    int32_t *starts =
        host->alloc(host, (size + 1) * sizeof(*starts), sizeof(void *));
    int32_t *order = NULL;

    if (starts != NULL)
        order = host->alloc(host, size * sizeof(*order), sizeof(void *));
    if (order != NULL)
        gb_layout_sort(net->mpi->node_of_rank, net->mpi->size, starts, order);
    host->free(host, starts);
    return order;
}

gb_status gb_network_fail_mpi(const gb_network *net, int code) {
    char text[MPI_MAX_ERROR_STRING] = "";
    int length = 0;

    if (MPI_Error_string(code, text, &length) != MPI_SUCCESS)
        text[0] = '\0';
    return net->host->fail(net->host, GB_ERR_MPI, NULL,
                           "expected messages of %zu bytes to get through, "
                           "got MPI error %d: %s",
                           net->message_bytes, code, text);
}

gb_status gb_network_check(const gb_network *net, const unsigned char *message,
                           size_t bytes, uint64_t key, uint64_t number,
                           int32_t from) {
    const gb_host *host = net->host;

    if (!gb_message_has_number(message, bytes, number))
        return host->fail(host, GB_ERR_VERIFY, NULL,
                          "expected message %llu from rank %d last, got "
                          "another",
                          (unsigned long long)number, (int)from);
    const size_t wrong = gb_message_find_wrong(message, bytes, key);
    if (wrong < bytes)
        return host->fail(host, GB_ERR_VERIFY, NULL,
                          "byte %zu from rank %d: expected %u, got %u", wrong,
                          (int)from, (unsigned)gb_message_byte(key, wrong),
                          (unsigned)message[wrong]);
    return GB_OK;
}

gb_status gb_network_check_order(const gb_network *net, uint64_t mismatches) {
    if (mismatches == 0)
        return GB_OK;
    return net->host->fail(net->host, GB_ERR_VERIFY, NULL,
                           "expected every message in order, got %llu with "
                           "another number",
                           (unsigned long long)mismatches);
}
