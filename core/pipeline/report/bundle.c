/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "pipeline/report/lines.h"
#include "pipeline/report/report.h"

enum { TEXT_COLUMN = 12 };

static void add_verdicts(const gb_assessment *assessment, gb_str *out) {
    bool any = false;

    for (gb_claim_verdict verdict = 0; verdict < GB_CLAIM_VERDICTS; verdict++) {
        size_t count = 0;
        for (size_t i = 0; i < assessment->count; i++)
            count += assessment->results[i].verdict == verdict;
        if (count == 0)
            continue;
        gb_str_addf(out, "%s%zu %s", any ? ", " : "", count,
                    gb_claim_verdict_name(verdict));
        any = true;
    }
}

static void add_files(const gb_bundle *bundle,
                      const gb_report_bundle_facts *facts, gb_str *out) {
    uint64_t total_bytes = 0;

    for (size_t i = 0; i < bundle->count; i++)
        total_bytes += bundle->files[i].size_bytes;
    gb_str_addf(out, "%zu of %zu run%s, %" PRIu64 " B, as %" PRIu64 " B",
                bundle->count, bundle->run_count,
                bundle->run_count == 1 ? "" : "s", total_bytes,
                facts->size_bytes);
}

void gb_report_bundle(const gb_bundle *bundle, const gb_assessment *assessment,
                      const gb_report_bundle_facts *facts,
                      const gb_report_style *style, gb_str *out) {
    gb_str verdicts = {0}, files = {0};

    add_verdicts(assessment, &verdicts);
    add_files(bundle, facts, &files);
    gb_lines_wrap(out, style->colour, GB_PAINT_BOLD, "bundle", TEXT_COLUMN,
                  facts->path);
    gb_lines_take(out, style->colour, GB_PAINT_NONE, "files", TEXT_COLUMN,
                  &files);
    gb_lines_take(out, style->colour, GB_PAINT_NONE, "verdicts", TEXT_COLUMN,
                  &verdicts);
    gb_lines_wrap(out, style->colour, GB_PAINT_NONE, "signature", TEXT_COLUMN,
                  facts->is_signed
                      ? "by the key that was given: 'greenbench validate' "
                        "checks it with --signers"
                      : "none: --sign KEY ties it to somebody");
}
