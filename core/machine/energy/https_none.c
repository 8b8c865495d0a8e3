/* SPDX-License-Identifier: Apache-2.0 */
/* A build without libcurl: no server can be asked, and says so. */
#include "machine/energy/https.h"

gb_status gb_https_open(const char *origin, const char *ca,
                        const gb_https_login *login, gb_https **https_out,
                        gb_error *err) {
    (void)origin;
    (void)ca;
    (void)login;
    *https_out = NULL;
    return gb_fail(err, GB_ERR_UNSUPPORTED,
                   "build greenbench with libcurl4-openssl-dev installed",
                   "this greenbench was built without libcurl");
}

gb_status gb_https_get(gb_https *https, const char *path, const char **text_out,
                       gb_error *err) {
    (void)https;
    (void)path;
    *text_out = NULL;
    return gb_fail(err, GB_ERR_UNSUPPORTED, NULL,
                   "this greenbench was built without libcurl");
}

void gb_https_close(gb_https *https) {
    (void)https;
}
