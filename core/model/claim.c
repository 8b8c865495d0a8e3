/* SPDX-License-Identifier: Apache-2.0 */
#include "model/claim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    gb_claim_kind kind;
} metrics[] = {
#define ROW(name, text, kind) {text, GB_CLAIM_OF_##kind},
    GB_CLAIM_METRIC_MAP(ROW)
#undef ROW
};

static const struct {
    gb_claim_verdict verdict;
    const char *code, *english, *chinese;
} reasons[] = {
#define ROW(name, verdict, code, en, zh) {GB_CLAIM_##verdict, code, en, zh},
    GB_CLAIM_REASON_MAP(ROW)
#undef ROW
};

const char *gb_claim_metric_name(gb_claim_metric metric) {
    return metrics[metric].name;
}

gb_claim_kind gb_claim_metric_kind(gb_claim_metric metric) {
    return metrics[metric].kind;
}

bool gb_claim_is_carbon(gb_claim_metric metric) {
    return metric == GB_CLAIM_CARBON || metric == GB_CLAIM_CARBON_PER_WORK ||
           metric == GB_CLAIM_SCI;
}

bool gb_claim_is_cost(gb_claim_metric metric) {
    return metric == GB_CLAIM_COST || metric == GB_CLAIM_COST_PER_WORK ||
           metric == GB_CLAIM_PERIOD_COST;
}

const char *gb_claim_form_name(gb_claim_form form) {
    static const char *const names[] = {
#define NAME(name, text) text,
        GB_CLAIM_FORM_MAP(NAME)
#undef NAME
    };
    return names[form];
}

const char *gb_claim_relation_name(gb_claim_relation relation) {
    static const char *const names[] = {
#define NAME(name, text, sign) text,
        GB_CLAIM_RELATION_MAP(NAME)
#undef NAME
    };
    return names[relation];
}

const char *gb_claim_relation_sign(gb_claim_relation relation) {
    static const char *const signs[] = {
#define SIGN(name, text, sign) sign,
        GB_CLAIM_RELATION_MAP(SIGN)
#undef SIGN
    };
    return signs[relation];
}

const char *gb_claim_boundary_name(gb_claim_boundary boundary) {
    static const char *const names[] = {
#define NAME(name, text) text,
        GB_CLAIM_BOUNDARY_MAP(NAME)
#undef NAME
    };
    return names[boundary];
}

const char *gb_claim_verdict_name(gb_claim_verdict verdict) {
    static const char *const names[] = {
#define NAME(name) #name,
        GB_CLAIM_VERDICT_MAP(NAME)
#undef NAME
    };
    return names[verdict];
}

const char *gb_claim_reason_code(gb_claim_reason reason) {
    return reasons[reason].code;
}

gb_claim_verdict gb_claim_reason_verdict(gb_claim_reason reason) {
    return reasons[reason].verdict;
}

const char *gb_claim_reason_text(gb_claim_reason reason, bool chinese) {
    return chinese ? reasons[reason].chinese : reasons[reason].english;
}

const char *gb_claim_nearest(gb_claim_metric metric, bool chinese) {
    static const struct {
        const char *english, *chinese;
    } nearest[GB_CLAIM_METRICS] = {
        [GB_CLAIM_RANKING] = {"a ratio against a baseline run that was chosen "
                              "beforehand",
                              "与事先选定的基准运行之比"},
        [GB_CLAIM_LISTING] = {"the quantity for which something is listed; a "
                              "listing is a document, not a measurement",
                              "入选所依据的量；名录是文件，不是测量"},
        [GB_CLAIM_GRADE] = {"the quantity that a grade is given for; grades "
                            "are given by those who are entitled to",
                            "评级所依据的量；等级由有资质者授予"},
        [GB_CLAIM_NEUTRALITY] = {"energy for each unit of work",
                                 "单位工作量的能耗"},
    };
    const char *text =
        chinese ? nearest[metric].chinese : nearest[metric].english;
    return text != NULL ? text : "";
}

double gb_claim_implied_baseline(const gb_claim *claim) {
    const double saved = strcmp(claim->limit_unit, "%") == 0
                             ? claim->limit / 100.0
                             : claim->limit;

    return claim->form == GB_CLAIM_SAVING && saved < 1.0
               ? (1.0 - claim->it_saving) * claim->pue_after / (1.0 - saved)
               : (double)NAN;
}

bool gb_claim_is_upper(gb_claim_relation relation) {
    return relation == GB_CLAIM_BELOW || relation == GB_CLAIM_AT_MOST;
}

void gb_claim_fini(gb_claim *claim) {
    for (size_t i = 0; i < claim->param_count; i++) {
        free(claim->params[i].name);
        free(claim->params[i].text);
    }
    free(claim->params);
    free(claim->id);
    free(claim->text);
    free(claim->benchmark);
    free(claim->run);
    free(claim->baseline);
    *claim = (gb_claim){0};
}

void gb_claims_fini(gb_claims *claims) {
    for (size_t i = 0; i < claims->count; i++)
        gb_claim_fini(&claims->claims[i]);
    free(claims->claims);
    free(claims->name);
    *claims = (gb_claims){0};
}

void gb_assessment_fini(gb_assessment *assessment) {
    free(assessment->results);
    *assessment = (gb_assessment){0};
}
