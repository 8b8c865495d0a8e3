/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/nvml_gpu.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "machine/energy/domains.h"

/* nvmlDeviceGetPowerUsage() on Ampere and later, but GA100. */
#define AVERAGE_NS UINT64_C(1000000000)
/* A CPU, a GPU and their memory. */
#define MODULE_MAX_W (2 * GB_MAX_ACCEL_W)

/* What NVML says a GPU is. */
typedef struct gpu_facts {
    char name[GB_NVML_NAME_SIZE], uuid[GB_NVML_UUID_SIZE];
    unsigned int architecture; /* UINT32_MAX: unknown, presumably newer */
} gpu_facts;

const char gb_nvml_permission_fix[] =
    "give this user access to /dev/nvidia* and, in a container, to the GPU";
static const char lost_fix[] =
    "the driver has lost this GPU: see dmesg for an Xid, then reset it with "
    "nvidia-smi --gpu-reset or reboot";

const char *gb_nvml_words(const gb_nvml *nvml, int result) {
    if (result == GB_NVML_NO_VALUE)
        return "a mark for no value";
    const char *text =
        nvml->api.error_text ? nvml->api.error_text(result) : NULL;

    return text ? text : "an error";
}

int gb_nvml_read_ticks(const gb_nvml *nvml, const gb_nvml_gpu *gpu,
                       gb_reading_kind kind, uint64_t *ticks_out) {
    const gb_nvml_api *api = &nvml->api;
    unsigned long long energy_mj = 0;
    unsigned int power_mw = 0;
    int result = GB_NVML_FUNCTION_NOT_FOUND;

    if (kind == GB_READING_ENERGY && api->energy_mj) {
        result = api->energy_mj(gpu->handle, &energy_mj);
        *ticks_out = energy_mj;
        if (energy_mj == UINT64_MAX || energy_mj == UINT32_MAX)
            result = result == GB_NVML_SUCCESS ? GB_NVML_NO_VALUE : result;
    } else if (kind == GB_READING_POWER && api->power_mw) {
        result = api->power_mw(gpu->handle, &power_mw);
        *ticks_out = power_mw;
        if (power_mw == UINT32_MAX)
            result = result == GB_NVML_SUCCESS ? GB_NVML_NO_VALUE : result;
    }
    return result;
}

/* --- what one GPU is ------------------------------------------------------ */

static gpu_facts identify(const gb_nvml *nvml, gb_nvml_gpu *gpu) {
    const gb_nvml_api *api = &nvml->api;
    gpu_facts facts = {.architecture = UINT32_MAX};

    if (!api->name ||
        api->name(gpu->handle, facts.name, sizeof(facts.name)) != 0)
        gb_copy(facts.name, sizeof(facts.name), "unnamed GPU");
    if (!api->uuid ||
        api->uuid(gpu->handle, facts.uuid, sizeof(facts.uuid)) != 0)
        gb_copy(facts.uuid, sizeof(facts.uuid), "no UUID");
    if (!api->pci || api->pci(gpu->handle, &gpu->pci) != 0)
        gpu->pci = (gb_nvml_pci){0};
    gpu->pci.bus_id[sizeof(gpu->pci.bus_id) - 1] = '\0';
    if (!api->architecture ||
        api->architecture(gpu->handle, &facts.architecture) != 0)
        facts.architecture = UINT32_MAX;
    return facts;
}

/* By PCI device number, else by name: GA100 is 20xx, GH100 23xx. */
static bool is_chip(const gpu_facts *facts, const gb_nvml_pci *pci,
                    unsigned int family, const char *const *names) {
    if (pci->device_id != 0)
        return pci->device_id >> 24 == family;
    for (; *names; names++)
        if (strstr(facts->name, *names))
            return true;
    return false;
}

static double field_mw(const gb_nvml_field *field) {
    switch (field->value_type) {
    case 1:
        return (double)field->value.u32;
    case 2:
        return (double)field->value.ul;
    case 3:
        return (double)field->value.u64;
    default:
        return 0.0;
    }
}

/* On a GH200, power and energy are those of the module, Grace included. NVML
 * has fields for either on such boards: whichever nvmlDeviceGetPowerUsage()
 * agrees with tells what it and the counter hold on later ones. */
static bool measures_module(const gb_nvml *nvml, const gb_nvml_gpu *gpu,
                            const gpu_facts *facts) {
    const gb_nvml_api *api = &nvml->api;
    gb_nvml_field fields[] = {
        {.field_id = GB_NVML_FIELD_POWER_AVERAGE,
         .scope_id = GB_NVML_SCOPE_GPU},
        {.field_id = GB_NVML_FIELD_POWER_AVERAGE,
         .scope_id = GB_NVML_SCOPE_MODULE},
    };
    unsigned int power_mw = 0;

    if (strstr(facts->name, "GH200"))
        return true;
    if (!api->fields || !api->power_mw ||
        api->fields(gpu->handle, 2, fields) != GB_NVML_SUCCESS ||
        fields[0].result != GB_NVML_SUCCESS ||
        fields[1].result != GB_NVML_SUCCESS ||
        api->power_mw(gpu->handle, &power_mw) != GB_NVML_SUCCESS)
        return false;
    return (double)power_mw >
               0.5 * (field_mw(&fields[0]) + field_mw(&fields[1])) &&
           field_mw(&fields[1]) > field_mw(&fields[0]);
}

static void note_sharing(const gb_nvml *nvml, const gb_nvml_gpu *gpu,
                         gb_energy_domain *domain) {
    const gb_nvml_api *api = &nvml->api;
    unsigned int mode = 0, pending = 0;

    if (api->mig_mode &&
        api->mig_mode(gpu->handle, &mode, &pending) == GB_NVML_SUCCESS &&
        mode == 1) {
        domain->shared = true;
        gb_domain_note(domain, "MIG mode: energy exists for the whole GPU "
                               "only, which others may share");
    }
    if (!api->virtualization ||
        api->virtualization(gpu->handle, &mode) != GB_NVML_SUCCESS)
        return;
    if (mode == GB_NVML_VIRTUAL_VGPU || mode == GB_NVML_VIRTUAL_HOST_VGPU ||
        mode == GB_NVML_VIRTUAL_HOST_VSGA) {
        domain->shared = true;
        gb_domain_note(domain, "virtual GPUs share it with other machines");
    }
}

void gb_nvml_describe(const gb_nvml *nvml, gb_nvml_gpu *gpu,
                      gb_energy_domain *domain) {
    static const char *const ga100[] = {"A100-", "A100 ", "A800", NULL};
    static const char *const gh100[] = {"H100", "H200", "H800", "H20", NULL};
    const gpu_facts facts = identify(nvml, gpu);
    const bool is_ga100 = is_chip(&facts, &gpu->pci, 0x20, ga100);
    unsigned int least_mw = 0, most_mw = 0;
    char path[512];

    snprintf(path, sizeof(path), "nvml:%s %s %s, driver %s, %s", facts.uuid,
             facts.name, gpu->pci.bus_id, nvml->driver, nvml->library.path);
    gb_copy(domain->path, sizeof(domain->path), path);
    if (measures_module(nvml, gpu, &facts)) {
        domain->scope = GB_SCOPE_MODULE;
        domain->max_power_w = MODULE_MAX_W;
        gb_domain_note(domain,
                       "NVML counts the whole module, Grace CPU included");
    } else if (nvml->api.limits_mw &&
               nvml->api.limits_mw(gpu->handle, &least_mw, &most_mw) == 0 &&
               most_mw > 0 && (double)most_mw * 2e-3 < GB_MAX_ACCEL_W) {
        domain->max_power_w = (double)most_mw * 2e-3;
    }
    domain->average_ns =
        facts.architecture < GB_NVML_ARCH_AMPERE || is_ga100 ? 0 : AVERAGE_NS;
    if (is_ga100 || is_chip(&facts, &gpu->pci, 0x23, gh100)) {
        domain->u_rel = GB_U_REL_PART_TIME;
        gb_domain_note(domain, "its sensor sees 25 %% of the time");
    }
    note_sharing(nvml, gpu, domain);
}

/* --- how one GPU is read -------------------------------------------------- */

bool gb_nvml_is_forbidden(int result) {
    return result == GB_NVML_NO_PERMISSION ||
           result == GB_NVML_OPERATING_SYSTEM;
}

bool gb_nvml_is_unsupported(int result) {
    return result == GB_NVML_NO_VALUE || result == GB_NVML_NOT_SUPPORTED ||
           result == GB_NVML_NOT_FOUND ||
           result == GB_NVML_FUNCTION_NOT_FOUND || result == GB_NVML_SUCCESS;
}

void gb_nvml_refuse(const gb_nvml *nvml, gb_energy_domain *domain,
                    const char *call, int result) {
    if (gb_nvml_is_forbidden(result))
        gb_domain_refuse(domain, GB_DOMAIN_FORBIDDEN, gb_nvml_permission_fix,
                         "%s: %s (nvmlReturn %d, uid %ld)", call,
                         gb_nvml_words(nvml, result), result, (long)geteuid());
    else if (gb_nvml_is_unsupported(result))
        gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED,
                         "a Volta GPU or newer, on the machine itself rather "
                         "than in a virtual one, counts energy",
                         "%s: %s (nvmlReturn %d)", call,
                         gb_nvml_words(nvml, result), result);
    else
        gb_domain_refuse(domain, GB_DOMAIN_FAILED,
                         result == GB_NVML_GPU_IS_LOST ? lost_fix : NULL,
                         "%s: %s (nvmlReturn %d)", call,
                         gb_nvml_words(nvml, result), result);
}

void gb_nvml_choose_reading(const gb_nvml *nvml, const gb_nvml_gpu *gpu,
                            gb_energy_domain *domain) {
    static const char counter[] = "nvmlDeviceGetTotalEnergyConsumption";
    static const char gauge[] = "nvmlDeviceGetPowerUsage";
    uint64_t ticks = 0;
    const int energy = gb_nvml_read_ticks(nvml, gpu, GB_READING_ENERGY, &ticks);

    /* A GPU that counts has counted something since its driver was loaded. */
    if (energy == GB_NVML_SUCCESS && ticks > 0) {
        domain->average_ns = 0;
        return;
    }
    const int power =
        energy == GB_NVML_GPU_IS_LOST
            ? energy
            : gb_nvml_read_ticks(nvml, gpu, GB_READING_POWER, &ticks);
    if (power == GB_NVML_SUCCESS) {
        domain->kind = GB_READING_POWER;
        gb_domain_note(domain, "%s, integrated: %s",
                       domain->average_ns ? "power averaged over 1 s"
                                          : "instantaneous power",
                       !nvml->api.energy_mj ? "the library has no "
                                              "energy counter"
                       : energy == GB_NVML_SUCCESS
                           ? "the energy counter is 0"
                           : gb_nvml_words(nvml, energy));
        return;
    }
    if (!nvml->api.energy_mj && !nvml->api.power_mw)
        gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED,
                         "install the library of this GPU's driver",
                         "'%s' exports neither %s nor %s", nvml->library.path,
                         counter, gauge);
    else if (gb_nvml_is_forbidden(energy) ||
             (!gb_nvml_is_unsupported(energy) && !gb_nvml_is_forbidden(power)))
        gb_nvml_refuse(nvml, domain, counter, energy);
    else
        gb_nvml_refuse(nvml, domain, gauge, power);
}
