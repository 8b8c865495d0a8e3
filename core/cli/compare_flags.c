/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/compare_flags.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"

/* Share of wrong verdicts in a family, of each of the two kinds. */
#define ALPHA 0.05
/* Less than two launches of one program often differ by. */
#define MARGIN_DEFAULT "2"
#define MARGIN_MOST    50.0

static gb_status add_metric(const char *name, size_t length, uint32_t *metrics,
                            gb_error *err) {
    const char *known[GB_COMPARE_METRICS];
    gb_compare_metric metric;
    char word[32], list[128];

    snprintf(word, sizeof(word), "%.*s", (int)length, name);
    if (gb_compare_metric_from_name(word, &metric)) {
        *metrics |= GB_COMPARE_BIT(metric);
        return GB_OK;
    }
    for (int m = 0; m < GB_COMPARE_METRICS; m++)
        known[m] = gb_compare_metric_name((gb_compare_metric)m);
    gb_join(known, GB_COMPARE_METRICS, list, sizeof(list));
    return gb_fail(err, GB_ERR_INVALID, NULL,
                   "--metric: expected one of %s, got '%s'", list, word);
}

static gb_status read_metrics(const gb_args *args, uint32_t *metrics_out,
                              gb_error *err) {
    uint32_t metrics = 0;

    for (size_t i = 0; i < args->option_count; i++) {
        const char *at = args->options[i].value;
        if (strcmp(args->options[i].name, "metric") != 0)
            continue;
        for (bool more = true; more;) {
            const size_t length = strcspn(at, ",");
            const gb_status status = add_metric(at, length, &metrics, err);
            if (status != GB_OK)
                return status;
            more = at[length] == ',';
            at += length + more;
        }
    }
    *metrics_out = metrics != 0 ? metrics : GB_COMPARE_ALL;
    return GB_OK;
}

static gb_status read_margin(const gb_args *args, double *margin_out,
                             gb_error *err) {
    const char *text = gb_args_get(args, "margin");
    double percent = 0.0;
    gb_error inner = {0};

    if (text == NULL)
        text = MARGIN_DEFAULT;
    if (gb_parse_percent(text, &percent, &inner) != GB_OK ||
        percent > MARGIN_MOST)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "--margin: expected a percentage from 0 to %g, got '%s'",
                       MARGIN_MOST, text);
    *margin_out = percent / 100.0;
    return GB_OK;
}

gb_status gb_compare_flags_read(const gb_args *args, gb_compare_options *out,
                                gb_error *err) {
    *out = (gb_compare_options){.alpha = ALPHA};
    const gb_status status = read_metrics(args, &out->metrics, err);

    return status == GB_OK ? read_margin(args, &out->margin, err) : status;
}
