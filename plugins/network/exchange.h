/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PLUGINS_NETWORK_EXCHANGE_H
#define GB_PLUGINS_NETWORK_EXCHANGE_H

/**
 * @file exchange.h
 * A message to each of a few neighbours and one from each, all at once. A ring,
 * a halo and a bisection are this, with other neighbours.
 *
 * Every rank has the same number of links, and what leaves on link i arrives on
 * the receiver's link opposite(i). In each exchange the messages of one link
 * carry its number, another link's each time, so that the check costs the same
 * however many links there are.
 */
#include "network.h"

#define GB_LINKS_MAX 26

typedef struct gb_link {
    int32_t peer;
    int32_t opposite; /* the peer's link to this rank */
    size_t bytes;     /* each way; 0: message_bytes */
    size_t offset;    /* in `out` and `in`; set by gb_exchange_prepare() */
} gb_link;

/** All that a plugin of this kind needs: it only says who its neighbours are.
 */
struct gb_instance {
    gb_network net;
    gb_link links[GB_LINKS_MAX];
    int32_t link_count;
    double sent_bytes; /* by this rank in one exchange */
    unsigned char *out, *in;
    size_t buffer_bytes; /* of each */
    uint64_t number;     /* of the last exchange, since prepare() */
    uint64_t mismatches;
    MPI_Request *requests; /* [2 * link_count] */
};

/** Set `links` (peer, opposite, and bytes where they are not message_bytes) and
 *  `link_count`, and note what an analyst should know. */
typedef gb_status (*gb_exchange_connect)(gb_instance *self,
                                         const gb_params *values);

/** What the plugin's create() comes to.
 *  @param held  messages that this rank's buffers hold */
gb_status gb_exchange_create(const gb_host *host, const gb_params *values,
                             double held, gb_exchange_connect connect,
                             gb_instance **self_out);

/* The other calls of the plugin. Work is the bytes that this rank sent. */
gb_status gb_exchange_prepare(gb_instance *self);
gb_status gb_exchange_rearm(gb_instance *self);
gb_status gb_exchange_run(gb_instance *self, uint64_t iterations,
                          gb_work *work);
gb_status gb_exchange_verify(gb_instance *self);
void gb_exchange_destroy(gb_instance *self);

#endif /* GB_PLUGINS_NETWORK_EXCHANGE_H */
