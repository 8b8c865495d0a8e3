/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/rundir.h"

gb_status gb_rundir_write_hdf5(const char *dir_path, const char *name,
                               const gb_run_log *log, const char *why,
                               gb_error *err) {
    (void)log;
    (void)why;
    return gb_fail(err, GB_ERR_UNSUPPORTED,
                   "install libhdf5-dev and build with GREENBENCH_WITH_HDF5=ON",
                   "cannot write '%s/%s': expected a greenbench with HDF5, got "
                   "one that was built without",
                   dir_path, name);
}
