/* SPDX-License-Identifier: Apache-2.0 */
/* A meter that is read by a plugin: the one way in of greenbench/meter.h
 * (docs/decisions/0028). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "machine/energy/domains.h"
#include "model/meter_reader.h"

#define NAME_OF_NODE "node" /* where only the syntax matters */
/* A meter on the network is not asked more often than this. */
#define POLL_LEAST_NS UINT64_C(10000000)
#define POLL_MOST_NS  UINT64_C(60000000000)

struct gb_energy_source {
    gb_energy_env env;
    const gb_meter_reader *reader;
    gb_meter_run *run;
    const gb_meter_facts *facts;
    gb_meter_reading *readings; /* [facts->domain_count] */
    gb_domain_list domains;     /* one for each of facts->domains */
};

static void meter_close(gb_energy_source *source) {
    if (!source)
        return;
    if (source->run)
        source->reader->close(source->run);
    free(source->readings);
    gb_domain_list_fini(&source->domains);
    free(source);
}

/* --- opening -------------------------------------------------------------- */

static gb_status meter_check(const char *setting, gb_error *err) {
    gb_meter_setting parsed;

    return gb_meter_setting_parse(setting, strlen(setting), NAME_OF_NODE,
                                  &parsed, err);
}

static gb_status fail_unnamed(const gb_energy_env *env, gb_error *err) {
    char listed[160] = "";

    if (env->meters)
        env->meters->list(env->meters->ctx, listed, sizeof(listed));
    return gb_fail(err, GB_ERR_UNSUPPORTED,
                   "--energy 'meter=ID;KEY=VALUE', or GREENBENCH_METER; "
                   "'greenbench list' shows the meter plugins",
                   "no meter was named; there are plugins for %s",
                   listed[0] != '\0' ? listed : "none");
}

static gb_domain_status status_of(gb_status status) {
    return status == GB_ERR_PERMISSION    ? GB_DOMAIN_FORBIDDEN
           : status == GB_ERR_UNSUPPORTED ? GB_DOMAIN_UNSUPPORTED
                                          : GB_DOMAIN_FAILED;
}

static double bound_w(const gb_meter_domain *from, gb_energy_scope scope) {
    if (from->range_w > 0.0)
        return 2.0 * from->range_w;
    switch (scope) {
    case GB_SCOPE_PACKAGE:
        return GB_MAX_PACKAGE_W;
    case GB_SCOPE_DRAM:
        return GB_MAX_DRAM_W;
    case GB_SCOPE_ACCEL:
        return GB_MAX_ACCEL_W;
    default:
        return GB_MAX_NODE_W;
    }
}

/* Limits are those of a uniform distribution. */
static void set_accuracy(const gb_meter_domain *from,
                         gb_energy_domain *domain) {
    const double divisor = from->accuracy_form == GB_METER_ACCURACY_EXPANDED
                               ? from->accuracy_k
                               : sqrt(3.0);

    if (from->accuracy_form == GB_METER_ACCURACY_UNKNOWN) {
        domain->u_rel = GB_U_REL_METER;
        return;
    }
    domain->accuracy_stated = true;
    domain->u_rel = from->accuracy_of_reading / divisor;
    domain->u_w =
        (from->accuracy_of_range * from->range_w + from->accuracy_w) / divisor;
}

static void set_quality(const gb_meter_domain *from, gb_energy_domain *domain) {
    if (from->flags & GB_METER_MODELLED)
        domain->quality = GB_QUALITY_MODELLED;
    else if (from->flags & GB_METER_SIMULATED)
        domain->quality = GB_QUALITY_SIMULATED;
}

static void describe(const gb_meter_domain *from, gb_energy_domain *domain) {
    domain->kind =
        from->unit == GB_METER_WATT ? GB_READING_POWER : GB_READING_ENERGY;
    domain->package = from->package;
    domain->tick_j = from->tick;
    domain->step_j = from->step;
    domain->wrap_ticks = from->wrap_ticks;
    domain->update_ns = from->update_ns;
    domain->average_ns = from->average_ns;
    domain->max_power_w = bound_w(from, domain->scope);
    domain->stamped = (from->flags & GB_METER_STAMPED) != 0;
    domain->shared = (from->flags & GB_METER_SHARED) != 0;
    set_accuracy(from, domain);
    set_quality(from, domain);
}

static gb_status add_domain(gb_energy_source *source, size_t i, gb_error *err) {
    const gb_meter_domain *from = source->facts->domains[i];
    const gb_plugin_identity *plugin = &source->facts->plugin;
    gb_energy_scope scope = GB_SCOPE_OTHER;
    char name[64 + 48], path[192];

    (void)gb_scope_from_name(from->scope ? from->scope : "", &scope);
    snprintf(name, sizeof(name), "%s/%s", plugin->id, from->name);
    snprintf(path, sizeof(path), "%s%s%s", source->env.setting,
             source->facts->notes[0] ? " " : "", source->facts->notes);
    gb_energy_domain *domain = gb_domain_list_add(
        &source->domains, gb_energy_meter.name, name, path, scope);
    if (!domain)
        return gb_fail_memory(err, "a meter's domain");
    domain->plugin = *plugin;
    if (from->status == GB_OK)
        describe(from, domain);
    else
        gb_domain_refuse(domain, status_of(from->status), from->fix, "%s",
                         from->reason ? from->reason
                                      : gb_status_text(from->status));
    if (source->facts->insecure)
        gb_domain_note(domain, "loaded though others could have changed it: %s",
                       source->facts->insecure);
    return GB_OK;
}

/* What has no value now says why, in the meter's words. Twice: a gauge that was
 * just switched on may not have one yet. */
static void first_read(gb_energy_source *source) {
    gb_error why = {0};
    bool failed = true;

    for (int i = 0; i < 2 && failed; i++) {
        failed =
            source->reader->read(source->run, source->readings, &why) != GB_OK;
        for (size_t k = 0; k < source->facts->domain_count; k++)
            failed =
                failed || (source->domains.items[k].status == GB_DOMAIN_OK &&
                           source->readings[k].status != GB_OK);
    }
    for (size_t k = 0; k < source->facts->domain_count; k++) {
        gb_energy_domain *domain = &source->domains.items[k];
        const gb_status status = source->readings[k].status;
        if (domain->status != GB_DOMAIN_OK || status == GB_OK)
            continue;
        gb_domain_refuse(domain, status_of(status), why.hint, "%s",
                         why.what[0] != '\0' ? why.what
                                             : gb_status_text(status));
    }
}

static gb_status add_domains(gb_energy_source *source, gb_error *err) {
    gb_status status = GB_OK;

    source->readings =
        calloc(source->facts->domain_count, sizeof(*source->readings));
    if (!source->readings)
        return gb_fail_memory(err, "a meter's readings");
    for (size_t i = 0; status == GB_OK && i < source->facts->domain_count; i++)
        status = add_domain(source, i, err);
    if (status == GB_OK)
        first_read(source);
    return status;
}

static gb_status open_plugin(gb_energy_source *source, gb_error *err) {
    const gb_energy_env *env = &source->env;
    const gb_meter_env meter_env = {
        .clock = env->clock,
        .node_name = env->node->name,
        .root =
            gb_sysroot_simulated(env->root) ? gb_sysroot_path(env->root) : "",
    };
    gb_meter_setting setting;
    gb_status status = gb_meter_setting_parse(
        env->setting, strlen(env->setting), env->node->name, &setting, err);

    if (status == GB_OK)
        status = source->reader->open(source->reader->ctx, &setting, &meter_env,
                                      &source->run, err);
    if (status == GB_OK)
        source->facts = source->reader->facts(source->run);
    return status;
}

static gb_status meter_open(const gb_energy_env *env,
                            gb_energy_source **source_out, gb_error *err) {
    if (!env->setting || env->setting[0] == '\0' || !env->meters)
        return fail_unnamed(env, err);

    gb_energy_source *source = calloc(1, sizeof(*source));
    if (!source)
        return gb_fail_memory(err, "a meter");
    source->env = *env;
    source->reader = env->meters;
    gb_status status = open_plugin(source, err);
    if (status == GB_OK)
        status = add_domains(source, err);
    if (status != GB_OK) {
        meter_close(source);
        return status;
    }
    *source_out = source;
    return GB_OK;
}

/* --- reading -------------------------------------------------------------- */

static const gb_energy_domain *meter_domains(const gb_energy_source *source,
                                             size_t *count_out) {
    *count_out = source->domains.count;
    return source->domains.items;
}

/* Beyond its range, or its modulus, is no value (rule 27). */
static bool could_be(const gb_energy_domain *domain,
                     const gb_meter_reading *reading) {
    if (domain->kind == GB_READING_POWER)
        return (double)reading->ticks * domain->tick_j <= domain->max_power_w;
    return domain->wrap_ticks == 0 || reading->ticks < domain->wrap_ticks;
}

static void meter_read(gb_energy_source *source, gb_energy_reading *readings) {
    const uint64_t before_ns = gb_clock_now_ns(source->env.clock);

    (void)source->reader->read(source->run, source->readings, NULL);
    const uint64_t after_ns = gb_clock_now_ns(source->env.clock);
    for (size_t i = 0; i < source->domains.count; i++) {
        const gb_energy_domain *domain = &source->domains.items[i];
        const gb_meter_reading *from = &source->readings[i];

        readings[i] = (gb_energy_reading){0};
        gb_reading_stamp(&readings[i], before_ns, after_ns);
        if (domain->status != GB_DOMAIN_OK || from->status != GB_OK ||
            !could_be(domain, from) || (domain->stamped && from->stamp_ns == 0))
            continue;
        readings[i].ok = true;
        readings[i].ticks = from->ticks;
        readings[i].stamp_ns = domain->stamped ? from->stamp_ns : 0;
    }
}

/* As often as its quickest domain has something new; 0: it is fast. */
static uint64_t meter_slow_ns(const gb_energy_source *source) {
    uint64_t period_ns = POLL_MOST_NS;

    if (!source->facts->slow)
        return 0;
    for (size_t i = 0; i < source->domains.count; i++) {
        const gb_energy_domain *domain = &source->domains.items[i];
        if (domain->status == GB_DOMAIN_OK && domain->update_ns < period_ns)
            period_ns = domain->update_ns;
    }
    return period_ns > POLL_LEAST_NS ? period_ns : POLL_LEAST_NS;
}

const gb_energy_source_ops gb_energy_meter = {
    .name = "meter",
    .summary = "a meter of the site's or a vendor's own, through a plugin",
    .many = true,
    .check = meter_check,
    .open = meter_open,
    .domains = meter_domains,
    .read = meter_read,
    .close = meter_close,
    .slow_ns = meter_slow_ns,
};
