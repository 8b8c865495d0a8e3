/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config/factors.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"

/* Values are published with one digit less than this tells apart, in g/kWh. */
#define SAME_G_PER_KWH 0.06
#define FIRST_YEAR     1970
#define ROWS_MAX       ((size_t)10000)
#define LAST_YEAR      2100

/* --- columns -------------------------------------------------------------- */

enum {
    REGION,
    YEAR,
    KIND,
    GAS,
    SCOPE,
    G_PER_KWH,
    PUBLICATION,
    SOURCE,
    NEEDED, /* those before must be there */
    NAME = NEEDED,
    SERIES,
    UNCERTAINTY,
    FORM,
    COLUMNS
};
static const char *const titles[COLUMNS] = {
    [REGION] = "region",
    [YEAR] = "year",
    [KIND] = "kind",
    [GAS] = "gas",
    [SCOPE] = "scope",
    [G_PER_KWH] = "g_per_kwh",
    [PUBLICATION] = "publication",
    [SOURCE] = "source",
    [NAME] = "name",
    [SERIES] = "series",
    [UNCERTAINTY] = "uncertainty",
    [FORM] = "form",
};

typedef struct reader {
    gb_csv *csv;
    const char *name;
    const gb_csv_cell *cells; /* of the row */
    size_t at[COLUMNS];       /* SIZE_MAX: the table has none */
    gb_error *err;
} reader;

static void copy_cell(const gb_csv_cell *cell, char *out, size_t size) {
    const size_t length = cell->length < size - 1 ? cell->length : size - 1;

    memcpy(out, cell->text, length);
    out[length] = '\0';
}

static gb_status unexpected(const reader *in, int column, const char *wanted) {
    const gb_csv_cell *cell = &in->cells[in->at[column]];

    return gb_fail(in->err, GB_ERR_INVALID, NULL,
                   "%s:%zu: %s: expected %s, got '%.*s'", in->name,
                   gb_csv_line(in->csv), titles[column], wanted,
                   (int)(cell->length < 40 ? cell->length : 40), cell->text);
}

static gb_status find_columns(reader *in, size_t count) {
    for (int c = 0; c < COLUMNS; c++)
        in->at[c] = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        char title[40];
        int column = 0;
        copy_cell(&in->cells[i], title, sizeof(title));
        while (column < COLUMNS && strcmp(title, titles[column]) != 0)
            column++;
        if (column == COLUMNS || in->at[column] != SIZE_MAX) {
            char list[160];
            return gb_fail(in->err, GB_ERR_INVALID, NULL,
                           "%s:1: expected the columns %s, each once, got '%s'",
                           in->name,
                           gb_join(titles, COLUMNS, list, sizeof(list)), title);
        }
        in->at[column] = i;
    }
    for (int c = 0; c < NEEDED; c++)
        if (in->at[c] == SIZE_MAX)
            return gb_fail(in->err, GB_ERR_INVALID,
                           "a factor without year and publication cannot be "
                           "checked by anybody",
                           "%s:1: expected a column '%s', got none", in->name,
                           titles[c]);
    return GB_OK;
}

/* --- rows ----------------------------------------------------------------- */

static gb_status read_text(const reader *in, int column, char *out,
                           size_t size) {
    const bool there = in->at[column] != SIZE_MAX;
    const gb_csv_cell *cell = there ? &in->cells[in->at[column]] : NULL;
    char wanted[48];

    if (there && cell->length < size &&
        (column >= NEEDED || !gb_csv_is_missing(cell))) {
        copy_cell(cell, out, size);
        return GB_OK;
    }
    if (!there)
        return GB_OK;
    snprintf(wanted, sizeof(wanted), "text of 1 to %zu bytes", size - 1);
    return unexpected(in, column, wanted);
}

static gb_status read_word(const reader *in, int column,
                           const char *(*name_of)(int), int count, int *out) {
    const gb_csv_cell *cell = &in->cells[in->at[column]];
    const char *names[GB_CARBON_KINDS];
    char list[80], wanted[96];

    for (*out = 0; *out < count; (*out)++) {
        names[*out] = name_of(*out);
        if (strlen(names[*out]) == cell->length &&
            memcmp(names[*out], cell->text, cell->length) == 0)
            return GB_OK;
    }
    snprintf(wanted, sizeof(wanted), "one of %s",
             gb_join(names, (size_t)count, list, sizeof(list)));
    return unexpected(in, column, wanted);
}

const char *gb_factor_kind_word(int i) {
    return gb_carbon_kind_name((gb_carbon_kind)i);
}

const char *gb_factor_gas_word(int i) {
    return gb_carbon_gas_name((gb_carbon_gas)i);
}

const char *gb_factor_scope_word(int i) {
    return gb_carbon_scope_name((gb_carbon_scope)i);
}

static gb_status read_numbers(const reader *in, gb_factor *out) {
    double year = 0.0;

    if (!gb_csv_number(&in->cells[in->at[YEAR]], &year) || year < FIRST_YEAR ||
        year > LAST_YEAR || floor(year) < year)
        return unexpected(in, YEAR, "the year of the data");
    out->year = (int)year;
    if (!gb_csv_number(&in->cells[in->at[G_PER_KWH]], &out->g_per_kwh) ||
        out->g_per_kwh < 0.0 || out->g_per_kwh > GB_CARBON_MOST_G_PER_KWH)
        return unexpected(in, G_PER_KWH, "grams for each kWh, from 0 to 5000");
    return GB_OK;
}

bool gb_factor_u_rel(double percent, const char *form, double *u_rel_out) {
    if (strcmp(form, "bound") == 0)
        *u_rel_out = percent / 100.0 / sqrt(3.0);
    else if (strcmp(form, "sigma") == 0)
        *u_rel_out = percent / 100.0;
    else if (strcmp(form, "k2") == 0)
        *u_rel_out = percent / 200.0;
    else
        return false;
    return true;
}

static gb_status read_accuracy(const reader *in, gb_factor *out) {
    char text[24] = "", form[12] = "";
    double percent = 0.0;
    gb_status status = read_text(in, UNCERTAINTY, text, sizeof(text));

    out->u_rel = NAN;
    if (status != GB_OK || text[0] == '\0')
        return status;
    if (!gb_ends_with(text, "%") ||
        gb_parse_percent(text, &percent, NULL) != GB_OK)
        return unexpected(in, UNCERTAINTY, "a percentage such as 5%");
    status = read_text(in, FORM, form, sizeof(form));
    if (status == GB_OK && !gb_factor_u_rel(percent, form, &out->u_rel))
        return in->at[FORM] != SIZE_MAX
                   ? unexpected(in, FORM, "bound, sigma or k2")
                   : unexpected(in, UNCERTAINTY, "a column 'form' beside it");
    snprintf(out->accuracy, sizeof(out->accuracy), "%s, %s", text, form);
    return status;
}

static gb_status read_row(const reader *in, const char *sha256,
                          gb_factor *out) {
    int kind = 0, gas = 0, scope = 0;

    *out = (gb_factor){0};
    gb_status status = read_text(in, REGION, out->region, sizeof(out->region));
    if (status == GB_OK)
        status = read_text(in, NAME, out->name, sizeof(out->name));
    if (status == GB_OK)
        status = read_text(in, SERIES, out->series, sizeof(out->series));
    if (status == GB_OK)
        status = read_text(in, PUBLICATION, out->publication,
                           sizeof(out->publication));
    if (status == GB_OK)
        status = read_text(in, SOURCE, out->source, sizeof(out->source));
    if (status == GB_OK)
        status =
            read_word(in, KIND, gb_factor_kind_word, GB_CARBON_KINDS, &kind);
    if (status == GB_OK)
        status = read_word(in, GAS, gb_factor_gas_word, GB_CARBON_GASES, &gas);
    if (status == GB_OK)
        status = read_word(in, SCOPE, gb_factor_scope_word, GB_CARBON_SCOPES,
                           &scope);
    if (status == GB_OK)
        status = read_numbers(in, out);
    if (status == GB_OK)
        status = read_accuracy(in, out);
    out->type = (gb_carbon_type){(gb_carbon_gas)gas, (gb_carbon_kind)kind,
                                 (gb_carbon_scope)scope};
    gb_copy(out->sha256, sizeof(out->sha256), sha256);
    snprintf(out->origin.where, sizeof(out->origin.where), "%.120s:%zu",
             in->name, gb_csv_line(in->csv));
    return status;
}

static gb_status add_row(gb_factors *out, const gb_factor *row, gb_error *err) {
    if (out->count == ROWS_MAX)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "%s: expected at most %zu factors, got more",
                       row->origin.where, ROWS_MAX);
    /* Powers of two only: the count says when to grow. */
    if ((out->count & (out->count - 1)) == 0) {
        gb_factor *longer =
            realloc(out->rows, 2 * (out->count + 1) * sizeof(*longer));
        if (longer == NULL)
            return gb_fail_memory(err, "emission factors");
        out->rows = longer;
    }
    out->rows[out->count++] = *row;
    return GB_OK;
}

gb_status gb_factors_read(gb_csv *csv, const char *name, const char *sha256,
                          gb_factors *out, gb_error *err) {
    reader in = {.csv = csv, .name = name, .err = err};
    size_t count = 0;
    gb_status status = gb_csv_row(csv, &in.cells, &count, err);

    if (status == GB_OK && count == 0)
        status = gb_fail(err, GB_ERR_INVALID, NULL,
                         "%s:1: expected a line of titles, got nothing", name);
    if (status == GB_OK)
        status = find_columns(&in, count);
    while (status == GB_OK) {
        gb_factor row;
        status = gb_csv_row(csv, &in.cells, &count, err);
        if (status != GB_OK || count == 0)
            break;
        status = read_row(&in, sha256, &row);
        if (status == GB_OK)
            status = gb_factors_check(out, &row, err);
        if (status == GB_OK)
            status = add_row(out, &row, err);
    }
    return status;
}

/* --- files ---------------------------------------------------------------- */

gb_status gb_factors_load(const char *path, gb_factors *out, gb_error *err) {
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    char sha256[GB_SHA256_SIZE] = "";
    uint64_t bytes = 0;
    gb_csv *csv = NULL;

    gb_status status = gb_sha256_file(path, sha256, &bytes, err);
    if (status == GB_OK)
        status = gb_csv_open(path, name, &csv, err);
    if (status == GB_OK)
        status = gb_factors_read(csv, name, sha256, out, err);
    gb_csv_close(csv);
    return status;
}

static int is_table(const struct dirent *entry) {
    return gb_ends_with(entry->d_name, ".csv") && entry->d_name[0] != '.';
}

gb_status gb_factors_each_table(const char *folder, gb_factors_visit *visit,
                                void *ctx, gb_error *err) {
    struct dirent **names = NULL;
    const int count = scandir(folder, &names, is_table, alphasort);
    gb_status status = GB_OK;

    if (count < 0)
        return gb_fail_os(err, GB_ERR_NOT_FOUND, "install greenbench whole",
                          "cannot read the emission factors in '%s'", folder);
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        if (status == GB_OK)
            status = visit(ctx, path, names[i]->d_name, err);
        free(names[i]);
    }
    free(names);
    return status;
}

static gb_status load_table(void *ctx, const char *path, const char *name,
                            gb_error *err) {
    gb_factors *out = ctx;

    (void)name;
    return gb_factors_load(path, out, err);
}

gb_status gb_factors_load_folder(const char *folder, gb_factors *out,
                                 gb_error *err) {
    return gb_factors_each_table(folder, load_table, out, err);
}

/* --- what is the same ----------------------------------------------------- */

static bool same_value(const gb_factor *a, const gb_factor *b) {
    return fabs(a->g_per_kwh - b->g_per_kwh) < SAME_G_PER_KWH;
}

/* Of no series means of any of them. */
static bool same_series(const gb_factor *a, const gb_factor *b) {
    return a->series[0] == '\0' || b->series[0] == '\0' ||
           strcmp(a->series, b->series) == 0;
}

static bool same_quantity(const gb_factor *a, const gb_factor *b) {
    return strcmp(a->region, b->region) == 0 &&
           gb_carbon_same_type(&a->type, &b->type) && same_series(a, b);
}

/* --- looking one up ------------------------------------------------------- */

static bool is_of_region(const gb_factor *row, const char *region) {
    return strcmp(row->region, region) == 0 || strcmp(row->name, region) == 0;
}

static bool fits(const gb_factor *row, const gb_factor_query *query) {
    return is_of_region(row, query->region) && row->year == query->year &&
           row->type.kind == query->kind &&
           (query->gas < 0 || (int)row->type.gas == query->gas) &&
           (query->scope < 0 || (int)row->type.scope == query->scope) &&
           (query->series[0] == '\0' ||
            strcmp(row->series, query->series) == 0);
}

/* What the region has instead; nothing of it is taken. */
static gb_status fail_missing(const gb_factors *factors,
                              const gb_factor_query *query, gb_error *err) {
    gb_str has = {0};
    size_t told = 0;

    for (size_t i = 0; i < factors->count; i++) {
        const gb_factor *row = &factors->rows[i];
        if (is_of_region(row, query->region) && told++ < 6)
            gb_str_addf(&has, "%s%d %s %s%s%s", told > 1 ? ", " : "", row->year,
                        gb_carbon_kind_name(row->type.kind),
                        gb_carbon_gas_name(row->type.gas),
                        row->series[0] != '\0' ? " " : "", row->series);
    }
    gb_fail(err, GB_ERR_NOT_FOUND,
            told > 0 ? "a factor of another year is another number: take one "
                       "that there is, or give your own with its publication"
                     : "'greenbench carbon --factors' lists all regions",
            "%s: expected a factor of %d (%s%s%s%s%s), got %s%s", query->region,
            query->year, gb_carbon_kind_name(query->kind),
            query->gas >= 0 ? ", " : "",
            query->gas >= 0 ? gb_factor_gas_word(query->gas) : "",
            query->series[0] != '\0' ? ", " : "", query->series,
            told > 0 ? "only " : "no such region",
            told > 0 && has.text != NULL ? has.text : "");
    gb_str_fini(&has);
    return GB_ERR_NOT_FOUND;
}

static gb_status fail_several(const gb_factor *one, const gb_factor *other,
                              const gb_factor_query *query, gb_error *err) {
    return gb_fail(err, GB_ERR_INVALID,
                   "say which by 'gas', 'scope' or 'series'",
                   "%s: expected one factor of %d, got %.4g g %s (%s, %s) and "
                   "%.4g g %s (%s, %s)",
                   query->region, query->year, one->g_per_kwh,
                   gb_carbon_gas_name(one->type.gas),
                   gb_carbon_scope_name(one->type.scope), one->series,
                   other->g_per_kwh, gb_carbon_gas_name(other->type.gas),
                   gb_carbon_scope_name(other->type.scope), other->series);
}

gb_status gb_factors_find(const gb_factors *factors,
                          const gb_factor_query *query, const gb_factor **found,
                          gb_error *err) {
    *found = NULL;
    for (size_t i = 0; i < factors->count; i++) {
        const gb_factor *row = &factors->rows[i];
        if (!fits(row, query))
            continue;
        /* A table may repeat what is in another. */
        if (*found != NULL && same_quantity(*found, row))
            continue;
        if (*found != NULL)
            return fail_several(*found, row, query, err);
        *found = row;
    }
    return *found != NULL ? GB_OK : fail_missing(factors, query, err);
}

/* --- contradictions ------------------------------------------------------- */

gb_status gb_factors_check(const gb_factors *factors, const gb_factor *stated,
                           gb_error *err) {
    const gb_factor *of_year = NULL, *of_value = NULL;

    for (size_t i = 0; i < factors->count; i++) {
        const gb_factor *row = &factors->rows[i];
        if (!same_quantity(row, stated))
            continue;
        if (row->year == stated->year && same_value(row, stated))
            return GB_OK;
        if (row->year == stated->year && of_year == NULL)
            of_year = row;
        if (row->year != stated->year && same_value(row, stated))
            of_value = row;
    }
    if (of_year == NULL)
        return GB_OK;
    char elsewhere[48] = "";
    if (of_value != NULL)
        snprintf(elsewhere, sizeof(elsewhere), ", which is that of %d",
                 of_value->year);
    return gb_fail(
        err, GB_ERR_INVALID, "a value of another series names its own 'series'",
        "%s: %s: expected %.4f kg %s/kWh for %d as in %s (%s), got "
        "%.4f%s",
        stated->origin.where, stated->region, of_year->g_per_kwh / 1000.0,
        gb_carbon_gas_name(of_year->type.gas), stated->year,
        of_year->publication, of_year->origin.where, stated->g_per_kwh / 1000.0,
        elsewhere);
}
