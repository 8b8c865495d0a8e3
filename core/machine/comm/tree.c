/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/comm/tree.h"

#include <stdint.h>

/* The value of the last digit's place that is not 0; beyond every member for
 * member 0. */
static int64_t own_place(int member, int radix, int64_t beyond) {
    int64_t place = 1;
    while (place < beyond && member % (place * radix) == 0)
        place *= radix;
    return place;
}

int gb_tree_parent(int member, int radix) {
    if (member == 0)
        return -1;
    const int64_t place = own_place(member, radix, member);
    return (int)(member - member / place % radix * place);
}

int gb_tree_next_child(int member, int child, int radix, int count) {
    const int64_t own = own_place(member, radix, count);
    int64_t place = 1;
    int64_t next = (int64_t)member + 1;
    if (child > member) {
        while ((child - member) / place >= radix)
            place *= radix;
        next = child + place;
        if ((next - member) / place == radix)
            place *= radix; /* the first of the next place */
    }
    return place < own && next < count ? (int)next : -1;
}

int gb_tree_end(int member, int radix, int count) {
    const int64_t end = member + own_place(member, radix, count);
    return end < count ? (int)end : count;
}
