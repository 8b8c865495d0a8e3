/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/report/skips.h"

#include <stdlib.h>
#include <string.h>

/* "expected ..." of "<id> is skipped: expected ..." */
static const char *reason_of(const gb_plan_skip *skip) {
    static const char *const joints[] = {" is skipped: ", ": "};
    const size_t length = strlen(skip->id);

    if (strncmp(skip->reason, skip->id, length) != 0)
        return skip->reason;
    for (size_t i = 0; i < sizeof(joints) / sizeof(joints[0]); i++)
        if (gb_starts_with(skip->reason + length, joints[i]))
            return skip->reason + length + strlen(joints[i]);
    return skip->reason;
}

static gb_skip_group *group_of(gb_skip_groups *groups,
                               const gb_plan_skip *skip) {
    const char *what = reason_of(skip);

    for (size_t i = 0; i < groups->count; i++)
        if (strcmp(groups->list[i].what, what) == 0 &&
            strcmp(groups->list[i].hint, skip->hint) == 0)
            return &groups->list[i];
    gb_skip_group *added = &groups->list[groups->count++];
    *added = (gb_skip_group){.what = what, .hint = skip->hint, .first = skip};
    return added;
}

static void add_name(gb_skip_group *group, const char *id) {
    for (int l = 0; l < GB_LANGUAGES; l++)
        gb_str_addf(&group->names[l], "%s%s",
                    group->names[l].length > 0 ? ", " : "", id);
}

static void add_more(gb_skip_group *group, size_t more) {
    for (int l = 0; l < GB_LANGUAGES; l++)
        gb_str_addf(&group->names[l],
                    gb_phrase((gb_language)l, " and %zu more"), more);
}

gb_skip_groups gb_group_skips(const gb_plan *plan, size_t most) {
    gb_skip_groups groups = {
        .list = calloc(plan->skip_count + 1, sizeof(*groups.list))};

    groups.failed = groups.list == NULL;
    for (size_t i = 0; i < plan->skip_count && !groups.failed; i++) {
        gb_skip_group *group = group_of(&groups, &plan->skips[i]);
        if (group->count++ < most)
            add_name(group, plan->skips[i].id);
    }
    for (size_t i = 0; i < groups.count; i++) {
        gb_skip_group *group = &groups.list[i];
        if (group->count > most)
            add_more(group, group->count - most);
        for (int l = 0; l < GB_LANGUAGES; l++)
            groups.failed = groups.failed || group->names[l].failed;
    }
    return groups;
}

void gb_skip_groups_fini(gb_skip_groups *groups) {
    for (size_t i = 0; i < groups->count; i++)
        for (int l = 0; l < GB_LANGUAGES; l++)
            gb_str_fini(&groups->list[i].names[l]);
    free(groups->list);
    *groups = (gb_skip_groups){0};
}
