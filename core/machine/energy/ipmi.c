/* SPDX-License-Identifier: Apache-2.0 */
/* The node's power as its management controller reports it through DCMI "get
 * power reading" (reference/energy.md §5.1), by way of ipmitool or freeipmi:
 * a read takes 10 to 100 ms in-band and may hang, so that it happens in a
 * process of its own, on the thread for slow sources. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "machine/energy/bmc_setting.h"
#include "machine/energy/command.h"
#include "machine/energy/dcmi_text.h"
#include "machine/energy/domains.h"

#define SECOND_NS      UINT64_C(1000000000)
#define READ_TIMEOUT_S 5.0
#define OUTPUT_SIZE    4096
/* Statistics over more than this are the firmware's own bookkeeping (some count
 * since boot) and say nothing about how often the reading changes. */
#define LONGEST_PERIOD_NS (60 * SECOND_NS)

struct gb_energy_source {
    const gb_clock *clock;
    gb_ipmi_setting setting;
    const char *argv[GB_IPMI_ARGV_MAX];
    gb_domain_list domains;
};

static void ipmi_close(gb_energy_source *source) {
    if (!source)
        return;
    gb_domain_list_fini(&source->domains);
    free(source);
}

/* One answer, stamped halfway. */
static gb_status ask(const gb_energy_source *source, gb_dcmi_reading *reading,
                     uint64_t *before_ns, uint64_t *after_ns, gb_error *err) {
    char text[OUTPUT_SIZE];

    *before_ns = gb_clock_now_ns(source->clock);
    gb_status status = gb_command_capture(source->argv, READ_TIMEOUT_S, text,
                                          sizeof(text), err);
    *after_ns = gb_clock_now_ns(source->clock);
    return status == GB_OK ? gb_dcmi_parse(text, reading, err) : status;
}

/* --- may it be asked ------------------------------------------------------ */

/* The driver's device. @return null: there is none */
static const char *find_device(const gb_sysroot *root) {
    static const char *const paths[] = {"/dev/ipmi0", "/dev/ipmi/0",
                                        "/dev/ipmidev/0"};

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        if (gb_sysroot_kind(root, paths[i]) != GB_PATH_ABSENT)
            return paths[i];
    return NULL;
}

/* A device that may not be opened is one row. */
static gb_status check_device(const gb_sysroot *root, gb_energy_domain *domain,
                              gb_error *err) {
    const char *path = find_device(root);
    gb_error why = {0};
    int fd = -1;

    if (!path)
        return gb_fail(err, GB_ERR_UNSUPPORTED,
                       "modprobe ipmi_devintf ipmi_si; or ask over the "
                       "network: --energy ipmi=lan:HOST+user=NAME+"
                       "password-file=FILE",
                       "no /dev/ipmi0, /dev/ipmi/0 or /dev/ipmidev/0: no "
                       "management controller, or its driver is not loaded");
    gb_copy(domain->path, sizeof(domain->path), path);
    if (gb_sysroot_open_file(root, path, &fd, &why) == GB_OK)
        gb_close_fd(fd);
    else
        gb_domain_refuse_error(domain, &why, path,
                               "a group of its own for the device, by a udev "
                               "rule: who opens it can also switch the node "
                               "off; or ask over the network as a user of "
                               "level USER");
    return GB_OK;
}

/* ssh's rule for keys: a secret that others can read is none. */
static void check_password_file(const gb_ipmi_setting *setting,
                                gb_energy_domain *domain) {
    const char *path = setting->password_file;
    struct stat found;
    const bool there = stat(path, &found) == 0;

    if (!there || access(path, R_OK) != 0)
        gb_domain_refuse(
            domain, errno == EACCES ? GB_DOMAIN_FORBIDDEN : GB_DOMAIN_FAILED,
            "one line with the password, chmod 600, on every node",
            "cannot read password-file '%s': %s (errno %d)", path,
            strerror(errno), errno);
    else if (!S_ISREG(found.st_mode) || (found.st_mode & 077) != 0)
        gb_domain_refuse(domain, GB_DOMAIN_FAILED,
                         "chmod 600, and a new password",
                         "password-file '%s': expected a file that only its "
                         "owner may read, got mode %04o",
                         path, (unsigned)(found.st_mode & 07777));
}

/* --- does it answer ------------------------------------------------------- */

/* What the programs say is worth telling apart. */
static void refuse_answer(gb_energy_domain *domain, const gb_ipmi_setting *set,
                          gb_status status, const gb_error *why) {
    const char *fix = why->hint[0] != '\0' ? why->hint : NULL;
    gb_domain_status verdict = GB_DOMAIN_FAILED;

    if (status == GB_ERR_UNSUPPORTED || strstr(why->what, "Invalid command") ||
        strstr(why->what, "nvalid data field")) {
        verdict = GB_DOMAIN_UNSUPPORTED;
        fix = fix ? fix : "this controller has no DCMI: try redfish";
    } else if (strstr(why->what, "nsufficient privilege") ||
               strstr(why->what, "ermission denied")) {
        verdict = GB_DOMAIN_FORBIDDEN;
        fix = set->lan ? "level=OPERATOR or ADMINISTRATOR, if this user has it"
                       : fix;
    } else if (!fix && set->lan) {
        fix = "host, user and password; level=OPERATOR or ADMINISTRATOR; "
              "cipher=17, or 3 for a controller that does not negotiate";
    }
    gb_domain_refuse(domain, verdict, fix, "%s", why->what);
}

static void try_once(gb_energy_source *source) {
    gb_energy_domain *domain = &source->domains.items[0];
    gb_dcmi_reading reading;
    uint64_t before_ns, after_ns;
    gb_error why = {0};
    gb_status status = ask(source, &reading, &before_ns, &after_ns, &why);

    if (status != GB_OK) {
        refuse_answer(domain, &source->setting, status, &why);
        return;
    }
    if (reading.period_ns > SECOND_NS && reading.period_ns <= LONGEST_PERIOD_NS)
        domain->update_ns = reading.period_ns;
}

static gb_status add_domain(gb_energy_source *source, gb_error *err) {
    const gb_ipmi_setting *setting = &source->setting;
    gb_energy_domain *domain = gb_domain_list_add(&source->domains, "ipmi",
                                                  "dcmi", "", GB_SCOPE_NODE_AC);

    if (!domain)
        return gb_fail_memory(err, "an energy domain");
    domain->kind = GB_READING_POWER;
    domain->tick_j = domain->step_j = 1;
    domain->update_ns = domain->average_ns = SECOND_NS;
    domain->u_rel = GB_U_REL_METER;
    gb_copy(domain->reason, sizeof(domain->reason),
            "the firmware does not say on which side of the power supply it "
            "measures: taken as the input, as BMCs usually do");
    if (setting->lan)
        snprintf(domain->path, sizeof(domain->path), "lan:%s%s%s",
                 setting->host, setting->port[0] != '\0' ? ":" : "",
                 setting->port);
    return GB_OK;
}

/* Which of the two programs is here. */
static gb_status choose_program(gb_energy_source *source, gb_error *err) {
    const bool lan = source->setting.lan;
    const bool ipmitool = gb_command_exists("ipmitool");

    if (!ipmitool && (lan || !gb_command_exists("ipmi-dcmi")))
        return gb_fail(err, GB_ERR_UNSUPPORTED, "install the package ipmitool",
                       "expected %s in PATH, found neither",
                       lan ? "ipmitool" : "ipmitool or ipmi-dcmi");
    gb_ipmi_argv(&source->setting, !ipmitool, source->argv);
    return GB_OK;
}

static gb_status open_source(gb_energy_source *source, const gb_energy_env *env,
                             gb_error *err) {
    gb_status status = add_domain(source, err);

    if (status != GB_OK)
        return status;
    gb_energy_domain *domain = &source->domains.items[0];
    if (source->setting.lan)
        check_password_file(&source->setting, domain);
    else
        status = check_device(env->root, domain, err);
    if (status == GB_OK)
        status = choose_program(source, err);
    if (status == GB_OK && domain->status == GB_DOMAIN_OK)
        try_once(source);
    return status;
}

static gb_status ipmi_open(const gb_energy_env *env,
                           gb_energy_source **source_out, gb_error *err) {
    if (gb_sysroot_simulated(env->root))
        return gb_fail(err, GB_ERR_UNSUPPORTED, NULL,
                       "would read this machine, not the simulated root");
    gb_energy_source *source = calloc(1, sizeof(*source));
    if (!source)
        return gb_fail_memory(err, "the ipmi source");
    source->clock = env->clock;
    gb_status status = gb_ipmi_setting_parse(env->setting, env->node->name,
                                             &source->setting, err);
    if (status == GB_OK)
        status = open_source(source, env, err);
    if (status != GB_OK) {
        ipmi_close(source);
        return status;
    }
    *source_out = source;
    return GB_OK;
}

static gb_status ipmi_check(const char *setting, gb_error *err) {
    gb_ipmi_setting parsed;

    return gb_ipmi_setting_parse(setting, "node", &parsed, err);
}

/* -------------------------------------------------------------------------- */

static const gb_energy_domain *ipmi_domains(const gb_energy_source *source,
                                            size_t *count_out) {
    *count_out = source->domains.count;
    return source->domains.items;
}

static void ipmi_read(gb_energy_source *source, gb_energy_reading *readings) {
    gb_dcmi_reading reading;
    uint64_t before_ns, after_ns;

    readings[0] = (gb_energy_reading){0};
    if (source->domains.items[0].status != GB_DOMAIN_OK)
        return;
    readings[0].ok =
        ask(source, &reading, &before_ns, &after_ns, NULL) == GB_OK;
    readings[0].ticks = readings[0].ok ? reading.power_w : 0;
    gb_reading_stamp(&readings[0], before_ns, after_ns);
}

static uint64_t ipmi_slow_ns(const gb_energy_source *source) {
    (void)source;
    return SECOND_NS;
}

const gb_energy_source_ops gb_energy_ipmi = {
    .name = "ipmi",
    .summary = "the node's power by its management controller, through DCMI",
    .check = ipmi_check,
    .open = ipmi_open,
    .domains = ipmi_domains,
    .read = ipmi_read,
    .close = ipmi_close,
    .slow_ns = ipmi_slow_ns,
};
