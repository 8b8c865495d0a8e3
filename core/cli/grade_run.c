/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/grade_run.h"

#include <stdlib.h>

#include "archive/files.h"
#include "pipeline/assess/grade.h"
#include "pipeline/config/stated.h"
#include "pipeline/reduce/phase.h"

gb_status gb_methodology_read(const gb_args *args, gb_methodology *out,
                              gb_error *err) {
    const char *text = gb_args_get(args, "methodology");

    *out = GB_METHODOLOGY_2_0;
    if (text == NULL || gb_methodology_from_name(text, out))
        return GB_OK;
    return gb_fail(err, GB_ERR_INVALID, "2.0 is the one in force",
                   "--methodology: expected 1.2, 2.0 or 3.0-draft, got '%s'",
                   text);
}

gb_status gb_stated_read(const gb_args *args, gb_stated *room,
                         const gb_stated **out, gb_error *err) {
    const char *path = gb_args_get(args, "stated");
    char *text = NULL;
    size_t length = 0;

    *out = NULL;
    if (path == NULL)
        return GB_OK;
    gb_status status = gb_read_file(path, &text, &length, err);
    if (status == GB_OK)
        status = gb_stated_parse(path, text, length, room, err);
    free(text);
    if (status == GB_OK)
        *out = room;
    return status;
}

gb_status gb_grade_outcome(const gb_outcome *outcome, const char *id,
                           gb_methodology methodology, const gb_stated *stated,
                           gb_grading *out, gb_error *err) {
    size_t at = 0, rep = 0;
    gb_phase phase;
    gb_status status =
        gb_grade_pick(&outcome->plan, &outcome->reduced, id, &at, &rep, err);

    if (status != GB_OK)
        return status;
    const gb_reduced_case *one = &outcome->reduced.cases[at];
    status = gb_reduce_phase(&outcome->log, one->case_index,
                             one->reps[rep].repetition, &phase, err);
    if (status != GB_OK)
        return status;
    const gb_graded_phase graded = {
        .session = phase.session,
        .core = &phase.core,
        .full = &phase.full,
        .node_w = phase.node_w,
        .readings = phase.readings,
        .interval_s = phase.interval_s,
        .uncovered_s = {phase.uncovered_s[0], phase.uncovered_s[1]}};
    gb_grade_run(methodology, &outcome->reduced, &outcome->result, at, rep,
                 &graded, stated, out);
    gb_phase_fini(&phase);
    return GB_OK;
}
