/* SPDX-License-Identifier: Apache-2.0 */
/* What a stored run recorded of one node's energy, for it to be replayed. */
#include <stdlib.h>
#include <string.h>

#include "archive/rundir.h"
#include "base/text.h"

#define NAMES_SHOWN 16u

static gb_status no_such_node(const char *rundir, const gb_session *session,
                              const char *node_name, gb_error *err) {
    const char *names[NAMES_SHOWN];
    const size_t count =
        session->node_count < NAMES_SHOWN ? session->node_count : NAMES_SHOWN;
    char listed[200];

    for (size_t i = 0; i < count; i++)
        names[i] = session->nodes[i].name;
    return gb_fail(err, GB_ERR_NOT_FOUND,
                   "replay on a node of the same name, or a run of one node",
                   "'%s': expected a recording of node '%s', got %s%s", rundir,
                   node_name, gb_join(names, count, listed, sizeof(listed)),
                   count < session->node_count ? ", ..." : "");
}

/* By name, or the only one. */
static gb_status find_node(const char *rundir, const gb_run_log *log,
                           const char *node_name, size_t *node_out,
                           gb_error *err) {
    const gb_session *session = &log->session;

    if (!log->has_session || session->node_count == 0)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "'%s': expected a run, got one that never began",
                       rundir);
    for (size_t i = 0; i < session->node_count; i++)
        if (strcmp(session->nodes[i].name, node_name) == 0) {
            *node_out = i;
            return GB_OK;
        }
    *node_out = 0;
    return session->node_count == 1
               ? GB_OK
               : no_such_node(rundir, session, node_name, err);
}

/* Move what belongs to node @p index out of @p log. */
static gb_status take_node(gb_run_log *log, size_t index, gb_recording *out,
                           gb_error *err) {
    gb_node *node = &log->session.nodes[index];
    gb_recording recording = {0};

    gb_copy(recording.node, sizeof(recording.node), node->name);
    recording.domains =
        calloc(node->domain_count + 1, sizeof(*recording.domains));
    if (recording.domains == NULL)
        return gb_fail_memory(err, "a recording");
    if (node->domain_count > 0)
        memcpy(recording.domains, node->domains,
               node->domain_count * sizeof(*recording.domains));
    recording.domain_count = node->domain_count;
    recording.rows = log->samples;
    log->samples = NULL;
    for (size_t i = 0; i < log->sample_count; i++) {
        gb_sample row = recording.rows[i];
        if (row.node != index)
            continue;
        row.node = 0;
        recording.rows[recording.row_count++] = row;
    }
    log->sample_count = 0;
    *out = recording;
    return GB_OK;
}

gb_status gb_archive_recording(const char *rundir, const char *node_name,
                               gb_recording *recording_out, gb_error *err) {
    gb_plan plan = {0};
    gb_run_log log = {0};
    size_t index = 0;

    gb_status status = gb_rundir_read(rundir, &plan, &log, err);
    if (status != GB_OK)
        return status;
    status = find_node(rundir, &log, node_name, &index, err);
    if (status == GB_OK)
        status = take_node(&log, index, recording_out, err);
    gb_plan_fini(&plan);
    gb_run_log_fini(&log);
    return status;
}
