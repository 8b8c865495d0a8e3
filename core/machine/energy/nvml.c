/* SPDX-License-Identifier: Apache-2.0 */
/* NVIDIA GPUs through NVML, found at run time. Facts and traps:
 * reference/energy.md §6.1, rules 7, 15, 18, 27, 35, 45. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "machine/energy/domains.h"
#include "machine/energy/nvml_gpu.h"

#define GPU_LIST_DIR "/proc/driver/nvidia/gpus"

/* A call takes 10 us to tens of ms, the longer the more the GPU does and when
 * it sleeps, so NVML is read on a thread of its own, never by the sampler; more
 * often than the counter changes would gain nothing. */
#define READ_NS GB_NVML_UPDATE_NS

struct gb_energy_source {
    gb_energy_env env;
    gb_nvml nvml;
    bool started;
    gb_quality quality;
    gb_domain_list domains; /* the GPUs first, in NVML's order */
    gb_nvml_gpu *gpus;      /* [gpu_count] */
    size_t gpu_count;
};

static void nvml_close(gb_energy_source *source) {
    if (!source)
        return;
    if (source->started)
        source->nvml.api.shutdown();
    gb_library_unload(&source->nvml.library);
    free(source->gpus);
    gb_domain_list_fini(&source->domains);
    free(source);
}

/* --- reading -------------------------------------------------------------- */

static void nvml_read(gb_energy_source *source, gb_energy_reading *readings) {
    for (size_t i = 0; i < source->domains.count; i++)
        readings[i] = (gb_energy_reading){0};
    for (size_t i = 0; i < source->gpu_count; i++) {
        const gb_energy_domain *domain = &source->domains.items[i];
        gb_nvml_gpu *gpu = &source->gpus[i];
        uint64_t ticks = 0;

        if (domain->status != GB_DOMAIN_OK || gpu->lost)
            continue;
        const uint64_t before_ns = gb_clock_now_ns(source->env.clock);
        const int result =
            gb_nvml_read_ticks(&source->nvml, gpu, domain->kind, &ticks);
        gb_reading_stamp(&readings[i], before_ns,
                         gb_clock_now_ns(source->env.clock));
        /* Asking again may block for as long as the driver waits for it. */
        gpu->lost = result == GB_NVML_GPU_IS_LOST;
        readings[i].ok =
            result == GB_NVML_SUCCESS &&
            (domain->kind == GB_READING_ENERGY ||
             (double)ticks * domain->tick_j <= domain->max_power_w);
        readings[i].ticks = readings[i].ok ? ticks : 0;
    }
}

static uint64_t nvml_slow_ns(const gb_energy_source *source) {
    (void)source;
    return READ_NS;
}

static gb_energy_domain *add_row(gb_energy_source *source, const char *name,
                                 gb_energy_scope scope, gb_error *err) {
    gb_energy_domain *domain = gb_domain_list_add(
        &source->domains, gb_energy_nvml.name, name, NULL, scope);

    if (!domain)
        gb_fail_memory(err, "an NVML domain");
    else
        domain->quality = source->quality;
    return domain;
}

static gb_status add_gpu(gb_energy_source *source, unsigned int index,
                         gb_error *err) {
    gb_nvml_gpu *gpu = &source->gpus[index];
    char name[32];

    snprintf(name, sizeof(name), "gpu%u", index);
    gb_energy_domain *domain = add_row(source, name, GB_SCOPE_ACCEL, err);
    if (!domain)
        return GB_ERR_NO_MEMORY;
    snprintf(domain->path, sizeof(domain->path), "nvml:%u, driver %s", index,
             source->nvml.driver);
    domain->package = domain->refresh = (int32_t)index;
    domain->tick_j = domain->step_j = 1e-3;
    domain->update_ns = GB_NVML_UPDATE_NS;
    domain->max_power_w = GB_MAX_ACCEL_W;
    domain->u_rel = GB_U_REL_METER;

    const int result = source->nvml.api.device_at(index, &gpu->handle);
    if (result != GB_NVML_SUCCESS) {
        gb_nvml_refuse(&source->nvml, domain, "nvmlDeviceGetHandleByIndex_v2",
                       result);
        return GB_OK;
    }
    gb_nvml_describe(&source->nvml, gpu, domain);
    gb_nvml_choose_reading(&source->nvml, gpu, domain);
    return GB_OK;
}

/* --- the source ----------------------------------------------------------- */

static bool is_listed(const gb_energy_source *source, const char *bus_id) {
    unsigned int domain, bus, device;

    if (sscanf(bus_id, "%x:%x:%x", &domain, &bus, &device) != 3)
        return true; /* not a GPU's entry */
    for (size_t i = 0; i < source->gpu_count; i++) {
        const gb_nvml_pci *pci = &source->gpus[i].pci;
        if (pci->bus_id[0] == '\0' ||
            (pci->domain == domain && pci->bus == bus && pci->device == device))
            return true;
    }
    return false;
}

/* A job that was given some GPUs of a node sees only these, and the others draw
 * power as well: what the kernel's driver lists and NVML does not is named. */
static gb_status add_hidden(gb_energy_source *source, gb_error *err) {
    const gb_sysroot *root = source->env.root;
    char **entries;
    size_t count;
    gb_status status = GB_OK;

    if (gb_sysroot_list(root, GPU_LIST_DIR, &entries, &count, NULL) != GB_OK)
        return GB_OK; /* not told in a container */
    for (size_t i = 0; status == GB_OK && i < count; i++) {
        char name[64];
        if (is_listed(source, entries[i]))
            continue;
        snprintf(name, sizeof(name), "gpu@%.40s", entries[i]);
        gb_energy_domain *domain = add_row(source, name, GB_SCOPE_ACCEL, err);
        if (!domain) {
            status = GB_ERR_NO_MEMORY;
            break;
        }
        snprintf(domain->path, sizeof(domain->path), GPU_LIST_DIR "/%.64s",
                 entries[i]);
        gb_domain_refuse(domain, GB_DOMAIN_HIDDEN,
                         "ask for all GPUs of the node (Slurm: --exclusive "
                         "--gpus-per-node=...)",
                         "the driver has this GPU, NVML does not show it to "
                         "this process: a container or a cgroup of the job");
    }
    gb_sysroot_free_names(entries, count);
    return status;
}

static gb_status fail_start(const gb_energy_source *source, const char *call,
                            int result, gb_error *err) {
    const gb_status status =
        gb_nvml_is_forbidden(result) ? GB_ERR_PERMISSION
        : result == GB_NVML_DRIVER_NOT_LOADED || gb_nvml_is_unsupported(result)
            ? GB_ERR_UNSUPPORTED
            : GB_ERR_IO;

    return gb_fail(err, status,
                   status == GB_ERR_PERMISSION ? gb_nvml_permission_fix
                   : result == GB_NVML_LIB_RM_VERSION_MISMATCH
                       ? "driver and library differ: reboot after an update"
                       : "load the driver (modprobe nvidia) until nvidia-smi "
                         "works",
                   "%s of '%s': %s (nvmlReturn %d)", call,
                   source->nvml.library.path,
                   gb_nvml_words(&source->nvml, result), result);
}

static gb_status start(gb_energy_source *source, gb_error *err) {
    unsigned int count = 0;
    int result = source->nvml.api.init();

    if (result != GB_NVML_SUCCESS)
        return fail_start(source, "nvmlInit_v2", result, err);
    source->started = true;
    result = source->nvml.api.device_count(&count);
    if (result != GB_NVML_SUCCESS)
        return fail_start(source, "nvmlDeviceGetCount_v2", result, err);
    if (count == 0)
        return gb_fail(err, GB_ERR_UNSUPPORTED,
                       "ask the job for a GPU; nvidia-smi lists them",
                       "'%s' lists no GPU", source->nvml.library.path);
    if (!source->nvml.api.driver_version ||
        source->nvml.api.driver_version(source->nvml.driver,
                                        sizeof(source->nvml.driver)) != 0)
        gb_copy(source->nvml.driver, sizeof(source->nvml.driver), "unknown");
    source->gpus = calloc(count, sizeof(*source->gpus));
    if (!source->gpus)
        return gb_fail_memory(err, "the list of GPUs");
    source->gpu_count = count;
    gb_status status = GB_OK;
    for (unsigned int i = 0; status == GB_OK && i < count; i++)
        status = add_gpu(source, i, err);
    return status == GB_OK ? add_hidden(source, err) : status;
}

/* A library without its essentials is one row that names what is missing. */
static gb_status refuse_library(gb_energy_source *source, const char *missing,
                                gb_error *err) {
    gb_energy_domain *domain = add_row(source, "NVML", GB_SCOPE_OTHER, err);

    if (!domain)
        return GB_ERR_NO_MEMORY;
    gb_copy(domain->path, sizeof(domain->path), source->nvml.library.path);
    gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED,
                     "install the library of the NVIDIA driver in use",
                     "'%s' does not export %s", source->nvml.library.path,
                     missing);
    return GB_OK;
}

static gb_status nvml_open(const gb_energy_env *env,
                           gb_energy_source **source_out, gb_error *err) {
    static const char *const names[] = {"libnvidia-ml.so.1", "libnvidia-ml.so"};
    static const char *const drivers[] = {"/proc/driver/nvidia/version",
                                          "/dev/nvidiactl", "/dev/dxg"};
#define SYMBOL(member, symbol, essential)                                      \
    {symbol, offsetof(gb_nvml_api, member), essential},
    static const gb_library_symbol symbols[] = {GB_NVML_MAP(SYMBOL)};
#undef SYMBOL
    gb_energy_source *source = calloc(1, sizeof(*source));

    if (!source)
        return gb_fail_memory(err, "the NVML source");
    source->env = *env;
    gb_status status = gb_library_load(
        env, names, sizeof(names) / sizeof(names[0]),
        "with an NVIDIA GPU: install its driver's library (Debian: "
        "libnvidia-ml1), or say where it is: --energy nvml=/path/"
        "libnvidia-ml.so.1",
        &source->nvml.library, err);
    if (status == GB_OK) {
        source->quality =
            gb_library_quality(&source->nvml.library, env, drivers,
                               sizeof(drivers) / sizeof(drivers[0]));
        const char *missing = gb_library_bind(
            &source->nvml.library, symbols,
            sizeof(symbols) / sizeof(symbols[0]), &source->nvml.api);
        status =
            missing ? refuse_library(source, missing, err) : start(source, err);
    }
    if (status != GB_OK) {
        nvml_close(source);
        return status;
    }
    *source_out = source;
    return GB_OK;
}

static const gb_energy_domain *nvml_domains(const gb_energy_source *source,
                                            size_t *count_out) {
    *count_out = source->domains.count;
    return source->domains.items;
}

const gb_energy_source_ops gb_energy_nvml = {
    .name = "nvml",
    .summary = "NVIDIA GPUs through the driver's library NVML",
    .open = nvml_open,
    .domains = nvml_domains,
    .read = nvml_read,
    .close = nvml_close,
    .slow_ns = nvml_slow_ns,
};
