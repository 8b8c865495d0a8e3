/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/damage.h"

#include <stdio.h>

#include "archive/validate.h"

gb_status gb_damage_find(const char *run_dir, char *damage_out, size_t size,
                         gb_error *err) {
    gb_validation validation = {0};
    bool safe = false;
    const gb_status status =
        gb_validate_stored(run_dir, &validation, &safe, err);

    damage_out[0] = '\0';
    for (size_t i = validation.count; i-- > 0;) {
        const gb_violation *found = &validation.list[i];
        if (found->severity == GB_SEVERITY_ERROR &&
            (found->check == GB_CHECK_MANIFEST ||
             found->check == GB_CHECK_FILES))
            snprintf(damage_out, size, "%s, %s", found->file, found->code);
    }
    gb_validation_fini(&validation);
    return status;
}
