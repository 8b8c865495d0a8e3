/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/history.h"

#include <stdlib.h>

#define FIRST_CAPACITY ((size_t)1 << 12)

void gb_history_fini(gb_history *history) {
    free(history->marks);
    *history = (gb_history){0};
}

static const gb_history_mark *mark_at(const gb_history *history, size_t i) {
    return &history->marks[(history->first + i) % history->capacity];
}

/* Room for one more: larger up to the bound, then the oldest goes. The ring
 * begins at 0 until it is full, so that growing need not move anything. */
static gb_status make_room(gb_history *history, gb_error *err) {
    if (history->count < history->capacity)
        return GB_OK;
    if (history->capacity == GB_HISTORY_SEGMENTS) {
        history->first = (history->first + 1) % history->capacity;
        history->count--;
        return GB_OK;
    }
    const size_t capacity =
        history->capacity == 0 ? FIRST_CAPACITY : 2 * history->capacity;
    gb_history_mark *marks =
        realloc(history->marks, capacity * sizeof(*history->marks));
    if (marks == NULL)
        return gb_fail_memory(err, "the history of the processors");
    history->marks = marks;
    history->capacity = capacity;
    return GB_OK;
}

gb_status gb_history_append(gb_history *history, double t_s, double utilisation,
                            gb_error *err) {
    gb_history_mark mark = {.t_s = t_s};
    if (history->count > 0) {
        const gb_history_mark *last = mark_at(history, history->count - 1);
        if (!(t_s > last->t_s))
            return GB_OK;
        if (!(utilisation > 0.0))
            utilisation = 0.0;
        if (utilisation > 1.0)
            utilisation = 1.0;
        mark.busy_s = last->busy_s + utilisation * (t_s - last->t_s);
    }
    const gb_status status = make_room(history, err);
    if (status != GB_OK)
        return status;
    const size_t at = (history->first + history->count) % history->capacity;
    history->marks[at] = mark;
    history->count++;
    return GB_OK;
}

bool gb_history_span(const gb_history *history, double *begin_s,
                     double *end_s) {
    if (history->count == 0)
        return false;
    *begin_s = mark_at(history, 0)->t_s;
    *end_s = mark_at(history, history->count - 1)->t_s;
    return true;
}

/* The mark that ends the segment @p t_s lies in: 1 .. count - 1. */
static size_t segment_end(const gb_history *history, double t_s) {
    size_t low = 1, high = history->count - 1;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (mark_at(history, middle)->t_s < t_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static double slope(const gb_history_mark *a, const gb_history_mark *b) {
    return (b->busy_s - a->busy_s) / (b->t_s - a->t_s);
}

double gb_history_busy_s(const gb_history *history, double t_s) {
    if (history->count == 0)
        return 0.0;
    const gb_history_mark *first = mark_at(history, 0);
    if (history->count == 1 || t_s <= first->t_s)
        return first->busy_s;
    const size_t end = segment_end(history, t_s);
    const gb_history_mark *a = mark_at(history, end - 1);
    const gb_history_mark *b = mark_at(history, end);
    return a->busy_s + slope(a, b) * (t_s - a->t_s);
}

double gb_history_utilisation(const gb_history *history, double t_s) {
    if (history->count < 2 || t_s < mark_at(history, 0)->t_s)
        return 0.0;
    const size_t end = segment_end(history, t_s);
    return slope(mark_at(history, end - 1), mark_at(history, end));
}
