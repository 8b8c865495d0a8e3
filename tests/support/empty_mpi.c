/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing but MPI: what a rank of greenbench is weighed against.
 *
 * usage: empty_mpi SECONDS */
#include <mpi.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
    MPI_Init(&argc, &argv);
    if (argc > 1)
        sleep((unsigned)strtoul(argv[1], NULL, 10));
    return MPI_Finalize();
}
