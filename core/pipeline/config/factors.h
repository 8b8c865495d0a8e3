/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_CONFIG_FACTORS_H
#define GB_PIPELINE_CONFIG_FACTORS_H

/**
 * @file pipeline/config/factors.h
 * Tables of emission factors (CSV; docs/carbon.md has the columns), and looking
 * one up: by region, year and kind, and never another year than was asked for.
 */
#include "codec/csv.h"
#include "model/carbon.h"

/**
 * Append the rows of one table. A row that says of the same region, year and
 * type something else than one that is there already is refused, unless it is
 * of a series of its own.
 *
 * @param name    for messages
 * @param sha256  of its file; ""
 * @retval GB_ERR_INVALID  err->what is "name:line: ..."
 */
gb_status gb_factors_read(gb_csv *csv, const char *name, const char *sha256,
                          gb_factors *out, gb_error *err);

/** The same of a file. @retval GB_ERR_NOT_FOUND, GB_ERR_IO */
gb_status gb_factors_load(const char *path, gb_factors *out, gb_error *err);

/** One table of a folder: its path, and its name there. */
typedef gb_status gb_factors_visit(void *ctx, const char *path,
                                   const char *name, gb_error *err);

/** Each "*.csv" of @p folder, by name, until one fails: the tables that
 *  greenbench has. @retval GB_ERR_NOT_FOUND, or that of @p visit */
gb_status gb_factors_each_table(const char *folder, gb_factors_visit *visit,
                                void *ctx, gb_error *err);

/** All rows of these tables. */
gb_status gb_factors_load_folder(const char *folder, gb_factors *out,
                                 gb_error *err);

/** What is looked for. Texts are borrowed; "" and -1: any, if one is left. */
typedef struct gb_factor_query {
    const char *region; /* or a name: "CN-BJ", "北京" */
    const char *series;
    int year;
    gb_carbon_kind kind;
    int gas, scope; /* of gb_carbon_gas, gb_carbon_scope */
} gb_factor_query;

/**
 * @param[out] found  borrowed
 * @retval GB_ERR_NOT_FOUND  no such row: the message names years or kinds that
 *                           the region has
 * @retval GB_ERR_INVALID    several fit, which are named
 */
gb_status gb_factors_find(const gb_factors *factors,
                          const gb_factor_query *query, const gb_factor **found,
                          gb_error *err);

/** @p stated against what the tables have of its region, year, type and series
 *  (standards.md §11.1, T16). @retval GB_ERR_INVALID  they differ */
gb_status gb_factors_check(const gb_factors *factors, const gb_factor *stated,
                           gb_error *err);

/** Relative standard uncertainty of "5%" in a form: bound, sigma or k2.
 *  @return false: there is no such form */
bool gb_factor_u_rel(double percent, const char *form, double *u_rel_out);

/** The words of a file for what an amount is of, by number: as they are looked
 *  for. */
const char *gb_factor_kind_word(int kind);
const char *gb_factor_gas_word(int gas);
const char *gb_factor_scope_word(int scope);

#endif /* GB_PIPELINE_CONFIG_FACTORS_H */
