/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of meters: what they declare, and two lives of one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "sdk/checker.h"

enum { LIVES = 2, READS = 6, NAMES_SEEN = 256 };

/* Between two reads: an update period, within these. */
#define PAUSE_LEAST_NS UINT64_C(2000000)
#define PAUSE_MOST_NS  UINT64_C(300000000)
#define QUICK_NS       UINT64_C(1000000)
/* No node draws more (core/machine/energy/domains.h). */
#define MOST_W 20000.0

/* What one life showed, for the next to be compared with. */
typedef struct life {
    size_t domain_count;
    char names[NAMES_SEEN][48];
    char scopes[NAMES_SEEN][16];
    double ticks[NAMES_SEEN];
    uint32_t units[NAMES_SEEN];
} life;

static const gb_meter_env env = {
    .clock = &gb_clock_system, .node_name = "node", .root = ""};

/* --- what it declares ----------------------------------------------------- */

static void check_descriptor(gb_checker *c) {
    const gb_meter *meter = c->meter;
    gb_error err = {.rank = -1};

    if (!gb_check_is_summary(meter->summary)) {
        gb_fail(&err, GB_ERR_INVALID, NULL,
                "summary: expected one line without a full stop, got '%.100s'",
                meter->summary);
        gb_check_break(c, GB_RULE_METER_TEXTS, &err);
    }
    if (!gb_check_is_semver(meter->version)) {
        gb_fail(&err, GB_ERR_INVALID, "https://semver.org",
                "version: expected one such as '1.4.2', got '%.40s'",
                meter->version);
        gb_check_break(c, GB_RULE_METER_TEXTS, &err);
    }
    if ((meter->flags & ~GB_METER_SLOW) != 0 || meter->reserved != 0) {
        gb_fail(&err, GB_ERR_INVALID,
                "zero the descriptor, then set flags of greenbench/meter.h",
                "expected flags within %#x and reserved 0, got %#x and %#x",
                GB_METER_SLOW, meter->flags, meter->reserved);
        gb_check_break(c, GB_RULE_METER_FLAGS, &err);
    }
    for (size_t i = 0; i < meter->param_count; i++)
        if (gb_meter_is_secret(meter->params[i].name)) {
            gb_fail(&err, GB_ERR_INVALID,
                    "settings are stored with the results: take the name of a "
                    "file that holds it",
                    "expected no secrets, got the parameter '%s'",
                    meter->params[i].name);
            gb_check_break(c, GB_RULE_METER_SECRETS, &err);
        }
    gb_check_keep(c, GB_RULE_METER_FLAGS);
    gb_check_keep(c, GB_RULE_METER_SECRETS);
}

/* --- what open() takes ---------------------------------------------------- */

static bool is_given(const gb_meter_setting *setting, const char *name) {
    for (size_t i = 0; i < setting->option_count; i++)
        if (strcmp(setting->options[i].name, name) == 0)
            return true;
    return false;
}

/* Was all given that must be? Else it cannot be opened. */
static gb_status check_given(const gb_checker *c,
                             const gb_meter_setting *setting, gb_error *err) {
    for (size_t i = 0; i < c->param_count; i++)
        if (c->params[i].default_text == NULL &&
            !is_given(setting, c->params[i].name))
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "it needs --setting with %s=VALUE, as a user would "
                           "give it",
                           c->params[i].name);
    return GB_OK;
}

/* It opened, and has no domains that could be listed. */
static bool of_domains(const gb_error *why) {
    return strstr(why->what, ": domains(): ") != NULL;
}

/* open() with one parameter set to @p text works, or says why not. */
static gb_status try_value(gb_checker *c, const gb_meter_setting *setting,
                           const char *name, const char *text, gb_error *err) {
    gb_meter_setting changed = *setting;
    gb_meter_run *run = NULL;
    gb_error why = {0};
    size_t at = 0;

    while (at < changed.option_count &&
           strcmp(changed.options[at].name, name) != 0)
        at++;
    if (at == GB_METER_OPTIONS_MAX)
        return GB_OK;
    gb_copy(changed.options[at].name, sizeof(changed.options[at].name), name);
    gb_copy(changed.options[at].value, sizeof(changed.options[at].value), text);
    changed.option_count += at == changed.option_count;
    gb_check_begin(c, "in open()");
    const gb_status status =
        gb_meter_run_open(c->meter, NULL, NULL, &changed, &env, &run, &why);
    gb_meter_run_close(run);
    if (of_domains(&why))
        return GB_OK; /* M302 is about them */
    if (status == GB_ERR_INTERNAL ||
        strstr(why.what, "failed without a reason") != NULL)
        return gb_fail(err, GB_ERR_INVALID, why.hint, "%s=%s: %s", name, text,
                       why.what);
    return GB_OK;
}

static void check_values(gb_checker *c, const gb_meter_setting *setting) {
    gb_error err = {.rank = -1};
    gb_status status = GB_OK;

    for (size_t i = 0; i < c->param_count; i++) {
        if (c->params[i].accepts == NULL)
            continue;
        char *accepts = strdup(c->params[i].accepts);
        char *rest = accepts;
        for (char *part; accepts != NULL && status == GB_OK &&
                         (part = strsep(&rest, "|")) != NULL;) {
            char *dots = strstr(part, "..");
            if (dots != NULL) {
                *dots = '\0';
                status =
                    try_value(c, setting, c->params[i].name, dots + 2, &err);
            }
            if (status == GB_OK)
                status = try_value(c, setting, c->params[i].name, part, &err);
        }
        free(accepts);
    }
    gb_check_status(c, GB_RULE_METER_ACCEPTS, status, &err);
}

/* --- its domains ---------------------------------------------------------- */

static void check_domains(gb_checker *c, const gb_meter_facts *facts,
                          const life *first) {
    gb_error err = {.rank = -1};
    gb_status status = GB_OK;

    for (size_t i = 0; i < facts->domain_count && status == GB_OK; i++) {
        const gb_meter_domain *domain = facts->domains[i];
        /* The host marks what is not sound in itself. */
        if (domain->status == GB_ERR_INVALID)
            status = gb_fail(&err, GB_ERR_INVALID, domain->fix,
                             "domain %zu, '%s': %s", i, domain->name,
                             domain->reason != NULL ? domain->reason : "");
        else if (domain->status != GB_OK && domain->reason == NULL)
            status = gb_fail(&err, GB_ERR_INVALID, "set reason",
                             "domain '%s': expected a reason why it cannot be "
                             "read, got none",
                             domain->name);
    }
    if (status == GB_OK && first != NULL &&
        first->domain_count != facts->domain_count)
        status = gb_fail(&err, GB_ERR_INVALID, NULL,
                         "expected %zu domains as at first, got %zu",
                         first->domain_count, facts->domain_count);
    for (size_t i = 0; i < facts->domain_count && i < NAMES_SEEN &&
                       status == GB_OK && first != NULL;
         i++) {
        const gb_meter_domain *domain = facts->domains[i];
        if (strcmp(domain->name, first->names[i]) != 0 ||
            strcmp(domain->scope, first->scopes[i]) != 0 ||
            domain->unit != first->units[i] || domain->tick != first->ticks[i])
            status = gb_fail(&err, GB_ERR_INVALID,
                             "the same setting gives the same domains",
                             "domain '%s' was another one when it was opened "
                             "before",
                             domain->name);
    }
    gb_check_status(c, GB_RULE_METER_DOMAINS, status, &err);
}

static void remember(const gb_meter_facts *facts, life *out) {
    out->domain_count = facts->domain_count;
    for (size_t i = 0; i < facts->domain_count && i < NAMES_SEEN; i++) {
        const gb_meter_domain *domain = facts->domains[i];
        gb_copy(out->names[i], sizeof(out->names[i]), domain->name);
        gb_copy(out->scopes[i], sizeof(out->scopes[i]),
                domain->scope != NULL ? domain->scope : "");
        out->units[i] = domain->unit;
        out->ticks[i] = domain->tick;
    }
}

/* --- its readings --------------------------------------------------------- */

static gb_status check_reading(const gb_meter_domain *domain,
                               const gb_meter_reading *reading,
                               const gb_error *said, gb_error *err) {
    const double value = (double)reading->ticks * domain->tick;

    if (strcmp(gb_status_name(reading->status), "UNKNOWN") == 0)
        return gb_fail(
            err, GB_ERR_INVALID, "set one of the values in greenbench/status.h",
            "'%s': unknown status %d", domain->name, (int)reading->status);
    if (reading->status != GB_OK)
        return said->what[0] != '\0'
                   ? GB_OK
                   : gb_fail(err, GB_ERR_INVALID, "say it with fail()",
                             "'%s': expected a reason why there is no value, "
                             "got none",
                             domain->name);
    if (domain->unit == GB_METER_JOULE && domain->wrap_ticks > 0 &&
        reading->ticks >= domain->wrap_ticks)
        return gb_fail(err, GB_ERR_INVALID,
                       "wrap_ticks is one more than the largest value",
                       "'%s': expected less than %llu ticks, got %llu",
                       domain->name, (unsigned long long)domain->wrap_ticks,
                       (unsigned long long)reading->ticks);
    if (domain->unit == GB_METER_WATT &&
        value > (domain->range_w > 0.0 ? 2.0 * domain->range_w : MOST_W))
        return gb_fail(err, GB_ERR_INVALID, "is the tick right?",
                       "'%s': expected at most twice its range, got %g W",
                       domain->name, value);
    if ((domain->flags & GB_METER_STAMPED) != 0 && reading->stamp_ns == 0)
        return gb_fail(err, GB_ERR_INVALID, "or leave GB_METER_STAMPED out",
                       "'%s': expected a time in each reading, got none",
                       domain->name);
    return GB_OK;
}

/* From one reading to the next. */
static gb_status check_step(const gb_meter_domain *domain,
                            const gb_meter_reading *last,
                            const gb_meter_reading *now, double passed_s,
                            gb_error *err) {
    const double most_w =
        domain->range_w > 0.0 ? 2.0 * domain->range_w : MOST_W;

    if (domain->unit != GB_METER_JOULE || last->status != GB_OK ||
        now->status != GB_OK || now->ticks >= last->ticks)
        return GB_OK;
    if (domain->wrap_ticks > last->ticks) {
        const double ticks =
            (double)(domain->wrap_ticks - last->ticks + now->ticks);
        if (ticks * domain->tick <=
            most_w * (passed_s + 1e-9 * (double)domain->update_ns) +
                domain->step)
            return GB_OK;
    }
    return gb_fail(err, GB_ERR_INVALID,
                   "hand over what the hardware counts, and its wrap_ticks",
                   "'%s': expected %llu ticks or more, got %llu", domain->name,
                   (unsigned long long)last->ticks,
                   (unsigned long long)now->ticks);
}

static uint64_t pause_ns(const gb_meter_facts *facts) {
    uint64_t ns = PAUSE_MOST_NS;

    for (size_t i = 0; i < facts->domain_count; i++)
        if (facts->domains[i]->status == GB_OK &&
            facts->domains[i]->update_ns < ns)
            ns = facts->domains[i]->update_ns;
    return ns > PAUSE_LEAST_NS ? ns : PAUSE_LEAST_NS;
}

static void check_one_read(gb_checker *c, const gb_meter_facts *facts,
                           const gb_meter_reading *last,
                           const gb_meter_reading *now, const gb_error *said,
                           double passed_s) {
    gb_error err = {.rank = -1};

    for (size_t i = 0; i < facts->domain_count; i++) {
        const gb_meter_domain *domain = facts->domains[i];
        if (domain->status != GB_OK)
            continue;
        gb_check_status(c, GB_RULE_METER_READINGS,
                        check_reading(domain, &now[i], said, &err), &err);
        if (last != NULL)
            gb_check_status(
                c, GB_RULE_METER_MONOTONE,
                check_step(domain, &last[i], &now[i], passed_s, &err), &err);
    }
}

static gb_status read_all(gb_checker *c, gb_meter_run *run, gb_error *err) {
    const gb_meter_facts *facts = gb_meter_run_facts(run);
    const size_t count = facts->domain_count;
    gb_meter_reading *readings = calloc(2 * count, sizeof(*readings));
    uint64_t least_ns = UINT64_MAX, last_ns = 0;
    gb_status status = GB_OK;

    if (readings == NULL)
        return gb_fail_memory(err, "the readings of a meter");
    for (int i = 0; i < READS && status == GB_OK; i++) {
        gb_meter_reading *now = readings + (size_t)(i % 2) * count;
        gb_meter_reading *last = readings + (size_t)((i + 1) % 2) * count;
        gb_error said = {.rank = -1};

        gb_check_begin(c, "in read()");
        const uint64_t before_ns = gb_clock_now_ns(env.clock);
        status = gb_meter_run_read(run, now, &said);
        const uint64_t after_ns = gb_clock_now_ns(env.clock);
        gb_check_observe(c, false);
        if (after_ns - before_ns < least_ns)
            least_ns = after_ns - before_ns;
        if (status == GB_OK)
            check_one_read(c, facts, i > 0 ? last : NULL, now, &said,
                           1e-9 * (double)(after_ns - last_ns));
        else
            *err = said;
        last_ns = before_ns;
        env.clock->sleep_until(env.clock->ctx, after_ns + pause_ns(facts));
    }
    free(readings);
    gb_error late = {.rank = -1};
    if (!facts->slow && least_ns > QUICK_NS && status == GB_OK)
        gb_fail(&late, GB_ERR_INVALID,
                "set GB_METER_SLOW: it is then read on a thread of its own",
                "read() took %.3g ms, and never less", 1e-6 * (double)least_ns);
    if (facts->slow)
        gb_check_skip(c, GB_RULE_METER_QUICK, "it is said to be slow");
    else if (status == GB_OK)
        gb_check_status(c, GB_RULE_METER_QUICK, late.status, &late);
    return status;
}

/* --- lives ---------------------------------------------------------------- */

static void end(gb_checker *c, gb_meter_run *run) {
    gb_error err = {.rank = -1};

    gb_check_begin(c, "in close()");
    gb_status status = gb_meter_run_end(run, &err);
    const uint64_t kept_bytes = gb_meter_run_leaked_bytes(run);
    if (status == GB_OK && kept_bytes > 0)
        status = gb_fail(
            &err, GB_ERR_INVALID, "free in close() all that was taken",
            "%llu bytes were not given back", (unsigned long long)kept_bytes);
    gb_check_status(c, GB_RULE_MEMORY, status, &err);
    gb_meter_run_close(run);
    gb_check_observe(c, true);
}

static gb_status live(gb_checker *c, const gb_meter_setting *setting,
                      life *first, bool again, gb_error *err) {
    gb_meter_run *run = NULL;

    gb_check_begin(c, "in open()");
    gb_status status =
        gb_meter_run_open(c->meter, NULL, NULL, setting, &env, &run, err);
    gb_check_observe(c, false);
    if (status != GB_OK)
        return status;
    check_domains(c, gb_meter_run_facts(run), again ? first : NULL);
    if (!again)
        remember(gb_meter_run_facts(run), first);
    status = read_all(c, run, err);
    end(c, run);
    return status;
}

static void skip_lives(gb_checker *c, const char *reason) {
    for (gb_rule rule = GB_RULE_LIVES; rule < GB_RULE_COUNT; rule++)
        gb_check_skip(c, rule, reason);
}

/* A meter that cannot be reached from here, and says so, keeps its word: it is
 * tried where it can be. */
static void check_lives(gb_checker *c, const gb_meter_setting *setting,
                        bool was_told) {
    static life first;
    gb_error err = {.rank = -1};
    gb_status status = live(c, setting, &first, false, &err);
    char reason[sizeof(c->shared->found.findings[0].what)];

    if (status != GB_OK && status != GB_ERR_INTERNAL && !was_told &&
        strstr(err.what, "failed without a reason") == NULL) {
        snprintf(reason, sizeof(reason),
                 "it said: %.200s (--setting tells it where it is)", err.what);
        skip_lives(c, reason);
        return;
    }
    if (of_domains(&err)) {
        gb_check_break(c, GB_RULE_METER_DOMAINS, &err);
        skip_lives(c, "M302 was broken first");
        return;
    }
    for (int i = 1; i < LIVES && status == GB_OK; i++)
        status = live(c, setting, &first, true, &err);
    gb_check_status(c, GB_RULE_METER_LIVES, status, &err);
    skip_lives(c, "M301 was broken first");
}

void gb_check_meter(gb_checker *c, const char *setting) {
    gb_meter_setting told;
    gb_error err = {.rank = -1};

    c->params = c->meter->params;
    c->param_count = c->meter->param_count;
    c->shared->found.ranks = 1;
    gb_copy(c->shared->found.id, sizeof(c->shared->found.id), c->meter->id);
    gb_copy(c->shared->found.version, sizeof(c->shared->found.version),
            c->meter->version);
    check_descriptor(c);
    gb_check_params_of(c);
    gb_status status = gb_meter_options_parse(setting != NULL ? setting : "",
                                              env.node_name, &told, &err);
    if (status != GB_OK) {
        c->shared->usage = err;
        return;
    }
    if (check_given(c, &told, &err) == GB_OK) {
        check_values(c, &told);
        check_lives(c, &told, setting != NULL);
    } else {
        gb_check_skip(c, GB_RULE_METER_ACCEPTS, err.what);
        skip_lives(c, err.what);
    }
    gb_check_keep(c, GB_RULE_SURVIVES);
}
