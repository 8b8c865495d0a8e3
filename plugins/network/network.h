/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PLUGINS_NETWORK_NETWORK_H
#define GB_PLUGINS_NETWORK_NETWORK_H

/**
 * @file network.h
 * What the network benchmarks share: the size of a message, checked against the
 * machine, its buffers, and the check of what arrived.
 */
#include "greenbench/ext/mpi.h"
#include "greenbench/plugin.h"
#include "message.h"

/** Every network benchmark has this parameter. */
#define GB_NETWORK_MESSAGE_BYTES(help, default_text)                           \
    { "message_bytes", help, default_text, "1B..2GiB" }

typedef struct gb_network {
    const gb_host *host;
    const gb_ext_mpi *mpi;
    size_t message_bytes;
} gb_network;

/** Lend MPI and read `message_bytes`; refuse what MPI or the memory cannot
 *  hold, with the largest size that they can.
 *  @param held        messages that this rank's buffers hold
 *  @param unit_bytes  message_bytes must be a multiple of it */
gb_status gb_network_open(const gb_host *host, const gb_params *values,
                          double held, size_t unit_bytes, gb_network *net_out);

/** What a rank's messages may take together; infinite: not known. */
double gb_network_room_bytes(const gb_host *host);

/** One message behind the other would share cache lines where they are short:
 *  the place of the next. */
size_t gb_network_stride(size_t message_bytes);

/** A page-aligned buffer; null on failure, which is recorded. */
unsigned char *gb_network_alloc(const gb_network *net, size_t bytes);

/** Ranks in the order of their nodes. Small: create() may take it.
 *  @return [size], to be freed; null on failure, which is recorded */
int32_t *gb_network_sort_ranks(const gb_network *net);

/** @param code  what MPI returned, not MPI_SUCCESS */
gb_status gb_network_fail_mpi(const gb_network *net, int code);

/** Is this the message that gb_message_fill(key) wrote, with @p number?
 *  @param from  the rank that sent it, for the message of the failure
 *  @retval GB_ERR_VERIFY  it is not */
gb_status gb_network_check(const gb_network *net, const unsigned char *message,
                           size_t bytes, uint64_t key, uint64_t number,
                           int32_t from);

/** Fail if any number was wrong while the clock ran. */
gb_status gb_network_check_order(const gb_network *net, uint64_t mismatches);

#endif /* GB_PLUGINS_NETWORK_NETWORK_H */
