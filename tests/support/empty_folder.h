/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_TESTS_SUPPORT_EMPTY_FOLDER_H
#define GB_TESTS_SUPPORT_EMPTY_FOLDER_H

/**
 * @file support/empty_folder.h
 * Take away what a test left in a folder of its own.
 */
#include <ftw.h>
#include <stdio.h>

static int empty_one(const char *path, const struct stat *seen, int kind,
                     struct FTW *place) {
    (void)seen;
    (void)kind;
    return place->level > 0 ? remove(path) : 0;
}

/** Remove all that is in the folder, and not the folder; follows no link.
 * @return  0, or as nftw() */
static inline int empty_folder(const char *folder) {
    return nftw(folder, empty_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif /* GB_TESTS_SUPPORT_EMPTY_FOLDER_H */
