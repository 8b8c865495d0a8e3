/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_ZONE_H
#define GB_MACHINE_ENERGY_ZONE_H

/**
 * @file machine/energy/zone.h
 * What the words of one powercap zone mean. Pure. Private to machine/energy.
 * Source: Linux drivers/powercap/intel_rapl_common.c, powercap_sys.c.
 */
#include "model/energy.h"

typedef struct gb_zone_meaning {
    gb_energy_scope scope; /* OTHER: unknown name */
    int32_t package, die;  /* -1: none stated */
} gb_zone_meaning;

/** "package-0", "package-10-die-3", "psys", "psys-1", "core", "uncore", "dram";
 *  numbers may have any width that fits. @p amd: `core` is one core. */
gb_zone_meaning gb_zone_parse_name(const char *name, bool amd);

/**
 * Modulus and step of a counter from its largest value: the kernel masks the
 * counter to 32 bits and multiplies by an integer unit, so that the modulus is
 * the range and one step (rule 21).
 *
 * @param range_uj  max_energy_range_uj
 * @return false if no modulus follows: range 0 or beyond any real counter
 */
bool gb_zone_wrap(uint64_t range_uj, uint64_t *wrap_uj_out,
                  double *step_uj_out);

/** AMD's unit of 15258 nJ in a package counter identifies the vendor where no
 *  CPU facts could be read (reference/energy.md §1.2). */
#define GB_ZONE_RANGE_AMD_UJ 65532610987u
/** 15300 nJ: DRAM of Haswell to Ice Lake servers; wrong on Sapphire Rapids. */
#define GB_ZONE_RANGE_OLD_DRAM_UJ 65712999613u
/** 1 J: psys of Sapphire and Emerald Rapids. */
#define GB_ZONE_RANGE_JOULE_PSYS_UJ 4294967295000000u

#endif /* GB_MACHINE_ENERGY_ZONE_H */
