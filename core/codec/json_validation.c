/* SPDX-License-Identifier: Apache-2.0 */
/* What `validate` looked at, and what it found. */
#include "codec/json_parts.h"

static json_t *check_of(gb_json_out *out, gb_check_id id,
                        const gb_check *check) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "check", gb_json_text(out, gb_check_name(id)));
    gb_json_put(out, o, "done", gb_json_bool(out, check->done));
    gb_json_put(out, o, "errors", gb_json_u64(out, check->errors));
    gb_json_put(out, o, "notes", gb_json_u64(out, check->others));
    gb_json_put(out, o, "what", gb_json_fact(out, check->what));
    return o;
}

static json_t *violation_of(gb_json_out *out, const gb_violation *violation) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "check",
                gb_json_text(out, gb_check_name(violation->check)));
    gb_json_put(out, o, "severity",
                gb_json_text(out, gb_severity_name(violation->severity)));
    gb_json_put(out, o, "code", gb_json_text(out, violation->code));
    gb_json_put(out, o, "file", gb_json_fact(out, violation->file));
    gb_json_put(out, o, "where", gb_json_fact(out, violation->where));
    gb_json_put(out, o, "expected", gb_json_fact(out, violation->expected));
    gb_json_put(out, o, "found", gb_json_fact(out, violation->found));
    return o;
}

char *gb_json_validation(const gb_validation *validation) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out), *checks = gb_json_array(out);
    json_t *violations = gb_json_array(out), *unchecked = gb_json_array(out);

    for (gb_check_id id = 0; id < GB_CHECK_COUNT; id++)
        gb_json_append(out, checks, check_of(out, id, &validation->checks[id]));
    for (size_t i = 0; i < validation->count; i++)
        gb_json_append(out, violations,
                       violation_of(out, &validation->list[i]));
    for (size_t i = 0; i < validation->unchecked_count; i++)
        gb_json_append(out, unchecked,
                       gb_json_text(out, validation->unchecked[i]));
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.validate/1"));
    gb_json_put(out, o, "path", gb_json_text(out, validation->path));
    gb_json_put(out, o, "run_id", gb_json_fact(out, validation->run_id));
    gb_json_put(out, o, "measured_by",
                gb_json_fact(out, validation->measured_by));
    gb_json_put(out, o, "valid",
                gb_json_bool(out, gb_validation_is_valid(validation)));
    gb_json_put(out, o, "checks", checks);
    gb_json_put(out, o, "violations", violations);
    gb_json_put(out, o, "violations_left_out",
                gb_json_u64(out, validation->dropped));
    gb_json_put(out, o, "unchecked", unchecked);
    return gb_json_pretty(out, o);
}
