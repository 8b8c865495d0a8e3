/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/carbon_files.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/program.h"
#include "pipeline/config/carbon.h"

/* Beside the program: where the build and `cmake --install` put them. */
#define BESIDE_PROGRAM "/share/greenbench/factors"

gb_status gb_carbon_files_factors(gb_factors *out, gb_error *err) {
    char program[PATH_MAX], folder[PATH_MAX + sizeof(BESIDE_PROGRAM)];
    const gb_status status = gb_program_path(program, sizeof(program), err);

    if (status != GB_OK)
        return status;
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(program, '/');
        if (slash != NULL)
            *slash = '\0';
    }
    snprintf(folder, sizeof(folder), "%s" BESIDE_PROGRAM, program);
    return gb_factors_load_folder(folder, out, err);
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
