/* SPDX-License-Identifier: Apache-2.0 */
/* AMD GPUs through the ROCm SMI library, found at run time. Facts and traps:
 * reference/energy.md §6.2, rules 15, 27, 29, 30, 34. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "machine/energy/domains.h"
#include "machine/energy/library.h"
#include "machine/energy/rocm_api.h"

/* A read is a message to the GPU's management processor, 50 us to several ms,
 * and takes a lock that other tools hold meanwhile: it is made on a thread of
 * its own. The counter changes each millisecond, but the sampler sees a new
 * value only as often as this thread reads one, and its age is not known, as it
 * is stamped on the driver's clock: so this is the update period that counts.
 */
#define READ_NS UINT64_C(20000000)

/* The library's constant is 15.3 uJ; the hardware counts 2^-16 J. */
#define CONSTANT_UJ    15.3
#define CONSTANT_MATCH 0.005
#define HARDWARE_J     0x1p-16

typedef struct rocm_gpu {
    uint64_t place; /* PCI domain, bus and device; UINT64_MAX: unknown */
    bool dual;      /* one of two dies of a module (MI250, MI250X) */
    bool average;   /* POWER: rsmi_dev_power_ave_get(), else power_get() */
} rocm_gpu;

struct gb_energy_source {
    gb_energy_env env;
    gb_library library;
    gb_rocm_api api;
    bool started;
    gb_quality quality;
    char driver[64];
    gb_domain_list domains; /* [gpu_count], in the library's order */
    rocm_gpu *gpus;         /* [gpu_count] */
    size_t gpu_count;
};

static const char permission_fix[] =
    "add this user to the groups that own /dev/kfd and /dev/dri/renderD* "
    "(video, render)";

static void rocm_close(gb_energy_source *source) {
    if (!source)
        return;
    if (source->started)
        source->api.shut_down();
    gb_library_unload(&source->library);
    free(source->gpus);
    gb_domain_list_fini(&source->domains);
    free(source);
}

static const char *words(const gb_energy_source *source, int status) {
    const char *text = NULL;

    if (!source->api.status_text || source->api.status_text(status, &text) != 0)
        text = NULL;
    return text ? text : "an error";
}

static bool is_sentinel(uint64_t value) {
    return value == UINT64_MAX || value == UINT32_MAX;
}

/* --- reading -------------------------------------------------------------- */

/* @return an rsmi_status_t; NO_DATA for a sentinel (rule 27) */
static int read_energy(const gb_rocm_api *api, uint32_t index,
                       uint64_t *ticks_out, float *step_uj,
                       uint64_t *stamp_ns) {
    int status = GB_ROCM_NOT_YET_IMPLEMENTED;

    *ticks_out = *stamp_ns = 0;
    *step_uj = 0;
    if (api->energy)
        status = api->energy(index, ticks_out, step_uj, stamp_ns);
    if (status == GB_ROCM_SUCCESS && is_sentinel(*ticks_out))
        status = GB_ROCM_NO_DATA;
    return status;
}

/* The gauges use 0, 65535 W or all ones for "none", by model and version. */
static int read_power(const gb_rocm_api *api, uint32_t index, bool average,
                      double max_w, uint64_t *ticks_out) {
    uint32_t type = 0;
    int status = GB_ROCM_NOT_YET_IMPLEMENTED;

    *ticks_out = 0;
    if (average && api->power_average_uw)
        status = api->power_average_uw(index, 0, ticks_out);
    else if (!average && api->power_uw)
        status = api->power_uw(index, ticks_out, &type);
    if (status == GB_ROCM_SUCCESS &&
        (type == UINT32_MAX || is_sentinel(*ticks_out) || *ticks_out == 0 ||
         (double)*ticks_out * 1e-6 > max_w))
        status = GB_ROCM_NO_DATA;
    return status;
}

static void rocm_read(gb_energy_source *source, gb_energy_reading *readings) {
    for (size_t i = 0; i < source->domains.count; i++) {
        const gb_energy_domain *domain = &source->domains.items[i];
        const uint32_t index = (uint32_t)i;
        uint64_t ticks = 0, stamp_ns = 0;
        float step_uj;
        int status;

        readings[i] = (gb_energy_reading){0};
        if (domain->status != GB_DOMAIN_OK)
            continue;
        const uint64_t before_ns = gb_clock_now_ns(source->env.clock);
        if (domain->kind == GB_READING_ENERGY)
            status =
                read_energy(&source->api, index, &ticks, &step_uj, &stamp_ns);
        else
            status = read_power(&source->api, index, source->gpus[i].average,
                                domain->max_power_w, &ticks);
        gb_reading_stamp(&readings[i], before_ns,
                         gb_clock_now_ns(source->env.clock));
        /* A counter that has stamps does not lose them. */
        readings[i].ok =
            status == GB_ROCM_SUCCESS && (!domain->stamped || stamp_ns > 0);
        readings[i].ticks = readings[i].ok ? ticks : 0;
        readings[i].stamp_ns = readings[i].ok && domain->stamped ? stamp_ns : 0;
    }
}

static uint64_t rocm_slow_ns(const gb_energy_source *source) {
    (void)source;
    return READ_NS;
}

/* --- what one GPU is ------------------------------------------------------ */

static void describe(const gb_energy_source *source, uint32_t index,
                     rocm_gpu *gpu, gb_energy_domain *domain) {
    const gb_rocm_api *api = &source->api;
    char name[96] = "unnamed GPU", path[512];
    uint64_t unique = 0, place = 0;
    uint16_t id = 0;

    if (!api->name || api->name(index, name, sizeof(name)) != 0)
        gb_copy(name, sizeof(name), "unnamed GPU");
    if (!api->unique_id || api->unique_id(index, &unique) != 0)
        unique = 0;
    if (!api->device_id || api->device_id(index, &id) != 0)
        id = 0;
    gpu->place = UINT64_MAX;
    if (api->pci_id && api->pci_id(index, &place) == 0)
        gpu->place = place & UINT64_C(0xffffffff0000fff8);
    gpu->dual = id == 0x7408 || id == 0x740c || strstr(name, "MI250") != NULL;
    snprintf(path, sizeof(path),
             "rocm:%016llx %s %04x:%02x:%02x, driver %s, %s",
             (unsigned long long)unique, name, (unsigned)(place >> 32),
             (unsigned)(place >> 8 & 0xff), (unsigned)(place >> 3 & 0x1f),
             source->driver, source->library.path);
    gb_copy(domain->path, sizeof(domain->path), path);
    if (id == 0x738c || strstr(name, "MI100"))
        gb_domain_note(domain, "the counters of MI100 are known to stop until "
                               "a reboot: its stamps are watched");
}

/* In CPX and similar modes one GPU is listed several times, with one counter.*/
static const gb_energy_domain *same_gpu(const gb_energy_source *source,
                                        size_t index) {
    for (size_t i = 0; i < index; i++)
        if (source->gpus[i].place != UINT64_MAX &&
            source->gpus[i].place == source->gpus[index].place)
            return &source->domains.items[i];
    return NULL;
}

/* The first die of an MI250X counts both, the second one says zero. */
static gb_energy_domain *counting_sibling(const gb_energy_source *source,
                                          size_t index) {
    if (index == 0 || !source->gpus[index].dual ||
        !source->gpus[index - 1].dual)
        return NULL;
    gb_energy_domain *sibling = &source->domains.items[index - 1];
    return sibling->status == GB_DOMAIN_OK ? sibling : NULL;
}

/* --- how one GPU is read -------------------------------------------------- */

static void refuse_status(const gb_energy_source *source,
                          gb_energy_domain *domain, const char *call,
                          int status) {
    switch (status) {
    case GB_ROCM_PERMISSION:
        gb_domain_refuse(domain, GB_DOMAIN_FORBIDDEN, permission_fix,
                         "%s: %s (rsmi_status %d, uid %ld)", call,
                         words(source, status), status, (long)geteuid());
        break;
    case GB_ROCM_SUCCESS: /* but the counter is 0 */
    case GB_ROCM_NOT_SUPPORTED:
    case GB_ROCM_FILE_ERROR:
    case GB_ROCM_NOT_YET_IMPLEMENTED:
    case GB_ROCM_NOT_FOUND:
    case GB_ROCM_NO_DATA:
        gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED,
                         "virtual machines and graphics cards have no energy "
                         "counter; Instinct accelerators from MI100 on do",
                         "%s: no value: %s (rsmi_status %d)", call,
                         words(source, status), status);
        break;
    default:
        gb_domain_refuse(domain, GB_DOMAIN_FAILED, NULL,
                         "%s: %s (rsmi_status %d)", call, words(source, status),
                         status);
        break;
    }
}

static void use_counter(gb_energy_domain *domain, float step_uj,
                        uint64_t stamp_ns) {
    domain->stamped = stamp_ns > 0;
    domain->tick_j = (double)step_uj * 1e-6;
    if (fabs((double)step_uj / CONSTANT_UJ - 1.0) <= CONSTANT_MATCH) {
        domain->tick_j = HARDWARE_J;
        gb_domain_note(domain,
                       "counts of 2^-16 J; the library's %.4g uJ is "
                       "rounded",
                       (double)step_uj);
    }
    domain->step_j = domain->tick_j;
}

static void use_gauge(const gb_energy_source *source, gb_energy_domain *domain,
                      bool average, int energy) {
    domain->kind = GB_READING_POWER;
    domain->tick_j = domain->step_j = 1e-6;
    gb_domain_note(domain, "%s power, integrated: %s",
                   average ? "averaged" : "momentary",
                   !source->api.energy ? "the library has no energy counter"
                   : energy == GB_ROCM_SUCCESS ? "the energy counter is 0"
                                               : words(source, energy));
}

/* The counter, else a gauge, else the reason why none. */
static void choose_reading(const gb_energy_source *source, uint32_t index,
                           rocm_gpu *gpu, gb_energy_domain *domain) {
    const gb_rocm_api *api = &source->api;
    uint64_t ticks, stamp_ns;
    float step_uj;
    const int energy = read_energy(api, index, &ticks, &step_uj, &stamp_ns);
    int power = GB_ROCM_NOT_YET_IMPLEMENTED;

    if (energy == GB_ROCM_SUCCESS && ticks > 0 && step_uj > 0) {
        use_counter(domain, step_uj, stamp_ns);
        return;
    }
    gb_energy_domain *sibling = counting_sibling(source, index);
    if (sibling) {
        gb_domain_note(sibling, "both dies of its module");
        gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED, NULL,
                         "included in its sibling '%s' (two dies of one "
                         "module)",
                         sibling->name);
        return;
    }
    for (int average = 1; average >= 0; average--) {
        const int status =
            read_power(api, index, average != 0, domain->max_power_w, &ticks);
        if (status == GB_ROCM_SUCCESS) {
            gpu->average = average != 0;
            use_gauge(source, domain, gpu->average, energy);
            return;
        }
        if (power == GB_ROCM_NOT_YET_IMPLEMENTED ||
            status == GB_ROCM_PERMISSION)
            power = status;
    }
    if (!api->energy && !api->power_average_uw && !api->power_uw)
        gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED,
                         "install the ROCm release of the driver in use",
                         "'%s' exports neither rsmi_dev_energy_count_get nor "
                         "rsmi_dev_power_get",
                         source->library.path);
    else if (power == GB_ROCM_PERMISSION && energy != GB_ROCM_PERMISSION)
        refuse_status(source, domain, "rsmi_dev_power_ave_get", power);
    else
        refuse_status(source, domain, "rsmi_dev_energy_count_get", energy);
}

static gb_status add_gpu(gb_energy_source *source, uint32_t index,
                         gb_error *err) {
    rocm_gpu *gpu = &source->gpus[index];
    char name[32];

    snprintf(name, sizeof(name), "gpu%u", (unsigned)index);
    gb_energy_domain *domain = gb_domain_list_add(
        &source->domains, gb_energy_rocm.name, name, NULL, GB_SCOPE_ACCEL);
    if (!domain)
        return gb_fail_memory(err, "a ROCm domain");
    domain->quality = source->quality;
    domain->package = domain->refresh = (int32_t)index;
    domain->update_ns = READ_NS;
    domain->max_power_w = GB_MAX_ACCEL_W;
    domain->u_rel = GB_U_REL_METER;
    describe(source, index, gpu, domain);

    const gb_energy_domain *whole = same_gpu(source, index);
    if (whole)
        gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED, NULL,
                         "a partition of '%s', whose counter holds all of the "
                         "GPU",
                         whole->name);
    else
        choose_reading(source, index, gpu, domain);
    return GB_OK;
}

/* --- the source ----------------------------------------------------------- */

static gb_status fail_start(const gb_energy_source *source, const char *call,
                            int status, gb_error *err) {
    const bool forbidden = status == GB_ROCM_PERMISSION;

    return gb_fail(err,
                   forbidden ? GB_ERR_PERMISSION
                   : status == GB_ROCM_INIT_ERROR ||
                           status == GB_ROCM_NOT_SUPPORTED ||
                           status == GB_ROCM_NOT_FOUND
                       ? GB_ERR_UNSUPPORTED
                       : GB_ERR_IO,
                   forbidden ? permission_fix
                             : "load the driver (modprobe amdgpu) until "
                               "rocm-smi works",
                   "%s of '%s': %s (rsmi_status %d)", call,
                   source->library.path, words(source, status), status);
}

static gb_status start(gb_energy_source *source, gb_error *err) {
    uint32_t count = 0;
    int status = source->api.init(GB_ROCM_INIT_THREAD_ONLY_MUTEX);

    if (status != GB_ROCM_SUCCESS)
        return fail_start(source, "rsmi_init", status, err);
    source->started = true;
    status = source->api.device_count(&count);
    if (status != GB_ROCM_SUCCESS)
        return fail_start(source, "rsmi_num_monitor_devices", status, err);
    if (count == 0)
        return gb_fail(err, GB_ERR_UNSUPPORTED,
                       "ask the job for a GPU; rocm-smi lists them",
                       "'%s' lists no GPU", source->library.path);
    if (!source->api.version ||
        source->api.version(GB_ROCM_DRIVER, source->driver,
                            sizeof(source->driver)) != 0)
        gb_copy(source->driver, sizeof(source->driver), "unknown");
    source->gpus = calloc(count, sizeof(*source->gpus));
    if (!source->gpus)
        return gb_fail_memory(err, "the list of GPUs");
    source->gpu_count = count;
    gb_status added = GB_OK;
    for (uint32_t i = 0; added == GB_OK && i < count; i++)
        added = add_gpu(source, i, err);
    return added;
}

/* A library without its essentials is one row that names what is missing. */
static gb_status refuse_library(gb_energy_source *source, const char *missing,
                                gb_error *err) {
    gb_energy_domain *domain =
        gb_domain_list_add(&source->domains, gb_energy_rocm.name, "ROCm SMI",
                           source->library.path, GB_SCOPE_OTHER);

    if (!domain)
        return gb_fail_memory(err, "a ROCm domain");
    gb_domain_refuse(domain, GB_DOMAIN_UNSUPPORTED,
                     "install the ROCm release of the driver in use",
                     "'%s' does not export %s", source->library.path, missing);
    return GB_OK;
}

static gb_status rocm_open(const gb_energy_env *env,
                           gb_energy_source **source_out, gb_error *err) {
    static const char *const names[] = {
        "librocm_smi64.so.7", "librocm_smi64.so.6",
        "librocm_smi64.so.5", "librocm_smi64.so.1",
        "librocm_smi64.so",   "/opt/rocm/lib/librocm_smi64.so",
    };
    static const char *const drivers[] = {"/sys/module/amdgpu", "/dev/kfd"};
#define SYMBOL(member, symbol, essential)                                      \
    {symbol, offsetof(gb_rocm_api, member), essential},
    static const gb_library_symbol symbols[] = {GB_ROCM_MAP(SYMBOL)};
#undef SYMBOL
    gb_energy_source *source = calloc(1, sizeof(*source));

    if (!source)
        return gb_fail_memory(err, "the ROCm source");
    source->env = *env;
    gb_status status = gb_library_load(
        env, names, sizeof(names) / sizeof(names[0]),
        "with an AMD GPU: install rocm-smi-lib (Debian: librocm-smi64-1), or "
        "say where it is: --energy rocm=/path/librocm_smi64.so",
        &source->library, err);
    if (status == GB_OK) {
        source->quality =
            gb_library_quality(&source->library, env, drivers,
                               sizeof(drivers) / sizeof(drivers[0]));
        const char *missing =
            gb_library_bind(&source->library, symbols,
                            sizeof(symbols) / sizeof(symbols[0]), &source->api);
        status =
            missing ? refuse_library(source, missing, err) : start(source, err);
    }
    if (status != GB_OK) {
        rocm_close(source);
        return status;
    }
    *source_out = source;
    return GB_OK;
}

static const gb_energy_domain *rocm_domains(const gb_energy_source *source,
                                            size_t *count_out) {
    *count_out = source->domains.count;
    return source->domains.items;
}

const gb_energy_source_ops gb_energy_rocm = {
    .name = "rocm",
    .summary = "AMD GPUs through the ROCm SMI library",
    .open = rocm_open,
    .domains = rocm_domains,
    .read = rocm_read,
    .close = rocm_close,
    .slow_ns = rocm_slow_ns,
};
