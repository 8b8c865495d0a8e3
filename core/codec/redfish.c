/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/redfish.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_parts.h"
#include "codec/redfish_value.h"

#define JOULES_PER_KWH 3.6e6
/* As metering: a node with more is a rack, or a number in another unit. */
#define MAX_NODE_W 20000.0
/* Rule 35 asks for windows of ten averaging times: longer than this is no
 * measurement of a run. */
#define LONGEST_AVERAGE_NS UINT64_C(60000000000)

/* --- access --------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

static double number_of(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);

    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* A path on the same server; anything else is no link. */
static void take_uri(const char *text, char *uri) {
    const size_t length = strlen(text);

    uri[0] = '\0';
    if (text[0] != '/' || text[1] == '/' || length >= GB_REDFISH_URI)
        return;
    for (const char *at = text; *at != '\0'; at++)
        if (*at <= ' ' || *at > '~' || strchr("?#\\@\"<>", *at))
            return;
    memcpy(uri, text, length + 1);
    if (length > 1 && uri[length - 1] == '/')
        uri[length - 1] = '\0';
}

static void take_link(const json_t *object, const char *key, char *uri) {
    take_uri(text_of(json_object_get(object, key), "@odata.id"), uri);
}

static void take_links(const json_t *array, gb_redfish_links *links) {
    size_t i;
    json_t *item;

    json_array_foreach((json_t *)(uintptr_t)array, i, item) {
        char uri[GB_REDFISH_URI];

        take_uri(text_of(item, "@odata.id"), uri);
        if (uri[0] == '\0')
            continue;
        links->total++;
        if (links->count < GB_REDFISH_LINKS)
            gb_copy(links->uri[links->count++], GB_REDFISH_URI, uri);
    }
}

/* --- a reading ------------------------------------------------------------ */

GB_PRINTF_LIKE(2, 3)
static void refuse(gb_redfish_reading *reading, const char *fmt, ...) {
    char why[256];
    va_list args;

    if (!reading || reading->refused[0] != '\0')
        return;
    va_start(args, fmt);
    vsnprintf(why, sizeof(why), fmt, args);
    va_end(args);
    gb_copy(reading->refused, sizeof(reading->refused), why);
}

/* Is it a number that a node's meter may show? */
static void check_value(gb_redfish_reading *reading, const json_t *value) {
    if (json_is_null(value))
        refuse(reading, "expected a number, got null");
    else if (!json_is_number(value))
        refuse(reading, "expected a number, got another type");
    else if (reading->value < 0)
        refuse(reading, "expected a number from 0, got %g", reading->value);
    else if (!reading->energy && reading->value == 0)
        refuse(reading, "expected the power of a running node, got 0 W");
    else if (!reading->energy && reading->value >= MAX_NODE_W)
        refuse(reading, "expected less than %.0f W, got %g W", MAX_NODE_W,
               reading->value);
    /* Above it, whole joules are no longer told apart. */
    else if (reading->energy && reading->value > 0x1p53)
        refuse(reading, "expected a number of joules, got %g", reading->value);
}

/* @p joules_per_unit  0: a power in W. @return null: no such key, or no room */
static gb_redfish_reading *add_reading(gb_redfish_resource *out,
                                       const json_t *object, const char *key,
                                       const char *property,
                                       double joules_per_unit) {
    const json_t *value = json_object_get(object, key);
    const double unit = joules_per_unit > 0 ? joules_per_unit : 1;

    if (!value || out->reading_count == GB_REDFISH_READINGS)
        return NULL;
    gb_redfish_reading *reading = &out->readings[out->reading_count++];
    *reading =
        (gb_redfish_reading){.energy = joules_per_unit > 0, .u_rel = NAN};
    gb_copy(reading->property, sizeof(reading->property), property);
    const double number = json_is_number(value) ? json_number_value(value) : 0;
    reading->value = number * unit;
    reading->step = gb_decimal_step(number) * unit;
    check_value(reading, value);
    return reading;
}

/* --- sensors and excerpts of them ----------------------------------------- */

/* "Precision" is the number of significant digits. */
static double precision_step(const json_t *object, double shown) {
    const double digits = number_of(object, "Precision");

    if (!(digits >= 1 && digits <= 17) || !(shown > 0))
        return 0;
    return pow(10, floor(log10(shown)) + 1 - digits);
}

static gb_redfish_side side_of(const json_t *object) {
    const char *voltage = text_of(object, "VoltageType");

    if (strcmp(voltage, "AC") == 0)
        return GB_REDFISH_SIDE_AC;
    if (strcmp(voltage, "DC") == 0 ||
        strcmp(text_of(object, "PhysicalContext"), "SystemBoard") == 0)
        return GB_REDFISH_SIDE_DC;
    return GB_REDFISH_SIDE_UNKNOWN;
}

static double accuracy_of(const json_t *object, double shown) {
    const double percent = number_of(object, "Accuracy");
    const double absolute = number_of(object, "ReadingAccuracy");
    double bound = NAN;

    if (absolute > 0 && shown > 0)
        bound = absolute / shown;
    else if (percent > 0)
        bound = percent / 100;
    /* A hundredth of a per cent is no board's meter. */
    return bound > 1e-4 && bound < 1 ? bound / sqrt(3.0) : NAN;
}

/* What a sensor, or an excerpt of one, says beside the number. */
static void describe(gb_redfish_reading *reading, const json_t *object,
                     double unit_j) {
    const double unit = unit_j > 0 ? unit_j : 1;

    if (!reading)
        return;
    const double shown = reading->value / unit;
    const double coarser = precision_step(object, shown) * unit;
    const char *state = text_of(json_object_get(object, "Status"), "State");

    if (coarser > reading->step)
        reading->step = coarser;
    reading->side = side_of(object);
    reading->u_rel = accuracy_of(object, shown);
    gb_iso_duration(text_of(object, "SensingInterval"), &reading->update_ns);
    if (!json_is_false(json_object_get(object, "AveragingIntervalAchieved")))
        gb_iso_duration(text_of(object, "AveragingInterval"),
                        &reading->average_ns);
    gb_iso_time(text_of(object, "ReadingTime"), &reading->stamp_ns,
                &reading->stamp_step_ns);
    take_uri(text_of(object, "DataSourceUri"), reading->sensor);
    if (!reading->energy && reading->average_ns > LONGEST_AVERAGE_NS)
        refuse(reading, "an average over %.0f s",
               (double)reading->average_ns * 1e-9);
    if (state[0] != '\0' && strcmp(state, "Enabled") != 0)
        refuse(reading, "the sensor is not enabled");
}

static void add_excerpt(gb_redfish_resource *out, const json_t *root,
                        const char *name, const char *key, double unit_j) {
    const json_t *object = json_object_get(root, name);
    char property[64];

    snprintf(property, sizeof(property), "%s.%s", name, key);
    describe(add_reading(out, object, key, property, unit_j), object, unit_j);
}

/* Counters before gauges, and what ResetMetrics leaves alone before what it
 * sets to zero. */
static void add_environment(gb_redfish_resource *out, const json_t *root) {
    add_excerpt(out, root, "EnergyJoules", "LifetimeReading", 1);
    add_excerpt(out, root, "EnergyJoules", "Reading", 1);
    add_excerpt(out, root, "EnergykWh", "LifetimeReading", JOULES_PER_KWH);
    add_excerpt(out, root, "EnergykWh", "Reading", JOULES_PER_KWH);
    add_excerpt(out, root, "PowerWatts", "Reading", 0);
}

static void add_sensor(gb_redfish_resource *out, const json_t *root) {
    static const struct {
        const char *units;
        double unit_j;
    } known[] = {
        {"W", 0}, {"J", 1}, {"kW.h", JOULES_PER_KWH}, {"kWh", JOULES_PER_KWH}};
    const char *units = text_of(root, "ReadingUnits");

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const double unit_j = known[i].unit_j;

        if (strcmp(units, known[i].units) != 0)
            continue;
        if (unit_j > 0)
            describe(add_reading(out, root, "LifetimeReading",
                                 "LifetimeReading", unit_j),
                     root, unit_j);
        describe(add_reading(out, root, "Reading", "Reading", unit_j), root,
                 unit_j);
    }
}

/* --- Power (deprecated by DMTF, and what most machines have) -------------- */

static bool relates_to(const json_t *control, const char *system) {
    gb_redfish_links links = {0};

    if (system[0] == '\0')
        return false;
    take_links(json_object_get(control, "RelatedItem"), &links);
    for (size_t i = 0; i < links.count; i++)
        if (strcmp(links.uri[i], system) == 0)
            return true;
    return false;
}

static size_t own_control(const json_t *controls, const char *system) {
    for (size_t i = 0; i < json_array_size(controls); i++)
        if (relates_to(json_array_get(controls, i), system))
            return i;
    return 0;
}

static void add_control(gb_redfish_resource *out, const json_t *control,
                        size_t index, bool own, const char *system) {
    const json_t *metrics = json_object_get(control, "PowerMetrics");
    const double capacity_w = number_of(control, "PowerCapacityWatts");
    char property[64];

    snprintf(property, sizeof(property), "PowerControl[%zu].PowerConsumedWatts",
             index);
    gb_redfish_reading *reading =
        add_reading(out, control, "PowerConsumedWatts", property, 0);
    if (reading) {
        reading->side = side_of(control);
        reading->own = relates_to(control, system);
        if (!own)
            refuse(reading, "of a part, or of another node");
        if (reading->value == capacity_w)
            refuse(reading, "equals PowerCapacityWatts: a rating, not a "
                            "measurement");
    }
    snprintf(property, sizeof(property),
             "PowerControl[%zu].AverageConsumedWatts", index);
    refuse(add_reading(out, metrics, "AverageConsumedWatts", property, 0),
           "an average over %g min", number_of(metrics, "IntervalInMin"));
}

/* The largest number called a maximum or rating anywhere in a supply's Oem
 * part, if it equals @p value_w. */
static bool oem_rating_is(const json_t *value, double value_w, int depth) {
    const char *key;
    json_t *item;

    json_object_foreach((json_t *)(uintptr_t)value, key, item) {
        if (json_is_number(item) && strstr(key, "Max") &&
            json_number_value(item) == value_w)
            return true;
        if (depth > 0 && json_is_object(item) &&
            oem_rating_is(item, value_w, depth - 1))
            return true;
    }
    return false;
}

static bool is_rating(const json_t *supply, double value_w) {
    size_t i;
    json_t *range;

    if (number_of(supply, "PowerCapacityWatts") == value_w)
        return true;
    json_array_foreach(json_object_get(supply, "InputRanges"), i,
                       range) if (number_of(range, "OutputWattage") ==
                                  value_w) return true;
    return oem_rating_is(json_object_get(supply, "Oem"), value_w, 3);
}

/* Supplies are listed, as evidence, and never used: what one of them shows is
 * its share, its rating, or nothing, and their sum is not the node. */
static void add_supply(gb_redfish_resource *out, const json_t *supply,
                       size_t index) {
    static const char *const keys[] = {"PowerInputWatts",
                                       "LastPowerOutputWatts"};

    for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
        char property[64];

        snprintf(property, sizeof(property), "PowerSupplies[%zu].%s", index,
                 keys[k]);
        gb_redfish_reading *reading =
            add_reading(out, supply, keys[k], property, 0);
        if (reading && is_rating(supply, reading->value))
            refuse(reading, "equals the supply's rated maximum of %g W",
                   reading->value);
        refuse(reading, "one power supply: supplies do not add up to the node");
    }
}

static void add_power(gb_redfish_resource *out, const json_t *root,
                      const char *system) {
    const json_t *controls = json_object_get(root, "PowerControl");
    const json_t *supplies = json_object_get(root, "PowerSupplies");
    const size_t own = own_control(controls, system);

    /* The one that may be used comes first, so that it has room. */
    add_control(out, json_array_get(controls, own), own, true, system);
    for (size_t i = 0; i < json_array_size(controls); i++)
        if (i != own)
            add_control(out, json_array_get(controls, i), i, false, system);
    for (size_t i = 0; i < json_array_size(supplies); i++)
        add_supply(out, json_array_get(supplies, i), i);
}

/* -------------------------------------------------------------------------- */

gb_status gb_redfish_parse(const char *text, const char *system,
                           gb_redfish_resource *out, gb_error *err) {
    *out = (gb_redfish_resource){0};
    /* jansson's message would repeat foreign text on a terminal. */
    json_t *root = gb_json_parse(text, NULL);
    if (!root)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "expected a JSON object, got other text of %zu bytes, "
                       "or one cut short",
                       strlen(text));

    const json_t *links = json_object_get(root, "Links");
    take_link(root, "Chassis", out->chassis);
    take_link(root, "Systems", out->systems);
    take_link(root, "EnvironmentMetrics", out->environment);
    take_link(root, "Power", out->power);
    take_links(json_object_get(root, "Members"), &out->members);
    take_links(json_object_get(links, "Chassis"), &out->linked_chassis);
    take_links(json_object_get(links, "ComputerSystems"), &out->served);
    add_environment(out, root);
    add_sensor(out, root);
    add_power(out, root, system);
    json_decref(root);
    return GB_OK;
}

const gb_redfish_reading *gb_redfish_find(const gb_redfish_resource *resource,
                                          const char *property) {
    for (size_t i = 0; i < resource->reading_count; i++)
        if (strcmp(resource->readings[i].property, property) == 0)
            return resource->readings[i].refused[0] == '\0'
                       ? &resource->readings[i]
                       : NULL;
    return NULL;
}
