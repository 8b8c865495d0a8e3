/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GREENBENCH_EXT_PACE_H
#define GREENBENCH_EXT_PACE_H

/**
 * @file greenbench/ext/pace.h
 * Work at less than full speed: the host cuts time into slots, a plugin does
 * its share of each and waits for the next. So a plugin can offer a load of
 * 30 %, or sleep, and still sees no clock.
 */
#include <stdint.h>

/** For gb_plugin.needs and gb_host.extension(). */
#define GB_EXT_PACE "greenbench.pace/1"

/** What extension(GB_EXT_PACE) gives. */
typedef struct gb_ext_pace {
    uint32_t struct_size; /**< of the host's gb_ext_pace */
    uint32_t reserved;    /**< 0 */
    void *pace_data;      /**< the host's own; do not touch */

    /** Slot 0 begins now, and each lasts @p slot_s seconds, > 0. One thread
     *  calls it, before the others use the pace. */
    void (*begin)(const struct gb_ext_pace *pace, double slot_s);

    /** Sleep until slot @p slot begins for @p thread; at once if it has begun.
     *  Threads and ranks begin their slots at different times, so that a node's
     *  load does not come in waves. */
    void (*wait)(const struct gb_ext_pace *pace, uint32_t thread,
                 uint64_t slot);

    /** Whole slots since begin(), for @p thread. */
    uint64_t (*passed)(const struct gb_ext_pace *pace, uint32_t thread);
} gb_ext_pace;

#endif /* GREENBENCH_EXT_PACE_H */
