/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/assess/grade.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Power and performance are of one window if their times differ by less. */
#define SAME_WINDOW 0.002

double gb_meters_accuracy(double each, size_t count) {
    return each / sqrt((double)count);
}

double gb_extrapolate_w(const gb_node_set *sets, size_t count) {
    double total_w = 0.0;

    for (size_t i = 0; i < count; i++) {
        if (sets[i].metered == 0)
            return NAN;
        total_w +=
            sets[i].metered_w * (double)sets[i].nodes / (double)sets[i].metered;
    }
    return total_w;
}

gb_status gb_green_efficiency(double performance, double phase_s,
                              double power_w, double window_s,
                              double *efficiency_out, gb_error *err) {
    if (!(fabs(window_s / phase_s - 1.0) <= SAME_WINDOW))
        return gb_fail(err, GB_ERR_INVALID,
                       "take the power of the core phase alone",
                       "expected power over the %.5g s "
                       "of the core phase, got power over %.5g s",
                       phase_s, window_s);
    if (!(performance > 0.0) || !(power_w > 0.0))
        return gb_fail(err, GB_ERR_INVALID, "",
                       "expected performance and power, got %g per s at "
                       "%g W",
                       performance, power_w);
    *efficiency_out = performance / power_w;
    return GB_OK;
}

/* --- the aspects -----------------------------------------------------------
 */
/* Each: whether @p rules are met, and in @p lack, of @p size, what is missing
 * if not. */

typedef bool (*aspect_test)(const gb_level_rules *rules,
                            const gb_grade_facts *facts, char *lack,
                            size_t size);

static bool granularity(const gb_level_rules *rules,
                        const gb_grade_facts *facts, char *lack, size_t size) {
    if (facts->point <= GB_POINT_FOREIGN) {
        snprintf(lack, size, "a meter");
        return false;
    }
    if (facts->counter)
        return true;
    if (rules->counter) {
        snprintf(lack, size, "a meter that counts energy all the time");
        return false;
    }
    if (!(rules->internal_s > 0.0) ||
        (facts->update_s > 0.0 && facts->update_s <= rules->internal_s))
        return true;
    if (facts->update_s > 0.0)
        snprintf(lack, size,
                 "a meter with a value each %g s or more often, not each %.3g "
                 "s",
                 rules->internal_s, facts->update_s);
    else
        snprintf(lack, size,
                 "how often the meter samples: once in %g s at least has to "
                 "be documented",
                 rules->internal_s);
    return false;
}

/* §11 item 5: what no level forgives. */
static bool window_is_valid(const gb_level_rules *rules,
                            const gb_grade_facts *facts, char *lack,
                            size_t size) {
    if (!(facts->core_s >= rules->core_s)) {
        snprintf(lack, size, "a core phase of %g s at least, not %.4g s",
                 rules->core_s, facts->core_s);
        return false;
    }
    if (facts->readings < rules->readings) {
        snprintf(lack, size,
                 "%zu readings inside the core phase at least, not %zu",
                 rules->readings, facts->readings);
        return false;
    }
    if (!(facts->interval_s <= rules->interval_share * facts->core_s)) {
        snprintf(lack, size,
                 "readings at most %g %% of the core phase apart, not %.3g %%",
                 100.0 * rules->interval_share,
                 100.0 * facts->interval_s / facts->core_s);
        return false;
    }
    return true;
}

static bool timing(const gb_level_rules *rules, const gb_grade_facts *facts,
                   char *lack, size_t size) {
    if (!window_is_valid(rules, facts, lack, size))
        return false;
    if (!facts->counter && facts->interval_s > rules->interval_s) {
        snprintf(lack, size, "a reading each %g s, not each %.3g s",
                 rules->interval_s, facts->interval_s);
        return false;
    }
    for (int i = 0; i < 2; i++)
        if (facts->uncovered_s[i] > rules->uncovered_s) {
            snprintf(lack, size,
                     "readings within %g s of the %s of the core phase, not "
                     "within %.3g s",
                     rules->uncovered_s, i == 0 ? "begin" : "end",
                     facts->uncovered_s[i]);
            return false;
        }
    if (rules->full_run && !facts->full_run) {
        snprintf(lack, size, "readings over the full run");
        return false;
    }
    return true;
}

static bool values(const gb_level_rules *rules, const gb_grade_facts *facts,
                   char *lack, size_t size) {
    if (facts->metered == 0 || facts->point <= GB_POINT_FOREIGN)
        snprintf(lack, size, "measured power of the core phase");
    else if (rules->full_run && !facts->full_run)
        snprintf(lack, size, "the power of the full run");
    else if (rules->full_run && !facts->idle)
        snprintf(lack, size, "idle power: a run with idle windows");
    else if (rules->counter && !facts->counter)
        snprintf(lack, size, "energies from a meter that counts them");
    else
        return true;
    return false;
}

static bool fraction(const gb_level_rules *rules, const gb_grade_facts *facts,
                     char *lack, size_t size) {
    if (facts->system_nodes > facts->nodes) {
        snprintf(lack, size,
                 "the workload on all %zu nodes of the system, not on %zu",
                 facts->system_nodes, facts->nodes);
        return false;
    }
    if (facts->nodes > 0 && facts->metered == facts->nodes)
        return true;
    if (rules->whole) {
        snprintf(lack, size, "power of all %zu nodes, not of %zu", facts->nodes,
                 facts->metered);
        return false;
    }
    if (!facts->chosen_randomly) {
        snprintf(lack, size,
                 "power of all nodes, or of some that are known to be chosen "
                 "at random");
        return false;
    }
    if (facts->metered_w >= rules->instead_w)
        return true;
    if (facts->least_share >= rules->share &&
        facts->metered_w >= rules->share_w &&
        facts->metered >= rules->share_nodes)
        return true;
    snprintf(lack, size,
             "power of all nodes, or of 1/%.0f of each kind, %zu nodes and %g "
             "kW at least, not of %zu of %zu nodes with %.4g kW",
             1.0 / rules->share, rules->share_nodes, 1e-3 * rules->share_w,
             facts->metered, facts->nodes, 1e-3 * facts->metered_w);
    return false;
}

static bool subsystems(const gb_level_rules *rules, const gb_grade_facts *facts,
                       char *lack, size_t size) {
    if (facts->point <= GB_POINT_COMPONENT) {
        snprintf(lack, size,
                 "power of whole nodes: with fans, disks, network adapters and "
                 "losses");
        return false;
    }
    if (rules->interconnect && facts->interconnect &&
        facts->interconnect_by == GB_PART_UNKNOWN) {
        snprintf(lack, size,
                 "power of the interconnect, measured or as an upper bound "
                 "from the most its hardware may draw");
        return false;
    }
    if (rules->others > GB_PART_UNKNOWN && facts->others == GB_PART_UNKNOWN) {
        snprintf(lack, size,
                 "which other subsystems took part, such as storage and head "
                 "nodes, and their power");
        return false;
    }
    if (facts->others < rules->others ||
        (facts->interconnect && facts->interconnect_by < rules->others)) {
        snprintf(lack, size,
                 "measured power of every subsystem that took part, not "
                 "estimates");
        return false;
    }
    return true;
}

static bool location(const gb_level_rules *rules, const gb_grade_facts *facts,
                     char *lack, size_t size) {
    static const char *const losses[] = {
        [GB_LOSS_DATA_SHEET] = "by the manufacturer's data",
        [GB_LOSS_OFFLINE] = "as measured of one of them",
        [GB_LOSS_SIMULTANEOUS] = "measured during the run",
    };

    if (facts->point >= rules->point)
        return true;
    if (facts->point == GB_POINT_DOWNSTREAM && facts->loss >= rules->loss)
        return true;
    if (facts->point == GB_POINT_DOWNSTREAM)
        snprintf(lack, size,
                 "a meter before the power supplies, or their loss %s",
                 losses[rules->loss]);
    else
        snprintf(lack, size,
                 "a meter before any conversion, such as a metered PDU");
    return false;
}

static bool accuracy(const gb_level_rules *rules, const gb_grade_facts *facts,
                     char *lack, size_t size) {
    const bool several = facts->meters > 1;
    const double together =
        facts->identical ? gb_meters_accuracy(facts->accuracy, facts->meters)
                         : facts->accuracy;

    if (facts->point <= GB_POINT_COMPONENT) {
        snprintf(lack, size, "a meter of whole nodes with a stated accuracy");
        return false;
    }
    if (isnan(rules->accuracy))
        return true;
    if (isnan(facts->accuracy))
        snprintf(lack, size,
                 "the accuracy of the meter, %g %% or better, which is "
                 "undocumented",
                 100.0 * rules->accuracy);
    else if (several && facts->accuracy > rules->accuracy_each)
        snprintf(lack, size, "meters of %g %% or better each, not %.3g %%",
                 100.0 * rules->accuracy_each, 100.0 * facts->accuracy);
    else if (together > rules->accuracy)
        snprintf(lack, size, "meters of %g %% or better together, not %.3g %%",
                 100.0 * rules->accuracy, 100.0 * together);
    else
        return true;
    return false;
}

/* --- what there is ---------------------------------------------------------
 */

/* What the run itself does not tell is marked wherever it is used. */
static const char *stated_mark(bool stated) {
    return stated ? " (stated)" : "";
}

static void describe_fraction(const gb_grade_facts *facts, char *out,
                              size_t size) {
    char system[64] = "";

    if (facts->system_nodes > 0)
        snprintf(system, sizeof(system), ", of %zu in the system (stated)",
                 facts->system_nodes);
    snprintf(out, size, "%zu of the %zu node%s that ran%s%s", facts->metered,
             facts->nodes, facts->nodes == 1 ? "" : "s",
             facts->chosen_randomly && facts->metered < facts->nodes
                 ? ", chosen at random (stated)"
                 : "",
             system);
}

static const char *describe_part(gb_part part) {
    static const char *const texts[] = {
        [GB_PART_UNKNOWN] = "not in it",
        [GB_PART_ESTIMATE] = "estimated (stated)",
        [GB_PART_MEASURED] = "measured (stated)",
        [GB_PART_NOT_USED] = "not used (stated)",
    };

    return texts[part];
}

static void describe_subsystems(const gb_grade_facts *facts, char *out,
                                size_t size) {
    char interconnect[64] = "no interconnect took part", others[64] = "";

    if (facts->interconnect)
        snprintf(interconnect, sizeof(interconnect), "the interconnect is %s",
                 describe_part(facts->interconnect_by));
    if (facts->others > GB_PART_UNKNOWN)
        snprintf(others, sizeof(others), "; all others: %s",
                 describe_part(facts->others));
    snprintf(out, size, "%s; %s%s",
             facts->point <= GB_POINT_COMPONENT ? "parts of the nodes"
                                                : "the nodes",
             interconnect, others);
}

static void describe_point(const gb_grade_facts *facts, char *out,
                           size_t size) {
    static const char *const texts[] = {
        [GB_POINT_NONE] = "there is no power",
        [GB_POINT_ESTIMATED] = "power is estimated, not measured",
        [GB_POINT_FOREIGN] = "power was simulated or is of a recording",
        [GB_POINT_COMPONENT] = "counters of components: behind every "
                               "conversion, and parts of a node only",
        [GB_POINT_DOWNSTREAM] = "whole nodes, behind their power supplies",
        [GB_POINT_CONTROLLER] = "input of the nodes, as their own controllers "
                                "tell it",
        [GB_POINT_UPSTREAM] = "whole nodes, before any conversion",
    };

    if (gb_grade_loss_applies(facts))
        snprintf(out, size, "%s; their loss by %s (stated)",
                 texts[facts->point], gb_conversion_loss_name(facts->loss));
    else
        gb_copy(out, size, texts[facts->point]);
}

static void describe(gb_aspect aspect, const gb_grade_facts *facts, char *out,
                     size_t size) {
    switch (aspect) {
    case GB_ASPECT_GRANULARITY:
        if (facts->point <= GB_POINT_FOREIGN)
            snprintf(out, size, "nothing was metered");
        else if (facts->counter)
            snprintf(out, size, "the meters count energy");
        else if (facts->update_s > 0.0)
            snprintf(out, size, "the meters give power, a value each %.3g s%s",
                     facts->update_s, stated_mark(facts->stated_update));
        else
            snprintf(out, size,
                     "the meters give power, how often is undocumented");
        break;
    case GB_ASPECT_TIMING:
        if (facts->readings == 0) {
            snprintf(out, size, "core phase of %.4g s without readings",
                     facts->core_s);
            break;
        }
        snprintf(out, size,
                 "core phase of %.4g s, %zu readings in it, at most %.3g s "
                 "apart; %s",
                 facts->core_s, facts->readings, facts->interval_s,
                 facts->full_run ? "the full run was sampled"
                                 : "the full run was not sampled");
        break;
    case GB_ASPECT_VALUES:
        snprintf(out, size, "power of: %s%s%s",
                 facts->metered > 0 ? "core phase" : "nothing",
                 facts->full_run ? ", full run" : "",
                 facts->idle ? ", idle" : "");
        break;
    case GB_ASPECT_FRACTION:
        describe_fraction(facts, out, size);
        break;
    case GB_ASPECT_SUBSYSTEMS:
        describe_subsystems(facts, out, size);
        break;
    case GB_ASPECT_LOCATION:
        describe_point(facts, out, size);
        break;
    default:
        if (isnan(facts->accuracy))
            snprintf(out, size, "undocumented");
        else
            snprintf(out, size, "%zu meter%s of %.3g %% (bound)%s",
                     facts->meters, facts->meters == 1 ? "" : "s",
                     100.0 * facts->accuracy,
                     stated_mark(facts->stated_accuracy));
    }
}

/* --- together --------------------------------------------------------------
 */

static const aspect_test tests[GB_ASPECT_COUNT] = {
    [GB_ASPECT_GRANULARITY] = granularity, [GB_ASPECT_TIMING] = timing,
    [GB_ASPECT_VALUES] = values,           [GB_ASPECT_FRACTION] = fraction,
    [GB_ASPECT_SUBSYSTEMS] = subsystems,   [GB_ASPECT_LOCATION] = location,
    [GB_ASPECT_ACCURACY] = accuracy,
};

static void grade_aspect(gb_methodology methodology, gb_aspect aspect,
                         const gb_grade_facts *facts, gb_aspect_grade *out) {
    *out = (gb_aspect_grade){0};
    describe(aspect, facts, out->reason, sizeof(out->reason));
    while (out->level < 3 &&
           tests[aspect](gb_level_rules_of(methodology, out->level + 1), facts,
                         out->missing, sizeof(out->missing)))
        out->level++;
}

static const char *label_of(gb_point point) {
    return point == GB_POINT_ESTIMATED   ? "estimated"
           : point == GB_POINT_COMPONENT ? "component-level"
           : point == GB_POINT_FOREIGN   ? "not measured"
                                         : "";
}

void gb_grade(gb_methodology methodology, const gb_grade_facts *facts,
              gb_grades *out) {
    char lack[320] = "";

    *out = (gb_grades){.level = 3};
    for (int i = 0; i < GB_ASPECT_COUNT; i++) {
        gb_aspect_grade *one = &out->aspects[i];
        grade_aspect(methodology, (gb_aspect)i, facts, one);
        if (i > 0 && one->level >= out->level)
            continue;
        out->level = one->level;
        out->weakest = (gb_aspect)i;
    }
    gb_copy(out->label, sizeof(out->label), label_of(facts->point));
    /* What sensors can never reach explains more than what else is missing. */
    if (out->label[0] != '\0')
        out->weakest = GB_ASPECT_LOCATION;
    out->invalid = !window_is_valid(gb_level_rules_of(methodology, 1), facts,
                                    lack, sizeof(lack));
    if (out->invalid) {
        out->level = 0;
        out->weakest = GB_ASPECT_TIMING;
    }
    snprintf(out->reason, sizeof(out->reason), "%s: %s%.280s",
             gb_aspect_name(out->weakest), out->invalid ? "expected " : "",
             out->invalid ? lack : out->aspects[out->weakest].reason);
}
