/* SPDX-License-Identifier: Apache-2.0 */
/* libcrypto is loaded when something is hashed: rank 0 and the leaders do that,
 * and the other ranks are spared its memory. */
#include "base/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
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

/* --- piece by piece ------------------------------------------------------- */

struct gb_sha256 {
    EVP_MD_CTX *context;
};

static gb_status fail_crypto(gb_error *err) {
    return gb_fail(err, GB_ERR_INTERNAL, NULL,
                   "expected SHA-256 from libcrypto, got none");
}

gb_status gb_sha256_begin(gb_sha256 **digest_out, gb_error *err) {
    const gb_status status = load(err);

    *digest_out = NULL;
    if (status != GB_OK)
        return status;
    gb_sha256 *digest = calloc(1, sizeof(*digest));
    if (digest == NULL)
        return gb_fail_memory(err, "a digest");
    digest->context = crypto.EVP_MD_CTX_new();
    if (digest->context == NULL ||
        crypto.EVP_DigestInit_ex(digest->context, crypto.EVP_sha256(), NULL) !=
            1) {
        gb_sha256_free(digest);
        return fail_crypto(err);
    }
    *digest_out = digest;
    return GB_OK;
}

gb_status gb_sha256_add(gb_sha256 *digest, const void *bytes, size_t count,
                        gb_error *err) {
    return crypto.EVP_DigestUpdate(digest->context, bytes, count) == 1
               ? GB_OK
               : fail_crypto(err);
}

gb_status gb_sha256_end(gb_sha256 *digest, char *hex_out, gb_error *err) {
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;

    if (crypto.EVP_DigestFinal_ex(digest->context, hash, &length) != 1 ||
        2 * length + 1 != GB_SHA256_SIZE)
        return fail_crypto(err);
    for (unsigned i = 0; i < length; i++)
        snprintf(hex_out + 2 * (size_t)i, 3, "%02x", hash[i]);
    return GB_OK;
}

void gb_sha256_free(gb_sha256 *digest) {
    if (digest == NULL)
        return;
    crypto.EVP_MD_CTX_free(digest->context);
    free(digest);
}

/* --- whole ---------------------------------------------------------------- */

static gb_status digest_rest(int fd, const char *path, char *hex_out,
                             uint64_t *size_bytes_out, gb_error *err) {
    unsigned char chunk[CHUNK_BYTES];
    gb_sha256 *digest = NULL;
    gb_status status = gb_sha256_begin(&digest, err);

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
        status = gb_sha256_add(digest, chunk, (size_t)length, err);
    }
    if (status == GB_OK)
        status = gb_sha256_end(digest, hex_out, err);
    gb_sha256_free(digest);
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
    gb_sha256 *digest = NULL;
    gb_status status = gb_sha256_begin(&digest, err);

    if (status == GB_OK)
        status = gb_sha256_add(digest, bytes, count, err);
    if (status == GB_OK)
        status = gb_sha256_end(digest, hex_out, err);
    gb_sha256_free(digest);
    return status;
}
