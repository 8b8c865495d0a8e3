/* SPDX-License-Identifier: Apache-2.0 */
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "machine/energy/https.h"
#include "machine/energy/library.h"

#define REDIRECT_LIMIT 3

/* libcurl's functions, found when the first server is asked: it brings some 30
 * libraries with it, which no rank but a leader that asks one has use for. */
static struct {
    __typeof__(curl_global_init) *global_init;
    __typeof__(curl_easy_init) *easy_init;
    __typeof__(curl_easy_setopt) *easy_setopt;
    __typeof__(curl_easy_perform) *easy_perform;
    __typeof__(curl_easy_getinfo) *easy_getinfo;
    __typeof__(curl_easy_strerror) *easy_strerror;
    __typeof__(curl_easy_cleanup) *easy_cleanup;
    __typeof__(curl_slist_append) *slist_append;
    __typeof__(curl_slist_free_all) *slist_free_all;
    __typeof__(curl_free) *free;
    __typeof__(curl_url) *url;
    __typeof__(curl_url_set) *url_set;
    __typeof__(curl_url_get) *url_get;
    __typeof__(curl_url_cleanup) *url_cleanup;
} lib;

#define SYMBOL(name)                                                           \
    { "curl_" #name, (size_t)((char *)&lib.name - (char *)&lib), true }

struct gb_https {
    CURL *curl;
    struct curl_slist *headers;
    char origin[160];
    gb_str body;
    bool too_long;
};

/* Not thread-safe by itself, and nothing else here uses libcurl. */
static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static bool curl_ready;
static char curl_why[200]; /* not */

static void start_curl(void) {
    /* With OpenSSL, then as Debian and others name it with GnuTLS. */
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
    const gb_library_symbol symbols[] = {
        SYMBOL(global_init),  SYMBOL(easy_init),    SYMBOL(easy_setopt),
        SYMBOL(easy_perform), SYMBOL(easy_getinfo), SYMBOL(easy_strerror),
        SYMBOL(easy_cleanup), SYMBOL(slist_append), SYMBOL(slist_free_all),
        SYMBOL(free),         SYMBOL(url),          SYMBOL(url_set),
        SYMBOL(url_get),      SYMBOL(url_cleanup),
    };
    gb_library library = {0};

    for (size_t i = 0; i < 2 && !library.handle; i++) {
        library.handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        const char *why = library.handle ? NULL : dlerror();
        if (why && i == 0)
            snprintf(curl_why, sizeof(curl_why), "cannot load %s", why);
    }
    if (!library.handle)
        return;
    const char *missing = gb_library_bind(
        &library, symbols, sizeof(symbols) / sizeof(symbols[0]), &lib);
    if (missing)
        snprintf(curl_why, sizeof(curl_why),
                 "expected libcurl with %s(), found one without", missing);
    else if (lib.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        gb_copy(curl_why, sizeof(curl_why), "libcurl does not start");
    else
        curl_ready = true;
}

static size_t take_body(char *data, size_t one, size_t length, void *ctx) {
    gb_https *https = ctx;

    (void)one; /* 1, by libcurl's documentation */
    if (https->body.length + length > GB_HTTPS_BODY_LIMIT) {
        https->too_long = true;
        return 0;
    }
    gb_str_addn(&https->body, data, length);
    return https->body.failed ? 0 : length;
}

static CURLcode restrict_protocols(CURL *curl, const char *origin) {
    const bool plain = gb_starts_with(origin, "http:");

#if LIBCURL_VERSION_NUM >= 0x075500 /* 7.85.0 */
    return lib.easy_setopt(curl, CURLOPT_PROTOCOLS_STR,
                           plain ? "http" : "https");
#else
    return lib.easy_setopt(curl, CURLOPT_PROTOCOLS,
                           plain ? (long)CURLPROTO_HTTP
                                 : (long)CURLPROTO_HTTPS);
#endif
}

static bool set_options(gb_https *https, const char *ca,
                        const gb_https_login *login) {
    CURL *curl = https->curl;
    CURLcode code = restrict_protocols(curl, https->origin);

#define SET(option, value)                                                     \
    do {                                                                       \
        if (code == CURLE_OK)                                                  \
            code = lib.easy_setopt(curl, (option), (value));                   \
    } while (0)
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    /* A controller is on the site's own network. A proxy of the environment
     * would be somebody else to talk to. */
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT, (long)GB_HTTPS_TIMEOUT_S);
    SET(CURLOPT_TIMEOUT, (long)GB_HTTPS_TIMEOUT_S);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_USERAGENT, "greenbench");
    SET(CURLOPT_HTTPHEADER, https->headers);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, (void *)https);
    if (ca[0] != '\0') {
        SET(CURLOPT_CAINFO, ca);
        SET(CURLOPT_CAPATH, NULL);
    }
    if (login->user[0] != '\0') {
        SET(CURLOPT_HTTPAUTH, (unsigned long)CURLAUTH_BASIC);
        SET(CURLOPT_USERNAME, login->user);
        SET(CURLOPT_PASSWORD, login->password);
    }
#undef SET
    return code == CURLE_OK;
}

gb_status gb_https_open(const char *origin, const char *ca,
                        const gb_https_login *login, gb_https **https_out,
                        gb_error *err) {
    pthread_once(&curl_once, start_curl);
    if (!curl_ready)
        return gb_fail(err, GB_ERR_UNSUPPORTED,
                       "install libcurl on this node (Debian: libcurl4)", "%s",
                       curl_why);
    gb_https *https = calloc(1, sizeof(*https));
    if (!https)
        return gb_fail_memory(err, "a connection");
    gb_copy(https->origin, sizeof(https->origin), origin);
    https->headers = lib.slist_append(NULL, "Accept: application/json");
    https->curl = lib.easy_init();
    if (!https->headers || !https->curl || !set_options(https, ca, login)) {
        gb_https_close(https);
        return gb_fail_memory(err, "a connection");
    }
    *https_out = https;
    return GB_OK;
}

void gb_https_close(gb_https *https) {
    if (!https)
        return;
    lib.easy_cleanup(https->curl);
    lib.slist_free_all(https->headers);
    gb_str_fini(&https->body);
    free(https);
}

/* --- one document --------------------------------------------------------- */

/* What libcurl says is shown; the URL has no credentials in it. */
static gb_status refuse_transfer(const gb_https *https, const char *path,
                                 CURLcode code, gb_error *err) {
    if (https->too_long)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "'%s%s': expected at most %u bytes, got more",
                       https->origin, path, GB_HTTPS_BODY_LIMIT);
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return gb_fail(err, GB_ERR_INTERRUPTED,
                       "is this the address of the management controller, and "
                       "reachable from this node?",
                       "'%s%s': expected an answer within %d s, got none",
                       https->origin, path, GB_HTTPS_TIMEOUT_S);
    case CURLE_PEER_FAILED_VERIFICATION:
        return gb_fail(err, GB_ERR_IO,
                       "ca=FILE with the certificate of the authority that "
                       "signed the controller's, and the host name that is in "
                       "it",
                       "'%s': its certificate does not verify (%s)",
                       https->origin, lib.easy_strerror(code));
    case CURLE_SSL_CACERT_BADFILE:
        return gb_fail(err, GB_ERR_IO,
                       "ca=FILE: certificates in PEM, readable by this user",
                       "cannot read the certificates of ca=FILE");
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
        return gb_fail(err, GB_ERR_IO,
                       "is this the address of the management controller, and "
                       "reachable from this node?",
                       "'%s': %s", https->origin, lib.easy_strerror(code));
    default:
        return gb_fail(err, GB_ERR_IO, NULL, "'%s%s': %s", https->origin, path,
                       lib.easy_strerror(code));
    }
}

static gb_status judge_code(const gb_https *https, const char *path, long code,
                            gb_error *err) {
    switch (code) {
    case 200:
        return GB_OK;
    case 401:
    case 403:
        return gb_fail(err, GB_ERR_PERMISSION,
                       "a read-only user of the controller: credentials=FILE "
                       "(two lines, chmod 600), or GREENBENCH_REDFISH_USER and "
                       "GREENBENCH_REDFISH_PASSWORD",
                       "'%s%s': expected to be let in, got %ld", https->origin,
                       path, code);
    case 404:
    case 410:
        return gb_fail(err, GB_ERR_NOT_FOUND,
                       "see GET /redfish/v1/Chassis for what is there",
                       "'%s%s': expected a resource, got %ld", https->origin,
                       path, code);
    default:
        return gb_fail(err, GB_ERR_IO, NULL,
                       "'%s%s': expected 200, got status %ld", https->origin,
                       path, code);
    }
}

/* Where a redirect leads, without the login, which libcurl writes into it.
 * Free with curl_free(); null: no address, or no memory. */
static char *redirect_url(CURL *curl) {
    const char *to = NULL;
    char *plain = NULL;
    CURLU *url = lib.url();

    if (url && lib.easy_getinfo(curl, CURLINFO_REDIRECT_URL, &to) == CURLE_OK &&
        to && lib.url_set(url, CURLUPART_URL, to, 0) == CURLUE_OK &&
        lib.url_set(url, CURLUPART_USER, NULL, 0) == CURLUE_OK &&
        lib.url_set(url, CURLUPART_PASSWORD, NULL, 0) == CURLUE_OK)
        lib.url_get(url, CURLUPART_URL, &plain, 0);
    lib.url_cleanup(url);
    return plain;
}

/* The path of a redirect, if it stays on this server. */
static bool redirect_here(const gb_https *https, char *path, size_t size) {
    const size_t length = strlen(https->origin);
    char *to = redirect_url(https->curl);
    const bool here = to && strncmp(to, https->origin, length) == 0 &&
                      to[length] == '/' && strlen(to + length) < size;

    if (here)
        gb_copy(path, size, to + length);
    lib.free(to);
    return here;
}

static gb_status get_once(gb_https *https, const char *path, long *code,
                          gb_error *err) {
    char url[1024];

    snprintf(url, sizeof(url), "%s%s", https->origin, path);
    gb_str_fini(&https->body);
    https->too_long = false;
    CURLcode result = lib.easy_setopt(https->curl, CURLOPT_URL, url);
    if (result == CURLE_OK)
        result = lib.easy_perform(https->curl);
    if (https->body.failed)
        return gb_fail_memory(err, "an answer");
    if (result != CURLE_OK)
        return refuse_transfer(https, path, result, err);
    if (lib.easy_getinfo(https->curl, CURLINFO_RESPONSE_CODE, code) != CURLE_OK)
        *code = 0;
    return GB_OK;
}

gb_status gb_https_get(gb_https *https, const char *path, const char **text_out,
                       gb_error *err) {
    char here[512];
    long code = 0;

    gb_copy(here, sizeof(here), path);
    for (int step = 0; step <= REDIRECT_LIMIT; step++) {
        gb_status status = get_once(https, here, &code, err);
        if (status != GB_OK)
            return status;
        if (code < 300 || code >= 400)
            break;
        if (!redirect_here(https, here, sizeof(here)))
            return gb_fail(err, GB_ERR_INVALID,
                           "name the server that answers itself",
                           "'%s%s': expected an answer, got a redirect to "
                           "another server",
                           https->origin, path);
    }
    gb_status status = judge_code(https, here, code, err);
    if (status != GB_OK)
        return status;
    gb_str_add(&https->body, ""); /* terminated, even if empty */
    if (!https->body.text)
        return gb_fail_memory(err, "an answer");
    *text_out = https->body.text;
    return GB_OK;
}
