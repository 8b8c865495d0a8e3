/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/bmc_setting.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

/* Where the value of an option goes. */
typedef struct option_slot {
    const char *name;
    char *value; /* [size] */
    size_t size;
} option_slot;

/* --- pieces --------------------------------------------------------------- */

/* Copy [length] characters of @p text with every "%h" replaced. False: it does
 * not fit, or another '%'. */
static bool expand(const char *text, size_t length, const char *node_name,
                   char *out, size_t size) {
    size_t used = 0;

    for (size_t i = 0; i < length; i++) {
        const char *piece = &text[i];
        size_t piece_length = 1;

        if (text[i] == '%') {
            if (i + 1 >= length || text[i + 1] != 'h')
                return false;
            piece = node_name;
            piece_length = strlen(node_name);
            i++;
        }
        if (used + piece_length >= size)
            return false;
        memcpy(out + used, piece, piece_length);
        used += piece_length;
    }
    out[used] = '\0';
    return true;
}

/* A name of ours may be shown; anything else may be half a password. */
static gb_status refuse_option(const char *source, const char *text,
                               size_t length, const option_slot *slots,
                               size_t count, gb_error *err) {
    const char *names[8];
    char listed[96];

    for (size_t i = 0; i < count && i < 8; i++)
        names[i] = slots[i].name;
    gb_join(names, count < 8 ? count : 8, listed, sizeof(listed));
    if (gb_starts_with(text, "password=") || gb_starts_with(text, "pass="))
        return gb_fail(err, GB_ERR_INVALID,
                       "settings are stored with the results: name a file "
                       "that only you can read",
                       "%s: expected options %s, got a password", source,
                       listed);
    return gb_fail(err, GB_ERR_INVALID,
                   "options are separated by ';' or '+', as NAME=VALUE",
                   "%s: expected options %s, got something else of %zu "
                   "characters",
                   source, listed, length);
}

static gb_status take_option(const char *source, const char *text,
                             size_t length, const char *node_name,
                             const option_slot *slots, size_t count,
                             gb_error *err) {
    for (size_t i = 0; i < count; i++) {
        const size_t name_length = strlen(slots[i].name);

        if (length <= name_length || text[name_length] != '=' ||
            strncmp(text, slots[i].name, name_length) != 0)
            continue;
        if (expand(text + name_length + 1, length - name_length - 1, node_name,
                   slots[i].value, slots[i].size))
            return GB_OK;
        return gb_fail(err, GB_ERR_INVALID, "%h is this node's host name",
                       "%s: expected %s of at most %zu characters without '%%' "
                       "but in '%%h'",
                       source, slots[i].name, slots[i].size - 1);
    }
    return refuse_option(source, text, length, slots, count, err);
}

/* What comes before the first separator goes to @p head, the rest into its
 * slots. */
static gb_status split(const char *source, const char *setting,
                       const char *node_name, char *head, size_t head_size,
                       const option_slot *slots, size_t count, gb_error *err) {
    const char *separator = strchr(setting, ';') ? ";" : "+";
    const char *at = setting;
    size_t length = strcspn(at, separator);
    gb_status status = GB_OK;

    if (!expand(at, length, node_name, head, head_size))
        return gb_fail(err, GB_ERR_INVALID, "%h is this node's host name",
                       "%s: expected an address of at most %zu characters "
                       "without '%%' but in '%%h'",
                       source, head_size - 1);
    for (at += length; status == GB_OK && *at != '\0'; at += length) {
        at++;
        length = strcspn(at, separator);
        if (length > 0)
            status =
                take_option(source, at, length, node_name, slots, count, err);
    }
    return status;
}

/* "host", "host:port", "[::1]:port". Takes what a host name or address may
 * hold and nothing else, so that no text smuggles in user:password@. */
static bool parse_host(const char *text, size_t length, char *host,
                       size_t host_size, char *port, size_t port_size) {
    const bool bracket = length > 0 && text[0] == '[';
    const char *rest = text + (bracket ? 1 : 0);
    const size_t name_length =
        strspn(rest, bracket ? DIGITS "abcdefABCDEF:." : LETTERS DIGITS ".-_");
    uint64_t number;

    port[0] = '\0';
    if (name_length == 0 || name_length >= host_size ||
        (size_t)(rest - text) + name_length > length)
        return false;
    memcpy(host, rest, name_length);
    host[name_length] = '\0';
    rest += name_length;
    if (bracket && *rest++ != ']')
        return false;
    if (rest == text + length)
        return true;
    if (*rest++ != ':' || rest >= text + length ||
        (size_t)(text + length - rest) >= port_size)
        return false;
    memcpy(port, rest, (size_t)(text + length - rest));
    port[text + length - rest] = '\0';
    return gb_parse_u64(port, &number, NULL) == GB_OK && number > 0 &&
           number < 65536;
}

/* --- ipmi ----------------------------------------------------------------- */

static gb_status check_ipmi(const gb_ipmi_setting *out, gb_error *err) {
    static const char *const levels[] = {"USER", "OPERATOR", "ADMINISTRATOR"};
    bool level_known = false;

    for (size_t i = 0; i < 3; i++)
        level_known = level_known || strcmp(out->level, levels[i]) == 0;
    if (!level_known)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "ipmi: expected level=USER, OPERATOR or ADMINISTRATOR");
    if (out->cipher[strspn(out->cipher, DIGITS)] != '\0')
        return gb_fail(err, GB_ERR_INVALID, "for example cipher=17",
                       "ipmi: expected a whole number as cipher=");
    if (out->password_file[0] != '/')
        return gb_fail(err, GB_ERR_INVALID,
                       "one line, readable by you only, with its full path",
                       "ipmi: expected password-file=/PATH with lan:HOST");
    return GB_OK;
}

gb_status gb_ipmi_setting_parse(const char *setting, const char *node_name,
                                gb_ipmi_setting *out, gb_error *err) {
    char head[160];

    *out = (gb_ipmi_setting){.level = "USER"};
    if (!setting || setting[0] == '\0')
        return GB_OK;

    const option_slot slots[] = {
        {"user", out->user, sizeof(out->user)},
        {"password-file", out->password_file, sizeof(out->password_file)},
        {"level", out->level, sizeof(out->level)},
        {"cipher", out->cipher, sizeof(out->cipher)},
    };
    gb_status status = split("ipmi", setting, node_name, head, sizeof(head),
                             slots, sizeof(slots) / sizeof(slots[0]), err);
    if (status != GB_OK)
        return status;
    if (strcmp(head, "open") == 0)
        return GB_OK;
    out->lan = true;
    if (!gb_starts_with(head, "lan:") ||
        !parse_host(head + 4, strlen(head + 4), out->host, sizeof(out->host),
                    out->port, sizeof(out->port)) ||
        out->host[0] == '-')
        return gb_fail(err, GB_ERR_INVALID,
                       "for example ipmi=lan:%h-bmc+user=monitor+password-file="
                       "/etc/greenbench/bmc",
                       "ipmi: expected nothing or lan:HOST[:PORT], got "
                       "something else of %zu characters",
                       strlen(head));
    return check_ipmi(out, err);
}

void gb_ipmi_argv(const gb_ipmi_setting *setting, bool freeipmi,
                  const char **argv) {
    size_t count = 0;

    if (freeipmi) {
        argv[0] = "ipmi-dcmi";
        argv[1] = "--get-system-power-statistics";
        argv[2] = NULL;
        return;
    }
    const char *const pairs[][2] = {
        {"-I", setting->lan ? "lanplus" : "open"},
        {"-H", setting->host},
        {"-p", setting->port},
        {"-U", setting->user},
        {"-f", setting->password_file},
        {"-C", setting->cipher},
        {"-L", setting->lan ? setting->level : ""},
    };
    argv[count++] = "ipmitool";
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (pairs[i][1][0] == '\0')
            continue;
        argv[count++] = pairs[i][0];
        argv[count++] = pairs[i][1];
    }
    argv[count++] = "dcmi";
    argv[count++] = "power";
    argv[count++] = "reading";
    argv[count] = NULL;
}

/* --- redfish -------------------------------------------------------------- */

static gb_status refuse_url(const char *hint, const char *expected,
                            gb_error *err) {
    return gb_fail(err, GB_ERR_INVALID, hint, "redfish: expected %s", expected);
}

static bool is_loopback(const char *host) {
    return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
           strcmp(host, "::1") == 0;
}

static gb_status parse_url(const char *url, gb_redfish_setting *out,
                           gb_error *err) {
    static const char hint[] =
        "for example redfish=https://%h-bmc/redfish/v1/Chassis/1";
    const bool tls = gb_starts_with(url, "https://");
    const char *authority = url + (tls ? 8 : 7);
    char host[128], port[8];

    if (!tls && !gb_starts_with(url, "http://"))
        return refuse_url(hint, "a URL that begins with https://", err);
    const size_t length = strcspn(authority, "/");
    const char *path = authority + length;

    if (strchr(url, '@'))
        return refuse_url("credentials=FILE, or GREENBENCH_REDFISH_USER and "
                          "GREENBENCH_REDFISH_PASSWORD in the environment",
                          "a URL without credentials (they would be stored "
                          "with the results), got one with '@'",
                          err);
    if (!parse_host(authority, length, host, sizeof(host), port, sizeof(port)))
        return refuse_url(hint, "https://HOST[:PORT][/PATH]", err);
    if (path[strspn(path, LETTERS DIGITS "/._-~")] != '\0' ||
        strlen(path) >= sizeof(out->path))
        return refuse_url(
            hint, "a path of letters, digits and /._-~ without a query", err);
    out->local = is_loopback(host);
    if (!tls && !out->local)
        return refuse_url("use https://, and ca=FILE where the BMC's "
                          "certificate is self-made",
                          "https:// (http:// would show the password on the "
                          "network; it is for localhost only)",
                          err);
    snprintf(out->origin, sizeof(out->origin), "%.*s",
             (int)(authority - url) + (int)length, url);
    gb_copy(out->path, sizeof(out->path), path);
    for (size_t n = strlen(out->path); n > 0 && out->path[n - 1] == '/'; n--)
        out->path[n - 1] = '\0';
    if (strcmp(out->path, "/redfish") == 0 ||
        strcmp(out->path, "/redfish/v1") == 0)
        out->path[0] = '\0';
    if (out->path[0] != '\0' && !gb_starts_with(out->path, "/redfish/v1/"))
        return refuse_url(hint, "a path below /redfish/v1", err);
    return GB_OK;
}

gb_status gb_redfish_setting_parse(const char *setting, const char *node_name,
                                   gb_redfish_setting *out, gb_error *err) {
    char url[256] = "";

    *out = (gb_redfish_setting){0};
    const option_slot slots[] = {
        {"credentials", out->credentials, sizeof(out->credentials)},
        {"ca", out->ca, sizeof(out->ca)},
    };
    gb_status status =
        split("redfish", setting ? setting : "", node_name, url, sizeof(url),
              slots, sizeof(slots) / sizeof(slots[0]), err);
    if (status != GB_OK)
        return status;
    return parse_url(url, out, err);
}
