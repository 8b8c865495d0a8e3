/* SPDX-License-Identifier: Apache-2.0 */
#include "model/coverage.h"

#include <string.h>

/* Whole elements only: "DRAM" is not in "2 packages + DRAM". */
static bool lists(const gb_str *list, const char *text) {
    const size_t length = strlen(text);
    const char *at = list->text;
    while (at != NULL && *at != '\0') {
        const char *end = strstr(at, "; ");
        const size_t here = end != NULL ? (size_t)(end - at) : strlen(at);
        if (here == length && memcmp(at, text, length) == 0)
            return true;
        at = end != NULL ? end + 2 : NULL;
    }
    return false;
}

static void add_once(gb_str *list, const char *text) {
    if (text[0] == '\0' || lists(list, text))
        return;
    if (list->length > 0)
        gb_str_add(list, "; ");
    gb_str_add(list, text);
}

void gb_coverage_collect(const gb_session *session, gb_coverage *out) {
    *out = (gb_coverage){0};
    for (size_t i = 0; i < session->node_count; i++) {
        const gb_node *node = &session->nodes[i];
        out->domains += node->domain_count;
        out->domains_read += node->cover.summed_count;
        add_once(&out->holds, node->cover.holds);
        add_once(&out->leaves_out, node->cover.leaves_out);
        add_once(&out->missing, node->cover.missing);
        for (size_t k = 0; k < node->domain_count; k++)
            if (node->domains[k].summed)
                add_once(&out->sources, node->domains[k].source);
    }
    out->failed = out->sources.failed || out->holds.failed ||
                  out->leaves_out.failed || out->missing.failed;
}

void gb_coverage_fini(gb_coverage *coverage) {
    gb_str_fini(&coverage->sources);
    gb_str_fini(&coverage->holds);
    gb_str_fini(&coverage->leaves_out);
    gb_str_fini(&coverage->missing);
}
