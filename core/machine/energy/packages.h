/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_PACKAGES_H
#define GB_MACHINE_ENERGY_PACKAGES_H

/**
 * @file machine/energy/packages.h
 * How many CPU packages a machine has. Private to machine/energy.
 */
#include <stdint.h>
#include <stdio.h>

#include "base/sysroot.h"

/**
 * Packages with a CPU that is online, by /proc/cpuinfo ("physical id"), else by
 * physical_package_id of /sys/devices/system/cpu.
 *
 * Of the machine below @p root, whose counters are read: hwloc would tell of
 * the machine that this process runs on, and only of the packages that its
 * cgroup may use, while energy is the whole node's.
 *
 * @return 0 if neither says
 */
uint32_t gb_energy_packages(const gb_sysroot *root);

/** Different ids of "physical id" lines in @p cpuinfo, which is read to its
 * end; those from 4096 on are a virtual machine's fancy and do not count. */
uint32_t gb_energy_packages_listed(FILE *cpuinfo);

#endif /* GB_MACHINE_ENERGY_PACKAGES_H */
