/* SPDX-License-Identifier: Apache-2.0 */
/* The meters that were loaded, as a handle for machine/energy. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "machine/plugin/meter.h"

#define LISTED_MAX 32u

static const char *list_meters(void *ctx, char *out, size_t size) {
    const gb_meter_shelf *shelf = ctx;
    const char *ids[LISTED_MAX];
    size_t count = 0;

    while (shelf->set != NULL && count < shelf->catalogue->meter_count &&
           count < LISTED_MAX) {
        ids[count] = shelf->catalogue->meters[count].id;
        count++;
    }
    if (count == 0)
        gb_copy(out, size, "");
    else
        gb_join(ids, count, out, size);
    return out;
}

/* A file of that name was found, and refused: that is why. */
static gb_status fail_refused(const gb_catalogue *catalogue, const char *id,
                              gb_error *err) {
    char file[80];

    snprintf(file, sizeof(file), "/%s.so", id);
    for (size_t i = 0; i < catalogue->refusal_count; i++)
        if (gb_ends_with(catalogue->refusals[i].path, file))
            return gb_fail(err, GB_ERR_INVALID, catalogue->refusals[i].hint,
                           "%s", catalogue->refusals[i].what);
    return GB_OK;
}

static gb_status fail_unknown(void *ctx, const char *id, gb_error *err) {
    const gb_meter_shelf *shelf = ctx;
    char listed[160];

    if (shelf->set != NULL && fail_refused(shelf->catalogue, id, err) != GB_OK)
        return GB_ERR_NOT_FOUND;
    if (shelf->set != NULL && gb_catalogue_find(shelf->catalogue, id) != NULL)
        return gb_fail(err, GB_ERR_NOT_FOUND, NULL,
                       "expected a meter, got the benchmark '%s'", id);
    list_meters(ctx, listed, sizeof(listed));
    return gb_fail(err, GB_ERR_NOT_FOUND,
                   "GREENBENCH_PLUGIN_PATH names further folders",
                   "expected a meter plugin '%s', found %s", id,
                   listed[0] != '\0' ? listed : "no meter");
}

static gb_status open_meter(void *ctx, const gb_meter_setting *setting,
                            const gb_meter_env *env, gb_meter_run **run_out,
                            gb_error *err) {
    const gb_meter_shelf *shelf = ctx;
    const gb_catalogue_meter *entry =
        shelf->set != NULL
            ? gb_catalogue_find_meter(shelf->catalogue, setting->id)
            : NULL;
    gb_plugin_identity identity = {0};

    if (entry == NULL)
        return fail_unknown(ctx, setting->id, err);
    gb_copy(identity.id, sizeof(identity.id), entry->id);
    gb_copy(identity.version, sizeof(identity.version), entry->version);
    gb_copy(identity.sha256, sizeof(identity.sha256), entry->sha256);
    return gb_meter_run_open(gb_plugin_set_meter(shelf->set, entry->plugin),
                             &identity, entry->insecure, setting, env, run_out,
                             err);
}

gb_meter_reader gb_meter_reader_of(gb_meter_shelf *shelf) {
    return (gb_meter_reader){
        .ctx = shelf,
        .list = list_meters,
        .open = open_meter,
        .facts = gb_meter_run_facts,
        .read = gb_meter_run_read,
        .close = gb_meter_run_close,
    };
}
