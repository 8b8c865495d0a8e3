/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_ACCEPTS_H
#define GB_MODEL_ACCEPTS_H

/**
 * @file model/accepts.h
 * The language of gb_param_decl.accepts: "auto|4KiB..64GiB", "fp32|fp64".
 * Used when loading a plugin (is the declaration sound?) and when planning (is
 * the value allowed?).
 */
#include "base/error.h"
#include "model/plan.h"

/** Is @p accepts (nullable) well formed? */
gb_status gb_accepts_check(const char *accepts, gb_error *err);

/**
 * Parse @p text as a value of a parameter.
 * @param[out] param_out  kind, u64 and f64 are set; name and text untouched
 * @retval GB_ERR_RANGE  err->what is "expected 4KiB..64GiB, got '12B'"; for a
 *         word near one of the choices err->hint is "did you mean 'fp64'?"
 */
gb_status gb_accepts_parse(const char *accepts, const char *text,
                           gb_plan_param *param_out, gb_error *err);

/**
 * Expand one text into sweep values: a single value is itself; "A..B" doubles
 * from A up to B, "A..B*F" multiplies by F > 1, "A..B+S" adds S > 0; the last
 * value does not exceed B. At most 256 values.
 * @param[out] texts_out  [*count_out] malloc'ed, each malloc'ed
 */
gb_status gb_accepts_expand(const char *accepts, const char *text,
                            char ***texts_out, size_t *count_out,
                            gb_error *err);

#endif /* GB_MODEL_ACCEPTS_H */
