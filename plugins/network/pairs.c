/* SPDX-License-Identifier: Apache-2.0 */
#include "pairs.h"

#include <time.h>

#define TAG_END 32000

/* Awake every so often: 1 % of a core, and the call ends that much later. */
#define SLEEP_NS 50000

static const char *const kind_names[] = {"intra", "inter"};

/** @param order  [size], ranks of a node side by side; used as scratch */
static void take_places(const gb_network *net, int32_t *order,
                        gb_pairs *pairs) {
    const int32_t rank = net->mpi->rank, size = net->mpi->size;

    pairs->count = gb_layout_pair(net->mpi->node_of_rank, order, size,
                                  pairs->kind, pairs->list);
    pairs->partner = -1;
    pairs->waiting_count = 0;
    if (pairs->count > 1 && pairs->alone)
        pairs->count = 1;
    if (pairs->count == 0)
        return;
    int32_t *paired = order;
    memset(paired, 0, (size_t)size * sizeof(*paired));
    for (int32_t i = 0; i < pairs->count; i++) {
        const gb_pair *pair = &pairs->list[i];
        paired[pair->first] = paired[pair->second] = 1;
        if (pair->first == rank || pair->second == rank) {
            pairs->first = pair->first == rank;
            pairs->partner = pairs->first ? pair->second : pair->first;
        }
    }
    pairs->waiting[pairs->waiting_count++] = pairs->list[0].first;
    for (int32_t r = 0; r < size; r++)
        if (!paired[r])
            pairs->waiting[pairs->waiting_count++] = r;
    pairs->waiting_index =
        gb_layout_place(pairs->waiting, pairs->waiting_count, rank);
}

void gb_pairs_turn(const gb_network *net, int32_t round, gb_pairs *pairs) {
    const int32_t size = net->mpi->size;
    int32_t *order = pairs->scratch, *starts = order + size;

    gb_layout_turn(net->mpi->node_of_rank, pairs->sorted, size, round, starts,
                   order);
    take_places(net, order, pairs);
}

static gb_status refuse(const gb_network *net, gb_pair_kind kind) {
    const gb_host *host = net->host;

    if (kind == GB_PAIR_INTER)
        return host->fail(host, GB_ERR_INVALID,
                          "set pairs=intra, or start ranks on several nodes",
                          "expected ranks on 2 nodes or more for pairs=inter, "
                          "got all %d on one",
                          (int)net->mpi->size);
    return host->fail(host, GB_ERR_INVALID,
                      "set pairs=inter, or start 2 ranks on a node",
                      "expected a node with 2 ranks or more for pairs=intra, "
                      "got %d nodes with one each",
                      (int)net->mpi->size);
}

gb_status gb_pairs_init(const gb_network *net, const gb_params *values,
                        gb_pairs *pairs_out) {
    const gb_host *host = net->host;
    const gb_ext_mpi *mpi = net->mpi;
    const size_t size = (size_t)mpi->size, word = sizeof(int32_t);
    const char *asked = host->param_text(values, "pairs");
    gb_pairs pairs = {
        .alone = strcmp(host->param_text(values, "active"), "one") == 0,
        .partner = -1,
    };

    if (strcmp(asked, kind_names[GB_PAIR_INTER]) == 0 ||
        (strcmp(asked, "auto") == 0 &&
         gb_layout_count_nodes(mpi->node_of_rank, mpi->size) > 1))
        pairs.kind = GB_PAIR_INTER;
    pairs.sorted = gb_network_sort_ranks(net);
    pairs.waiting = host->alloc(host, size * word, sizeof(void *));
    pairs.scratch = host->alloc(host, (2 * size + 1) * word, sizeof(void *));
    pairs.list = host->alloc(host, size * sizeof(gb_pair), sizeof(void *));
    *pairs_out = pairs;
    if (pairs.sorted == NULL || pairs.waiting == NULL ||
        pairs.scratch == NULL || pairs.list == NULL)
        return GB_ERR_NO_MEMORY;
    memcpy(pairs.scratch, pairs.sorted, size * word);
    take_places(net, pairs.scratch, pairs_out);
    if (pairs_out->count == 0)
        return refuse(net, pairs.kind);
    host->note(host, "pairs", "%d %s-node, %d ranks wait",
               (int)pairs_out->count, kind_names[pairs.kind],
               (int)pairs_out->waiting_count - 1);
    return GB_OK;
}

void gb_pairs_fini(const gb_network *net, gb_pairs *pairs) {
    const gb_host *host = net->host;

    host->free(host, pairs->list);
    host->free(host, pairs->scratch);
    host->free(host, pairs->waiting);
    host->free(host, pairs->sorted);
    *pairs = (gb_pairs){.partner = -1};
}

/** Sleep until @p from says that it is over. */
static int await_end(const gb_network *net, int32_t from) {
    const struct timespec nap = {.tv_nsec = SLEEP_NS};
    int over = 0, code = MPI_SUCCESS;

    while (code == MPI_SUCCESS && !over) {
        code =
            MPI_Iprobe(from, TAG_END, net->mpi->comm, &over, MPI_STATUS_IGNORE);
        if (code == MPI_SUCCESS && !over)
            nanosleep(&nap, NULL);
    }
    if (code == MPI_SUCCESS)
        code = MPI_Recv(NULL, 0, MPI_BYTE, from, TAG_END, net->mpi->comm,
                        MPI_STATUS_IGNORE);
    return code;
}

int gb_pairs_finish(const gb_network *net, const gb_pairs *pairs, int code) {
    const int32_t at = pairs->waiting_index;
    int told = MPI_SUCCESS;

    if (at < 0)
        return code;
    const gb_tree_place place = gb_layout_tree(pairs->waiting_count, at);
    if (place.parent >= 0)
        code = await_end(net, pairs->waiting[place.parent]);
    for (int32_t i = 0; i < place.child_count && told == MPI_SUCCESS; i++)
        told =
            MPI_Send(NULL, 0, MPI_BYTE, pairs->waiting[place.first_child + i],
                     TAG_END, net->mpi->comm);
    return code != MPI_SUCCESS ? code : told;
}
