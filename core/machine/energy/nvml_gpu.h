/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_NVML_GPU_H
#define GB_MACHINE_ENERGY_NVML_GPU_H

/**
 * @file machine/energy/nvml_gpu.h
 * One GPU of NVIDIA's: what it is, what of it can be read, and a reading.
 * Private to machine/energy. Facts: reference/energy.md §6.1.
 */
#include "machine/energy/library.h"
#include "machine/energy/nvml_api.h"

/* The counter changes every 20 to 100 ms, depending on the model, and nothing
 * tells which: the slowest is assumed. */
#define GB_NVML_UPDATE_NS UINT64_C(100000000)

/* NVML succeeded, but what it gave is a sentinel (rule 27). */
#define GB_NVML_NO_VALUE (-1)

typedef struct gb_nvml {
    gb_library library;
    gb_nvml_api api;
    char driver[GB_NVML_VERSION_SIZE]; /* "550.54.15" */
} gb_nvml;

typedef struct gb_nvml_gpu {
    gb_nvml_device handle;
    gb_nvml_pci pci; /* bus_id "" if not known */
    bool lost;       /* its handle is of no use from then on */
} gb_nvml_gpu;

extern const char gb_nvml_permission_fix[];

/** What @p result means. Never null. */
const char *gb_nvml_words(const gb_nvml *nvml, int result);
bool gb_nvml_is_forbidden(int result);
bool gb_nvml_is_unsupported(int result);

/** Rule @p domain out because @p call returned @p result. */
void gb_nvml_refuse(const gb_nvml *nvml, gb_energy_domain *domain,
                    const char *call, int result);

/** Read the counter (mJ) or the gauge (mW) once.
 *  @return an nvmlReturn_t or GB_NVML_NO_VALUE */
int gb_nvml_read_ticks(const gb_nvml *nvml, const gb_nvml_gpu *gpu,
                       gb_reading_kind kind, uint64_t *ticks_out);

/** Find out what @p gpu is; sets its `pci`, and path, scope, averaging, bounds
 *  and sharing of @p domain. */
void gb_nvml_describe(const gb_nvml *nvml, gb_nvml_gpu *gpu,
                      gb_energy_domain *domain);

/** The counter if it works, else the gauge, else the reason why neither. */
void gb_nvml_choose_reading(const gb_nvml *nvml, const gb_nvml_gpu *gpu,
                            gb_energy_domain *domain);

#endif /* GB_MACHINE_ENERGY_NVML_GPU_H */
