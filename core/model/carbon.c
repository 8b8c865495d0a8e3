/* SPDX-License-Identifier: Apache-2.0 */
#include "model/carbon.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const gas_names[] = {
#define NAME(name, text) text,
    GB_CARBON_GAS_MAP(NAME)
#undef NAME
};

static const char *const basis_names[] = {
#define NAME(name, text) text,
    GB_CARBON_BASIS_MAP(NAME)
#undef NAME
};

static const struct {
    const char *name;
    gb_carbon_basis basis;
} kinds[] = {
#define ROW(name, text, basis) {text, GB_CARBON_BY_##basis},
    GB_CARBON_KIND_MAP(ROW)
#undef ROW
};

static const char *const scope_names[] = {
#define NAME(name, text) text,
    GB_CARBON_SCOPE_MAP(NAME)
#undef NAME
};

const char *gb_carbon_gas_name(gb_carbon_gas gas) {
    return gas_names[gas];
}

const char *gb_carbon_basis_name(gb_carbon_basis basis) {
    return basis_names[basis];
}

const char *gb_carbon_kind_name(gb_carbon_kind kind) {
    return kinds[kind].name;
}

gb_carbon_basis gb_carbon_kind_basis(gb_carbon_kind kind) {
    return kinds[kind].basis;
}

const char *gb_carbon_scope_name(gb_carbon_scope scope) {
    return scope_names[scope];
}

bool gb_carbon_same_type(const gb_carbon_type *a, const gb_carbon_type *b) {
    return a->gas == b->gas && a->kind == b->kind && a->scope == b->scope;
}

void gb_carbon_type_text(const gb_carbon_type *type, char *out, size_t size) {
    snprintf(out, size, "%s, %s %s", gb_carbon_kind_name(type->kind),
             gb_carbon_scope_name(type->scope), gb_carbon_gas_name(type->gas));
}

const char *gb_intensity_status_name(gb_intensity_status status) {
    static const char *const names[] = {
#define NAME(name, text) text,
        GB_INTENSITY_STATUS_MAP(NAME)
#undef NAME
    };
    return names[status];
}

void gb_factors_fini(gb_factors *factors) {
    free(factors->rows);
    *factors = (gb_factors){0};
}

void gb_intensity_trace_fini(gb_intensity_trace *trace) {
    free(trace->rows);
    *trace = (gb_intensity_trace){0};
}
