/* SPDX-License-Identifier: Apache-2.0 */
#include "model/conformance.h"

const char *gb_rule_number(gb_rule rule) {
    static const char *const numbers[] = {
#define NUMBER(name, number, kinds, promise) number,
        GB_RULE_MAP(NUMBER)
#undef NUMBER
    };
    return numbers[rule];
}

const char *gb_rule_promise(gb_rule rule) {
    switch (rule) {
#define PROMISE(name, number, kinds, promise)                                  \
    case GB_RULE_##name:                                                       \
        return promise;
        GB_RULE_MAP(PROMISE)
#undef PROMISE
    default:
        return "";
    }
}

bool gb_rule_applies(gb_rule rule, gb_plugin_kind kind) {
    enum { B = 1 << GB_KIND_BENCHMARK, M = 1 << GB_KIND_METER };
    static const int kinds_of[] = {
#define KINDS(name, number, kinds, promise) kinds,
        GB_RULE_MAP(KINDS)
#undef KINDS
    };
    return (kinds_of[rule] >> kind & 1) != 0;
}

const char *gb_plugin_kind_name(gb_plugin_kind kind) {
    return kind == GB_KIND_METER ? "meter" : "benchmark";
}

const char *gb_verdict_name(gb_verdict v) {
    return v == GB_VERDICT_KEPT     ? "kept"
           : v == GB_VERDICT_BROKEN ? "broken"
                                    : "untried";
}

unsigned gb_conformance_count(const gb_conformance *c, gb_verdict verdict) {
    unsigned count = 0;

    for (int i = 0; i < GB_RULE_COUNT; i++)
        count += gb_rule_applies((gb_rule)i, c->kind) &&
                 c->findings[i].verdict == verdict;
    return count;
}
