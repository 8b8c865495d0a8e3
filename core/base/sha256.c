/* SPDX-License-Identifier: Apache-2.0 */
/* libcrypto is loaded when something is hashed: rank 0 and the leaders do that,
 * and the other ranks are spared its memory. */
#include "base/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/shared_object.h"

#define CHUNK_BYTES ((size_t)1 << 16)

#define CRYPTO_FUNCTIONS(X)                                                    \
    X(OPENSSL_init_crypto)                                                     \
    X(EVP_MD_CTX_new)                                                          \
    X(EVP_MD_CTX_free)                                                         \
    X(EVP_sha256)                                                              \
    X(EVP_DigestInit_ex)                                                       \
    X(EVP_DigestUpdate)                                                        \
    X(EVP_DigestFinal_ex)

typedef struct crypto_library {
#define POINTER(name) __typeof__(name) *name;
    CRYPTO_FUNCTIONS(POINTER)
#undef POINTER
} crypto_library;

static crypto_library crypto;

static gb_status load(gb_error *err) {
    static const gb_symbol symbols[] = {
#define SYMBOL(name) {#name, offsetof(crypto_library, name)},
        CRYPTO_FUNCTIONS(SYMBOL)
#undef SYMBOL
    };
    static void *handle; /* stays until the program ends */

    if (handle != NULL)
        return GB_OK;
    const gb_status status = gb_shared_object_open(
        GB_CRYPTO_LIBRARY, symbols, sizeof(symbols) / sizeof(symbols[0]),
        "install the libcrypto of OpenSSL that greenbench was built with",
        &crypto, &handle, err);
    /* It must outlive exit(): a plugin that calls it ends a run whose manifest
     * is written then. Its configuration file is of no use here. */
    if (status == GB_OK)
        (void)crypto.OPENSSL_init_crypto(
            OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    return status;
}

static gb_status fail_crypto(const char *path, gb_error *err) {
    return gb_fail(err, GB_ERR_INTERNAL, NULL,
                   "'%s': expected SHA-256 from libcrypto, got none", path);
}

/* @param path  for messages */
static gb_status begin(const char *path, EVP_MD_CTX **digest_out,
                       gb_error *err) {
    const gb_status status = load(err);

    *digest_out = NULL;
    if (status != GB_OK)
        return status;
    EVP_MD_CTX *digest = crypto.EVP_MD_CTX_new();
    if (digest == NULL ||
        crypto.EVP_DigestInit_ex(digest, crypto.EVP_sha256(), NULL) != 1) {
        crypto.EVP_MD_CTX_free(digest);
        return fail_crypto(path, err);
    }
    *digest_out = digest;
    return GB_OK;
}

static bool end(EVP_MD_CTX *digest, char *hex_out) {
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    const bool ended = crypto.EVP_DigestFinal_ex(digest, hash, &length) == 1 &&
                       2 * length + 1 == GB_SHA256_SIZE;

    for (unsigned i = 0; ended && i < length; i++)
        snprintf(hex_out + 2 * (size_t)i, 3, "%02x", hash[i]);
    return ended;
}

static gb_status digest_rest(int fd, const char *path, char *hex_out,
                             uint64_t *size_bytes_out, gb_error *err) {
    unsigned char chunk[CHUNK_BYTES];
    EVP_MD_CTX *digest = NULL;
    gb_status status = begin(path, &digest, err);

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
        if (crypto.EVP_DigestUpdate(digest, chunk, (size_t)length) != 1)
            status = fail_crypto(path, err);
    }
    if (status == GB_OK && !end(digest, hex_out))
        status = fail_crypto(path, err);
    if (digest != NULL)
        crypto.EVP_MD_CTX_free(digest);
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
    EVP_MD_CTX *digest = NULL;
    const gb_status status = begin("memory", &digest, err);

    if (status != GB_OK)
        return status;
    const bool done = crypto.EVP_DigestUpdate(digest, bytes, count) == 1 &&
                      end(digest, hex_out);
    crypto.EVP_MD_CTX_free(digest);
    return done ? GB_OK : fail_crypto("memory", err);
}
