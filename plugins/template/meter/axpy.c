/* SPDX-License-Identifier: Apache-2.0 */
/* acme.axpy: a counter of energy that stands in for hardware, 100 W whatever
 * the machine does. A whole meter, to start one of your own from. */
#define _POSIX_C_SOURCE 200809L /* O_CLOEXEC, pread() */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "greenbench/meter.h"

/* One instance for each time the user names the meter. */
struct gb_meter_instance {
    const gb_meter_host *host;
    gb_meter_domain domain;
    const gb_meter_domain *domains[1];
    int fd;
};

/* Data, not code: the host checks what the user says before open(). A default
 * of null makes a parameter one that must be given. */
static const gb_param_decl params[] = {
    {"scope", "what the sensor feeds", "node-dc", "node-dc|node-ac|other"},
};

static void axpy_close(gb_meter_instance *self) {
    const gb_meter_host *host = self->host;

    if (self->fd >= 0)
        close(self->fd);
    host->free(host, self);
}

/* What it measures, and how well: 1 % of the reading + 0.5 % of the range. */
static void describe(const gb_meter_host *host, gb_meter_domain *domain) {
    *domain = (gb_meter_domain){
        .struct_size = sizeof(*domain),
        .name = "board",
        .scope = host->param_text(host, "scope"),
        .unit = GB_METER_JOULE,
        .flags = GB_METER_SIMULATED, /* until real hardware is read */
        .package = -1,
        .accuracy_form = GB_METER_ACCURACY_LIMITS,
        .tick = 1.0, /* J */
        .step = 1.0,
        .update_ns = 10000000,
        .range_w = 500.0,
        .accuracy_of_reading = 0.01,
        .accuracy_of_range = 0.005,
    };
}

/* Reach the meter; refuse with words what cannot work here. */
static gb_status axpy_open(const gb_meter_host *host,
                           gb_meter_instance **self_out) {
    char path[512];
    gb_meter_instance *self = host->alloc(host, sizeof(*self));

    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    self->host = host;
    self->domains[0] = &self->domain;
    describe(host, &self->domain);
    /* In place of a register of your own: hundredths of a second since boot. */
    snprintf(path, sizeof(path), "%s/proc/uptime", host->root);
    self->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (self->fd < 0) {
        const gb_status status =
            errno == EACCES ? GB_ERR_PERMISSION : GB_ERR_UNSUPPORTED;
        host->fail(host, status, "is /proc mounted?", "cannot read '%s': %s",
                   path, strerror(errno));
        axpy_close(self);
        return status;
    }
    host->note(host, "device", "stand-in");
    *self_out = self;
    return GB_OK;
}

static const gb_meter_domain *const *axpy_domains(const gb_meter_instance *self,
                                                  size_t *count_out) {
    *count_out = 1;
    return self->domains;
}

/* Up to a thousand times a second: no allocation, and 1 ms at most. */
static gb_status axpy_read(gb_meter_instance *self,
                           gb_meter_reading *readings) {
    unsigned long long seconds, hundredths;
    char text[64];

    const ssize_t length = pread(self->fd, text, sizeof(text) - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    if (sscanf(text, "%llu.%2llu", &seconds, &hundredths) != 2)
        return self->host->fail(self->host, GB_ERR_IO, NULL,
                                "expected seconds, got '%s'", text);
    readings[0].ticks = seconds * 100 + hundredths; /* 100 W: 1 J each */
    return GB_OK;
}

const gb_meter greenbench_meter = {
    .struct_size = sizeof(gb_meter),
    .abi_major = GB_METER_ABI_MAJOR,
    .abi_minor = GB_METER_ABI_MINOR,
    .id = "acme.axpy", /* the file is acme.axpy.so */
    .version = "0.1.0",
    .summary = "a sensor on the board that stands in for hardware",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .open = axpy_open,
    .domains = axpy_domains,
    .read = axpy_read,
    .close = axpy_close,
};
