/* SPDX-License-Identifier: Apache-2.0 */
/* Teaches OpenIPMI's simulator DCMI, which it does not know: a module that
 * ipmi_sim loads (ipmi_lan(5), "loadlib") and that answers group extension DCh,
 * command 02h, "get power reading", with the numbers of a file. Sessions,
 * ciphers and messages remain the simulator's own. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <OpenIPMI/mcserv.h>
#include <OpenIPMI/serv.h>

#define DCMI_GROUP        0xdc
#define GET_POWER_READING 0x02
#define INVALID_COMMAND   0xc1

#define EXPORT __attribute__((visibility("default")))

EXPORT int ipmi_sim_module_print_version(sys_data_t *sys, char *options);
EXPORT int ipmi_sim_module_init(sys_data_t *sys, char *options);

static char *numbers_path;

static void put(unsigned char *at, unsigned bytes, unsigned long value) {
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

/* "<watts> <period in ms> <active: 0 or 1>" */
static int read_numbers(unsigned long *numbers) {
    FILE *file = fopen(numbers_path, "re");
    int count = 0;

    if (file != NULL) {
        count =
            fscanf(file, "%lu %lu %lu", &numbers[0], &numbers[1], &numbers[2]);
        fclose(file);
    }
    return count == 3;
}

static void answer(lmc_data_t *mc, msg_t *msg, unsigned char *rdata,
                   unsigned int *rdata_len, void *cb_data) {
    unsigned long numbers[3];

    (void)mc;
    (void)cb_data;
    if (msg->cmd != GET_POWER_READING || !read_numbers(numbers)) {
        rdata[0] = INVALID_COMMAND;
        *rdata_len = 1;
        return;
    }
    memset(rdata, 0, 19);
    rdata[1] = DCMI_GROUP;
    put(rdata + 2, 2, numbers[0]);
    /* Of another time, as the fields of real firmware: must not be used. */
    put(rdata + 4, 2, 7);
    put(rdata + 6, 2, 4321);
    put(rdata + 8, 2, 1234);
    put(rdata + 14, 4, numbers[1]);
    rdata[18] = numbers[2] ? 0x40 : 0;
    *rdata_len = 19;
}

int ipmi_sim_module_print_version(sys_data_t *sys, char *options) {
    (void)sys;
    (void)options;
    return 0;
}

int ipmi_sim_module_init(sys_data_t *sys, char *options) {
    (void)sys;
    numbers_path = options ? strdup(options) : NULL;
    if (numbers_path == NULL)
        return 22; /* EINVAL */
    ipmi_emu_register_group_extension_handler(DCMI_GROUP, answer, NULL);
    return 0;
}
