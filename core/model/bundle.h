/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_BUNDLE_H
#define GB_MODEL_BUNDLE_H

/**
 * @file model/bundle.h
 * All that verdicts were made from, in one archive. Names of files are relative
 * to its root, with '/' between their parts, none of which is "", "." or "..".
 */
#include <stddef.h>
#include <stdint.h>

/** Roles that are not a kind of input (cli/decide.h has those). */
#define GB_BUNDLE_ROLE_CLAIMS   "claims"
#define GB_BUNDLE_ROLE_RUN      "run"
#define GB_BUNDLE_ROLE_NAMED    "named"    /* a file that an input names */
#define GB_BUNDLE_ROLE_FACTORS  "factors"  /* a table that greenbench has */
#define GB_BUNDLE_ROLE_VERDICTS "verdicts" /* greenbench.claim/1 */
#define GB_BUNDLE_ROLE_METADATA "metadata"

#define GB_BUNDLE_MANIFEST  "manifest.json"
#define GB_BUNDLE_SIGNATURE "manifest.json.sig"
#define GB_BUNDLE_FACTORS   "factors" /* folder of the tables */
#define GB_BUNDLE_VERDICTS  "verdicts.json"
#define GB_BUNDLE_METADATA  "ro-crate-metadata.json"

typedef struct gb_bundle_file {
    char *name; /* in the bundle: "runs/before/samples" */
    char role[32];
    char sha256[65];
    uint64_t size_bytes;
    /* Of one that goes into a bundle, where it comes from; else null. */
    char *path; /* on this disk, or */
    char *text; /* what it holds, null-terminated */
} gb_bundle_file;

/** A run of it, in the order in which it was given to the verdicts. */
typedef struct gb_bundle_run {
    char *folder; /* "runs/before" */
    char run_id[96];
} gb_bundle_run;

typedef struct gb_bundle {
    char tool_version[48], tool_git[64]; /* of the greenbench that made it */
    uint64_t date_utc_ns;                /* when its last run ended */
    gb_bundle_run *runs;                 /* [run_count] */
    size_t run_count;
    gb_bundle_file *files; /* [count], by name; not the manifest itself */
    size_t count;
    char sha256[65]; /* of its manifest, in itself */
} gb_bundle;

/**
 * A further file, without a source yet.
 * @param name, role  copied
 * @return null: out of memory
 */
gb_bundle_file *gb_bundle_add(gb_bundle *bundle, const char *name,
                              const char *role);

/** The file that is first to have @p role; null: there is none. */
const gb_bundle_file *gb_bundle_find_role(const gb_bundle *bundle,
                                          const char *role);
/** Null: there is none of that name. */
const gb_bundle_file *gb_bundle_find(const gb_bundle *bundle, const char *name);

/** Why @p name cannot be that of a file in a bundle, such as one that leads out
 *  of it; null: it can. */
const char *gb_bundle_refuse_name(const char *name);

/** "text/csv", by the end of @p name. */
const char *gb_bundle_media_type(const char *name);

/** By name, as they are listed and stored. */
void gb_bundle_sort(gb_bundle *bundle);

void gb_bundle_fini(gb_bundle *bundle);

/** Who says so, for people and catalogues; null: not given. */
typedef struct gb_bundle_notice {
    const char *author;  /* "Anna" or "Anna <https://orcid.org/..>" */
    const char *license; /* a URL, or a short name of spdx.org */
} gb_bundle_notice;

#endif /* GB_MODEL_BUNDLE_H */
