/* SPDX-License-Identifier: Apache-2.0 */
#include "model/finding.h"

#include <stdlib.h>

const char *gb_severity_name(gb_severity severity) {
    switch (severity) {
    case GB_SEVERITY_OK:
        return "ok";
    case GB_SEVERITY_NOTE:
        return "note";
    case GB_SEVERITY_WARNING:
        return "warning";
    case GB_SEVERITY_ERROR:
        return "error";
    }
    return "unknown";
}

bool gb_findings_add(gb_findings *findings, const gb_finding *finding) {
    gb_finding *list =
        realloc(findings->list, (findings->count + 1) * sizeof(*list));
    if (list == NULL)
        return false;
    findings->list = list;
    list[findings->count++] = *finding;
    return true;
}

void gb_findings_fini(gb_findings *findings) {
    free(findings->list);
    *findings = (gb_findings){0};
}
