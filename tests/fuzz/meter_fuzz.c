/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what an external meter says, in pieces as long as the first byte
 * says: the lines are the same in one piece, channels are sound, and readings
 * fit their channel. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "machine/energy/meter_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

typedef struct listener {
    gb_meter_table table;
    gb_line_buffer lines;
    uint64_t count, sum; /* of lines and of their characters, in order */
} listener;

static void take_lines(listener *heard) {
    const gb_meter_arrival arrival = {1000, false};
    const char *line;

    while ((line = gb_line_buffer_next(&heard->lines)) != NULL) {
        heard->count++;
        for (const char *at = line; *at != '\0'; at++)
            heard->sum = heard->sum * 31 + (unsigned char)*at;
        gb_meter_table_take(&heard->table, line, &arrival);
    }
}

static void hear(listener *heard, const uint8_t *bytes, size_t size,
                 size_t piece) {
    while (size > 0) {
        size_t room;
        char *to = gb_line_buffer_room(&heard->lines, &room);
        size_t part = size < piece ? size : piece;
        part = part < room ? part : room;
        memcpy(to, bytes, part);
        gb_line_buffer_added(&heard->lines, part);
        take_lines(heard);
        bytes += part;
        size -= part;
    }
    gb_line_buffer_end(&heard->lines);
    take_lines(heard);
}

static void check_table(const gb_meter_table *table) {
    if (table->count > GB_METER_CHANNELS_MAX)
        abort();
    for (size_t i = 0; i < table->count; i++) {
        const gb_meter_state *state = &table->states[i];
        const gb_meter_channel *channel = &state->channel;
        if (channel->name[0] == '\0' || !(channel->tick_j > 0) ||
            !(channel->step_j >= channel->tick_j) || channel->update_ns == 0 ||
            !(channel->u_rel >= 0) || !(channel->max_power_w >= 0) ||
            channel->scope >= GB_SCOPE_COUNT)
            abort();
        if (state->ok && ((channel->wrap_ticks != 0 &&
                           state->ticks >= channel->wrap_ticks) ||
                          (channel->stamped && state->own_ns == 0)))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static listener pieces, whole; /* large */

    if (size == 0)
        return 0;
    memset(&pieces, 0, sizeof(pieces));
    memset(&whole, 0, sizeof(whole));
    hear(&pieces, bytes + 1, size - 1, (size_t)bytes[0] + 1);
    hear(&whole, bytes + 1, size - 1, SIZE_MAX);
    if (pieces.count != whole.count || pieces.sum != whole.sum ||
        pieces.lines.dropped != whole.lines.dropped ||
        pieces.table.bad_lines != whole.table.bad_lines)
        abort();
    check_table(&pieces.table);
    return 0;
}
