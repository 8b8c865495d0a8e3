/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_CONFIG_CLAIMS_PARTS_H
#define GB_PIPELINE_CONFIG_CLAIMS_PARTS_H

/**
 * @file pipeline/config/claims_parts.h
 * What the readers of a claims file share.
 */
#include "codec/yaml_tree.h"
#include "model/claim.h"

/** What the claims of a file take where they say nothing themselves. */
typedef struct gb_claims_defaults {
    gb_claim_rule rule;
    bool joint;
} gb_claims_defaults;

typedef struct gb_claims_reader {
    gb_tree at;
    gb_claims_defaults all;
    gb_claims *out;
} gb_claims_reader;

typedef struct gb_claims_field {
    const char *key;
    gb_status (*read)(const gb_claims_reader *in, const gb_yaml_node *value,
                      void *into);
} gb_claims_field;

/** Text that is not empty, in place of *out. */
gb_status gb_claims_read_text(const gb_claims_reader *in,
                              const gb_yaml_node *value, const char *key,
                              char **out);

/** A key of the rule, into @p rule, or one of @p others [other_count]. */
gb_status gb_claims_read_field(const gb_claims_reader *in,
                               const gb_yaml_node *key,
                               const gb_yaml_node *value, gb_claim_rule *rule,
                               const gb_claims_field *others,
                               size_t other_count, void *into);

/** A map has a confidence or a coverage factor, not both. */
gb_status gb_claims_one_coverage(const gb_claims_reader *in,
                                 const gb_yaml_node *map);

/** claims_one.c: an entry of `claims`, into the next one of in->out. */
gb_status gb_claims_read_claim(const gb_claims_reader *in,
                               const gb_yaml_node *map);

/* --- claims_carbon.c: keys of a claim about carbon ------------------------ */

gb_status gb_claims_set_carbon(const gb_claims_reader *in,
                               const gb_yaml_node *value, void *into);
gb_status gb_claims_check_carbon(const gb_claims_reader *in,
                                 const gb_yaml_node *map,
                                 const gb_claim *claim);

/* --- claims_cost.c: keys of a claim about cost ---------------------------- */

gb_status gb_claims_set_tariff(const gb_claims_reader *in,
                               const gb_yaml_node *value, void *into);
gb_status gb_claims_set_baseline_tariff(const gb_claims_reader *in,
                                        const gb_yaml_node *value, void *into);
gb_status gb_claims_set_prices(const gb_claims_reader *in,
                               const gb_yaml_node *value, void *into);
gb_status gb_claims_set_overhead(const gb_claims_reader *in,
                                 const gb_yaml_node *value, void *into);

/** Those that only make sense together. */
gb_status gb_claims_check_cost(const gb_claims_reader *in,
                               const gb_yaml_node *map, const gb_claim *claim);

#endif /* GB_PIPELINE_CONFIG_CLAIMS_PARTS_H */
