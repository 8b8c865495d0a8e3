/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_CONFIG_TARIFF_PARTS_H
#define GB_PIPELINE_CONFIG_TARIFF_PARTS_H

/**
 * @file pipeline/config/tariff_parts.h
 * What the readers of a tariff file share.
 */
#include "codec/yaml_tree.h"
#include "pipeline/config/tariff.h"

typedef struct gb_tariff_reader {
    gb_tree at;
    gb_tariff *out;
    char seasons[GB_TARIFF_SEASONS_MAX][32]; /* their ids */
} gb_tariff_reader;

/**
 * "0.85 CNY/kWh" in the tariff's currency -> per J or per W.
 * @param per  "kWh" or "kW", 'M' in place of 'k' as well
 */
gb_status gb_tariff_read_price(const gb_tariff_reader *in,
                               const gb_yaml_node *map, const char *per,
                               double scale, double *out);

/** tariff_hours.c: the list `energy`, into prices and grid. */
gb_status gb_tariff_read_energy(const gb_tariff_reader *in,
                                const gb_yaml_node *list);

#endif /* GB_PIPELINE_CONFIG_TARIFF_PARTS_H */
