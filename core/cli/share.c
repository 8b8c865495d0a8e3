/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/share.h"

#include <stdlib.h>
#include <string.h>

#include "cli/load.h"
#include "codec/json.h"

/* --- the plan ------------------------------------------------------------- */

static gb_status find_plugins(const gb_catalogue *catalogue, gb_plan *plan,
                              gb_error *err) {
    for (size_t i = 0; i < plan->case_count; i++) {
        gb_plan_case *planned = &plan->cases[i];
        const gb_catalogue_entry *entry =
            gb_catalogue_find(catalogue, planned->id);
        if (entry == NULL)
            return gb_fail(err, GB_ERR_NOT_FOUND,
                           "install the same plugins on every node",
                           "%s: expected the plugin that rank 0 has, found "
                           "none on this node",
                           planned->id);
        if (strcmp(entry->sha256, planned->sha256) != 0)
            return gb_fail(
                err, GB_ERR_INVALID, "install the same plugins on every node",
                "%s: expected the file that rank 0 has, SHA-256 "
                "%.12s.., found %.12s.. on this node: '%s'",
                planned->id, planned->sha256, entry->sha256, entry->path);
        planned->plugin = entry->plugin;
    }
    return GB_OK;
}

/* It travels as text. */
gb_status gb_share_plan(gb_comm *comm, const gb_catalogue *catalogue,
                        gb_plan *plan, gb_error *err) {
    char *text = comm->rank == 0 ? gb_json_plan(plan) : NULL;
    uint64_t size = text != NULL ? strlen(text) + 1 : 0;
    gb_status status = comm->ops->bcast(comm, &size, sizeof(size), 0);
    if (status == GB_OK && comm->rank != 0)
        text = malloc(size + 1);
    if (status == GB_OK && (text == NULL || size == 0))
        status = gb_fail_memory(err, "the plan");
    status = gb_comm_agree(comm, status, err);
    if (status == GB_OK)
        status = comm->ops->bcast(comm, text, size, 0);
    if (status == GB_OK && comm->rank != 0)
        status = gb_json_read_plan(text, plan, err);
    free(text);
    if (status == GB_OK && comm->node_rank == 0)
        status = find_plugins(catalogue, plan, err);
    return gb_comm_agree(comm, status, err);
}

/* --- its plugins ---------------------------------------------------------- */

/* Number the plan's plugins in order of their first case. The same on every
 * rank. @param[out] first_case  [at most case_count] @return how many */
static size_t number_plugins(const gb_plan *plan, size_t *number_of_case,
                             size_t *first_case) {
    size_t count = 0;
    for (size_t i = 0; i < plan->case_count; i++) {
        size_t k = 0;
        while (k < count &&
               strcmp(plan->cases[first_case[k]].id, plan->cases[i].id) != 0)
            k++;
        if (k == count)
            first_case[count++] = i;
        number_of_case[i] = k;
    }
    return count;
}

static gb_status pack_plugins(const gb_plan *plan, const gb_plugin_set *set,
                              size_t *first_case, size_t count, void **packed,
                              uint64_t *bytes, gb_error *err) {
    size_t packed_bytes = 0;
    for (size_t k = 0; k < count; k++)
        first_case[k] = plan->cases[first_case[k]].plugin;
    const gb_status status =
        gb_plugin_set_pack(set, first_case, count, packed, &packed_bytes, err);
    *bytes = packed_bytes;
    return status;
}

gb_status gb_share_plugins(gb_comm *comm, bool with_mpi, gb_plan *plan,
                           gb_plugin_set **set, gb_error *err) {
    const bool leader = comm->node_rank == 0;
    size_t *number_of_case =
        calloc(2 * plan->case_count + 1, sizeof(*number_of_case));
    size_t *first_case =
        number_of_case != NULL ? number_of_case + plan->case_count : NULL;
    void *packed = NULL;
    uint64_t bytes = 0;
    gb_status status = number_of_case != NULL
                           ? GB_OK
                           : gb_fail_memory(err, "the plan's plugins");

    if (status == GB_OK) {
        const size_t count = number_plugins(plan, number_of_case, first_case);
        if (leader && comm->node_size > 1)
            status = pack_plugins(plan, *set, first_case, count, &packed,
                                  &bytes, err);
    }
    status = gb_comm_agree(comm, status, err);
    if (status == GB_OK)
        status = comm->ops->node_bcast(comm, &bytes, sizeof(bytes));
    if (status == GB_OK && !leader && (packed = malloc(bytes + 1)) == NULL)
        status = gb_fail_memory(err, "the plan's plugins");
    status = gb_comm_agree(comm, status, err);
    if (status == GB_OK)
        status = comm->ops->node_bcast(comm, packed, bytes);
    if (status == GB_OK && !leader)
        status = gb_load_packed(with_mpi, packed, bytes, set, err);
    for (size_t i = 0; !leader && status == GB_OK && i < plan->case_count; i++)
        plan->cases[i].plugin = number_of_case[i];
    free(packed);
    free(number_of_case);
    return gb_comm_agree(comm, status, err);
}
