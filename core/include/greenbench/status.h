/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GREENBENCH_STATUS_H
#define GREENBENCH_STATUS_H

/**
 * @file greenbench/status.h
 * How a call went. Shared by the host and its plugins; values never change.
 */
#include <stdint.h>

/** Each status: name (GB_OK, GB_ERR_PERMISSION, ...), value, text. */
#define GB_STATUS_MAP(X)                                                       \
    X(OK, 0, "success")                                                        \
    /* skip this benchmark or energy domain, keep the run */                   \
    X(ERR_UNSUPPORTED, 10, "not available on this machine")                    \
    X(ERR_PERMISSION, 11, "present, but this user may not read it")            \
    X(ERR_BUSY, 12, "held by another process")                                 \
    /* this trial is worthless, repeat it or mark it invalid */                \
    X(ERR_RANGE, 20, "value outside its valid range")                          \
    X(ERR_VERIFY, 21, "wrong numerical result")                                \
    X(ERR_INTERRUPTED, 22, "stopped before it finished")                       \
    X(ERR_TIMEOUT, 23, "took longer than it was given")                        \
    X(ERR_CRASHED, 24, "ended its process")                                    \
    /* the user must change something, stop before measuring */                \
    X(ERR_INVALID, 30, "bad configuration or argument")                        \
    X(ERR_NOT_FOUND, 31, "no such plugin, file or parameter")                  \
    X(ERR_ABI, 32, "plugin built for another greenbench")                      \
    /* the run cannot go on */                                                 \
    X(ERR_NO_MEMORY, 40, "out of memory")                                      \
    X(ERR_IO, 41, "read or write failed")                                      \
    X(ERR_MPI, 42, "MPI call failed")                                          \
    X(ERR_INTERNAL, 43, "bug in greenbench")

/** One of GB_STATUS_MAP. An int, not an enum type: the width of an enum is the
 *  compiler's choice. */
typedef int32_t gb_status;
/** @cond */
enum {
#define GB_STATUS_ENUM(name, value, text) GB_##name = (value),
    GB_STATUS_MAP(GB_STATUS_ENUM)
#undef GB_STATUS_ENUM
};
/** @endcond */

#endif /* GREENBENCH_STATUS_H */
