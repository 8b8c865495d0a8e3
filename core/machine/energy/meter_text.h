/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_METER_TEXT_H
#define GB_MACHINE_ENERGY_METER_TEXT_H

/**
 * @file machine/energy/meter_text.h
 * The text in which a site's own meter is told to greenbench, line by line.
 * The grammar is in docs/energy-sources.md, "An external meter". Pure. Private
 * to machine/energy.
 */
#include "base/error.h"
#include "model/energy.h"

/** Longest line, without its end; longer ones are dropped. */
#define GB_METER_LINE_MAX 1023

/* --- bytes into lines ----------------------------------------------------- */

/** Bytes as they come, whole lines out. Zero-initialise it. */
typedef struct gb_line_buffer {
    char text[4 * (GB_METER_LINE_MAX + 1)];
    size_t length;    /* bytes held */
    size_t taken;     /* of which were given out as lines */
    bool skipping;    /* until the end of a line that is not wanted */
    uint64_t dropped; /* lines too long, or with a null character */
} gb_line_buffer;

/** Where to put more bytes: at least one. Lines given out become invalid. */
char *gb_line_buffer_room(gb_line_buffer *buffer, size_t *size_out);
/** @p length bytes were put there. */
void gb_line_buffer_added(gb_line_buffer *buffer, size_t length);
/** The next whole line, terminated and without its end; null: none yet. */
const char *gb_line_buffer_next(gb_line_buffer *buffer);
/** Nothing more will come: what is left is a line. */
void gb_line_buffer_end(gb_line_buffer *buffer);
/** Forget what is held. @p within: what comes next begins inside a line. */
void gb_line_buffer_restart(gb_line_buffer *buffer, bool within);

/* --- lines ---------------------------------------------------------------- */

/** What a `channel` line declares. */
typedef struct gb_meter_channel {
    char name[64];
    gb_energy_scope scope;
    gb_reading_kind kind; /* as its unit says */
    int32_t package;      /* -1: none stated */
    unsigned decimals;    /* of a value: ticks = value * 10^decimals */
    double tick_j;        /* J (POWER: W) of one tick */
    double step_j;        /* smallest change, J or W */
    uint64_t wrap_ticks;  /* 0: never wraps */
    uint64_t update_ns;   /* > 0 */
    uint64_t average_ns;  /* 0: not stated */
    double max_power_w;   /* twice its range; 0: no range stated */
    double u_rel;         /* standard relative uncertainty; 0: not stated */
    bool stamped;         /* its readings carry a time */
    bool shared;
} gb_meter_channel;

typedef enum gb_meter_line_kind {
    GB_METER_BLANK, /* or a comment */
    GB_METER_FORMAT,
    GB_METER_CHANNEL,
    GB_METER_READING,
} gb_meter_line_kind;

typedef struct gb_meter_line {
    gb_meter_line_kind kind;
    gb_meter_channel channel; /* of CHANNEL */
    /* Of READING, as they are written; `time` is "" if there is none. */
    char name[64], value[48], time[48];
} gb_meter_line;

/** @retval GB_ERR_INVALID  none of these; @p err says what was expected */
gb_status gb_meter_line_parse(const char *text, gb_meter_line *out,
                              gb_error *err);

typedef enum gb_meter_value {
    GB_METER_VALUE,
    GB_METER_NO_VALUE, /* "N/A", "null", "unknown", "nan", a negative number:
                          the meter's way of saying that it has none */
    GB_METER_BAD_VALUE,
} gb_meter_value;

/** "231.5" with one decimal -> 2315; more digits are rounded to the nearest.
 *  @param[out] ticks_out  untouched unless it is a value */
gb_meter_value gb_meter_value_parse(const char *text, unsigned decimals,
                                    uint64_t *ticks_out);

/** "1790000000.25" seconds of any clock -> ns, > 0. */
bool gb_meter_time_parse(const char *text, uint64_t *time_ns_out);

#endif /* GB_MACHINE_ENERGY_METER_TEXT_H */
