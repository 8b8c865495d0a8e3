/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/plugin/mpi_library.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Sonames by family. libmpi.so.12 is Intel's and MPICH's own name; Open
 * MPI 1.10 had it too, before MPI 3.1, which greenbench needs. */
static const struct {
    const char *soname, *family;
} known[] = {
    {"libmpi.so.12", "MPICH"},          {"libmpich.so.12", "MPICH"},
    {"libmpi_cray.so.12", "MPICH"},     {"libmpi_gnu_91.so.12", "MPICH"},
    {"libmpi_gnu_103.so.12", "MPICH"},  {"libmpi_gnu_112.so.12", "MPICH"},
    {"libmpi_gnu_123.so.12", "MPICH"},  {"libmpi_intel.so.12", "MPICH"},
    {"libmpi_nvidia.so.12", "MPICH"},   {"libmpi_amd.so.12", "MPICH"},
    {"libmpi.so.20", "Open MPI 2"},     {"libmpi.so.40", "Open MPI"},
    {"libmpi_abi.so.0", "the MPI ABI"},
};

static const char *family_of(const char *soname) {
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(soname, known[i].soname) == 0)
            return known[i].family;
    return NULL;
}

bool gb_mpi_library_is(const char *soname) {
    if (family_of(soname) != NULL)
        return true;
    return strncmp(soname, "libmpi.so", 9) == 0 ||
           strncmp(soname, "libmpich.so", 11) == 0;
}

bool gb_mpi_library_agree(const char *a, const char *b) {
    const char *left = family_of(a), *right = family_of(b);

    if (left != NULL && right != NULL)
        return strcmp(left, right) == 0;
    return strcmp(a, b) == 0;
}

void gb_mpi_library_name(const char *soname, char *out, size_t size) {
    const char *family = family_of(soname);

    if (family != NULL)
        snprintf(out, size, "%s (%s)", family, soname);
    else
        gb_copy(out, size, soname);
}

/** The MPI library that @p map itself names as needed; null: none. */
static const char *needed_by(const struct link_map *map) {
    const char *strings = NULL;

    for (const ElfW(Dyn) *d = map->l_ld; d != NULL && d->d_tag != DT_NULL; d++)
        if (d->d_tag == DT_STRTAB) /* glibc has added the load address */
            strings = (const char *)d->d_un.d_ptr;
    for (const ElfW(Dyn) *d = map->l_ld; strings != NULL && d->d_tag != DT_NULL;
         d++)
        if (d->d_tag == DT_NEEDED && gb_mpi_library_is(strings + d->d_un.d_val))
            return strings + d->d_un.d_val;
    return NULL;
}

/** The MPI library that the program, or a library it was linked with, needs. */
static const char *needed_by_program(void) {
    void *program = dlopen(NULL, RTLD_NOW);
    struct link_map *map = NULL;
    const char *found = NULL;

    if (program == NULL || dlinfo(program, RTLD_DI_LINKMAP, &map) != 0)
        map = NULL;
    if (map != NULL)
        found = needed_by(map); /* the first of the list is the program */
    if (program != NULL)
        dlclose(program);
    return found;
}

gb_status gb_mpi_library_check(void *module, const char *path, gb_error *err) {
    struct link_map *map = NULL;
    char theirs[96], ours[96];

    if (dlinfo(module, RTLD_DI_LINKMAP, &map) != 0)
        return GB_OK;
    const char *plugin = needed_by(map), *program = needed_by_program();
    if (plugin == NULL || program == NULL ||
        gb_mpi_library_agree(plugin, program))
        return GB_OK;
    gb_mpi_library_name(plugin, theirs, sizeof(theirs));
    gb_mpi_library_name(program, ours, sizeof(ours));
    return gb_fail(err, GB_ERR_ABI,
                   "rebuild the plugin with the mpicc of the MPI that "
                   "greenbench was built with",
                   "'%s': expected a plugin built for %s, got one for %s", path,
                   ours, theirs);
}
