/* SPDX-License-Identifier: Apache-2.0 */
#include "model/grading.h"

#include <string.h>

const char *gb_methodology_name(gb_methodology methodology) {
    static const char *const names[] = {
#define GB_METHODOLOGY_NAME(name, word) [GB_METHODOLOGY_##name] = word,
        GB_METHODOLOGY_MAP(GB_METHODOLOGY_NAME)
#undef GB_METHODOLOGY_NAME
    };

    return names[methodology];
}

bool gb_methodology_from_name(const char *name, gb_methodology *out) {
    for (int i = 0; i < GB_METHODOLOGY_COUNT; i++)
        if (strcmp(name, gb_methodology_name((gb_methodology)i)) == 0) {
            *out = (gb_methodology)i;
            return true;
        }
    return false;
}

const char *gb_aspect_number(gb_aspect aspect) {
    static const char *const numbers[] = {
#define GB_ASPECT_NUMBER(name, number, word) [GB_ASPECT_##name] = number,
        GB_ASPECT_MAP(GB_ASPECT_NUMBER)
#undef GB_ASPECT_NUMBER
    };

    return numbers[aspect];
}

const char *gb_aspect_name(gb_aspect aspect) {
    static const char *const names[] = {
#define GB_ASPECT_NAME(name, number, word) [GB_ASPECT_##name] = word,
        GB_ASPECT_MAP(GB_ASPECT_NAME)
#undef GB_ASPECT_NAME
    };

    return names[aspect];
}

const char *gb_point_name(gb_point point) {
    static const char *const names[] = {
#define GB_POINT_NAME(name, word) [GB_POINT_##name] = word,
        GB_POINT_MAP(GB_POINT_NAME)
#undef GB_POINT_NAME
    };

    return names[point];
}

bool gb_grade_loss_applies(const gb_grade_facts *facts) {
    return facts->point == GB_POINT_DOWNSTREAM && facts->loss > GB_LOSS_UNKNOWN;
}
