/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_EMULATOR_TRACE_H
#define GB_EMULATOR_TRACE_H

/**
 * @file emulator/trace.h
 * Scripted power as a function of time, with its exact integral: the truth that
 * a measurement of an emulated machine is compared with. Pure. Times are
 * seconds since the emulator's start; power is never negative.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "emulator/history.h"

typedef enum gb_trace_kind {
    GB_TRACE_CONSTANT,
    GB_TRACE_SINE,
    GB_TRACE_SQUARE,
    GB_TRACE_STEP,   /* holds each point's power until the next */
    GB_TRACE_LINE,   /* straight between points: a CSV file */
    GB_TRACE_CPU,    /* idle_w + utilisation * (max_w - idle_w) */
    GB_TRACE_DOMAIN, /* a share of another domain's */
    GB_TRACE_SUM,
} gb_trace_kind;

typedef struct gb_trace_point {
    double t_s, power_w;
} gb_trace_point;

/** A processor's power follows what it did so long before, so that every value
 *  a reader sees rests on utilisation that is recorded, not guessed. */
#define GB_TRACE_CPU_LAG_S 0.05

typedef struct gb_trace gb_trace;
struct gb_trace {
    gb_trace_kind kind;
    double low_w;  /* CONSTANT; SQUARE: low; SINE: mean; CPU: idle */
    double high_w; /* SQUARE: high; SINE: amplitude; CPU: max */
    double frequency_hz, phase_cycles, duty; /* SINE, SQUARE */

    gb_trace_point *points;  /* STEP, LINE: [point_count], t ascending from 0 */
    double *points_energy_j; /* [point_count] integral from 0 to each point */
    size_t point_count;
    double repeat_s; /* 0: the last point's power is held for ever */

    gb_trace **parts; /* SUM: [part_count] */
    size_t part_count;

    char *domain;              /* DOMAIN: its name */
    double share;              /* DOMAIN: factor */
    const gb_trace *other;     /* DOMAIN: borrowed, set when linked */
    const gb_history *history; /* CPU: borrowed, set when linked */
    size_t leaves;             /* traces to add up; set when linked */
};

void gb_trace_free(gb_trace *trace); /* null is allowed; not `other` */

/**
 * Take points over and prepare their integral.
 *
 * @param points    [count], malloc'ed; freed by gb_trace_free(), also on
 * failure
 * @param repeat_s  0, or the period: longer than the last point's time for
 *                  STEP, not shorter than it for LINE
 * @retval GB_ERR_RANGE  no points; times that do not ascend or do not begin at
 *                       0; power negative; repeat_s too short
 */
gb_status gb_trace_set_points(gb_trace *trace, gb_trace_point *points,
                              size_t count, double repeat_s, gb_error *err);

/**
 * Points from the text of a CSV file: `time_s,power_w` on each line, a first
 * line of words, empty lines and lines that begin with '#' left out. Times
 * are shifted so that the first is 0.
 *
 * @param name        for messages: "trace.csv"
 * @param points_out  [*count_out], malloc'ed
 * @retval GB_ERR_INVALID  err->what is "name:line: ..."
 */
gb_status gb_trace_parse_csv(const char *name, const char *text,
                             gb_trace_point **points_out, size_t *count_out,
                             gb_error *err);

/** Power at @p t_s. */
double gb_trace_power_w(const gb_trace *trace, double t_s);

/** Integral of the power from @p t0_s to @p t1_s: closed forms, no sampling.
 *  Periodic shapes are defined for all times, others hold their first value
 *  before 0. */
double gb_trace_energy_j(const gb_trace *trace, double t0_s, double t1_s);

/** True if its value depends on what this machine's processors do. */
bool gb_trace_is_live(const gb_trace *trace);

/** Upper bound of the power, for ranges and descriptions. */
double gb_trace_max_w(const gb_trace *trace);

#endif /* GB_EMULATOR_TRACE_H */
