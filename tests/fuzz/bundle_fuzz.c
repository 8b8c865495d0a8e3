/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a bundle from anybody, packed ('z') or as the tar within ('t'):
 * nothing but regular files comes out, all of them where they belong, and what
 * is called whole is what the manifest says. */
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/bundle.h"
#include "base/sha256.h"
#include "support/empty_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { BLOCK = 128 << 10 };

static void put(int fd, const void *bytes, size_t size) {
    if (write(fd, bytes, size) != (ssize_t)size)
        abort();
}

/* A frame of raw blocks (RFC 8878), so that what is tried is the tar. */
static void put_frame(int fd, const uint8_t *bytes, size_t size) {
    static const uint8_t header[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58};
    size_t at = 0;

    put(fd, header, sizeof(header));
    do {
        const size_t piece = size - at < BLOCK ? size - at : BLOCK;
        const uint32_t word =
            (uint32_t)(piece << 3 | (size_t)(at + piece == size));
        const uint8_t block[] = {word & 0xff, word >> 8 & 0xff,
                                 word >> 16 & 0xff};
        put(fd, block, sizeof(block));
        put(fd, bytes + at, piece);
        at += piece;
    } while (at < size);
}

/* The tail is wrong, which is told, and what is before it looked at. */
static void write_bundle(const char *path, const uint8_t *bytes, size_t size) {
    static const char tail[100];
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0)
        abort();
    if (size > 0 && bytes[0] == 'z') {
        put(fd, bytes + 1, size - 1);
    } else {
        put_frame(fd, size > 0 ? bytes + 1 : bytes, size > 0 ? size - 1 : 0);
        put(fd, tail, sizeof(tail));
    }
    close(fd);
}

static int files;

static int check_one(const char *path, const struct stat *seen, int kind,
                     struct FTW *place) {
    (void)path;
    (void)place;
    if (kind != FTW_D && !S_ISREG(seen->st_mode))
        abort();
    files += kind != FTW_D;
    return 0;
}

static void check_found(const char *folder, const gb_bundle *bundle,
                        const gb_validation *found, bool whole) {
    if (whole != gb_validation_is_valid(found))
        abort();
    for (size_t i = 0; i < found->count; i++)
        if (found->list[i].expected[0] == '\0' ||
            found->list[i].found[0] == '\0')
            abort();
    files = 0;
    (void)nftw(folder, check_one, 16, FTW_PHYS);
    /* Beside them the manifest, and perhaps a signature. */
    if (files > 0 && (size_t)files > bundle->count + 2)
        abort();
    for (size_t i = 0; whole && i < bundle->count; i++) {
        char path[PATH_MAX], sha256[GB_SHA256_SIZE];
        uint64_t size_bytes = 0;
        snprintf(path, sizeof(path), "%s/%s", folder, bundle->files[i].name);
        if (gb_sha256_file(path, sha256, &size_bytes, NULL) != GB_OK ||
            strcmp(sha256, bundle->files[i].sha256) != 0)
            abort();
    }
}

static char scratch[] = "/tmp/bundle-fuzz-XXXXXX";

static void remove_scratch(void) {
    (void)rmdir(scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static char path[64], folder[64];
    gb_bundle bundle = {0};
    gb_validation found = {0};
    gb_error err = {0};
    bool whole = false;

    if (path[0] == '\0') {
        if (mkdtemp(scratch) == NULL || atexit(remove_scratch) != 0)
            abort();
        snprintf(path, sizeof(path), "%s/bundle", scratch);
        snprintf(folder, sizeof(folder), "%s/folder", scratch);
    }
    if (mkdir(folder, 0700) != 0)
        abort();
    write_bundle(path, bytes, size);
    const gb_status status =
        gb_bundle_unpack(path, folder, &bundle, &found, &whole, &err);
    if (status == GB_OK)
        check_found(folder, &bundle, &found, whole);
    else if (err.what[0] == '\0' || whole)
        abort();
    gb_bundle_fini(&bundle);
    gb_validation_fini(&found);
    if (empty_folder(folder) != 0 || rmdir(folder) != 0 || unlink(path) != 0)
        abort();
    return 0;
}
