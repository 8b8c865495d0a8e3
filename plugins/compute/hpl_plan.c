/* SPDX-License-Identifier: Apache-2.0 */
#include "hpl_plan.h"

#include <math.h>
#include <stdio.h>

#include "hpl_layout.h"

#define AUTO_NB 192u
/* With this n one core takes about half a second; the work grows with n^3. */
#define AUTO_N_ONE_CORE 3072.0
/* Of the memory, for an n of our own choice. */
#define AUTO_FILL 0.5
/* Wide enough for dgemm, and not so wide that the buffers count. */
#define STRIP_COLUMNS 2048u
/* Index tables and the like. */
#define SMALL_BYTES (1024.0 * 1024.0)
#define FACTS_MAX   80u

size_t hpl_pivot_doubles(size_t nb) {
    return HPL_PIVOT_HEADER + 2 * nb;
}

size_t hpl_panel_doubles(const hpl_grid *grid) {
    return (hpl_padded(grid->rows) + grid->nb + 1) * grid->nb;
}

hpl_grid hpl_plan_grid(const hpl_shape *shape, size_t my_row, size_t my_col) {
    hpl_grid grid = {
        .n = shape->n,
        .nb = shape->nb,
        .p = shape->p,
        .q = shape->q,
        .my_row = my_row,
        .my_col = my_col,
        .rows = hpl_local_count(shape->n, shape->nb, my_row, shape->p),
        .columns = hpl_local_count(shape->n + 1, shape->nb, my_col, shape->q),
        .strip = STRIP_COLUMNS,
    };

    grid.ld = hpl_padded(grid.columns);
    if (grid.strip > grid.ld)
        grid.strip = grid.ld;
    return grid;
}

hpl_footprint hpl_plan_footprint(const hpl_grid *grid) {
    const size_t exchanged = grid->p > 1 ? 5 * grid->nb * grid->strip : 0;

    return (hpl_footprint){
        .matrix = grid->rows * grid->ld + 1, /* a rank may hold nothing of it */
        .panel = hpl_panel_doubles(grid),
        .buffers = exchanged + 2 * hpl_pivot_doubles(grid->nb),
        .vectors = grid->columns + grid->rows + grid->nb,
        .check = 2 * grid->rows + 1,
    };
}

double hpl_plan_bytes(const hpl_shape *shape) {
    /* The first process has most rows; most columns has it or the one with b.
     */
    double most = 0.0;
    const size_t with_b = hpl_owner(shape->n, shape->nb, shape->q);

    for (int i = 0; i < 2; i++) {
        const hpl_grid grid = hpl_plan_grid(shape, 0, i == 0 ? 0 : with_b);
        const hpl_footprint f = hpl_plan_footprint(&grid);
        const double bytes =
            sizeof(double) *
            ((double)f.matrix + 2.0 * (double)f.panel + (double)f.buffers +
             (double)f.vectors + (double)f.check);
        if (bytes > most)
            most = bytes;
    }
    return most + SMALL_BYTES;
}

/* --- the grid --------------------------------------------------------------
 */

/** "1x6, 2x3, 3x2, 6x1", as far as there is room. */
static void list_grids(size_t ranks, char text[FACTS_MAX]) {
    size_t length = 0;

    text[0] = '\0';
    for (size_t p = 1; p <= ranks && length + 24 < FACTS_MAX; p++)
        if (ranks % p == 0)
            length +=
                (size_t)snprintf(text + length, FACTS_MAX - length, "%s%zux%zu",
                                 length > 0 ? ", " : "", p, ranks / p);
}

static bool refuse_grid(const hpl_wish *wish, size_t ranks,
                        hpl_refusal *refusal) {
    char grids[FACTS_MAX];

    list_grids(ranks, grids);
    if (wish->p > 0 && wish->q > 0)
        snprintf(refusal->what, sizeof(refusal->what),
                 "expected p x q = %zu ranks, got %zu x %zu = %.0f", ranks,
                 wish->p, wish->q, (double)wish->p * (double)wish->q);
    else
        snprintf(refusal->what, sizeof(refusal->what),
                 "expected %s to divide the %zu ranks, got %zu",
                 wish->p > 0 ? "p" : "q", ranks,
                 wish->p > 0 ? wish->p : wish->q);
    snprintf(refusal->hint, sizeof(refusal->hint), "grids that fit: %s", grids);
    return false;
}

static bool choose_grid(const hpl_wish *wish, size_t ranks, hpl_shape *shape,
                        hpl_refusal *refusal) {
    shape->p = wish->p;
    shape->q = wish->q;
    if (shape->p == 0)
        shape->p = shape->q > 0 ? ranks / shape->q : hpl_square_rows(ranks);
    if (shape->q == 0 && shape->p > 0)
        shape->q = ranks / shape->p;
    if (shape->p == 0 || shape->q == 0 || shape->p > ranks ||
        shape->p * shape->q != ranks)
        return refuse_grid(wish, ranks, refusal);
    return true;
}

/* --- the order -------------------------------------------------------------
 */

static size_t choose_nb(const hpl_wish *wish, size_t n) {
    if (wish->nb > 0)
        return wish->nb;
    return n < AUTO_NB ? n : AUTO_NB;
}

static bool fits(hpl_shape shape, const hpl_wish *wish, size_t n,
                 uint64_t memory_bytes) {
    shape.n = n;
    shape.nb = choose_nb(wish, n);
    return hpl_plan_bytes(&shape) <= (double)memory_bytes;
}

/** The largest n <= @p n that fits; 0 if none does. */
static size_t largest_n(const hpl_shape *shape, const hpl_wish *wish, size_t n,
                        uint64_t memory_bytes) {
    size_t low = 0, high = n + 1;

    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (fits(*shape, wish, middle, memory_bytes))
            low = middle;
        else
            high = middle;
    }
    return low;
}

static double filled_n(const hpl_machine *machine, double fill) {
    return sqrt(fill * (double)machine->memory_bytes * (double)machine->ranks /
                sizeof(double));
}

static bool choose_n(const hpl_wish *wish, const hpl_machine *machine,
                     hpl_shape *shape, hpl_refusal *refusal) {
    if (wish->n > 0 && wish->fill > 0.0) {
        snprintf(refusal->what, sizeof(refusal->what),
                 "expected n or fill, got both");
        snprintf(refusal->hint, sizeof(refusal->hint),
                 "leave one of them at auto");
        return false;
    }
    if (wish->fill > 0.0 && machine->memory_bytes == 0) {
        snprintf(refusal->what, sizeof(refusal->what),
                 "fill: expected a known amount of memory, got none");
        snprintf(refusal->hint, sizeof(refusal->hint), "give n instead");
        return false;
    }
    shape->n = wish->n;
    if (wish->n > 0)
        return true;
    double n = AUTO_N_ONE_CORE * cbrt((double)machine->core_count);
    if (wish->fill > 0.0)
        n = filled_n(machine, wish->fill);
    else if (machine->memory_bytes > 0 && n > filled_n(machine, AUTO_FILL))
        n = filled_n(machine, AUTO_FILL);
    shape->n = n < 1.0 ? 1 : (size_t)n;
    if (machine->memory_bytes > 0)
        shape->n = largest_n(shape, wish, shape->n, machine->memory_bytes);
    const size_t nb = choose_nb(wish, shape->n);
    if (nb > 0 && shape->n > nb)
        shape->n = shape->n / nb * nb;
    return true;
}

bool hpl_plan_shape(const hpl_wish *wish, const hpl_machine *machine,
                    hpl_shape *shape_out, hpl_refusal *refusal_out) {
    hpl_shape shape = {0};

    *refusal_out = (hpl_refusal){0};
    if (!choose_grid(wish, machine->ranks, &shape, refusal_out) ||
        !choose_n(wish, machine, &shape, refusal_out))
        return false;
    shape.nb = choose_nb(wish, shape.n);
    if (shape.nb > shape.n && shape.n > 0) {
        snprintf(refusal_out->what, sizeof(refusal_out->what),
                 "expected nb at most n = %zu, got %zu", shape.n, shape.nb);
        snprintf(refusal_out->hint, sizeof(refusal_out->hint),
                 shape.n >= 8 ? "nb=%zu would do" : "nb=auto would do",
                 shape.n);
        return false;
    }
    if (shape.n == 0 ||
        (machine->memory_bytes > 0 &&
         hpl_plan_bytes(&shape) > (double)machine->memory_bytes)) {
        const double mib = 1024.0 * 1024.0;
        snprintf(
            refusal_out->what, sizeof(refusal_out->what),
            "expected a matrix that fits in %.0f MiB on each of %zu ranks, "
            "got n = %zu, which needs %.0f MiB",
            (double)machine->memory_bytes / mib, machine->ranks, shape.n,
            hpl_plan_bytes(&shape) / mib);
        snprintf(refusal_out->hint, sizeof(refusal_out->hint),
                 "the largest n that fits is %zu",
                 largest_n(&shape, wish, shape.n, machine->memory_bytes));
        return false;
    }
    *shape_out = shape;
    return true;
}
