/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/meter_table.h"

#include <string.h>

#include "base/text.h"

static void note_bad(gb_meter_table *table, const char *what) {
    if (table->bad_lines++ == 0)
        gb_copy(table->first_bad, sizeof(table->first_bad), what);
}

static gb_meter_state *state_named(gb_meter_table *table, const char *name) {
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->states[i].channel.name, name) == 0)
            return &table->states[i];
    return NULL;
}

/* Do values of the one mean the same as values of the other? */
static bool same_channel(const gb_meter_channel *a, const gb_meter_channel *b) {
    return a->scope == b->scope && a->kind == b->kind &&
           a->package == b->package && a->decimals == b->decimals &&
           a->tick_j == b->tick_j && a->wrap_ticks == b->wrap_ticks &&
           a->stamped == b->stamped;
}

/* A daemon that starts again declares its channels again. */
static void take_channel(gb_meter_table *table,
                         const gb_meter_channel *channel) {
    gb_meter_state *known = state_named(table, channel->name);

    if (known && same_channel(&known->channel, channel)) {
        known->other = false;
    } else if (known && table->settled) {
        known->other = true;
        note_bad(table, "a channel was declared again, and differently");
    } else if (known) {
        *known = (gb_meter_state){.channel = *channel};
    } else if (table->settled) {
        note_bad(table, "a channel that was not there to begin with");
    } else if (table->count == GB_METER_CHANNELS_MAX) {
        note_bad(table, "more than 64 channels");
    } else {
        table->states[table->count++] = (gb_meter_state){.channel = *channel};
    }
}

/* Could the channel have this value? Above its range is no value (rule 27). */
static bool in_range(const gb_meter_channel *channel, uint64_t ticks) {
    if (channel->kind == GB_READING_POWER)
        return channel->max_power_w <= 0.0 ||
               (double)ticks * channel->tick_j <= channel->max_power_w;
    return channel->wrap_ticks == 0 || ticks < channel->wrap_ticks;
}

static void take_reading(gb_meter_table *table, const gb_meter_line *line,
                         const gb_meter_arrival *arrival) {
    gb_meter_state *state = state_named(table, line->name);
    uint64_t ticks = 0, own_ns = 0;

    if (!state) {
        note_bad(table, "a reading of a channel that was not declared");
        return;
    }
    const gb_meter_channel *channel = &state->channel;
    const gb_meter_value kind =
        gb_meter_value_parse(line->value, channel->decimals, &ticks);
    const bool timed =
        !channel->stamped || gb_meter_time_parse(line->time, &own_ns);
    if (kind == GB_METER_BAD_VALUE)
        note_bad(table, "a value that is no number");
    else if (!timed)
        note_bad(table, "no time, though the channel says time=yes");
    state->ok = kind == GB_METER_VALUE && timed && in_range(channel, ticks);
    state->ticks = ticks;
    state->own_ns = own_ns;
    state->came_ns = arrival->at_ns;
    state->old = state->old || arrival->before;
    state->fresh = state->fresh || !arrival->before;
}

void gb_meter_table_take(gb_meter_table *table, const char *text,
                         const gb_meter_arrival *arrival) {
    gb_meter_line line;
    gb_error err = {0};

    if (gb_meter_line_parse(text, &line, &err) != GB_OK)
        note_bad(table, err.what);
    else if (line.kind == GB_METER_FORMAT)
        table->format = true;
    else if (line.kind == GB_METER_CHANNEL && table->format)
        take_channel(table, &line.channel);
    else if (line.kind == GB_METER_READING && table->count > 0)
        take_reading(table, &line, arrival);
    else if (line.kind != GB_METER_BLANK)
        note_bad(table, "expected 'greenbench-meter 1' first, and channels "
                        "before readings");
}

bool gb_meter_table_has_reading(const gb_meter_table *table) {
    for (size_t i = 0; i < table->count; i++)
        if (table->states[i].old || table->states[i].fresh)
            return true;
    return false;
}

bool gb_meter_table_all_fresh(const gb_meter_table *table) {
    for (size_t i = 0; i < table->count; i++)
        if (!table->states[i].fresh)
            return false;
    return table->count > 0;
}

uint64_t gb_meter_table_longest_update_ns(const gb_meter_table *table) {
    uint64_t longest_ns = 0;

    for (size_t i = 0; i < table->count; i++)
        if (table->states[i].channel.update_ns > longest_ns)
            longest_ns = table->states[i].channel.update_ns;
    return longest_ns;
}

uint64_t gb_meter_table_shortest_update_ns(const gb_meter_table *table) {
    uint64_t shortest_ns = gb_meter_table_longest_update_ns(table);

    for (size_t i = 0; i < table->count; i++)
        if (table->states[i].channel.update_ns < shortest_ns)
            shortest_ns = table->states[i].channel.update_ns;
    return shortest_ns;
}
