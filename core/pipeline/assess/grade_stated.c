/* SPDX-License-Identifier: Apache-2.0 */
/* What is stated beside a run -> what of it a grading and a submission use. */
#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "pipeline/assess/grade.h"

void gb_grade_stated_facts(const gb_stated *stated, gb_grade_facts *out) {
    if (stated == NULL)
        return;
    const gb_stated_part *interconnect = gb_stated_interconnect(stated);

    out->interconnect_by =
        interconnect != NULL ? interconnect->by : GB_PART_UNKNOWN;
    out->others = gb_stated_others(stated);
    out->loss = stated->loss;
    out->system_nodes = stated->system_nodes;
    out->chosen_randomly = stated->random;
}

const gb_stated_meter *gb_grade_stated_meter(const gb_stated *stated,
                                             const gb_energy_domain *domain) {
    char name[96];

    snprintf(name, sizeof(name), "%s:%s", domain->source, domain->name);
    for (size_t i = 0; stated != NULL && i < stated->meter_count; i++)
        if (gb_glob_match(stated->meters[i].meter, name))
            return &stated->meters[i];
    return NULL;
}

/* Power of all nodes that ran, where it was measured. NAN: some are not known.
 * The spread of a sample is its own uncertainty: half of lambda, for k = 2 is
 * Student's interval then. */
static void take_nodes(gb_grading *out) {
    gb_submission *submission = &out->submission;
    const gb_grade_facts *facts = &out->facts;

    submission->nodes_w = out->core_w;
    submission->nodes_u_w = out->core_u_w;
    if (facts->metered == facts->nodes || !facts->chosen_randomly)
        return;
    submission->nodes_w = out->extrapolated_w;
    submission->nodes_u_w =
        out->extrapolated_w *
        hypot(0.5 * out->lambda, facts->accuracy / sqrt(3.0));
}

static void refuse(gb_submission *submission, const char *reason) {
    gb_copy(submission->reason, sizeof(submission->reason), reason);
}

void gb_grade_submission(double window_s, gb_grading *out) {
    gb_submission *submission = &out->submission;
    const gb_grade_facts *facts = &out->facts;
    gb_error err = {.rank = -1};

    *submission = (gb_submission){.nodes_w = NAN,
                                  .nodes_u_w = NAN,
                                  .power_w = NAN,
                                  .efficiency = NAN,
                                  .efficiency_u = NAN};
    if (out->stated == NULL)
        return;
    submission->parts_w = gb_stated_parts_w(out->stated);
    if (facts->point == GB_POINT_COMPONENT) {
        refuse(submission, "power is of parts of the nodes only, from counters "
                           "of components, not of all nodes");
        return;
    }
    take_nodes(out);
    if (gb_grade_loss_applies(facts)) {
        submission->nodes_w /= out->stated->supply_efficiency;
        submission->nodes_u_w /= out->stated->supply_efficiency;
    }
    submission->power_w = submission->nodes_w + submission->parts_w;
    if (isnan(submission->power_w))
        refuse(submission, "the power of all nodes is not known, nor that of "
                           "some chosen at random");
    else if (facts->system_nodes > facts->nodes)
        refuse(submission, "the workload ran on a part of the system only");
    else if (gb_green_efficiency(out->performance, facts->core_s,
                                 submission->power_w, window_s,
                                 &submission->efficiency, &err) != GB_OK)
        refuse(submission, err.what);
    else
        submission->efficiency_u = submission->efficiency *
                                   submission->nodes_u_w / submission->power_w;
}
