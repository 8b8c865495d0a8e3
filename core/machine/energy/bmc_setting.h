/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_BMC_SETTING_H
#define GB_MACHINE_ENERGY_BMC_SETTING_H

/**
 * @file machine/energy/bmc_setting.h
 * Where a management controller is and how to log in: what follows "ipmi=" and
 * "redfish=". A setting ends up in plans and results, so it may name a file
 * with a secret, never hold one; errors do not repeat it.
 *
 *     lan:HOST[:PORT];user=NAME;password-file=FILE
 *     https://HOST[:PORT][/redfish/v1/...];credentials=FILE;ca=FILE
 *
 * Options are separated by ';', or by '+' where the setting has no ';'. "%h" is
 * this node's host name.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct gb_ipmi_setting {
    bool lan; /* false: this node's own device; the rest is then "" */
    char host[128];
    char port[8]; /* "": the standard one */
    char user[64];
    char password_file[160];
    char level[16]; /* "USER": privilege asked for */
    char cipher[4]; /* "": negotiated */
} gb_ipmi_setting;

typedef struct gb_redfish_setting {
    char origin[160]; /* "https://bmc17:8443", without a '/' at its end */
    char path[160];   /* "/redfish/v1/Chassis/1"; "": the service root */
    char credentials[160];
    char ca[160];
    bool local; /* the host is this machine's loopback */
} gb_redfish_setting;

/**
 * @param setting    nullable, as ""
 * @param node_name  what "%h" stands for
 * @retval GB_ERR_INVALID  expected and got, without anything that may be secret
 */
gb_status gb_ipmi_setting_parse(const char *setting, const char *node_name,
                                gb_ipmi_setting *out, gb_error *err);
gb_status gb_redfish_setting_parse(const char *setting, const char *node_name,
                                   gb_redfish_setting *out, gb_error *err);

/** Words of the longest command, with the null at its end. */
#define GB_IPMI_ARGV_MAX 24

/**
 * The command that prints the power now. The password is not among its words,
 * which every user sees.
 *
 * @param freeipmi   true: ipmi-dcmi, which takes no password file: only for
 *                   this node's own device; false: ipmitool
 * @param[out] argv  [GB_IPMI_ARGV_MAX], null-terminated, into @p setting
 */
void gb_ipmi_argv(const gb_ipmi_setting *setting, bool freeipmi,
                  const char **argv);

#endif /* GB_MACHINE_ENERGY_BMC_SETTING_H */
