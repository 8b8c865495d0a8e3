/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/wishes.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/claims_file.h"
#include "cli/load.h"
#include "machine/energy/set.h"
#include "pipeline/config/config.h"
#include "pipeline/plan/plan.h"

bool gb_wishes_resume(const gb_args *args) {
    return gb_args_has(args, "resume");
}

static const char *environment(const char *name) {
    return getenv(name);
}

/* How it is launched, and not what is run. */
static bool is_of_launch(const char *option) {
    return strcmp(option, "resume") == 0 || strcmp(option, "isolate") == 0 ||
           strcmp(option, "quiet") == 0 || strcmp(option, "verbose") == 0 ||
           gb_load_is_flag(option);
}

bool gb_wishes_given(const gb_args *args) {
    static const char *const others[] = {"output", "dry-run"};
    size_t count = args->positional_count;
    for (size_t i = 0; i < args->option_count; i++) {
        bool other = is_of_launch(args->options[i].name);
        for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++)
            other = other || strcmp(args->options[i].name, others[k]) == 0;
        count += !other;
    }
    return count > 0;
}

static gb_status build_config(const gb_args *args, gb_config *config,
                              gb_error *err) {
    const char *suite =
        args->positional_count > 0 ? args->positionals[0] : NULL;
    gb_option *options = calloc(args->option_count + 1, sizeof(*options));
    size_t count = 0;
    if (options == NULL)
        return gb_fail_memory(err, "the options");
    for (size_t i = 0; i < args->option_count; i++)
        if (!is_of_launch(args->options[i].name))
            options[count++] = args->options[i];
    const gb_status status =
        gb_config_build(suite, options, count, environment, config, err);
    free(options);
    return status;
}

/* A file that cannot be read as claims is refused before it is fixed. */
static gb_status fix_claims(const char *path, gb_plan *plan, gb_error *err) {
    gb_claims claims;

    if (path == NULL)
        return GB_OK;
    const gb_status status = gb_claims_file_read(path, &claims, err);
    if (status != GB_OK)
        return status;
    gb_copy(plan->claims_sha256, sizeof(plan->claims_sha256), claims.sha256);
    gb_claims_fini(&claims);
    return GB_OK;
}

gb_status gb_wishes_plan(const gb_args *args, const gb_catalogue *catalogue,
                         uint32_t ranks, const gb_resume *resume,
                         gb_config *config, gb_plan *plan, gb_error *err) {
    gb_status status = GB_OK;
    if (gb_wishes_resume(args) && !gb_wishes_given(args)) {
        status = gb_resume_copy_plan(resume, plan, err);
    } else {
        status = build_config(args, config, err);
        if (status == GB_OK)
            status = gb_energy_set_check(config->energy, err);
        if (status == GB_OK)
            status = gb_plan_build(config, catalogue, ranks, plan, err);
        if (status == GB_OK)
            status = fix_claims(config->claims, plan, err);
    }
    if (status == GB_OK)
        status = gb_load_identify(catalogue, plan, err);
    return status;
}

gb_status gb_wishes_to_resume(const gb_args *args, const char *run_dir,
                              gb_args *resumed, gb_error *err) {
    gb_option *options = calloc(args->option_count + 1, sizeof(*options));
    size_t count = 0;

    if (options == NULL)
        return gb_fail_memory(err, "the options");
    for (size_t i = 0; i < args->option_count; i++)
        if (is_of_launch(args->options[i].name))
            options[count++] = args->options[i];
    options[count++] = (gb_option){"resume", run_dir};
    *resumed = *args;
    resumed->options = options;
    resumed->option_count = count;
    resumed->positional_count = 0;
    return GB_OK;
}
