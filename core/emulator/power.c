/* SPDX-License-Identifier: Apache-2.0 */
/* The `power` of a domain, from YAML to a trace. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "emulator/describe.h"

#define POWER_MAX_W   1e7
#define POINTS_MAX    1000000
#define CSV_MAX_BYTES (64u << 20)
#define COUNT_OF(a)   (sizeof(a) / sizeof((a)[0]))

/* What a map of one shape says, before it is a trace. */
typedef struct shape {
    double a_w, b_w, frequency_hz, phase_deg, duty;
    int64_t repeat_ns;
    bool repeat;
    char file[256], domain[64];
    const gb_yaml_node *points;
} shape;

#define FIELD(key, kind, member, least, most)                                  \
    { key, kind, offsetof(shape, member), least, most, 0, NULL }
#define FIELD_TEXT(key, member)                                                \
    {                                                                          \
        key, GB_EM_TEXT, offsetof(shape, member), 0, 0,                        \
            sizeof(((shape *)NULL)->member), NULL                              \
    }

static gb_status missing(const gb_em_reader *in, const gb_yaml_node *node,
                         const char *what, const char *key) {
    char wanted[96];
    snprintf(wanted, sizeof(wanted), "the key '%s'", key);
    return gb_em_unexpected(in, node, what, wanted, NULL);
}

static gb_status need(const gb_em_reader *in, const gb_yaml_node *node,
                      const char *what, const char *const *keys, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (gb_em_value_of(node, keys[i]) == NULL)
            return missing(in, node, what, keys[i]);
    return GB_OK;
}

/* --- shapes with a closed form -------------------------------------------- */

static gb_status read_sine(const gb_em_reader *in, const gb_yaml_node *node,
                           gb_trace *trace) {
    static const gb_em_field fields[] = {
        FIELD("mean_w", GB_EM_NUMBER, a_w, 0, POWER_MAX_W),
        FIELD("amplitude_w", GB_EM_NUMBER, b_w, 0, POWER_MAX_W),
        FIELD("frequency_hz", GB_EM_NUMBER, frequency_hz, 1e-6, 1e6),
        FIELD("phase_deg", GB_EM_NUMBER, phase_deg, -360, 360),
    };
    static const char *const keys[] = {"mean_w", "amplitude_w", "frequency_hz"};
    shape read = {0};
    gb_status status = gb_em_read_map(in, node, "a map with mean_w", fields,
                                      COUNT_OF(fields), &read);
    if (status == GB_OK)
        status = need(in, node, "sine", keys, COUNT_OF(keys));
    if (status == GB_OK && read.b_w > read.a_w)
        status = gb_em_unexpected(in, gb_em_value_of(node, "amplitude_w"),
                                  "amplitude_w", "at most mean_w",
                                  "power is never negative");
    trace->kind = GB_TRACE_SINE;
    trace->low_w = read.a_w;
    trace->high_w = read.b_w;
    trace->frequency_hz = read.frequency_hz;
    trace->phase_cycles = read.phase_deg / 360.0;
    return status;
}

static gb_status read_square(const gb_em_reader *in, const gb_yaml_node *node,
                             gb_trace *trace) {
    static const gb_em_field fields[] = {
        FIELD("low_w", GB_EM_NUMBER, a_w, 0, POWER_MAX_W),
        FIELD("high_w", GB_EM_NUMBER, b_w, 0, POWER_MAX_W),
        FIELD("frequency_hz", GB_EM_NUMBER, frequency_hz, 1e-6, 1e6),
        FIELD("phase_deg", GB_EM_NUMBER, phase_deg, -360, 360),
        FIELD("duty", GB_EM_NUMBER, duty, 0, 1),
    };
    static const char *const keys[] = {"low_w", "high_w", "frequency_hz"};
    shape read = {.duty = 0.5};
    gb_status status = gb_em_read_map(in, node, "a map with low_w", fields,
                                      COUNT_OF(fields), &read);
    if (status == GB_OK)
        status = need(in, node, "square", keys, COUNT_OF(keys));
    trace->kind = GB_TRACE_SQUARE;
    trace->low_w = read.a_w;
    trace->high_w = read.b_w;
    trace->frequency_hz = read.frequency_hz;
    trace->phase_cycles = read.phase_deg / 360.0;
    trace->duty = read.duty;
    return status;
}

static gb_status read_cpu(const gb_em_reader *in, const gb_yaml_node *node,
                          gb_trace *trace) {
    static const gb_em_field fields[] = {
        FIELD("idle_w", GB_EM_NUMBER, a_w, 0, POWER_MAX_W),
        FIELD("max_w", GB_EM_NUMBER, b_w, 0, POWER_MAX_W),
    };
    static const char *const keys[] = {"idle_w", "max_w"};
    shape read = {0};
    gb_status status = gb_em_read_map(in, node, "a map with idle_w", fields,
                                      COUNT_OF(fields), &read);
    if (status == GB_OK)
        status = need(in, node, "cpu", keys, COUNT_OF(keys));
    if (status == GB_OK && read.b_w < read.a_w)
        status = gb_em_unexpected(in, gb_em_value_of(node, "max_w"), "max_w",
                                  "idle_w at least", NULL);
    trace->kind = GB_TRACE_CPU;
    trace->low_w = read.a_w;
    trace->high_w = read.b_w;
    return status;
}

static gb_status read_domain(const gb_em_reader *in, const gb_yaml_node *node,
                             gb_trace *trace) {
    static const gb_em_field fields[] = {
        FIELD_TEXT("name", domain),
        FIELD("share", GB_EM_NUMBER, duty, 0, 1000),
    };
    static const char *const keys[] = {"name"};
    shape read = {.duty = 1.0};
    gb_status status = GB_OK;
    if (node->kind == GB_YAML_SCALAR) {
        gb_copy(read.domain, sizeof(read.domain), node->text);
    } else {
        status = gb_em_read_map(in, node, "a domain's name, or name and share",
                                fields, COUNT_OF(fields), &read);
        if (status == GB_OK)
            status = need(in, node, "domain", keys, COUNT_OF(keys));
    }
    if (status != GB_OK)
        return status;
    trace->kind = GB_TRACE_DOMAIN;
    trace->share = read.duty;
    trace->domain = strdup(read.domain);
    return trace->domain != NULL ? GB_OK : gb_fail_memory(in->err, in->name);
}

/* --- points --------------------------------------------------------------- */

static gb_status points_field(const gb_em_reader *in, const gb_yaml_node *value,
                              void *target) {
    (void)in; /* read_points() looks at it, with its place */
    ((shape *)target)->points = value;
    return GB_OK;
}

static gb_status read_points(const gb_em_reader *in, const gb_yaml_node *list,
                             gb_trace_point **points_out, size_t *count_out) {
    gb_status status = GB_OK;
    if (list->kind != GB_YAML_LIST || list->count == 0 ||
        list->count > POINTS_MAX)
        return gb_em_unexpected(in, list, "points",
                                "a list of points such as [[0, 50], [1, 250]]",
                                NULL);
    gb_trace_point *points = calloc(list->count, sizeof(*points));
    if (points == NULL)
        return gb_fail_memory(in->err, in->name);
    for (size_t i = 0; i < list->count && status == GB_OK; i++) {
        const gb_yaml_node *pair = list->items[i];
        if (pair->kind != GB_YAML_LIST || pair->count != 2) {
            status =
                gb_em_unexpected(in, pair, "points", "[seconds, watts]", NULL);
            break;
        }
        status = gb_em_read_number(in, pair->items[0], "seconds", 0, 1e9,
                                   &points[i].t_s);
        if (status == GB_OK)
            status = gb_em_read_number(in, pair->items[1], "watts", 0,
                                       POWER_MAX_W, &points[i].power_w);
    }
    if (status != GB_OK) {
        free(points);
        return status;
    }
    *points_out = points;
    *count_out = list->count;
    return GB_OK;
}

static gb_status finish_points(const gb_em_reader *in, const gb_yaml_node *node,
                               gb_trace *trace, gb_trace_point *points,
                               size_t count, int64_t repeat_ns) {
    return gb_em_placed(in, node,
                        gb_trace_set_points(trace, points, count,
                                            (double)repeat_ns * 1e-9, in->err));
}

/* `step` and `line`: a list of points, or a map of points and repeat. */
static gb_status read_pointwise(const gb_em_reader *in,
                                const gb_yaml_node *node, gb_trace *trace) {
    static const gb_em_field fields[] = {
        {"points", GB_EM_CUSTOM, 0, 0, 0, 0, points_field},
        FIELD("repeat", GB_EM_DURATION, repeat_ns, 1e-3, 1e9),
    };
    static const char *const keys[] = {"points"};
    shape read = {.points = node};
    gb_trace_point *points = NULL;
    size_t count = 0;
    gb_status status = GB_OK;
    if (node->kind != GB_YAML_LIST) {
        status = gb_em_read_map(in, node, "a list of points, or a map", fields,
                                COUNT_OF(fields), &read);
        if (status == GB_OK)
            status = need(in, node, "", keys, COUNT_OF(keys));
    }
    if (status == GB_OK)
        status = read_points(in, read.points, &points, &count);
    return status == GB_OK
               ? finish_points(in, node, trace, points, count, read.repeat_ns)
               : status;
}

static gb_status load_text(const gb_em_reader *in, const gb_yaml_node *node,
                           const char *path, char **text_out) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return gb_em_placed(in, node,
                            gb_fail_os(in->err, GB_ERR_NOT_FOUND,
                                       "a relative path begins at the "
                                       "description's folder",
                                       "cannot read '%s'", path));
    gb_str text = {0};
    char part[4096];
    size_t got;
    while ((got = fread(part, 1, sizeof(part), file)) > 0 &&
           text.length < CSV_MAX_BYTES)
        gb_str_addn(&text, part, got);
    const bool failed = ferror(file) != 0;
    fclose(file);
    if (failed || text.length >= CSV_MAX_BYTES) {
        gb_str_fini(&text);
        return gb_em_placed(in, node,
                            gb_fail(in->err, GB_ERR_IO, NULL,
                                    "expected a readable file below 64 MiB, "
                                    "got '%s'",
                                    path));
    }
    gb_str_add(&text, "");
    *text_out = gb_str_take(&text);
    return *text_out != NULL ? GB_OK : gb_fail_memory(in->err, path);
}

static gb_status read_csv(const gb_em_reader *in, const gb_yaml_node *node,
                          gb_trace *trace) {
    static const gb_em_field fields[] = {
        FIELD_TEXT("file", file),
        FIELD("repeat", GB_EM_FLAG, repeat, 0, 0),
    };
    static const char *const keys[] = {"file"};
    shape read = {0};
    char path[600], *text = NULL;
    gb_trace_point *points = NULL;
    size_t count = 0;
    gb_status status = gb_em_read_map(in, node, "a map with 'file'", fields,
                                      COUNT_OF(fields), &read);
    if (status == GB_OK)
        status = need(in, node, "csv", keys, COUNT_OF(keys));
    if (status != GB_OK)
        return status;
    const gb_yaml_node *file = gb_em_value_of(node, "file");
    if (in->folder == NULL)
        return gb_em_unexpected(in, file, "file",
                                "no file: this text has no folder", NULL);
    snprintf(path, sizeof(path), "%s%s%s",
             read.file[0] == '/' ? "" : in->folder,
             read.file[0] == '/' ? "" : "/", read.file);
    status = load_text(in, file, path, &text);
    if (status == GB_OK)
        status = gb_em_placed(
            in, file,
            gb_trace_parse_csv(read.file, text, &points, &count, in->err));
    free(text);
    if (status != GB_OK)
        return status;
    const double last_s = count > 0 ? points[count - 1].t_s : 0.0;
    trace->kind = GB_TRACE_LINE;
    return gb_em_placed(in, file,
                        gb_trace_set_points(trace, points, count,
                                            read.repeat ? last_s : 0.0,
                                            in->err));
}

/* --- any shape ------------------------------------------------------------ */

static gb_status read_sum(const gb_em_reader *in, const gb_yaml_node *node,
                          gb_trace *trace) {
    gb_status status = GB_OK;
    trace->kind = GB_TRACE_SUM;
    if (node->kind != GB_YAML_LIST || node->count == 0)
        return gb_em_unexpected(in, node, "sum", "a list of powers", NULL);
    trace->parts = calloc(node->count, sizeof(gb_trace *));
    if (trace->parts == NULL)
        return gb_fail_memory(in->err, in->name);
    for (size_t i = 0; i < node->count && status == GB_OK; i++) {
        status = gb_em_read_power(in, node->items[i], &trace->parts[i]);
        trace->part_count += status == GB_OK;
    }
    return status;
}

static gb_status read_shape(const gb_em_reader *in, const gb_yaml_node *node,
                            gb_trace *trace) {
    static const char *const names[] = {"constant", "sine", "square",
                                        "step",     "line", "csv",
                                        "sum",      "cpu",  "domain"};
    trace->kind = GB_TRACE_CONSTANT;
    if (node->kind == GB_YAML_SCALAR)
        return gb_em_read_number(in, node, "power", 0, POWER_MAX_W,
                                 &trace->low_w);
    if (node->kind != GB_YAML_MAP || node->count != 1)
        return gb_em_unexpected(in, node, "power",
                                "watts or a map of one shape",
                                "for example power: {sine: {mean_w: 100, "
                                "amplitude_w: 50, frequency_hz: 1}}");
    const char *name = node->keys[0]->text;
    const gb_yaml_node *value = node->items[0];
    if (strcmp(name, "constant") == 0)
        return gb_em_read_number(in, value, name, 0, POWER_MAX_W,
                                 &trace->low_w);
    if (strcmp(name, "sine") == 0)
        return read_sine(in, value, trace);
    if (strcmp(name, "square") == 0)
        return read_square(in, value, trace);
    if (strcmp(name, "cpu") == 0)
        return read_cpu(in, value, trace);
    if (strcmp(name, "domain") == 0)
        return read_domain(in, value, trace);
    if (strcmp(name, "sum") == 0)
        return read_sum(in, value, trace);
    if (strcmp(name, "csv") == 0)
        return read_csv(in, value, trace);
    trace->kind = strcmp(name, "step") == 0 ? GB_TRACE_STEP : GB_TRACE_LINE;
    if (strcmp(name, "step") == 0 || strcmp(name, "line") == 0)
        return read_pointwise(in, value, trace);
    return gb_em_unknown_key(in, node->keys[0], names, COUNT_OF(names));
}

gb_status gb_em_read_power(const gb_em_reader *in, const gb_yaml_node *node,
                           gb_trace **trace_out) {
    gb_trace *trace = calloc(1, sizeof(*trace));
    if (trace == NULL)
        return gb_fail_memory(in->err, in->name);
    const gb_status status = read_shape(in, node, trace);
    if (status != GB_OK) {
        gb_trace_free(trace);
        return status;
    }
    gb_trace_free(*trace_out);
    *trace_out = trace;
    return GB_OK;
}
