/* SPDX-License-Identifier: Apache-2.0 */
#include "metering/cross.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/phrase.h"
#include "base/text.h"
#include "base/units.h"
#include "metering/lattice.h"

/* Memory of equally loaded sockets differs by its modules and its channels; on
 * record is a defect of 200 W beside 6 W. */
#define MOST_UNEVEN 5.0

#define POWER_SIZE 96

typedef struct power {
    double power_w, u95_w;
} power;

typedef struct findings {
    gb_contradiction *list;
    size_t count, capacity;
} findings;

static void find(findings *found, const char *code, const char *fmt, ...)
    GB_PRINTF_LIKE(3, 4);

static void find(findings *found, const char *code, const char *fmt, ...) {
    va_list args;

    if (found->count == found->capacity)
        return;
    gb_contradiction *one = &found->list[found->count++];
    *one = (gb_contradiction){0};
    gb_copy(one->code, sizeof(one->code), code);
    va_start(args, fmt);
    gb_phrase_vboth(one->what, sizeof(one->what), one->chinese,
                    sizeof(one->chinese), fmt, args);
    va_end(args);
}

static bool has_figure(const gb_energy_domain *domain,
                       const gb_energy_figure *figure) {
    return domain->status == GB_DOMAIN_OK &&
           domain->quality != GB_QUALITY_MODELLED &&
           figure->quality != GB_QUALITY_MODELLED &&
           isfinite(figure->energy_j) && figure->window_s > 0.0;
}

static power power_of(const gb_energy_figure *figure) {
    return (power){figure->energy_j / figure->window_s,
                   figure->u95_j / figure->window_s};
}

/* "376 +- 24 W": no digit that the uncertainty makes meaningless. */
static const char *say_power(const power *of, char *out) {
    char value[40], u95[40];

    (void)gb_format_rounded(of->power_w, of->u95_w, value, sizeof(value));
    (void)gb_format_rounded(of->u95_w, of->u95_w, u95, sizeof(u95));
    snprintf(out, POWER_SIZE, "%s +- %s W", value, u95);
    return out;
}

/* --- the same thing twice ------------------------------------------------- */

static bool same_thing(const gb_energy_domain *a, const gb_energy_domain *b) {
    return a->scope == b->scope && gb_domain_contains(a, b) &&
           gb_domain_contains(b, a);
}

static void check_pair(const gb_energy_domain *a, const gb_energy_figure *fa,
                       const gb_energy_domain *b, const gb_energy_figure *fb,
                       findings *found) {
    const power pa = power_of(fa), pb = power_of(fb);

    if (!same_thing(a, b) ||
        fabs(pa.power_w - pb.power_w) <= hypot(pa.u95_w, pb.u95_w))
        return;
    char of_a[POWER_SIZE], of_b[POWER_SIZE];
    find(found, "energy.disagree",
         "two counters of the same thing disagree: '%s %s' %s, '%s %s' %s",
         a->source, a->name, say_power(&pa, of_a), b->source, b->name,
         say_power(&pb, of_b));
}

/* --- a whole and its parts ------------------------------------------------ */

/* Is it inside another domain of its source that is inside @p whole as well? */
static bool inside_a_sibling(const gb_energy_domain *domains,
                             const gb_energy_figure *figures, size_t count,
                             const gb_energy_domain *whole, size_t part) {
    for (size_t i = 0; i < count; i++) {
        if (i == part || &domains[i] == whole ||
            !has_figure(&domains[i], &figures[i]) ||
            strcmp(domains[i].source, domains[part].source) != 0 ||
            domains[i].scope == whole->scope ||
            !gb_domain_contains(whole, &domains[i]) ||
            !gb_domain_contains(&domains[i], &domains[part]))
            continue;
        /* A second path to the same counter: the first one stands for both. */
        if (domains[i].scope != domains[part].scope || i < part)
            return true;
    }
    return false;
}

/* The parts of @p whole that @p source reads, none inside another. */
static power sum_parts(const gb_energy_domain *domains,
                       const gb_energy_figure *figures, size_t count,
                       const gb_energy_domain *whole, const char *source,
                       size_t *parts_out) {
    power sum = {0};

    *parts_out = 0;
    for (size_t i = 0; i < count; i++) {
        if (&domains[i] == whole || !has_figure(&domains[i], &figures[i]) ||
            strcmp(domains[i].source, source) != 0 ||
            domains[i].scope == whole->scope ||
            !gb_domain_contains(whole, &domains[i]) ||
            inside_a_sibling(domains, figures, count, whole, i))
            continue;
        const power one = power_of(&figures[i]);
        sum.power_w += one.power_w;
        sum.u95_w += one.u95_w; /* one kind of meter errs alike */
        (*parts_out)++;
    }
    return sum;
}

static bool first_of_its_source(const gb_energy_domain *domains, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (strcmp(domains[k].source, domains[i].source) == 0)
            return false;
    return true;
}

static void check_whole(const gb_energy_domain *domains,
                        const gb_energy_figure *figures, size_t count,
                        size_t whole, findings *found) {
    const gb_energy_domain *domain = &domains[whole];
    const power all = power_of(&figures[whole]);

    for (size_t s = 0; s < count; s++) {
        size_t parts = 0;
        if (!first_of_its_source(domains, s))
            continue;
        const power sum = sum_parts(domains, figures, count, domain,
                                    domains[s].source, &parts);
        if (parts == 0 ||
            sum.power_w - all.power_w <= hypot(sum.u95_w, all.u95_w))
            continue;
        char of_sum[POWER_SIZE], of_all[POWER_SIZE];
        find(found, "energy.exceeds",
             "parts exceed their whole: %zu of '%s' %s inside '%s %s' %s",
             parts, domains[s].source, say_power(&sum, of_sum), domain->source,
             domain->name, say_power(&all, of_all));
    }
}

/* --- memory --------------------------------------------------------------- */

static void check_memory(const gb_energy_domain *domains,
                         const gb_energy_figure *figures, size_t count,
                         findings *found) {
    size_t least = count, most = count;

    for (size_t i = 0; i < count; i++) {
        if (domains[i].scope != GB_SCOPE_DRAM || domains[i].package < 0 ||
            !has_figure(&domains[i], &figures[i]))
            continue;
        const double power_w = power_of(&figures[i]).power_w;
        if (least == count || power_w < power_of(&figures[least]).power_w)
            least = i;
        if (most == count || power_w > power_of(&figures[most]).power_w)
            most = i;
    }
    if (least == most)
        return;
    const power low = power_of(&figures[least]),
                high = power_of(&figures[most]);
    if (high.power_w - high.u95_w <= MOST_UNEVEN * (low.power_w + low.u95_w))
        return;
    char of_high[POWER_SIZE], of_low[POWER_SIZE];
    find(found, "energy.dram_uneven",
         "memory of the sockets differs by more than a factor of %.0f: '%s' "
         "%s, '%s' %s",
         MOST_UNEVEN, domains[most].name, say_power(&high, of_high),
         domains[least].name, say_power(&low, of_low));
}

size_t gb_cross_check(const gb_energy_domain *domains,
                      const gb_energy_figure *figures, size_t count,
                      gb_contradiction *found_out, size_t capacity) {
    findings found = {.list = found_out, .capacity = capacity};

    for (size_t i = 0; i < count; i++) {
        if (!has_figure(&domains[i], &figures[i]))
            continue;
        for (size_t k = i + 1; k < count; k++)
            if (has_figure(&domains[k], &figures[k]))
                check_pair(&domains[i], &figures[i], &domains[k], &figures[k],
                           &found);
        check_whole(domains, figures, count, i, &found);
    }
    check_memory(domains, figures, count, &found);
    return found.count;
}
