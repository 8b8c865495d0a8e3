/* SPDX-License-Identifier: Apache-2.0 */
#include "stats/change.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stats/spread.h"

#define PI 3.14159265358979323846

/** A value and where it stands. */
typedef struct placed {
    double value;
    size_t at;
} placed;

/** The search in one series. */
typedef struct search {
    const double *values; /* [count] */
    size_t count;
    double alpha;
    placed *sorted; /* [count] */
    double *ranks;  /* [count] */
    gb_change *out; /* [out_count] */
    size_t out_count;
} search;

size_t gb_changes_most(size_t count) {
    return count / GB_CHANGE_LEAST;
}

/* --- one stretch ---------------------------------------------------------- */

static int by_value(const void *a, const void *b) {
    const placed *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* Equal values share the mean of their ranks. Less their mean, so that ranks
 * sum to 0. @return the sum of their squares */
static double rank_stretch(const search *s, size_t begin, size_t count) {
    double squares = 0.0;

    for (size_t i = 0; i < count; i++)
        s->sorted[i] = (placed){s->values[begin + i], i};
    qsort(s->sorted, count, sizeof(*s->sorted), by_value);
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && s->sorted[end].value <= s->sorted[i].value)
            end++;
        const double rank = 0.5 * ((double)i + (double)end - (double)count);
        for (; i < end; i++) {
            s->ranks[s->sorted[i].at] = rank;
            squares += rank * rank;
        }
    }
    return squares;
}

/* That the largest of all standardised statistics exceeds @p z, with at least
 * @p share of the values on either side. */
static double chance_of(double z, double share) {
    if (z < 1.0)
        return 1.0;
    const double density = exp(-0.5 * z * z) / sqrt(2.0 * PI);
    const double p = 4.0 * density / z +
                     2.0 * density * (z - 1.0 / z) * log(1.0 / share - 1.0);
    return fmin(p, 1.0);
}

/* The best cut of values begin .. end-1, and its chance; false: it is too short
 * to be cut. */
static bool best_cut(const search *s, size_t begin, size_t end,
                     gb_change *out) {
    const size_t count = end - begin;
    double sum = 0.0, most = 0.0;

    if (count < (size_t)2 * GB_CHANGE_LEAST)
        return false;
    const double squares = rank_stretch(s, begin, count);
    if (!(squares > 0.0))
        return false;
    const double n = (double)count;
    for (size_t t = 1; t <= count - GB_CHANGE_LEAST; t++) {
        sum += s->ranks[t - 1];
        const double variance =
            (double)t * (n - (double)t) / (n * (n - 1.0)) * squares;
        const double z = fabs(sum) / sqrt(variance);
        if (t < GB_CHANGE_LEAST || z <= most)
            continue;
        most = z;
        out->at = begin + t;
    }
    out->p = chance_of(most, GB_CHANGE_LEAST / n);
    return most > 0.0;
}

/* --- all of them ---------------------------------------------------------- */

static void cut(search *s, size_t begin, size_t end) {
    gb_change found = {0};

    /* The shorter part by a call of its own, the longer in turn: the depth is
     * that of a logarithm. */
    while (best_cut(s, begin, end, &found) && found.p <= s->alpha) {
        s->out[s->out_count++] = found;
        const size_t at = found.at;
        if (at - begin < end - at) {
            cut(s, begin, at);
            begin = at;
        } else {
            cut(s, at, end);
            end = at;
        }
    }
}

static int by_place(const void *a, const void *b) {
    const gb_change *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

/* The first cuts were made while others were in their parts: each again between
 * its neighbours, and those that are none any more go. */
static void settle(search *s) {
    size_t kept = 0;

    for (size_t i = 0; i < s->out_count; i++) {
        const size_t begin = kept > 0 ? s->out[kept - 1].at : 0;
        const size_t end = i + 1 < s->out_count ? s->out[i + 1].at : s->count;
        gb_change found = {0};
        if (best_cut(s, begin, end, &found) && found.p <= s->alpha)
            s->out[kept++] = found;
    }
    s->out_count = kept;
}

static double median_of(const search *s, size_t begin, size_t end) {
    memcpy(s->ranks, s->values + begin, (end - begin) * sizeof(*s->ranks));
    gb_sort_ascending(s->ranks, end - begin);
    return gb_quantile_sorted(s->ranks, end - begin, 0.5);
}

static void add_medians(search *s) {
    for (size_t i = 0; i < s->out_count; i++) {
        gb_change *one = &s->out[i];
        const size_t begin = i > 0 ? s->out[i - 1].at : 0;
        const size_t end = i + 1 < s->out_count ? s->out[i + 1].at : s->count;
        one->before =
            i > 0 ? s->out[i - 1].after : median_of(s, begin, one->at);
        one->after = median_of(s, one->at, end);
    }
}

gb_status gb_changes_find(const double *values, size_t count, double alpha,
                          gb_change *changes_out, size_t *count_out,
                          gb_error *err) {
    search s = {.values = values,
                .count = count,
                .alpha = alpha,
                .sorted = calloc(count + 1, sizeof(*s.sorted)),
                .ranks = calloc(count + 1, sizeof(*s.ranks)),
                .out = changes_out};
    gb_status status = GB_OK;

    if (s.sorted == NULL || s.ranks == NULL) {
        status = gb_fail_memory(err, "the ranks of a series");
    } else {
        cut(&s, 0, count);
        qsort(s.out, s.out_count, sizeof(*s.out), by_place);
        settle(&s);
        add_medians(&s);
        *count_out = s.out_count;
    }
    free(s.sorted);
    free(s.ranks);
    return status;
}
