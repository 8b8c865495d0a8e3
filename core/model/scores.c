/* SPDX-License-Identifier: Apache-2.0 */
#include "model/scores.h"

#include <stdlib.h>
#include <string.h>

const char *gb_weighting_name(gb_weighting weighting) {
    static const char *const names[] = {
#define GB_WEIGHTING_NAME(name, word) [GB_WEIGHTING_##name] = word,
        GB_WEIGHTING_MAP(GB_WEIGHTING_NAME)
#undef GB_WEIGHTING_NAME
    };

    return names[weighting];
}

bool gb_weighting_from_name(const char *name, gb_weighting *out) {
    for (int i = 0; i < GB_WEIGHTINGS; i++)
        if (strcmp(name, gb_weighting_name((gb_weighting)i)) == 0) {
            *out = (gb_weighting)i;
            return true;
        }
    return false;
}

void gb_scores_fini(gb_scores *scores) {
    free(scores->index.components);
    free(scores->index.left_out.list);
    free(scores->products);
    free(scores->load.points);
    free(scores->roofline.points);
    free(scores->roofline.left_out.list);
    *scores = (gb_scores){0};
}
