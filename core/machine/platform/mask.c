/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "machine/platform/platform.h"

bool gb_cpu_mask_has(const gb_cpu_mask *mask, uint32_t pu) {
    return pu < GB_MAX_PUS &&
           (mask->bits[pu / 64] & (UINT64_C(1) << (pu % 64))) != 0;
}

void gb_cpu_mask_set(gb_cpu_mask *mask, uint32_t pu) {
    if (pu < GB_MAX_PUS)
        mask->bits[pu / 64] |= UINT64_C(1) << (pu % 64);
}

void gb_cpu_mask_text(const gb_cpu_mask *mask, char *out, size_t size) {
    size_t length = 0;
    if (size == 0)
        return;
    out[0] = '\0';
    for (uint32_t pu = 0; pu < GB_MAX_PUS; pu++) {
        if (!gb_cpu_mask_has(mask, pu))
            continue;
        uint32_t last = pu;
        while (gb_cpu_mask_has(mask, last + 1))
            last++;
        const int added = last > pu
                              ? snprintf(out + length, size - length, "%s%u-%u",
                                         length > 0 ? "," : "", pu, last)
                              : snprintf(out + length, size - length, "%s%u",
                                         length > 0 ? "," : "", pu);
        if (added < 0 || length + (size_t)added >= size) {
            /* A list cut short must look so. */
            memcpy(out + (size > 4 ? size - 4 : 0), "...", size > 4 ? 4 : 1);
            return;
        }
        length += (size_t)added;
        pu = last;
    }
}

gb_status gb_platform_current_mask(gb_cpu_mask *mask_out, gb_error *err) {
    gb_cpu_mask mask = {{0}};
    /* The kernel's own bit order on little-endian and on 64-bit big-endian. */
    if (sched_getaffinity(0, sizeof(mask), (cpu_set_t *)(void *)&mask) != 0)
        return gb_fail_os(err, GB_ERR_IO, NULL,
                          "cannot find out which cores this process may use");
    *mask_out = mask;
    return GB_OK;
}

gb_status gb_platform_bind_thread(const gb_cpu_mask *mask, gb_error *err) {
    gb_cpu_mask copy = *mask;
    char text[48];
    if (sched_setaffinity(0, sizeof(copy), (cpu_set_t *)(void *)&copy) == 0)
        return GB_OK;
    const int cause = errno;
    gb_cpu_mask_text(mask, text, sizeof(text));
    errno = cause;
    return gb_fail_os(err, GB_ERR_IO, "is the cgroup's cpuset smaller?",
                      "cannot bind a thread to PU %s", text);
}
