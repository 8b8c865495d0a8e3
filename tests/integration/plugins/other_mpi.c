/* SPDX-License-Identifier: Apache-2.0 */
/* Stands for another MPI library: it has that one's soname and nothing else. */
extern const int gb_other_mpi;
const int gb_other_mpi = 1;
