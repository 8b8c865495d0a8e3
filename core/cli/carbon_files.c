/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/carbon_files.h"

#include "cli/program.h"
#include "pipeline/config/carbon.h"

gb_status gb_carbon_files_folder(char *out, gb_error *err) {
    return gb_program_share("factors", out, GB_PROGRAM_SHARE_SIZE, err);
}

gb_status gb_carbon_files_factors(const char *folder, gb_factors *out,
                                  gb_error *err) {
    char own[GB_PROGRAM_SHARE_SIZE];
    gb_status status = GB_OK;

    if (folder == NULL) {
        status = gb_carbon_files_folder(own, err);
        folder = own;
    }
    return status == GB_OK ? gb_factors_load_folder(folder, out, err) : status;
}

gb_status gb_carbon_files_read(const char *path, const char *folder,
                               gb_carbon_setting *out, gb_error *err) {
    gb_factors factors = {0};
    gb_status status = gb_carbon_files_factors(folder, &factors, err);

    if (status == GB_OK)
        status = gb_carbon_load(path, &factors, out, err);
    gb_factors_fini(&factors);
    return status;
}
