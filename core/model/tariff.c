/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tariff.h"

#include <stdlib.h>

void gb_tariff_fini(gb_tariff *tariff) {
    free(tariff->holidays);
    free(tariff->prices);
    free(tariff->grid);
    *tariff = (gb_tariff){0};
}
