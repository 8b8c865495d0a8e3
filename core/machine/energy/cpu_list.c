/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/cpu_list.h"

#include <stdbool.h>

#define CPU_LIMIT 1000000u /* far above the kernel's NR_CPUS */

static bool take_number(const char **text, uint32_t *number_out) {
    uint32_t number = 0;
    const char *at = *text;

    while (*at >= '0' && *at <= '9' && number < CPU_LIMIT)
        number = 10 * number + (uint32_t)(*at++ - '0');
    if (at == *text || number >= CPU_LIMIT)
        return false;
    *text = at;
    *number_out = number;
    return true;
}

/* One "7" or "0-3"; false on junk. */
static bool take_range(const char **text, uint32_t *first, uint32_t *last) {
    if (!take_number(text, first))
        return false;
    *last = *first;
    if (**text != '-')
        return true;
    ++*text;
    return take_number(text, last) && *last >= *first;
}

/* Count the numbers, and store them if @p cpus is not null. */
static bool walk(const char *text, uint32_t *cpus, size_t *count_out) {
    size_t count = 0;

    for (;;) {
        uint32_t first, last;
        if (!take_range(&text, &first, &last))
            return false;
        if (cpus)
            for (uint32_t cpu = first; cpu <= last; cpu++)
                cpus[count + (cpu - first)] = cpu;
        count += (size_t)(last - first) + 1;
        if (*text == '\0')
            break;
        if (*text++ != ',')
            return false;
    }
    *count_out = count;
    return true;
}

gb_status gb_cpu_list_parse(const char *text, uint32_t *cpus_out,
                            size_t capacity, size_t *count_out, gb_error *err) {
    size_t count;

    if (!walk(text, NULL, &count))
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "expected a list of CPUs such as '0-3,8', got '%s'",
                       text);
    if (count > capacity)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "expected at most %zu CPUs, got %zu in '%s'", capacity,
                       count, text);
    walk(text, cpus_out, count_out);
    return GB_OK;
}
