/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_DOMAINS_H
#define GB_MACHINE_ENERGY_DOMAINS_H

/**
 * @file machine/energy/domains.h
 * What every source needs: a growing list of domains, their verdicts in words,
 * and one stamped read. Private to machine/energy.
 */
#include "machine/energy/source.h"

/* Upper bounds where the machine does not state one, at least twice the largest
 * design power on the market in 2026 (reference/energy.md, rule 22). */
#define GB_MAX_PACKAGE_W 1000.0
#define GB_MAX_DRAM_W    400.0
#define GB_MAX_ACCEL_W   3000.0
#define GB_MAX_NODE_W    20000.0

/* Standard relative calibration uncertainty (Type B). Nobody publishes a bound
 * for these counters: these are half-widths of what the literature in
 * reference/energy.md §9.1 reports, divided by the square root of three. */
#define GB_U_REL_RAPL_MEASURED 0.03 /* +-5 %: voltage regulator current */
#define GB_U_REL_RAPL_MODELLED 0.06 /* +-10 %: activity models, AMD */
#define GB_U_REL_RAPL_DRAM     0.12 /* +-20 %: constant offset at idle */
#define GB_U_REL_PART_TIME     0.06 /* +-10 %: GPU meters that look 1/4 of time */

typedef struct gb_domain_list {
    gb_energy_domain *items; /* [count] */
    size_t count, capacity;
} gb_domain_list;

/**
 * Append a domain: an OK and MEASURED energy counter in microjoules without
 * wrap, package, die and refresh -1. Everything else is zero.
 *
 * @param path  nullable
 * @return null if out of memory; invalid after the next call
 */
gb_energy_domain *gb_domain_list_add(gb_domain_list *list, const char *source,
                                     const char *name, const char *path,
                                     gb_energy_scope scope);
/** True if @p name is already in @p list. */
bool gb_domain_list_has(const gb_domain_list *list, const char *name);
void gb_domain_list_fini(gb_domain_list *list);

/** Rule @p domain out. @p fix is nullable. */
void gb_domain_refuse(gb_energy_domain *domain, gb_domain_status status,
                      const char *fix, const char *fmt, ...)
    GB_PRINTF_LIKE(4, 5);

/** Rule @p domain out if it could wrap twice between two of the fastest
 * samples: that can never be undone (rule 22). */
void gb_domain_refuse_too_fast(gb_energy_domain *domain);

/** Add a remark to @p domain's reason without changing its status. */
void gb_domain_note(gb_energy_domain *domain, const char *fmt, ...)
    GB_PRINTF_LIKE(2, 3);

/** Rule @p domain out for a failed access: FORBIDDEN with errno, path and user,
 *  and @p fix as the remedy; else FAILED. */
void gb_domain_refuse_error(gb_energy_domain *domain, const gb_error *why,
                            const char *path, const char *fix);

/** What lets this user read a counter that only root may: our udev rule, where
 *  it is installed, the group, and the user's own name.
 *  @param out  [size] for a domain's fix */
void gb_domain_access_fix(char *out, size_t size);

/** Stamp a reading: halfway between two clock values (rule 30). */
void gb_reading_stamp(gb_energy_reading *reading, uint64_t before_ns,
                      uint64_t after_ns);

/** Read one number from a file kept open. @p reading gets ok = false if the
 *  read fails or the value is above @p ticks_max. Does not allocate. */
void gb_reading_take(const gb_energy_env *env, int fd, const char *path,
                     uint64_t ticks_max, gb_energy_reading *reading);

/** Close @p fd unless it is -1. */
void gb_close_fd(int fd);

/** "AuthenticAMD" and "HygonGenuine" share one energy interface. */
bool gb_node_is_amd(const gb_node *node);

#endif /* GB_MACHINE_ENERGY_DOMAINS_H */
