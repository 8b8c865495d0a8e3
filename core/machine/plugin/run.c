/* SPDX-License-Identifier: Apache-2.0 */
/* The life of one instance: create, prepare, run, verify, destroy. */
#include "machine/plugin/instance.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void begin_call(gb_plugin_run *run) {
    run->reason = (gb_error){.rank = -1};
    run->broken = (gb_error){.rank = -1};
}

static bool is_known(gb_status status) {
    switch (status) {
#define KNOWN_CASE(name, value, text) case GB_##name:
        GB_STATUS_MAP(KNOWN_CASE)
#undef KNOWN_CASE
        return true;
    default:
        return false;
    }
}

/** What the plugin's @p op came to, with the reason it recorded. */
static gb_status end_call(gb_plugin_run *run, const char *op, gb_status status,
                          gb_error *err) {
    const char *id = run->plugin.id;

    if (run->broken.status != GB_OK) {
        if (err != NULL)
            *err = run->broken;
        return run->broken.status;
    }
    if (status == GB_OK)
        return GB_OK;
    if (!is_known(status))
        return gb_fail(err, GB_ERR_INTERNAL,
                       "return one of the values in greenbench/status.h",
                       "%s: %s() returned the unknown status %d", id, op,
                       (int)status);
    if (run->reason.status == status) {
        if (err != NULL)
            *err = run->reason;
        return status;
    }
    return gb_fail(err, status, NULL, "%s: %s() failed without a reason: %s",
                   id, op, gb_status_text(status));
}

gb_status gb_plugin_run_create(const gb_plugin *plugin,
                               const gb_plan_case *planned,
                               const gb_host_setup *setup,
                               gb_plugin_run **run_out, gb_error *err) {
    gb_plugin_run *run = calloc(1, sizeof(*run));

    if (run == NULL)
        return gb_fail_memory(err, "the host services of a benchmark");
    run->plugin = *plugin;
    run->setup = *setup;
    run->params = (gb_params){.planned = planned, .run = run};
    atomic_flag_clear(&run->lock);
    gb_plugin_host_init(run);

    begin_call(run);
    gb_instance *self = NULL;
    gb_status status = plugin->create(&run->host, &run->params, &self);
    if (status == GB_OK && self == NULL)
        status = gb_fail(&run->broken, GB_ERR_INTERNAL,
                         "set *self_out before returning GB_OK",
                         "%s: create() returned GB_OK without an instance",
                         plugin->id);
    if (status == GB_OK)
        run->self = self;
    status = end_call(run, "create", status, err);
    if (status != GB_OK) {
        gb_plugin_run_destroy(run);
        return status;
    }
    *run_out = run;
    return GB_OK;
}

gb_status gb_plugin_run_prepare(gb_plugin_run *run, gb_error *err) {
    begin_call(run);
    return end_call(run, "prepare", run->plugin.prepare(run->self), err);
}

gb_status gb_plugin_run_rearm(gb_plugin_run *run, gb_error *err) {
    if (run->plugin.rearm == NULL)
        return GB_OK;
    begin_call(run);
    return end_call(run, "rearm", run->plugin.rearm(run->self), err);
}

static uint64_t now_ns(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

gb_status gb_plugin_run_call(gb_plugin_run *run, uint64_t iterations,
                             gb_work *work_out, uint64_t *elapsed_ns_out,
                             gb_error *err) {
    gb_work work = {.struct_size = sizeof(work)};

    if (iterations == 0)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "%s: expected 1 iteration or more, got 0",
                       run->plugin.id);
    begin_call(run);
    gb_status (*const op)(gb_instance *, uint64_t, gb_work *) = run->plugin.run;
    gb_instance *const self = run->self;
    const uint64_t begin_ns = now_ns();
    const gb_status returned = op(self, iterations, &work);
    const uint64_t end_ns = now_ns();

    const gb_status status = end_call(run, "run", returned, err);
    if (status != GB_OK)
        return status;
    if (!isfinite(work.done) || work.done <= 0.0)
        return gb_fail(err, GB_ERR_INTERNAL,
                       "this is a bug in the plugin: report it to its author",
                       "%s: run(): expected work.done finite and above 0, got "
                       "%g",
                       run->plugin.id, work.done);
    const double counts[] = {work.flops, work.memory_bytes, work.network_bytes,
                             work.messages, work.in_flight};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        if (!isfinite(counts[i]) || counts[i] < 0.0)
            return gb_fail(err, GB_ERR_INTERNAL,
                           "this is a bug in the plugin: report it to its "
                           "author",
                           "%s: run(): expected flops, bytes, messages and "
                           "in_flight finite and not below 0, got %g",
                           run->plugin.id, counts[i]);
    *work_out = work;
    *elapsed_ns_out = end_ns - begin_ns;
    return GB_OK;
}

gb_status gb_plugin_run_verify(gb_plugin_run *run, gb_error *err) {
    if (run->plugin.verify == NULL)
        return GB_OK;
    begin_call(run);
    return end_call(run, "verify", run->plugin.verify(run->self), err);
}

const gb_note *gb_plugin_run_notes(const gb_plugin_run *run,
                                   size_t *count_out) {
    *count_out = run->note_count;
    return run->notes;
}

uint64_t gb_plugin_run_leaked_bytes(const gb_plugin_run *run) {
    return run->lent_bytes;
}

gb_status gb_plugin_run_end(gb_plugin_run *run, gb_error *err) {
    if (run->self == NULL)
        return GB_OK;
    begin_call(run);
    run->plugin.destroy(run->self);
    run->self = NULL;
    return end_call(run, "destroy", GB_OK, err);
}

void gb_plugin_run_destroy(gb_plugin_run *run) {
    if (run == NULL)
        return;
    gb_plugin_run_end(run, NULL);
    gb_plugin_host_fini(run);
    free(run);
}
