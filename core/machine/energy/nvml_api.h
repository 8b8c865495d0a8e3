/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_NVML_API_H
#define GB_MACHINE_ENERGY_NVML_API_H

/**
 * @file machine/energy/nvml_api.h
 * The part of NVIDIA's NVML that greenbench calls, declared here so that no
 * CUDA is needed to build. Signatures, values and layouts: NVML API Reference
 * Manual and nvml.h of CUDA 12.4 (driver 550); a function whose signature
 * changed has a new symbol (_v2, _v3), so that these stay right. Private to
 * machine/energy.
 */
#include <assert.h>

typedef void *gb_nvml_device; /* nvmlDevice_t: a handle */

/* nvmlReturn_t, those that are told apart. */
enum {
    GB_NVML_SUCCESS = 0,
    GB_NVML_NOT_SUPPORTED = 3,
    GB_NVML_NO_PERMISSION = 4,
    GB_NVML_NOT_FOUND = 6,
    GB_NVML_DRIVER_NOT_LOADED = 9,
    GB_NVML_FUNCTION_NOT_FOUND = 13,
    GB_NVML_GPU_IS_LOST = 15,
    GB_NVML_OPERATING_SYSTEM = 17, /* blocked by the kernel or a cgroup */
    GB_NVML_LIB_RM_VERSION_MISMATCH = 18,
};

#define GB_NVML_ARCH_AMPERE 7u /* NVML_DEVICE_ARCH_AMPERE; newer is larger */

enum { /* nvmlGpuVirtualizationMode_t */
       GB_NVML_VIRTUAL_VGPU = 2,
       GB_NVML_VIRTUAL_HOST_VGPU = 3,
       GB_NVML_VIRTUAL_HOST_VSGA = 4,
};

/* Sizes of text that NVML documents as large enough for every driver. */
#define GB_NVML_NAME_SIZE    96
#define GB_NVML_UUID_SIZE    96
#define GB_NVML_VERSION_SIZE 80

typedef struct gb_nvml_pci { /* nvmlPciInfo_t as of nvmlDeviceGetPciInfo_v3 */
    char bus_id_legacy[16];
    unsigned int domain, bus, device;
    unsigned int device_id; /* device << 16 | vendor */
    unsigned int subsystem_id;
    char bus_id[32]; /* "00000000:01:00.0" */
} gb_nvml_pci;
static_assert(sizeof(gb_nvml_pci) == 68, "as in nvml.h");

#define GB_NVML_FIELD_POWER_AVERAGE 185u /* mW, over 1 s */
#define GB_NVML_SCOPE_GPU           0u
#define GB_NVML_SCOPE_MODULE        1u /* a Grace CPU with its GPU */

typedef union gb_nvml_value { /* nvmlValue_t */
    double f64;
    unsigned int u32;
    unsigned long ul;
    unsigned long long u64;
} gb_nvml_value;

typedef struct gb_nvml_field { /* nvmlFieldValue_t */
    unsigned int field_id, scope_id;
    long long timestamp_us, latency_us;
    unsigned int value_type; /* 1: unsigned int, 2: long, 3: long long */
    unsigned int result;     /* nvmlReturn_t */
    gb_nvml_value value;
} gb_nvml_field;
static_assert(sizeof(gb_nvml_field) == 40, "as in nvml.h");

/** Null where the library lacks an optional function. All return an
 *  nvmlReturn_t. */
typedef struct gb_nvml_api {
    int (*init)(void);
    int (*shutdown)(void);
    int (*device_count)(unsigned int *count);
    int (*device_at)(unsigned int index, gb_nvml_device *device);
    const char *(*error_text)(int result);
    int (*driver_version)(char *text, unsigned int size);
    int (*name)(gb_nvml_device device, char *text, unsigned int size);
    int (*uuid)(gb_nvml_device device, char *text, unsigned int size);
    int (*pci)(gb_nvml_device device, gb_nvml_pci *pci);
    int (*energy_mj)(gb_nvml_device device, unsigned long long *energy_mj);
    int (*power_mw)(gb_nvml_device device, unsigned int *power_mw);
    int (*limits_mw)(gb_nvml_device device, unsigned int *least_mw,
                     unsigned int *most_mw);
    int (*architecture)(gb_nvml_device device, unsigned int *architecture);
    int (*mig_mode)(gb_nvml_device device, unsigned int *current,
                    unsigned int *pending);
    int (*virtualization)(gb_nvml_device device, unsigned int *mode);
    int (*fields)(gb_nvml_device device, int count, gb_nvml_field *fields);
} gb_nvml_api;

/* X(member, symbol, essential) */
#define GB_NVML_MAP(X)                                                         \
    X(init, "nvmlInit_v2", true)                                               \
    X(shutdown, "nvmlShutdown", true)                                          \
    X(device_count, "nvmlDeviceGetCount_v2", true)                             \
    X(device_at, "nvmlDeviceGetHandleByIndex_v2", true)                        \
    X(error_text, "nvmlErrorString", false)                                    \
    X(driver_version, "nvmlSystemGetDriverVersion", false)                     \
    X(name, "nvmlDeviceGetName", false)                                        \
    X(uuid, "nvmlDeviceGetUUID", false)                                        \
    X(pci, "nvmlDeviceGetPciInfo_v3", false)                                   \
    X(energy_mj, "nvmlDeviceGetTotalEnergyConsumption", false)                 \
    X(power_mw, "nvmlDeviceGetPowerUsage", false)                              \
    X(limits_mw, "nvmlDeviceGetPowerManagementLimitConstraints", false)        \
    X(architecture, "nvmlDeviceGetArchitecture", false)                        \
    X(mig_mode, "nvmlDeviceGetMigMode", false)                                 \
    X(virtualization, "nvmlDeviceGetVirtualizationMode", false)                \
    X(fields, "nvmlDeviceGetFieldValues", false)

#endif /* GB_MACHINE_ENERGY_NVML_API_H */
