/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_CONFIG_TARIFF_H
#define GB_PIPELINE_CONFIG_TARIFF_H

/**
 * @file pipeline/config/tariff.h
 * A tariff file -> prices. docs/tariffs.md has its keys.
 */
#include "base/error.h"
#include "model/tariff.h"

/**
 * Every minute of the year is priced exactly once, in one currency; mistakes
 * are refused with "name:line:column: <expected, got>".
 *
 * @retval GB_ERR_INVALID, GB_ERR_NO_MEMORY  @p out is untouched
 */
gb_status gb_tariff_parse(const char *name, const char *text, size_t length,
                          gb_tariff *out, gb_error *err);

/** True for the code of a currency in use (ISO 4217). */
bool gb_is_currency(const char *code);

#endif /* GB_PIPELINE_CONFIG_TARIFF_H */
