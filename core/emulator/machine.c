/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/machine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAVES_MAX   256 /* traces added up for one value: keeps reads cheap */
#define START_MAX_J  1e6 /* of a start drawn for a counter that never wraps */
#define GAIN_ERR_MAX 0.9

const char *gb_em_source_name(gb_em_source source) {
    static const char *const names[] = {"powercap", "amd_energy", "power_meter",
                                        "cray_pm"};
    return names[source];
}

/* --- making and freeing --------------------------------------------------- */

void gb_em_domain_init(gb_em_domain *domain, const char *name) {
    *domain = (gb_em_domain){
        .refresh = {.period_ns = 0, .jitter_ns = -1},
        .counter = {.gain = 1.0},
        .gauge = {.gain = 1.0, .average_ns = -1},
        .gain_error = NAN,
        .gain_uniform = NAN,
        .start_j = NAN,
        .phase_ns = -1,
        .node = -1,
    };
    gb_copy(domain->name, sizeof(domain->name), name);
}

void gb_em_machine_init(gb_em_machine *machine, const char *name) {
    *machine = (gb_em_machine){
        .cray = {.version = 3,
                 .raw_scan_hz = 10,
                 .generation = 1,
                 .freshness = 47760686},
        .gain_error = NAN,
        .gain_uniform = NAN,
    };
    gb_copy(machine->name, sizeof(machine->name), name);
}

void gb_em_machine_fini(gb_em_machine *machine) {
    for (size_t i = 0; i < machine->domain_count; i++)
        gb_trace_free(machine->domains[i].trace);
    for (size_t i = 0; i < machine->file_count; i++) {
        free(machine->files[i].path);
        free(machine->files[i].text);
    }
    free(machine->domains);
    free(machine->faults);
    free(machine->files);
    *machine = (gb_em_machine){0};
}

void gb_machines_free(gb_machines *machines) {
    if (machines == NULL)
        return;
    for (size_t i = 0; i < machines->count; i++)
        gb_em_machine_fini(&machines->items[i]);
    free(machines->items);
    gb_history_fini(&machines->history);
    free(machines);
}

gb_em_domain *gb_em_machine_domain(gb_em_machine *machine, const char *name) {
    for (size_t i = 0; i < machine->domain_count; i++)
        if (strcmp(machine->domains[i].name, name) == 0)
            return &machine->domains[i];
    gb_em_domain *more =
        realloc(machine->domains,
                (machine->domain_count + 1) * sizeof(*machine->domains));
    if (more == NULL)
        return NULL;
    machine->domains = more;
    gb_em_domain *domain = &more[machine->domain_count++];
    gb_em_domain_init(domain, name);
    return domain;
}

/* --- traces --------------------------------------------------------------- */

static gb_status link_trace(gb_em_machine *machine, size_t owner,
                            gb_trace *trace, const gb_machines *all,
                            gb_error *err) {
    trace->leaves = 1;
    if (trace->kind == GB_TRACE_CPU)
        trace->history = &all->history;
    if (trace->kind == GB_TRACE_DOMAIN) {
        for (size_t i = 0; i < owner; i++)
            if (!machine->domains[i].off &&
                strcmp(machine->domains[i].name, trace->domain) == 0)
                trace->other = machine->domains[i].trace;
        if (trace->other == NULL)
            return gb_fail(err, GB_ERR_INVALID,
                           "write it above this one; a preset's domains come "
                           "before those that are added",
                           "power of '%s': expected a domain above it, got "
                           "'%s'",
                           machine->domains[owner].name, trace->domain);
        trace->leaves = trace->other->leaves;
    }
    for (size_t i = 0; i < trace->part_count; i++) {
        const gb_status status =
            link_trace(machine, owner, trace->parts[i], all, err);
        if (status != GB_OK)
            return status;
        trace->leaves += trace->parts[i]->leaves;
    }
    if (trace->leaves > LEAVES_MAX)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "power of '%s': expected a sum of %d traces at most",
                       machine->domains[owner].name, LEAVES_MAX);
    return GB_OK;
}

/* --- domains -------------------------------------------------------------- */

static bool valid_zone(const char *zone) {
    const char *at = strchr(zone, ':');
    if (at == NULL || at == zone || strchr(zone, '/') != NULL)
        return false;
    /* "type:hex[:hex[:hex]]": sysfs numbers zones in hexadecimal. */
    for (; *at == ':'; at += 1 + strspn(at + 1, "0123456789abcdef"))
        if (strspn(at + 1, "0123456789abcdef") == 0)
            return false;
    return *at == '\0';
}

static gb_status check_place(const gb_em_machine *machine,
                             const gb_em_domain *domain, gb_error *err) {
    const char *name = domain->name;
    if (domain->source == GB_EM_POWERCAP && !valid_zone(domain->zone))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "'%s': expected a zone such as intel-rapl:0:1, got '%s'",
                       name, domain->zone);
    if ((domain->source == GB_EM_AMD_ENERGY ||
         domain->source == GB_EM_POWER_METER) &&
        domain->label[0] == '\0')
        return gb_fail(err, GB_ERR_INVALID, NULL, "'%s': expected a label",
                       name);
    if (domain->source == GB_EM_CRAY_PM &&
        (!gb_ends_with(name, "energy") || strchr(name, '/') != NULL ||
         (strlen(name) > 6 && name[strlen(name) - 7] != '_')))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "'%s': expected the name of a file of pm_counters: "
                       "energy, cpu_energy, accel0_energy",
                       name);
    for (const gb_em_domain *other = machine->domains; other < domain; other++)
        if (!other->off && other->source == domain->source &&
            domain->source == GB_EM_POWERCAP &&
            strcmp(other->zone, domain->zone) == 0)
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "'%s': expected a zone of its own, got '%s' of '%s'",
                           name, domain->zone, other->name);
    return GB_OK;
}

/* What a domain is like where nothing is said: the sensors' usual figures,
 * reference/energy.md §1.2, §3 and §4. */
static void set_defaults(gb_em_domain *domain) {
    static const struct {
        int64_t period_ns, jitter_ns;
        uint64_t unit_nj, unit_nw;
    } usual[GB_EM_SOURCE_COUNT] = {
        [GB_EM_POWERCAP] = {1000000, 20000, 61035, 1000},
        [GB_EM_AMD_ENERGY] = {1000000, 20000, 15258, 1000},
        [GB_EM_POWER_METER] = {50000000, 0, 1000000, 1000000},
        [GB_EM_CRAY_PM] = {100000000, 2000000, 1000000000, 1000000000},
    };
    if (domain->counter.unit_nj == 0)
        domain->counter.unit_nj = usual[domain->source].unit_nj;
    if (domain->gauge.unit_nw == 0)
        domain->gauge.unit_nw = usual[domain->source].unit_nw;
    if (domain->refresh.period_ns == 0) {
        domain->refresh.period_ns = usual[domain->source].period_ns;
        if (domain->refresh.jitter_ns < 0)
            domain->refresh.jitter_ns = usual[domain->source].jitter_ns;
    }
    if (domain->refresh.jitter_ns < 0)
        domain->refresh.jitter_ns = 0;
    if (domain->gauge.average_ns < 0)
        domain->gauge.average_ns = domain->refresh.period_ns;
}

static gb_status set_counter(gb_em_domain *domain, uint64_t seed,
                             gb_error *err) {
    gb_counter *counter = &domain->counter;
    if (domain->range_uj > UINT64_MAX / 1000 - 1)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "'%s': expected range_uj below 1.8e16", domain->name);
    if (domain->range_uj > 0)
        counter->modulus = domain->range_uj * 1000 / counter->unit_nj + 1;
    else if (domain->source == GB_EM_POWERCAP)
        counter->modulus = UINT64_C(1) << 32; /* ENERGY_STATUS_MASK */
    else
        counter->modulus = 0;
    if (domain->range_uj > 0 && counter->modulus < 2)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "'%s': expected range_uj of a step (%llu nJ) at least, "
                       "got %llu",
                       domain->name, (unsigned long long)counter->unit_nj,
                       (unsigned long long)domain->range_uj);
    if (isnan(domain->start_j)) {
        const double most = counter->modulus > 0
                                ? (double)counter->modulus
                                : START_MAX_J * 1e9 / (double)counter->unit_nj;
        counter->start = (uint64_t)(gb_mix_unit(seed, 1) * most);
    } else {
        counter->start =
            (uint64_t)(domain->start_j * 1e9 / (double)counter->unit_nj);
    }
    if (counter->modulus > 0)
        counter->start %= counter->modulus;
    return GB_OK;
}

/* The nearest statement counts: of the domain, of the machine, none. */
static double draw_gain(const gb_em_machine *machine,
                        const gb_em_domain *domain, uint64_t seed) {
    const double draw = 2.0 * gb_mix_unit(seed, 2) - 1.0;
    if (!isnan(domain->gain_error))
        return 1.0 + domain->gain_error;
    if (!isnan(domain->gain_uniform))
        return 1.0 + draw * domain->gain_uniform;
    if (!isnan(machine->gain_error))
        return 1.0 + machine->gain_error;
    if (!isnan(machine->gain_uniform))
        return 1.0 + draw * machine->gain_uniform;
    return 1.0;
}

static gb_status link_domain(const gb_em_machine *machine, gb_em_domain *domain,
                             uint64_t seed, gb_error *err) {
    gb_status status = check_place(machine, domain, err);
    if (status != GB_OK)
        return status;
    set_defaults(domain);
    gb_refresh *refresh = &domain->refresh;
    refresh->seed = gb_mix(seed, 0);
    if (2 * refresh->jitter_ns >= refresh->period_ns)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "'%s': expected a jitter below half of the update "
                       "period of %g s, got %g s",
                       domain->name, (double)refresh->period_ns * 1e-9,
                       (double)refresh->jitter_ns * 1e-9);
    refresh->phase_ns =
        domain->phase_ns >= 0
            ? domain->phase_ns % refresh->period_ns
            : (int64_t)(gb_mix_unit(seed, 3) * (double)refresh->period_ns);
    domain->counter.gain = domain->gauge.gain =
        draw_gain(machine, domain, seed);
    return set_counter(domain, seed, err);
}

/* --- what makes up the node ----------------------------------------------- */

static int meter_rank(const char *label) {
    static const char *const inwards[] = {"Module Power Socket",
                                          "Grace Power Socket"};
    for (int i = 0; i < 2; i++)
        if (gb_starts_with(label, inwards[i]))
            return i;
    /* A label that names no part of a socket is the whole node's meter. */
    return gb_starts_with(label, "CPU Power") ||
                   gb_starts_with(label, "SysIO Power")
               ? 2
               : 0;
}

/* Whether the domain's scope makes it part of the node, beside others of its
 * source: reference/energy.md §0 and §1.3. */
static bool in_node(const gb_em_machine *machine, const gb_em_domain *domain) {
    int outermost = 3;
    switch (domain->source) {
    case GB_EM_CRAY_PM:
        return strcmp(domain->name, "energy") == 0;
    case GB_EM_AMD_ENERGY:
        return gb_starts_with(domain->label, "Esocket");
    case GB_EM_POWERCAP: {
        const char *tail = strrchr(domain->name, '/');
        return gb_starts_with(domain->zone, "intel-rapl:") &&
               (gb_starts_with(tail ? tail + 1 : domain->name, "package-") ||
                strcmp(tail ? tail + 1 : domain->name, "dram") == 0);
    }
    case GB_EM_POWER_METER:
        for (size_t i = 0; i < machine->domain_count; i++) {
            const gb_em_domain *other = &machine->domains[i];
            if (!other->off && other->source == GB_EM_POWER_METER &&
                meter_rank(other->label) < outermost)
                outermost = meter_rank(other->label);
        }
        return meter_rank(domain->label) == outermost;
    case GB_EM_SOURCE_COUNT:
        break;
    }
    return false;
}

static void choose_node(gb_em_machine *machine) {
    static const gb_em_source best_first[] = {GB_EM_CRAY_PM, GB_EM_POWER_METER,
                                              GB_EM_POWERCAP, GB_EM_AMD_ENERGY};
    bool stated = false, chosen = false;
    for (size_t i = 0; i < machine->domain_count; i++)
        stated |= !machine->domains[i].off && machine->domains[i].node == 1;
    for (size_t s = 0; s < GB_EM_SOURCE_COUNT; s++) {
        bool any = false;
        for (size_t i = 0; i < machine->domain_count; i++) {
            gb_em_domain *domain = &machine->domains[i];
            if (domain->source != best_first[s] || domain->node >= 0)
                continue;
            domain->node =
                !stated && !chosen && !domain->off && in_node(machine, domain);
            any |= domain->node == 1;
        }
        chosen |= any;
    }
}

gb_status gb_em_machine_link(gb_em_machine *machine, const gb_machines *all,
                             gb_error *err) {
    const uint64_t seed = gb_mix_name(all->seed, machine->name);
    for (size_t i = 0; i < machine->domain_count; i++) {
        gb_em_domain *domain = &machine->domains[i];
        gb_status status = GB_OK;
        if (domain->off)
            continue;
        if (domain->trace == NULL)
            return gb_fail(err, GB_ERR_INVALID, "for example power: 100",
                           "'%s': expected the key 'power'", domain->name);
        status = link_trace(machine, i, domain->trace, all, err);
        if (status == GB_OK)
            status = link_domain(machine, domain,
                                 gb_mix_name(seed, domain->name), err);
        if (status != GB_OK)
            return status;
    }
    choose_node(machine);
    return GB_OK;
}

bool gb_machines_are_live(const gb_machines *machines) {
    for (size_t i = 0; i < machines->count; i++)
        for (size_t k = 0; k < machines->items[i].domain_count; k++) {
            const gb_em_domain *domain = &machines->items[i].domains[k];
            if (!domain->off && gb_trace_is_live(domain->trace))
                return true;
        }
    return false;
}

/* --- readings ------------------------------------------------------------- */

static uint64_t plain_steps(const gb_em_domain *domain, int64_t t_ns) {
    return gb_counter_steps(&domain->counter, domain->trace,
                            gb_refresh_last_ns(&domain->refresh, t_ns, NULL));
}

bool gb_em_last_reset(const gb_em_machine *machine, const char *domain,
                      const char *path, int64_t t_ns, int64_t *reset_ns_out) {
    bool any = false;
    for (size_t i = 0; i < machine->fault_count; i++) {
        const gb_fault *fault = &machine->faults[i];
        int64_t begin_ns = 0;
        if (fault->kind != GB_FAULT_RESET ||
            !gb_fault_hits(fault, domain, path) ||
            gb_fault_begins(fault, t_ns, &begin_ns) == 0 ||
            (any && begin_ns <= *reset_ns_out))
            continue;
        *reset_ns_out = begin_ns;
        any = true;
    }
    return any;
}

double gb_em_leaps(const gb_em_machine *machine, const char *domain,
                   const char *path, int64_t since_ns, int64_t t_ns) {
    double leaps = 0.0;
    for (size_t i = 0; i < machine->fault_count; i++) {
        const gb_fault *fault = &machine->faults[i];
        if (fault->kind == GB_FAULT_JUMP && gb_fault_hits(fault, domain, path))
            leaps += fault->amount *
                     (double)(gb_fault_begins(fault, t_ns, NULL) -
                              gb_fault_begins(fault, since_ns, NULL));
    }
    return leaps;
}

uint64_t gb_em_domain_steps(const gb_em_machine *machine,
                            const gb_em_domain *domain, const char *path,
                            int64_t t_ns) {
    gb_counter counter = domain->counter;
    uint64_t steps = plain_steps(domain, t_ns);
    int64_t reset_ns = -1; /* before everything */
    if (gb_em_last_reset(machine, domain->name, path, t_ns, &reset_ns)) {
        const uint64_t before = plain_steps(domain, reset_ns);
        counter.start = 0;
        steps = steps > before ? steps - before : 0;
    }
    const double leap =
        gb_em_leaps(machine, domain->name, path, reset_ns, t_ns) * 1e9 /
        (double)counter.unit_nj;
    return gb_counter_wrap(&counter, steps,
                           leap > -0x1p62 && leap < 0x1p62 ? (int64_t)leap : 0);
}

/* --- for people ----------------------------------------------------------- */

static void describe_domain(const gb_em_domain *domain, gb_str *out) {
    const bool gauge = domain->source == GB_EM_POWER_METER;
    gb_str_addf(out, "  %-20s %-11s up to %g W, every %g ms +- %g ms",
                domain->name, gb_em_source_name(domain->source),
                gb_trace_max_w(domain->trace),
                (double)domain->refresh.period_ns * 1e-6,
                (double)domain->refresh.jitter_ns * 1e-6);
    if (gauge)
        gb_str_addf(out, ", mean over %g ms",
                    (double)domain->gauge.average_ns * 1e-6);
    else
        gb_str_addf(out, ", steps of %g uJ",
                    (double)domain->counter.unit_nj * 1e-3);
    if (!gauge && domain->counter.modulus > 0)
        gb_str_addf(out, ", wraps at %.6g J",
                    (double)domain->counter.modulus *
                        (double)domain->counter.unit_nj * 1e-9);
    if (domain->counter.gain != 1.0)
        gb_str_addf(out, ", reads %+.3f %%",
                    (domain->counter.gain - 1.0) * 100.0);
    gb_str_addf(out, "%s\n", domain->node == 1 ? ", part of the node" : "");
}

void gb_machines_describe(const gb_machines *machines, gb_str *out) {
    for (size_t i = 0; i < machines->count; i++) {
        const gb_em_machine *machine = &machines->items[i];
        gb_str_addf(out, "%s%s%s\n", machine->name,
                    machine->cpu.name[0] != '\0' ? ": " : "",
                    machine->cpu.name);
        for (size_t k = 0; k < machine->domain_count; k++)
            if (!machine->domains[k].off)
                describe_domain(&machine->domains[k], out);
        for (size_t k = 0; k < machine->fault_count; k++) {
            const gb_fault *fault = &machine->faults[k];
            gb_str_addf(out, "  fault %s on %s at %g s",
                        gb_fault_kind_name(fault->kind), fault->target,
                        (double)fault->at_ns * 1e-9);
            if (fault->for_ns != GB_FAULT_FOR_EVER && fault->for_ns > 0)
                gb_str_addf(out, " for %g s", (double)fault->for_ns * 1e-9);
            if (fault->every_ns > 0)
                gb_str_addf(out, ", every %g s",
                            (double)fault->every_ns * 1e-9);
            gb_str_add(out, "\n");
        }
    }
}
