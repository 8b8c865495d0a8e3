/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench doctor: is this node, or each node of a launch, ready to measure?
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/node.h"
#include "cli/program.h"
#include "codec/json.h"
#include "machine/comm/comm.h"
#include "machine/platform/doctor.h"
#include "machine/platform/platform.h"
#include "pipeline/report/report.h"

/* --- examining ------------------------------------------------------------ */

static gb_status examine(const gb_args *args, gb_node_findings *out,
                         gb_error *err) {
    gb_local_node local;
    const gb_status status = gb_local_node_open(args, "auto", &local, err);

    if (status != GB_OK)
        return status;
    gb_copy(out->node, sizeof(out->node), local.node.name);
    gb_doctor_examine(&local.node, local.root, &out->findings);
    gb_local_node_close(&local);
    return GB_OK;
}

/* --- several nodes -------------------------------------------------------- */

/* A node's name and its findings, as bytes: all ranks run the same binary. */
static unsigned char *pack(const gb_node_findings *one, size_t *size_out) {
    const size_t list = one->findings.count * sizeof(*one->findings.list);
    unsigned char *packed = malloc(sizeof(one->node) + list + 1);

    *size_out = 0;
    if (packed == NULL)
        return NULL;
    memcpy(packed, one->node, sizeof(one->node));
    if (list > 0)
        memcpy(packed + sizeof(one->node), one->findings.list, list);
    *size_out = sizeof(one->node) + list;
    return packed;
}

static bool unpack(const unsigned char *packed, size_t size,
                   gb_node_findings *out) {
    const size_t count =
        (size - sizeof(out->node)) / sizeof(*out->findings.list);

    memcpy(out->node, packed, sizeof(out->node));
    for (size_t i = 0; i < count; i++) {
        gb_finding finding;
        memcpy(&finding, packed + sizeof(out->node) + i * sizeof(finding),
               sizeof(finding));
        if (!gb_findings_add(&out->findings, &finding))
            return false;
    }
    return true;
}

/* On rank 0: nodes [comm->node_count]. Collective. */
static gb_status gather(gb_comm *comm, const gb_node_findings *own,
                        gb_node_findings *nodes, gb_error *err) {
    const bool leader = comm->node_rank == 0;
    size_t size = 0;
    size_t *sizes = calloc((size_t)comm->size + 1, sizeof(*sizes));
    unsigned char *packed = leader ? pack(own, &size) : NULL;
    void *all = NULL;
    gb_status status = sizes == NULL || (leader && packed == NULL)
                           ? gb_fail_memory(err, "the findings")
                           : GB_OK;

    status = gb_comm_agree(comm, status, err);
    if (status == GB_OK)
        status = comm->ops->gatherv(comm, packed, size, &all, sizes);
    if (status == GB_ERR_NO_MEMORY)
        gb_fail_memory(err, "the findings");
    const unsigned char *at = all;
    for (int rank = 0; status == GB_OK && comm->rank == 0 && rank < comm->size;
         rank++) {
        if (sizes[rank] > 0 &&
            !unpack(at, sizes[rank], &nodes[comm->node_of_rank[rank]]))
            status = gb_fail_memory(err, "the findings");
        at += sizes[rank];
    }
    free(all);
    free(packed);
    free(sizes);
    return gb_comm_agree(comm, status, err);
}

/* Collective. */
static gb_status compare_clocks(gb_comm *comm, gb_node_findings *nodes,
                                gb_error *err) {
    const size_t count = (size_t)comm->node_count;
    double *offset_s = calloc(2 * count, sizeof(*offset_s));
    gb_status status =
        offset_s != NULL ? GB_OK : gb_fail_memory(err, "the clocks");

    status = gb_comm_agree(comm, status, err);
    if (status == GB_OK)
        status = comm->ops->clock_offsets(comm, GB_CLOCK_ROUND_TRIPS, offset_s,
                                          offset_s + count);
    for (size_t n = 1; status == GB_OK && comm->rank == 0 && n < count; n++)
        gb_doctor_examine_clock_offset(offset_s[n], offset_s[count + n],
                                       &nodes[n].findings);
    free(offset_s);
    return status;
}

/* Each node's leader examines its node. Collective. */
static gb_status examine_nodes(const gb_args *args, gb_comm *comm,
                               gb_node_findings *nodes, gb_error *err) {
    gb_node_findings own = {0};
    gb_status status = comm->node_rank == 0 ? examine(args, &own, err) : GB_OK;

    status = gb_comm_agree(comm, status, err);
    if (status == GB_OK)
        status = gather(comm, &own, nodes, err);
    if (status == GB_OK)
        status = compare_clocks(comm, nodes, err);
    gb_findings_fini(&own.findings);
    return gb_comm_agree(comm, status, err);
}

/* --- the command ---------------------------------------------------------- */

static int show(const gb_args *args, const gb_node_findings *nodes,
                size_t count) {
    const gb_report_style style = gb_console_style();
    gb_str out = {0};

    if (gb_args_has(args, "json"))
        return gb_console_print_owned(gb_json_findings(nodes, count));
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            gb_str_add(&out, "\n");
        gb_report_findings(nodes[i].node, &nodes[i].findings, &style, &out);
    }
    return gb_console_print(&out);
}

static int run_doctor(const gb_args *args) {
    const bool launched = gb_comm_size_from_environment() > 1;
    char key[160] = "";
    gb_sysroot *root = NULL;
    gb_comm *comm = NULL;
    gb_node_findings *nodes = NULL;
    gb_error err = {.rank = -1};
    int code = GB_EXIT_OK, argc = 0;
    char **argv = NULL;

    gb_status status = gb_program_sysroot(&root, &err);
    if (status == GB_OK) {
        gb_platform_node_key(root, key, sizeof(key));
        status = launched ? gb_comm_open(&argc, &argv, key, &comm, &err)
                          : gb_comm_open_single(&comm, &err);
    }
    if (status == GB_OK) {
        nodes = calloc((size_t)comm->node_count, sizeof(*nodes));
        status = gb_comm_agree(
            comm, nodes != NULL ? GB_OK : gb_fail_memory(&err, "the findings"),
            &err);
    }
    if (status == GB_OK)
        status = examine_nodes(args, comm, nodes, &err);
    if (comm == NULL || comm->rank == 0) {
        if (status != GB_OK)
            gb_console_error(&err);
        else
            code = show(args, nodes, (size_t)comm->node_count);
    }
    if (status != GB_OK)
        code = gb_console_exit_code(status);
    for (int n = 0; nodes != NULL && n < comm->node_count; n++)
        gb_findings_fini(&nodes[n].findings);
    free(nodes);
    gb_comm_close(comm);
    gb_sysroot_close(root);
    return code;
}

static const gb_flag flags[] = {
    {"json", 0, NULL, "as JSON (greenbench.doctor/1) on standard output"},
};

const gb_command gb_command_doctor = {
    .name = "doctor",
    .usage = "[--json]",
    .summary = "is this node ready to measure? each finding with its fix",
    .details =
        "Under mpirun each node is examined once, by its first rank, and "
        "its clock is\ncompared with that of rank 0's node. Exit 0 "
        "whatever is found.\n",
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .run = run_doctor,
};
