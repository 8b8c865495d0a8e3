/* SPDX-License-Identifier: Apache-2.0 */
/* A claim and its verdict in words, English and Chinese. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "pipeline/report/assessment.h"
#include "pipeline/report/quantity.h"

static const struct {
    const char *english, *chinese;
} metric_words[GB_CLAIM_METRICS] = {
    [GB_CLAIM_PERFORMANCE] = {"performance", "性能"},
    [GB_CLAIM_TIME] = {"time to solution", "求解时间"},
    [GB_CLAIM_POWER] = {"power", "功率"},
    [GB_CLAIM_ENERGY] = {"energy to solution", "求解能耗"},
    [GB_CLAIM_EFFICIENCY] = {"performance per watt", "每瓦性能"},
    [GB_CLAIM_EDP] = {"energy-delay product", "能量延迟积"},
    [GB_CLAIM_PROPORTIONALITY] = {"energy proportionality", "能量正比性"},
    [GB_CLAIM_COST] = {"energy cost", "能源成本"},
    [GB_CLAIM_COST_PER_WORK] = {"energy cost of a unit of work",
                                "单位工作量的能源成本"},
    [GB_CLAIM_PERIOD_COST] = {"energy cost of the period", "该时段的能源成本"},
    [GB_CLAIM_CARBON] = {"carbon of a solution", "一次求解的碳排放"},
    [GB_CLAIM_CARBON_PER_WORK] = {"carbon of a unit of work",
                                  "单位工作量的碳排放"},
    [GB_CLAIM_SCI] = {"SCI", "SCI"},
    [GB_CLAIM_PUE] = {"PUE", "PUE"},
    [GB_CLAIM_IPUE] = {"iPUE", "iPUE"},
    [GB_CLAIM_PPUE] = {"pPUE", "pPUE"},
    [GB_CLAIM_ERE] = {"ERE", "ERE"},
    [GB_CLAIM_IERE] = {"iERE", "iERE"},
    [GB_CLAIM_ERF] = {"ERF", "ERF"},
    [GB_CLAIM_IERF] = {"iERF", "iERF"},
    [GB_CLAIM_WUE] = {"WUE", "WUE"},
    [GB_CLAIM_IWUE] = {"iWUE", "iWUE"},
    [GB_CLAIM_CUE] = {"CUE", "CUE"},
    [GB_CLAIM_ICUE] = {"iCUE", "iCUE"},
    [GB_CLAIM_REF] = {"REF", "REF"},
    [GB_CLAIM_IREF] = {"iREF", "iREF"},
    [GB_CLAIM_TUE] = {"TUE", "TUE"},
    [GB_CLAIM_INTERIM_TUE] = {"iTUE", "iTUE"},
    [GB_CLAIM_ITUE] = {"ITUE", "ITUE"},
    [GB_CLAIM_RANKING] = {"place among others", "排名"},
    [GB_CLAIM_LISTING] = {"listing", "入选名录"},
    [GB_CLAIM_GRADE] = {"grade", "等级"},
    [GB_CLAIM_NEUTRALITY] = {"neutrality", "中和"},
};

static const struct {
    const char *english, *chinese;
} relation_words[GB_CLAIM_RELATIONS] = {
    [GB_CLAIM_ABOVE] = {"above", "高于"},
    [GB_CLAIM_AT_LEAST] = {"at least", "不低于"},
    [GB_CLAIM_BELOW] = {"below", "低于"},
    [GB_CLAIM_AT_MOST] = {"at most", "不高于"},
    [GB_CLAIM_EQUAL] = {"equal to", "等于"},
};

/* --- numbers -------------------------------------------------------------- */

/* Money as its limit is written, without SI prefixes of its own. */
static void add_money(const gb_claim_result *result, double value, double u,
                      gb_str *out) {
    const double limit = result->claim->limit;
    const double scaled = result->limit / limit;
    const bool as_limit = isfinite(scaled) && scaled > 0.0;
    const double scale = as_limit ? scaled : 1.0;
    char text[GB_QUANTITY_SIZE];

    u /= scale;
    gb_str_add(out, gb_format_rounded(value / scale, isnan(u) ? 0.0 : u, text,
                                      sizeof(text)));
    if (u > 0.0)
        gb_str_addf(out, " ± %s", gb_format_rounded(u, u, text, sizeof(text)));
    gb_str_addf(out, " %s",
                as_limit ? result->claim->limit_unit : result->estimate.unit);
}

/* A ratio is a number, a saving a percentage, all else has its unit. */
static void add_number(const gb_claim_result *result, double value, double u,
                       gb_str *out) {
    char text[GB_QUANTITY_SIZE], spread[GB_QUANTITY_SIZE];
    const bool plain = strcmp(result->estimate.unit, "1") == 0;
    const bool percent = result->claim->form == GB_CLAIM_SAVING;
    const double scale = percent ? 100.0 : 1.0;

    if (!plain && gb_claim_is_cost(result->claim->metric)) {
        add_money(result, value, u, out);
        return;
    }
    if (!plain) {
        gb_str_add(out, gb_quantity_pm(value, u, result->estimate.unit, text,
                                       sizeof(text)));
        return;
    }
    gb_format_rounded(scale * value, isnan(u) ? 0.0 : scale * u, text,
                      sizeof(text));
    gb_str_add(out, text);
    if (u > 0.0)
        gb_str_addf(
            out, " ± %s",
            gb_format_rounded(scale * u, scale * u, spread, sizeof(spread)));
    if (percent)
        gb_str_add(out, " %");
}

/* "10 repetitions" */
static void add_replicates(const gb_estimate *estimate, double count,
                           gb_language language, gb_str *out) {
    if (language == GB_LANGUAGE_ZH)
        gb_str_addf(out, "%.0f %s", count,
                    gb_phrase(language, estimate->replicate));
    else
        gb_str_addf(out, "%.0f %ss", count, estimate->replicate);
}

/* As it was written: a limit has no uncertainty. */
static void add_limit(const gb_claim *claim, gb_str *out) {
    gb_str_addf(out, "%.12g%s%s", claim->limit,
                claim->limit_unit[0] != '\0' ? " " : "", claim->limit_unit);
    if (!isnan(claim->margin))
        gb_str_addf(out, " (± %.6g %%)", 100.0 * claim->margin);
}

static void add_side(const gb_claim_result *result, double value, gb_str *out) {
    const gb_estimate *estimate = &result->estimate;
    char text[GB_QUANTITY_SIZE];

    if (gb_claim_is_cost(result->claim->metric)) {
        gb_str_addf(out, "%.4g %s", value, estimate->side_unit);
        return;
    }
    gb_str_add(
        out, gb_quantity(value, NAN, estimate->side_unit, text, sizeof(text)));
}

/* --- parts ---------------------------------------------------------------- */

void gb_claim_say_quantity(const gb_claim *claim, bool chinese, gb_str *out) {
    const char *name = chinese ? metric_words[claim->metric].chinese
                               : metric_words[claim->metric].english;

    switch (claim->form) {
    case GB_CLAIM_RATIO:
        if (chinese)
            gb_str_addf(out, "%s与基准之比", name);
        else
            gb_str_addf(out, "ratio of %s to the baseline", name);
        break;
    case GB_CLAIM_SAVING:
        if (chinese)
            gb_str_addf(out, "%s相对基准的节省", name);
        else
            gb_str_addf(out, "saving of %s against the baseline", name);
        break;
    default:
        gb_str_add(out, name);
    }
}

void gb_claim_say_test(const gb_claim_result *result, gb_language language,
                       gb_str *out) {
    const gb_claim *claim = result->claim;

    gb_claim_say_quantity(claim, language == GB_LANGUAGE_ZH, out);
    if (gb_claim_metric_kind(claim->metric) == GB_CLAIM_OF_NOTHING)
        return;
    gb_str_addf(out, " %s ", gb_claim_relation_sign(claim->relation));
    add_limit(claim, out);
    if (result->benchmark[0] != '\0' || claim->benchmark != NULL)
        gb_str_addf(out, " · %s",
                    result->benchmark[0] != '\0' ? result->benchmark
                                                 : claim->benchmark);
    if (result->subject[0] != '\0')
        gb_str_addf(out, gb_phrase(language, " · run %s"), result->subject);
    if (result->baseline[0] != '\0')
        gb_str_addf(out, gb_phrase(language, " against %s"), result->baseline);
}

void gb_claim_say_value(const gb_claim_result *result, gb_language language,
                        gb_str *out) {
    const gb_estimate *estimate = &result->estimate;

    if (!isfinite(estimate->value))
        return;
    add_number(result, estimate->value, result->expanded_u, out);
    if (isfinite(result->expanded_u)) {
        gb_str_addf(out, gb_phrase(language, " (U, k = %.3g; "), result->k);
        add_replicates(estimate, (double)estimate->n, language, out);
        gb_str_add(out, gb_phrase(language, ")"));
    }
    if (!isfinite(estimate->base))
        return;
    gb_str_add(out, gb_phrase(language, "; baseline "));
    add_side(result, estimate->base, out);
    gb_str_add(out, gb_phrase(language, ", run "));
    add_side(result, estimate->next, out);
}

const char *gb_claim_how(const gb_claim_term *term, gb_language language) {
    return language == GB_LANGUAGE_ZH && term->how_chinese[0] != '\0'
               ? term->how_chinese
               : gb_phrase(language, term->how);
}

void gb_claim_say_term(const gb_claim_result *result, const gb_claim_term *term,
                       gb_str *out) {
    const double size = fabs(result->estimate.value);
    char share[32];

    /* Of a value that may be zero a share says nothing. */
    if (size <= 0.0 || size < result->expanded_u) {
        gb_str_add(out, "u = ");
        add_number(result, term->u, NAN, out);
        return;
    }
    gb_str_add(out, gb_quantity_percent(term->u / size, share, sizeof(share)));
}

void gb_claim_say_budget(const gb_claim_result *result, gb_str *out) {
    const gb_estimate *estimate = &result->estimate;

    for (size_t i = 0; i < estimate->term_count; i++) {
        const gb_claim_term *term = &estimate->terms[i];
        gb_str_addf(out, "%s%s ", i > 0 ? "; " : "", term->name);
        gb_claim_say_term(result, term, out);
        gb_str_addf(out, " (%c: %s)", term->type, term->how);
    }
}

void gb_claim_say_energy(const gb_claim_result *result, gb_language language,
                         gb_str *out) {
    const bool chinese =
        language == GB_LANGUAGE_ZH && result->holds_chinese[0] != '\0';

    if (result->holds[0] == '\0' || result->quality == GB_QUALITY_UNAVAILABLE)
        return;
    gb_str_addf(out, gb_phrase(language, "%s: %s"),
                gb_phrase(language, gb_quality_name(result->quality)),
                chinese ? result->holds_chinese : result->holds);
    if (result->leaves_out[0] != '\0')
        gb_str_addf(out, gb_phrase(language, "; not %s"),
                    chinese ? result->leaves_out_chinese : result->leaves_out);
    if (result->claim->boundary == GB_CLAIM_COMPONENTS)
        gb_str_add(out, gb_phrase(language,
                                  "; EE HPC WG level: none (component-level)"));
}

void gb_claim_say_implied(const gb_claim *claim, bool chinese, gb_str *out) {
    const double before = gb_claim_implied_baseline(claim);

    if (!isfinite(before))
        return;
    if (chinese)
        gb_str_addf(
            out, "若此后为 %.4g %s，则该节省意味着此前的 PUE 至少为 %.3f",
            claim->pue_after,
            claim->it_saving > 0.0 ? "且 IT 能耗有所下降" : "且 IT 能耗不变",
            before);
    else if (claim->it_saving > 0.0)
        gb_str_addf(out,
                    "with a PUE of %.4g afterwards and %.3g %% less IT energy "
                    "it takes one of at least %.3f before",
                    claim->pue_after, 100.0 * claim->it_saving, before);
    else
        gb_str_addf(out,
                    "with a PUE of %.4g afterwards and equal IT energy it "
                    "takes one of at least %.3f before",
                    claim->pue_after, before);
}

void gb_claim_say_rule(const gb_claim_result *result, gb_language language,
                       gb_str *out) {
    const gb_claim_rule *rule = &result->claim->rule;

    if (!rule->guarded) {
        gb_str_add(out,
                   gb_phrase(language,
                             "simple acceptance: the uncertainty is ignored, "
                             "which is wrong in up to half of all cases at the "
                             "limit"));
        return;
    }
    gb_str_addf(out, gb_phrase(language, "guarded acceptance, w = %.4g U"),
                rule->guard_factor);
    if (isnan(rule->confidence))
        gb_str_addf(out, gb_phrase(language, ", coverage factor %.4g"),
                    rule->coverage_factor);
    else
        gb_str_addf(out, gb_phrase(language, ", one-sided confidence %.4g %%"),
                    100.0 * rule->confidence);
    if (isfinite(result->guard)) {
        gb_str_add(out, gb_phrase(language, "; w = "));
        add_number(result, result->guard, NAN, out);
        gb_str_add(out, gb_phrase(language, ", distance to the limit "));
        add_number(result, result->distance, NAN, out);
    }
    if (isfinite(result->p_joint))
        gb_str_addf(out, gb_phrase(language, "; p = %.2g, of all claims %.2g"),
                    result->p, result->p_joint);
}

static void say_need(const gb_claim_result *result, gb_str *out) {
    const gb_estimate *estimate = &result->estimate;
    const gb_claim_need *need = &result->need;

    if (isfinite(need->replicates))
        gb_str_addf(out, "%.0f %ss instead of %zu would, with these meters",
                    need->replicates, estimate->replicate, estimate->n);
    if (isfinite(need->meter_rel))
        gb_str_addf(out, "%smeters within ± %.2g %% would, with these %ss",
                    out->length > 0 ? "; " : "", 100.0 * need->meter_rel,
                    estimate->replicate);
    if (out->length == 0)
        gb_str_add(out, estimate->fixed > 0.0
                            ? "neither more repetitions nor better meters "
                              "alone would: both are needed"
                            : "no number of repetitions would: the value is "
                              "at the limit");
}

static void say_need_chinese(const gb_claim_result *result, gb_str *out) {
    const gb_claim_need *need = &result->need;

    if (isfinite(need->replicates))
        gb_str_addf(out, "在现有仪表下重复 %.0f 次（现为 %zu 次）可以判定",
                    need->replicates, result->estimate.n);
    if (isfinite(need->meter_rel))
        gb_str_addf(out, "%s在现有重复次数下误差限为 ± %.2g %% 的仪表可以判定",
                    out->length > 0 ? "；" : "", 100.0 * need->meter_rel);
    if (out->length == 0)
        gb_str_add(out, result->estimate.fixed > 0.0
                            ? "仅增加重复或仅改进仪表都不够，需两者兼备"
                            : "数值恰在限值上，再多重复也无法判定");
}

void gb_claim_say_number(const gb_claim_result *result, double value, double u,
                         gb_str *out) {
    add_number(result, value, u, out);
}

void gb_claim_say_need(const gb_claim_result *result, bool chinese,
                       gb_str *out) {
    gb_str text = {0};

    if (result->reason != GB_CLAIM_REASON_BAND)
        return;
    if (chinese)
        say_need_chinese(result, &text);
    else
        say_need(result, &text);
    gb_str_add(out, text.text != NULL ? text.text : "");
    gb_str_fini(&text);
}

/* --- the verdict ---------------------------------------------------------- */

/* The sentence of a reason with its detail in place. */
static void add_reason(const gb_claim_result *result, bool chinese,
                       gb_str *out) {
    const char *text = gb_claim_reason_text(result->reason, chinese);
    const char *place = strstr(text, "{}");

    if (place == NULL) {
        gb_str_add(out, text);
        return;
    }
    gb_str_addn(out, text, (size_t)(place - text));
    if (result->reason == GB_CLAIM_REASON_BAND)
        add_number(result, result->guard, NAN, out);
    else if (result->reason == GB_CLAIM_REASON_UNMEASURABLE)
        gb_str_add(out, gb_claim_nearest(result->claim->metric, chinese));
    else
        gb_str_add(out, chinese && result->detail_chinese[0] != '\0'
                            ? result->detail_chinese
                            : result->detail);
    gb_str_add(out, place + strlen("{}"));
}

static void say_verdict(const gb_claim_result *result, gb_str *out) {
    const gb_claim *claim = result->claim;
    const bool decided = result->verdict == GB_CLAIM_SUPPORTED ||
                         result->verdict == GB_CLAIM_REFUTED;

    if (result->verdict == GB_CLAIM_INVALID) {
        gb_str_add(out, "no verdict, for a rule is broken: ");
    } else if (result->verdict == GB_CLAIM_NOT_TESTABLE) {
        gb_str_add(out, "this cannot be tested here: ");
    } else {
        if (!decided)
            gb_str_add(out, "it is not known whether ");
        gb_str_add(out, "the ");
        gb_claim_say_quantity(claim, false, out);
        gb_str_addf(out, " is %s%s ",
                    result->verdict == GB_CLAIM_REFUTED ? "not " : "",
                    relation_words[claim->relation].english);
        add_limit(claim, out);
        gb_str_add(out, ": ");
    }
    if (!decided) {
        add_reason(result, false, out);
        return;
    }
    add_number(result, result->estimate.value, result->expanded_u, out);
    gb_str_add(out, claim->rule.guarded
                        ? " is further away from the limit than the guard band"
                        : ", by simple acceptance");
}

static void say_verdict_chinese(const gb_claim_result *result, gb_str *out) {
    const gb_claim *claim = result->claim;
    const bool decided = result->verdict == GB_CLAIM_SUPPORTED ||
                         result->verdict == GB_CLAIM_REFUTED;

    if (result->verdict == GB_CLAIM_INVALID) {
        gb_str_add(out, "违反规则，不作判定：");
    } else if (result->verdict == GB_CLAIM_NOT_TESTABLE) {
        gb_str_add(out, "此处无法检验：");
    } else {
        if (!decided)
            gb_str_add(out, "尚无法判定：");
        gb_claim_say_quantity(claim, true, out);
        /* Latin letters stand apart from Chinese ones. */
        if (!out->failed && (unsigned char)out->text[out->length - 1] < 0x80)
            gb_str_add(out, " ");
        gb_str_addf(out, "%s%s ",
                    result->verdict == GB_CLAIM_REFUTED ? "并非" : "",
                    relation_words[claim->relation].chinese);
        add_limit(claim, out);
        gb_str_add(out, "；");
    }
    if (!decided) {
        add_reason(result, true, out);
        return;
    }
    gb_str_add(out, "测得 ");
    add_number(result, result->estimate.value, result->expanded_u, out);
    gb_str_add(out, claim->rule.guarded ? "，与限值的距离大于保护带"
                                        : "，按简单接受判定");
}

void gb_claim_say_verdict(const gb_claim_result *result, bool chinese,
                          gb_str *out) {
    if (chinese)
        say_verdict_chinese(result, out);
    else
        say_verdict(result, out);
}
