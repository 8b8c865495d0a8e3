/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#define CHUNK_BYTES ((size_t)1 << 16)

static gb_status fail_crypto(const char *path, gb_error *err) {
    return gb_fail(err, GB_ERR_INTERNAL, NULL,
                   "'%s': expected SHA-256 from libcrypto, got none", path);
}

static EVP_MD_CTX *begin(void) {
    /* libcrypto must outlive exit(): a plugin that calls it ends a run whose
     * manifest is written then. Its configuration file is of no use here. */
    (void)OPENSSL_init_crypto(
        OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    if (digest != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1)
        return digest;
    EVP_MD_CTX_free(digest);
    return NULL;
}

static bool end(EVP_MD_CTX *digest, char *hex_out) {
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    const bool ended = EVP_DigestFinal_ex(digest, hash, &length) == 1 &&
                       2 * length + 1 == GB_SHA256_SIZE;

    for (unsigned i = 0; ended && i < length; i++)
        snprintf(hex_out + 2 * (size_t)i, 3, "%02x", hash[i]);
    return ended;
}

static gb_status digest_rest(int fd, const char *path, char *hex_out,
                             uint64_t *size_bytes_out, gb_error *err) {
    unsigned char chunk[CHUNK_BYTES];
    EVP_MD_CTX *digest = begin();
    gb_status status = digest != NULL ? GB_OK : fail_crypto(path, err);

    *size_bytes_out = 0;
    while (status == GB_OK) {
        const ssize_t length = read(fd, chunk, CHUNK_BYTES);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            status = gb_fail_os(err, GB_ERR_IO, NULL, "cannot read '%s'", path);
        if (length <= 0)
            break;
        *size_bytes_out += (uint64_t)length;
        if (EVP_DigestUpdate(digest, chunk, (size_t)length) != 1)
            status = fail_crypto(path, err);
    }
    if (status == GB_OK && !end(digest, hex_out))
        status = fail_crypto(path, err);
    EVP_MD_CTX_free(digest);
    return status;
}

gb_status gb_sha256_file(const char *path, char *hex_out,
                         uint64_t *size_bytes_out, gb_error *err) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return gb_fail_os(err, errno == ENOENT ? GB_ERR_NOT_FOUND : GB_ERR_IO,
                          NULL, "cannot read '%s'", path);
    const gb_status status =
        digest_rest(fd, path, hex_out, size_bytes_out, err);
    close(fd);
    return status;
}

gb_status gb_sha256_bytes(const void *bytes, size_t count, char *hex_out,
                          gb_error *err) {
    EVP_MD_CTX *digest = begin();
    const bool done = digest != NULL &&
                      EVP_DigestUpdate(digest, bytes, count) == 1 &&
                      end(digest, hex_out);

    EVP_MD_CTX_free(digest);
    return done ? GB_OK : fail_crypto("memory", err);
}
