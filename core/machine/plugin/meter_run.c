/* SPDX-License-Identifier: Apache-2.0 */
/* The life of one meter, and the services lent to it. */
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "machine/plugin/meter.h"
#include "model/accepts.h"

/* What a domain has since meter ABI 1.0. */
#define DOMAIN_BYTES (offsetof(gb_meter_domain, accuracy_k) + sizeof(double))
#define DOMAINS_MAX  256u
#define NOTES_MAX    8u

/* One block lent by host->alloc(). */
typedef struct lent_block {
    struct lent_block *next;
    size_t bytes;
    _Alignas(max_align_t) unsigned char start[];
} lent_block;

typedef struct meter_note {
    char key[16], value[48];
} meter_note;

struct gb_meter_run {
    gb_meter meter;
    gb_meter_host host; /* host_data points back here */
    gb_meter_env env;
    gb_plan_param *values;   /* [meter.param_count] */
    gb_meter_instance *self; /* null before open() and after close() */

    /* A meter may fail() or alloc() from a thread of its own. */
    atomic_flag lock;
    gb_error reason; /* of the last fail() within this call */
    gb_error broken; /* a promise of the ABI the plugin broke within it */
    lent_block *blocks;
    uint64_t lent_bytes;
    meter_note notes[NOTES_MAX];
    size_t note_count;

    gb_meter_domain *copies;         /* [facts.domain_count] */
    const gb_meter_domain **domains; /* [facts.domain_count], into copies */
    gb_error *refusals;              /* [facts.domain_count] */
    gb_meter_facts facts;
};

/* --- what is lent --------------------------------------------------------- */

static gb_meter_run *run_of(const gb_meter_host *host) {
    return host->host_data;
}

static void lock(gb_meter_run *run) {
    while (atomic_flag_test_and_set_explicit(&run->lock, memory_order_acquire))
        ;
}

static void unlock(gb_meter_run *run) {
    atomic_flag_clear_explicit(&run->lock, memory_order_release);
}

/* The plugin broke a promise: whatever it returns, this call has failed. */
static void record_broken(gb_meter_run *run, const char *fmt, ...)
    GB_PRINTF_LIKE(2, 3);

static void record_broken(gb_meter_run *run, const char *fmt, ...) {
    char what[sizeof(run->broken.what)];
    va_list args;

    va_start(args, fmt);
    vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    lock(run);
    gb_fail(&run->broken, GB_ERR_INTERNAL,
            "this is a bug in the plugin: report it to its author", "%s: %s",
            run->meter.id, what);
    unlock(run);
}

static uint64_t host_now_ns(const gb_meter_host *host) {
    return gb_clock_now_ns(run_of(host)->env.clock);
}

static void *host_alloc(const gb_meter_host *host, size_t bytes) {
    gb_meter_run *run = run_of(host);
    lent_block *block =
        bytes < SIZE_MAX / 2 ? calloc(1, sizeof(*block) + bytes) : NULL;

    if (block == NULL) {
        host->fail(host, GB_ERR_NO_MEMORY, NULL,
                   "the system refused a block of %zu bytes", bytes);
        return NULL;
    }
    block->bytes = bytes;
    lock(run);
    block->next = run->blocks;
    run->blocks = block;
    run->lent_bytes += bytes;
    unlock(run);
    return block->start;
}

static void host_free(const gb_meter_host *host, void *start) {
    gb_meter_run *run = run_of(host);
    lent_block *found = NULL;

    if (start == NULL)
        return;
    lock(run);
    for (lent_block **at = &run->blocks; *at != NULL; at = &(*at)->next)
        if ((*at)->start == start) {
            found = *at;
            *at = found->next;
            run->lent_bytes -= found->bytes;
            break;
        }
    unlock(run);
    if (found == NULL)
        record_broken(run, "free(): expected a block from alloc(), got %p",
                      start);
    free(found);
}

static const gb_plan_param *find_value(const gb_meter_host *host,
                                       const char *name) {
    gb_meter_run *run = run_of(host);

    for (size_t i = 0; i < run->meter.param_count; i++)
        if (strcmp(run->values[i].name, name) == 0)
            return &run->values[i];
    record_broken(run, "asked for parameter '%s', which it does not declare",
                  name);
    return NULL;
}

static uint64_t host_param_u64(const gb_meter_host *host, const char *name) {
    const gb_plan_param *value = find_value(host, name);

    if (value != NULL && value->kind == GB_VALUE_F64)
        record_broken(run_of(host),
                      "asked for parameter '%s' as a whole number, but "
                      "declares it as a real one",
                      name);
    return value != NULL ? value->u64 : 0;
}

static double host_param_f64(const gb_meter_host *host, const char *name) {
    const gb_plan_param *value = find_value(host, name);

    return value != NULL ? value->f64 : 0.0;
}

static const char *host_param_text(const gb_meter_host *host,
                                   const char *name) {
    const gb_plan_param *value = find_value(host, name);

    return value != NULL ? value->text : "";
}

static gb_status host_fail(const gb_meter_host *host, gb_status status,
                           const char *hint, const char *fmt, ...)
    GB_PRINTF_LIKE(4, 5);
static gb_status host_fail(const gb_meter_host *host, gb_status status,
                           const char *hint, const char *fmt, ...) {
    gb_meter_run *run = run_of(host);
    char what[sizeof(run->reason.what)];
    va_list args;

    va_start(args, fmt);
    vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    lock(run);
    gb_fail(&run->reason, status, hint, "%s: %s", run->meter.id, what);
    unlock(run);
    return status;
}

static bool is_note_key(const char *key) {
    const size_t length = strlen(key);

    return length > 0 && length < sizeof(((meter_note *)NULL)->key) &&
           strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

static void host_note(const gb_meter_host *host, const char *key,
                      const char *fmt, ...) GB_PRINTF_LIKE(3, 4);
static void host_note(const gb_meter_host *host, const char *key,
                      const char *fmt, ...) {
    gb_meter_run *run = run_of(host);
    char value[sizeof(run->notes[0].value) + 1];
    va_list args;
    size_t i = 0;

    va_start(args, fmt);
    vsnprintf(value, sizeof(value), fmt, args);
    va_end(args);
    if (!is_note_key(key)) {
        record_broken(run,
                      "note(): expected a key of at most 15 of [a-z0-9_], got "
                      "'%s'",
                      key);
        return;
    }
    lock(run);
    while (i < run->note_count && strcmp(run->notes[i].key, key) != 0)
        i++;
    const bool fits = i < NOTES_MAX;
    if (fits) {
        gb_copy(run->notes[i].key, sizeof(run->notes[i].key), key);
        gb_copy(run->notes[i].value, sizeof(run->notes[i].value), value);
        run->note_count += i == run->note_count;
    }
    unlock(run);
    if (!fits)
        record_broken(run, "note(): expected at most %u keys, got '%s' too",
                      NOTES_MAX, key);
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

/* --- calls ---------------------------------------------------------------- */

static void begin_call(gb_meter_run *run) {
    run->reason = (gb_error){.rank = -1};
    run->broken = (gb_error){.rank = -1};
}

/* What the plugin's @p op came to, with the reason it recorded. */
static gb_status end_call(gb_meter_run *run, const char *op, gb_status status,
                          gb_error *err) {
    const char *id = run->meter.id;

    if (run->broken.status != GB_OK) {
        if (err != NULL)
            *err = run->broken;
        return run->broken.status;
    }
    if (status == GB_OK)
        return GB_OK;
    if (strcmp(gb_status_name(status), "UNKNOWN") == 0)
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

    begin_call(run);
    const gb_meter_domain *const *from = run->meter.domains(run->self, &count);
    if (from == NULL || count == 0 || count > DOMAINS_MAX)
        record_broken(run, "domains(): expected 1 to %u domains, got %zu",
                      DOMAINS_MAX, from != NULL ? count : 0);
    for (size_t i = 0; run->broken.status == GB_OK && i < count; i++)
        if (from[i] == NULL || from[i]->struct_size < DOMAIN_BYTES)
            record_broken(run,
                          "domains(): expected structs of %zu bytes or more, "
                          "got %u at %zu",
                          DOMAIN_BYTES,
                          from[i] != NULL ? from[i]->struct_size : 0u, i);
    const gb_status status = end_call(run, "domains", GB_OK, err);
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

    for (size_t i = 0; i < run->note_count; i++)
        gb_str_addf(&text, "%s%s=%s", i > 0 ? " " : "", run->notes[i].key,
                    run->notes[i].value);
    gb_copy(run->facts.notes, sizeof(run->facts.notes),
            text.text != NULL ? text.text : "");
    gb_str_fini(&text);
}

/* --- a life --------------------------------------------------------------- */

static gb_status open_instance(gb_meter_run *run, gb_error *err) {
    gb_meter_instance *self = NULL;

    begin_call(run);
    const gb_status status = run->meter.open(&run->host, &self);
    if (status == GB_OK && self == NULL)
        record_broken(run, "open() returned GB_OK without an instance");
    if (status == GB_OK)
        run->self = self;
    return end_call(run, "open", status, err);
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
    atomic_flag_clear(&run->lock);
    lend(run);
    gb_status status = take_setting(run, setting, err);
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
    begin_call(run);
    const gb_status status =
        end_call(run, "read", run->meter.read(run->self, readings), err);
    for (size_t i = 0; i < count && status != GB_OK; i++)
        readings[i].status = status;
    if (status == GB_OK && err != NULL)
        *err = run->reason;
    return status;
}

gb_status gb_meter_run_end(gb_meter_run *run, gb_error *err) {
    if (run->self == NULL)
        return GB_OK;
    begin_call(run);
    run->meter.close(run->self);
    run->self = NULL;
    return end_call(run, "close", GB_OK, err);
}

uint64_t gb_meter_run_leaked_bytes(const gb_meter_run *run) {
    return run->lent_bytes;
}

void gb_meter_run_close(gb_meter_run *run) {
    if (run == NULL)
        return;
    (void)gb_meter_run_end(run, NULL);
    while (run->blocks != NULL) {
        lent_block *block = run->blocks;
        run->blocks = block->next;
        free(block);
    }
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
