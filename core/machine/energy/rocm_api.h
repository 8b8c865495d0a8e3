/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_ROCM_API_H
#define GB_MACHINE_ENERGY_ROCM_API_H

/**
 * @file machine/energy/rocm_api.h
 * The part of AMD's ROCm SMI library that greenbench calls, declared here so
 * that no ROCm is needed to build. Signatures and values: rocm_smi.h of ROCm
 * 5.0 to 7.0 (SONAMEs 5 to 7, 1 of Debian's package), the same in all of them.
 * Private to machine/energy.
 */
#include <stddef.h>
#include <stdint.h>

/* rsmi_status_t, those that are told apart. */
enum {
    GB_ROCM_SUCCESS = 0,
    GB_ROCM_NOT_SUPPORTED = 2,
    GB_ROCM_FILE_ERROR = 3, /* the kernel's driver lacks the file */
    GB_ROCM_PERMISSION = 4,
    GB_ROCM_INIT_ERROR = 8,
    GB_ROCM_NOT_YET_IMPLEMENTED = 9,
    GB_ROCM_NOT_FOUND = 10,
    GB_ROCM_NO_DATA = 14,
};

/* RSMI_INIT_FLAG_THRAD_ONLY_MUTEX (its spelling): no lock in /dev/shm shared
 * with other processes, which we would write to, and which a reader that was
 * killed leaves locked for the others. Older libraries ignore it. */
#define GB_ROCM_INIT_THREAD_ONLY_MUTEX UINT64_C(0x400000000000000)

#define GB_ROCM_DRIVER 0 /* RSMI_SW_COMP_DRIVER */

/** Null where the library lacks an optional function. All return an
 *  rsmi_status_t. */
typedef struct gb_rocm_api {
    int (*init)(uint64_t flags);
    int (*shut_down)(void);
    int (*device_count)(uint32_t *count);
    int (*status_text)(int status, const char **text);
    int (*version)(int component, char *text, uint32_t size);
    int (*name)(uint32_t index, char *text, size_t size);
    int (*device_id)(uint32_t index, uint16_t *id);
    int (*unique_id)(uint32_t index, uint64_t *id);
    /** domain << 32 | partition << 28 | bus << 8 | device << 3 | function */
    int (*pci_id)(uint32_t index, uint64_t *id);
    /** @param step_uj  microjoules per count; @param stamp_ns  when true */
    int (*energy)(uint32_t index, uint64_t *count, float *step_uj,
                  uint64_t *stamp_ns);
    int (*power_average_uw)(uint32_t index, uint32_t sensor,
                            uint64_t *power_uw);
    /** @param type  0: averaged, 1: current, 0xffffffff: none */
    int (*power_uw)(uint32_t index, uint64_t *power_uw, uint32_t *type);
} gb_rocm_api;

/* X(member, symbol, essential) */
#define GB_ROCM_MAP(X)                                                         \
    X(init, "rsmi_init", true)                                                 \
    X(shut_down, "rsmi_shut_down", true)                                       \
    X(device_count, "rsmi_num_monitor_devices", true)                          \
    X(status_text, "rsmi_status_string", false)                                \
    X(version, "rsmi_version_str_get", false)                                  \
    X(name, "rsmi_dev_name_get", false)                                        \
    X(device_id, "rsmi_dev_id_get", false)                                     \
    X(unique_id, "rsmi_dev_unique_id_get", false)                              \
    X(pci_id, "rsmi_dev_pci_id_get", false)                                    \
    X(energy, "rsmi_dev_energy_count_get", false)                              \
    X(power_average_uw, "rsmi_dev_power_ave_get", false)                       \
    X(power_uw, "rsmi_dev_power_get", false)

#endif /* GB_MACHINE_ENERGY_ROCM_API_H */
