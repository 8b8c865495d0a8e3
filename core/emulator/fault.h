/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_EMULATOR_FAULT_H
#define GB_EMULATOR_FAULT_H

/**
 * @file emulator/fault.h
 * What goes wrong, when, and where: a schedule that is a function of time.
 * Pure. Times are ns since the emulator's start.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

#define GB_FAULT_KIND_MAP(X)                                                   \
    X(EACCES, "eacces")   /* opening and reading are refused */                \
    X(EINVAL, "einval")   /* reading fails, as a failed RAPL read does */      \
    X(EIO, "eio")         /* reading fails */                                  \
    X(EMPTY, "empty")     /* reading gives no byte */                          \
    X(GARBAGE, "garbage") /* reading gives what is no number */                \
    X(STUCK, "stuck")     /* the value stays what it was at the begin */       \
    X(RESET, "reset")     /* the counter starts again at 0 */                  \
    X(JUMP, "jump")       /* the counter leaps by `amount` joules */           \
    X(VANISH, "vanish")   /* the file is gone, and comes back */               \
    X(SLOW, "slow")       /* reading takes `amount` seconds */                 \
    X(STALE, "stale")     /* the time stamp stays, the value moves */

typedef enum gb_fault_kind {
#define X(name, text) GB_FAULT_##name,
    GB_FAULT_KIND_MAP(X)
#undef X
        GB_FAULT_KIND_COUNT
} gb_fault_kind;

#define GB_FAULT_FOR_EVER INT64_MAX

typedef struct gb_fault {
    gb_fault_kind kind;
    char target[128]; /* glob on a domain's name or a file's path */
    int64_t at_ns;    /* first begin; >= 0 */
    int64_t for_ns;   /* length of a window; GB_FAULT_FOR_EVER */
    int64_t every_ns; /* 0: once; else > for_ns unless RESET or JUMP */
    double amount;    /* JUMP: J; SLOW: s */
} gb_fault;

const char *gb_fault_kind_name(gb_fault_kind kind);
/** @return false: no such kind */
bool gb_fault_kind_parse(const char *text, gb_fault_kind *kind_out);

/** How often the fault has begun at or before @p t_ns; the last of these
 *  instants in @p begin_ns_out (nullable, untouched if 0). */
uint64_t gb_fault_begins(const gb_fault *fault, int64_t t_ns,
                         int64_t *begin_ns_out);

/** True while @p t_ns lies in a window [begin, begin + for). */
bool gb_fault_active(const gb_fault *fault, int64_t t_ns,
                     int64_t *begin_ns_out);

/** True if the fault is meant for this file: its target matches @p path
 *  (without the machine, "/sys/...") or, where @p domain is not null, that. */
bool gb_fault_hits(const gb_fault *fault, const char *domain, const char *path);

/** Lines "12.500 s begin stuck package-0" of what has begun and ended up to
 *  @p t_ns, in order of time; of very many the last. */
void gb_fault_log(const gb_fault *faults, size_t count, int64_t t_ns,
                  gb_str *out);

/** A text that is no number, another for each @p index. */
const char *gb_fault_garbage(uint64_t index);

#endif /* GB_EMULATOR_FAULT_H */
