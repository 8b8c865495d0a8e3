/* SPDX-License-Identifier: Apache-2.0 */
/* Which case of one run is which of another. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pipeline/compare/parts.h"

/* By value where there is one: 64MiB is 65536KiB. */
static void add_value(gb_str *out, const gb_plan_param *param) {
    if (param->kind == GB_VALUE_F64)
        gb_str_addf(out, "%.17g", param->f64);
    else if (param->kind != GB_VALUE_TEXT)
        gb_str_addf(out, "%" PRIu64, param->u64);
    else
        gb_str_add(out, param->text);
}

static char *key_of(const gb_plan_case *planned) {
    gb_str out = {0};

    gb_str_add(&out, planned->id);
    for (size_t i = 0; i < planned->param_count; i++) {
        gb_str_addf(&out, "\n%s=", planned->params[i].name);
        add_value(&out, &planned->params[i]);
    }
    return gb_str_take(&out);
}

static int by_text(const void *a, const void *b) {
    const gb_case_key *x = a, *y = b;
    const int order = strcmp(x->text, y->text);

    return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

static int by_occurrence(const void *a, const void *b) {
    const gb_case_key *x = a, *y = b;
    const int order = strcmp(x->text, y->text);

    return order != 0 ? order
                      : (x->occurrence > y->occurrence) -
                            (x->occurrence < y->occurrence);
}

gb_status gb_case_index_make(const gb_compare_input *run, gb_case_index *out,
                             gb_error *err) {
    const gb_reduced *reduced = run->reduced;

    *out = (gb_case_index){
        .keys = calloc(reduced->case_count + 1, sizeof(*out->keys))};
    if (out->keys == NULL)
        return gb_fail_memory(err, "the benchmarks of a run");
    for (size_t i = 0; i < reduced->case_count; i++) {
        char *text = key_of(&run->plan->cases[reduced->cases[i].case_index]);
        if (text == NULL)
            return gb_fail_memory(err, "the benchmarks of a run");
        out->keys[out->count++] = (gb_case_key){.text = text, .at = i};
    }
    qsort(out->keys, out->count, sizeof(*out->keys), by_text);
    for (size_t i = 1; i < out->count; i++)
        if (strcmp(out->keys[i].text, out->keys[i - 1].text) == 0)
            out->keys[i].occurrence = out->keys[i - 1].occurrence + 1;
    return GB_OK;
}

void gb_case_index_fini(gb_case_index *index) {
    for (size_t i = 0; i < index->count; i++)
        free(index->keys[i].text);
    free(index->keys);
    *index = (gb_case_index){0};
}

const gb_case_key *gb_case_find(const gb_case_index *index,
                                const gb_case_key *key) {
    return bsearch(key, index->keys, index->count, sizeof(*index->keys),
                   by_occurrence);
}
