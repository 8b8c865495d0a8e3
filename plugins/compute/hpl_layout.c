/* SPDX-License-Identifier: Apache-2.0 */
#include "hpl_layout.h"

#define LINE_DOUBLES 8u
#define PAGE_DOUBLES 512u

size_t hpl_local_count(size_t end, size_t nb, size_t proc, size_t procs) {
    const size_t blocks = end / nb; /* whole ones */
    const size_t mine = blocks / procs;
    const size_t over = blocks % procs;

    if (proc < over)
        return (mine + 1) * nb;
    return mine * nb + (proc == over ? end % nb : 0);
}

size_t hpl_owner(size_t global, size_t nb, size_t procs) {
    return global / nb % procs;
}

size_t hpl_to_local(size_t global, size_t nb, size_t procs) {
    return global / nb / procs * nb + global % nb;
}

size_t hpl_to_global(size_t local, size_t nb, size_t proc, size_t procs) {
    return (local / nb * procs + proc) * nb + local % nb;
}

double hpl_operations(double n) {
    return (2.0 / 3.0 * n + 1.5) * n * n;
}

size_t hpl_square_rows(size_t ranks) {
    size_t rows = 1;

    for (size_t r = 1; r * r <= ranks; r++)
        if (ranks % r == 0)
            rows = r;
    return rows;
}

size_t hpl_padded(size_t count) {
    const size_t padded =
        (count + LINE_DOUBLES - 1) / LINE_DOUBLES * LINE_DOUBLES;

    if (padded == 0)
        return LINE_DOUBLES;
    return padded % PAGE_DOUBLES == 0 ? padded + LINE_DOUBLES : padded;
}
