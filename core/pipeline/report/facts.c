/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/report/facts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "pipeline/report/quantity.h"

/* --- cover ---------------------------------------------------------------- */

static bool same_sources(const gb_node *a, const gb_node *b) {
    gb_str of_a = {0}, of_b = {0};
    gb_facts_holds(a, a->cover.holds, GB_LANGUAGE_EN, &of_a);
    gb_facts_holds(b, b->cover.holds, GB_LANGUAGE_EN, &of_b);
    const bool same = of_a.text != NULL && of_b.text != NULL &&
                      strcmp(of_a.text, of_b.text) == 0;
    gb_str_fini(&of_a);
    gb_str_fini(&of_b);
    return same;
}

size_t gb_facts_covers(const gb_session *session, gb_cover_group *groups_out) {
    size_t count = 0;
    for (size_t i = 0; i < session->node_count; i++) {
        const gb_node *node = &session->nodes[i];
        size_t at = 0;
        while (at < count) {
            const gb_node *other = &session->nodes[groups_out[at].first];
            if (other->cover.quality == node->cover.quality &&
                strcmp(other->cover.leaves_out, node->cover.leaves_out) == 0 &&
                same_sources(other, node))
                break;
            at++;
        }
        if (at == count)
            groups_out[count++] = (gb_cover_group){.first = i};
        groups_out[at].count++;
    }
    return count;
}

void gb_facts_holds(const gb_node *node, const char *holds,
                    gb_language language, gb_str *out) {
    gb_str sources = {0};
    if (node->cover.summed_count == 0) {
        gb_str_add(out, gb_phrase(language, "none: no counter could be read"));
        return;
    }
    for (size_t i = 0; i < node->domain_count; i++) {
        const gb_energy_domain *domain = &node->domains[i];
        if (!domain->summed ||
            (sources.text != NULL && strstr(sources.text, domain->source)))
            continue;
        if (sources.length > 0)
            gb_str_add(&sources, gb_phrase(language, " and "));
        gb_str_add(&sources, domain->source);
    }
    gb_str_add(out, holds);
    if (sources.text != NULL)
        gb_str_addf(out, gb_phrase(language, ", by %s"), sources.text);
    gb_str_fini(&sources);
}

/* --- reasons -------------------------------------------------------------- */

static char *joined(char *list, const char *id) {
    gb_str text = {0};
    gb_str_add(&text, list);
    gb_str_addf(&text, ", %s", id);
    return gb_str_take(&text);
}

void gb_reasons_add(gb_reasons *reasons, const char *text, const char *chinese,
                    const char *id) {
    if (text[0] == '\0' || reasons->failed)
        return;
    for (size_t i = 0; i < reasons->count; i++) {
        struct gb_reason *reason = &reasons->list[i];
        if (strcmp(reason->text, text) != 0)
            continue;
        reason->count++;
        /* A sweep has one id many times. */
        if (gb_ends_with(reason->ids, id))
            return;
        char *ids = joined(reason->ids, id);
        if (ids == NULL) {
            reasons->failed = true;
            return;
        }
        free(reason->ids);
        reason->ids = ids;
        return;
    }
    struct gb_reason *list =
        realloc(reasons->list, (reasons->count + 1) * sizeof(*list));
    char *copy = strdup(text), *ids = strdup(id);
    char *other = strdup(chinese != NULL ? chinese : "");
    if (list != NULL)
        reasons->list = list;
    if (list == NULL || copy == NULL || other == NULL || ids == NULL) {
        free(copy);
        free(other);
        free(ids);
        reasons->failed = true;
        return;
    }
    list[reasons->count++] = (struct gb_reason){
        .text = copy, .chinese = other, .ids = ids, .count = 1};
}

void gb_reasons_fini(gb_reasons *reasons) {
    for (size_t i = 0; i < reasons->count; i++) {
        free(reasons->list[i].text);
        free(reasons->list[i].chinese);
        free(reasons->list[i].ids);
    }
    free(reasons->list);
    *reasons = (gb_reasons){0};
}

static bool warned(const gb_result *result, const char *reason) {
    for (size_t i = 0; i < result->warning_count && reason[0] != '\0'; i++)
        if (strstr(result->warnings[i].what, reason) != NULL)
            return true;
    return false;
}

static const char *id_of(const gb_result *result,
                         const gb_bench_result *bench) {
    return result->plan->cases[bench->case_index].id;
}

/* A reason that another stage gave, or else @p instead. */
static void add_known(gb_reasons *reasons, const char *text,
                      const char *chinese, const char *instead,
                      const char *id) {
    if (text[0] == '\0')
        gb_reasons_add(reasons, instead, gb_phrase_chinese(instead), id);
    else
        gb_reasons_add(reasons, text,
                       chinese[0] != '\0' ? chinese : gb_phrase_chinese(text),
                       id);
}

void gb_facts_no_energy(const gb_result *result, gb_reasons *reasons) {
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        if (bench->valid && !isfinite(bench->energy.energy_j) &&
            bench->partial.node_count == 0 &&
            !warned(result, bench->energy.reason))
            add_known(reasons, bench->energy.reason, bench->energy.chinese,
                      "no energy counter was read", id_of(result, bench));
    }
}

bool gb_facts_part(const gb_result *result, const gb_bench_result *bench,
                   gb_language language, char *out, size_t size) {
    if (!bench->valid || bench->partial.node_count == 0)
        return false;
    snprintf(out, size, gb_phrase(language, "%zu/%zu nodes"),
             bench->partial.node_count, result->session->node_count);
    return true;
}

/* Takes the texts. */
static void add_both(gb_reasons *reasons, gb_str texts[GB_LANGUAGES],
                     const char *id) {
    if (texts[GB_LANGUAGE_EN].text != NULL)
        gb_reasons_add(reasons, texts[GB_LANGUAGE_EN].text,
                       texts[GB_LANGUAGE_ZH].text, id);
    for (int l = 0; l < GB_LANGUAGES; l++) {
        reasons->failed = reasons->failed || texts[l].failed;
        gb_str_fini(&texts[l]);
    }
}

static void say_partial(const gb_bench_result *bench, gb_language language,
                        gb_str *out) {
    const bool chinese =
        language == GB_LANGUAGE_ZH && bench->energy.chinese[0] != '\0';

    gb_str_addf(
        out,
        gb_phrase(language, "%s; power and energy are those of these nodes"),
        chinese ? bench->energy.chinese : bench->energy.reason);
    gb_str_add(out,
               gb_phrase(language,
                         bench->efficiency_partial
                             ? ", and so is the performance per watt"
                             : ", performance per watt is withheld: "
                               "--partial-energy gives that of these nodes"));
}

void gb_facts_partial(const gb_result *result, gb_reasons *reasons) {
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        gb_str texts[GB_LANGUAGES] = {{0}};
        if (!bench->valid || bench->partial.node_count == 0)
            continue;
        for (int l = 0; l < GB_LANGUAGES; l++)
            say_partial(bench, (gb_language)l, &texts[l]);
        add_both(reasons, texts, id_of(result, bench));
    }
}

void gb_facts_no_efficiency(const gb_result *result, gb_reasons *reasons) {
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        if (bench->valid && isfinite(bench->energy.energy_j) &&
            !isfinite(bench->efficiency) &&
            !warned(result, bench->efficiency_reason))
            add_known(reasons, bench->efficiency_reason,
                      bench->efficiency_chinese, "it could not be computed",
                      id_of(result, bench));
    }
}

bool gb_facts_flagged(const gb_bench_result *bench) {
    return bench->valid && isfinite(bench->energy.energy_j) &&
           bench->energy.flags != 0;
}

static void say_flags(const gb_energy_figure *energy, gb_language language,
                      gb_str *out) {
    for (int flag = 0; flag < GB_FLAG_COUNT; flag++)
        if ((energy->flags >> flag & 1u) != 0)
            gb_str_addf(
                out, "%s%s", out->length > 0 ? gb_phrase(language, "; ") : "",
                gb_phrase(language, gb_energy_flag_text((gb_energy_flag)flag)));
    if (energy->unsampled_s > 0.0)
        gb_str_addf(out, gb_phrase(language, ": %.0f %% of it is covered"),
                    100.0 * (1.0 - energy->unsampled_s / energy->window_s));
}

void gb_facts_flags(const gb_result *result, gb_reasons *reasons) {
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        gb_str texts[GB_LANGUAGES] = {{0}};
        if (!gb_facts_flagged(bench))
            continue;
        for (int l = 0; l < GB_LANGUAGES; l++)
            say_flags(&bench->energy, (gb_language)l, &texts[l]);
        add_both(reasons, texts, id_of(result, bench));
    }
}

void gb_facts_no_roof(const gb_result *result, gb_reasons *reasons) {
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        /* Set against the theoretical peak, it needs no other. */
        if (bench->valid && bench->roofline.theoretical[0] == '\0')
            gb_reasons_add(reasons, bench->roofline.reason,
                           gb_phrase_chinese(bench->roofline.reason),
                           id_of(result, bench));
    }
}

void gb_facts_no_interval(const gb_result *result, gb_reasons *reasons) {
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        const gb_series_stats *stats = &bench->performance;
        gb_str texts[GB_LANGUAGES] = {{0}};
        if (!bench->valid || stats->n == 0 ||
            (isfinite(stats->ci95[0]) && isfinite(stats->ci95[1])))
            continue;
        for (int l = 0; l < GB_LANGUAGES; l++)
            gb_str_addf(&texts[l],
                        gb_phrase((gb_language)l,
                                  stats->n == 1
                                      ? "%zu repetition; a 95 %% interval of "
                                        "the median takes 6"
                                      : "%zu repetitions; a 95 %% interval "
                                        "of the median takes 6"),
                        stats->n);
        add_both(reasons, texts, id_of(result, bench));
    }
}

/* --- the run -------------------------------------------------------------- */

static void add_idle(const char *when, const gb_idle_figure *idle,
                     gb_language language, gb_str *out) {
    char text[GB_QUANTITY_SIZE];
    const gb_energy_figure *energy = &idle->energy;
    if (!idle->present)
        return;
    when = gb_phrase(language, when);
    if (out->length > 0)
        gb_str_add(out, gb_phrase(language, "; "));
    if (isfinite(idle->power_w))
        gb_str_addf(
            out, gb_phrase(language, "%s %s, %s"), when,
            gb_quantity_pm(idle->power_w, idle->u_w, "W", text, sizeof(text)),
            gb_phrase(language, gb_quality_name(energy->quality)));
    else
        gb_str_addf(out, gb_phrase(language, "%s: none, %s"), when,
                    language == GB_LANGUAGE_ZH && energy->chinese[0] != '\0'
                        ? energy->chinese
                    : energy->reason[0] != '\0'
                        ? gb_phrase(language, energy->reason)
                        : gb_phrase(language, "no energy counter was read"));
}

bool gb_facts_idle(const gb_result *result, gb_language language, gb_str *out) {
    if (!result->idle_before.present && !result->idle_after.present)
        return false;
    add_idle("before", &result->idle_before, language, out);
    add_idle("after", &result->idle_after, language, out);
    return true;
}

bool gb_facts_launches(const gb_result *result, gb_language language,
                       gb_str *out) {
    if (result->launch_count < 2)
        return false;
    gb_str_addf(out, gb_phrase(language, "%zu: "), result->launch_count);
    for (size_t i = 0; i < result->launch_count; i++) {
        const gb_launch_result *launch = &result->launches[i];
        char started[32];
        gb_clock_format_utc(launch->session->started_utc_ns, started,
                            sizeof(started));
        if (i > 0)
            gb_str_add(out, gb_phrase(language, ", "));
        gb_str_addf(out,
                    gb_phrase(language, i > 0 ? "%zu of %s"
                                        : launch->repetitions == 1
                                            ? "%zu repetition of %s"
                                            : "%zu repetitions of "
                                              "%s"),
                    launch->repetitions, started);
        if (launch->rebooted_nodes > 0)
            gb_str_addf(
                out,
                gb_phrase(language, launch->rebooted_nodes == 1
                                        ? " (%zu node rebooted before it)"
                                        : " (%zu nodes rebooted before it)"),
                launch->rebooted_nodes);
    }
    return true;
}

bool gb_facts_insecure(const gb_result *result, gb_str *out) {
    const gb_plan *plan = result->plan;
    size_t told = 0;
    for (size_t i = 0; i < plan->case_count; i++) {
        const gb_plan_case *planned = &plan->cases[i];
        bool again = planned->insecure == NULL || planned->insecure[0] == '\0';
        for (size_t k = 0; k < i && !again; k++)
            again = strcmp(plan->cases[k].id, planned->id) == 0;
        if (again)
            continue;
        gb_str_addf(out, "%s%s",
                    told++ == 0 ? "others could have changed " : ", ",
                    planned->id);
    }
    if (told > 0)
        gb_str_add(out, " before it was loaded: let in by "
                        "--allow-insecure-plugins");
    return told > 0;
}

void gb_facts_sampler(const gb_result *result, gb_language language,
                      gb_str *out) {
    char share[GB_QUANTITY_SIZE], each[48];
    if (!isfinite(result->sampler_cpu_fraction)) {
        gb_str_add(out, gb_phrase(language,
                                  "its cost is not known: nothing was sampled, "
                                  "or the run was cut off"));
        return;
    }
    const double asked_hz = result->session->sample_hz;
    const double hz = isfinite(result->sampler_total.sample_hz)
                          ? result->sampler_total.sample_hz
                          : asked_hz;
    gb_str_addf(out, gb_phrase(language, "%.4g samples/s"), hz);
    if (hz > 1.001 * asked_hz)
        gb_str_addf(
            out,
            gb_phrase(language, " (%g asked for: a counter wraps that fast)"),
            asked_hz);
    gb_str_addf(out, gb_phrase(language, ", %s of one core per node"),
                gb_quantity_percent(result->sampler_cpu_fraction, share,
                                    sizeof(share)));
    if (isfinite(result->sample_cost_s))
        gb_str_addf(
            out, gb_phrase(language, ", %s each, %llu wake-ups"),
            gb_format_duration(result->sample_cost_s, each, sizeof(each)),
            (unsigned long long)result->sampler_total.wakeups);
    if (result->sampler_total.late > 0)
        gb_str_addf(out, gb_phrase(language, ", %llu ticks missed"),
                    (unsigned long long)result->sampler_total.late);
}

bool gb_facts_told(const gb_warning *warning) {
    return strcmp(warning->code, "plan.skipped") == 0;
}

void gb_facts_virtual(const gb_node *node, const char *joint, gb_str *out) {
    const char *kind = node->virtualisation;
    if (kind[0] == '\0' || strcmp(kind, "none") == 0)
        return;
    gb_str_addf(out, "%s%s%svirtual machine", joint,
                strcmp(kind, "vm") == 0 ? "" : kind,
                strcmp(kind, "vm") == 0 ? "" : " ");
}

void gb_facts_finished_before(const gb_bench_result *bench,
                              gb_language language, gb_str *out) {
    const gb_series_stats *before = &bench->finished_before;
    char text[GB_QUANTITY_SIZE], unit[64];
    if (bench->valid || before->n == 0)
        return;
    gb_str_addf(
        out,
        gb_phrase(language,
                  before->n == 1
                      ? "%zu repetition had finished before: median %s"
                      : "%zu repetitions had finished before: median %s"),
        before->n,
        gb_quantity(before->median, 0.0,
                    gb_quantity_short_unit(bench->unit, unit, sizeof(unit)),
                    text, sizeof(text)));
}

void gb_facts_size(const gb_session *session, gb_language language,
                   gb_str *out) {
    gb_str_addf(out,
                gb_phrase(language,
                          session->ranks == 1 ? "%u rank on " : "%u ranks on "),
                session->ranks);
    gb_str_addf(out,
                gb_phrase(language,
                          session->node_count == 1 ? "%zu node" : "%zu nodes"),
                session->node_count);
}

const char *gb_facts_status(gb_run_status status) {
    switch (status) {
    case GB_RUN_COMPLETE:
        return "complete";
    case GB_RUN_INTERRUPTED:
        return "interrupted";
    case GB_RUN_FAILED:
        break;
    }
    return "failed";
}

/* --- power over load ------------------------------------------------------ */

bool gb_facts_load(const gb_result *result, gb_str *out) {
    const gb_proportionality *all = &result->proportionality;
    char text[GB_QUANTITY_SIZE], unit[64];

    if (all->level_count == 0)
        return false;
    for (size_t i = 0; i < all->level_count; i++)
        gb_str_addf(out, "%s%.0f %% %s", i > 0 ? ", " : "",
                    100.0 * all->levels[i].level,
                    gb_quantity(all->levels[i].power_w,
                                all->levels[i].power_u_w, "W", text,
                                sizeof(text)));
    gb_str_addf(
        out, ", at rest %s",
        gb_quantity(all->idle_w, all->idle_u_w, "W", text, sizeof(text)));
    if (isfinite(all->idle_share))
        gb_str_addf(out, " (%s of the highest)",
                    gb_quantity_percent(all->idle_share, text, sizeof(text)));
    if (isfinite(all->overall))
        gb_str_addf(out, "; over all %s",
                    gb_quantity_pm(
                        all->overall, all->overall_u,
                        gb_quantity_short_unit(all->unit, unit, sizeof(unit)),
                        text, sizeof(text)));
    else
        gb_str_addf(out, "; %s", all->reason);
    return true;
}
