/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_CATALOGUE_H
#define GB_MODEL_CATALOGUE_H

/**
 * @file model/catalogue.h
 * The benchmarks that were found, as plain data: what planning and `list` need
 * to know about a plugin without running any of its code.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gb_catalogue_param {
    char *name;
    char *help;
    char *default_text; /* of a meter's nullable: it must be given */
    char *accepts;      /* nullable: any text */
} gb_catalogue_param;

typedef struct gb_catalogue_entry {
    char *id; /* unique within the catalogue */
    char *version;
    char *summary;
    char *work_unit;
    char *path;                 /* the shared object */
    char sha256[65];            /* of the shared object, as it was loaded */
    uint64_t size_bytes;        /* of the shared object */
    char *insecure;             /* who else could have changed it; nullable */
    char *insecure_fix;         /* nullable */
    gb_catalogue_param *params; /* [param_count] */
    size_t param_count;
    uint32_t ranks_min;      /* >= 1 */
    uint32_t ranks_multiple; /* >= 1 */
    bool one_shot;           /* GB_PLUGIN_ONE_SHOT */
    bool no_work;            /* GB_PLUGIN_NO_WORK */
    bool communicates;       /* it needs greenbench.mpi */
    size_t plugin;           /* index for gb_plugin_set_get() */
} gb_catalogue_entry;

/** A meter plugin. */
typedef struct gb_catalogue_meter {
    char *id; /* unique among all plugins */
    char *version;
    char *summary;
    char *path;
    char sha256[65];            /* of the shared object, as it was loaded */
    uint64_t size_bytes;        /* of the shared object */
    char *insecure;             /* who else could have changed it; nullable */
    gb_catalogue_param *params; /* [param_count] */
    size_t param_count;
    bool slow;     /* GB_METER_SLOW */
    size_t plugin; /* index for gb_plugin_set_meter() */
} gb_catalogue_meter;

/** A plugin that was found and refused, with the one line that says why. */
typedef struct gb_catalogue_refusal {
    char *path;
    char *what;
    char *hint; /* "" if none */
} gb_catalogue_refusal;

typedef struct gb_catalogue {
    gb_catalogue_entry *entries; /* [count], sorted by id */
    size_t count;
    gb_catalogue_meter *meters; /* [meter_count], sorted by id */
    size_t meter_count;
    gb_catalogue_refusal *refusals; /* [refusal_count] */
    size_t refusal_count;
} gb_catalogue;

const gb_catalogue_entry *gb_catalogue_find(const gb_catalogue *catalogue,
                                            const char *id); /* nullable */
const gb_catalogue_meter *gb_catalogue_find_meter(
    const gb_catalogue *catalogue, const char *id); /* nullable */
void gb_catalogue_fini(gb_catalogue *catalogue);

#endif /* GB_MODEL_CATALOGUE_H */
