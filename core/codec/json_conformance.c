/* SPDX-License-Identifier: Apache-2.0 */
/* What a plugin promises, and how it kept it. */
#include "codec/json_parts.h"

static json_t *finding_of(gb_json_out *out, gb_rule rule,
                          const gb_rule_finding *finding) {
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "rule", gb_json_text(out, gb_rule_number(rule)));
    gb_json_put(out, o, "promise", gb_json_text(out, gb_rule_promise(rule)));
    gb_json_put(out, o, "verdict",
                gb_json_text(out, gb_verdict_name(finding->verdict)));
    gb_json_put(out, o, "what", gb_json_fact(out, finding->what));
    gb_json_put(out, o, "hint", gb_json_fact(out, finding->hint));
    return o;
}

char *gb_json_conformance(const gb_conformance *c) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out), *findings = gb_json_array(out);

    for (gb_rule rule = 0; rule < GB_RULE_COUNT; rule++)
        if (gb_rule_applies(rule, c->kind))
            gb_json_append(out, findings,
                           finding_of(out, rule, &c->findings[rule]));
    gb_json_put(out, o, "schema",
                gb_json_text(out, "greenbench.plugin_check/1"));
    gb_json_put(out, o, "path", gb_json_text(out, c->path));
    gb_json_put(out, o, "id", gb_json_fact(out, c->id));
    gb_json_put(out, o, "version", gb_json_fact(out, c->version));
    gb_json_put(out, o, "kind",
                gb_json_text(out, gb_plugin_kind_name(c->kind)));
    gb_json_put(out, o, "ranks", gb_json_int(out, c->ranks));
    gb_json_put(
        out, o, "passed",
        gb_json_bool(out, gb_conformance_count(c, GB_VERDICT_BROKEN) == 0));
    gb_json_put(out, o, "took_s", gb_json_real(out, c->took_s));
    gb_json_put(out, o, "findings", findings);
    return gb_json_pretty(out, o);
}
