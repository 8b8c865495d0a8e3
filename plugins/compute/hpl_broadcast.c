/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A panel goes along each row of the grid as HPL's modified increasing ring
 * does: the root sends to its neighbour, which is the root of the next panel
 * and so passes nothing on, and to the one after that, from which it goes
 * round. It travels in parts, so that a part is passed on while the next
 * arrives.
 */
#include <limits.h>

#include "hpl.h"

#define TAG 1
/* Below this a further part costs more than it gains. */
#define PART_DOUBLES ((size_t)1 << 17)

static void part_of(const hpl_panel *panel, int part, size_t *begin,
                    int *count) {
    *begin = hpl_share(panel->count, (size_t)part, (size_t)panel->parts);
    *count =
        (int)(hpl_share(panel->count, (size_t)part + 1, (size_t)panel->parts) -
              *begin);
}

/** How far behind the root this process is. */
static size_t distance(const hpl_grid *grid, const hpl_panel *panel) {
    return (grid->my_col + grid->q - panel->root_col) % grid->q;
}

static void send_part(gb_instance *self, hpl_panel *panel, int part,
                      size_t hops) {
    const hpl_grid *grid = &self->grid;
    size_t begin;
    int count;

    part_of(panel, part, &begin, &count);
    if (self->mpi_code == MPI_SUCCESS)
        hpl_note_code(self, MPI_Isend(panel->l + begin, count, MPI_DOUBLE,
                                      (int)((grid->my_col + hops) % grid->q),
                                      TAG, self->row_comm,
                                      &panel->sends[panel->send_count++]));
}

void hpl_broadcast_start(gb_instance *self, hpl_panel *panel) {
    const hpl_grid *grid = &self->grid;
    const size_t behind = distance(grid, panel);

    panel->parts = (int)hpl_min(panel->count / PART_DOUBLES + 1, HPL_PARTS);
    panel->missing = 0;
    panel->send_count = 0;
    if (behind == 0) {
        for (int part = 0; part < panel->parts; part++) {
            if (grid->q > 1)
                send_part(self, panel, part, 1);
            if (grid->q > 2)
                send_part(self, panel, part, 2);
        }
        return;
    }
    const size_t hops = behind <= 2 ? behind : 1;
    for (int part = 0; part < panel->parts; part++) {
        size_t begin;
        int count;
        part_of(panel, part, &begin, &count);
        if (self->mpi_code == MPI_SUCCESS)
            hpl_note_code(
                self,
                MPI_Irecv(panel->l + begin, count, MPI_DOUBLE,
                          (int)((grid->my_col + grid->q - hops) % grid->q), TAG,
                          self->row_comm, &panel->receives[part]));
    }
    panel->missing = panel->parts;
}

static void pass_on(gb_instance *self, hpl_panel *panel, int part) {
    const size_t behind = distance(&self->grid, panel);

    panel->missing--;
    if (behind >= 2 && behind + 1 < self->grid.q)
        send_part(self, panel, part, 1);
}

bool hpl_broadcast_poll(gb_instance *self, hpl_panel *panel) {
    while (panel->missing > 0 && self->mpi_code == MPI_SUCCESS) {
        int part = MPI_UNDEFINED, arrived = 0;
        hpl_note_code(self, MPI_Testany(panel->parts, panel->receives, &part,
                                        &arrived, MPI_STATUS_IGNORE));
        if (!arrived || part == MPI_UNDEFINED)
            return false;
        pass_on(self, panel, part);
    }
    return true;
}

void hpl_broadcast_wait(gb_instance *self, hpl_panel *panel) {
    while (panel->missing > 0 && self->mpi_code == MPI_SUCCESS) {
        int part = MPI_UNDEFINED;
        hpl_note_code(self, MPI_Waitany(panel->parts, panel->receives, &part,
                                        MPI_STATUS_IGNORE));
        if (part == MPI_UNDEFINED)
            return;
        pass_on(self, panel, part);
    }
}

void hpl_broadcast_end(gb_instance *self, hpl_panel *panel) {
    if (panel->send_count > 0 && self->mpi_code == MPI_SUCCESS)
        hpl_note_code(self, MPI_Waitall(panel->send_count, panel->sends,
                                        MPI_STATUSES_IGNORE));
    panel->send_count = 0;
}
