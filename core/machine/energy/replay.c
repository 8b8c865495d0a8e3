/* SPDX-License-Identifier: Apache-2.0 */
/* The energy of an earlier run, reading by reading as it was recorded: to try
 * out an analysis, or to show a figure again. Never a measurement. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "machine/energy/domains.h"
#include "metering/lattice.h"

/* Rows this much further apart than the counter moves are what a reader of the
 * recording sees of it. */
#define COARSER 1.25

/* The recorded readings of one domain, in order of time. */
typedef struct replay_track {
    gb_energy_reading *rows; /* [count] */
    size_t count;
    size_t passed; /* rows whose time has come */
    bool stamped;  /* by the source that was recorded */
    bool summed;   /* in the run that was recorded */
} replay_track;

struct gb_energy_source {
    gb_energy_env env;
    gb_domain_list domains;
    replay_track *tracks; /* one for each domain */
    size_t track_count;
    uint64_t first_ns; /* the recording's first row, on its clock */
    uint64_t begin_ns; /* when it was opened, on ours */
};

static void replay_close(gb_energy_source *source) {
    if (!source)
        return;
    for (size_t i = 0; i < source->track_count; i++)
        free(source->tracks[i].rows);
    free(source->tracks);
    gb_domain_list_fini(&source->domains);
    free(source);
}

/* --- rows ----------------------------------------------------------------- */

/* The rows of recorded domain @p index. Those of one domain come in order. */
static gb_status take_rows(const gb_recording *recording, size_t index,
                           replay_track *track, gb_error *err) {
    size_t count = 0;

    for (size_t i = 0; i < recording->row_count; i++)
        count += recording->rows[i].domain == index;
    track->rows = calloc(count + 1, sizeof(*track->rows));
    if (!track->rows)
        return gb_fail_memory(err, "recorded readings");
    for (size_t i = 0; i < recording->row_count; i++) {
        const gb_sample *row = &recording->rows[i];
        if (row->domain != index)
            continue;
        if (track->count > 0 &&
            row->reading.time_ns < track->rows[track->count - 1].time_ns)
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "%s: expected readings in order of time, got "
                           "%" PRIu64 " ns after %" PRIu64 " ns",
                           recording->domains[index].name, row->reading.time_ns,
                           track->rows[track->count - 1].time_ns);
        track->rows[track->count++] = row->reading;
    }
    return GB_OK;
}

static uint64_t mean_spacing_ns(const replay_track *track) {
    return track->count < 2 ? 0
                            : (track->rows[track->count - 1].time_ns -
                               track->rows[0].time_ns) /
                                  (track->count - 1);
}

/* --- domains -------------------------------------------------------------- */

/* As recorded, but for what reading it from a recording changes. */
static void describe(const gb_recording *recording,
                     const gb_energy_domain *recorded,
                     const replay_track *track, gb_energy_domain *domain) {
    char name[64];
    const uint64_t spacing_ns = mean_spacing_ns(track);

    gb_copy(name, sizeof(name), domain->name);
    *domain = *recorded;
    gb_copy(domain->name, sizeof(domain->name), name);
    gb_copy(domain->source, sizeof(domain->source), gb_energy_replay.name);
    domain->summed = false;
    domain->stamped = true;
    domain->refresh = 0; /* rows of one pass come at one instant */
    domain->fix[0] = '\0';
    if ((double)spacing_ns > COARSER * (double)domain->update_ns)
        domain->update_ns = spacing_ns;
    if (domain->quality > GB_QUALITY_REPLAYED)
        domain->quality = GB_QUALITY_REPLAYED;
    snprintf(domain->reason, sizeof(domain->reason),
             "recorded on '%s' by %s, %s then", recording->node,
             recorded->source, gb_quality_name(recorded->quality));
}

static gb_status add_domain(gb_energy_source *source,
                            const gb_recording *recording, size_t index,
                            gb_error *err) {
    const gb_energy_domain *recorded = &recording->domains[index];
    replay_track *track = &source->tracks[source->track_count++];
    char name[64];

    *track = (replay_track){.stamped = recorded->stamped,
                            .summed = recorded->summed};
    gb_status status = take_rows(recording, index, track, err);
    if (status != GB_OK)
        return status;
    /* Names are unique within a source, and here are several. */
    gb_copy(name, sizeof(name), recorded->name);
    if (gb_domain_list_has(&source->domains, name))
        snprintf(name, sizeof(name), "%.15s:%.47s", recorded->source,
                 recorded->name);
    gb_energy_domain *domain = gb_domain_list_add(
        &source->domains, gb_energy_replay.name, name, NULL, recorded->scope);
    if (!domain)
        return gb_fail_memory(err, "a recorded domain");
    describe(recording, recorded, track, domain);
    if (track->count == 0)
        gb_domain_refuse(domain, GB_DOMAIN_FAILED, NULL,
                         "not one reading of it was recorded");
    return GB_OK;
}

/* What was summed then is summed now. The choice goes by sources and update
 * periods, which are others in a recording: where it would come out
 * differently, what was left out then is not offered. */
static gb_status keep_choice(gb_energy_source *source, gb_error *err) {
    static const char *const preference[] = {"replay"};
    const size_t count = source->domains.count;
    gb_energy_domain *copy = malloc(count * sizeof(*copy));
    gb_energy_cover cover;
    bool same = true;

    if (!copy)
        return gb_fail_memory(err, "recorded domains");
    memcpy(copy, source->domains.items, count * sizeof(*copy));
    gb_lattice_choose(copy, count, 0, preference, 1, &cover);
    for (size_t i = 0; i < count; i++)
        same = same && copy[i].summed == source->tracks[i].summed;
    free(copy);
    for (size_t i = 0; i < count && !same; i++)
        if (!source->tracks[i].summed)
            gb_domain_refuse(&source->domains.items[i], GB_DOMAIN_UNSUPPORTED,
                             NULL,
                             "left out of the total when it was recorded");
    return GB_OK;
}

/* --- the source ----------------------------------------------------------- */

static gb_status take_recording(gb_energy_source *source,
                                const gb_recording *recording, gb_error *err) {
    gb_status status = GB_OK;

    source->tracks =
        calloc(recording->domain_count + 1, sizeof(*source->tracks));
    if (!source->tracks)
        return gb_fail_memory(err, "a recording");
    source->first_ns = UINT64_MAX;
    for (size_t i = 0; i < recording->row_count; i++)
        if (recording->rows[i].reading.time_ns < source->first_ns)
            source->first_ns = recording->rows[i].reading.time_ns;
    for (size_t i = 0; status == GB_OK && i < recording->domain_count; i++)
        if (recording->domains[i].status == GB_DOMAIN_OK)
            status = add_domain(source, recording, i, err);
    if (status == GB_OK && source->domains.count == 0)
        return gb_fail(err, GB_ERR_INVALID,
                       "replay a run whose energy was read",
                       "'%s': expected recorded energy of node '%s', got none",
                       source->env.setting, recording->node);
    return status == GB_OK ? keep_choice(source, err) : status;
}

static gb_status replay_open(const gb_energy_env *env,
                             gb_energy_source **source_out, gb_error *err) {
    gb_recording recording = {0};

    if (!env->setting || env->setting[0] == '\0')
        return gb_fail(err, GB_ERR_UNSUPPORTED,
                       "--energy replay=DIRECTORY of an earlier run, or "
                       "GREENBENCH_REPLAY",
                       "no recording was named");
    if (!env->recording_of)
        return gb_fail(err, GB_ERR_UNSUPPORTED, NULL,
                       "nothing here can read the run '%s'", env->setting);
    gb_status status =
        env->recording_of(env->setting, env->node->name, &recording, err);
    if (status != GB_OK)
        return status;

    gb_energy_source *source = calloc(1, sizeof(*source));
    if (!source) {
        status = gb_fail_memory(err, "the replay");
    } else {
        source->env = *env;
        status = take_recording(source, &recording, err);
    }
    gb_recording_fini(&recording);
    if (status != GB_OK) {
        replay_close(source);
        return status;
    }
    source->begin_ns = gb_clock_now_ns(env->clock);
    *source_out = source;
    return GB_OK;
}

static const gb_energy_domain *replay_domains(const gb_energy_source *source,
                                              size_t *count_out) {
    *count_out = source->domains.count;
    return source->domains.items;
}

/* The newest row that is no more than @p offset_ns into the recording; null
 * before the first one and after the last. */
static const gb_energy_reading *row_at(const gb_energy_source *source,
                                       replay_track *track,
                                       uint64_t offset_ns) {
    while (track->passed < track->count &&
           track->rows[track->passed].time_ns - source->first_ns <= offset_ns)
        track->passed++;
    if (track->passed == 0)
        return NULL;
    const gb_energy_reading *row = &track->rows[track->passed - 1];
    return track->passed == track->count &&
                   row->time_ns - source->first_ns < offset_ns
               ? NULL
               : row;
}

static void replay_read(gb_energy_source *source, gb_energy_reading *readings) {
    for (size_t i = 0; i < source->domains.count; i++) {
        replay_track *track = &source->tracks[i];
        const uint64_t before_ns = gb_clock_now_ns(source->env.clock);
        const gb_energy_reading *row =
            row_at(source, track, before_ns - source->begin_ns);

        readings[i] = (gb_energy_reading){0};
        gb_reading_stamp(&readings[i], before_ns,
                         gb_clock_now_ns(source->env.clock));
        if (!row || source->domains.items[i].status != GB_DOMAIN_OK)
            continue;
        readings[i].half_ns = row->half_ns;
        readings[i].ok = row->ok && (row->stamp_ns != 0 || !track->stamped);
        if (!readings[i].ok)
            continue;
        readings[i].ticks = row->ticks;
        readings[i].stamp_ns = row->stamp_ns ? row->stamp_ns : row->time_ns;
    }
}

const gb_energy_source_ops gb_energy_replay = {
    .name = "replay",
    .summary = "the energy that an earlier run recorded",
    .open = replay_open,
    .domains = replay_domains,
    .read = replay_read,
    .close = replay_close,
};
