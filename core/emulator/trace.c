/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/trace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"

#define TWO_PI 6.283185307179586476925286766559L

void gb_trace_free(gb_trace *trace) {
    if (trace == NULL)
        return;
    for (size_t i = 0; i < trace->part_count; i++)
        gb_trace_free(trace->parts[i]);
    free(trace->parts);
    free(trace->points);
    free(trace->points_energy_j);
    free(trace->domain);
    free(trace);
}

/* --- points --------------------------------------------------------------- */

static gb_status check_points(const gb_trace *trace, gb_error *err) {
    for (size_t i = 0; i < trace->point_count; i++) {
        const gb_trace_point *at = &trace->points[i];
        if (!(at->power_w >= 0.0) || !isfinite(at->power_w))
            return gb_fail(err, GB_ERR_RANGE, NULL,
                           "expected power >= 0 W, got %g at %g s", at->power_w,
                           at->t_s);
        if (i == 0 ? at->t_s != 0.0 : !(at->t_s > trace->points[i - 1].t_s))
            return gb_fail(err, GB_ERR_RANGE, NULL,
                           "expected times that ascend from 0, got %g s as "
                           "number %zu",
                           at->t_s, i + 1);
    }
    const double last_s = trace->points[trace->point_count - 1].t_s;
    const bool step = trace->kind == GB_TRACE_STEP;
    if (trace->repeat_s != 0.0 &&
        !(step ? trace->repeat_s > last_s : trace->repeat_s >= last_s))
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "expected a repeat %s the last time %g s, got %g s",
                       step ? "longer than" : "not shorter than", last_s,
                       trace->repeat_s);
    return GB_OK;
}

gb_status gb_trace_set_points(gb_trace *trace, gb_trace_point *points,
                              size_t count, double repeat_s, gb_error *err) {
    trace->points = points;
    trace->point_count = count;
    trace->repeat_s = repeat_s;
    if (count == 0)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "expected a point of time and power at least, got none");
    const gb_status status = check_points(trace, err);
    if (status != GB_OK)
        return status;
    trace->points_energy_j = calloc(count, sizeof(*trace->points_energy_j));
    if (trace->points_energy_j == NULL)
        return gb_fail_memory(err, "a trace");
    for (size_t i = 1; i < count; i++) {
        const gb_trace_point *a = &points[i - 1], *b = &points[i];
        const double power_w = trace->kind == GB_TRACE_STEP
                                   ? a->power_w
                                   : 0.5 * (a->power_w + b->power_w);
        trace->points_energy_j[i] =
            trace->points_energy_j[i - 1] + power_w * (b->t_s - a->t_s);
    }
    return GB_OK;
}

/* One line "time_s,power_w" of @p length bytes. */
static bool parse_line(const char *line, size_t length, gb_trace_point *point) {
    char text[128];
    if (length >= sizeof(text))
        return false;
    memcpy(text, line, length);
    text[length] = '\0';
    char *comma = strchr(text, ',');
    if (comma == NULL)
        return false;
    *comma = '\0';
    char *power = comma + 1 + strspn(comma + 1, " \t");
    char *time = text + strspn(text, " \t");
    time[strcspn(time, " \t")] = '\0';
    power[strcspn(power, " \t\r")] = '\0';
    return gb_parse_f64(time, &point->t_s, NULL) == GB_OK &&
           gb_parse_f64(power, &point->power_w, NULL) == GB_OK;
}

static bool is_header(const char *line) {
    return (line[0] >= 'a' && line[0] <= 'z') ||
           (line[0] >= 'A' && line[0] <= 'Z') || line[0] == '"';
}

gb_status gb_trace_parse_csv(const char *name, const char *text,
                             gb_trace_point **points_out, size_t *count_out,
                             gb_error *err) {
    gb_trace_point *points = NULL;
    size_t count = 0, capacity = 0, number = 0;
    for (const char *line = text; *line != '\0';) {
        const size_t length = strcspn(line, "\n");
        const char *next = line + length + (line[length] == '\n' ? 1 : 0);
        number++;
        const bool blank = strspn(line, " \t\r") >= length;
        if (!blank && line[0] != '#' && !(count == 0 && is_header(line))) {
            if (count == capacity) {
                capacity = capacity == 0 ? 256 : 2 * capacity;
                gb_trace_point *more =
                    realloc(points, capacity * sizeof(*points));
                if (more == NULL) {
                    free(points);
                    return gb_fail_memory(err, name);
                }
                points = more;
            }
            if (!parse_line(line, length, &points[count])) {
                free(points);
                return gb_fail(err, GB_ERR_INVALID, NULL,
                               "%s:%zu: expected 'time_s,power_w', got '%.*s'",
                               name, number, length > 60 ? 60 : (int)length,
                               line);
            }
            count++;
        }
        line = next;
    }
    for (size_t i = count; i-- > 0;)
        points[i].t_s -= points[0].t_s;
    *points_out = points;
    *count_out = count;
    return GB_OK;
}

/* The last point at or before @p t_s >= 0. */
static size_t point_before(const gb_trace *trace, double t_s) {
    size_t low = 0, high = trace->point_count - 1;
    while (low < high) {
        const size_t middle = low + (high - low + 1) / 2;
        if (trace->points[middle].t_s <= t_s)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static double point_power_w(const gb_trace *trace, double t_s) {
    const size_t i = point_before(trace, t_s);
    const gb_trace_point *a = &trace->points[i];
    if (trace->kind == GB_TRACE_STEP || i + 1 == trace->point_count)
        return a->power_w;
    const gb_trace_point *b = a + 1;
    return a->power_w +
           (b->power_w - a->power_w) * (t_s - a->t_s) / (b->t_s - a->t_s);
}

/* Integral from 0 to 0 <= t_s, within one period. */
static double point_energy_j(const gb_trace *trace, double t_s) {
    const size_t i = point_before(trace, t_s);
    const gb_trace_point *a = &trace->points[i];
    const double power_w = trace->kind == GB_TRACE_STEP
                               ? a->power_w
                               : 0.5 * (a->power_w + point_power_w(trace, t_s));
    return trace->points_energy_j[i] + power_w * (t_s - a->t_s);
}

static long double points_to(const gb_trace *trace, double t_s) {
    if (trace->repeat_s > 0.0) {
        const double periods = floor(t_s / trace->repeat_s);
        const double rest_s = t_s - periods * trace->repeat_s;
        return (long double)periods * point_energy_j(trace, trace->repeat_s) +
               point_energy_j(trace, rest_s > 0.0 ? rest_s : 0.0);
    }
    if (t_s < 0.0)
        return (long double)trace->points[0].power_w * t_s;
    return point_energy_j(trace, t_s);
}

/* --- closed forms --------------------------------------------------------- */

/* Integrals from 0 in long double: a difference of two of them keeps the
 * counter's last place after months of emulated kilowatts. */
static long double square_to(const gb_trace *trace, double t_s) {
    const long double frequency = trace->frequency_hz;
    const long double x = frequency * t_s + trace->phase_cycles;
    const long double whole = floorl(x), part = x - whole;
    const long double duty = trace->duty;
    const long double high = whole * duty + (part < duty ? part : duty);
    const long double low =
        whole * (1 - duty) + (part > duty ? part - duty : 0);
    return (trace->high_w * high + trace->low_w * low) / frequency;
}

static long double sine_to(const gb_trace *trace, double t_s) {
    const long double cycles =
        (long double)trace->frequency_hz * t_s + trace->phase_cycles;
    const long double part = cycles - floorl(cycles);
    return (long double)trace->low_w * t_s -
           trace->high_w / (TWO_PI * trace->frequency_hz) * cosl(TWO_PI * part);
}

static long double cpu_to(const gb_trace *trace, double t_s) {
    const double busy_s =
        gb_history_busy_s(trace->history, t_s - GB_TRACE_CPU_LAG_S);
    return (long double)trace->low_w * t_s +
           ((long double)trace->high_w - trace->low_w) * busy_s;
}

/* The integral to t_s from an origin of the shape's own. */
static long double energy_to(const gb_trace *trace, double t_s) {
    long double sum = 0;
    switch (trace->kind) {
    case GB_TRACE_CONSTANT:
        return (long double)trace->low_w * t_s;
    case GB_TRACE_SINE:
        return sine_to(trace, t_s);
    case GB_TRACE_SQUARE:
        return square_to(trace, t_s);
    case GB_TRACE_STEP:
    case GB_TRACE_LINE:
        return points_to(trace, t_s);
    case GB_TRACE_CPU:
        return cpu_to(trace, t_s);
    case GB_TRACE_DOMAIN:
        return trace->share * energy_to(trace->other, t_s);
    case GB_TRACE_SUM:
        for (size_t i = 0; i < trace->part_count; i++)
            sum += energy_to(trace->parts[i], t_s);
        return sum;
    }
    return 0;
}

double gb_trace_energy_j(const gb_trace *trace, double t0_s, double t1_s) {
    return (double)(energy_to(trace, t1_s) - energy_to(trace, t0_s));
}

static double cycle_part(const gb_trace *trace, double t_s) {
    const long double x =
        (long double)trace->frequency_hz * t_s + trace->phase_cycles;
    return (double)(x - floorl(x));
}

static double points_power_w(const gb_trace *trace, double t_s) {
    if (trace->repeat_s > 0.0) {
        t_s -= floor(t_s / trace->repeat_s) * trace->repeat_s;
        if (t_s >= trace->repeat_s)
            t_s = 0.0;
    }
    return point_power_w(trace, t_s > 0.0 ? t_s : 0.0);
}

double gb_trace_power_w(const gb_trace *trace, double t_s) {
    double sum = 0.0;
    switch (trace->kind) {
    case GB_TRACE_CONSTANT:
        return trace->low_w;
    case GB_TRACE_SINE:
        return trace->low_w +
               trace->high_w * sin((double)TWO_PI * cycle_part(trace, t_s));
    case GB_TRACE_SQUARE:
        return cycle_part(trace, t_s) < trace->duty ? trace->high_w
                                                    : trace->low_w;
    case GB_TRACE_STEP:
    case GB_TRACE_LINE:
        return points_power_w(trace, t_s);
    case GB_TRACE_CPU:
        return trace->low_w + (trace->high_w - trace->low_w) *
                                  gb_history_utilisation(
                                      trace->history, t_s - GB_TRACE_CPU_LAG_S);
    case GB_TRACE_DOMAIN:
        return trace->share * gb_trace_power_w(trace->other, t_s);
    case GB_TRACE_SUM:
        for (size_t i = 0; i < trace->part_count; i++)
            sum += gb_trace_power_w(trace->parts[i], t_s);
        return sum;
    }
    return 0.0;
}

bool gb_trace_is_live(const gb_trace *trace) {
    if (trace->kind == GB_TRACE_DOMAIN)
        return gb_trace_is_live(trace->other);
    for (size_t i = 0; i < trace->part_count; i++)
        if (gb_trace_is_live(trace->parts[i]))
            return true;
    return trace->kind == GB_TRACE_CPU;
}

double gb_trace_max_w(const gb_trace *trace) {
    double most = trace->low_w;
    if (trace->kind == GB_TRACE_SINE)
        return trace->low_w + trace->high_w;
    if (trace->kind == GB_TRACE_SQUARE || trace->kind == GB_TRACE_CPU)
        return fmax(trace->low_w, trace->high_w);
    if (trace->kind == GB_TRACE_DOMAIN)
        return trace->share * gb_trace_max_w(trace->other);
    for (size_t i = 0; i < trace->point_count; i++)
        most = fmax(most, trace->points[i].power_w);
    for (size_t i = 0; i < trace->part_count; i++)
        most += gb_trace_max_w(trace->parts[i]);
    return most;
}
