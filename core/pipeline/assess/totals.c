/* SPDX-License-Identifier: Apache-2.0 */
/* Several meters over one window: the intervals that all of them have. */
#include <math.h>
#include <string.h>

#include "pipeline/assess/parts.h"

/* One meter on its way through the window. */
typedef struct cursor {
    const gb_facility_meter *meter;
    size_t at;
    int64_t end_ns; /* of what is summed */
    double sum;
} cursor;

static const gb_facility_row *row_of(const cursor *c) {
    return c->at < c->meter->row_count ? &c->meter->rows[c->at] : NULL;
}

/* Every cursor to the first row that begins at or after @p from_ns, by
 * bisection. */
static void seek(cursor *c, int64_t from_ns) {
    size_t low = c->at, high = c->meter->row_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (c->meter->rows[middle].begin_ns < from_ns)
            low = middle + 1;
        else
            high = middle;
    }
    c->at = low;
}

/* To where all begin together. @return false: they never do */
static bool meet(cursor *cursors, size_t count, int64_t *begin_out) {
    for (bool same = false; !same;) {
        int64_t latest = INT64_MIN;
        for (size_t i = 0; i < count; i++) {
            const gb_facility_row *row = row_of(&cursors[i]);
            if (row == NULL)
                return false;
            latest = row->begin_ns > latest ? row->begin_ns : latest;
        }
        same = true;
        for (size_t i = 0; i < count; i++) {
            if (row_of(&cursors[i])->begin_ns < latest)
                seek(&cursors[i], latest);
            const gb_facility_row *row = row_of(&cursors[i]);
            same = same && row != NULL && row->begin_ns == latest;
        }
        *begin_out = latest;
    }
    return true;
}

static void take(cursor *c) {
    const gb_facility_row *row = row_of(c);

    c->sum += row->value;
    c->end_ns = row->end_ns;
    c->at++;
}

/* From one begin to where all end together. @return false: one has a hole */
static bool run_together(cursor *cursors, size_t count, int64_t *end_out) {
    for (size_t i = 0; i < count; i++) {
        cursors[i].sum = 0.0;
        take(&cursors[i]);
    }
    for (;;) {
        cursor *first = &cursors[0];
        int64_t last = first->end_ns;
        for (size_t i = 1; i < count; i++) {
            if (cursors[i].end_ns < first->end_ns)
                first = &cursors[i];
            last = cursors[i].end_ns > last ? cursors[i].end_ns : last;
        }
        *end_out = last;
        if (first->end_ns == last)
            return true;
        const gb_facility_row *row = row_of(first);
        if (row == NULL || row->begin_ns != first->end_ns)
            return false;
        take(first);
    }
}

static bool whole(const cursor *cursors, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (isnan(cursors[i].sum))
            return false;
    return true;
}

static int64_t longest_of(const gb_facility_meter *const *meters,
                          size_t count) {
    int64_t longest = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t r = 0; r < meters[i]->row_count; r++) {
            const gb_facility_row *row = &meters[i]->rows[r];
            if (row->end_ns - row->begin_ns > longest)
                longest = row->end_ns - row->begin_ns;
        }
    return longest;
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

void gb_meter_totals_add(const gb_facility_meter *const *meters, size_t count,
                         int64_t from_ns, int64_t to_ns,
                         gb_meter_totals *totals) {
    cursor cursors[GB_FACILITY_QUANTITIES] = {{0}};
    int64_t begin = 0, end = 0, first = to_ns, last = from_ns;
    int64_t seen_from = to_ns, seen_to = from_ns; /* with what is missing */
    int64_t kept_ns = 0;

    for (size_t i = 0; i < count; i++) {
        cursors[i] = (cursor){.meter = meters[i]};
        seek(&cursors[i], from_ns);
    }
    while (meet(cursors, count, &begin) && begin < to_ns) {
        const bool together = run_together(cursors, count, &end);
        if (!together || end > to_ns)
            continue;
        seen_from = begin < seen_from ? begin : seen_from;
        seen_to = end;
        if (!whole(cursors, count))
            continue;
        double sums[GB_FACILITY_QUANTITIES] = {0.0};
        for (size_t i = 0; i < count; i++) {
            totals->totals[meters[i]->quantity] += cursors[i].sum;
            sums[meters[i]->quantity] += cursors[i].sum;
        }
        if (totals->each != NULL)
            totals->each(totals->each_ctx, begin, end, sums);
        kept_ns += end - begin;
        totals->segments++;
        first = begin < first ? begin : first;
        last = end;
    }
    const int64_t edge_ns = longest_of(meters, count);
    const int64_t missing_ns = to_ns - from_ns - kept_ns -
                               least(seen_from - from_ns, edge_ns) -
                               least(to_ns - seen_to, edge_ns);
    totals->asked_s += (double)(to_ns - from_ns) / 1e9;
    totals->kept_s += (double)kept_ns / 1e9;
    if (missing_ns > 0)
        totals->missing_s += (double)missing_ns / 1e9;
    if (kept_ns > 0 && (totals->first_ns == 0 || first < totals->first_ns))
        totals->first_ns = first;
    if (kept_ns > 0 && last > totals->last_ns)
        totals->last_ns = last;
}

double gb_meter_mean(const gb_facility_meter *meter, int64_t from_ns,
                     int64_t to_ns) {
    double sum = 0.0, seconds = 0.0;

    for (size_t r = 0; r < meter->row_count; r++) {
        const gb_facility_row *row = &meter->rows[r];
        const int64_t begin = row->begin_ns > from_ns ? row->begin_ns : from_ns;
        const int64_t end = row->end_ns < to_ns ? row->end_ns : to_ns;
        if (end <= begin || isnan(row->value))
            continue;
        sum += row->value * (double)(end - begin);
        seconds += (double)(end - begin);
    }
    return seconds > 0.0 ? sum / seconds : (double)NAN;
}
