/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_CONFIG_CARBON_PARTS_H
#define GB_PIPELINE_CONFIG_CARBON_PARTS_H

/**
 * @file pipeline/config/carbon_parts.h
 * What the readers of a carbon file share.
 */
#include "codec/yaml_tree.h"
#include "pipeline/config/carbon.h"
#include "pipeline/config/facility_parts.h"

typedef struct gb_carbon_reader {
    gb_facility_reader words; /* place, folder and the readers of words */
    gb_factors *factors;
    gb_carbon_setting *out;
} gb_carbon_reader;

/** Keys of @p map are all among @p known. */
gb_status gb_carbon_known_keys(const gb_carbon_reader *in,
                               const gb_yaml_node *map,
                               const char *const *known, size_t count);

/** None of @p keys stands in @p map, where nothing would read it. */
gb_status gb_carbon_no_keys(const gb_carbon_reader *in, const gb_yaml_node *map,
                            const char *const *keys, size_t count,
                            const char *wanted);

/** Text at @p key, which has to be there, without words of neutrality: it is
 *  printed beside the figures. */
gb_status gb_carbon_claimless(const gb_carbon_reader *in,
                              const gb_yaml_node *map, const char *key,
                              char *out, size_t size);

/** A number at @p key from @p least to @p most; @p out is left alone where
 *  there is no key and none is needed. */
gb_status gb_carbon_number(const gb_carbon_reader *in, const gb_yaml_node *map,
                           const char *key, bool needed, double least,
                           double most, double *out);

/** carbon_rate.c: what stands at "location", "market" or "marginal". */
gb_status gb_carbon_read_rate(const gb_carbon_reader *in,
                              const gb_yaml_node *map, gb_carbon_basis basis,
                              gb_carbon_rate *out);

/** carbon_embodied.c: "embodied". */
gb_status gb_carbon_read_embodied(const gb_carbon_reader *in,
                                  const gb_yaml_node *map, gb_embodied *out);

#endif /* GB_PIPELINE_CONFIG_CARBON_PARTS_H */
