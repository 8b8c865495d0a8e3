/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/set.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "machine/energy/background.h"
#include "machine/energy/domains.h"
#include "machine/energy/opening.h"
#include "machine/energy/packages.h"
#include "machine/energy/wanted.h"
#include "metering/delta.h"
#include "metering/lattice.h"

#define PROBE_LIMIT_NS         UINT64_C(250000000)
#define PROBE_LIMIT_UNKNOWN_NS UINT64_C(50000000)
#define PROBE_STEP_NS          UINT64_C(2000000)
/* A BMC may take seconds to answer, or to time out. */
#define PROBE_LIMIT_SLOW_NS UINT64_C(7000000000)
/* A read of a counter takes microseconds; a source that takes this long is read
 * in the background from then on. */
#define BLOCKED_NS        UINT64_C(250000000)
#define BLOCKED_PERIOD_NS UINT64_C(100000000)

typedef struct set_member {
    const gb_energy_source_ops *ops;
    char setting[GB_SETTING_SIZE];
    gb_energy_source *source;  /* null: absent */
    gb_background *background; /* reads a slow source; null: it is fast */
    size_t first, count;       /* its rows among the domains */
    bool used;                 /* some domain is ok */
    bool lost; /* to a read, or an opening, that never returned */
} set_member;

struct gb_energy_set {
    gb_energy_env env;
    set_member members[GB_MEMBERS_MAX]; /* [member_count], best first */
    size_t member_count;
    gb_domain_list domains;
    gb_energy_cover cover;
    bool automatic; /* the user did not choose the sources */
};

gb_status gb_energy_set_check(const char *wanted, gb_error *err) {
    gb_wanted_source list[GB_MEMBERS_MAX];
    size_t count;

    return gb_wanted_parse(wanted, list, &count, err);
}

/* --- opening them --------------------------------------------------------- */

static gb_status add_absent(gb_energy_set *set, const char *source,
                            const gb_error *why, gb_error *err) {
    gb_energy_domain *row =
        gb_domain_list_add(&set->domains, source, "", NULL, GB_SCOPE_OTHER);

    if (!row)
        return gb_fail_memory(err, "an energy domain");
    gb_domain_refuse(row,
                     why->status == GB_ERR_UNSUPPORTED  ? GB_DOMAIN_ABSENT
                     : why->status == GB_ERR_PERMISSION ? GB_DOMAIN_FORBIDDEN
                                                        : GB_DOMAIN_FAILED,
                     why->hint, "%s", why->what);
    return GB_OK;
}

static bool any_ok(const gb_energy_domain *domains, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (domains[i].status == GB_DOMAIN_OK)
            return true;
    return false;
}

/* Two meters of one kind call their domains alike. */
static void name_apart(const gb_energy_set *set, gb_energy_domain *domain) {
    char base[sizeof(domain->name)], end[16];
    bool taken = true;

    gb_copy(base, sizeof(base), domain->name);
    for (unsigned n = 2; taken; n++) {
        taken = false;
        for (size_t i = 0; i < set->domains.count && !taken; i++) {
            const gb_energy_domain *other = &set->domains.items[i];
            taken = other != domain && strcmp(other->name, domain->name) == 0 &&
                    strcmp(other->source, domain->source) == 0;
        }
        if (!taken)
            return;
        snprintf(end, sizeof(end), "#%u", n);
        snprintf(domain->name, sizeof(domain->name), "%.*s%s",
                 (int)(sizeof(domain->name) - sizeof(end)), base, end);
    }
}

/* @param setting  nullable: [length] */
static gb_status open_member(gb_energy_set *set,
                             const gb_energy_source_ops *ops,
                             const char *setting, size_t length,
                             gb_error *err) {
    if (set->member_count == GB_MEMBERS_MAX)
        return gb_wanted_too_many(err);
    set_member *added = &set->members[set->member_count++];
    gb_energy_env env = set->env;
    gb_error why = {0};
    gb_status status;

    *added = (set_member){.ops = ops, .first = set->domains.count};
    if (setting && length >= sizeof(added->setting))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "%s: expected a setting of at most %zu characters, got "
                       "%zu",
                       ops->name, sizeof(added->setting) - 1, length);
    if (setting)
        memcpy(added->setting, setting, length);
    env.setting = setting ? added->setting : NULL;
    status = gb_opening_run(ops, &env,
                            env.patience_ns > 0 ? env.patience_ns
                                                : GB_OPENING_PATIENCE_NS,
                            &added->source, &added->lost, &why);
    if (status == GB_ERR_NO_MEMORY) {
        added->source = NULL;
        if (err)
            *err = why;
        return status;
    }
    if (status != GB_OK) {
        added->source = NULL;
        return add_absent(set, ops->name, &why, err);
    }

    const gb_energy_domain *domains =
        ops->domains(added->source, &added->count);
    for (size_t i = 0; i < added->count; i++) {
        gb_energy_domain *copy = gb_domain_list_add(
            &set->domains, ops->name, domains[i].name, NULL, GB_SCOPE_OTHER);
        if (!copy)
            return gb_fail_memory(err, "an energy domain");
        *copy = domains[i];
        if (ops->many)
            name_apart(set, copy);
        gb_domain_refuse_too_fast(copy);
    }
    const uint64_t slow_ns = ops->slow_ns ? ops->slow_ns(added->source) : 0;
    if (slow_ns > 0 && any_ok(domains, added->count))
        return gb_background_start(ops, added->source, added->count, slow_ns,
                                   set->env.clock, &added->background, err);
    return GB_OK;
}

/* Each of its settings, the user's or the site's, is a member of its own. */
static gb_status open_wanted(gb_energy_set *set, const gb_wanted_source *wanted,
                             gb_error *err) {
    const gb_energy_source_ops *ops = wanted->ops;
    const gb_energy_env *env = &set->env;
    const char *setting = wanted->setting;
    size_t length = 0;

    if (setting[0] == '\0')
        setting = env->setting_of ? env->setting_of(ops->name) : NULL;
    const char *at = setting ? gb_wanted_setting(ops, setting, &length) : NULL;
    if (!at)
        return open_member(set, ops, NULL, 0, err);
    gb_status status = GB_OK;
    while (at && status == GB_OK) {
        status = open_member(set, ops, at, length, err);
        at = gb_wanted_setting(ops, at + length, &length);
    }
    return status;
}

/* --- probing -------------------------------------------------------------- */

static void stop_background(set_member *member) {
    member->lost = !gb_background_stop(member->background) || member->lost;
    member->background = NULL;
}

/* A source whose read has blocked once may block again, and must not hold up
 * the sampler and the marks of windows a second time. */
static void read_directly(gb_energy_set *set, set_member *member,
                          gb_energy_reading *readings) {
    const uint64_t begin_ns = gb_clock_now_ns(set->env.clock);

    member->ops->read(member->source, readings);
    if (gb_clock_now_ns(set->env.clock) - begin_ns <= BLOCKED_NS)
        return;
    /* Out of threads: it goes on as it was. */
    if (gb_background_start(member->ops, member->source, member->count,
                            BLOCKED_PERIOD_NS, set->env.clock,
                            &member->background, NULL) == GB_OK)
        gb_background_offer(member->background, readings);
}

static void read_members(gb_energy_set *set, gb_energy_reading *readings) {
    for (size_t i = 0; i < set->domains.count; i++)
        readings[i] = (gb_energy_reading){0};
    for (size_t m = 0; m < set->member_count; m++) {
        set_member *member = &set->members[m];

        if (member->used && member->background)
            gb_background_latest(member->background, &readings[member->first]);
        else if (member->used)
            read_directly(set, member, &readings[member->first]);
    }
}

/* A source of which nothing is ok is not read at all. */
static void mark_used(gb_energy_set *set) {
    for (size_t m = 0; m < set->member_count; m++) {
        set_member *member = &set->members[m];

        member->used =
            member->count > 0 &&
            any_ok(&set->domains.items[member->first], member->count);
    }
}

/* May waiting longer still show that @p domain works? */
static bool worth_waiting(const set_member *member,
                          const gb_energy_domain *domain, uint64_t waited_ns) {
    const uint64_t limit_ns =
        domain->update_ns ? PROBE_LIMIT_NS : PROBE_LIMIT_UNKNOWN_NS;

    if (!member->background)
        return waited_ns < limit_ns;
    /* Two rounds of reads, as for any other source, whatever they take. */
    return waited_ns < PROBE_LIMIT_SLOW_NS &&
           (waited_ns < limit_ns ||
            gb_background_rounds(member->background) < 2);
}

/* Has this domain shown that it works? A gauge may stand still; so may a
 * counter that changes too rarely to be awaited here, and one in joules whose
 * stamp moves. */
static bool proven(const gb_energy_domain *domain,
                   const gb_energy_reading *first,
                   const gb_energy_reading *second) {
    if (!first->ok || !second->ok)
        return false;
    return domain->kind == GB_READING_POWER ||
           domain->update_ns > PROBE_LIMIT_NS ||
           first->ticks != second->ticks ||
           (domain->stamped && first->stamp_ns != second->stamp_ns);
}

/* Everything counted as proven or given up on after @p waited_ns? */
static bool probe_done(const gb_energy_set *set, const gb_energy_reading *first,
                       const gb_energy_reading *second, uint64_t waited_ns) {
    for (size_t m = 0; m < set->member_count; m++) {
        const set_member *member = &set->members[m];

        for (size_t i = member->first; i < member->first + member->count; i++)
            if (set->domains.items[i].status == GB_DOMAIN_OK &&
                !proven(&set->domains.items[i], &first[i], &second[i]) &&
                worth_waiting(member, &set->domains.items[i], waited_ns))
                return false;
    }
    return true;
}

/* A source that stamps its readings and whose stamps stand still as well has
 * died, as the counters of MI100s do: no such board, a known fault. */
static void judge_stuck(gb_energy_domain *domain, uint64_t ticks,
                        uint64_t waited_ns) {
    char noted[sizeof(domain->reason)];

    gb_copy(noted, sizeof(noted), domain->reason);
    gb_domain_refuse(domain, GB_DOMAIN_STUCK,
                     domain->stamped
                         ? "load its driver again, or restart the node or its "
                           "controller: until then use another source"
                         : "the counter is listed but does not work on this "
                           "board or in this virtual machine: use another "
                           "source",
                     "no change during %.0f ms (still %llu)%s",
                     (double)waited_ns * 1e-6, (unsigned long long)ticks,
                     domain->stamped ? ", nor of its own time stamp" : "");
    if (!domain->stamped)
        return;
    gb_copy(domain->suspect, sizeof(domain->suspect), "frozen_stamp");
    if (noted[0] != '\0')
        gb_domain_note(domain, "%s", noted);
}

static void judge(gb_energy_set *set, const gb_energy_reading *first,
                  const gb_energy_reading *second, uint64_t waited_ns) {
    for (size_t i = 0; i < set->domains.count; i++) {
        gb_energy_domain *domain = &set->domains.items[i];

        if (domain->status != GB_DOMAIN_OK ||
            proven(domain, &first[i], &second[i]))
            continue;
        if (!first[i].ok || !second[i].ok)
            gb_domain_refuse(domain, GB_DOMAIN_FAILED, NULL,
                             "'%s': expected two good reads, got a bad one",
                             domain->path);
        else
            judge_stuck(domain, second[i].ticks, waited_ns);
    }
}

static gb_status probe(gb_energy_set *set, gb_error *err) {
    const gb_clock *clock = set->env.clock;
    size_t count = set->domains.count;
    gb_energy_reading *first = calloc(2 * count + 1, sizeof(*first));
    uint64_t begin_ns, waited_ns = 0;

    if (!first)
        return gb_fail_memory(err, "the first readings");
    gb_energy_reading *second = first + count;

    mark_used(set);
    begin_ns = gb_clock_now_ns(clock);
    read_members(set, first);
    while (!probe_done(set, first, second, waited_ns)) {
        clock->sleep_until(clock->ctx, gb_clock_now_ns(clock) + PROBE_STEP_NS);
        read_members(set, second);
        waited_ns = gb_clock_now_ns(clock) - begin_ns;
        /* A first read that failed is not held against a source. */
        for (size_t i = 0; i < count; i++)
            if (!first[i].ok)
                first[i] = second[i];
    }
    judge(set, first, second, waited_ns);
    free(first);
    return GB_OK;
}

/* --- the set -------------------------------------------------------------- */

static void choose_cover(gb_energy_set *set) {
    const char *preference[GB_MEMBERS_MAX];

    for (size_t i = 0; i < set->member_count; i++)
        preference[i] = set->members[i].ops->name;
    gb_lattice_choose(set->domains.items, set->domains.count,
                      any_ok(set->domains.items, set->domains.count)
                          ? gb_energy_packages(set->env.root)
                          : 0,
                      preference, set->member_count, &set->cover);
    /* /proc/stat of a large node takes a millisecond to read, ten times a
     * second: not for an estimate that nobody asked for. */
    for (size_t i = 0; set->automatic && i < set->domains.count; i++) {
        gb_energy_domain *domain = &set->domains.items[i];
        if (domain->status == GB_DOMAIN_OK && !domain->summed &&
            domain->quality == GB_QUALITY_MODELLED)
            gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED,
                             "ask for it with --energy model",
                             "an estimate is not made where energy is "
                             "measured");
    }
    if (!gb_sysroot_simulated(set->env.root))
        return;
    /* After the choice: an estimate must not pass for a counter by being
     * simulated like one. */
    if (set->cover.summed_count > 0)
        set->cover.quality = GB_QUALITY_SIMULATED;
    for (size_t i = 0; i < set->domains.count; i++) {
        gb_energy_domain *domain = &set->domains.items[i];
        /* A recording has nothing from the fake root, and is no better for it.
         */
        if (domain->status == GB_DOMAIN_OK &&
            strcmp(domain->source, gb_energy_replay.name) != 0)
            domain->quality = GB_QUALITY_SIMULATED;
        if (domain->summed && domain->quality < set->cover.quality)
            set->cover.quality = domain->quality;
    }
}

gb_status gb_energy_set_open(const gb_energy_env *env, const char *wanted,
                             gb_energy_set **set_out, gb_error *err) {
    gb_wanted_source list[GB_MEMBERS_MAX];
    size_t count;
    gb_status status = gb_wanted_parse(wanted, list, &count, err);

    if (status != GB_OK)
        return status;
    gb_energy_set *set = calloc(1, sizeof(*set));
    if (!set)
        return gb_fail_memory(err, "the energy sources");
    set->env = *env;
    set->automatic = strcmp(wanted, "auto") == 0;
    for (size_t i = 0; status == GB_OK && i < count; i++)
        status = open_wanted(set, &list[i], err);
    if (status == GB_OK)
        status = probe(set, err);
    if (status != GB_OK) {
        gb_energy_set_close(set);
        return status;
    }
    choose_cover(set);
    mark_used(set);
    for (size_t m = 0; m < set->member_count; m++)
        if (!set->members[m].used)
            stop_background(&set->members[m]);
    *set_out = set;
    return GB_OK;
}

const gb_energy_domain *gb_energy_set_domains(const gb_energy_set *set,
                                              size_t *count_out) {
    *count_out = set->domains.count;
    return set->domains.items;
}

gb_status gb_energy_set_describe(const gb_energy_set *set, gb_node *node,
                                 gb_error *err) {
    const size_t count = set->domains.count;
    gb_energy_domain *copy = malloc((count + 1) * sizeof(*copy));
    if (copy == NULL)
        return gb_fail_memory(err, "the energy domains");
    if (count > 0)
        memcpy(copy, set->domains.items, count * sizeof(*copy));
    node->domains = copy;
    node->domain_count = count;
    node->cover = set->cover;
    return GB_OK;
}

const gb_energy_cover *gb_energy_set_cover(const gb_energy_set *set) {
    return &set->cover;
}

void gb_energy_set_read(gb_energy_set *set, gb_energy_reading *readings) {
    read_members(set, readings);
    for (size_t i = 0; i < set->domains.count; i++)
        if (set->domains.items[i].status != GB_DOMAIN_OK)
            readings[i].ok = false;
}

double gb_energy_set_longest_interval_s(const gb_energy_set *set) {
    double longest_s = DBL_MAX;

    for (size_t i = 0; i < set->domains.count; i++) {
        const gb_energy_domain *domain = &set->domains.items[i];
        if (domain->status != GB_DOMAIN_OK || domain->kind != GB_READING_ENERGY)
            continue;
        double safe_s = gb_delta_longest_interval_s(domain);
        longest_s = safe_s < longest_s ? safe_s : longest_s;
    }
    return longest_s;
}

bool gb_energy_set_close(gb_energy_set *set) {
    bool closed = true;

    if (!set)
        return true;
    for (size_t i = 0; i < set->member_count; i++) {
        set_member *member = &set->members[i];

        stop_background(member);
        if (member->source && !member->lost)
            member->ops->close(member->source);
        closed = closed && !member->lost;
    }
    gb_domain_list_fini(&set->domains);
    /* What is lost may read its setting in the set. */
    if (closed)
        free(set);
    return closed;
}
