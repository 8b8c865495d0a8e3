/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_STATED_H
#define GB_MODEL_STATED_H

/**
 * @file model/stated.h
 * What a run cannot tell about a power measurement, as whoever submits it
 * states it. It is never shown as measured. docs/grading.md has the keys.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/sha256.h"

/** How the power of a part is known, worst first. */
#define GB_PART_MAP(X)                                                         \
    X(UNKNOWN, "unknown")                                                      \
    X(ESTIMATE, "estimate") /* an upper bound of what it may draw */           \
    X(MEASURED, "measured")                                                    \
    X(NOT_USED, "not_used") /* it took no part */

typedef enum gb_part {
#define GB_PART_ENUM(name, word) GB_PART_##name,
    GB_PART_MAP(GB_PART_ENUM)
#undef GB_PART_ENUM
} gb_part;

/** How the loss of conversion behind which power was measured is known; its
 *  number is the level it does for. */
#define GB_LOSS_MAP(X)                                                         \
    X(UNKNOWN, "unknown")                                                      \
    X(DATA_SHEET, "data_sheet")     /* the manufacturer's */                   \
    X(OFFLINE, "offline")           /* one supply was measured */              \
    X(SIMULTANEOUS, "simultaneous") /* measured during the run */

typedef enum gb_conversion_loss {
#define GB_LOSS_ENUM(name, word) GB_LOSS_##name,
    GB_LOSS_MAP(GB_LOSS_ENUM)
#undef GB_LOSS_ENUM
} gb_conversion_loss;

/** A subsystem that is not in the nodes' power. */
typedef struct gb_stated_part {
    char name[64]; /* "interconnect", "storage" */
    gb_part by;
    double power_w;   /* 0: it was not used */
    char source[200]; /* data sheets and formula, or the meter; "": not used */
} gb_stated_part;

/** Meters of one make. */
typedef struct gb_stated_meter {
    char meter[96]; /* glob of "source:name" */
    char make[64], model[64];
    char calibrated[64]; /* when and by whom; "": not stated */
    char source[200];    /* of its accuracy; "" */
    double accuracy;     /* relative bound; NAN: not stated */
    char form[12];       /* as it was stated: "bound", "sigma", "k2"; "" */
    double update_s;     /* between its own values; NAN: not stated */
} gb_stated_meter;

enum { GB_STATED_PARTS = 32, GB_STATED_METERS = 32 };

/** One file. Strings are "" and numbers NAN or 0 where nothing is stated. */
typedef struct gb_stated {
    char name[256]; /* of the file */
    char sha256[GB_SHA256_SIZE];
    size_t system_nodes; /* of the whole system */
    bool random;         /* metered nodes were chosen at random */
    char chosen[200];    /* how */
    gb_stated_part parts[GB_STATED_PARTS]; /* [part_count] */
    size_t part_count;
    bool complete;                            /* no other subsystem took part */
    gb_stated_meter meters[GB_STATED_METERS]; /* [meter_count] */
    size_t meter_count;
    gb_conversion_loss loss;
    double supply_efficiency; /* output by input of the supplies, of 1; NAN */
    char loss_source[200];
    char coolant[200], supply[200]; /* temperatures and where; the mains */
} gb_stated;

const char *gb_part_name(gb_part part);
const char *gb_conversion_loss_name(gb_conversion_loss loss);

/** The interconnect's entry; null: nothing is stated about it. */
const gb_stated_part *gb_stated_interconnect(const gb_stated *stated);
/** The worst of all other parts; UNKNOWN unless the list is complete. */
gb_part gb_stated_others(const gb_stated *stated);
/** What all parts draw together, W. */
double gb_stated_parts_w(const gb_stated *stated);

#endif /* GB_MODEL_STATED_H */
