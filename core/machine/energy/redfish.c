/* SPDX-License-Identifier: Apache-2.0 */
/* The node's power or energy as its management controller reports it through
 * Redfish (reference/energy.md §5.2). One property is read, and named; whatever
 * else the controller offers is listed with the reason it is not used. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "codec/redfish.h"
#include "machine/energy/bmc_setting.h"
#include "machine/energy/domains.h"
#include "machine/energy/https.h"
#include "machine/energy/redfish_walk.h"

#define SECOND_NS UINT64_C(1000000000)
#define DAY_NS    (86400 * SECOND_NS)
/* A counter that moves in larger steps tells less about minutes than the power
 * does: 3.6 kJ, a thousandth of a kWh, are nine seconds of 400 W. */
#define COARSEST_STEP_J 100.0
#define TICK            1e-3 /* J or W: finer than any controller shows */

struct gb_energy_source {
    const gb_clock *clock;
    gb_redfish_setting setting;
    gb_https *https;
    gb_domain_list domains; /* the first is the one that is read */
    gb_redfish_found found;
    gb_redfish_candidate chosen;
    uint64_t last_stamp_ns, last_ticks;
    gb_redfish_resource resource; /* of the latest read */
};

static void redfish_close(gb_energy_source *source) {
    if (!source)
        return;
    gb_https_close(source->https);
    gb_domain_list_fini(&source->domains);
    free(source);
}

/* --- logging in ----------------------------------------------------------- */

/* The only place where secrets are read; none is ever in a message. */
static gb_status login_from_environment(gb_https_login *login, gb_error *err) {
    const char *user = getenv("GREENBENCH_REDFISH_USER");
    const char *password = getenv("GREENBENCH_REDFISH_PASSWORD");

    if (!user || user[0] == '\0')
        return GB_OK;
    if (strlen(user) >= sizeof(login->user) ||
        (password && strlen(password) >= sizeof(login->password)))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "GREENBENCH_REDFISH_USER, GREENBENCH_REDFISH_PASSWORD: "
                       "expected at most %zu and %zu characters",
                       sizeof(login->user) - 1, sizeof(login->password) - 1);
    gb_copy(login->user, sizeof(login->user), user);
    gb_copy(login->password, sizeof(login->password), password ? password : "");
    return GB_OK;
}

/* Two lines. False: not two lines, or too long. */
static bool split_login(char *text, gb_https_login *login) {
    char *password = strchr(text, '\n');

    if (!password)
        return false;
    *password++ = '\0';
    text[strcspn(text, "\r")] = '\0';
    password[strcspn(password, "\r\n")] = '\0';
    if (text[0] == '\0' || strlen(text) >= sizeof(login->user) ||
        strlen(password) >= sizeof(login->password))
        return false;
    gb_copy(login->user, sizeof(login->user), text);
    gb_copy(login->password, sizeof(login->password), password);
    return true;
}

static gb_status login_from_file(const char *path, gb_https_login *login,
                                 gb_error *err) {
    static const char hint[] =
        "two lines, user and password, chmod 600, on every node";
    char text[512] = "";
    struct stat found;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &found) != 0) {
        const gb_status status =
            errno == EACCES ? GB_ERR_PERMISSION : GB_ERR_IO;
        gb_status failed =
            gb_fail_os(err, status, hint, "cannot read credentials '%s'", path);
        gb_close_fd(fd);
        return failed;
    }
    if (!S_ISREG(found.st_mode) || (found.st_mode & 077) != 0) {
        close(fd);
        return gb_fail(err, GB_ERR_IO, "chmod 600, and a new password",
                       "credentials '%s': expected a file that only its owner "
                       "may read, got mode %04o",
                       path, (unsigned)(found.st_mode & 07777));
    }
    const ssize_t got = read(fd, text, sizeof(text) - 1);
    close(fd);
    const bool two =
        got > 0 && (size_t)got < sizeof(text) - 1 && split_login(text, login);
    explicit_bzero(text, sizeof(text));
    if (!two)
        return gb_fail(err, GB_ERR_IO, hint,
                       "credentials '%s': expected two lines, got something "
                       "else",
                       path);
    return GB_OK;
}

static gb_status connect_server(gb_energy_source *source, gb_error *err) {
    const gb_redfish_setting *setting = &source->setting;
    gb_https_login login = {0};
    gb_status status = setting->credentials[0] != '\0'
                           ? login_from_file(setting->credentials, &login, err)
                           : login_from_environment(&login, err);

    if (status == GB_OK)
        status = gb_https_open(setting->origin, setting->ca, &login,
                               &source->https, err);
    explicit_bzero(&login, sizeof(login));
    return status;
}

/* --- choosing ------------------------------------------------------------- */

static gb_status get(void *ctx, const char *path, const char **text_out,
                     gb_error *err) {
    return gb_https_get(ctx, path, text_out, err);
}

static bool usable(gb_redfish_candidate *item) {
    gb_redfish_reading *reading = &item->reading;

    if (reading->refused[0] == '\0' && reading->energy &&
        reading->step > COARSEST_STEP_J)
        snprintf(reading->refused, sizeof(reading->refused),
                 "moves in steps of %g J: too coarse for runs of minutes",
                 reading->step);
    return reading->refused[0] == '\0';
}

/* "TotalPower: Reading": what the property is called, and in which resource. */
static void name_domain(const gb_redfish_candidate *item, char *name,
                        size_t size) {
    const char *slash = strrchr(item->path, '/');

    snprintf(name, size, "%s: %s", slash ? slash + 1 : item->path,
             item->reading.property);
}

/* A clock that is set, ticks finely enough to tell two readings apart, and is
 * not a date frozen in the firmware. Readings that contradict it later are
 * dropped. */
static bool trust_stamp(const gb_redfish_reading *reading) {
    const uint64_t now_ns = gb_clock_utc_ns();
    const uint64_t apart_ns = reading->stamp_ns > now_ns
                                  ? reading->stamp_ns - now_ns
                                  : now_ns - reading->stamp_ns;

    return reading->stamp_ns != 0 && apart_ns < DAY_NS &&
           (reading->stamp_step_ns < SECOND_NS ||
            reading->update_ns >= 2 * SECOND_NS);
}

static void describe(gb_energy_domain *domain,
                     const gb_redfish_candidate *item) {
    const gb_redfish_reading *reading = &item->reading;

    domain->kind = reading->energy ? GB_READING_ENERGY : GB_READING_POWER;
    domain->tick_j = TICK;
    domain->step_j = reading->step > TICK ? reading->step : TICK;
    domain->update_ns = reading->update_ns ? reading->update_ns : SECOND_NS;
    if (!reading->energy)
        domain->average_ns =
            reading->average_ns ? reading->average_ns : domain->update_ns;
    domain->accuracy_stated = isfinite(reading->u_rel);
    domain->u_rel = isfinite(reading->u_rel) ? reading->u_rel : GB_U_REL_METER;
    domain->shared = item->shared;
    domain->stamped = trust_stamp(reading);
    if (reading->side == GB_REDFISH_SIDE_DC)
        domain->scope = GB_SCOPE_NODE_DC;
    if (reading->side == GB_REDFISH_SIDE_UNKNOWN)
        gb_copy(domain->reason, sizeof(domain->reason),
                "the controller does not say on which side of the power supply "
                "it measures: taken as the input, as BMCs usually do");
}

static gb_energy_domain *add_row(gb_energy_source *source,
                                 const gb_redfish_candidate *item) {
    char name[160], path[384];

    name_domain(item, name, sizeof(name));
    snprintf(path, sizeof(path), "%s%s", source->setting.origin, item->path);
    if (gb_domain_list_has(&source->domains, name))
        return NULL;
    return gb_domain_list_add(&source->domains, "redfish", name, path,
                              GB_SCOPE_NODE_AC);
}

/* One property is read; the others are rows that say why not. */
static gb_status list_candidates(gb_energy_source *source, gb_error *err) {
    gb_redfish_found *found = &source->found;
    const gb_redfish_candidate *chosen = NULL;
    char name[96] = "";

    for (size_t i = 0; i < found->count && !chosen; i++)
        if (usable(&found->items[i]))
            chosen = &found->items[i];
    if (chosen) {
        gb_energy_domain *domain = add_row(source, chosen);
        if (!domain)
            return gb_fail_memory(err, "an energy domain");
        source->chosen = *chosen;
        describe(domain, chosen);
        gb_copy(name, sizeof(name), domain->name);
    }
    for (size_t i = 0; i < found->count; i++) {
        gb_redfish_candidate *item = &found->items[i];
        gb_energy_domain *row = item == chosen ? NULL : add_row(source, item);

        if (!row)
            continue;
        row->kind = item->reading.energy ? GB_READING_ENERGY : GB_READING_POWER;
        if (usable(item))
            gb_domain_refuse(row, GB_DOMAIN_UNSUPPORTED, NULL,
                             "not read: '%s' is read instead; different "
                             "properties are not averaged",
                             name);
        else
            gb_domain_refuse(row, GB_DOMAIN_UNSUPPORTED, NULL, "%s",
                             item->reading.refused);
    }
    return GB_OK;
}

/* --- opening -------------------------------------------------------------- */

/* The whole source as one row. */
static gb_status refuse_all(gb_energy_source *source, gb_domain_status verdict,
                            const gb_error *why, gb_error *err) {
    char path[384];

    snprintf(path, sizeof(path), "%s%s", source->setting.origin,
             source->setting.path);
    gb_energy_domain *row = gb_domain_list_add(&source->domains, "redfish",
                                               "node", path, GB_SCOPE_NODE_AC);
    if (!row)
        return gb_fail_memory(err, "an energy domain");
    gb_domain_refuse(row, verdict, why->hint, "%s", why->what);
    return GB_OK;
}

static gb_status refuse_walk(gb_energy_source *source, gb_status status,
                             const gb_error *why, gb_error *err) {
    return refuse_all(source,
                      status == GB_ERR_PERMISSION  ? GB_DOMAIN_FORBIDDEN
                      : status == GB_ERR_NOT_FOUND ? GB_DOMAIN_UNSUPPORTED
                                                   : GB_DOMAIN_FAILED,
                      why, err);
}

static gb_status refuse_nothing(gb_energy_source *source, gb_error *err) {
    gb_error why = {0};

    if (source->found.systems > 1)
        gb_fail(&why, GB_ERR_UNSUPPORTED,
                "name the node's own: redfish=https://HOST/redfish/v1/Systems/"
                "ID; %h is this node's name",
                "this controller serves %zu systems, and none of its chassis "
                "has a power for all of them",
                source->found.systems);
    else
        gb_fail(&why, GB_ERR_UNSUPPORTED,
                "see GET /redfish/v1/Chassis for what is there",
                "expected EnvironmentMetrics or Power with a reading, found "
                "neither");
    return refuse_all(source, GB_DOMAIN_UNSUPPORTED, &why, err);
}

static gb_status open_source(gb_energy_source *source, gb_error *err) {
    gb_error why = {0};
    gb_status status = connect_server(source, &why);

    if (status == GB_ERR_UNSUPPORTED || status == GB_ERR_NO_MEMORY) {
        if (err)
            *err = why;
        return status;
    }
    if (status == GB_OK) {
        const gb_redfish_server server = {get, source->https};
        status = gb_redfish_walk(&server, source->setting.path, &source->found,
                                 &why);
    }
    if (status == GB_ERR_NO_MEMORY)
        return gb_fail_memory(err, "the redfish source");
    if (status != GB_OK)
        return refuse_walk(source, status, &why, err);
    return source->found.count > 0 ? list_candidates(source, err)
                                   : refuse_nothing(source, err);
}

static gb_status redfish_open(const gb_energy_env *env,
                              gb_energy_source **source_out, gb_error *err) {
    if (!env->setting || env->setting[0] == '\0')
        return gb_fail(err, GB_ERR_UNSUPPORTED,
                       "--energy redfish=https://HOST/redfish/v1/Chassis/ID, "
                       "or GREENBENCH_REDFISH; %h is this node's name",
                       "nobody said which management controller is the node's");
    gb_energy_source *source = calloc(1, sizeof(*source));
    if (!source)
        return gb_fail_memory(err, "the redfish source");
    source->clock = env->clock;
    gb_status status = gb_redfish_setting_parse(env->setting, env->node->name,
                                                &source->setting, err);
    if (status == GB_OK && gb_sysroot_simulated(env->root) &&
        !source->setting.local)
        status = gb_fail(err, GB_ERR_UNSUPPORTED, NULL,
                         "would read this machine, not the simulated root");
    if (status == GB_OK)
        status = open_source(source, err);
    if (status != GB_OK) {
        redfish_close(source);
        return status;
    }
    *source_out = source;
    return GB_OK;
}

static gb_status redfish_check(const char *setting, gb_error *err) {
    gb_redfish_setting parsed;

    if (setting[0] == '\0')
        return GB_OK;
    return gb_redfish_setting_parse(setting, "node", &parsed, err);
}

/* --- reading -------------------------------------------------------------- */

static const gb_energy_domain *redfish_domains(const gb_energy_source *source,
                                               size_t *count_out) {
    *count_out = source->domains.count;
    return source->domains.items;
}

/* Whether the stamp of the source fits its value; remembers both. */
static bool take_stamp(gb_energy_source *source, uint64_t stamp_ns,
                       uint64_t ticks) {
    const bool contradicts =
        stamp_ns == 0 || stamp_ns < source->last_stamp_ns ||
        (stamp_ns == source->last_stamp_ns && ticks != source->last_ticks);

    if (contradicts)
        return false;
    source->last_stamp_ns = stamp_ns;
    source->last_ticks = ticks;
    return true;
}

static void take_reading(gb_energy_source *source, const char *text,
                         gb_energy_reading *out) {
    const gb_energy_domain *domain = &source->domains.items[0];
    const gb_redfish_candidate *chosen = &source->chosen;

    if (gb_redfish_parse(text, source->found.system, &source->resource, NULL) !=
        GB_OK)
        return;
    const gb_redfish_reading *reading =
        gb_redfish_find(&source->resource, chosen->reading.property);
    if (!reading || reading->energy != chosen->reading.energy)
        return;
    out->ticks = (uint64_t)llround(reading->value / TICK);
    out->ok = true;
    if (domain->stamped) {
        out->ok = take_stamp(source, reading->stamp_ns, out->ticks);
        out->stamp_ns = out->ok ? reading->stamp_ns : 0;
    }
}

static void redfish_read(gb_energy_source *source,
                         gb_energy_reading *readings) {
    const char *text = NULL;

    for (size_t i = 0; i < source->domains.count; i++)
        readings[i] = (gb_energy_reading){0};
    if (source->domains.items[0].status != GB_DOMAIN_OK)
        return;
    const uint64_t before_ns = gb_clock_now_ns(source->clock);
    const gb_status status =
        gb_https_get(source->https, source->chosen.path, &text, NULL);
    gb_reading_stamp(&readings[0], before_ns, gb_clock_now_ns(source->clock));
    if (status == GB_OK)
        take_reading(source, text, &readings[0]);
    if (!readings[0].ok)
        readings[0].ticks = 0;
}

static uint64_t redfish_slow_ns(const gb_energy_source *source) {
    (void)source;
    return SECOND_NS;
}

const gb_energy_source_ops gb_energy_redfish = {
    .name = "redfish",
    .summary = "the node's power by its management controller, through Redfish",
    .check = redfish_check,
    .open = redfish_open,
    .domains = redfish_domains,
    .read = redfish_read,
    .close = redfish_close,
    .slow_ns = redfish_slow_ns,
};
