/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_HTTPS_H
#define GB_MACHINE_ENERGY_HTTPS_H

/**
 * @file machine/energy/https.h
 * GET documents from one server over one connection that is kept alive. The
 * server's certificate is always verified; there is no way to turn that off.
 * For slow sources only: it blocks, up to its time-out.
 */
#include <stddef.h>

#include "base/error.h"

#define GB_HTTPS_TIMEOUT_S  5
#define GB_HTTPS_BODY_LIMIT (1u << 20) /* bytes */

typedef struct gb_https gb_https;

/** How to log in. The caller wipes it; the connection keeps a copy. */
typedef struct gb_https_login {
    char user[128]; /* "": without a login */
    char password[256];
} gb_https_login;

/**
 * @param origin  "https://host:port"; "http://" as well, which is the caller's
 *                responsibility
 * @param ca      file of certificates to trust; "": the system's
 * @retval GB_ERR_UNSUPPORTED  built without libcurl, or this node has none
 */
gb_status gb_https_open(const char *origin, const char *ca,
                        const gb_https_login *login, gb_https **https_out,
                        gb_error *err);

/**
 * Follows up to three redirects on the same server.
 *
 * @param path           begins with '/'
 * @param[out] text_out  null-terminated, owned by @p https, until the next call
 * @retval GB_ERR_PERMISSION   401 or 403
 * @retval GB_ERR_NOT_FOUND    404 or 410
 * @retval GB_ERR_INTERRUPTED  no whole answer within GB_HTTPS_TIMEOUT_S
 * @retval GB_ERR_RANGE        an answer above GB_HTTPS_BODY_LIMIT
 * @retval GB_ERR_INVALID      a redirect to another server
 * @retval GB_ERR_IO           no connection, a certificate that does not
 *                             verify, another status code, an answer cut short
 */
gb_status gb_https_get(gb_https *https, const char *path, const char **text_out,
                       gb_error *err);

void gb_https_close(gb_https *https); /* null is allowed */

#endif /* GB_MACHINE_ENERGY_HTTPS_H */
