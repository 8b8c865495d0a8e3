/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/report/scores.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "pipeline/report/report.h"

enum { NUMBER = 40 };

/* --- numbers -------------------------------------------------------------- */

/* Nothing is not below nothing: "-0.00" is "0.00". */
static const char *number(double value, double u, char *out, size_t size) {
    gb_format_rounded(value, u, out, size);
    return out[0] == '-' && strpbrk(out, "123456789") == NULL ? out + 1 : out;
}

const char *gb_score_interval(const double ci95[2], double u, char *out,
                              size_t size) {
    char low[NUMBER], high[NUMBER];

    if (!isfinite(ci95[0]) || !isfinite(ci95[1])) {
        gb_copy(out, size, "-");
        return out;
    }
    snprintf(out, size, "%s..%s", number(ci95[0], u, low, sizeof(low)),
             number(ci95[1], u, high, sizeof(high)));
    return out;
}

const char *gb_score_text(const gb_score *score, char *out, size_t size) {
    char value[NUMBER], u[NUMBER], interval[2 * NUMBER];

    if (!isfinite(score->value))
        gb_copy(out, size, "-");
    else if (!(score->u > 0.0))
        snprintf(out, size, "%s",
                 number(score->value, 0.0, value, sizeof(value)));
    else
        snprintf(out, size, "%s ± %s (95 %%: %s)",
                 number(score->value, score->u, value, sizeof(value)),
                 number(score->u, score->u, u, sizeof(u)),
                 gb_score_interval(score->ci95, score->u, interval,
                                   sizeof(interval)));
    return out;
}

const char *gb_score_pj(const gb_score *score, const char *per, char *out,
                        size_t size) {
    const gb_score scaled = {
        .value = 1e12 * score->value,
        .u = 1e12 * score->u,
        .dof = score->dof,
        .ci95 = {1e12 * score->ci95[0], 1e12 * score->ci95[1]}};
    char text[GB_SCORE_TEXT];

    snprintf(out, size, "%s pJ/%s", gb_score_text(&scaled, text, sizeof(text)),
             per);
    return out;
}

/* A sentence does with four digits, whatever the uncertainty. */
static const char *rounded(double value, double u, char *out) {
    const double least = 0.01 * fabs(value);

    return number(value, u > least ? u : least, out, NUMBER);
}

/* --- sentences ------------------------------------------------------------ */

const char *gb_scores_weights(gb_weighting weighting, bool chinese) {
    static const char *const words[GB_WEIGHTINGS][2] = {
        [GB_WEIGHTING_EQUAL] = {"equal weights", "等权重"},
        [GB_WEIGHTING_TIME] = {"weights by the run's time for the reference's "
                               "work",
                               "按该运行完成参照工作量的时间加权"},
        [GB_WEIGHTING_ENERGY] = {"weights by the run's energy for the "
                                 "reference's work",
                                 "按该运行完成参照工作量的能耗加权"},
        [GB_WEIGHTING_POWER] = {"weights by the run's power",
                                "按该运行的功率加权"},
    };

    return words[weighting][chinese ? 1 : 0];
}

static const char *of_interval(const gb_score *score, bool chinese) {
    if (!isfinite(score->ci95[0]))
        return chinese ? "没有区间，无法判断两者谁更高效。"
                       : "Without an interval, which of the two does more is "
                         "not shown.";
    if (score->ci95[0] > 1.0)
        return chinese ? "高于参照系统，超出不确定度。"
                       : "That is more than the reference's, beyond the "
                         "uncertainty.";
    if (score->ci95[1] < 1.0)
        return chinese ? "低于参照系统，超出不确定度。"
                       : "That is less than the reference's, beyond the "
                         "uncertainty.";
    return chinese ? "区间包含 1，未能显示两者谁更高效。"
                   : "The interval holds 1: which of the two does more is not "
                     "shown.";
}

static void say_quality(gb_quality quality, bool chinese, gb_str *out) {
    if (quality == GB_QUALITY_MEASURED || quality == GB_QUALITY_UNAVAILABLE)
        return;
    if (chinese)
        gb_str_add(out, quality == GB_QUALITY_MODELLED
                            ? "能耗是估算值，不是测量值。"
                            : "能耗来自仿真或回放，不代表真实机器。");
    else
        gb_str_addf(out, " Energy is %s, not measured.",
                    gb_quality_name(quality));
}

void gb_scores_say_index(const gb_scores *scores, bool chinese, gb_str *out) {
    const gb_green_index *index = &scores->index;
    const gb_score *arithmetic = &index->arithmetic;
    const gb_score *geometric = &index->geometric;
    char texts[2][NUMBER];

    if (!isfinite(arithmetic->value))
        return;
    const char *sum = rounded(arithmetic->value, arithmetic->u, texts[0]);
    const char *product = rounded(geometric->value, geometric->u, texts[1]);
    if (chinese)
        gb_str_addf(out,
                    "在 %zu 项基准测试上，该运行每焦耳完成的工作量是参照系统的 "
                    "%s 倍（算术平均，%s；几何平均为 %s 倍）。%s",
                    index->component_count, sum,
                    gb_scores_weights(index->weighting, true), product,
                    of_interval(geometric, true));
    else
        gb_str_addf(out,
                    "Over %zu benchmarks the run does %s times the reference's "
                    "work per joule (arithmetic mean, %s; geometric mean %s "
                    "times). %s",
                    index->component_count, sum,
                    gb_scores_weights(index->weighting, false), product,
                    of_interval(geometric, false));
    say_quality(index->quality, chinese, out);
}

void gb_scores_say_load(const gb_load_curve *load, bool chinese, gb_str *out) {
    const gb_score *ep = &load->proportionality;
    char text[NUMBER];

    if (!isfinite(ep->value))
        return;
    const char *value = rounded(ep->value, ep->u, text);
    if (chinese)
        gb_str_addf(out,
                    "能量正比性为 %s：1 表示功率与负载成正比，0 "
                    "表示功率不随负载变化；空闲功率为满载的 %.1f %%。",
                    value, 100.0 * load->idle_share.value);
    else
        gb_str_addf(out,
                    "Energy proportionality is %s: 1 is power in proportion to "
                    "load, 0 the same power at any load. Power at rest is %.1f "
                    "%% of that at full load.",
                    value, 100.0 * load->idle_share.value);
    say_quality(load->quality, chinese, out);
}

void gb_scores_say_roofline(const gb_energy_roofline *fit, bool chinese,
                            gb_str *out) {
    char texts[3][NUMBER];

    if (!isfinite(fit->constant_w.value))
        return;
    const char *flop =
        rounded(1e12 * fit->flop_j.value, 1e12 * fit->flop_j.u, texts[0]);
    const char *byte =
        rounded(1e12 * fit->byte_j.value, 1e12 * fit->byte_j.u, texts[1]);
    const char *constant =
        rounded(fit->constant_w.value, fit->constant_w.u, texts[2]);
    if (chinese)
        gb_str_addf(out,
                    "拟合结果：每次浮点运算 %s pJ，每字节内存传输 %s "
                    "pJ，另有恒定功率 %s W。",
                    flop, byte, constant);
    else
        gb_str_addf(out,
                    "As fitted, a flop takes %s pJ, a byte of memory %s pJ, "
                    "and %s W are drawn whatever is done.",
                    flop, byte, constant);
    say_quality(fit->quality, chinese, out);
    if (fit->flop_j.ci95[0] > 0.0 && fit->byte_j.ci95[0] > 0.0 &&
        fit->constant_w.ci95[0] > 0.0)
        return;
    gb_str_add(out, chinese ? "其中有系数的 95 % 区间包含 0，无法与 0 区分。"
                            : " Of one or more of them the interval reaches 0: "
                              "it is not told from nothing.");
}

/* --- facts ---------------------------------------------------------------- */

const char *gb_scores_no_products(const gb_scores *scores) {
    return scores->product_count > 0
               ? ""
               : "no benchmark does work at a rate of its own";
}

void gb_scores_left_out(const gb_left_outs *outs, gb_reasons *reasons) {
    for (size_t i = 0; i < outs->count; i++)
        gb_reasons_add(reasons, outs->list[i].reason, NULL,
                       outs->list[i].bench);
}

void gb_scores_say_energy(const gb_scores *scores, gb_str *out) {
    const gb_energy_cover *cover = &scores->session->nodes[0].cover;

    gb_str_addf(out, "%s: %s", gb_quality_name(scores->quality),
                cover->holds[0] != '\0' ? cover->holds : "none");
    if (cover->leaves_out[0] != '\0')
        gb_str_addf(out, "; not %s", cover->leaves_out);
    if (scores->session->node_count > 1)
        gb_str_addf(out, "; of each of %zu nodes", scores->session->node_count);
}

void gb_scores_say_residual(const gb_energy_roofline *fit, gb_str *out) {
    if (!isfinite(fit->residual))
        return;
    gb_str_addf(out,
                "%.2g %% of the power, root mean square over %zu degree%s of "
                "freedom; worst %.2g %%; meters %.2g %% of each coefficient",
                100.0 * fit->residual, fit->dof, fit->dof == 1 ? "" : "s",
                100.0 * fit->worst, 100.0 * fit->meters_u_rel);
}

static char *say_all(const gb_scores *scores, bool chinese) {
    gb_str text = {0};
    const char *const blank = chinese ? "" : " ";

    gb_scores_say_index(scores, chinese, &text);
    if (text.length > 0)
        gb_str_add(&text, blank);
    gb_scores_say_load(&scores->load, chinese, &text);
    if (text.length > 0 && isfinite(scores->load.proportionality.value))
        gb_str_add(&text, blank);
    gb_scores_say_roofline(&scores->roofline, chinese, &text);
    while (text.length > 0 && text.text[text.length - 1] == ' ')
        text.text[--text.length] = '\0';
    return gb_str_take(&text);
}

gb_status gb_report_scores_words(const gb_scores *scores,
                                 gb_claim_words *words_out, gb_error *err) {
    *words_out =
        (gb_claim_words){say_all(scores, false), say_all(scores, true)};
    return words_out->english != NULL && words_out->chinese != NULL
               ? GB_OK
               : gb_fail_memory(err, "the words of a score");
}
