/* SPDX-License-Identifier: Apache-2.0 */
/* Releasing the plain structs: each leaves its object zeroed, so that a second
 * call does nothing. */
#include <stdlib.h>
#include <string.h>

#include "model/catalogue.h"
#include "model/config.h"
#include "model/outcome.h"
#include "model/plan.h"
#include "model/record.h"
#include "model/result.h"
#include "model/selftest.h"
#include "model/system.h"
#include "model/timeline.h"

const gb_catalogue_entry *gb_catalogue_find(const gb_catalogue *catalogue,
                                            const char *id) {
    for (size_t i = 0; i < catalogue->count; i++)
        if (strcmp(catalogue->entries[i].id, id) == 0)
            return &catalogue->entries[i];
    return NULL;
}

const gb_catalogue_meter *gb_catalogue_find_meter(const gb_catalogue *catalogue,
                                                  const char *id) {
    for (size_t i = 0; i < catalogue->meter_count; i++)
        if (strcmp(catalogue->meters[i].id, id) == 0)
            return &catalogue->meters[i];
    return NULL;
}

static void free_catalogue_params(gb_catalogue_param *params, size_t count) {
    for (size_t i = 0; i < count; i++) {
        free(params[i].name);
        free(params[i].help);
        free(params[i].default_text);
        free(params[i].accepts);
    }
    free(params);
}

void gb_catalogue_fini(gb_catalogue *catalogue) {
    for (size_t i = 0; i < catalogue->count; i++) {
        gb_catalogue_entry *entry = &catalogue->entries[i];
        free_catalogue_params(entry->params, entry->param_count);
        free(entry->id);
        free(entry->version);
        free(entry->summary);
        free(entry->work_unit);
        free(entry->path);
        free(entry->insecure);
        free(entry->insecure_fix);
    }
    for (size_t i = 0; i < catalogue->meter_count; i++) {
        gb_catalogue_meter *meter = &catalogue->meters[i];
        free_catalogue_params(meter->params, meter->param_count);
        free(meter->id);
        free(meter->version);
        free(meter->summary);
        free(meter->path);
        free(meter->insecure);
    }
    for (size_t i = 0; i < catalogue->refusal_count; i++) {
        free(catalogue->refusals[i].path);
        free(catalogue->refusals[i].what);
        free(catalogue->refusals[i].hint);
    }
    free(catalogue->entries);
    free(catalogue->meters);
    free(catalogue->refusals);
    *catalogue = (gb_catalogue){0};
}

static void free_config_params(gb_config_param *params, size_t count) {
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < params[i].text_count; k++)
            free(params[i].texts[k]);
        free(params[i].texts);
        free(params[i].name);
    }
    free(params);
}

void gb_config_fini(gb_config *config) {
    for (size_t i = 0; i < config->bench_count; i++) {
        free(config->benches[i].pattern);
        free_config_params(config->benches[i].params,
                           config->benches[i].param_count);
    }
    free(config->benches);
    free_config_params(config->overrides, config->override_count);
    free(config->suite_name);
    free(config->suite_path);
    free(config->energy);
    free(config->counters);
    free(config->claims);
    free(config->output_dir);
    *config = (gb_config){0};
}

void gb_plan_case_fini(gb_plan_case *planned) {
    for (size_t k = 0; k < planned->param_count; k++) {
        free(planned->params[k].name);
        free(planned->params[k].text);
    }
    free(planned->params);
    free(planned->id);
    free(planned->version);
    free(planned->sha256);
    free(planned->insecure);
    free(planned->given_up);
    free(planned->work_unit);
    *planned = (gb_plan_case){0};
}

void gb_case_progress_free(gb_case_progress *cases, size_t count) {
    for (size_t i = 0; cases != NULL && i < count; i++)
        free(cases[i].rates);
    free(cases);
}

void gb_plan_fini(gb_plan *plan) {
    for (size_t i = 0; i < plan->case_count; i++)
        gb_plan_case_fini(&plan->cases[i]);
    for (size_t i = 0; i < plan->skip_count; i++) {
        free(plan->skips[i].id);
        free(plan->skips[i].reason);
        free(plan->skips[i].hint);
    }
    free(plan->cases);
    free(plan->skips);
    free(plan->suite_name);
    free(plan->energy);
    free(plan->counters);
    *plan = (gb_plan){0};
}

void gb_node_fini(gb_node *node) {
    if (!node->shares_domains)
        free(node->domains);
    *node = (gb_node){0};
}

void gb_recording_fini(gb_recording *recording) {
    free(recording->domains);
    free(recording->rows);
    *recording = (gb_recording){0};
}

void gb_session_fini(gb_session *session) {
    for (size_t i = 0; i < session->node_count; i++)
        gb_node_fini(&session->nodes[i]);
    free(session->nodes);
    free(session->places);
    free(session->job.nodes);
    free(session->command);
    free(session->counters);
    free(session->counters_absent);
    *session = (gb_session){0};
}

void gb_trial_record_fini(gb_trial_record *record) {
    free(record->notes);
    *record = (gb_trial_record){0};
}

void gb_rep_record_fini(gb_rep_record *record) {
    free(record->ranks);
    free(record->windows);
    free(record->conditions);
    free(record->notes);
    free(record->counters);
    *record = (gb_rep_record){0};
}

void gb_idle_record_fini(gb_idle_record *record) {
    free(record->windows);
    *record = (gb_idle_record){0};
}

void gb_end_record_fini(gb_end_record *record) {
    free(record->costs);
    *record = (gb_end_record){0};
}

static void drop_readings(gb_run_log *log) {
    for (size_t i = 0; i < log->rep_count; i++)
        gb_rep_record_fini(&log->reps[i]);
    free(log->reps);
    free(log->samples);
    log->reps = NULL;
    log->samples = NULL;
    log->rep_count = log->sample_count = 0;
}

void gb_run_log_drop_readings(gb_run_log *log) {
    for (; log != NULL; log = log->next)
        drop_readings(log);
}

static void free_launch(gb_run_log *log) {
    drop_readings(log);
    gb_session_fini(&log->session);
    for (size_t i = 0; i < log->trial_count; i++)
        gb_trial_record_fini(&log->trials[i]);
    for (size_t i = 0; i < log->idle_count; i++)
        gb_idle_record_fini(&log->idles[i]);
    gb_end_record_fini(&log->end);
    free(log->trials);
    free(log->idles);
    free(log->warnings);
}

void gb_run_log_fini(gb_run_log *log) {
    gb_run_log *later = log->next;

    free_launch(log);
    while (later != NULL) {
        gb_run_log *next = later->next;
        free_launch(later);
        free(later);
        later = next;
    }
    *log = (gb_run_log){0};
}

void gb_reduced_fini(gb_reduced *reduced) {
    for (size_t i = 0; i < reduced->case_count; i++) {
        gb_reduced_case *one = &reduced->cases[i];
        free(one->reps);
        free(one->nodes);
        free(one->pairs);
        free(one->notes);
        free(one->counters);
    }
    free(reduced->cases);
    free(reduced->launches);
    free(reduced->sources);
    free(reduced->contradictions);
    *reduced = (gb_reduced){0};
}

void gb_result_fini(gb_result *result) {
    for (size_t i = 0; i < result->bench_count; i++) {
        gb_bench_result *bench = &result->benches[i];
        free(bench->performance.raw);
        free(bench->finished_before.raw);
        free(bench->time_s.raw);
        free(bench->energy_raw);
        free(bench->launch_raw);
        free(bench->begin_utc_ns);
        free(bench->disturbed);
        free(bench->nodes);
        free(bench->variability.outliers);
        free(bench->variability.pairs.slow);
        free(bench->counters);
        free(bench->notes);
    }
    free(result->benches);
    free(result->sources);
    free(result->proportionality.levels);
    free(result->warnings);
    free(result->launches);
    *result = (gb_result){0};
}

void gb_outcome_keep_wholes(gb_outcome *outcome) {
    gb_reduced *reduced = &outcome->reduced;
    gb_result *result = &outcome->result;

    gb_run_log_drop_readings(&outcome->log);
    for (size_t i = 0; i < reduced->case_count; i++) {
        free(reduced->cases[i].nodes);
        reduced->cases[i].nodes = NULL;
    }
    for (size_t i = 0; i < result->bench_count; i++) {
        free(result->benches[i].nodes);
        result->benches[i].nodes = NULL;
        result->benches[i].node_count = 0;
    }
    free(reduced->sources);
    free(result->sources);
    reduced->sources = result->sources = NULL;
    reduced->source_count = result->source_count = 0;
}

void gb_outcome_fini(gb_outcome *outcome) {
    gb_result_fini(&outcome->result);
    gb_reduced_fini(&outcome->reduced);
    gb_run_log_fini(&outcome->log);
    gb_plan_fini(&outcome->plan);
}

void gb_selftest_fini(gb_selftest *selftest) {
    free(selftest->cases);
    *selftest = (gb_selftest){0};
}

static void timeline_fini(gb_timeline *timeline) {
    for (size_t i = 0; i < timeline->series_count; i++) {
        free(timeline->series[i].mean_w);
        free(timeline->series[i].least_w);
        free(timeline->series[i].most_w);
    }
    for (int q = 0; q < GB_TIMELINE_QUANTILES; q++)
        free(timeline->quantiles_w[q]);
    free(timeline->series);
    free(timeline->total_w);
    free(timeline->phases);
}

void gb_timelines_fini(gb_timelines *timelines) {
    for (size_t i = 0; i < timelines->count; i++)
        timeline_fini(&timelines->list[i]);
    free(timelines->list);
    *timelines = (gb_timelines){0};
}
