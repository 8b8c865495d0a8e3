/* SPDX-License-Identifier: Apache-2.0 */
/* A stand-in for NVIDIA's libnvidia-ml.so.1, scripted by the file that
 * GB_FAKE_NVML names (fake_control.h). Keys, with their defaults:
 *
 *   init 0, count_status 0, devices 1, driver 550.54.15
 *   handle_status 0, name NVIDIA A100-SXM4-40GB, pci_device 0x20b0, bus 1, 2,..
 *   architecture 7, mig 0, virtualization 0, module_w 0 (0: no module)
 *   power_w 250, power_status 0, power_mw (power_w)
 *   energy_status 0, energy_mj (counts power_w), step_ms 20
 *   lost_after 0 (reads of a GPU until it is lost; 0: never)
 *   log "" (a file to append "init" and "shutdown" to)
 *
 * Built with FAKE_NO_ENERGY, FAKE_NO_COUNT or FAKE_BARE it lacks symbols.
 */
#include "fake_control.h"
#include "machine/energy/nvml_api.h"

#define FILE_VARIABLE "GB_FAKE_NVML"
#define MAX_GPUS      16

/* Marks it as what it is. */
extern FAKE_EXPORT const int greenbench_fake_library;
const int greenbench_fake_library = 1;

static uint64_t started_ns;
static int handles[MAX_GPUS];
static uint64_t reads[MAX_GPUS];

static void note(const char *what) {
    char path[200];

    fake_text(FILE_VARIABLE, "log", "", path, sizeof(path));
    FILE *file = path[0] ? fopen(path, "ae") : NULL;
    if (!file)
        return;
    fprintf(file, "%s\n", what);
    fclose(file);
}

static unsigned number_of(gb_nvml_device device) {
    return (unsigned)((const int *)device - handles);
}

static uint64_t gpu_u64(gb_nvml_device device, const char *key,
                        uint64_t otherwise) {
    return fake_gpu_u64(FILE_VARIABLE, number_of(device), key, otherwise);
}

FAKE_API(int, nvmlInit_v2, void) {
    const int status = (int)fake_u64(FILE_VARIABLE, "init", 0);

    started_ns = fake_now_ns();
    memset(reads, 0, sizeof(reads));
    if (status == 0)
        note("init");
    return status;
}

FAKE_API(int, nvmlShutdown, void) {
    note("shutdown");
    return 0;
}

FAKE_API(const char *, nvmlErrorString, int result) {
    switch (result) {
    case GB_NVML_SUCCESS:
        return "Success";
    case GB_NVML_NOT_SUPPORTED:
        return "Not Supported";
    case GB_NVML_NO_PERMISSION:
        return "Insufficient Permissions";
    case GB_NVML_DRIVER_NOT_LOADED:
        return "Driver Not Loaded";
    case GB_NVML_GPU_IS_LOST:
        return "GPU is lost";
    case GB_NVML_LIB_RM_VERSION_MISMATCH:
        return "Driver/library version mismatch";
    default:
        return "Unknown Error";
    }
}

#ifndef FAKE_NO_COUNT
FAKE_API(int, nvmlDeviceGetCount_v2, unsigned int *count) {
    *count = (unsigned)fake_u64(FILE_VARIABLE, "devices", 1);
    return (int)fake_u64(FILE_VARIABLE, "count_status", 0);
}
#endif

FAKE_API(int, nvmlDeviceGetHandleByIndex_v2, unsigned int index,
         gb_nvml_device *device) {
    if (index >= MAX_GPUS)
        return GB_NVML_NOT_FOUND;
    *device = &handles[index];
    return (int)fake_gpu_u64(FILE_VARIABLE, index, "handle_status", 0);
}

static int tick(gb_nvml_device device) {
    const uint64_t lost_after = gpu_u64(device, "lost_after", 0);

    if (lost_after > 0 && reads[number_of(device)]++ >= lost_after)
        return GB_NVML_GPU_IS_LOST;
    return GB_NVML_SUCCESS;
}

FAKE_API(int, nvmlDeviceGetPowerUsage, gb_nvml_device device,
         unsigned int *power_mw) {
    const int lost = tick(device);

    *power_mw = (unsigned)gpu_u64(device, "power_mw",
                                  1000 * gpu_u64(device, "power_w", 250));
    return lost ? lost : (int)gpu_u64(device, "power_status", 0);
}

#ifndef FAKE_NO_ENERGY
FAKE_API(int, nvmlDeviceGetTotalEnergyConsumption, gb_nvml_device device,
         unsigned long long *energy_mj) {
    const int lost = tick(device);
    const uint64_t step_ms = gpu_u64(device, "step_ms", 20);
    const uint64_t ms = (fake_now_ns() - started_ns) / 1000000;

    *energy_mj = gpu_u64(device, "energy_mj",
                         1000000 + ms / step_ms * step_ms *
                                       gpu_u64(device, "power_w", 250));
    return lost ? lost : (int)gpu_u64(device, "energy_status", 0);
}
#endif

#ifndef FAKE_BARE
FAKE_API(int, nvmlSystemGetDriverVersion, char *text, unsigned int size) {
    fake_text(FILE_VARIABLE, "driver", "550.54.15", text, size);
    return 0;
}

FAKE_API(int, nvmlDeviceGetName, gb_nvml_device device, char *text,
         unsigned int size) {
    fake_gpu_text(FILE_VARIABLE, number_of(device), "name",
                  "NVIDIA A100-SXM4-40GB", text, size);
    return 0;
}

FAKE_API(int, nvmlDeviceGetUUID, gb_nvml_device device, char *text,
         unsigned int size) {
    snprintf(text, size, "GPU-00000000-0000-4000-8000-%012u",
             number_of(device));
    return 0;
}

FAKE_API(int, nvmlDeviceGetPciInfo_v3, gb_nvml_device device,
         gb_nvml_pci *pci) {
    memset(pci, 0, sizeof(*pci));
    pci->bus = number_of(device) + 1;
    pci->device_id =
        (unsigned)gpu_u64(device, "pci_device", 0x20b0) << 16 | 0x10de;
    snprintf(pci->bus_id, sizeof(pci->bus_id), "%08X:%02X:%02X.0", 0u, pci->bus,
             0u);
    return 0;
}

FAKE_API(int, nvmlDeviceGetPowerManagementLimitConstraints,
         gb_nvml_device device, unsigned int *least_mw, unsigned int *most_mw) {
    *least_mw = 100000;
    *most_mw = (unsigned)gpu_u64(device, "limit_mw", 400000);
    return 0;
}

FAKE_API(int, nvmlDeviceGetArchitecture, gb_nvml_device device,
         unsigned int *architecture) {
    *architecture = (unsigned)gpu_u64(device, "architecture", 7);
    return 0;
}

FAKE_API(int, nvmlDeviceGetMigMode, gb_nvml_device device,
         unsigned int *current, unsigned int *pending) {
    *current = *pending = (unsigned)gpu_u64(device, "mig", 0);
    return 0;
}

FAKE_API(int, nvmlDeviceGetVirtualizationMode, gb_nvml_device device,
         unsigned int *mode) {
    *mode = (unsigned)gpu_u64(device, "virtualization", 0);
    return 0;
}

/* A module of 600 W of which the GPU is half, if module_w says so. */
FAKE_API(int, nvmlDeviceGetFieldValues, gb_nvml_device device, int count,
         gb_nvml_field *fields) {
    const uint64_t module_w = gpu_u64(device, "module_w", 0);

    for (int i = 0; i < count; i++) {
        const uint64_t power_w = fields[i].scope_id == GB_NVML_SCOPE_MODULE
                                     ? module_w
                                     : gpu_u64(device, "gpu_w", 250);
        fields[i].result =
            module_w > 0 && fields[i].field_id == GB_NVML_FIELD_POWER_AVERAGE
                ? GB_NVML_SUCCESS
                : GB_NVML_NOT_SUPPORTED;
        fields[i].value_type = 1;
        fields[i].value.u32 = (unsigned)(1000 * power_w);
    }
    return 0;
}
#endif
