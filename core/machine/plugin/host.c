/* SPDX-License-Identifier: Apache-2.0 */
/* The services behind the gb_host table. */
#include <stdarg.h>
#include <string.h>

#include "base/units.h"
#include "greenbench/ext/pace.h"
#include "greenbench/ext/team.h"
#include "machine/plugin/instance.h"

/* Spelled out in ext/mpi.h too, which needs <mpi.h>. */
#define EXT_MPI "greenbench.mpi/1"

static gb_plugin_run *run_of(const gb_host *host) {
    return host->host_data;
}

static void *host_alloc(const gb_host *host, size_t bytes, size_t align) {
    gb_plugin_run *run = run_of(host);
    char want[32], most[32];

    if (bytes == 0 || align < sizeof(void *) || (align & (align - 1)) != 0) {
        gb_lent_broken(&run->lent,
                       "alloc(): expected 1 byte or more, aligned to a power "
                       "of two from %zu, got %zu aligned to %zu",
                       sizeof(void *), bytes, align);
        return NULL;
    }
    const uint64_t lent = gb_lent_bytes(&run->lent);
    if (run->setup.memory_bytes > 0 &&
        (bytes > run->setup.memory_bytes ||
         lent > run->setup.memory_bytes - bytes)) {
        host->fail(host, GB_ERR_NO_MEMORY,
                   "choose a smaller size, or give the job more memory",
                   "expected at most %s for this rank, got a request for %s",
                   gb_format_bytes(run->setup.memory_bytes, most, sizeof(most)),
                   gb_format_bytes(lent + bytes, want, sizeof(want)));
        return NULL;
    }
    void *start = gb_lent_alloc(&run->lent, bytes, align);
    if (start == NULL)
        host->fail(host, GB_ERR_NO_MEMORY,
                   "choose a smaller size, or give the job more memory",
                   "the system refused a block of %s",
                   gb_format_bytes(bytes, want, sizeof(want)));
    return start;
}

static void host_free(const gb_host *host, void *start) {
    gb_lent_free(&run_of(host)->lent, start);
}

static uint64_t host_param_u64(const gb_params *params, const char *name) {
    return gb_lent_u64(&params->run->lent, name);
}

static double host_param_f64(const gb_params *params, const char *name) {
    return gb_lent_f64(&params->run->lent, name);
}

static const char *host_param_text(const gb_params *params, const char *name) {
    return gb_lent_text(&params->run->lent, name);
}

static gb_status host_fail(const gb_host *host, gb_status status,
                           const char *hint, const char *fmt, ...)
    GB_PRINTF_LIKE(4, 5);
static gb_status host_fail(const gb_host *host, gb_status status,
                           const char *hint, const char *fmt, ...) {
    va_list args;

    va_start(args, fmt);
    gb_lent_fail(&run_of(host)->lent, status, hint, fmt, args);
    va_end(args);
    return status;
}

static void host_note(const gb_host *host, const char *key, const char *fmt,
                      ...) GB_PRINTF_LIKE(3, 4);
static void host_note(const gb_host *host, const char *key, const char *fmt,
                      ...) {
    va_list args;

    va_start(args, fmt);
    gb_lent_note(&run_of(host)->lent, key, fmt, args);
    va_end(args);
}

static const void *host_extension(const gb_host *host, const char *id) {
    const gb_plugin_run *run = run_of(host);

    if (strcmp(id, GB_EXT_TEAM) == 0)
        return run->setup.ext_team;
    if (strcmp(id, GB_EXT_PACE) == 0)
        return run->setup.ext_pace;
    if (strcmp(id, EXT_MPI) == 0)
        return run->setup.ext_mpi;
    return NULL;
}

void gb_plugin_host_init(gb_plugin_run *run) {
    run->host = (gb_host){
        .struct_size = sizeof(gb_host),
        .abi_major = GB_PLUGIN_ABI_MAJOR,
        .abi_minor = GB_PLUGIN_ABI_MINOR,
        .host_data = run,
        .core_count = run->setup.core_count,
        .memory_bytes = run->setup.memory_bytes,
        .cache_bytes = run->setup.cache_bytes,
        .alloc = host_alloc,
        .free = host_free,
        .param_u64 = host_param_u64,
        .param_f64 = host_param_f64,
        .param_text = host_param_text,
        .fail = host_fail,
        .note = host_note,
        .extension = host_extension,
    };
}
