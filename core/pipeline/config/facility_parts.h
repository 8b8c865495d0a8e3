/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_CONFIG_FACILITY_PARTS_H
#define GB_PIPELINE_CONFIG_FACILITY_PARTS_H

/**
 * @file pipeline/config/facility_parts.h
 * What the readers of a facility file share.
 */
#include "codec/yaml_tree.h"
#include "model/facility.h"

typedef struct gb_facility_reader {
    gb_tree at;
    const char *folder; /* of meter files; null: there are none */
    gb_facility *out;
} gb_facility_reader;

typedef struct gb_facility_unit {
    const char *text;
    gb_facility_kind kind;
    bool rate; /* a power: times the length of its interval it is energy */
    double scale;
} gb_facility_unit;

extern const gb_facility_unit gb_facility_units[];
extern const size_t gb_facility_unit_count;

/** Null: there is none of that name. */
const gb_facility_unit *gb_facility_find_unit(const char *text);

/** "1.5 kWh". @return false: it is no such text */
bool gb_facility_parse_quantity(const char *text, double *value_out,
                                const gb_facility_unit **unit_out);

/** "1%" -> 0.01, at most @p most percent. */
gb_status gb_facility_read_percent(const gb_facility_reader *in,
                                   const gb_yaml_node *value, const char *key,
                                   double most, double *out);

/** facility_meter.c: an entry of `meters`, with what its file says. */
gb_status gb_facility_meter_read(const gb_facility_reader *in,
                                 const gb_yaml_node *map,
                                 gb_facility_meter *meter);

#endif /* GB_PIPELINE_CONFIG_FACILITY_PARTS_H */
