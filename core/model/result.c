/* SPDX-License-Identifier: Apache-2.0 */
#include "model/result.h"

const char *gb_node_quantity_name(gb_node_quantity quantity) {
    static const char *const names[GB_NODE_QUANTITIES] = {
        [GB_NODE_PERFORMANCE] = "performance",
        [GB_NODE_POWER] = "power",
        [GB_NODE_EFFICIENCY] = "efficiency",
    };
    return names[quantity];
}
