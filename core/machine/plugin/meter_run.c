/* SPDX-License-Identifier: Apache-2.0 */
/* The life of one meter, and the services lent to it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "machine/plugin/lent.h"
#include "machine/plugin/meter.h"
#include "model/accepts.h"

/* What a domain has since meter ABI 1.0. */
#define DOMAIN_BYTES (offsetof(gb_meter_domain, accuracy_k) + sizeof(double))
#define DOMAINS_MAX  256u
/* As greenbench/meter.h promises. */
#define NOTES_MAX     8u
#define NOTE_KEY_MAX  15u
#define NOTE_TEXT_MAX 47u

struct gb_meter_run {
    gb_meter meter;
    gb_meter_host host; /* host_data points back here */
    gb_meter_env env;
    gb_plan_param *values;   /* [meter.param_count] */
    gb_meter_instance *self; /* null before open() and after close() */

    gb_lent lent;

    gb_meter_domain *copies;         /* [facts.domain_count] */
    const gb_meter_domain **domains; /* [facts.domain_count], into copies */
    gb_error *refusals;              /* [facts.domain_count] */
    gb_meter_facts facts;
};

/* --- what is lent --------------------------------------------------------- */

static gb_meter_run *run_of(const gb_meter_host *host) {
    return host->host_data;
}

static uint64_t host_now_ns(const gb_meter_host *host) {
    return gb_clock_now_ns(run_of(host)->env.clock);
}

static void *host_alloc(const gb_meter_host *host, size_t bytes) {
    const size_t asked = bytes > 0 ? bytes : 1;
    void *start =
        gb_lent_alloc(&run_of(host)->lent, asked, _Alignof(max_align_t));

    if (start == NULL)
        host->fail(host, GB_ERR_NO_MEMORY, NULL,
                   "the system refused a block of %zu bytes", bytes);
    return start != NULL ? memset(start, 0, asked) : NULL;
}

static void host_free(const gb_meter_host *host, void *start) {
    gb_lent_free(&run_of(host)->lent, start);
}

static uint64_t host_param_u64(const gb_meter_host *host, const char *name) {
    return gb_lent_u64(&run_of(host)->lent, name);
}

static double host_param_f64(const gb_meter_host *host, const char *name) {
    return gb_lent_f64(&run_of(host)->lent, name);
}

static const char *host_param_text(const gb_meter_host *host,
                                   const char *name) {
    return gb_lent_text(&run_of(host)->lent, name);
}

static gb_status host_fail(const gb_meter_host *host, gb_status status,
                           const char *hint, const char *fmt, ...)
    GB_PRINTF_LIKE(4, 5);
static gb_status host_fail(const gb_meter_host *host, gb_status status,
                           const char *hint, const char *fmt, ...) {
    va_list args;

    va_start(args, fmt);
    gb_lent_fail(&run_of(host)->lent, status, hint, fmt, args);
    va_end(args);
    return status;
}

static void host_note(const gb_meter_host *host, const char *key,
                      const char *fmt, ...) GB_PRINTF_LIKE(3, 4);
static void host_note(const gb_meter_host *host, const char *key,
                      const char *fmt, ...) {
    va_list args;

    va_start(args, fmt);
    gb_lent_note(&run_of(host)->lent, key, fmt, args);
    va_end(args);
}

static void lend(gb_meter_run *run) {
    run->host = (gb_meter_host){
        .struct_size = sizeof(gb_meter_host),
        .abi_major = GB_METER_ABI_MAJOR,
        .abi_minor = GB_METER_ABI_MINOR,
        .host_data = run,
        .node_name = run->env.node_name,
        .root = run->env.root,
        .now_ns = host_now_ns,
        .alloc = host_alloc,
        .free = host_free,
        .param_u64 = host_param_u64,
        .param_f64 = host_param_f64,
        .param_text = host_param_text,
        .fail = host_fail,
        .note = host_note,
    };
}

/* --- what the user said --------------------------------------------------- */

static const char *option_named(const gb_meter_setting *setting,
                                const char *name) {
    for (size_t i = 0; i < setting->option_count; i++)
        if (strcmp(setting->options[i].name, name) == 0)
            return setting->options[i].value;
    return NULL;
}

static gb_status take_value(const gb_meter *meter, size_t index,
                            const gb_meter_setting *setting,
                            gb_plan_param *value, gb_error *err) {
    const gb_param_decl *decl = &meter->params[index];
    const char *given = option_named(setting, decl->name);
    const char *text = given != NULL ? given : decl->default_text;
    gb_error why = {0};

    if (text == NULL)
        return gb_fail(err, GB_ERR_INVALID, decl->help,
                       "%s: expected %s=VALUE, got none", meter->id,
                       decl->name);
    if (gb_accepts_parse(decl->accepts, text, value, &why) != GB_OK)
        return gb_fail(err, GB_ERR_INVALID,
                       why.hint[0] != '\0' ? why.hint : decl->help,
                       "%s: %s: %s", meter->id, decl->name, why.what);
    value->name = strdup(decl->name);
    value->text = strdup(text);
    value->is_default = given == NULL;
    return value->name != NULL && value->text != NULL
               ? GB_OK
               : gb_fail_memory(err, "a meter's setting");
}

/* Every option is one that the meter has. */
static gb_status check_options(const gb_meter *meter,
                               const gb_meter_setting *setting, gb_error *err) {
    const char *names[32];
    char listed[200], hint[80] = "";
    const size_t count = meter->param_count < 32 ? meter->param_count : 32;

    for (size_t i = 0; i < count; i++)
        names[i] = meter->params[i].name;
    for (size_t i = 0; i < setting->option_count; i++) {
        const char *option = setting->options[i].name;
        bool known = false;
        for (size_t k = 0; k < meter->param_count && !known; k++)
            known = strcmp(meter->params[k].name, option) == 0;
        if (known)
            continue;
        const char *near = gb_closest(option, names, count);
        if (near != NULL)
            snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
        return gb_fail(
            err, GB_ERR_INVALID,
            near != NULL ? hint : "'greenbench list' explains its options",
            "%s: expected options %s, got '%s'", meter->id,
            count > 0 ? gb_join(names, count, listed, sizeof(listed)) : "none",
            option);
    }
    return GB_OK;
}

static gb_status take_setting(gb_meter_run *run,
                              const gb_meter_setting *setting, gb_error *err) {
    gb_status status = check_options(&run->meter, setting, err);

    run->values = calloc(run->meter.param_count + 1, sizeof(*run->values));
    if (run->values == NULL)
        return gb_fail_memory(err, "a meter's setting");
    for (size_t i = 0; i < run->meter.param_count && status == GB_OK; i++)
        status = take_value(&run->meter, i, setting, &run->values[i], err);
    return status;
}

/* --- what it measures ----------------------------------------------------- */

/* A domain that is wrong in itself is listed, and not read. */
static void take_domain(gb_meter_run *run, size_t i,
                        const gb_meter_domain *from) {
    gb_meter_domain *copy = &run->copies[i];
    gb_error *why = &run->refusals[i];
    gb_status status = GB_OK;

    memcpy(copy, from,
           from->struct_size < sizeof(*copy) ? from->struct_size
                                             : sizeof(*copy));
    status = gb_meter_check_domain(copy, why);
    for (size_t k = 0; k < i && status == GB_OK; k++)
        if (strcmp(run->copies[k].name, copy->name) == 0)
            status =
                gb_fail(why, GB_ERR_INVALID, NULL,
                        "expected different names, got '%s' twice", copy->name);
    if (status == GB_OK)
        return;
    if (!gb_meter_is_name(copy->name))
        copy->name = "unnamed";
    copy->status = status;
    copy->reason = why->what;
    copy->fix = why->hint;
}

static gb_status take_domains(gb_meter_run *run, gb_error *err) {
    size_t count = 0;

    gb_lent_begin_call(&run->lent);
    const gb_meter_domain *const *from = run->meter.domains(run->self, &count);
    if (from == NULL || count == 0 || count > DOMAINS_MAX)
        gb_lent_broken(&run->lent,
                       "domains(): expected 1 to %u domains, got %zu",
                       DOMAINS_MAX, from != NULL ? count : 0);
    for (size_t i = 0; run->lent.broken.status == GB_OK && i < count; i++)
        if (from[i] == NULL || from[i]->struct_size < DOMAIN_BYTES)
            gb_lent_broken(&run->lent,
                           "domains(): expected structs of %zu bytes or more, "
                           "got %u at %zu",
                           DOMAIN_BYTES,
                           from[i] != NULL ? from[i]->struct_size : 0u, i);
    const gb_status status =
        gb_lent_end_call(&run->lent, "domains", GB_OK, err);
    if (status != GB_OK)
        return status;
    run->copies = calloc(count, sizeof(*run->copies));
    run->refusals = calloc(count, sizeof(*run->refusals));
    run->domains = calloc(count, sizeof(const gb_meter_domain *));
    if (run->copies == NULL || run->refusals == NULL || run->domains == NULL)
        return gb_fail_memory(err, "a meter's domains");
    for (size_t i = 0; i < count; i++) {
        take_domain(run, i, from[i]);
        run->domains[i] = &run->copies[i];
    }
    run->facts.domains = run->domains;
    run->facts.domain_count = count;
    return GB_OK;
}

static void take_notes(gb_meter_run *run) {
    gb_str text = {0};

    for (size_t i = 0; i < run->lent.note_count; i++)
        gb_str_addf(&text, "%s%s=%s", i > 0 ? " " : "", run->lent.notes[i].key,
                    run->lent.notes[i].value);
    gb_copy(run->facts.notes, sizeof(run->facts.notes),
            text.text != NULL ? text.text : "");
    gb_str_fini(&text);
}

/* --- a life --------------------------------------------------------------- */

static gb_status open_instance(gb_meter_run *run, gb_error *err) {
    gb_meter_instance *self = NULL;

    gb_lent_begin_call(&run->lent);
    const gb_status status = run->meter.open(&run->host, &self);
    if (status == GB_OK && self == NULL)
        gb_lent_broken(&run->lent, "open() returned GB_OK without an instance");
    if (status == GB_OK)
        run->self = self;
    return gb_lent_end_call(&run->lent, "open", status, err);
}

gb_status gb_meter_run_open(const gb_meter *meter,
                            const gb_plugin_identity *identity,
                            const char *insecure,
                            const gb_meter_setting *setting,
                            const gb_meter_env *env, gb_meter_run **run_out,
                            gb_error *err) {
    gb_meter_run *run = calloc(1, sizeof(*run));

    if (run == NULL)
        return gb_fail_memory(err, "a meter");
    run->meter = *meter;
    run->env = *env;
    run->facts.insecure = insecure;
    run->facts.slow = (meter->flags & GB_METER_SLOW) != 0;
    if (identity != NULL)
        run->facts.plugin = *identity;
    run->lent = (gb_lent){
        .id = run->meter.id,
        .notes_max = NOTES_MAX,
        .key_max = NOTE_KEY_MAX,
        .value_max = NOTE_TEXT_MAX,
    };
    atomic_flag_clear(&run->lent.lock);
    lend(run);
    gb_status status = take_setting(run, setting, err);
    run->lent.params = run->values;
    run->lent.param_count = meter->param_count;
    if (status == GB_OK)
        status = open_instance(run, err);
    if (status == GB_OK)
        status = take_domains(run, err);
    if (status != GB_OK) {
        gb_meter_run_close(run);
        return status;
    }
    take_notes(run);
    *run_out = run;
    return GB_OK;
}

const gb_meter_facts *gb_meter_run_facts(const gb_meter_run *run) {
    return &run->facts;
}

gb_status gb_meter_run_read(gb_meter_run *run, gb_meter_reading *readings,
                            gb_error *err) {
    const size_t count = run->facts.domain_count;

    memset(readings, 0, count * sizeof(*readings));
    gb_lent_begin_call(&run->lent);
    const gb_status status = gb_lent_end_call(
        &run->lent, "read", run->meter.read(run->self, readings), err);
    for (size_t i = 0; i < count && status != GB_OK; i++)
        readings[i].status = status;
    if (status == GB_OK && err != NULL)
        *err = run->lent.reason;
    return status;
}

gb_status gb_meter_run_end(gb_meter_run *run, gb_error *err) {
    if (run->self == NULL)
        return GB_OK;
    gb_lent_begin_call(&run->lent);
    run->meter.close(run->self);
    run->self = NULL;
    return gb_lent_end_call(&run->lent, "close", GB_OK, err);
}

uint64_t gb_meter_run_leaked_bytes(const gb_meter_run *run) {
    return run->lent.bytes;
}

void gb_meter_run_close(gb_meter_run *run) {
    if (run == NULL)
        return;
    (void)gb_meter_run_end(run, NULL);
    gb_lent_fini(&run->lent);
    for (size_t i = 0; run->values != NULL && i < run->meter.param_count; i++) {
        free(run->values[i].name);
        free(run->values[i].text);
    }
    free(run->values);
    free(run->copies);
    free(run->refusals);
    free(run->domains);
    free(run);
}
