/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_EMULATOR_MACHINE_H
#define GB_EMULATOR_MACHINE_H

/**
 * @file emulator/machine.h
 * Emulated machines: what their description says, ready to be served.
 * docs/emulator.md states the file's format.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "emulator/counter.h"
#include "emulator/fault.h"
#include "emulator/history.h"
#include "emulator/trace.h"

typedef enum gb_em_source {
    GB_EM_POWERCAP,    /* /sys/class/powercap: a counter */
    GB_EM_AMD_ENERGY,  /* hwmon `amd_energy`: a counter */
    GB_EM_POWER_METER, /* hwmon `power_meter`: a gauge */
    GB_EM_CRAY_PM,     /* /sys/cray/pm_counters: a counter and a gauge */
    GB_EM_SOURCE_COUNT
} gb_em_source;

/** "powercap", "amd_energy", "power_meter", "cray_pm" */
const char *gb_em_source_name(gb_em_source source);

/** One domain: true power, and the sensor through which it is seen. */
typedef struct gb_em_domain {
    char name[64]; /* "package-0/dram" */
    gb_em_source source;
    bool off; /* a preset's domain that this machine does not have */

    gb_trace *trace; /* owned */
    gb_refresh refresh;
    gb_counter counter;
    gb_gauge gauge;

    /* As written; gb_machines_link() makes the above of them. */
    double gain_error;   /* relative; NAN: the machine's */
    double gain_uniform; /* half width of a uniform draw; NAN: the machine's */
    double start_j;      /* NAN: drawn from the seed */
    uint64_t range_uj;   /* 0: 32 bits of the unit for powercap, else none */
    int64_t phase_ns;    /* < 0: drawn from the seed */

    char zone[48];      /* POWERCAP: "intel-rapl:0:0" */
    char label[64];     /* hwmon: label of the channel; POWERCAP: text of
                           `name`, "": the end of the domain's name */
    double max_power_w; /* POWERCAP: constraint_0_max_power_uw; 0: none */
    int node;           /* part of the node's true energy: 1, 0; -1: by scope */
} gb_em_domain;

typedef struct gb_em_file {
    char *path; /* "/proc/stat" */
    char *text;
} gb_em_file;

typedef struct gb_em_cpu {
    char vendor[32]; /* "GenuineIntel", "AuthenticAMD", "ARM"; "": no cpuinfo */
    char name[64];
    uint64_t family, model, stepping; /* x86 */
    uint64_t implementer, part;       /* ARM */
    uint64_t sockets, cores;          /* of a socket */
} gb_em_cpu;

typedef struct gb_em_cray {
    bool legacy; /* no time stamps */
    uint64_t version, raw_scan_hz, generation, freshness;
    uint64_t
        startup_us; /* since 1970; 0: an hour before the emulator's start */
} gb_em_cray;

typedef struct gb_em_machine {
    char name[64];
    gb_em_cpu cpu;
    gb_em_cray cray;
    bool old_layout;        /* hwmon attributes below `device` */
    int64_t meter_timer_ns; /* > 0: the stale-meter trap of one timer for all
                               power meters of a socket */
    double gain_error, gain_uniform; /* for domains that state none */
    gb_em_domain *domains;           /* [domain_count] */
    size_t domain_count;
    gb_fault *faults; /* [fault_count] */
    size_t fault_count;
    gb_em_file *files; /* [file_count], served as they are */
    size_t file_count;
} gb_em_machine;

typedef struct gb_machines {
    uint64_t seed;
    gb_em_machine *items; /* [count] */
    size_t count;
    gb_history history; /* of this machine's processors, where a trace asks */
} gb_machines;

/**
 * Read a description.
 *
 * @param name    for messages: "machines.yaml"
 * @param folder  nullable: where relative CSV files lie; null refuses them
 * @param seed    nullable: overrides the file's
 * @param[out] machines_out  zero-initialised; free with gb_machines_free()
 * @retval GB_ERR_INVALID, GB_ERR_RANGE  err->what is "name:line:column: ..."
 */
gb_status gb_machines_parse(const char *name, const char *text, size_t length,
                            const char *folder, const uint64_t *seed,
                            gb_machines **machines_out, gb_error *err);
/** As gb_machines_parse() for the file @p path. @retval GB_ERR_NOT_FOUND */
gb_status gb_machines_load(const char *path, const uint64_t *seed,
                           gb_machines **machines_out, gb_error *err);
void gb_machines_free(gb_machines *machines); /* null is allowed */

/** What was described, for people. */
void gb_machines_describe(const gb_machines *machines, gb_str *out);

/** True if a trace follows this machine's own processors. */
bool gb_machines_are_live(const gb_machines *machines);

/* --- while reading -------------------------------------------------------- */

/** A domain as it is before anything is said about it. */
void gb_em_domain_init(gb_em_domain *domain, const char *name);
void gb_em_machine_init(gb_em_machine *machine, const char *name);
void gb_em_machine_fini(gb_em_machine *machine);
/** The domain @p name, added if it is not there; null: no memory. */
gb_em_domain *gb_em_machine_domain(gb_em_machine *machine, const char *name);

/** Put together what was read: check each domain, follow references between
 *  traces, draw phases and gains. Errors carry no place: the caller adds it. */
gb_status gb_em_machine_link(gb_em_machine *machine, const gb_machines *all,
                             gb_error *err);

/* --- readings ------------------------------------------------------------- */
/* @p domain is its name, null for a file of no domain; @p path that of the
 * file without the machine: what targets of faults are matched with. */

/** The last begin of a RESET at or before @p t_ns; false: there was none. */
bool gb_em_last_reset(const gb_em_machine *machine, const char *domain,
                      const char *path, int64_t t_ns, int64_t *reset_ns_out);
/** Sum of the JUMPs that began after @p since_ns (-1: of all) up to @p t_ns. */
double gb_em_leaps(const gb_em_machine *machine, const char *domain,
                   const char *path, int64_t since_ns, int64_t t_ns);

/** Steps of the domain's counter at @p t_ns with its resets and jumps,
 *  wrapped. */
uint64_t gb_em_domain_steps(const gb_em_machine *machine,
                            const gb_em_domain *domain, const char *path,
                            int64_t t_ns);

#endif /* GB_EMULATOR_MACHINE_H */
