/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of a claim about carbon. */
#include <string.h>

#include "base/text.h"
#include "pipeline/config/claims_parts.h"

gb_status gb_claims_set_carbon(const gb_claims_reader *in,
                               const gb_yaml_node *value, void *into) {
    gb_claim *claim = into;

    if (value->kind != GB_YAML_SCALAR ||
        strlen(value->text) != GB_SHA256_SIZE - 1 ||
        strspn(value->text, "0123456789abcdef") != GB_SHA256_SIZE - 1)
        return gb_tree_unexpected(
            &in->at, value, "carbon", "the SHA-256 of the carbon file",
            "sha256sum carbon.yaml: a factor that could be chosen afterwards "
            "decides nothing");
    gb_copy(claim->carbon_sha256, sizeof(claim->carbon_sha256), value->text);
    return GB_OK;
}

static bool may_name_one(gb_claim_metric metric) {
    return gb_claim_is_carbon(metric) || metric == GB_CLAIM_CUE ||
           metric == GB_CLAIM_ICUE;
}

gb_status gb_claims_check_carbon(const gb_claims_reader *in,
                                 const gb_yaml_node *map,
                                 const gb_claim *claim) {
    const bool given = claim->carbon_sha256[0] != '\0';

    if (gb_claim_is_carbon(claim->metric) && !given)
        return gb_tree_unexpected(
            &in->at, map, "claims",
            "the key 'carbon', with the SHA-256 of a carbon file",
            "there are no grams without an intensity: sha256sum carbon.yaml");
    if (given && !may_name_one(claim->metric))
        return gb_tree_unexpected(&in->at, gb_tree_value(map, "carbon"),
                                  "carbon",
                                  "metric: carbon, carbon_per_work, SCI or "
                                  "iCUE where this key is",
                                  NULL);
    if (claim->metric == GB_CLAIM_SCI && claim->form != GB_CLAIM_VALUE)
        return gb_tree_unexpected(&in->at, map, "metric",
                                  "carbon where a baseline is",
                                  "both sides of an SCI would need hardware of "
                                  "their own");
    if (claim->metric == GB_CLAIM_CARBON_PER_WORK &&
        claim->form != GB_CLAIM_VALUE)
        return gb_tree_unexpected(&in->at, map, "metric",
                                  "carbon where a baseline is",
                                  "its saving or ratio is of the same work");
    return GB_OK;
}
