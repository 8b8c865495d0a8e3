/* SPDX-License-Identifier: Apache-2.0 */
/*
 * greenbench_plugin_check FILE.so: does this plugin keep its promises?
 *
 * One line for each promise: "ok", "not ok" with the reason, or "--" where it
 * could not be tried. Exit code 0, 1 if any was broken, 2 for bad usage. Start
 * it under mpirun with the ranks a network plugin needs.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "exports.h"
#include "greenbench/ext/pace.h"
#include "greenbench/ext/team.h"
#include "model/accepts.h"
#include "trial.h"

/* More than one thread and not a power of two: parts come out uneven. */
static const uint32_t team_sizes[] = {1, 3};

/* --- the report ------------------------------------------------------------
 */

static struct report {
    int rank;
    unsigned broken;
    const char *step; /* what is being tried, for a crash */
} report = {.step = "loading it"};

static void report_kept(const char *promise) {
    if (report.rank == 0)
        printf("ok      %s\n", promise);
}

static void report_broken(const char *promise, const gb_error *why) {
    report.broken++;
    if (report.rank != 0)
        return;
    printf("not ok  %s: %s\n", promise, why->what);
    if (why->hint[0] != '\0')
        printf("          hint: %s\n", why->hint);
}

static void report_untried(const char *promise, const char *reason) {
    if (report.rank == 0)
        printf("--      %s: %s\n", promise, reason);
}

static void report_status(const char *promise, gb_status status,
                          const gb_error *why) {
    if (status == GB_OK)
        report_kept(promise);
    else
        report_broken(promise, why);
}

#ifndef GB_SANITIZER_HANDLES_SIGNALS
static void say(const char *text) {
    /* A crash while the report of a crash is written changes nothing. */
    (void)!write(STDOUT_FILENO, text, strlen(text));
}

static void on_crash(int signal_number) {
    (void)signal_number;
    say("not ok  it does not crash: it did while ");
    say(report.step);
    say("\n");
    _exit(1);
}

static void watch_crashes(void) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        signal(signals[i], on_crash);
}
#else
static void watch_crashes(void) {
}
#endif

static void begin(const char *step) {
    report.step = step;
    fflush(stdout);
}

/* --- the promises ----------------------------------------------------------
 */

static void check_exports(const char *path) {
    const char *promise = "it exports " GB_PLUGIN_SYMBOL " and nothing else";
    gb_str names = {0};
    gb_error err = {0};
    gb_status status = gb_exports_list(path, &names, &err);

    if (status == GB_OK &&
        (names.text == NULL || strcmp(names.text, GB_PLUGIN_SYMBOL) != 0))
        status = gb_fail(&err, GB_ERR_INVALID,
                         "link it with -Wl,--version-script=plugin.map and "
                         "compile it with -fvisibility=hidden",
                         "got %s", names.text != NULL ? names.text : "nothing");
    report_status(promise, status, &err);
    gb_str_fini(&names);
}

static void check_bad_values(const gb_plugin *plugin) {
    static const char *const bad[] = {"", "no such value", "-1", "1e999"};
    gb_error err = {0};
    gb_status status = GB_OK;
    size_t tried = 0;

    for (size_t i = 0; i < plugin->param_count && status == GB_OK; i++) {
        const gb_param_decl *decl = &plugin->params[i];
        if (decl->accepts == NULL)
            continue;
        tried++;
        for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
            gb_plan_param value = {0};
            if (strcmp(bad[k], "-1") == 0 && strchr(decl->accepts, '-') != NULL)
                continue; /* a range below zero may hold it */
            if (gb_accepts_parse(decl->accepts, bad[k], &value, NULL) == GB_OK)
                status =
                    gb_fail(&err, GB_ERR_INVALID, "narrow down what it accepts",
                            "parameter '%s' takes '%s'", decl->name, bad[k]);
        }
    }
    const char *promise = "bad values are refused before create()";
    if (tried == 0)
        report_untried(promise, "no parameter says what it accepts");
    else
        report_status(promise, status, &err);
}

/** create() with one parameter set to @p text works, or says why not. */
static gb_status try_value(const gb_plugin *plugin, gb_comm *comm, size_t index,
                           const char *text, gb_error *err) {
    gb_trial trial;
    gb_error why = {0};
    const gb_status status =
        gb_trial_create(plugin, comm, 1, index, text, &trial, &why);

    gb_trial_fini(&trial);
    if (status == GB_ERR_INTERNAL ||
        strstr(why.what, "failed without a reason") != NULL)
        return gb_fail(err, GB_ERR_INVALID, why.hint, "%s=%s: %s",
                       plugin->params[index].name, text, why.what);
    return GB_OK;
}

static void check_all_values(const gb_plugin *plugin, gb_comm *comm) {
    gb_error err = {0};
    gb_status status = GB_OK;

    for (size_t i = 0; i < plugin->param_count; i++) {
        if (plugin->params[i].accepts == NULL)
            continue;
        char *accepts = strdup(plugin->params[i].accepts);
        char *rest = accepts;
        for (char *part; accepts != NULL && status == GB_OK &&
                         (part = strsep(&rest, "|")) != NULL;) {
            char *dots = strstr(part, "..");
            if (dots != NULL) {
                *dots = '\0';
                status = try_value(plugin, comm, i, dots + 2, &err);
            }
            if (status == GB_OK)
                status = try_value(plugin, comm, i, part, &err);
        }
        free(accepts);
    }
    report_status("create() takes every word and both ends of every range, or "
                  "says why not",
                  status, &err);
}

/** A whole life; the first failure ends it. */
static gb_status live(gb_trial *trial, uint64_t *kept_bytes, gb_error *err) {
    const bool one_shot = (trial->flags & GB_PLUGIN_ONE_SHOT) != 0;
    const double times = one_shot ? 1.0 : 3.0;
    double once = 0.0, again = 0.0;

    begin("in prepare()");
    gb_status status = gb_trial_prepare(trial, err);
    begin("in run()");
    if (status == GB_OK)
        status = gb_trial_call(trial, 1, &once, err);
    begin("in verify()");
    if (status == GB_OK)
        status = gb_trial_verify(trial, err);
    begin("in run() for the second time");
    if (status == GB_OK)
        status = gb_trial_call(trial, one_shot ? 1 : 3, &again, err);
    begin("in verify() for the second time");
    if (status == GB_OK)
        status = gb_trial_verify(trial, err);
    if (status == GB_OK &&
        !(again > 0.999 * times * once && again < 1.001 * times * once))
        status =
            gb_fail(err, GB_ERR_INVALID, "count the work of all iterations",
                    "expected the second call to do %g times the work of the "
                    "first, got %g and %g",
                    times, again, once);
    begin("in destroy()");
    gb_error at_end = {0};
    const gb_status ended = gb_trial_end(trial, kept_bytes, &at_end);
    if (status == GB_OK && ended != GB_OK) {
        *err = at_end;
        return ended;
    }
    return status;
}

static void check_lives(const gb_plugin *plugin, gb_comm *comm) {
    for (size_t i = 0; i < sizeof(team_sizes) / sizeof(team_sizes[0]); i++) {
        gb_trial trial;
        gb_error err = {0};
        uint64_t kept_bytes = 0;
        char promise[96];

        begin("in create()");
        gb_status status =
            gb_trial_create(plugin, comm, team_sizes[i], 0, NULL, &trial, &err);
        if (status == GB_OK)
            status = live(&trial, &kept_bytes, &err);
        snprintf(promise, sizeof(promise),
                 "it runs and verifies with %u thread%s, work in step with "
                 "iterations",
                 (unsigned)team_sizes[i], team_sizes[i] == 1 ? "" : "s");
        report_status(promise, status, &err);

        status = GB_OK;
        if (kept_bytes > 0)
            status = gb_fail(&err, GB_ERR_INVALID,
                             "free in destroy() all that was taken",
                             "%llu bytes were not given back",
                             (unsigned long long)kept_bytes);
        report_status("all memory is given back", status, &err);
        gb_trial_fini(&trial);
    }
}

static void check_spoilt(const gb_plugin *plugin, gb_comm *comm) {
    const char *promise = "verify() fails when the numbers are spoilt";
    gb_trial trial;
    gb_error err = {0};
    double done = 0.0;
    uint64_t kept_bytes = 0;

    if (plugin->verify == NULL) {
        report_untried(promise, "it has no verify()");
        return;
    }
    begin("in prepare() or run()");
    gb_status status = gb_trial_create(plugin, comm, 1, 0, NULL, &trial, &err);
    if (status == GB_OK)
        status = gb_trial_prepare(&trial, &err);
    if (status == GB_OK)
        status = gb_trial_call(&trial, 1, &done, &err);
    if (status != GB_OK) {
        report_broken(promise, &err);
    } else if (gb_trial_spoil(&trial) == 0) {
        report_untried(promise, "prepare() took no memory from the host");
    } else {
        begin("in verify() on spoilt numbers: keep pointers out of what "
              "prepare() allocates");
        status = gb_trial_verify(&trial, &err);
        if (status == GB_OK)
            gb_fail(&err, GB_ERR_INVALID,
                    "compare every result with what it must be",
                    "it found them right");
        else if (status != GB_ERR_VERIFY)
            gb_fail(&err, GB_ERR_INVALID, "return GB_ERR_VERIFY",
                    "it returned %s", gb_status_name(status));
        if (status == GB_ERR_VERIFY)
            report_kept(promise);
        else
            report_broken(promise, &err);
        begin("in destroy() after verify() failed");
        gb_trial_end(&trial, &kept_bytes, &err);
    }
    gb_trial_fini(&trial);
}

/* --- main ------------------------------------------------------------------
 */

static bool needs(const gb_plugin *plugin, const char *extension) {
    for (size_t i = 0; plugin->needs != NULL && plugin->needs[i] != NULL; i++)
        if (strcmp(plugin->needs[i], extension) == 0)
            return true;
    return false;
}

static void check_plugin(const gb_plugin *plugin, gb_comm *comm,
                         const char *path) {
    gb_error err = {0};

    check_exports(path);
    report_kept("the descriptor is sound: ABI, ops, texts, id, parameters");
    if ((uint32_t)comm->size < plugin->ranks_min ||
        (uint32_t)comm->size % plugin->ranks_multiple != 0) {
        gb_fail(&err, GB_ERR_INVALID, "start this program under mpirun",
                "expected %u or more ranks in multiples of %u, got %d",
                plugin->ranks_min, plugin->ranks_multiple, comm->size);
        report_broken("it has the ranks it needs", &err);
        return;
    }
    check_bad_values(plugin);
    begin("in create()");
    check_all_values(plugin, comm);
    check_lives(plugin, comm);
    check_spoilt(plugin, comm);
}

int main(int argc, char **argv) {
    static const char *const extensions[] = {GB_EXT_TEAM, GB_EXT_PACE,
                                             GB_COMM_PLUGIN_EXTENSION, NULL};
    gb_plugin_set *set = NULL;
    gb_catalogue catalogue = {0};
    gb_comm *comm = NULL;
    gb_error err = {0};

    if (argc != 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: %s FILE.so\n", argv[0]);
        return 2;
    }
    watch_crashes();
    report.rank = gb_comm_rank_from_environment();
    gb_status status =
        gb_plugin_set_load_file(argv[1], extensions, &set, &catalogue, &err);
    if (status != GB_OK) {
        report_broken("the host loads it", &err);
        return 1;
    }
    const gb_plugin *plugin = gb_plugin_set_get(set, 0);
    const bool with_mpi = needs(plugin, GB_COMM_PLUGIN_EXTENSION);
    status = with_mpi ? gb_comm_open(&argc, &argv, "contract", &comm, &err)
                      : gb_comm_open_single(&comm, &err);
    if (status != GB_OK) {
        report_broken("the ranks can talk", &err);
        return 1;
    }
    report.rank = comm->rank;
    if (with_mpi && strcmp(comm->ops->name, "mpi") != 0)
        report_untried("it runs", "this build has no MPI");
    else
        check_plugin(plugin, comm, argv[1]);

    /* Every rank ends alike, so that mpirun reports no stray failure. */
    double broken = report.broken;
    if (comm->ops->max_f64(comm, &broken, 1) != GB_OK)
        broken = 1.0;
    gb_comm_close(comm);
    gb_catalogue_fini(&catalogue);
    gb_plugin_set_free(set);
    return broken > 0.0 ? 1 : 0;
}
