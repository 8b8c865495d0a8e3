/* SPDX-License-Identifier: Apache-2.0 */
#include "selftest/selftest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/sysroot.h"

static gb_status add_machine(gb_selftest *selftest, const char *folder,
                             const char *name, gb_error *err) {
    gb_selftest_case *more =
        realloc(selftest->cases, (selftest->count + 1) * sizeof(*more));

    if (more == NULL)
        return gb_fail_memory(err, "the list of saved machines");
    selftest->cases = more;
    gb_selftest_case *one = &more[selftest->count++];
    gb_selftest_machine(folder, name, one);
    selftest->right = selftest->right && one->right;
    for (size_t i = 0; i < one->wrong_count; i++)
        selftest->wrong_rejected += one->wrong[i].rejected;
    return GB_OK;
}

/* Saved machines below @p folder; @p prefix stands before their names. */
static gb_status run_folder(gb_selftest *selftest, const char *folder,
                            const char *prefix, int depth, gb_error *err) {
    gb_sysroot *root = NULL;
    char **names = NULL;
    size_t count = 0;
    gb_status status = gb_sysroot_open(folder, &root, err);

    if (status == GB_OK)
        status = gb_sysroot_list(root, "/", &names, &count, err);
    for (size_t i = 0; status == GB_OK && i < count; i++) {
        char path[512], name[128], expected[160];

        snprintf(path, sizeof(path), "%s/%.96s", folder, names[i]);
        snprintf(name, sizeof(name), "%s%.96s", prefix, names[i]);
        snprintf(expected, sizeof(expected), "/%.96s/expected.json", names[i]);
        char *const own =
            expected + strlen(expected) - strlen("/expected.json");
        if (gb_sysroot_kind(root, expected) == GB_PATH_FILE) {
            status = add_machine(selftest, path, name, err);
            continue;
        }
        *own = '\0';
        if (depth > 0 && gb_sysroot_kind(root, expected) == GB_PATH_DIR) {
            snprintf(name, sizeof(name), "%s%.96s/", prefix, names[i]);
            status = run_folder(selftest, path, name, depth - 1, err);
        }
    }
    gb_sysroot_free_names(names, count);
    gb_sysroot_close(root);
    return status;
}

gb_status gb_selftest_run(const char *folder, gb_selftest *selftest_out,
                          gb_error *err) {
    gb_selftest selftest = {.right = true};
    const uint64_t begin_ns = gb_clock_now_ns(&gb_clock_system);
    gb_status status = run_folder(&selftest, folder, "", 1, err);

    if (status == GB_OK && selftest.count == 0)
        status = gb_fail(err, GB_ERR_NOT_FOUND,
                         "give their folder with --fixtures, or install "
                         "greenbench whole",
                         "expected saved machines (a folder with "
                         "expected.json) in '%s', found none",
                         folder);
    if (status != GB_OK) {
        gb_selftest_fini(&selftest);
        return status;
    }
    selftest.took_s =
        (double)(gb_clock_now_ns(&gb_clock_system) - begin_ns) * 1e-9;
    *selftest_out = selftest;
    return GB_OK;
}
