/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_FINDING_H
#define GB_MODEL_FINDING_H

/**
 * @file model/finding.h
 * One thing `greenbench doctor` found about a node.
 */
#include <stdbool.h>
#include <stddef.h>

typedef enum gb_severity {
    GB_SEVERITY_OK,
    GB_SEVERITY_NOTE,    /* good to know */
    GB_SEVERITY_WARNING, /* results will be worse */
    GB_SEVERITY_ERROR,   /* cannot measure like this */
} gb_severity;

typedef struct gb_finding {
    gb_severity severity;
    char code[48];      /* "cpu.governor": stable */
    char title[120];    /* "CPU governor is powersave" */
    char evidence[320]; /* "/sys/...: powersave" */
    char fix[400];      /* "" if nothing to do */
} gb_finding;

typedef struct gb_findings {
    gb_finding *list; /* [count] */
    size_t count;
} gb_findings;

/** What was found about one node. */
typedef struct gb_node_findings {
    char node[64]; /* its name */
    gb_findings findings;
} gb_node_findings;

const char *gb_severity_name(gb_severity severity);
/** Append a copy; out of memory drops it and returns false. */
bool gb_findings_add(gb_findings *findings, const gb_finding *finding);
void gb_findings_fini(gb_findings *findings);

#endif /* GB_MODEL_FINDING_H */
