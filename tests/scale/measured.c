/* SPDX-License-Identifier: Apache-2.0 */
/* This machine as the world, under a real MPI, which counts the messages. */
#include <stdio.h>
#include <time.h>

#include "machine/comm/comm.h"
#include "world.h"

void scale_world_open(void) {
}

void scale_node_key(char *key, unsigned size) {
    snprintf(key, size, "node-%d",
             gb_comm_rank_from_environment() / SCALE_RANKS_PER_NODE);
}

double scale_now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Asleep: ranks share cores here. */
void scale_pass_s(double s) {
    const struct timespec span = {(time_t)s,
                                  (long)((s - (double)(time_t)s) * 1e9)};
    nanosleep(&span, NULL);
}

/* By the clock: a counter at 0 would not travel. */
double scale_energy_j(void) {
    return 100.0 * scale_now_s();
}

void scale_mark(const char *what) {
    (void)what;
}

void scale_print_steps(void) {
}
