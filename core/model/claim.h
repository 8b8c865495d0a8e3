/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_CLAIM_H
#define GB_MODEL_CLAIM_H

/**
 * @file model/claim.h
 * Claims as they were fixed before the run, and what became of them: what
 * `greenbench claim` shows. NAN stands for "no figure".
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"
#include "model/config.h"
#include "model/cost.h"
#include "model/energy.h"

/** What a quantity is taken from. */
typedef enum gb_claim_kind {
    GB_CLAIM_OF_RUN,     /* a benchmark's repetitions */
    GB_CLAIM_OF_SUITE,   /* several benchmarks of one run */
    GB_CLAIM_OF_WINDOW,  /* meters of the facility, over any time */
    GB_CLAIM_OF_YEAR,    /* the same over 12 continuous months */
    GB_CLAIM_OF_NOTHING, /* no measurement on this machine can tell */
} gb_claim_kind;

/** Name and kind. Of the last four only a word can be tested here, and none is:
 *  each has a nearest statement that can (gb_claim_nearest()). */
#define GB_CLAIM_METRIC_MAP(X)                                                 \
    X(PERFORMANCE, "performance", RUN)                                         \
    X(TIME, "time", RUN)                                                       \
    X(POWER, "power", RUN)                                                     \
    X(ENERGY, "energy", RUN)                                                   \
    X(EFFICIENCY, "efficiency", RUN)                                           \
    X(EDP, "edp", RUN)                                                         \
    X(PROPORTIONALITY, "energy_proportionality", SUITE)                        \
    X(COST, "cost", RUN)                                                       \
    X(COST_PER_WORK, "cost_per_work", RUN)                                     \
    X(PERIOD_COST, "period_cost", WINDOW)                                      \
    X(CARBON, "carbon", RUN)                                                   \
    X(CARBON_PER_WORK, "carbon_per_work", RUN)                                 \
    X(SCI, "SCI", RUN)                                                         \
    X(PUE, "PUE", YEAR)                                                        \
    X(IPUE, "iPUE", WINDOW)                                                    \
    X(PPUE, "pPUE", WINDOW)                                                    \
    X(ERE, "ERE", YEAR)                                                        \
    X(IERE, "iERE", WINDOW)                                                    \
    X(ERF, "ERF", YEAR)                                                        \
    X(IERF, "iERF", WINDOW)                                                    \
    X(WUE, "WUE", YEAR)                                                        \
    X(IWUE, "iWUE", WINDOW)                                                    \
    X(CUE, "CUE", YEAR)                                                        \
    X(ICUE, "iCUE", WINDOW)                                                    \
    X(REF, "REF", YEAR)                                                        \
    X(IREF, "iREF", WINDOW)                                                    \
    X(TUE, "TUE", YEAR)                                                        \
    X(INTERIM_TUE, "iTUE", WINDOW)                                             \
    X(ITUE, "ITUE", WINDOW)                                                    \
    X(RANKING, "ranking", NOTHING)                                             \
    X(LISTING, "listing", NOTHING)                                             \
    X(GRADE, "grade", NOTHING)                                                 \
    X(NEUTRALITY, "neutrality", NOTHING)

typedef enum gb_claim_metric {
#define GB_CLAIM_METRIC_ENUM(name, text, kind) GB_CLAIM_##name,
    GB_CLAIM_METRIC_MAP(GB_CLAIM_METRIC_ENUM)
#undef GB_CLAIM_METRIC_ENUM
        GB_CLAIM_METRICS
} gb_claim_metric;

/** How the quantity is made from the metric. */
#define GB_CLAIM_FORM_MAP(X)                                                   \
    X(VALUE, "value")                                                          \
    X(RATIO, "ratio")   /* run / baseline */                                   \
    X(SAVING, "saving") /* 1 - run / baseline */

typedef enum gb_claim_form {
#define GB_CLAIM_FORM_ENUM(name, text) GB_CLAIM_##name,
    GB_CLAIM_FORM_MAP(GB_CLAIM_FORM_ENUM)
#undef GB_CLAIM_FORM_ENUM
        GB_CLAIM_FORMS
} gb_claim_form;

#define GB_CLAIM_RELATION_MAP(X)                                               \
    X(ABOVE, "above", ">")                                                     \
    X(AT_LEAST, "at_least", ">=")                                              \
    X(BELOW, "below", "<")                                                     \
    X(AT_MOST, "at_most", "<=")                                                \
    X(EQUAL, "equal", "=") /* within the margin of the limit */

typedef enum gb_claim_relation {
#define GB_CLAIM_RELATION_ENUM(name, text, sign) GB_CLAIM_##name,
    GB_CLAIM_RELATION_MAP(GB_CLAIM_RELATION_ENUM)
#undef GB_CLAIM_RELATION_ENUM
        GB_CLAIM_RELATIONS
} gb_claim_relation;

/** What the energy in a claim must be that of. */
#define GB_CLAIM_BOUNDARY_MAP(X)                                               \
    X(COMPONENTS, "components") /* whatever the counters hold, named */        \
    X(NODE_DC, "node-dc")                                                      \
    X(NODE_AC, "node-ac")

typedef enum gb_claim_boundary {
#define GB_CLAIM_BOUNDARY_ENUM(name, text) GB_CLAIM_##name,
    GB_CLAIM_BOUNDARY_MAP(GB_CLAIM_BOUNDARY_ENUM)
#undef GB_CLAIM_BOUNDARY_ENUM
        GB_CLAIM_BOUNDARIES
} gb_claim_boundary;

/** With the standard uncertainty u and its degrees of freedom, a quantity has
 * to keep w = guard_factor * k * u away from the limit, on either side. k is
 *  Student's quantile at `confidence`, or at the probability that a normal
 *  distribution has below `coverage_factor`; the other one is NAN. */
typedef struct gb_claim_rule {
    bool guarded;           /* false: simple acceptance, u is ignored */
    double confidence;      /* one-sided, 0.5 < .. < 1 */
    double coverage_factor; /* > 0 */
    double guard_factor;    /* > 0 */
} gb_claim_rule;

/** A parameter that picks one case of several with one id. */
typedef struct gb_claim_param {
    char *name, *text;
} gb_claim_param;

/** One sentence made testable. Strings are owned; null: not given. */
typedef struct gb_claim {
    char *id;
    char *text; /* as whoever claims it said it */
    gb_claim_metric metric;
    gb_claim_form form;
    gb_claim_relation relation;
    double limit;
    char limit_unit[32]; /* as written: "Gflop/s/W", "%"; "" */
    double margin;       /* of 1: how far a ratio may miss; NAN: none */
    gb_claim_rule rule;
    char *benchmark;        /* id or glob: one case of each run */
    gb_claim_param *params; /* [param_count] */
    size_t param_count;
    char *run, *baseline; /* id or glob of runs */
    gb_claim_boundary boundary;
    double pue_after; /* of a saving: what the sites' ratio is said to be
                         afterwards; NAN: nothing is */
    double it_saving; /* of 1: and what of the IT energy is said to be saved */
    int category;     /* of a facility: 1 .. 3; 0: not given */
    int64_t period_ns[2]; /* of a facility, UTC; 0, 0: while the run ran */
    gb_cost_terms cost;
    char carbon_sha256[GB_SHA256_SIZE]; /* of the carbon file; "": none */
    gb_quality evidence; /* what its energy has to be: MEASURED, or SIMULATED */
    gb_origin origin;    /* "claims.yaml:3:5" */
} gb_claim;

/** A file of claims. */
typedef struct gb_claims {
    char *name; /* "" */
    char sha256[GB_SHA256_SIZE];
    bool joint;       /* one family of tests (Holm) */
    gb_claim *claims; /* [count] */
    size_t count;
} gb_claims;

#define GB_CLAIM_VERDICT_MAP(X)                                                \
    X(SUPPORTED)                                                               \
    X(REFUTED)                                                                 \
    X(INCONCLUSIVE)                                                            \
    X(NOT_TESTABLE)                                                            \
    X(INVALID)

typedef enum gb_claim_verdict {
#define GB_CLAIM_VERDICT_ENUM(name) GB_CLAIM_##name,
    GB_CLAIM_VERDICT_MAP(GB_CLAIM_VERDICT_ENUM)
#undef GB_CLAIM_VERDICT_ENUM
        GB_CLAIM_VERDICTS
} gb_claim_verdict;

/** Why a claim is not decided: its verdict, a stable code, and the sentence in
 *  English and Chinese; "{}" is the detail. */
#define GB_CLAIM_REASON_MAP(X)                                                                              \
    X(NONE, INCONCLUSIVE, "", "", "")                                                                       \
    X(UNREGISTERED, INVALID, "unregistered",                                                                \
      "this claims file is not in the plan of run {}: it may have been "                                    \
      "written after the numbers were seen",                                                                \
      "运行 {} 的计划中没有这份声明文件：它可能是在看到数据之后才写的")                                     \
    X(RUN_MISSING, NOT_TESTABLE, "run_missing", "no run was given that is {}",                              \
      "没有给出符合 {} 的运行")                                                                             \
    X(BASELINE_MISSING, NOT_TESTABLE, "baseline_missing",                                                   \
      "the run to compare with is missing: {}", "缺少用于比较的基准运行：{}")                               \
    X(SIDES, INVALID, "sides", "the runs do not fit together: {}",                                          \
      "两边的运行无法对应：{}")                                                                             \
    X(NOT_RUN, NOT_TESTABLE, "not_run", "the benchmark was not run: {}",                                    \
      "没有运行该基准测试：{}")                                                                             \
    X(AMBIGUOUS, INVALID, "ambiguous", "several benchmarks fit the claim: {}",                              \
      "有多个基准测试符合该声明：{}")                                                                       \
    X(DAMAGED, INVALID, "damaged",                                                                          \
      "the stored run is not what its manifest says: {}",                                                   \
      "存储的运行与其清单不一致：{}")                                                                       \
    X(FAILED, INVALID, "failed", "the benchmark has no valid result: {}",                                   \
      "该基准测试没有有效结果：{}")                                                                         \
    X(INCOMPLETE, INVALID, "incomplete",                                                                    \
      "not all planned repetitions are valid: {}", "计划的重复未全部有效：{}")                              \
    X(ADAPTIVE, INVALID, "adaptive",                                                                        \
      "the number of repetitions was chosen while looking at them (--ci): {}",                              \
      "重复次数是边看数据边决定的（--ci）：{}")                                                             \
    X(NOT_SAME_WORK, INVALID, "not_same_work",                                                              \
      "the work of a repetition of {} is calibrated anew in each run, so that "                             \
      "its time and joules by themselves mean nothing: claim efficiency, or "                               \
      "compare with a baseline",                                                                            \
      "{} 每次重复的工作量在每次运行中重新标定，其时间和能量本身没有意义：" \
      "请声明能效，或与基准运行比较")                                                                       \
    X(UNIT, INVALID, "unit", "the unit of the limit does not fit: {}",                                      \
      "限值的单位不符：{}")                                                                                 \
    X(NO_ENERGY, NOT_TESTABLE, "no_energy", "its energy is not known: {}",                                  \
      "能耗未知：{}")                                                                                       \
    X(MODELLED, NOT_TESTABLE, "modelled",                                                                   \
      "its energy is an estimate and was not measured: {}",                                                 \
      "能耗是估算值，不是测量值：{}")                                                                       \
    X(EVIDENCE, NOT_TESTABLE, "evidence",                                                                   \
      "the claim is about other evidence than there is: {}",                                                \
      "声明要求的证据与现有证据不同：{}")                                                                   \
    X(PARTIAL, INVALID, "partial",                                                                          \
      "the energy is that of a part of what worked: {}",                                                    \
      "能耗只包含参与工作的一部分：{}")                                                                     \
    X(DOUBTFUL, INVALID, "doubtful", "the energy counters are in doubt: {}",                                \
      "能耗计数器存疑：{}")                                                                                 \
    X(BOUNDARY, NOT_TESTABLE, "boundary",                                                                   \
      "what the claim is about was not metered: {}",                                                        \
      "声明所指的边界没有计量：{}")                                                                         \
    X(NOT_COMPARABLE, INVALID, "not_comparable",                                                            \
      "run and baseline cannot be compared: {}", "该运行与基准不可比：{}")                                  \
    X(NO_FACILITY, NOT_TESTABLE, "no_facility", "its meters are missing: {}",                               \
      "缺少其仪表数据：{}")                                                                                 \
    X(NOT_METERED, NOT_TESTABLE, "not_metered",                                                             \
      "the facility has no meter for {}", "设施没有计量 {}")                                                \
    X(NO_WINDOW, NOT_TESTABLE, "no_window",                                                                 \
      "no intervals of the meters lie together wholly within the window: {}",                               \
      "没有任何仪表区间共同完整地落在该时段内：{}")                                                         \
    X(PERIOD, NOT_TESTABLE, "period",                                                                       \
      "it is defined over 12 continuous months; for less there is {}",                                      \
      "其定义要求连续 12 个月；更短的时段可用 {}")                                                          \
    X(UNDOCUMENTED, NOT_TESTABLE, "undocumented",                                                           \
      "an accuracy that it rests on is not documented: {}",                                                 \
      "所依据的准确度没有记录：{}")                                                                         \
    X(GAPS, INVALID, "gaps", "the meters lack too much of the window: {}",                                  \
      "该时段缺失的读数过多：{}")                                                                           \
    X(CATEGORY, INVALID, "category",                                                                        \
      "where IT is metered has to be the same in the claim and in the facility: {}",                        \
      "声明与设施的 IT 计量位置类别必须一致：{}")                                                           \
    X(CONTEXT, INVALID, "context",                                                                          \
      "over a window it means nothing without {}",                                                          \
      "短时段的比值离不开这些条件：{}")                                                                     \
    X(IDENTITY, INVALID, "identity", "the meters contradict each other: {}",                                \
      "仪表读数相互矛盾：{}")                                                                               \
    X(NO_TARIFF, NOT_TESTABLE, "no_tariff", "its prices are missing: {}",                                   \
      "缺少电价：{}")                                                                                       \
    X(TARIFF, INVALID, "tariff", "its prices do not hold: {}",                                              \
      "电价不适用：{}")                                                                                     \
    X(DEMAND, NOT_TESTABLE, "demand",                                                                       \
      "a demand charge is that of the peaks of whole months: {}",                                           \
      "需量电费按整月最大需量计收：{}")                                                                     \
    X(NO_CARBON, NOT_TESTABLE, "no_carbon",                                                                 \
      "what its electricity is charged with is missing: {}",                                                \
      "缺少电力的碳排放因子：{}")                                                                           \
    X(UNCOVERED, INVALID, "uncovered", "its energy cannot be charged: {}",                                  \
      "其能耗无法折算碳排放：{}")                                                                           \
    X(MIXED, INVALID, "mixed",                                                                              \
      "intensities of different kinds cannot be put into one number: {}",                                   \
      "不同种类的碳排放因子不能合为一个数：{}")                                                             \
    X(LOAD_SHIFTING, INVALID, "load_shifting",                                                              \
      "averages do not say what running at another time saves: {}",                                         \
      "平均因子不能说明换个时间运行节省了多少：{}")                                                         \
    X(NO_WORK, NOT_TESTABLE, "no_work",                                                                     \
      "the benchmark does no work that could be counted: {}",                                               \
      "该基准测试没有可计数的工作量：{}")                                                                   \
    X(NO_INTERVAL, INCONCLUSIVE, "no_interval",                                                             \
      "there is no finite interval: {}", "不存在有限区间：{}")                                              \
    X(ONE_VALUE, INCONCLUSIVE, "one_value",                                                                 \
      "one value has no scatter, so that its uncertainty is not known: {}",                                 \
      "单个数值没有离散度，其不确定度未知：{}")                                                             \
    X(BAND, INCONCLUSIVE, "band",                                                                           \
      "the limit is nearer than the guard band, {}",                                                        \
      "限值落在保护带之内，保护带为 {}")                                                                    \
    X(FAMILY, INCONCLUSIVE, "family",                                                                       \
      "it holds by itself, but not together with the other claims of the "                                  \
      "file: {}",                                                                                           \
      "单独看成立，但与文件中其他声明一起看不成立：{}")                                                     \
    X(UNMEASURABLE, NOT_TESTABLE, "unmeasurable",                                                           \
      "no measurement here can tell; what can be tested: {}",                                               \
      "这里的任何测量都无法判定；可以检验的是：{}")

typedef enum gb_claim_reason {
#define GB_CLAIM_REASON_ENUM(name, verdict, code, en, zh)                      \
    GB_CLAIM_REASON_##name,
    GB_CLAIM_REASON_MAP(GB_CLAIM_REASON_ENUM)
#undef GB_CLAIM_REASON_ENUM
        GB_CLAIM_REASONS
} gb_claim_reason;

/** One contribution to the uncertainty of a quantity. */
typedef struct gb_claim_term {
    char name[48]; /* "energy meters" */
    char type;     /* 'A': from scatter; 'B': otherwise (JCGM 100) */
    double u;      /* standard uncertainty of the quantity from it */
    char how[120]; /* "10 repetitions", "correlated between both runs" */
    char how_chinese[120]; /* the same in Chinese; "" */
} gb_claim_term;

enum { GB_CLAIM_TERMS = 8 };

/** A quantity with its uncertainty. */
typedef struct gb_estimate {
    double value;       /* NAN: there is none */
    char unit[48];      /* "flop/J"; "1" */
    double u;           /* combined standard uncertainty; NAN: not known */
    double dof;         /* effective degrees of freedom; INFINITY */
    double scatter;     /* what of u repetitions reduce, as u: its square is
                           inverse to their number */
    double fixed;       /* what of u they do not reduce */
    size_t n;           /* replicates */
    char replicate[24]; /* "repetition" | "run" | "interval" */
    double meter_bound; /* of 1: hard bound that `fixed` comes from; NAN */
    gb_claim_term terms[GB_CLAIM_TERMS]; /* [term_count] */
    size_t term_count;
    /* Both sides of a ratio or saving, in `side_unit`; else NAN. */
    double base, next;
    char side_unit[48];
} gb_estimate;

/** What would decide an inconclusive claim. */
typedef struct gb_claim_need {
    double replicates; /* with the meters there are; NAN: no number would */
    double meter_rel;  /* hard bound (+-) of the meters' relative error, with
                          the replicates there are; NAN: no meter would */
} gb_claim_need;

/** What became of one claim. */
typedef struct gb_claim_result {
    const gb_claim *claim; /* borrowed */
    gb_claim_verdict verdict;
    gb_claim_reason reason; /* NONE: decided */
    char detail[400];
    char detail_chinese[400]; /* the same in Chinese; "": only English */
    gb_estimate estimate;     /* value NAN: none was made */
    double limit, margin;     /* in estimate.unit; margin NAN: none */
    double k;                 /* coverage factor: Student's quantile */
    double expanded_u;        /* U = k u; NAN */
    double guard;             /* w, what has to be kept away from the limit */
    double distance;          /* to the limit, > 0: on its right side; NAN */
    double p;                 /* of such a value if the claim were just false */
    double p_joint;           /* the same, adjusted for the family; NAN */
    gb_claim_need need;       /* INCONCLUSIVE */
    char subject[128], baseline[128]; /* run ids, joined; "" */
    char benchmark[192];              /* "compute.hpl n=4096"; "" */
    gb_quality quality; /* of its energy; UNAVAILABLE: it has none */
    char holds[160];    /* what the energy is that of; "" */
    char leaves_out[160];
    char conditions[1400]; /* of a facility: window, load, weather; "" */
    char conditions_chinese[1400];
    gb_cost cost;
    char differs[400]; /* what both sides of a ratio have not in common; "" */
    char differs_chinese[400];
    char holds_chinese[160], leaves_out_chinese[160]; /* ""; only English */
} gb_claim_result;

/** What a verdict means, in words. Owned; null: none. */
typedef struct gb_claim_words {
    char *english, *chinese;
} gb_claim_words;

typedef struct gb_assessment {
    const gb_claims *claims;  /* borrowed */
    gb_claim_result *results; /* [count], in the order of the file */
    size_t count;
    size_t tests; /* in the family; 0: each claim by itself */
} gb_assessment;

const char *gb_claim_metric_name(gb_claim_metric metric);
gb_claim_kind gb_claim_metric_kind(gb_claim_metric metric);
const char *gb_claim_form_name(gb_claim_form form);
const char *gb_claim_relation_name(gb_claim_relation relation);
const char *gb_claim_relation_sign(gb_claim_relation relation);
const char *gb_claim_boundary_name(gb_claim_boundary boundary);
const char *gb_claim_verdict_name(gb_claim_verdict verdict);
const char *gb_claim_reason_code(gb_claim_reason reason);
gb_claim_verdict gb_claim_reason_verdict(gb_claim_reason reason);
/** The sentence with its "{}". */
const char *gb_claim_reason_text(gb_claim_reason reason, bool chinese);

/** True if it is about what a run emits. */
bool gb_claim_is_carbon(gb_claim_metric metric);

/** True if it is about money. */
bool gb_claim_is_cost(gb_claim_metric metric);

/** What can be tested instead of a metric that cannot; "" for the others. */
const char *gb_claim_nearest(gb_claim_metric metric, bool chinese);

/** The ratio of facility to IT energy that a saving claims, without saying so,
 *  to have been there before: (1 - it_saving) pue_after / (1 - limit). NAN: the
 *  claim says nothing of it. */
double gb_claim_implied_baseline(const gb_claim *claim);

/** True if the claim asks for less than its limit. */
bool gb_claim_is_upper(gb_claim_relation relation);

void gb_claim_fini(gb_claim *claim);
void gb_claims_fini(gb_claims *claims);
void gb_assessment_fini(gb_assessment *assessment);

#endif /* GB_MODEL_CLAIM_H */
