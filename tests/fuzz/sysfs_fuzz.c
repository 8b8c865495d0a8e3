/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what a file below /sys holds: a number, a zone's name, a meter's
 * label, accuracy, a list of CPUs, a scale. Also as samples of a run. */
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/sysroot.h"
#include "base/units.h"
#include "machine/energy/cpu_list.h"
#include "machine/energy/meter.h"
#include "machine/energy/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void demand(bool truth) {
    if (!truth)
        abort();
}

/* As a file, through the function that reads counters. */
static void read_number(const uint8_t *bytes, size_t size) {
    static gb_sysroot *root;
    uint64_t value = 4711, same = 0;
    char text[32];

    if (root == NULL)
        demand(gb_sysroot_open(NULL, &root, NULL) == GB_OK);
    const int fd = memfd_create("value", MFD_CLOEXEC);
    demand(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    if (gb_sysroot_pread_u64(root, fd, "value", &value, NULL) != GB_OK) {
        demand(value == 4711);
    } else {
        /* A number is digits and white space at its end, nothing else. */
        size_t digits = 0;
        while (digits < size && bytes[digits] >= '0' && bytes[digits] <= '9')
            digits++;
        demand(digits > 0);
        /* Any number of zeros may stand in front. */
        const size_t kept = digits < sizeof(text) ? digits : sizeof(text) - 1;
        memcpy(text, bytes + digits - kept, kept);
        text[kept] = '\0';
        demand(gb_parse_u64(text, &same, NULL) == GB_OK && same == value);
        uint64_t wrap = 0;
        double step_j = 0.0;
        if (gb_zone_wrap(value, &wrap, &step_j))
            demand(wrap >= value && step_j > 0.0);
        (void)gb_meter_is_sentinel(value);
    }
    close(fd);
}

static void read_words(const char *text) {
    uint32_t cpus[64];
    size_t count = 0;
    double value = 0.0;

    for (int amd = 0; amd < 2; amd++) {
        const gb_zone_meaning zone = gb_zone_parse_name(text, amd);
        demand((size_t)zone.scope < GB_SCOPE_COUNT && zone.package >= -1 &&
               zone.die >= -1);
    }
    demand((size_t)gb_meter_parse_label(text).scope < GB_SCOPE_COUNT);
    demand((size_t)gb_meter_parse_occ_label(text).scope < GB_SCOPE_COUNT);
    double u_rel = 0.03;
    (void)gb_meter_accuracy_u_rel(text, &u_rel);
    demand(isfinite(u_rel) && u_rel >= 0.0);
    if (gb_cpu_list_parse(text, cpus, 64, &count, NULL) == GB_OK)
        demand(count > 0 && count <= 64);
    if (gb_parse_f64(text, &value, NULL) == GB_OK)
        demand(isfinite(value));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size > 4096)
        return 0;
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, bytes, size);
    text[size] = '\0';
    read_number(bytes, size);
    read_words(text);
    free(text);
    return 0;
}
