/* SPDX-License-Identifier: Apache-2.0 */
/* "greenbench.grade/1". */
#include <math.h>

#include "codec/json_parts.h"

static json_t *aspects_of(gb_json_out *out, const gb_grades *grades) {
    json_t *array = gb_json_array(out);

    for (int i = 0; i < GB_ASPECT_COUNT; i++) {
        const gb_aspect_grade *one = &grades->aspects[i];
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "aspect",
                    gb_json_text(out, gb_aspect_number((gb_aspect)i)));
        gb_json_put(out, o, "name",
                    gb_json_text(out, gb_aspect_name((gb_aspect)i)));
        gb_json_put(out, o, "level", gb_json_u64(out, one->level));
        gb_json_put(out, o, "reason", gb_json_text(out, one->reason));
        gb_json_put(out, o, "missing", gb_json_fact(out, one->missing));
        gb_json_append(out, array, o);
    }
    return array;
}

static json_t *stated_meter_of(gb_json_out *out, const gb_stated_meter *meter) {
    if (meter == NULL)
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "make", gb_json_text(out, meter->make));
    gb_json_put(out, o, "model", gb_json_text(out, meter->model));
    gb_json_put(out, o, "calibrated", gb_json_fact(out, meter->calibrated));
    gb_json_put(out, o, "accuracy", gb_json_real(out, meter->accuracy));
    gb_json_put(out, o, "form", gb_json_fact(out, meter->form));
    gb_json_put(out, o, "update_s", gb_json_real(out, meter->update_s));
    gb_json_put(out, o, "source", gb_json_fact(out, meter->source));
    return o;
}

static json_t *parts_of(gb_json_out *out, const gb_stated *stated) {
    json_t *array = gb_json_array(out);

    for (size_t i = 0; i < stated->part_count; i++) {
        const gb_stated_part *part = &stated->parts[i];
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "name", gb_json_text(out, part->name));
        gb_json_put(out, o, "by", gb_json_text(out, gb_part_name(part->by)));
        gb_json_put(out, o, "power_w", gb_json_real(out, part->power_w));
        gb_json_put(out, o, "source", gb_json_fact(out, part->source));
        gb_json_append(out, array, o);
    }
    return array;
}

static json_t *loss_of(gb_json_out *out, const gb_stated *stated) {
    if (stated->loss == GB_LOSS_UNKNOWN)
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "by",
                gb_json_text(out, gb_conversion_loss_name(stated->loss)));
    gb_json_put(out, o, "efficiency",
                gb_json_real(out, stated->supply_efficiency));
    gb_json_put(out, o, "source", gb_json_text(out, stated->loss_source));
    return o;
}

/* Null: nothing was. */
static json_t *stated_of(gb_json_out *out, const gb_grading *grading) {
    const gb_stated *stated = grading->stated;
    const gb_submission *s = &grading->submission;

    if (stated == NULL)
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "file", gb_json_text(out, stated->name));
    gb_json_put(out, o, "sha256", gb_json_text(out, stated->sha256));
    gb_json_put(out, o, "random", gb_json_bool(out, stated->random));
    gb_json_put(out, o, "chosen", gb_json_fact(out, stated->chosen));
    gb_json_put(out, o, "subsystems", parts_of(out, stated));
    gb_json_put(out, o, "complete", gb_json_bool(out, stated->complete));
    gb_json_put(out, o, "loss", loss_of(out, stated));
    gb_json_put(out, o, "coolant", gb_json_fact(out, stated->coolant));
    gb_json_put(out, o, "supply", gb_json_fact(out, stated->supply));
    gb_json_put(out, o, "nodes_w", gb_json_real(out, s->nodes_w));
    gb_json_put(out, o, "nodes_u_w", gb_json_real(out, s->nodes_u_w));
    gb_json_put(out, o, "subsystems_w", gb_json_real(out, s->parts_w));
    gb_json_put(out, o, "power_w", gb_json_real(out, s->power_w));
    gb_json_put(out, o, "efficiency", gb_json_real(out, s->efficiency));
    gb_json_put(out, o, "efficiency_u", gb_json_real(out, s->efficiency_u));
    gb_json_put(out, o, "reason", gb_json_fact(out, s->reason));
    return o;
}

static json_t *meters_of(gb_json_out *out, const gb_grading *grading) {
    json_t *array = gb_json_array(out);

    for (size_t i = 0; i < grading->meter_count; i++) {
        const gb_graded_meter *meter = &grading->meters[i];
        const bool stated = !isnan(meter->accuracy);
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "source", gb_json_text(out, meter->source));
        gb_json_put(out, o, "name", gb_json_text(out, meter->name));
        gb_json_put(out, o, "scope",
                    gb_json_text(out, gb_scope_name(meter->scope)));
        gb_json_put(out, o, "kind",
                    gb_json_text(out, meter->kind == GB_READING_ENERGY
                                          ? "energy"
                                          : "power"));
        gb_json_put(out, o, "accuracy", gb_json_real(out, meter->accuracy));
        gb_json_put(out, o, "accuracy_form",
                    gb_json_text(out, stated ? "bound" : "undocumented"));
        gb_json_put(
            out, o, "update_s",
            gb_json_real_if(out, meter->update_s > 0.0, meter->update_s));
        gb_json_put(out, o, "nodes", gb_json_u64(out, meter->nodes));
        gb_json_put(out, o, "stated", stated_meter_of(out, meter->stated));
        gb_json_append(out, array, o);
    }
    return array;
}

static json_t *phase_of(gb_json_out *out, const gb_energy_figure *figure,
                        double power_w, double u_w) {
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "window_s", gb_json_real(out, figure->window_s));
    gb_json_put(out, o, "energy_j", gb_json_real(out, figure->energy_j));
    gb_json_put(out, o, "power_w", gb_json_real(out, power_w));
    gb_json_put(out, o, "power_u_w", gb_json_real(out, u_w));
    gb_json_put(out, o, "reason", gb_json_fact(out, figure->reason));
    return o;
}

static json_t *core_of(gb_json_out *out, const gb_grading *grading) {
    const gb_grade_facts *facts = &grading->facts;
    json_t *o =
        phase_of(out, &grading->core, grading->core_w, grading->core_u_w);

    gb_json_put(out, o, "begin_utc", gb_json_utc(out, grading->begin_utc_ns));
    gb_json_put(out, o, "time_s", gb_json_real(out, facts->core_s));
    gb_json_put(out, o, "readings", gb_json_u64(out, facts->readings));
    gb_json_put(out, o, "interval_s", gb_json_real(out, facts->interval_s));
    gb_json_put(out, o, "uncovered_begin_s",
                gb_json_real(out, facts->uncovered_s[0]));
    gb_json_put(out, o, "uncovered_end_s",
                gb_json_real(out, facts->uncovered_s[1]));
    gb_json_put(out, o, "unsampled_s",
                gb_json_real(out, grading->core.unsampled_s));
    return o;
}

static json_t *nodes_of(gb_json_out *out, const gb_grading *grading) {
    json_t *o = gb_json_object(out), *sets = gb_json_array(out);

    for (size_t i = 0; i < grading->set_count; i++) {
        const gb_node_set *set = &grading->sets[i];
        json_t *one = gb_json_object(out);
        gb_json_put(out, one, "type", gb_json_fact(out, set->type));
        gb_json_put(out, one, "nodes", gb_json_u64(out, set->nodes));
        gb_json_put(out, one, "metered", gb_json_u64(out, set->metered));
        gb_json_put(out, one, "metered_w", gb_json_real(out, set->metered_w));
        gb_json_append(out, sets, one);
    }
    gb_json_put(out, o, "ran", gb_json_u64(out, grading->facts.nodes));
    gb_json_put(out, o, "metered", gb_json_u64(out, grading->facts.metered));
    gb_json_put(out, o, "metered_w",
                gb_json_real(out, grading->facts.metered_w));
    gb_json_put(out, o, "cv", gb_json_real(out, grading->node_cv));
    gb_json_put(out, o, "lambda", gb_json_real(out, grading->lambda));
    gb_json_put(out, o, "system",
                gb_json_count(out, grading->facts.system_nodes));
    gb_json_put(out, o, "extrapolated_w",
                gb_json_real(out, grading->extrapolated_w));
    gb_json_put(out, o, "sets", sets);
    return o;
}

char *gb_json_grading(const gb_grading *grading) {
    const gb_grades *grades = &grading->grades;
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out), *idle = gb_json_object(out);

    gb_json_put(out, idle, "power_w", gb_json_real(out, grading->idle_w));
    gb_json_put(out, idle, "power_u_w", gb_json_real(out, grading->idle_u_w));
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.grade/1"));
    gb_json_put(out, o, "run", gb_json_text(out, grading->session->run_id));
    gb_json_put(out, o, "benchmark", gb_json_text(out, grading->planned->id));
    gb_json_put(out, o, "repetition", gb_json_u64(out, grading->repetition));
    gb_json_put(out, o, "repetitions", gb_json_u64(out, grading->repetitions));
    gb_json_put(out, o, "methodology",
                gb_json_text(out, gb_methodology_name(grading->methodology)));
    gb_json_put(out, o, "level", gb_json_u64(out, grades->level));
    gb_json_put(out, o, "invalid", gb_json_bool(out, grades->invalid));
    gb_json_put(out, o, "label", gb_json_fact(out, grades->label));
    gb_json_put(out, o, "weakest",
                gb_json_text(out, gb_aspect_number(grades->weakest)));
    gb_json_put(out, o, "reason", gb_json_text(out, grades->reason));
    gb_json_put(out, o, "aspects", aspects_of(out, grades));
    gb_json_put(out, o, "performance", gb_json_real(out, grading->performance));
    gb_json_put(out, o, "work", gb_json_real(out, grading->work));
    gb_json_put(out, o, "work_unit",
                gb_json_text(out, grading->planned->work_unit));
    gb_json_put(out, o, "efficiency", gb_json_real(out, grading->efficiency));
    gb_json_put(out, o, "efficiency_u",
                gb_json_real(out, grading->efficiency_u));
    gb_json_put(out, o, "efficiency_reason",
                gb_json_fact(out, grading->efficiency_reason));
    gb_json_put(out, o, "core_phase", core_of(out, grading));
    gb_json_put(
        out, o, "full_run",
        phase_of(out, &grading->full, grading->full_w, grading->full_u_w));
    gb_json_put(out, o, "idle", idle);
    gb_json_put(out, o, "point",
                gb_json_text(out, gb_point_name(grading->facts.point)));
    gb_json_put(out, o, "nodes", nodes_of(out, grading));
    gb_json_put(out, o, "meters", meters_of(out, grading));
    gb_json_put(out, o, "stated", stated_of(out, grading));
    return gb_json_pretty(out, o);
}
