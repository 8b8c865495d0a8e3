/* SPDX-License-Identifier: Apache-2.0 */
/* A site's own meter: the outlets of a PDU, a wall meter. A daemon appends its
 * readings to a file, or a program prints them; the format is in
 * docs/energy-sources.md. Rules: reference/energy.md §7, rules 26, 27, 30, 34,
 * 40, 51.
 *
 * Runs on a thread of its own (slow_ns), on which it never waits for the meter:
 * it takes what there is. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "machine/energy/domains.h"
#include "machine/energy/meter_command.h"
#include "machine/energy/meter_file.h"
#include "machine/energy/meter_table.h"

#define MS_NS UINT64_C(1000000)
#define S_NS  UINT64_C(1000000000)

#define LINES_MAX 100000u /* taken in one go: more than any meter says */

/* A meter that has said nothing for so long is dead (rule 34). */
#define STALE_PERIODS 5u
/* Opening waits for the first readings: two periods, at most so long. */
#define OPEN_PERIODS  2u
#define OPEN_LIMIT_NS (6 * S_NS)
#define OPEN_STEP_NS  (20 * MS_NS)
/* When is a line looked for? Ten times in a period tells within a tenth of it
 * when a reading without a time came. */
#define POLL_LEAST_NS (50 * MS_NS)
#define POLL_MOST_NS  (1 * S_NS)
/* A program that ended with an error is not run again in a loop. */
#define RETRY_NS (1 * S_NS)
/* One that runs and says nothing hangs. */
#define HANG_LEAST_NS (10 * S_NS)

struct gb_energy_source {
    gb_energy_env env;
    gb_domain_list domains; /* one for each channel of the table */
    gb_meter_table table;
    bool from_file;
    gb_meter_file file;
    gb_meter_command command;
    uint64_t looked_ns; /* the last look for lines; 0: none yet */
    uint64_t period_ns; /* from one look to the next */
    uint64_t rerun_ns;  /* from one start of a program to the next */
};

static void external_close(gb_energy_source *source) {
    if (!source)
        return;
    if (source->from_file)
        gb_meter_file_close(&source->file);
    else
        gb_meter_command_stop(&source->command);
    gb_domain_list_fini(&source->domains);
    free(source);
}

/* --- lines ---------------------------------------------------------------- */

static const char *next_line(gb_energy_source *source) {
    return source->from_file
               ? gb_meter_file_next(&source->file)
               : gb_meter_command_next(&source->command, source->env.clock);
}

/* Take every line there is. Each came between the last look and this one; what
 * a file holds at the first look is older than that. */
static void look(gb_energy_source *source) {
    const uint64_t now_ns = gb_clock_now_ns(source->env.clock);
    const bool first = source->looked_ns == 0;
    const uint64_t half_ns = first ? 0 : (now_ns - source->looked_ns) / 2;
    const gb_meter_arrival arrival = {now_ns - half_ns,
                                      first && source->from_file};
    const char *line = NULL;
    bool skipped = !arrival.before;

    for (size_t i = 0; i < LINES_MAX && (line = next_line(source)); i++) {
        gb_meter_table_take(&source->table, line, &arrival);
        if (!skipped && gb_meter_table_has_reading(&source->table)) {
            gb_meter_file_skip(&source->file);
            skipped = true;
        }
    }
    source->looked_ns = now_ns;
}

/* --- a program's life ----------------------------------------------------- */

/* Run a program that has ended again, each period; end one that hangs. */
static void keep_running(gb_energy_source *source) {
    gb_meter_command *command = &source->command;
    const uint64_t now_ns = gb_clock_now_ns(source->env.clock);
    const uint64_t silent_ns =
        STALE_PERIODS * gb_meter_table_longest_update_ns(&source->table);
    uint64_t pause_ns = source->rerun_ns;

    if (command->pid >= 0) {
        if (now_ns - command->spoke_ns >
            (silent_ns > HANG_LEAST_NS ? silent_ns : HANG_LEAST_NS)) {
            gb_meter_command_stop(command);
            command->failed = true;
        }
        return;
    }
    if ((command->failed || !command->spoke) && pause_ns < RETRY_NS)
        pause_ns = RETRY_NS;
    if (now_ns - command->started_ns >= pause_ns &&
        gb_meter_command_start(command, source->env.clock, NULL) != GB_OK) {
        command->started_ns = now_ns;
        command->failed = true;
    }
}

/* --- opening -------------------------------------------------------------- */

/* The setting with each "%h" replaced by the node's name. */
static gb_status expand(const gb_energy_env *env, const char *setting,
                        char *out, size_t size, gb_error *err) {
    size_t length = 0;

    out[0] = '\0';
    for (const char *at = setting; *at != '\0'; at++) {
        const bool host = at[0] == '%' && at[1] == 'h';
        const int added = snprintf(out + length, size - length, "%.*s",
                                   host ? (int)sizeof(env->node->name) : 1,
                                   host ? env->node->name : at);
        if (added < 0 || (size_t)added >= size - length)
            return gb_fail(err, GB_ERR_INVALID, "put it into a script",
                           "external: expected at most %zu characters, got "
                           "'%.60s...'",
                           size - 1, setting);
        length += (size_t)added;
        at += host;
    }
    return GB_OK;
}

static gb_status open_stream(gb_energy_source *source, gb_error *err) {
    char setting[256];
    gb_status status = expand(&source->env, source->env.setting, setting,
                              sizeof(setting), err);

    if (status != GB_OK)
        return status;
    gb_meter_command_init(&source->command, setting + 1);
    source->from_file = setting[0] != '!';
    if (source->from_file)
        return gb_meter_file_open(setting, &source->file, err);
    return gb_meter_command_start(&source->command, source->env.clock, err);
}

static uint64_t open_limit_ns(const gb_energy_source *source) {
    const uint64_t update_ns = gb_meter_table_longest_update_ns(&source->table);
    const uint64_t limit_ns = OPEN_PERIODS * update_ns + S_NS / 2;

    return update_ns > 0 && limit_ns < OPEN_LIMIT_NS ? limit_ns : OPEN_LIMIT_NS;
}

/* A file has its declarations at its begin; a program may take a while. */
static bool still_hoping(const gb_energy_source *source, uint64_t waited_ns) {
    const bool silent = source->table.count == 0 &&
                        (source->from_file || source->command.pid < 0);

    return !silent && !gb_meter_table_all_fresh(&source->table) &&
           waited_ns < open_limit_ns(source);
}

static void await_readings(gb_energy_source *source) {
    const gb_clock *clock = source->env.clock;
    const uint64_t begin_ns = gb_clock_now_ns(clock);

    look(source);
    while (still_hoping(source, gb_clock_now_ns(clock) - begin_ns)) {
        clock->sleep_until(clock->ctx, gb_clock_now_ns(clock) + OPEN_STEP_NS);
        if (!source->from_file)
            keep_running(source);
        look(source);
    }
}

/* Nothing was declared: why? */
static gb_status refuse_stream(const gb_energy_source *source, gb_error *err) {
    static const char hint[] =
        "the format is in docs/energy-sources.md, \"An external meter\"";
    const gb_meter_command *command = &source->command;

    if (source->table.bad_lines > 0)
        return gb_fail(err, GB_ERR_INVALID, hint,
                       "'%s': expected channels, got %" PRIu64
                       " other lines: %s",
                       source->env.setting, source->table.bad_lines,
                       source->table.first_bad);
    if (source->from_file)
        return gb_fail(err, GB_ERR_INVALID, hint,
                       "'%s': expected channels, got none",
                       source->env.setting);
    if (command->pid >= 0)
        return gb_fail(err, GB_ERR_INVALID, hint,
                       "'%s' printed nothing within %.0f s",
                       source->env.setting, 1e-9 * (double)OPEN_LIMIT_NS);
    return gb_fail(err, GB_ERR_INVALID, hint,
                   "'%s' ended with status %d and declared no channel%s%s",
                   source->env.setting, command->exit_code,
                   command->complaint[0] ? ": " : "", command->complaint);
}

static double bound_w(const gb_meter_channel *channel) {
    if (channel->max_power_w > 0)
        return channel->max_power_w;
    if (channel->scope == GB_SCOPE_PACKAGE)
        return GB_MAX_PACKAGE_W;
    return channel->scope == GB_SCOPE_DRAM ? GB_MAX_DRAM_W : GB_MAX_NODE_W;
}

/* A line that was in the file before is believed only if the file is still
 * written to, and only of a meter too slow to be awaited. */
static bool adopt_old(const gb_energy_source *source, gb_meter_state *state) {
    const uint64_t update_ns = state->channel.update_ns;
    const uint64_t half_ns = update_ns / 2;

    if (!state->old || OPEN_PERIODS * update_ns < OPEN_LIMIT_NS)
        return false;
    const double age_s = gb_meter_file_age_s(&source->file);
    if (age_s < 0.0 || age_s > OPEN_PERIODS * 1e-9 * (double)update_ns)
        return false;
    state->came_ns =
        source->looked_ns > half_ns ? source->looked_ns - half_ns : 1;
    return true;
}

static void judge_channel(const gb_energy_source *source, gb_meter_state *state,
                          gb_energy_domain *domain) {
    if (!state->fresh && !adopt_old(source, state))
        gb_domain_refuse(domain, GB_DOMAIN_STUCK,
                         "start the meter's daemon, or mend it",
                         "no reading of it came within %.1f s",
                         1e-9 * (double)open_limit_ns(source));
    else if (!state->ok)
        gb_domain_refuse(domain, GB_DOMAIN_FAILED, NULL,
                         "the meter says that it has no value%s%s",
                         source->table.bad_lines ? "; " : "",
                         source->table.first_bad);
}

static gb_status add_channel(gb_energy_source *source, gb_meter_state *state,
                             gb_error *err) {
    const gb_meter_channel *channel = &state->channel;
    gb_energy_domain *domain =
        gb_domain_list_add(&source->domains, gb_energy_external.name,
                           channel->name, source->env.setting, channel->scope);

    if (!domain)
        return gb_fail_memory(err, "an external channel");
    domain->kind = channel->kind;
    domain->package = channel->package;
    domain->tick_j = channel->tick_j;
    domain->step_j = channel->step_j;
    domain->wrap_ticks = channel->wrap_ticks;
    domain->update_ns = channel->update_ns;
    /* A line without a time is as old as the look before may be long ago. */
    if (!channel->stamped)
        domain->update_ns += source->period_ns;
    domain->average_ns = channel->average_ns;
    domain->max_power_w = bound_w(channel);
    domain->accuracy_stated = channel->u_rel > 0;
    domain->u_rel = channel->u_rel > 0 ? channel->u_rel : GB_U_REL_METER;
    domain->stamped = channel->stamped;
    domain->shared = channel->shared;
    judge_channel(source, state, domain);
    return GB_OK;
}

static gb_status add_channels(gb_energy_source *source, gb_error *err) {
    gb_meter_table *table = &source->table;
    gb_status status = GB_OK;

    source->rerun_ns = gb_meter_table_shortest_update_ns(table);
    source->period_ns = source->rerun_ns / 10;
    if (source->rerun_ns < POLL_LEAST_NS)
        source->rerun_ns = POLL_LEAST_NS;
    if (source->period_ns < POLL_LEAST_NS)
        source->period_ns = POLL_LEAST_NS;
    if (source->period_ns > POLL_MOST_NS)
        source->period_ns = POLL_MOST_NS;
    for (size_t i = 0; status == GB_OK && i < table->count; i++)
        status = add_channel(source, &table->states[i], err);
    if (status != GB_OK)
        return status;
    gb_energy_domain *first = &source->domains.items[0];
    if (table->bad_lines > 0 && first->reason[0] == '\0')
        snprintf(first->reason, sizeof(first->reason),
                 "%" PRIu64 " lines were not understood, the first: %.120s",
                 table->bad_lines, table->first_bad);
    table->settled = true;
    return GB_OK;
}

static gb_status external_open(const gb_energy_env *env,
                               gb_energy_source **source_out, gb_error *err) {
    if (!env->setting || env->setting[0] == '\0')
        return gb_fail(err, GB_ERR_UNSUPPORTED,
                       "--energy external=FILE or external='!COMMAND', or "
                       "GREENBENCH_EXTERNAL",
                       "no meter of the site's own was named");

    gb_energy_source *source = calloc(1, sizeof(*source));
    if (!source)
        return gb_fail_memory(err, "the external meter");
    source->env = *env;
    source->rerun_ns = RETRY_NS;
    source->file.fd = -1;
    gb_meter_command_init(&source->command, "");
    gb_status status = open_stream(source, err);
    if (status == GB_OK) {
        await_readings(source);
        status = source->table.count > 0 ? add_channels(source, err)
                                         : refuse_stream(source, err);
    }
    if (status != GB_OK) {
        external_close(source);
        return status;
    }
    *source_out = source;
    return GB_OK;
}

/* --- reading -------------------------------------------------------------- */

static const gb_energy_domain *external_domains(const gb_energy_source *source,
                                                size_t *count_out) {
    *count_out = source->domains.count;
    return source->domains.items;
}

static void external_read(gb_energy_source *source,
                          gb_energy_reading *readings) {
    const uint64_t before_ns = gb_clock_now_ns(source->env.clock);

    if (!source->from_file)
        keep_running(source);
    look(source);
    const uint64_t now_ns = gb_clock_now_ns(source->env.clock);
    for (size_t i = 0; i < source->table.count; i++) {
        const gb_meter_state *state = &source->table.states[i];
        const uint64_t age_ns =
            now_ns > state->came_ns ? now_ns - state->came_ns : 0;

        readings[i] = (gb_energy_reading){0};
        gb_reading_stamp(&readings[i], before_ns, now_ns);
        if (source->domains.items[i].status != GB_DOMAIN_OK || !state->ok ||
            state->other || age_ns > STALE_PERIODS * state->channel.update_ns)
            continue;
        readings[i].ok = true;
        readings[i].ticks = state->ticks;
        readings[i].stamp_ns =
            state->channel.stamped ? state->own_ns : state->came_ns;
    }
}

static uint64_t external_slow_ns(const gb_energy_source *source) {
    return source->period_ns;
}

const gb_energy_source_ops gb_energy_external = {
    .name = "external",
    .summary = "a meter of the site's own, through a file or a program",
    .open = external_open,
    .domains = external_domains,
    .read = external_read,
    .close = external_close,
    .slow_ns = external_slow_ns,
};
