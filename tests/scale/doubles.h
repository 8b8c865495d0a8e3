/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_TESTS_SCALE_DOUBLES_H
#define GB_TESTS_SCALE_DOUBLES_H

#define SCALE_CALL_S 0.02 /* one iteration of the benchmark */
#define SCALE_TICK_J 1e-6

#endif /* GB_TESTS_SCALE_DOUBLES_H */
