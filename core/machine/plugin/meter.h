/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_PLUGIN_METER_H
#define GB_MACHINE_PLUGIN_METER_H

/**
 * @file machine/plugin/meter.h
 * The second kind of plugin: check a meter's descriptor, open it with what the
 * user said, read it, and take back what it forgot.
 */
#include <stdbool.h>

#include "greenbench/meter.h"
#include "machine/plugin/plugin.h"
#include "model/meter_reader.h"

/** The checks on one descriptor, without dlopen, as gb_plugin_check(). */
gb_status gb_meter_check(const void *descriptor, const char *path,
                         gb_meter *copy_out, gb_plugin_part *failed_out,
                         gb_error *err);

/** Is what a domain says of itself sound? A host does not read one that is
 *  not. @retval GB_ERR_INVALID  expected and got */
gb_status gb_meter_check_domain(const gb_meter_domain *domain, gb_error *err);

/** May a domain be called @p name (nullable)? */
bool gb_meter_is_name(const char *name);

/** Checked copy of the descriptor at @p index; null: that is no meter. */
const gb_meter *gb_plugin_set_meter(const gb_plugin_set *set, size_t index);

/** What is in a set for machine/energy. */
typedef struct gb_meter_shelf {
    const gb_plugin_set *set;      /* nullable: no meters */
    const gb_catalogue *catalogue; /* of it */
} gb_meter_shelf;

/** @param shelf  outlives the reader and every meter that it opens */
gb_meter_reader gb_meter_reader_of(gb_meter_shelf *shelf);

/** @param meter     outlives the run
 *  @param identity  nullable: nobody asks
 *  @param insecure  who else could have changed the plugin; nullable; outlives
 *                   the run
 *  @retval          as gb_meter_reader.open(), or what the plugin says */
gb_status gb_meter_run_open(const gb_meter *meter,
                            const gb_plugin_identity *identity,
                            const char *insecure,
                            const gb_meter_setting *setting,
                            const gb_meter_env *env, gb_meter_run **run_out,
                            gb_error *err);
const gb_meter_facts *gb_meter_run_facts(const gb_meter_run *run);
gb_status gb_meter_run_read(gb_meter_run *run, gb_meter_reading *readings,
                            gb_error *err);
/** Call the plugin's close(): afterwards gb_meter_run_leaked_bytes() is what it
 *  forgot. @retval GB_ERR_INTERNAL  it gave back what was never lent */
gb_status gb_meter_run_end(gb_meter_run *run, gb_error *err);
uint64_t gb_meter_run_leaked_bytes(const gb_meter_run *run);
/** Calls gb_meter_run_end() unless that was done, takes back all memory; null
 *  is allowed. */
void gb_meter_run_close(gb_meter_run *run);

#endif /* GB_MACHINE_PLUGIN_METER_H */
