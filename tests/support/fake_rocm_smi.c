/* SPDX-License-Identifier: Apache-2.0 */
/* A stand-in for AMD's librocm_smi64.so, scripted by the file that
 * GB_FAKE_ROCM names (fake_control.h). Keys, with their defaults:
 *
 *   init 0, devices 1, name AMD Instinct MI210, id 0x740f, place 1, 2, ..
 *   energy_status 0, count (counts power_w), step_nj 15300, power_w 300
 *   stamp_ns (the clock), average_status 0, average_uw (power_w),
 *   current_status 0, current_uw (power_w), log ""
 *
 * Built with FAKE_NO_ENERGY or FAKE_NO_COUNT it lacks a symbol. */
#include "fake_control.h"
#include "machine/energy/rocm_api.h"

#define FILE_VARIABLE "GB_FAKE_ROCM"

/* Marks it as what it is. */
extern FAKE_EXPORT const int greenbench_fake_library;
const int greenbench_fake_library = 1;

static uint64_t started_ns;

static uint64_t gpu_u64(uint32_t index, const char *key, uint64_t otherwise) {
    return fake_gpu_u64(FILE_VARIABLE, index, key, otherwise);
}

static void note(const char *what) {
    char path[200];

    fake_text(FILE_VARIABLE, "log", "", path, sizeof(path));
    FILE *file = path[0] ? fopen(path, "ae") : NULL;
    if (!file)
        return;
    fprintf(file, "%s\n", what);
    fclose(file);
}

FAKE_API(int, rsmi_init, uint64_t flags) {
    const int status = (int)fake_u64(FILE_VARIABLE, "init", 0);

    started_ns = fake_now_ns();
    if (status == 0)
        note(flags == GB_ROCM_INIT_THREAD_ONLY_MUTEX ? "init" : "init, shared");
    return status;
}

FAKE_API(int, rsmi_shut_down, void) {
    note("shutdown");
    return 0;
}

FAKE_API(int, rsmi_status_string, int status, const char **text) {
    *text = status == GB_ROCM_NOT_SUPPORTED ? "RSMI_STATUS_NOT_SUPPORTED"
            : status == GB_ROCM_PERMISSION  ? "RSMI_STATUS_PERMISSION"
            : status == GB_ROCM_INIT_ERROR  ? "RSMI_STATUS_INIT_ERROR"
                                            : "RSMI_STATUS_UNKNOWN_ERROR";
    return 0;
}

#ifndef FAKE_NO_COUNT
FAKE_API(int, rsmi_num_monitor_devices, uint32_t *count) {
    *count = (uint32_t)fake_u64(FILE_VARIABLE, "devices", 1);
    return 0;
}
#endif

FAKE_API(int, rsmi_version_str_get, int component, char *text, uint32_t size) {
    (void)component;
    fake_text(FILE_VARIABLE, "driver", "6.7.0", text, size);
    return 0;
}

FAKE_API(int, rsmi_dev_name_get, uint32_t index, char *text, size_t size) {
    fake_gpu_text(FILE_VARIABLE, index, "name", "AMD Instinct MI210", text,
                  size);
    return 0;
}

FAKE_API(int, rsmi_dev_id_get, uint32_t index, uint16_t *id) {
    *id = (uint16_t)gpu_u64(index, "id", 0x740f);
    return 0;
}

FAKE_API(int, rsmi_dev_unique_id_get, uint32_t index, uint64_t *id) {
    *id = 0xabc0 + index;
    return 0;
}

FAKE_API(int, rsmi_dev_pci_id_get, uint32_t index, uint64_t *id) {
    *id = gpu_u64(index, "place", index + 1) << 8 |
          gpu_u64(index, "partition", 0) << 28;
    return 0;
}

#ifndef FAKE_NO_ENERGY
FAKE_API(int, rsmi_dev_energy_count_get, uint32_t index, uint64_t *count,
         float *step_uj, uint64_t *stamp_ns) {
    const uint64_t now_ns = fake_now_ns();
    const double energy_j = (double)gpu_u64(index, "power_w", 300) *
                            (double)(now_ns - started_ns) * 1e-9;

    *count = gpu_u64(index, "count", 1000000 + (uint64_t)(energy_j * 65536.0));
    *step_uj = (float)gpu_u64(index, "step_nj", 15300) * 1e-3f;
    *stamp_ns = gpu_u64(index, "stamp_ns", 5000000000u + now_ns);
    return (int)gpu_u64(index, "energy_status", 0);
}
#endif

FAKE_API(int, rsmi_dev_power_ave_get, uint32_t index, uint32_t sensor,
         uint64_t *power_uw) {
    (void)sensor;
    *power_uw =
        gpu_u64(index, "average_uw", 1000000 * gpu_u64(index, "power_w", 300));
    return (int)gpu_u64(index, "average_status", 0);
}

FAKE_API(int, rsmi_dev_power_get, uint32_t index, uint64_t *power_uw,
         uint32_t *type) {
    *power_uw =
        gpu_u64(index, "current_uw", 1000000 * gpu_u64(index, "power_w", 300));
    *type = 1;
    return (int)gpu_u64(index, "current_status", 0);
}
