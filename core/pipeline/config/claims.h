/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_CONFIG_CLAIMS_H
#define GB_PIPELINE_CONFIG_CLAIMS_H

/**
 * @file pipeline/config/claims.h
 * The text of a claims file (docs/claims.md) -> claims. Pure.
 */
#include "base/error.h"
#include "model/claim.h"

/**
 * @param name       for messages: "claims.yaml"
 * @param text       [length]
 * @param[out] out   its sha256 is that of @p text
 * @retval GB_ERR_INVALID  err->what begins with the place
 */
gb_status gb_claims_parse(const char *name, const char *text, size_t length,
                          gb_claims *out, gb_error *err);

#endif /* GB_PIPELINE_CONFIG_CLAIMS_H */
