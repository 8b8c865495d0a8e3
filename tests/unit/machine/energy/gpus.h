/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_TEST_ENERGY_GPUS_H
#define GB_TEST_ENERGY_GPUS_H

/**
 * @file gpus.h
 * A machine whose GPUs are those of a stand-in library, scripted by a test.
 */
#include "machine/energy/set.h"
#include "tree.h"

typedef struct test_gpus {
    test_tree tree; /* of a machine without counters; control file in it */
    char control[128];
} test_gpus;

/** @param library   the stand-in's file, null: the source's own choice
 *  @param variable  environment variable that tells it the control file */
void gpus_open(test_gpus *gpus, const char *library, const char *variable);
void gpus_close(test_gpus *gpus);

/** Make the control file hold @p text. */
void gpus_say(const test_gpus *gpus, const char *text);

/** Everything of the machine itself, as a set of the one source @p wanted. */
typedef struct test_real_set {
    gb_sysroot *root;
    gb_node node;
    gb_energy_env env;
    gb_energy_set *set;
    const gb_energy_domain *domains;
    size_t count;
} test_real_set;
void real_set_open(test_real_set *real, const char *source,
                   const char *library);
void real_set_close(test_real_set *real);

/** Poll the set until domain 0 reads as @p ok, at most 5 s. */
bool real_set_await(test_real_set *real, bool ok);

#endif /* GB_TEST_ENERGY_GPUS_H */
