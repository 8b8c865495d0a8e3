/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/exports.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/** [offset, offset + bytes) of the image, or null if it does not lie within. */
static const void *part(const void *image, size_t size, size_t offset,
                        size_t bytes) {
    if (offset > size || bytes > size - offset)
        return NULL;
    return (const char *)image + offset;
}

static void add_name(gb_str *names, const char *name) {
    gb_str_addf(names, "%s%s", names->length > 0 ? ", " : "", name);
}

/** False if a table reaches outside the file. */
static bool list_symbols(const void *image, size_t size,
                         const ElfW(Shdr) * sections, size_t section_count,
                         const ElfW(Shdr) * table, gb_str *names) {
    const ElfW(Sym) *symbols =
        part(image, size, table->sh_offset, table->sh_size);
    if (table->sh_link >= section_count || symbols == NULL)
        return false;
    const ElfW(Shdr) *strings = &sections[table->sh_link];
    const char *text = part(image, size, strings->sh_offset, strings->sh_size);
    if (text == NULL || strings->sh_size == 0 ||
        text[strings->sh_size - 1] != '\0')
        return false;
    for (size_t i = 0; i < table->sh_size / sizeof(*symbols); i++) {
        const unsigned bind = ELF64_ST_BIND(symbols[i].st_info);
        if (symbols[i].st_shndx == SHN_UNDEF || bind == STB_LOCAL)
            continue;
        if (symbols[i].st_name >= strings->sh_size)
            return false;
        add_name(names, text + symbols[i].st_name);
    }
    return true;
}

static bool list_image(const void *image, size_t size, gb_str *names) {
    const ElfW(Ehdr) *header = part(image, size, 0, sizeof(*header));

    if (header == NULL || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_ident[EI_CLASS] !=
            (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) ||
        header->e_shentsize != sizeof(ElfW(Shdr)))
        return false;
    const ElfW(Shdr) *sections =
        part(image, size, header->e_shoff,
             (size_t)header->e_shnum * sizeof(*sections));
    if (sections == NULL)
        return false;
    for (size_t i = 0; i < header->e_shnum; i++)
        if (sections[i].sh_type == SHT_DYNSYM)
            return list_symbols(image, size, sections, header->e_shnum,
                                &sections[i], names);
    return false;
}

gb_status gb_exports_list(const char *path, gb_str *names, gb_error *err) {
    struct stat facts;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &facts) != 0) {
        const gb_status status =
            gb_fail_os(err, GB_ERR_IO, NULL, "cannot read '%s'", path);
        if (fd >= 0)
            close(fd);
        return status;
    }
    const size_t size = (size_t)facts.st_size;
    void *image = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (image == MAP_FAILED)
        return gb_fail_os(err, GB_ERR_IO, NULL, "cannot map '%s'", path);
    const bool ok = list_image(image, size, names);
    munmap(image, size);
    if (!ok)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "'%s': expected an ELF file with dynamic symbols", path);
    return GB_OK;
}
