/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of libraries that were needed to load them. */
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "machine/platform/platform.h"

/* Relocations in what is otherwise never written would be lost with it. */
static bool relocates_text(const ElfW(Dyn) * dynamic) {
    for (; dynamic->d_tag != DT_NULL; dynamic++)
        if (dynamic->d_tag == DT_TEXTREL ||
            (dynamic->d_tag == DT_FLAGS &&
             (dynamic->d_un.d_val & DF_TEXTREL) != 0))
            return true;
    return false;
}

/* Of one program or library. An address as this process sees it. */
static void *address_of(const struct dl_phdr_info *object, uintptr_t at) {
    const uintptr_t address = object->dlpi_addr + at;
    void *pointer = NULL;

    memcpy(&pointer, &address, sizeof(pointer));
    return pointer;
}

static int drop_pages_of(struct dl_phdr_info *object, size_t size, void *ctx) {
    const uintptr_t page = *(const uintptr_t *)ctx;
    (void)size;

    for (int i = 0; i < object->dlpi_phnum; i++)
        if (object->dlpi_phdr[i].p_type == PT_DYNAMIC &&
            relocates_text(address_of(object, object->dlpi_phdr[i].p_vaddr)))
            return 0;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        const uintptr_t begin = part->p_vaddr / page * page;
        const uintptr_t end = (part->p_vaddr + part->p_filesz) / page * page;
        if (part->p_type == PT_LOAD && part->p_flags == PF_R && end > begin)
            (void)madvise(address_of(object, begin), end - begin,
                          MADV_DONTNEED);
    }
    return 0;
}

void gb_platform_drop_pages(void) {
    const long page = sysconf(_SC_PAGESIZE);
    uintptr_t bytes = page > 0 ? (uintptr_t)page : 0;
    if (bytes > 0)
        (void)dl_iterate_phdr(drop_pages_of, &bytes);
}
