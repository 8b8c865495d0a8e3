/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/bundle_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/validate_parts.h"

#define CHUNK_BYTES ((size_t)1 << 16)

/* --- the tail ------------------------------------------------------------- */

void gb_bundle_tail_make(const char *sha256, char *out) {
    static const unsigned char magic[4] = {0x50, 0x2a, 0x4d, 0x18};
    const uint32_t content = GB_BUNDLE_TAIL_SIZE - 8;
    char *at = out + sizeof(magic);

    memcpy(out, magic, sizeof(magic));
    for (int i = 0; i < 4; i++)
        *at++ = (char)(content >> 8 * i & 0xff);
    memcpy(at, GB_BUNDLE_TAIL_WORDS, sizeof(GB_BUNDLE_TAIL_WORDS) - 1);
    at += sizeof(GB_BUNDLE_TAIL_WORDS) - 1;
    memcpy(at, sha256, GB_SHA256_SIZE - 1);
    at[GB_SHA256_SIZE - 1] = '\n';
}

static gb_status digest_all(int fd, const char *path, uint64_t left,
                            gb_sha256 *digest, gb_error *err) {
    unsigned char chunk[CHUNK_BYTES];
    gb_status status = GB_OK;

    while (left > 0 && status == GB_OK) {
        const size_t wanted =
            left < sizeof(chunk) ? (size_t)left : sizeof(chunk);
        const ssize_t got = read(fd, chunk, wanted);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return gb_fail_os(err, GB_ERR_IO, NULL, "cannot read '%s'", path);
        status = gb_sha256_add(digest, chunk, (size_t)got, err);
        left -= (uint64_t)got;
    }
    return status;
}

static void compare_tails(const char *sha256, const char *tail,
                          gb_validation *found) {
    const gb_violation_kind kind = {GB_CHECK_FILES, GB_SEVERITY_ERROR,
                                    "bundle.digest", ""};
    char expected[GB_BUNDLE_TAIL_SIZE + 1] = {0};

    gb_bundle_tail_make(sha256, expected);
    if (memcmp(expected, tail, GB_BUNDLE_TAIL_SIZE) == 0)
        return;
    const size_t words = GB_BUNDLE_TAIL_SIZE - GB_SHA256_SIZE;
    gb_violate(found, &kind, "the end", sha256,
               memcmp(expected, tail, words) == 0
                   ? tail + words
                   : "no digest, where greenbench writes one");
}

gb_status gb_bundle_tail_check(int fd, const char *path, uint64_t size_bytes,
                               gb_validation *found, gb_error *err) {
    char sha256[GB_SHA256_SIZE] = {0}, tail[GB_BUNDLE_TAIL_SIZE + 1] = {0};
    gb_sha256 *digest = NULL;
    gb_status status = gb_sha256_begin(&digest, err);

    if (status == GB_OK)
        status = digest_all(fd, path, size_bytes, digest, err);
    if (status == GB_OK)
        status = gb_sha256_end(digest, sha256, err);
    gb_sha256_free(digest);
    if (status != GB_OK)
        return status;
    if (pread(fd, tail, GB_BUNDLE_TAIL_SIZE, (off_t)size_bytes) !=
            GB_BUNDLE_TAIL_SIZE ||
        lseek(fd, 0, SEEK_SET) != 0)
        return gb_fail_os(err, GB_ERR_IO, NULL, "cannot read '%s'", path);
    compare_tails(sha256, tail, found);
    return GB_OK;
}

/* --- files ---------------------------------------------------------------- */

int gb_bundle_create(int folder, const char *name) {
    char part[1024];

    snprintf(part, sizeof(part), "%s", name);
    for (char *slash = strchr(part, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdirat(folder, part, 0700) != 0 && errno != EEXIST)
            return -1;
        *slash = '/';
    }
    return openat(folder, part,
                  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}
