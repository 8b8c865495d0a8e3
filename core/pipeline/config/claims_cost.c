/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of a claim about energy cost. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "pipeline/config/claims_parts.h"

static gb_status read_hash(const gb_claims_reader *in,
                           const gb_yaml_node *value, const char *key,
                           char *out) {
    if (value->kind != GB_YAML_SCALAR ||
        strlen(value->text) != GB_SHA256_SIZE - 1 ||
        strspn(value->text, "0123456789abcdef") != GB_SHA256_SIZE - 1)
        return gb_tree_unexpected(&in->at, value, key,
                                  "the SHA-256 of the tariff file",
                                  "sha256sum tariff.yaml: prices that could be "
                                  "chosen afterwards decide nothing");
    gb_copy(out, GB_SHA256_SIZE, value->text);
    return GB_OK;
}

gb_status gb_claims_set_tariff(const gb_claims_reader *in,
                               const gb_yaml_node *value, void *into) {
    return read_hash(in, value, "tariff", ((gb_claim *)into)->cost.tariff);
}

gb_status gb_claims_set_baseline_tariff(const gb_claims_reader *in,
                                        const gb_yaml_node *value, void *into) {
    return read_hash(in, value, "baseline_tariff",
                     ((gb_claim *)into)->cost.baseline_tariff);
}

/* The first word is false. */
static gb_status read_choice(const gb_claims_reader *in,
                             const gb_yaml_node *value, const char *key,
                             const char *const words[2], bool *out) {
    char wanted[64];

    for (int i = 0; i < 2; i++)
        if (value->kind == GB_YAML_SCALAR &&
            strcmp(value->text, words[i]) == 0) {
            *out = i == 1;
            return GB_OK;
        }
    snprintf(wanted, sizeof(wanted), "%s or %s", words[0], words[1]);
    return gb_tree_unexpected(&in->at, value, key, wanted, NULL);
}

gb_status gb_claims_set_prices(const gb_claims_reader *in,
                               const gb_yaml_node *value, void *into) {
    static const char *const words[] = {"same", "own"};

    return read_choice(in, value, "prices", words,
                       &((gb_claim *)into)->cost.own_prices);
}

gb_status gb_claims_set_overhead(const gb_claims_reader *in,
                                 const gb_yaml_node *value, void *into) {
    static const char *const words[] = {"excluded", "metered"};

    return read_choice(in, value, "overhead", words,
                       &((gb_claim *)into)->cost.overhead);
}

/* --- together ------------------------------------------------------------- */

static gb_status check_keys(const gb_claims_reader *in, const gb_yaml_node *map,
                            const gb_claim *claim) {
    static const char *const keys[] = {"tariff", "baseline_tariff", "prices",
                                       "overhead"};

    if (gb_claim_is_cost(claim->metric))
        return claim->cost.tariff[0] != '\0'
                   ? GB_OK
                   : gb_tree_unexpected(
                         &in->at, map, "claims",
                         "the key 'tariff', with the SHA-256 of a tariff file",
                         "there is no energy cost without prices: sha256sum "
                         "tariff.yaml");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (gb_tree_value(map, keys[i]) != NULL)
            return gb_tree_unexpected(&in->at, gb_tree_value(map, keys[i]),
                                      keys[i],
                                      "metric: cost, cost_per_work or "
                                      "period_cost where this key is",
                                      NULL);
    return GB_OK;
}

static gb_status check_sides(const gb_claims_reader *in,
                             const gb_yaml_node *map, const gb_claim *claim) {
    const bool compared = claim->form != GB_CLAIM_VALUE;
    const gb_yaml_node *prices = gb_tree_value(map, "prices");
    const gb_yaml_node *tariff = gb_tree_value(map, "baseline_tariff");

    if (claim->metric == GB_CLAIM_COST_PER_WORK && compared)
        return gb_tree_unexpected(&in->at, map, "metric",
                                  "cost where a baseline is",
                                  "its saving or ratio is of the same work");
    if (prices != NULL && !compared)
        return gb_tree_unexpected(&in->at, prices, "prices",
                                  "a baseline where this key is", NULL);
    if (tariff != NULL && !claim->cost.own_prices)
        return gb_tree_unexpected(&in->at, tariff, "baseline_tariff",
                                  "prices: own where the baseline has a tariff "
                                  "of its own",
                                  "the same prices are applied to both sides "
                                  "unless the claim says otherwise");
    return GB_OK;
}

gb_status gb_claims_check_cost(const gb_claims_reader *in,
                               const gb_yaml_node *map, const gb_claim *claim) {
    const gb_yaml_node *overhead = gb_tree_value(map, "overhead");
    const gb_status status = check_keys(in, map, claim);

    if (status != GB_OK || !gb_claim_is_cost(claim->metric))
        return status;
    if (claim->metric == GB_CLAIM_PERIOD_COST) {
        if (claim->period_ns[0] == 0)
            return gb_tree_unexpected(
                &in->at, map, "period",
                "begin and end of the period that is paid for, such as "
                "2026-01-01T00:00:00Z/2026-02-01T00:00:00Z",
                "the cost of a run is that of no month");
        if (overhead != NULL)
            return gb_tree_unexpected(&in->at, overhead, "overhead",
                                      "no such key where the whole facility is "
                                      "paid for",
                                      NULL);
        return check_sides(in, map, claim);
    }
    if (claim->cost.overhead && claim->boundary == GB_CLAIM_NODE_DC)
        return gb_tree_unexpected(&in->at, overhead, "overhead",
                                  "boundary: node-ac or components where the "
                                  "overhead is metered",
                                  "the loss of power supplies would be in "
                                  "neither");
    return check_sides(in, map, claim);
}
