/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/plugin/lent.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/text.h"

/* From here on a block gets a mapping of its own: pages that no thread has
 * touched yet, as first-touch needs, and large ones where the kernel can. */
#define MAPPED_BYTES    ((size_t)4 << 20)
#define HUGE_PAGE_BYTES ((size_t)2 << 20)

static void lock(gb_lent *lent) {
    while (atomic_flag_test_and_set_explicit(&lent->lock, memory_order_acquire))
        ;
}

static void unlock(gb_lent *lent) {
    atomic_flag_clear_explicit(&lent->lock, memory_order_release);
}

/* --- calls ---------------------------------------------------------------- */

void gb_lent_begin_call(gb_lent *lent) {
    lent->reason = (gb_error){.rank = -1};
    lent->broken = (gb_error){.rank = -1};
}

static bool is_known(gb_status status) {
    switch (status) {
#define KNOWN_CASE(name, value, text) case GB_##name:
        GB_STATUS_MAP(KNOWN_CASE)
#undef KNOWN_CASE
        return true;
    default:
        return false;
    }
}

gb_status gb_lent_end_call(gb_lent *lent, const char *op, gb_status status,
                           gb_error *err) {
    if (lent->broken.status != GB_OK) {
        if (err != NULL)
            *err = lent->broken;
        return lent->broken.status;
    }
    if (status == GB_OK)
        return GB_OK;
    if (!is_known(status))
        return gb_fail(err, GB_ERR_INTERNAL,
                       "return one of the values in greenbench/status.h",
                       "%s: %s() returned the unknown status %d", lent->id, op,
                       (int)status);
    if (lent->reason.status == status) {
        if (err != NULL)
            *err = lent->reason;
        return status;
    }
    return gb_fail(err, status, NULL, "%s: %s() failed without a reason: %s",
                   lent->id, op, gb_status_text(status));
}

/* --- what a plugin says --------------------------------------------------- */

void gb_lent_broken(gb_lent *lent, const char *fmt, ...) {
    char what[sizeof(lent->broken.what)];
    va_list args;

    va_start(args, fmt);
    vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    lock(lent);
    gb_fail(&lent->broken, GB_ERR_INTERNAL,
            "this is a bug in the plugin: report it to its author", "%s: %s",
            lent->id, what);
    unlock(lent);
}

void gb_lent_fail(gb_lent *lent, gb_status status, const char *hint,
                  const char *fmt, va_list args) {
    char what[sizeof(lent->reason.what) + 1];

    vsnprintf(what, sizeof(what), fmt, args);
    lock(lent);
    gb_fail(&lent->reason, status, hint, "%s: %s", lent->id, what);
    unlock(lent);
}

static bool is_note_key(const gb_lent *lent, const char *key) {
    const size_t length = strlen(key);

    return length > 0 && length <= lent->key_max &&
           strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

void gb_lent_note(gb_lent *lent, const char *key, const char *fmt,
                  va_list args) {
    char value[sizeof(lent->notes[0].value) + 1];
    size_t i = 0;

    vsnprintf(value, sizeof(value), fmt, args);
    if (!is_note_key(lent, key)) {
        gb_lent_broken(lent,
                       "note(): expected a key of at most %zu of [a-z0-9_], "
                       "got '%s'",
                       lent->key_max, key);
        return;
    }
    lock(lent);
    while (i < lent->note_count && strcmp(lent->notes[i].key, key) != 0)
        i++;
    const bool fits = i < lent->notes_max;
    if (fits) {
        gb_copy(lent->notes[i].key, sizeof(lent->notes[i].key), key);
        gb_copy(lent->notes[i].value, lent->value_max + 1, value);
        lent->note_count += i == lent->note_count;
    }
    unlock(lent);
    if (!fits)
        gb_lent_broken(lent, "note(): expected at most %zu keys, got '%s' too",
                       lent->notes_max, key);
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

void *gb_lent_alloc(gb_lent *lent, size_t bytes, size_t align) {
    gb_block *block = calloc(1, sizeof(*block));

    if (block == NULL)
        return NULL;
    block->bytes = bytes;
    if (bytes >= MAPPED_BYTES
            ? !map_block(block, align)
            : posix_memalign(&block->start, align, bytes) != 0) {
        free(block);
        return NULL;
    }
    lock(lent);
    block->next = lent->blocks;
    lent->blocks = block;
    lent->bytes += bytes;
    unlock(lent);
    return block->start;
}

void gb_lent_free(gb_lent *lent, void *start) {
    gb_block *found = NULL;

    if (start == NULL)
        return;
    lock(lent);
    for (gb_block **at = &lent->blocks; *at != NULL; at = &(*at)->next)
        if ((*at)->start == start) {
            found = *at;
            *at = found->next;
            lent->bytes -= found->bytes;
            break;
        }
    unlock(lent);
    if (found == NULL)
        gb_lent_broken(lent, "free(): expected a block from alloc(), got %p",
                       start);
    else
        release(found);
}

uint64_t gb_lent_bytes(gb_lent *lent) {
    lock(lent);
    const uint64_t bytes = lent->bytes;
    unlock(lent);
    return bytes;
}

void gb_lent_fini(gb_lent *lent) {
    while (lent->blocks != NULL) {
        gb_block *block = lent->blocks;
        lent->blocks = block->next;
        release(block);
    }
    lent->bytes = 0;
}

/* --- parameters ----------------------------------------------------------- */

static const gb_plan_param *find_param(gb_lent *lent, const char *name) {
    for (size_t i = 0; i < lent->param_count; i++)
        if (strcmp(lent->params[i].name, name) == 0)
            return &lent->params[i];
    gb_lent_broken(lent, "asked for parameter '%s', which it does not declare",
                   name);
    return NULL;
}

uint64_t gb_lent_u64(gb_lent *lent, const char *name) {
    const gb_plan_param *param = find_param(lent, name);

    if (param == NULL)
        return 0;
    if (param->kind == GB_VALUE_F64)
        gb_lent_broken(lent,
                       "asked for parameter '%s' as a whole number, but "
                       "declares it as a real one",
                       name);
    return param->u64;
}

double gb_lent_f64(gb_lent *lent, const char *name) {
    const gb_plan_param *param = find_param(lent, name);

    return param != NULL ? param->f64 : 0.0;
}

const char *gb_lent_text(gb_lent *lent, const char *name) {
    const gb_plan_param *param = find_param(lent, name);

    return param != NULL ? param->text : "";
}
