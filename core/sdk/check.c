/* SPDX-License-Identifier: Apache-2.0 */
/* The rules one after the other, within the process that tries a plugin. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "greenbench/ext/pace.h"
#include "greenbench/ext/team.h"
#include "model/accepts.h"
#include "sdk/checker.h"
#include "sdk/exports.h"
#include "sdk/trial.h"

/* --- findings ------------------------------------------------------------- */

void gb_check_begin(gb_checker *c, const char *step) {
    gb_copy(c->shared->step, sizeof(c->shared->step), step);
    atomic_fetch_add(&c->shared->step_count, 1);
}

void gb_check_keep(gb_checker *c, gb_rule rule) {
    gb_rule_finding *finding = &c->shared->found.findings[rule];

    if (finding->verdict == GB_VERDICT_UNTRIED)
        *finding = (gb_rule_finding){.verdict = GB_VERDICT_KEPT};
}

void gb_check_break(gb_checker *c, gb_rule rule, const gb_error *why) {
    gb_rule_finding *finding = &c->shared->found.findings[rule];

    if (finding->verdict == GB_VERDICT_BROKEN)
        return;
    *finding = (gb_rule_finding){.verdict = GB_VERDICT_BROKEN};
    if (why->rank > 0)
        snprintf(finding->what, sizeof(finding->what), "rank %d: %.300s",
                 why->rank, why->what);
    else
        gb_copy(finding->what, sizeof(finding->what), why->what);
    gb_copy(finding->hint, sizeof(finding->hint), why->hint);
}

void gb_check_skip(gb_checker *c, gb_rule rule, const char *reason) {
    gb_rule_finding *finding = &c->shared->found.findings[rule];

    if (finding->verdict == GB_VERDICT_UNTRIED)
        gb_copy(finding->what, sizeof(finding->what), reason);
}

void gb_check_status(gb_checker *c, gb_rule rule, gb_status status,
                     const gb_error *why) {
    if (status == GB_OK)
        gb_check_keep(c, rule);
    else
        gb_check_break(c, rule, why);
}

/** A thread that was joined is in /proc for a moment longer. */
static gb_status settle(gb_process *now, const gb_process *before,
                        gb_error *err) {
    const struct timespec pause = {.tv_nsec = 5000000};
    gb_status status = gb_process_record(now, err);

    for (int i = 0;
         i < 40 && status == GB_OK && now->thread_count > before->thread_count;
         i++) {
        gb_process_fini(now);
        nanosleep(&pause, NULL);
        status = gb_process_record(now, err);
    }
    return status;
}

void gb_check_observe(gb_checker *c, bool ended) {
    gb_process now;
    gb_error err = {.rank = -1};
    const gb_rule last = ended ? GB_RULE_CHILDREN : GB_RULE_FOLDER;
    const gb_status status =
        ended ? settle(&now, &c->before, &err) : gb_process_record(&now, &err);

    for (gb_rule rule = GB_RULE_SILENT; rule <= last; rule++) {
        gb_error why = {.rank = -1}, said = {.rank = -1};
        gb_status same = status;
        if (status == GB_OK)
            same = gb_process_same(&c->before, &now, rule, &why);
        else
            why = err;
        if (same != GB_OK)
            gb_fail(&said, same, why.hint, "%s %s", why.what,
                    ended && c->meter != NULL ? "after close()"
                    : ended                   ? "after destroy()"
                                              : c->shared->step);
        gb_check_status(c, rule, same, &said);
    }
    if (ended)
        gb_process_end_children(&c->before);
    if (status == GB_OK)
        gb_process_fini(&now);
}

/* --- the descriptor ------------------------------------------------------- */

static void check_exports(gb_checker *c, const char *path) {
    gb_str names = {0};
    gb_error err = {.rank = -1};
    gb_status status = gb_exports_list(path, &names, &err);

    if (status != GB_OK) {
        gb_check_skip(c, GB_RULE_EXPORTS, err.what);
        gb_str_fini(&names);
        return;
    }
    const char *text = names.text != NULL ? names.text : "";
    if (strstr(text, GB_METER_SYMBOL) != NULL &&
        strstr(text, GB_PLUGIN_SYMBOL) == NULL)
        c->shared->found.kind = GB_KIND_METER;
    if (strcmp(text, GB_PLUGIN_SYMBOL) != 0 &&
        strcmp(text, GB_METER_SYMBOL) != 0)
        status = gb_fail(&err, GB_ERR_INVALID,
                         "link it with -Wl,--version-script=plugin.map and "
                         "compile it with -fvisibility=hidden",
                         "expected " GB_PLUGIN_SYMBOL " or " GB_METER_SYMBOL
                         ", got %s",
                         text[0] != '\0' ? text : "nothing");
    gb_check_status(c, GB_RULE_EXPORTS, status, &err);
    gb_str_fini(&names);
}

static const gb_rule rule_of_part[] = {
    [GB_PART_FILE] = GB_RULE_LOADS,        [GB_PART_SYMBOL] = GB_RULE_EXPORTS,
    [GB_PART_ABI] = GB_RULE_ABI,           [GB_PART_OPS] = GB_RULE_OPS,
    [GB_PART_TEXTS] = GB_RULE_TEXTS,       [GB_PART_ID] = GB_RULE_ID,
    [GB_PART_RANKS] = GB_RULE_RANKS,       [GB_PART_PARAMS] = GB_RULE_PARAMS,
    [GB_PART_DEFAULTS] = GB_RULE_DEFAULTS, [GB_PART_NEEDS] = GB_RULE_NEEDS,
};

/** What the host looks at: kept up to @p failed, which is broken. */
static void record_parts(gb_checker *c, gb_plugin_part failed,
                         const gb_error *why) {
    const bool meter = c->shared->found.kind == GB_KIND_METER;

    for (int part = GB_PART_FILE; part < GB_PART_ALL; part++) {
        gb_rule rule = rule_of_part[part];
        if (meter && rule == GB_RULE_OPS)
            rule = GB_RULE_METER_OPS;
        else if (meter && rule == GB_RULE_TEXTS)
            rule = GB_RULE_METER_TEXTS;
        if (part < (int)failed)
            gb_check_keep(c, rule);
        else if (part == (int)failed)
            gb_check_break(c, rule, why);
        else
            gb_check_skip(c, rule, "the host refused it before");
    }
}

bool gb_check_is_summary(const char *text) {
    return text[strcspn(text, "\r\n\t")] == '\0' && strlen(text) <= 200 &&
           !gb_ends_with(text, ".");
}

bool gb_check_is_semver(const char *text) {
    for (int i = 0; i < 3; i++) {
        const size_t digits = strspn(text, "0123456789");
        text += digits;
        if (digits == 0 || (i < 2 && *text++ != '.'))
            return false;
    }
    return *text == '\0' || *text == '-' || *text == '+';
}

/** Stricter than the host, which takes any text. */
static gb_status check_texts(const gb_plugin *plugin, gb_error *err) {
    const char *unit = plugin->work_unit;

    if (!gb_check_is_summary(plugin->summary))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "summary: expected one line without a full stop, got "
                       "'%.100s'",
                       plugin->summary);
    if (!gb_check_is_semver(plugin->version))
        return gb_fail(err, GB_ERR_INVALID, "https://semver.org",
                       "version: expected one such as '1.4.2', got '%.40s'",
                       plugin->version);
    if (unit[strspn(unit, "abcdefghijklmnopqrstuvwxyz_")] != '\0')
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "work_unit: expected one word of [a-z_], singular, such "
                       "as 'byte', got '%.40s'",
                       unit);
    return GB_OK;
}

static gb_status check_helps(const gb_checker *c, gb_error *err) {
    for (size_t i = 0; i < c->param_count; i++)
        if (!gb_check_is_summary(c->params[i].help))
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "parameter '%s': expected a help text of one line "
                           "without a full stop, got '%.100s'",
                           c->params[i].name, c->params[i].help);
    return GB_OK;
}

static void check_descriptor(gb_checker *c) {
    const uint32_t known = GB_PLUGIN_ONE_SHOT | GB_PLUGIN_NO_WORK;
    gb_error err = {.rank = -1};

    if (check_texts(c->plugin, &err) != GB_OK)
        gb_check_break(c, GB_RULE_TEXTS, &err);
    if ((c->plugin->flags & ~known) != 0 || c->plugin->reserved != 0) {
        gb_fail(&err, GB_ERR_INVALID,
                "zero the descriptor, then set flags of greenbench/plugin.h",
                "expected flags within %#x and reserved 0, got %#x and %#x",
                known, c->plugin->flags, c->plugin->reserved);
        gb_check_break(c, GB_RULE_RANKS, &err);
    }
}

/* --- the parameters ------------------------------------------------------- */

static void check_bad_values(gb_checker *c) {
    static const char *const bad[] = {"", "no such value", "-1", "1e999"};
    gb_error err = {.rank = -1};
    gb_status status = GB_OK;
    size_t tried = 0;

    for (size_t i = 0; i < c->param_count && status == GB_OK; i++) {
        const gb_param_decl *decl = &c->params[i];
        if (decl->accepts == NULL)
            continue;
        tried++;
        for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
            gb_plan_param value = {0};
            gb_error why = {0};
            if (strcmp(bad[k], "-1") == 0 && strchr(decl->accepts, '-') != NULL)
                continue; /* a range below zero may hold it */
            if (gb_accepts_parse(decl->accepts, bad[k], &value, &why) == GB_OK)
                status =
                    gb_fail(&err, GB_ERR_INVALID, "narrow down what it accepts",
                            "parameter '%s' takes '%s'", decl->name, bad[k]);
        }
    }
    if (tried == 0)
        gb_check_skip(c, GB_RULE_REFUSES, "no parameter says what it accepts");
    else
        gb_check_status(c, GB_RULE_REFUSES, status, &err);
}

void gb_check_params_of(gb_checker *c) {
    gb_error err = {.rank = -1};

    if (check_helps(c, &err) != GB_OK)
        gb_check_break(c, GB_RULE_PARAMS, &err);
    check_bad_values(c);
}

/** create() with one parameter set to @p text works, or says why not. */
static gb_status try_value(gb_checker *c, size_t index, const char *text,
                           gb_error *err) {
    const gb_trial_setup setup = {.thread_count = 1,
                                  .memory_bytes = GB_CHECK_MEMORY_BYTES,
                                  .text = text,
                                  .changed = index};
    gb_trial trial;
    gb_error why = {0};
    const gb_status status =
        gb_trial_create(c->plugin, c->comm, &setup, &trial, &why);

    gb_trial_fini(&trial);
    if (status == GB_ERR_INTERNAL ||
        strstr(why.what, "failed without a reason") != NULL)
        return gb_fail(err, GB_ERR_INVALID, why.hint, "%s=%s: %s",
                       c->plugin->params[index].name, text, why.what);
    return GB_OK;
}

static void check_all_values(gb_checker *c) {
    gb_error err = {.rank = -1};
    gb_status status = GB_OK;

    gb_check_begin(c, "in create()");
    for (size_t i = 0; i < c->plugin->param_count; i++) {
        if (c->plugin->params[i].accepts == NULL)
            continue;
        char *accepts = strdup(c->plugin->params[i].accepts);
        char *rest = accepts;
        for (char *part; accepts != NULL && status == GB_OK &&
                         (part = strsep(&rest, "|")) != NULL;) {
            char *dots = strstr(part, "..");
            if (dots != NULL) {
                *dots = '\0';
                status = try_value(c, i, dots + 2, &err);
            }
            if (status == GB_OK)
                status = try_value(c, i, part, &err);
        }
        free(accepts);
    }
    gb_check_status(c, GB_RULE_ACCEPTS, status, &err);
}

/* --- all of it ------------------------------------------------------------ */

static bool needs(const gb_plugin *plugin, const char *extension) {
    for (size_t i = 0; plugin->needs != NULL && plugin->needs[i] != NULL; i++)
        if (strcmp(plugin->needs[i], extension) == 0)
            return true;
    return false;
}

/** What each rank found, merged: all have the same findings afterwards. */
static void merge(gb_checker *c) {
    for (gb_rule rule = 0; rule < GB_RULE_COUNT; rule++) {
        const gb_rule_finding *finding = &c->shared->found.findings[rule];
        gb_error err = {.rank = -1};
        gb_status status = GB_OK;
        if (finding->verdict == GB_VERDICT_BROKEN)
            status = gb_fail(&err, GB_ERR_INVALID, finding->hint, "%s",
                             finding->what);
        if (gb_comm_agree(c->comm, status, &err) != GB_OK)
            gb_check_break(c, rule, &err);
    }
}

static void skip_the_rest(gb_checker *c, const char *reason) {
    for (gb_rule rule = GB_RULE_REFUSES; rule < GB_RULE_COUNT; rule++)
        gb_check_skip(c, rule, reason);
}

static void try_on_ranks(gb_checker *c, bool with_mpi) {
    const gb_plugin *plugin = c->plugin;
    const int size = c->comm->size;

    c->shared->found.ranks = size;
    if (with_mpi && strcmp(c->comm->ops->name, "mpi") != 0) {
        skip_the_rest(c, "this greenbench was built without MPI");
        return;
    }
    if ((uint32_t)size < plugin->ranks_min ||
        (uint32_t)size % plugin->ranks_multiple != 0) {
        gb_fail(&c->shared->usage, GB_ERR_INVALID,
                "mpirun -n RANKS greenbench plugin check FILE",
                "%s: expected %u or more ranks in multiples of %u, got %d",
                plugin->id, plugin->ranks_min, plugin->ranks_multiple, size);
        return;
    }
    gb_check_params_of(c);
    check_all_values(c);
    gb_check_lives(c);
    if (!with_mpi)
        for (gb_rule rule = GB_RULE_COMMUNICATOR; rule < GB_RULE_COUNT; rule++)
            gb_check_skip(c, rule, "it does not use MPI");
    gb_check_keep(c, GB_RULE_SURVIVES);
    merge(c);
}

static void try_loaded(gb_checker *c, int *argc, char ***argv) {
    const bool with_mpi = needs(c->plugin, GB_COMM_PLUGIN_EXTENSION);
    const unsigned of_libraries =
        gb_thread_count_now() - c->before.thread_count;
    gb_error err = {.rank = -1};
    gb_status status = with_mpi
                           ? gb_comm_open(argc, argv, "check", &c->comm, &err)
                           : gb_comm_open_single(&c->comm, &err);

    gb_process_fini(&c->before); /* MPI has its own ways: begin again */
    if (status == GB_OK)
        status = gb_process_record(&c->before, &err);
    /* A library's pool of threads ends when MPI forks, and comes back when it
     * is used (OpenBLAS): its threads are none that the plugin left. */
    if (with_mpi)
        c->before.thread_count += of_libraries;
    if (status == GB_OK)
        try_on_ranks(c, with_mpi);
    else
        c->shared->usage = err;
    gb_check_begin(c, "while the ranks part");
    gb_comm_close(c->comm);
}

static void check_benchmark(gb_checker *c, const gb_plugin *plugin, int *argc,
                            char ***argv) {
    c->plugin = plugin;
    c->params = plugin->params;
    c->param_count = plugin->param_count;
    gb_copy(c->shared->found.id, sizeof(c->shared->found.id), plugin->id);
    gb_copy(c->shared->found.version, sizeof(c->shared->found.version),
            plugin->version);
    check_descriptor(c);
    try_loaded(c, argc, argv);
}

void gb_check_plugin(const char *path, const char *setting, int *argc,
                     char ***argv, gb_shared_check *shared) {
    static const char *const extensions[] = {GB_EXT_TEAM, GB_EXT_PACE,
                                             GB_COMM_PLUGIN_EXTENSION, NULL};
    gb_checker c = {.shared = shared};
    gb_plugin_set *set = NULL;
    gb_plugin_part failed = GB_PART_ALL;
    gb_error err = {.rank = -1};

    gb_status status = gb_process_record(&c.before, &err);
    if (status != GB_OK) {
        shared->usage = err;
        return;
    }
    check_exports(&c, path);
    gb_check_begin(&c, "while it is loaded");
    status = gb_plugin_set_load_file(path, extensions, &set, &failed, &err);
    record_parts(&c, failed, &err);
    gb_check_observe(&c, false);
    if (status == GB_OK)
        c.meter = gb_plugin_set_meter(set, 0);
    if (status != GB_OK) {
        gb_check_keep(&c, GB_RULE_SURVIVES);
        skip_the_rest(&c, "the host refused it");
    } else if (c.meter != NULL) {
        gb_check_meter(&c, setting);
    } else if (setting != NULL) {
        gb_fail(&shared->usage, GB_ERR_INVALID, NULL,
                "--setting: expected a meter, got a benchmark");
    } else {
        check_benchmark(&c, gb_plugin_set_get(set, 0), argc, argv);
    }
    gb_check_begin(&c, "while it is unloaded");
    gb_plugin_set_free(set);
    gb_process_fini(&c.before);
}
