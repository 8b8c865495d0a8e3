/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/carbon_files.h"

#include "cli/program.h"
#include "pipeline/config/carbon.h"

gb_status gb_carbon_files_factors(gb_factors *out, gb_error *err) {
    char folder[GB_PROGRAM_SHARE_SIZE];
    const gb_status status =
        gb_program_share("factors", folder, sizeof(folder), err);

    return status == GB_OK ? gb_factors_load_folder(folder, out, err) : status;
}

gb_status gb_carbon_files_read(const char *path, gb_carbon_setting *out,
                               gb_error *err) {
    gb_factors factors = {0};
    gb_status status = gb_carbon_files_factors(&factors, err);

    if (status == GB_OK)
        status = gb_carbon_load(path, &factors, out, err);
    gb_factors_fini(&factors);
    return status;
}
