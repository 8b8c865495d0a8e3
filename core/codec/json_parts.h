/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_JSON_PARTS_H
#define GB_CODEC_JSON_PARTS_H

/**
 * @file codec/json_parts.h
 * What the encoders and decoders of this folder share.
 */
#include <jansson.h>

#include "codec/json.h"

/* --- writing -------------------------------------------------------------- */
/* Values are made by put_*(); each takes a null object as "out of memory", so
 * that a caller checks once, in finish(). */

/** A tree under construction. A failed allocation anywhere sets `failed`. */
typedef struct gb_json_out {
    bool failed;
} gb_json_out;

json_t *gb_json_object(gb_json_out *out);
json_t *gb_json_array(gb_json_out *out);
/** Add @p value (taken) under @p key; @p object null: freed. */
void gb_json_put(gb_json_out *out, json_t *object, const char *key,
                 json_t *value);
void gb_json_append(gb_json_out *out, json_t *array, json_t *value);

/** Invalid UTF-8 (a host's own strings) becomes U+FFFD. */
json_t *gb_json_text(gb_json_out *out, const char *text);
/** As gb_json_text(), but "" and a null pointer are null: not known. */
json_t *gb_json_fact(gb_json_out *out, const char *text);
/** null unless finite. */
json_t *gb_json_real(gb_json_out *out, double value);
/** [low, high]; null unless both are finite. */
json_t *gb_json_interval(gb_json_out *out, const double ends[2]);
/** null unless @p have and finite. */
json_t *gb_json_real_if(gb_json_out *out, bool have, double value);
/** A whole number; above 2^63-1, where JSON readers give up, its digits as
 *  text. */
json_t *gb_json_u64(gb_json_out *out, uint64_t value);
/** As gb_json_u64(), 0 is null: not known. */
json_t *gb_json_count(gb_json_out *out, uint64_t value);
json_t *gb_json_bool(gb_json_out *out, bool value);
json_t *gb_json_int(gb_json_out *out, int64_t value);
/** Names separated by commas -> array of texts. */
json_t *gb_json_names(gb_json_out *out, const char *names);
/** "2026-11-23T17:18:10Z"; 0 is null. */
json_t *gb_json_utc(gb_json_out *out, uint64_t utc_ns);
/** {"key": "value", ...} */
json_t *gb_json_notes(gb_json_out *out, const gb_note *notes, size_t count);

/** How documents for people are written. */
#define GB_JSON_PRETTY                                                         \
    (JSON_INDENT(1) | JSON_REAL_PRECISION(17) | JSON_ENCODE_ANY)

/** Text of @p root (taken). Null if anything failed on the way. */
char *gb_json_line(gb_json_out *out, json_t *root);
char *gb_json_pretty(gb_json_out *out, json_t *root); /* ends in a newline */

/* --- reading -------------------------------------------------------------- */
/* Each get_*() reads one field of `object`; a missing or null field gives the
 * zero of its type (NAN for a real). A field of another type is an error that
 * names it; later calls then do nothing. */

typedef struct gb_json_in {
    gb_status status;
    gb_error *err;
    bool not_json; /* the mistake is one of syntax (codec/json_arrays.h) */
} gb_json_in;

/** Record "'<key>': expected <wanted>, got <type>". */
void gb_json_mistake(gb_json_in *in, const char *key, const char *wanted,
                     const json_t *got);
uint64_t gb_json_get_u64(gb_json_in *in, const json_t *object, const char *key);
uint32_t gb_json_get_u32(gb_json_in *in, const json_t *object, const char *key);
int32_t gb_json_get_i32(gb_json_in *in, const json_t *object, const char *key,
                        int32_t missing);
double gb_json_get_real(gb_json_in *in, const json_t *object, const char *key);
bool gb_json_get_bool(gb_json_in *in, const json_t *object, const char *key);
void gb_json_get_text(gb_json_in *in, const json_t *object, const char *key,
                      char *text, size_t size);
/** As gb_json_get_text(), but one that is missing, too long or holds a null
 *  character is a mistake. */
void gb_json_require_text(gb_json_in *in, const json_t *object, const char *key,
                          char *text, size_t size);
/** malloc'ed, "" if missing; null only after a mistake or without memory. */
char *gb_json_dup_text(gb_json_in *in, const json_t *object, const char *key);
/** Array of texts -> malloc'ed names separated by commas. */
char *gb_json_dup_names(gb_json_in *in, const json_t *object, const char *key);
/** The array or object; null if missing. */
const json_t *gb_json_get_array(gb_json_in *in, const json_t *object,
                                const char *key);
const json_t *gb_json_get_object(gb_json_in *in, const json_t *object,
                                 const char *key);
/** calloc'ed [max(count, 1)]; null only after a mistake or without memory. */
void *gb_json_alloc(gb_json_in *in, size_t count, size_t size);
/** A number or digits as text, from gb_json_u64(). */
bool gb_json_u64_of(const json_t *value, uint64_t *out);

/** Parse @p text, which must be one object.
 *  @retval null  err is set: "expected JSON: ..." with line and column */
json_t *gb_json_parse(const char *text, gb_error *err);

/* --- parts of several documents ------------------------------------------- */

/** How many metrics of a pair have each verdict, and how many benchmarks
 * failed.
 */
json_t *gb_json_verdicts(gb_json_out *out, const gb_compared_pair *pair);

/** What a claim says of prices; null: it is about no cost. */
json_t *gb_json_cost_terms(gb_json_out *out, const gb_claim *claim);
/** How its cost was made; null: there is none. */
json_t *gb_json_cost(gb_json_out *out, const gb_claim_result *result);

/** Null where there is one node, or no figure. */
json_t *gb_json_variability(gb_json_out *out, const gb_session *session,
                            const gb_variability *variability);

/** A node's facts without its domains. */
json_t *gb_json_node(gb_json_out *out, const gb_node *node);
/** Null outside of batch jobs. */
json_t *gb_json_job(gb_json_out *out, const gb_job *job);
/** A domain, every field. */
/** {"id", "version", "sha256"}; null: no plugin. */
json_t *gb_json_identity(gb_json_out *out, const gb_plugin_identity *plugin);
json_t *gb_json_domain(gb_json_out *out, const gb_energy_domain *domain);
/** The nodes with their "domains"; of one that has the domains of an earlier
 *  one, "like" names that one, and only what differs from it follows. */
json_t *gb_json_nodes(gb_json_out *out, const gb_node *nodes, size_t count);
/** @param[out] nodes_out  malloc'ed [*count_out], after a mistake as well */
void gb_json_read_nodes(gb_json_in *in, const json_t *array,
                        gb_node **nodes_out, size_t *count_out);

/** "flags" and "sampled_share" of a figure, into @p object. */
void gb_json_put_flags(gb_json_out *out, json_t *object,
                       const gb_energy_figure *figure);

/** The terms of a budget, "quantisation_j" to "calibration_j", into
 *  @p object. */
void gb_json_put_budget(gb_json_out *out, json_t *object,
                        const gb_energy_budget *budget);

/** {"path", "role", "sha256", "size_bytes"} of a file in a manifest. */
json_t *gb_json_file(gb_json_out *out, const char *path, const char *role,
                     const char *sha256, uint64_t size_bytes);

/** {"domains_read", "domains", "holds", "leaves_out", "missing"} of a node. */
json_t *gb_json_cover(gb_json_out *out, const gb_node *node);

/** "OK", "ERR_VERIFY" */
bool gb_json_status_of(const char *name, gb_status *out);
const char *gb_json_run_status_name(gb_run_status status);
gb_run_status gb_json_get_run_status(gb_json_in *in, const json_t *object,
                                     const char *key);

#endif /* GB_CODEC_JSON_PARTS_H */
