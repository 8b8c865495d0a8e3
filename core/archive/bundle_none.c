/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/bundle.h"

#define HINT "install libarchive-dev and build with GREENBENCH_WITH_BUNDLES=ON"

gb_status gb_bundle_write(const char *dir_path, const char *name,
                          const gb_bundle *bundle, const char *manifest,
                          const char *signature, gb_error *err) {
    (void)bundle;
    (void)manifest;
    (void)signature;
    return gb_fail(err, GB_ERR_UNSUPPORTED, HINT,
                   "cannot write '%s/%s': expected a greenbench with bundles, "
                   "got one that was built without",
                   dir_path, name);
}

gb_status gb_bundle_unpack(const char *path, const char *folder, gb_bundle *out,
                           gb_validation *found, bool *whole_out,
                           gb_error *err) {
    (void)folder;
    (void)found;
    *out = (gb_bundle){0};
    *whole_out = false;
    return gb_fail(err, GB_ERR_UNSUPPORTED, HINT,
                   "cannot read '%s': expected a greenbench with bundles, got "
                   "one that was built without",
                   path);
}
