/* SPDX-License-Identifier: Apache-2.0 */
/* Which files an emulated machine has: layouts of reference/energy.md §1.1,
 * §3.2, §3.4 and §4. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/tree_nodes.h"

#define POWERCAP_DIR "/sys/devices/virtual/powercap"
#define CRAY_DIR     "/sys/cray/pm_counters"
#define CRAY_SIZE    65536

/* --- powercap ------------------------------------------------------------- */

/* "intel-rapl:0:1" -> "<POWERCAP_DIR>/intel-rapl/intel-rapl:0/intel-rapl:0:1";
 * returns how many zones deep it is. */
static int zone_dir(const char *zone, char *dir, size_t size) {
    int depth = 0;
    const char *at = strchr(zone, ':');
    size_t used = (size_t)snprintf(dir, size, POWERCAP_DIR "/%.*s",
                                   (int)(at - zone), zone);
    while (at != NULL && used < size) {
        at = strchr(at + 1, ':');
        const size_t length = at != NULL ? (size_t)(at - zone) : strlen(zone);
        used += (size_t)snprintf(dir + used, size - used, "/%.*s", (int)length,
                                 zone);
        depth++;
    }
    return depth;
}

static void add_subsystem(gb_tree_builder *to, const char *dir, int depth) {
    char target[160] = "../../../";
    for (int i = 0; i <= depth && i < 16; i++)
        strncat(target, "../", sizeof(target) - strlen(target) - 1);
    strncat(target, "class/powercap", sizeof(target) - strlen(target) - 1);
    gb_tree_add_entry(to, dir, "subsystem", GB_TREE_LINK, target);
}

static void add_control_type(gb_tree_builder *to, const char *zone) {
    char type[48], dir[160], target[200];
    snprintf(type, sizeof(type), "%.*s", (int)strcspn(zone, ":"), zone);
    snprintf(dir, sizeof(dir), POWERCAP_DIR "/%s", type);
    gb_tree_add_text(to, dir, "enabled", "1");
    gb_tree_add_entry(to, dir, "uevent", GB_TREE_FILE, "");
    add_subsystem(to, dir, 0);
    snprintf(target, sizeof(target), "../../devices/virtual/powercap/%s", type);
    gb_tree_add_entry(to, "/sys/class/powercap", type, GB_TREE_LINK, target);
}

static void add_limits(gb_tree_builder *to, const char *dir,
                       const gb_em_domain *domain) {
    const uint64_t uw = (uint64_t)(domain->max_power_w * 1e6);
    gb_tree_add_text(to, dir, "constraint_0_name", "long_term");
    gb_tree_add_number(to, dir, "constraint_0_power_limit_uw", uw);
    gb_tree_add_number(to, dir, "constraint_0_time_window_us", 999424);
    gb_tree_add_number(to, dir, "constraint_0_max_power_uw", uw);
}

static void add_zone(gb_tree_builder *to, const gb_em_domain *domain) {
    char dir[512], target[560], above[64] = "../../";
    const int depth = zone_dir(domain->zone, dir, sizeof(dir));
    const char *tail = strrchr(domain->name, '/');
    tail = tail != NULL ? tail + 1 : domain->name;

    add_control_type(to, domain->zone);
    gb_tree_add_text(to, dir, "name",
                     domain->label[0] != '\0' ? domain->label : tail);
    gb_tree_add_value(to, dir, "energy_uj", GB_VALUE_ENERGY, domain, 0400);
    gb_tree_add_number(to, dir, "max_energy_range_uj",
                       gb_counter_range_uj(&domain->counter));
    gb_tree_add_text(to, dir, "enabled",
                     "0"); /* the power limit, not the counter */
    gb_tree_add_entry(to, dir, "uevent", GB_TREE_FILE, "");
    if (domain->max_power_w > 0.0)
        add_limits(to, dir, domain);
    add_subsystem(to, dir, depth);
    const char *last = strrchr(domain->zone, ':');
    snprintf(above + 6, sizeof(above) - 6, "%.*s", (int)(last - domain->zone),
             domain->zone);
    gb_tree_add_entry(to, dir, "device", GB_TREE_LINK, above);
    gb_tree_own(to, dir, domain);
    snprintf(target, sizeof(target), "../..%s", dir + strlen("/sys"));
    gb_tree_node *link = gb_tree_add_entry(to, "/sys/class/powercap",
                                           domain->zone, GB_TREE_LINK, target);
    if (link != NULL)
        link->domain = domain;
}

/* --- hwmon ---------------------------------------------------------------- */

/* Chip number @p hwmon of a device: the class link and `device`; @p dir gets
 * the chip's own folder. */
static void add_chip(gb_tree_builder *to, const char *device, char *dir,
                     size_t size, const gb_em_domain *domain) {
    char name[16], target[300];
    snprintf(name, sizeof(name), "hwmon%u", to->hwmon++);
    snprintf(dir, size, "%s/hwmon/%s", device, name);
    snprintf(target, sizeof(target), "../../..%s", strrchr(device, '/'));
    gb_tree_add_entry(to, dir, "device", GB_TREE_LINK, target);
    gb_tree_add_entry(to, dir, "subsystem", GB_TREE_LINK,
                      "../../../../../class/hwmon");
    snprintf(target, sizeof(target), "../..%s", dir + strlen("/sys"));
    gb_tree_node *link =
        gb_tree_add_entry(to, "/sys/class/hwmon", name, GB_TREE_LINK, target);
    if (link != NULL)
        link->domain = domain;
    gb_tree_own(to, dir, domain);
}

static int socket_of(const char *label) {
    const char *word = strrchr(label, ' ');
    return word != NULL ? atoi(word + 1) : 0;
}

static gb_meter_timer *timer_of(gb_tree_builder *to,
                                const gb_em_domain *domain) {
    gb_tree *tree = to->tree;
    const int socket = socket_of(domain->label);
    if (to->machine->meter_timer_ns == 0)
        return NULL;
    for (size_t i = 0; i < tree->timer_count; i++)
        if (tree->timers[i].machine == to->machine &&
            tree->timers[i].socket == socket)
            return &tree->timers[i];
    gb_meter_timer *timer = &tree->timers[tree->timer_count++];
    timer->machine = to->machine;
    timer->socket = socket;
    return timer;
}

static void add_power_meter(gb_tree_builder *to, const gb_em_domain *domain) {
    char device[64], chip[128];
    snprintf(device, sizeof(device), "/sys/devices/LNXSYSTM:00/ACPI000D:%02x",
             to->hwmon);
    add_chip(to, device, chip, sizeof(chip), domain);
    const char *dir = to->machine->old_layout ? device : chip;
    const uint64_t average_ms = (uint64_t)domain->gauge.average_ns / 1000000;
    gb_tree_add_text(to, dir, "name", "power_meter");
    gb_tree_add_text(to, dir, "power1_oem_info", domain->label);
    gb_tree_add_text(to, dir, "power1_model_number", "");
    gb_tree_add_text(to, dir, "power1_serial_number", "");
    gb_tree_add_text(to, dir, "power1_accuracy", "98.0%");
    gb_tree_add_text(to, dir, "power1_is_battery", "0");
    gb_tree_add_number(to, dir, "power1_average_interval", average_ms);
    gb_tree_add_number(to, dir, "power1_average_interval_min", average_ms);
    gb_tree_add_number(to, dir, "power1_average_interval_max", 1000);
    gb_tree_node *node = gb_tree_add_value(to, dir, "power1_average",
                                           GB_VALUE_POWER, domain, 0444);
    if (node != NULL)
        node->timer = timer_of(to, domain);
    gb_tree_own(to, device, domain);
}

static void add_amd_energy(gb_tree_builder *to) {
    char chip[128], name[32];
    unsigned channel = 0;
    for (size_t i = 0; i < to->machine->domain_count; i++) {
        const gb_em_domain *domain = &to->machine->domains[i];
        if (domain->off || domain->source != GB_EM_AMD_ENERGY)
            continue;
        if (channel++ == 0) {
            add_chip(to, "/sys/devices/platform/amd_energy.0", chip,
                     sizeof(chip), NULL);
            gb_tree_add_text(to, chip, "name", "amd_energy");
        }
        snprintf(name, sizeof(name), "energy%u_label", channel);
        gb_tree_add_text(to, chip, name, domain->label);
        snprintf(name, sizeof(name), "energy%u_input", channel);
        gb_tree_add_value(to, chip, name, GB_VALUE_ENERGY, domain, 0440);
    }
}

/* --- pm_counters ---------------------------------------------------------- */

static void cray_value(gb_tree_builder *to, const gb_em_domain *domain,
                       const char *tail, gb_tree_value value) {
    char name[80];
    snprintf(name, sizeof(name), "%.*s%s", (int)strlen(domain->name) - 6,
             domain->name, tail);
    gb_tree_node *node =
        gb_tree_add_value(to, CRAY_DIR, name, value, domain, 0444);
    if (node != NULL)
        node->size = CRAY_SIZE;
}

static void cray_plain(gb_tree_builder *to, const char *name,
                       gb_tree_value value, const char *text) {
    if (text != NULL)
        gb_tree_add_text(to, CRAY_DIR, name, text);
    gb_tree_node *node =
        gb_tree_add_entry(to, CRAY_DIR, name, GB_TREE_FILE, NULL);
    if (node != NULL) {
        node->value = value;
        node->size = CRAY_SIZE;
    }
}

static void add_cray(gb_tree_builder *to) {
    const gb_em_cray *cray = &to->machine->cray;
    char text[32];
    bool any = false;
    for (size_t i = 0; i < to->machine->domain_count; i++) {
        const gb_em_domain *domain = &to->machine->domains[i];
        if (domain->off || domain->source != GB_EM_CRAY_PM)
            continue;
        any = true;
        cray_value(to, domain, "energy", GB_VALUE_ENERGY);
        cray_value(to, domain, "power", GB_VALUE_POWER);
        if (gb_starts_with(domain->name, "cpu"))
            cray_value(to, domain, "temp", GB_VALUE_TEMPERATURE);
        if (gb_starts_with(domain->name, "accel")) {
            snprintf(text, sizeof(text), "%.*s_power_cap",
                     (int)strcspn(domain->name, "_"), domain->name);
            cray_plain(to, text, GB_VALUE_TEXT, "0 W");
        }
    }
    if (!any)
        return;
    cray_plain(to, "power_cap", GB_VALUE_TEXT, "0 W");
    snprintf(text, sizeof(text), "%llu", (unsigned long long)cray->version);
    cray_plain(to, "version", GB_VALUE_TEXT, text);
    snprintf(text, sizeof(text), "%llu", (unsigned long long)cray->raw_scan_hz);
    cray_plain(to, "raw_scan_hz", GB_VALUE_TEXT, text);
    cray_plain(to, "freshness", GB_VALUE_FRESHNESS, NULL);
    cray_plain(to, "generation", GB_VALUE_GENERATION, NULL);
    cray_plain(to, "startup", GB_VALUE_STARTUP, NULL);
}

/* --- proc, and what the description adds ---------------------------------- */

static void add_processor(const gb_em_cpu *cpu, uint64_t number, gb_str *out) {
    gb_str_addf(out, "processor\t: %llu\n", (unsigned long long)number);
    if (cpu->implementer != 0) {
        gb_str_addf(out,
                    "BogoMIPS\t: 2000.00\nCPU implementer\t: 0x%02llx\n"
                    "CPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: "
                    "0x%03llx\nCPU revision\t: 0\n\n",
                    (unsigned long long)cpu->implementer,
                    (unsigned long long)cpu->part);
        return;
    }
    gb_str_addf(
        out,
        "vendor_id\t: %s\ncpu family\t: %llu\nmodel\t\t: %llu\nmodel "
        "name\t: %s\nstepping\t: %llu\nphysical id\t: %llu\nsiblings\t: "
        "%llu\ncore id\t\t: %llu\ncpu cores\t: %llu\n\n",
        cpu->vendor, (unsigned long long)cpu->family,
        (unsigned long long)cpu->model,
        cpu->name[0] != '\0' ? cpu->name : "emulated processor",
        (unsigned long long)cpu->stepping,
        (unsigned long long)(number / cpu->cores),
        (unsigned long long)cpu->cores,
        (unsigned long long)(number % cpu->cores),
        (unsigned long long)cpu->cores);
}

static void add_proc(gb_tree_builder *to) {
    gb_em_cpu cpu = to->machine->cpu;
    const uint64_t seed =
        gb_mix_name(to->tree->machines->seed, to->machine->name);
    char id[64];
    gb_str text = {0};
    snprintf(id, sizeof(id), "%08x-0000-4000-8000-%012llx\n",
             (unsigned)(seed >> 32), (unsigned long long)(seed & 0xffffffff));
    gb_tree_add_entry(to, "/proc/sys/kernel/random", "boot_id", GB_TREE_FILE,
                      id);
    if (cpu.vendor[0] == '\0')
        return;
    cpu.sockets = cpu.sockets > 0 ? cpu.sockets : 1;
    cpu.cores = cpu.cores > 0 ? cpu.cores : 1;
    for (uint64_t i = 0; i < cpu.sockets * cpu.cores; i++)
        add_processor(&cpu, i, &text);
    if (text.failed)
        to->failed = true;
    else
        gb_tree_add_entry(to, "/proc", "cpuinfo", GB_TREE_FILE, text.text);
    gb_str_fini(&text);
}

/* Files of the description's own; one that would be a folder is left out. */
static gb_status add_files(gb_tree_builder *to, gb_error *err) {
    for (size_t i = 0; i < to->machine->file_count; i++) {
        const gb_em_file *file = &to->machine->files[i];
        char dir[256], full[512];
        gb_copy(dir, sizeof(dir), file->path);
        char *slash = strrchr(dir, '/');
        *slash = '\0';
        snprintf(full, sizeof(full), "/%s%s", to->machine->name, file->path);
        const gb_tree_node *there = gb_tree_find(to->tree, full);
        bool blocked = there != NULL && there->kind != GB_TREE_FILE;
        for (char *at = full + strlen(to->machine->name) + 1; at != NULL;
             at = strchr(at + 1, '/')) {
            char above[512];
            snprintf(above, sizeof(above), "%.*s", (int)(at - full), full);
            const gb_tree_node *node = gb_tree_find(to->tree, above);
            blocked |= node != NULL && node->kind != GB_TREE_DIR;
        }
        if (blocked)
            return gb_fail(err, GB_ERR_INVALID,
                           "below links, use the path they lead to",
                           "%s: files: expected a path that is no folder or "
                           "link, got '%s'",
                           to->machine->name, file->path);
        gb_tree_add_entry(to, dir, slash + 1, GB_TREE_FILE, file->text);
    }
    return GB_OK;
}

static gb_status add_machine(gb_tree_builder *to, gb_error *err) {
    add_proc(to);
    for (size_t i = 0; i < to->machine->domain_count; i++) {
        const gb_em_domain *domain = &to->machine->domains[i];
        if (domain->off)
            continue;
        if (domain->source == GB_EM_POWERCAP)
            add_zone(to, domain);
        if (domain->source == GB_EM_POWER_METER)
            add_power_meter(to, domain);
    }
    add_amd_energy(to);
    add_cray(to);
    gb_tree_add_entry(to, "/.emulator", "truth", GB_TREE_DIR, NULL);
    char path[128];
    snprintf(path, sizeof(path), "/%s/.emulator/truth", to->machine->name);
    gb_tree_node *truth = gb_tree_find(to->tree, path);
    if (truth != NULL)
        truth->truth = true;
    gb_tree_add_value(to, "/.emulator", "log", GB_VALUE_LOG, NULL, 0444);
    /* There even on a machine without sensors. */
    snprintf(path, sizeof(path), "/%s/sys/devices", to->machine->name);
    gb_tree_add_dirs(to, path);
    return add_files(to, err);
}

gb_status gb_tree_build(const gb_machines *machines, gb_tree **tree_out,
                        gb_error *err) {
    gb_tree *tree = calloc(1, sizeof(*tree));
    gb_tree_builder to = {.tree = tree};
    size_t domains = 0;
    gb_status status = GB_OK;
    for (size_t i = 0; i < machines->count; i++)
        domains += machines->items[i].domain_count;
    if (tree != NULL) {
        tree->machines = machines;
        tree->timers = calloc(domains + 1, sizeof(*tree->timers));
    }
    if (tree == NULL || tree->timers == NULL) {
        gb_tree_free(tree);
        return gb_fail_memory(err, "the emulated tree");
    }
    gb_tree_add_node(&to, "/", GB_TREE_DIR);
    for (size_t i = 0; i < machines->count && status == GB_OK; i++) {
        to.machine = &machines->items[i];
        to.hwmon = 0;
        status = add_machine(&to, err);
    }
    if (status == GB_OK && to.failed)
        status = gb_fail_memory(err, "the emulated tree");
    if (status != GB_OK) {
        gb_tree_free(tree);
        return status;
    }
    gb_tree_sort(tree);
    *tree_out = tree;
    return GB_OK;
}
