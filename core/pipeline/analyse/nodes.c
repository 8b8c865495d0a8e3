/* SPDX-License-Identifier: Apache-2.0 */
/* How far nodes differ, and which of them stand out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pipeline/analyse/bench.h"
#include "stats/sample.h"
#include "stats/spread.h"

#define REACH_OUTSIDE 1.5
#define REACH_FAR     3.0

/* Half widths of 95 % intervals: the number of nodes to meter is told for. */
static const double accuracies[GB_METER_NEEDS] = {0.005, 0.01, 0.02};

typedef struct node_figure {
    double value, u; /* NAN: none */
} node_figure;

/* --- figures of one node -------------------------------------------------- */

/* @param widened  Student's quantile over 2 sqrt(n): makes k = 2 of a standard
 *                 deviation the 95 % interval of the mean */
static node_figure figure_of(const gb_reduced_node *node, size_t reps,
                             double widened, gb_node_quantity quantity) {
    const gb_energy_figure *energy = &node->energy;
    node_figure figure = {NAN, NAN};

    switch (quantity) {
    case GB_NODE_PERFORMANCE:
        if (node->time_s > 0.0)
            figure.value = node->work / node->time_s;
        if (reps > 1)
            figure.u = widened * sqrt(node->rate_squares / (double)(reps - 1));
        break;
    case GB_NODE_POWER:
        figure.value = energy->energy_j / energy->window_s;
        figure.u = energy->u_j / energy->window_s;
        break;
    case GB_NODE_EFFICIENCY:
        if (energy->energy_j > 0.0 && node->work > 0.0)
            figure.value = node->work / energy->energy_j;
        figure.u = figure.value * energy->u_j / energy->energy_j;
        break;
    }
    return figure;
}

/* --- which can be compared ------------------------------------------------ */

/* The first node that is another machine, or holds another number of ranks,
 * than the first; 0: none is. */
static size_t find_unlike(const gb_session *session) {
    const gb_node *first = &session->nodes[0];

    for (size_t n = 1; n < session->node_count; n++) {
        const gb_node *node = &session->nodes[n];
        if (strcmp(first->cpu, node->cpu) != 0 ||
            first->packages != node->packages || first->cores != node->cores ||
            first->ranks != node->ranks)
            return n;
    }
    return 0;
}

/* Why no node is called an outlier; "" if it can be told. */
static void find_unjudged(const gb_plan_case *planned,
                          const gb_session *session, size_t reps,
                          gb_node_quantity quantity, gb_node_spread *spread) {
    char text[160] = "";
    const size_t unlike = find_unlike(session);

    if (planned->no_work && quantity != GB_NODE_POWER)
        snprintf(text, sizeof(text), "it does no work");
    else if (planned->communicates && quantity == GB_NODE_PERFORMANCE)
        snprintf(text, sizeof(text),
                 "its ranks wait for each other: a slow node makes all slow");
    else if (unlike > 0)
        snprintf(text, sizeof(text),
                 "'%.40s' and '%.40s' differ in CPU, cores or ranks",
                 session->nodes[0].name, session->nodes[unlike].name);
    else if (spread->n < GB_FENCES_LEAST)
        snprintf(text, sizeof(text), "%zu of %zu nodes have it, fences take %d",
                 spread->n, session->node_count, GB_FENCES_LEAST);
    else if (quantity == GB_NODE_PERFORMANCE && reps < 2)
        snprintf(text, sizeof(text),
                 "one repetition does not tell how far it scatters");
    gb_copy(spread->unjudged, sizeof(spread->unjudged), text);
}

/* --- one quantity --------------------------------------------------------- */

void gb_describe_spread(double *values, gb_node_spread *spread) {
    const size_t n = spread->n;

    spread->least = spread->q1 = spread->median = spread->q3 = NAN;
    spread->most = spread->mean = spread->stddev = spread->cv = NAN;
    (void)gb_tukey_fences(values, 0, REACH_OUTSIDE, spread->fences);
    (void)gb_tukey_fences(values, 0, REACH_FAR, spread->far_fences);
    if (n == 0)
        return;
    gb_sort_ascending(values, n);
    spread->least = values[0];
    spread->q1 = gb_quantile_sorted(values, n, 0.25);
    spread->median = gb_quantile_sorted(values, n, 0.5);
    spread->q3 = gb_quantile_sorted(values, n, 0.75);
    spread->most = values[n - 1];
    spread->mean = gb_mean(values, n);
    if (n > 1) {
        spread->stddev = gb_stddev(values, n);
        spread->cv = spread->stddev / spread->mean;
    }
    (void)gb_tukey_fences(values, n, REACH_OUTSIDE, spread->fences);
    (void)gb_tukey_fences(values, n, REACH_FAR, spread->far_fences);
}

/* Outside the fences, and by more than what the figure may be off. */
static bool stands_out(const gb_node_spread *spread, node_figure figure) {
    return (figure.value < spread->fences[0] ||
            figure.value > spread->fences[1]) &&
           fabs(figure.value - spread->median) > 2.0 * figure.u;
}

static gb_status add_outlier(gb_variability *out, const gb_node_outlier *one,
                             gb_error *err) {
    /* 16, 32, 64 ..: it is full whenever its count is one of these, or 0. */
    const size_t count = out->outlier_count;
    if ((count & (count - 1)) == 0 && (count == 0 || count >= 16)) {
        const size_t room = count == 0 ? 16 : 2 * count;
        gb_node_outlier *more = realloc(out->outliers, room * sizeof(*more));
        if (more == NULL)
            return gb_fail_memory(err, "the nodes that stand out");
        out->outliers = more;
    }
    out->outliers[out->outlier_count++] = *one;
    return GB_OK;
}

static int worst_first(const void *a, const void *b) {
    const gb_node_outlier *x = a, *y = b;
    const double of_x = fabs(x->relative), of_y = fabs(y->relative);

    if (of_x != of_y)
        return of_x > of_y ? -1 : 1;
    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    return (x->quantity > y->quantity) - (x->quantity < y->quantity);
}

/* --- the whole ------------------------------------------------------------ */

/* @param values  [session->node_count], scratch */
static gb_status find_spread(const gb_plan_case *planned,
                             const gb_reduced_case *reduced,
                             const gb_session *session, size_t reps,
                             gb_node_quantity quantity, double *values,
                             gb_variability *out, gb_error *err) {
    gb_node_spread *spread = &out->spreads[quantity];
    const bool absent = planned->no_work && quantity != GB_NODE_POWER;
    const double widened =
        reps > 1
            ? 0.5 * gb_t_quantile(0.95, (double)(reps - 1)) / sqrt((double)reps)
            : (double)NAN;
    gb_status status = GB_OK;

    for (size_t n = 0; !absent && n < session->node_count; n++) {
        const double value =
            figure_of(&reduced->nodes[n], reps, widened, quantity).value;
        if (isfinite(value))
            values[spread->n++] = value;
    }
    gb_describe_spread(values, spread);
    find_unjudged(planned, session, reps, quantity, spread);
    if (spread->unjudged[0] != '\0')
        return GB_OK;
    for (uint32_t n = 0; status == GB_OK && n < session->node_count; n++) {
        const node_figure figure =
            figure_of(&reduced->nodes[n], reps, widened, quantity);
        if (!stands_out(spread, figure))
            continue;
        const gb_node_outlier one = {
            .node = n,
            .quantity = quantity,
            .value = figure.value,
            .u = figure.u,
            .relative = figure.value / spread->median - 1.0,
            .far_out = figure.value < spread->far_fences[0] ||
                       figure.value > spread->far_fences[1],
        };
        status = add_outlier(out, &one, err);
    }
    return status;
}

gb_status gb_find_variability(const gb_plan_case *planned,
                              const gb_reduced_case *reduced,
                              const gb_session *session, gb_bench_result *out,
                              gb_error *err) {
    const size_t node_count = session->node_count;
    gb_variability *all = &out->variability;
    gb_status status = GB_OK;

    if (node_count < 2)
        return GB_OK;
    double *values = calloc(node_count, sizeof(*values));
    if (values == NULL)
        return gb_fail_memory(err, "the figures of the nodes");
    all->present = true;
    for (int q = 0; status == GB_OK && q < GB_NODE_QUANTITIES; q++)
        status = find_spread(planned, reduced, session, out->time_s.n,
                             (gb_node_quantity)q, values, all, err);
    free(values);
    if (status == GB_OK)
        status = gb_find_slow_pairs(reduced, &all->pairs, err);
    if (all->outlier_count > 1)
        qsort(all->outliers, all->outlier_count, sizeof(*all->outliers),
              worst_first);
    for (size_t i = 0; i < GB_METER_NEEDS; i++) {
        const double cv = all->spreads[GB_NODE_POWER].cv;
        gb_meter_need *need = &all->meter[i];
        *need = (gb_meter_need){accuracies[i], NAN, NAN};
        if (!isfinite(cv) || cv < 0.0)
            continue;
        need->nodes =
            gb_nodes_to_meter(cv, accuracies[i], (double)node_count, false);
        need->nodes_student =
            gb_nodes_to_meter(cv, accuracies[i], (double)node_count, true);
    }
    return status;
}
