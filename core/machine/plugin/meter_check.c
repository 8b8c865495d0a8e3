/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "machine/plugin/check.h"
#include "machine/plugin/meter.h"
#include "model/energy.h"

/* Every host since meter ABI 1.0 calls it: the descriptor must reach past it.*/
#define REQUIRED_BYTES                                                         \
    (offsetof(gb_meter, close) + sizeof(((gb_meter *)NULL)->close))

/* A domain's name follows the plugin's id in a field of 64. */
#define NAME_MAX 40u
#define NAME_CHARACTERS                                                        \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/-"

static bool has_text(const char *text) {
    return text != NULL && text[0] != '\0';
}

gb_status gb_meter_check(const void *descriptor, const char *path,
                         gb_meter *copy_out, gb_plugin_part *failed_out,
                         gb_error *err) {
    static const gb_descriptor_kind kind = {
        .word = "meter",
        .type = "gb_meter",
        .abi_major = GB_METER_ABI_MAJOR,
        .required_bytes = REQUIRED_BYTES,
        .size = sizeof(gb_meter),
    };
    gb_meter copy;

    *failed_out = GB_PART_ABI;
    gb_status status = gb_check_prefix(descriptor, path, &kind, &copy, err);
    if (status != GB_OK)
        return status;
    const gb_required ops[] = {
        {"open", copy.open != NULL},
        {"domains", copy.domains != NULL},
        {"read", copy.read != NULL},
        {"close", copy.close != NULL},
    };
    const gb_required texts[] = {
        {"id", has_text(copy.id)},
        {"version", has_text(copy.version)},
        {"summary", has_text(copy.summary)},
    };
    *failed_out = GB_PART_OPS;
    status = gb_check_ops(ops, 4, path, "a meter has all four", err);
    if (status == GB_OK) {
        *failed_out = GB_PART_TEXTS;
        status = gb_check_texts(texts, 3, path, err);
    }
    if (status == GB_OK) {
        *failed_out = GB_PART_ID;
        status = gb_check_id(copy.id, path, err);
    }
    if (status == GB_OK) {
        *failed_out = GB_PART_PARAMS;
        status = gb_check_params(copy.params, copy.param_count, path, err);
    }
    if (status == GB_OK) {
        *failed_out = GB_PART_DEFAULTS;
        status =
            gb_check_defaults(copy.params, copy.param_count, true, path, err);
    }
    if (status != GB_OK)
        return status;
    *failed_out = GB_PART_ALL;
    *copy_out = copy;
    return GB_OK;
}

/* --- a domain ------------------------------------------------------------- */

static bool within(double value, double low, double high) {
    return isfinite(value) && value >= low && value <= high;
}

bool gb_meter_is_name(const char *name) {
    return has_text(name) && strlen(name) <= NAME_MAX &&
           strspn(name, NAME_CHARACTERS) == strlen(name);
}

static gb_status check_words(const gb_meter_domain *domain, gb_error *err) {
    gb_energy_scope scope;

    if (!gb_meter_is_name(domain->name))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "expected a name of at most %u of [A-Za-z0-9._:/-], got "
                       "'%.60s'",
                       NAME_MAX, domain->name != NULL ? domain->name : "");
    if (domain->scope == NULL || !gb_scope_from_name(domain->scope, &scope))
        return gb_fail(err, GB_ERR_INVALID,
                       "'other' for what is none of them: it is never summed",
                       "expected a scope such as node-ac or package, got "
                       "'%.40s'",
                       domain->scope != NULL ? domain->scope : "");
    if (domain->unit != GB_METER_JOULE && domain->unit != GB_METER_WATT)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "expected the unit GB_METER_JOULE (1) or GB_METER_WATT "
                       "(2), got %u",
                       domain->unit);
    if (domain->package < -1 || domain->package > 4095)
        return gb_fail(err, GB_ERR_INVALID, "-1: not tied to one",
                       "expected a package of -1 to 4095, got %d",
                       (int)domain->package);
    return GB_OK;
}

static gb_status check_counting(const gb_meter_domain *domain, gb_error *err) {
    const bool counter = domain->unit == GB_METER_JOULE;

    if (!within(domain->tick, 1e-15, 1e12))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "expected a tick of 1e-15 to 1e12 J or W, got %g",
                       domain->tick);
    if (!within(domain->step, domain->tick * 0.999999, 1e15))
        return gb_fail(err, GB_ERR_INVALID, "a value changes by whole ticks",
                       "expected a step of at least a tick, %g, got %g",
                       domain->tick, domain->step);
    if (domain->wrap_ticks != 0 &&
        (!counter || (double)domain->wrap_ticks * domain->tick <= domain->step))
        return gb_fail(err, GB_ERR_INVALID, "0: it never wraps",
                       "expected a wrap of more than a step, and only of a "
                       "counter, got %llu ticks",
                       (unsigned long long)domain->wrap_ticks);
    if (domain->update_ns == 0 || domain->update_ns > UINT64_C(3600000000000))
        return gb_fail(err, GB_ERR_INVALID,
                       "the time between new values, at most an hour",
                       "expected an update period, got %llu ns",
                       (unsigned long long)domain->update_ns);
    if (domain->average_ns > UINT64_C(3600000000000))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "expected an average over at most an hour, got %llu ns",
                       (unsigned long long)domain->average_ns);
    if (!within(domain->range_w, 0.0, 1e9))
        return gb_fail(err, GB_ERR_INVALID, "0: none is stated",
                       "expected a range of 0 to 1e9 W, got %g",
                       domain->range_w);
    return GB_OK;
}

static gb_status check_accuracy(const gb_meter_domain *domain, gb_error *err) {
    const double parts[] = {domain->accuracy_of_reading,
                            domain->accuracy_of_range};
    const bool expanded = domain->accuracy_form == GB_METER_ACCURACY_EXPANDED;
    bool any = domain->accuracy_w > 0.0;

    if (domain->accuracy_form > GB_METER_ACCURACY_EXPANDED)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "expected an accuracy form of 0 to 2, got %u",
                       domain->accuracy_form);
    for (size_t i = 0; i < 2; i++) {
        if (!within(parts[i], 0.0, 1.0))
            return gb_fail(err, GB_ERR_INVALID, "0.001 is 0.1 %",
                           "expected an accuracy of 0 to 1, a fraction, got %g",
                           parts[i]);
        any = any || parts[i] > 0.0;
    }
    if (!within(domain->accuracy_w, 0.0, 1e6))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "expected an accuracy of 0 to 1e6 W, got %g",
                       domain->accuracy_w);
    if (domain->accuracy_of_range > 0.0 && domain->range_w <= 0.0)
        return gb_fail(err, GB_ERR_INVALID, "set range_w",
                       "expected the range that an accuracy of %g of it is of, "
                       "got none",
                       domain->accuracy_of_range);
    if (any != (domain->accuracy_form != GB_METER_ACCURACY_UNKNOWN))
        return gb_fail(err, GB_ERR_INVALID,
                       "GB_METER_ACCURACY_LIMITS for most data sheets",
                       "expected an accuracy and its form, got %s alone",
                       any ? "an accuracy" : "a form");
    if (expanded && !within(domain->accuracy_k, 1e-3, 10.0))
        return gb_fail(err, GB_ERR_INVALID, "2 in most certificates",
                       "expected the k of an expanded uncertainty, got %g",
                       domain->accuracy_k);
    return GB_OK;
}

gb_status gb_meter_check_domain(const gb_meter_domain *domain, gb_error *err) {
    gb_status status = check_words(domain, err);

    /* Of what cannot be read, the rest may not be known. */
    if (status == GB_OK && domain->status == GB_OK)
        status = check_counting(domain, err);
    if (status == GB_OK && domain->status == GB_OK)
        status = check_accuracy(domain, err);
    return status;
}
