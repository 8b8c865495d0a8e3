/* SPDX-License-Identifier: Apache-2.0 */
#include "model/stated.h"

#include <string.h>

const char *gb_part_name(gb_part part) {
    static const char *const names[] = {
#define GB_PART_NAME(name, word) [GB_PART_##name] = word,
        GB_PART_MAP(GB_PART_NAME)
#undef GB_PART_NAME
    };

    return names[part];
}

const char *gb_conversion_loss_name(gb_conversion_loss loss) {
    static const char *const names[] = {
#define GB_LOSS_NAME(name, word) [GB_LOSS_##name] = word,
        GB_LOSS_MAP(GB_LOSS_NAME)
#undef GB_LOSS_NAME
    };

    return names[loss];
}

static bool is_interconnect(const gb_stated_part *part) {
    return strcmp(part->name, "interconnect") == 0;
}

const gb_stated_part *gb_stated_interconnect(const gb_stated *stated) {
    for (size_t i = 0; i < stated->part_count; i++)
        if (is_interconnect(&stated->parts[i]))
            return &stated->parts[i];
    return NULL;
}

gb_part gb_stated_others(const gb_stated *stated) {
    gb_part worst = GB_PART_NOT_USED;

    if (!stated->complete)
        return GB_PART_UNKNOWN;
    for (size_t i = 0; i < stated->part_count; i++)
        if (!is_interconnect(&stated->parts[i]) && stated->parts[i].by < worst)
            worst = stated->parts[i].by;
    return worst;
}

double gb_stated_parts_w(const gb_stated *stated) {
    double power_w = 0.0;

    for (size_t i = 0; i < stated->part_count; i++)
        power_w += stated->parts[i].power_w;
    return power_w;
}
