/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "emulator/tree_nodes.h"

#define TEMPERATURE_C 44

const char *gb_tree_local_path(const gb_tree_node *node) {
    const char *slash = strchr(node->path + 1, '/');
    return slash != NULL ? slash : "/";
}

/* --- faults that hit a node ----------------------------------------------- */

static bool is_reading(const gb_tree_node *node) {
    return node->value == GB_VALUE_ENERGY || node->value == GB_VALUE_POWER;
}

/* A domain's name stands for its readings; for all that it has, if it
 * vanishes. */
static const char *target_name(const gb_tree_node *node, gb_fault_kind kind) {
    return node->domain != NULL && (is_reading(node) || kind == GB_FAULT_VANISH)
               ? node->domain->name
               : NULL;
}

/* The fault of @p kind that is active on @p node; null: none. */
static const gb_fault *active_fault(const gb_tree_node *node,
                                    gb_fault_kind kind, int64_t t_ns,
                                    int64_t *begin_ns_out) {
    const gb_em_machine *machine = node->machine;
    if (machine == NULL)
        return NULL;
    for (size_t i = 0; i < machine->fault_count; i++) {
        const gb_fault *fault = &machine->faults[i];
        if (fault->kind == kind && gb_fault_active(fault, t_ns, begin_ns_out) &&
            gb_fault_hits(fault, target_name(node, kind),
                          gb_tree_local_path(node)))
            return fault;
    }
    return NULL;
}

/* Machines' own folders and the emulator's stay. */
static bool vanished(const gb_tree_node *node, int64_t t_ns) {
    const char *path = gb_tree_local_path(node);
    return strcmp(path, "/") != 0 && !gb_starts_with(path, "/.emulator") &&
           active_fault(node, GB_FAULT_VANISH, t_ns, NULL) != NULL;
}

/* --- looking -------------------------------------------------------------- */

static int compare_path(const void *key, const void *node) {
    return strcmp(key, ((const gb_tree_node *)node)->path);
}

static gb_tree_node *find(const gb_tree *tree, const char *path) {
    return bsearch(path, tree->nodes, tree->count, sizeof(*tree->nodes),
                   compare_path);
}

/* "<t0>-<t1>" below a folder of truth files. */
static bool look_truth(const gb_tree *tree, const char *path,
                       gb_tree_entry *entry) {
    char dir[256], from[24];
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path || (size_t)(slash - path) >= sizeof(dir))
        return false;
    memcpy(dir, path, (size_t)(slash - path));
    dir[slash - path] = '\0';
    gb_tree_node *node = find(tree, dir);
    const char *dash = strchr(slash, '-');
    if (node == NULL || !node->truth || dash == NULL ||
        (size_t)(dash - slash) > sizeof(from))
        return false;
    memcpy(from, slash + 1, (size_t)(dash - slash - 1));
    from[dash - slash - 1] = '\0';
    entry->kind = GB_TREE_FILE;
    entry->mode = 0444;
    entry->node = node;
    return gb_parse_u64(from, &entry->window_begin_ns, NULL) == GB_OK &&
           gb_parse_u64(dash + 1, &entry->window_end_ns, NULL) == GB_OK &&
           entry->window_end_ns > entry->window_begin_ns;
}

int gb_tree_look(const gb_tree *tree, const char *path, int64_t t_ns,
                 gb_tree_entry *entry_out) {
    gb_tree_node *node = find(tree, path);
    *entry_out = (gb_tree_entry){0};
    if (node == NULL)
        return look_truth(tree, path, entry_out) ? 0 : ENOENT;
    if (vanished(node, t_ns))
        return ENOENT;
    entry_out->kind = node->kind;
    entry_out->mode = node->mode;
    entry_out->size =
        node->kind == GB_TREE_LINK ? strlen(node->text) : node->size;
    entry_out->node = node;
    return 0;
}

int gb_tree_list(const gb_tree *tree, const gb_tree_entry *folder, int64_t t_ns,
                 void (*each)(void *ctx, const char *name), void *ctx) {
    const char *path = folder->node->path;
    if (folder->kind != GB_TREE_DIR)
        return ENOTDIR;
    if (vanished(folder->node, t_ns))
        return ENOENT;
    const size_t length = strcmp(path, "/") == 0 ? 0 : strlen(path);
    for (size_t i = 0; i < tree->count; i++) {
        const gb_tree_node *node = &tree->nodes[i];
        if (strncmp(node->path, path, length) == 0 &&
            node->path[length] == '/' && node->path[length + 1] != '\0' &&
            strchr(node->path + length + 1, '/') == NULL &&
            !vanished(node, t_ns))
            each(ctx, node->path + length + 1);
    }
    return 0;
}

const char *gb_tree_link_target(const gb_tree_entry *entry) {
    return entry->kind == GB_TREE_LINK ? entry->node->text : NULL;
}

int gb_tree_open(const gb_tree_entry *entry, int64_t t_ns) {
    return active_fault(entry->node, GB_FAULT_EACCES, t_ns, NULL) != NULL
               ? EACCES
               : 0;
}

double gb_tree_delay_s(const gb_tree_entry *entry, int64_t t_ns) {
    const gb_fault *fault =
        active_fault(entry->node, GB_FAULT_SLOW, t_ns, NULL);
    return fault != NULL ? fault->amount : 0.0;
}

bool gb_tree_is_stateful(const gb_tree_entry *entry) {
    return entry->node->timer != NULL;
}

/* --- values --------------------------------------------------------------- */

static void add_stamp(const gb_tree_node *node, const gb_tree_time *time,
                      int64_t stamp_ns, gb_str *out) {
    if (!node->machine->cray.legacy)
        gb_str_addf(out, " %lld us",
                    (long long)time->start_utc_us + stamp_ns / 1000);
    gb_str_add(out, "\n");
}

static void add_energy(const gb_tree_node *node, const gb_tree_time *time,
                       int64_t value_ns, int64_t stamp_ns, gb_str *out) {
    const gb_em_domain *domain = node->domain;
    const bool cray = domain->source == GB_EM_CRAY_PM;
    const uint64_t steps = gb_em_domain_steps(
        node->machine, domain, gb_tree_local_path(node), value_ns);
    gb_str_addf(out, "%llu",
                (unsigned long long)gb_counter_in_units(
                    &domain->counter, steps, cray ? 1000000000 : 1000));
    if (!cray) {
        gb_str_add(out, "\n");
        return;
    }
    gb_str_add(out, " J");
    add_stamp(node, time, gb_refresh_last_ns(&domain->refresh, stamp_ns, NULL),
              out);
}

static uint64_t power_nw(const gb_tree_node *node, int64_t t_ns) {
    return gb_gauge_nw(&node->domain->gauge, node->domain->trace,
                       gb_refresh_last_ns(&node->domain->refresh, t_ns, NULL));
}

/* Only the meter that is asked for is refreshed, and starts the timer that all
 * of its socket share: reference/energy.md §3.3. */
static uint64_t metered_nw(gb_tree_node *node, int64_t t_ns) {
    gb_meter_timer *timer = node->timer;
    if (timer == NULL)
        return power_nw(node, t_ns);
    if (!timer->used ||
        t_ns - timer->refreshed_ns >= node->machine->meter_timer_ns) {
        timer->used = true;
        timer->refreshed_ns = t_ns;
        node->shown_nw = power_nw(node, t_ns);
    }
    return node->shown_nw;
}

static void add_power(gb_tree_node *node, const gb_tree_time *time,
                      int64_t value_ns, int64_t stamp_ns, gb_str *out) {
    const uint64_t nw = metered_nw(node, value_ns);
    if (node->domain->source != GB_EM_CRAY_PM) {
        gb_str_addf(out, "%llu\n", (unsigned long long)(nw / 1000));
        return;
    }
    gb_str_addf(out, "%llu W", (unsigned long long)(nw / 1000000000));
    add_stamp(node, time,
              gb_refresh_last_ns(&node->domain->refresh, stamp_ns, NULL), out);
}

/* Counts of the blade's controller: they follow its resets and jumps too. */
static void add_count(const gb_tree_node *node, const gb_tree_time *time,
                      int64_t value_ns, gb_str *out) {
    const gb_em_cray *cray = &node->machine->cray;
    const char *path = gb_tree_local_path(node);
    int64_t reset_ns = -1;
    const bool reset =
        gb_em_last_reset(node->machine, NULL, path, value_ns, &reset_ns);
    const int64_t leaps =
        (int64_t)gb_em_leaps(node->machine, NULL, path, reset_ns, value_ns);
    const int64_t since_ns = reset ? value_ns - reset_ns : value_ns;
    const int64_t scans =
        (int64_t)((double)since_ns * 1e-9 * (double)cray->raw_scan_hz);
    const int64_t startup_us = cray->startup_us > 0
                                   ? (int64_t)cray->startup_us
                                   : (int64_t)time->start_utc_us - 3600000000;
    long long value = 0;
    if (node->value == GB_VALUE_FRESHNESS)
        value = (reset ? 0 : (int64_t)cray->freshness) + scans;
    else if (node->value == GB_VALUE_GENERATION)
        value = reset ? 0 : (int64_t)cray->generation;
    else
        value =
            reset ? (int64_t)time->start_utc_us + reset_ns / 1000 : startup_us;
    gb_str_addf(out, "%lld\n", value + leaps);
}

static void add_value(gb_tree_node *node, const gb_tree_time *time,
                      gb_str *out) {
    int64_t value_ns = time->t_ns, stamp_ns = time->t_ns;
    active_fault(node, GB_FAULT_STUCK, time->t_ns, &value_ns);
    active_fault(node, GB_FAULT_STALE, time->t_ns, &stamp_ns);
    switch (node->value) {
    case GB_VALUE_TEXT:
        gb_str_add(out, node->text);
        break;
    case GB_VALUE_ENERGY:
        add_energy(node, time, value_ns, stamp_ns, out);
        break;
    case GB_VALUE_POWER:
        add_power(node, time, value_ns, stamp_ns, out);
        break;
    case GB_VALUE_TEMPERATURE:
        gb_str_addf(out, "%d C", TEMPERATURE_C);
        add_stamp(node, time,
                  gb_refresh_last_ns(&node->domain->refresh, stamp_ns, NULL),
                  out);
        break;
    case GB_VALUE_FRESHNESS:
    case GB_VALUE_GENERATION:
    case GB_VALUE_STARTUP:
        add_count(node, time, value_ns, out);
        break;
    case GB_VALUE_LOG:
        gb_fault_log(node->machine->faults, node->machine->fault_count,
                     time->t_ns, out);
        break;
    }
}

/* What a fault makes of a read; -1: nothing. */
static int faulty_read(const gb_tree_node *node, int64_t t_ns, gb_str *out) {
    static const struct {
        gb_fault_kind kind;
        int cause;
    } failures[] = {
        {GB_FAULT_VANISH, ENODEV}, /* as kernfs, for a descriptor kept open */
        {GB_FAULT_EACCES, EACCES}, {GB_FAULT_EINVAL, EINVAL},
        {GB_FAULT_EIO, EIO},       {GB_FAULT_EMPTY, 0},
    };
    int64_t begin_ns = 0;
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
        if (active_fault(node, failures[i].kind, t_ns, NULL) != NULL)
            return failures[i].cause;
    const gb_fault *garbage =
        active_fault(node, GB_FAULT_GARBAGE, t_ns, &begin_ns);
    if (garbage == NULL)
        return -1;
    gb_str_add(out, gb_fault_garbage(gb_fault_begins(garbage, begin_ns, NULL)));
    return 0;
}

int gb_tree_read(const gb_tree *tree, gb_tree_entry *entry,
                 const gb_tree_time *time, gb_str *out) {
    gb_tree_node *node = entry->node;
    if (node->truth)
        return gb_tree_truth(tree, node->machine, time, entry->window_begin_ns,
                             entry->window_end_ns, out);
    const int cause = node->machine != NULL && node->machine->fault_count > 0 &&
                              node->value != GB_VALUE_LOG
                          ? faulty_read(node, time->t_ns, out)
                          : -1;
    if (cause >= 0)
        return cause;
    add_value(node, time, out);
    return out->failed ? ENOMEM : 0;
}

/* --- truth ---------------------------------------------------------------- */

static void add_quoted(gb_str *out, const char *text) {
    gb_str_add(out, "\"");
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            gb_str_add(out, "\\");
        if ((unsigned char)*at < 0x20)
            gb_str_addf(out, "\\u%04x", (unsigned)*at);
        else
            gb_str_addn(out, at, 1);
    }
    gb_str_add(out, "\"");
}

/* Of a live trace only what the history holds is known. */
static bool history_covers(const gb_tree *tree, const gb_em_machine *machine,
                           double begin_s) {
    double first_s = 0.0, last_s = 0.0;
    bool live = false;
    for (size_t i = 0; i < machine->domain_count; i++)
        live |= !machine->domains[i].off &&
                gb_trace_is_live(machine->domains[i].trace);
    return !live ||
           (gb_history_span(&tree->machines->history, &first_s, &last_s) &&
            begin_s >= first_s);
}

int gb_tree_truth(const gb_tree *tree, const gb_em_machine *machine,
                  const gb_tree_time *time, uint64_t begin_ns, uint64_t end_ns,
                  gb_str *out) {
    const uint64_t now_ns = time->start_ns + (uint64_t)time->t_ns;
    double node_j = 0.0;
    bool any = false;
    if (end_ns > now_ns)
        return EAGAIN;
    if (begin_ns < time->start_ns || end_ns <= begin_ns)
        return ERANGE;
    const double t0_s = (double)(begin_ns - time->start_ns) * 1e-9;
    const double t1_s = (double)(end_ns - time->start_ns) * 1e-9;
    if (!history_covers(tree, machine, t0_s - GB_TRACE_CPU_LAG_S) &&
        t0_s > GB_TRACE_CPU_LAG_S)
        return ERANGE;
    gb_str domains = {0};
    for (size_t i = 0; i < machine->domain_count; i++) {
        const gb_em_domain *domain = &machine->domains[i];
        if (domain->off)
            continue;
        const double energy_j = gb_trace_energy_j(domain->trace, t0_s, t1_s);
        gb_str_addf(&domains,
                    "%s\n    {\"domain\": ", domains.length > 0 ? "," : "");
        add_quoted(&domains, domain->name);
        gb_str_addf(&domains,
                    ", \"source\": \"%s\", \"energy_j\": %.17g, \"node\": %s}",
                    gb_em_source_name(domain->source), energy_j,
                    domain->node == 1 ? "true" : "false");
        any |= domain->node == 1;
        node_j += domain->node == 1 ? energy_j : 0.0;
    }
    gb_str_add(&domains, "");
    gb_str_addf(out,
                "{\n  \"schema\": \"greenbench.truth/1\",\n  \"machine\": ");
    add_quoted(out, machine->name);
    gb_str_addf(out, ",\n  \"window_s\": %.17g,\n  \"node_j\": ", t1_s - t0_s);
    if (any)
        gb_str_addf(out, "%.17g", node_j);
    else
        gb_str_add(out, "null");
    gb_str_addf(out, ",\n  \"domains\": [%s\n  ]\n}\n",
                domains.text != NULL ? domains.text : "");
    out->failed |= domains.failed;
    gb_str_fini(&domains);
    return out->failed ? ENOMEM : 0;
}
