/* SPDX-License-Identifier: Apache-2.0 */
/* The life of one instance: create, prepare, run, verify, destroy. */
#include "machine/plugin/instance.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

gb_status gb_plugin_run_create(const gb_plugin *plugin,
                               const gb_plan_case *planned,
                               const gb_host_setup *setup,
                               gb_plugin_run **run_out, gb_error *err) {
    gb_plugin_run *run = calloc(1, sizeof(*run));

    if (run == NULL)
        return gb_fail_memory(err, "the host services of a benchmark");
    run->plugin = *plugin;
    run->setup = *setup;
    run->params.run = run;
    run->lent = (gb_lent){
        .id = run->plugin.id,
        .params = planned->params,
        .param_count = planned->param_count,
        .notes_max = GB_NOTES_MAX,
        .key_max = sizeof(((gb_note *)NULL)->key) - 1,
        .value_max = sizeof(((gb_note *)NULL)->value) - 1,
    };
    atomic_flag_clear(&run->lent.lock);
    gb_plugin_host_init(run);

    gb_lent_begin_call(&run->lent);
    gb_instance *self = NULL;
    gb_status status = plugin->create(&run->host, &run->params, &self);
    if (status == GB_OK && self == NULL)
        status = gb_fail(&run->lent.broken, GB_ERR_INTERNAL,
                         "set *self_out before returning GB_OK",
                         "%s: create() returned GB_OK without an instance",
                         plugin->id);
    if (status == GB_OK)
        run->self = self;
    status = gb_lent_end_call(&run->lent, "create", status, err);
    if (status != GB_OK) {
        gb_plugin_run_destroy(run);
        return status;
    }
    *run_out = run;
    return GB_OK;
}

gb_status gb_plugin_run_prepare(gb_plugin_run *run, gb_error *err) {
    gb_lent_begin_call(&run->lent);
    return gb_lent_end_call(&run->lent, "prepare",
                            run->plugin.prepare(run->self), err);
}

gb_status gb_plugin_run_rearm(gb_plugin_run *run, gb_error *err) {
    if (run->plugin.rearm == NULL)
        return GB_OK;
    gb_lent_begin_call(&run->lent);
    return gb_lent_end_call(&run->lent, "rearm", run->plugin.rearm(run->self),
                            err);
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
    gb_lent_begin_call(&run->lent);
    gb_status (*const op)(gb_instance *, uint64_t, gb_work *) = run->plugin.run;
    gb_instance *const self = run->self;
    const uint64_t begin_ns = now_ns();
    const gb_status returned = op(self, iterations, &work);
    const uint64_t end_ns = now_ns();

    const gb_status status = gb_lent_end_call(&run->lent, "run", returned, err);
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
    gb_lent_begin_call(&run->lent);
    return gb_lent_end_call(&run->lent, "verify", run->plugin.verify(run->self),
                            err);
}

const gb_note *gb_plugin_run_notes(const gb_plugin_run *run,
                                   size_t *count_out) {
    *count_out = run->lent.note_count;
    return run->lent.notes;
}

uint64_t gb_plugin_run_leaked_bytes(const gb_plugin_run *run) {
    return run->lent.bytes;
}

gb_status gb_plugin_run_end(gb_plugin_run *run, gb_error *err) {
    if (run->self == NULL)
        return GB_OK;
    gb_lent_begin_call(&run->lent);
    run->plugin.destroy(run->self);
    run->self = NULL;
    return gb_lent_end_call(&run->lent, "destroy", GB_OK, err);
}

void gb_plugin_run_destroy(gb_plugin_run *run) {
    if (run == NULL)
        return;
    gb_plugin_run_end(run, NULL);
    gb_lent_fini(&run->lent);
    free(run);
}
