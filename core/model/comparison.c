/* SPDX-License-Identifier: Apache-2.0 */
#include "model/comparison.h"

#include <stdlib.h>
#include <string.h>

static const char *const metric_names[] = {
#define NAME(name, text, higher, decides) text,
    GB_COMPARE_METRIC_MAP(NAME)
#undef NAME
};

static const char *const verdict_names[] = {
#define NAME(name, text) text,
    GB_COMPARE_VERDICT_MAP(NAME)
#undef NAME
};

const char *gb_compare_metric_name(gb_compare_metric metric) {
    return metric_names[metric];
}

const char *gb_compare_metric_better(gb_compare_metric metric) {
    static const bool higher_is_better[] = {
#define HIGHER(name, text, higher, decides) higher,
        GB_COMPARE_METRIC_MAP(HIGHER)
#undef HIGHER
    };
    return higher_is_better[metric] ? "higher" : "lower";
}

bool gb_compare_metric_from_name(const char *name, gb_compare_metric *out) {
    for (int i = 0; i < GB_COMPARE_METRICS; i++)
        if (strcmp(name, metric_names[i]) == 0) {
            *out = (gb_compare_metric)i;
            return true;
        }
    return false;
}

const char *gb_compare_verdict_name(gb_compare_verdict verdict) {
    return verdict_names[verdict];
}

static void pair_fini(gb_compared_pair *pair) {
    for (size_t i = 0; i < pair->bench_count; i++) {
        free(pair->benches[i].id);
        free(pair->benches[i].params);
    }
    free(pair->benches);
    free(pair->differences);
}

void gb_comparison_fini(gb_comparison *comparison) {
    for (size_t i = 0; i < comparison->pair_count; i++)
        pair_fini(&comparison->pairs[i]);
    free(comparison->pairs);
    comparison->pairs = NULL;
    comparison->pair_count = 0;
}
