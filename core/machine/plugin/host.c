/* SPDX-License-Identifier: Apache-2.0 */
/* The services behind the gb_host table. */
#include "machine/plugin/instance.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/text.h"
#include "base/units.h"
#include "greenbench/ext/pace.h"
#include "greenbench/ext/team.h"

/* Spelled out in ext/mpi.h too, which needs <mpi.h>. */
#define EXT_MPI "greenbench.mpi/1"

/* From here on a block gets a mapping of its own: pages that no thread has
 * touched yet, as first-touch needs, and large ones where the kernel can. */
#define MAPPED_BYTES    ((size_t)4 << 20)
#define HUGE_PAGE_BYTES ((size_t)2 << 20)

static gb_plugin_run *run_of(const gb_host *host) {
    return host->host_data;
}

static void lock(gb_plugin_run *run) {
    while (atomic_flag_test_and_set_explicit(&run->lock, memory_order_acquire))
        ;
}

static void unlock(gb_plugin_run *run) {
    atomic_flag_clear_explicit(&run->lock, memory_order_release);
}

/** The plugin broke a promise: whatever it returns, this call has failed. */
static void record_broken(gb_plugin_run *run, const char *fmt, ...)
    GB_PRINTF_LIKE(2, 3);

static void record_broken(gb_plugin_run *run, const char *fmt, ...) {
    char what[sizeof(run->broken.what)];
    va_list args;

    va_start(args, fmt);
    vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    lock(run);
    gb_fail(&run->broken, GB_ERR_INTERNAL,
            "this is a bug in the plugin: report it to its author", "%s: %s",
            run->plugin.id, what);
    unlock(run);
}

/* --- memory --------------------------------------------------------------- */

static bool map_block(gb_block *block, size_t align) {
    const size_t to = align > HUGE_PAGE_BYTES ? align : HUGE_PAGE_BYTES;
    const size_t length = block->bytes + to;

    if (length < block->bytes)
        return false;
    void *mapping = mmap(NULL, length, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED)
        return false;
    block->mapping = mapping;
    block->mapped = length;
    block->start =
        (void *)(((uintptr_t)mapping + to - 1) & ~(uintptr_t)(to - 1));
    /* Advice only: without huge pages the block is slower, not wrong. */
    (void)madvise(block->start, block->bytes, MADV_HUGEPAGE);
    return true;
}

static void release(gb_block *block) {
    if (block->mapped > 0)
        munmap(block->mapping, block->mapped);
    else
        free(block->start);
    free(block);
}

static void *host_alloc(const gb_host *host, size_t bytes, size_t align) {
    gb_plugin_run *run = run_of(host);
    char want[32], most[32];

    if (bytes == 0 || align < sizeof(void *) || (align & (align - 1)) != 0) {
        record_broken(run,
                      "alloc(): expected 1 byte or more, aligned to a power of "
                      "two from %zu, got %zu aligned to %zu",
                      sizeof(void *), bytes, align);
        return NULL;
    }
    lock(run);
    const uint64_t lent = run->lent_bytes;
    unlock(run);
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
    gb_block *block = calloc(1, sizeof(*block));
    if (block != NULL) {
        block->bytes = bytes;
        if (bytes >= MAPPED_BYTES
                ? !map_block(block, align)
                : posix_memalign(&block->start, align, bytes) != 0) {
            free(block);
            block = NULL;
        }
    }
    if (block == NULL) {
        host->fail(host, GB_ERR_NO_MEMORY,
                   "choose a smaller size, or give the job more memory",
                   "the system refused a block of %s",
                   gb_format_bytes(bytes, want, sizeof(want)));
        return NULL;
    }
    lock(run);
    block->next = run->blocks;
    run->blocks = block;
    run->lent_bytes += bytes;
    unlock(run);
    return block->start;
}

static void host_free(const gb_host *host, void *start) {
    gb_plugin_run *run = run_of(host);
    gb_block *found = NULL;

    if (start == NULL)
        return;
    lock(run);
    for (gb_block **at = &run->blocks; *at != NULL; at = &(*at)->next)
        if ((*at)->start == start) {
            found = *at;
            *at = found->next;
            run->lent_bytes -= found->bytes;
            break;
        }
    unlock(run);
    if (found == NULL)
        record_broken(run, "free(): expected a block from alloc(), got %p",
                      start);
    else
        release(found);
}

/* --- parameters ----------------------------------------------------------- */

static const gb_plan_param *find_param(const gb_params *params,
                                       const char *name) {
    const gb_plan_case *planned = params->planned;

    for (size_t i = 0; i < planned->param_count; i++)
        if (strcmp(planned->params[i].name, name) == 0)
            return &planned->params[i];
    record_broken(params->run,
                  "asked for parameter '%s', which it does not "
                  "declare",
                  name);
    return NULL;
}

static uint64_t host_param_u64(const gb_params *params, const char *name) {
    const gb_plan_param *param = find_param(params, name);

    if (param == NULL)
        return 0;
    if (param->kind == GB_VALUE_F64)
        record_broken(params->run,
                      "asked for parameter '%s' as a whole "
                      "number, but declares it as a real one",
                      name);
    return param->u64;
}

static double host_param_f64(const gb_params *params, const char *name) {
    const gb_plan_param *param = find_param(params, name);

    return param != NULL ? param->f64 : 0.0;
}

static const char *host_param_text(const gb_params *params, const char *name) {
    const gb_plan_param *param = find_param(params, name);

    return param != NULL ? param->text : "";
}

/* --- messages and extensions ---------------------------------------------- */

static gb_status host_fail(const gb_host *host, gb_status status,
                           const char *hint, const char *fmt, ...)
    GB_PRINTF_LIKE(4, 5);
static gb_status host_fail(const gb_host *host, gb_status status,
                           const char *hint, const char *fmt, ...) {
    gb_plugin_run *run = run_of(host);
    char what[sizeof(run->reason.what) + 1];
    va_list args;

    va_start(args, fmt);
    vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    lock(run);
    gb_fail(&run->reason, status, hint, "%s: %s", run->plugin.id, what);
    unlock(run);
    return status;
}

static bool is_note_key(const char *key) {
    const size_t length = strlen(key);

    return length > 0 && length < sizeof(((gb_note *)NULL)->key) &&
           strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

static void host_note(const gb_host *host, const char *key, const char *fmt,
                      ...) GB_PRINTF_LIKE(3, 4);
static void host_note(const gb_host *host, const char *key, const char *fmt,
                      ...) {
    gb_plugin_run *run = run_of(host);
    char value[sizeof(run->notes[0].value) + 1];
    va_list args;
    size_t i = 0;

    va_start(args, fmt);
    vsnprintf(value, sizeof(value), fmt, args);
    va_end(args);
    if (!is_note_key(key)) {
        record_broken(run, "note(): expected a key of [a-z0-9_], got '%s'",
                      key);
        return;
    }
    lock(run);
    while (i < run->note_count && strcmp(run->notes[i].key, key) != 0)
        i++;
    const bool fits = i < GB_NOTES_MAX;
    if (fits) {
        gb_copy(run->notes[i].key, sizeof(run->notes[i].key), key);
        gb_copy(run->notes[i].value, sizeof(run->notes[i].value), value);
        if (i == run->note_count)
            run->note_count++;
    }
    unlock(run);
    if (!fits)
        record_broken(run, "note(): expected at most %d keys, got '%s' too",
                      GB_NOTES_MAX, key);
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

void gb_plugin_host_fini(gb_plugin_run *run) {
    while (run->blocks != NULL) {
        gb_block *block = run->blocks;
        run->blocks = block->next;
        release(block);
    }
    run->lent_bytes = 0;
}
