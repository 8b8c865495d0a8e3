/* SPDX-License-Identifier: Apache-2.0 */
#include "pairs.h"

#include <time.h>

#include "layout.h"

#define TAG_END 32000

/* Awake every so often: 1 % of a core, and the call ends that much later. */
#define SLEEP_NS 50000

static const char *const kind_names[] = {"intra", "inter"};

/** @param paired  [size], scratch */
static void take_place(const gb_network *net, const gb_pair *list,
                       int32_t *paired, gb_pairs *pairs) {
    const int32_t rank = net->mpi->rank;

    memset(paired, 0, (size_t)net->mpi->size * sizeof(*paired));
    for (int32_t i = 0; i < pairs->count; i++) {
        paired[list[i].first] = paired[list[i].second] = 1;
        if (list[i].first == rank || list[i].second == rank) {
            pairs->first = list[i].first == rank;
            pairs->partner = pairs->first ? list[i].second : list[i].first;
        }
    }
    pairs->waiting[pairs->waiting_count++] = list[0].first;
    for (int32_t r = 0; r < net->mpi->size; r++)
        if (!paired[r])
            pairs->waiting[pairs->waiting_count++] = r;
    pairs->waiting_index =
        gb_layout_place(pairs->waiting, pairs->waiting_count, rank);
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
    const size_t size = (size_t)mpi->size;
    const char *asked = host->param_text(values, "pairs");
    gb_pair_kind kind = GB_PAIR_INTRA;

    if (strcmp(asked, kind_names[GB_PAIR_INTER]) == 0 ||
        (strcmp(asked, "auto") == 0 &&
         gb_layout_count_nodes(mpi->node_of_rank, mpi->size) > 1))
        kind = GB_PAIR_INTER;
    *pairs_out = (gb_pairs){.partner = -1};
    gb_status status = GB_ERR_NO_MEMORY;
    gb_pair *list = host->alloc(host, size * sizeof(*list), sizeof(void *));
    int32_t *order = gb_network_sort_ranks(net);
    pairs_out->waiting =
        host->alloc(host, size * sizeof(*pairs_out->waiting), sizeof(void *));
    if (list != NULL && order != NULL && pairs_out->waiting != NULL) {
        pairs_out->count =
            gb_layout_pair(mpi->node_of_rank, order, mpi->size, kind, list);
        if (pairs_out->count > 1 &&
            strcmp(host->param_text(values, "active"), "one") == 0)
            pairs_out->count = 1;
        status = pairs_out->count > 0 ? GB_OK : refuse(net, kind);
    }
    if (status == GB_OK) {
        take_place(net, list, order, pairs_out);
        host->note(host, "pairs", "%d %s-node, %d ranks wait",
                   (int)pairs_out->count, kind_names[kind],
                   (int)pairs_out->waiting_count - 1);
    }
    host->free(host, order);
    host->free(host, list);
    return status;
}

void gb_pairs_fini(const gb_network *net, gb_pairs *pairs) {
    net->host->free(net->host, pairs->waiting);
    pairs->waiting = NULL;
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
