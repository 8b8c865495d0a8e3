/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/units.h"
#include "support/gb_test.h"

#define S       INT64_C(1000000000)
#define START   UINT64_C(5000000000)
#define UTC_US  UINT64_C(1763732280000000)
#define ZONES   "/sys/devices/virtual/powercap/intel-rapl"
#define COUNTER ZONES "/intel-rapl:0/energy_uj"
#define CRAY    "/sys/cray/pm_counters/"

typedef struct emulated {
    gb_machines *machines;
    gb_tree *tree;
} emulated;

static emulated make(const char *body) {
    emulated made = {0};
    char text[2048];
    gb_error err = {0};
    snprintf(text, sizeof(text), "machines:\n  a:\n%s", body);
    GB_EXPECT_STATUS(GB_OK,
                     gb_machines_parse("m.yaml", text, strlen(text), NULL, NULL,
                                       &made.machines, &err),
                     text, err);
    GB_EXPECT_STATUS(GB_OK, gb_tree_build(made.machines, &made.tree, &err),
                     text, err);
    return made;
}

static void end(emulated *made) {
    gb_tree_free(made->tree);
    gb_machines_free(made->machines);
}

/* What reading @p path of machine `a` gives at @p t_ns: text, or "errno N". */
static const char *at(const emulated *made, const char *path, int64_t t_ns) {
    static char text[4096];
    char full[256];
    gb_tree_entry entry;
    gb_str out = {0};
    const gb_tree_time time = {t_ns, START, UTC_US};
    snprintf(full, sizeof(full), "/a%s", path);
    int cause = gb_tree_look(made->tree, full, t_ns, &entry);
    if (cause == 0)
        cause = gb_tree_open(&entry, t_ns);
    if (cause == 0)
        cause = gb_tree_read(made->tree, &entry, &time, &out);
    if (cause != 0)
        snprintf(text, sizeof(text), "errno %d", cause);
    else
        gb_copy(text, sizeof(text), out.text != NULL ? out.text : "");
    gb_str_fini(&out);
    return text;
}

static uint64_t number_at(const emulated *made, const char *path,
                          int64_t t_ns) {
    char *rest = NULL;
    const char *text = at(made, path, t_ns);
    const uint64_t number = strtoull(text, &rest, 10);
    if (rest == text || *rest != '\n')
        fail_msg("%s at %lld ns: expected a number, got '%s'", path,
                 (long long)t_ns, text);
    return number;
}

static void errno_is(const emulated *made, const char *path, int64_t t_ns,
                     int cause) {
    char wanted[16];
    snprintf(wanted, sizeof(wanted), "errno %d", cause);
    GB_EXPECT_TEXT(wanted, at(made, path, t_ns), path);
}

static void add_name(void *ctx, const char *name) {
    gb_str_addf(ctx, "%s ", name);
}

static void folder_is(const emulated *made, const char *path, int64_t t_ns,
                      const char *want) {
    gb_tree_entry entry;
    gb_str names = {0};
    assert_int_equal(gb_tree_look(made->tree, path, t_ns, &entry), 0);
    assert_int_equal(gb_tree_list(made->tree, &entry, t_ns, add_name, &names),
                     0);
    GB_EXPECT_TEXT(want, names.text != NULL ? names.text : "", path);
    gb_str_fini(&names);
}

/* The entry a link of the tree leads to, link by link. */
static void follow(const emulated *made, const char *path, char *real,
                   size_t size) {
    gb_tree_entry entry;
    char dir[512], joined[1024];
    assert_int_equal(gb_tree_look(made->tree, path, 0, &entry), 0);
    assert_int_equal(entry.kind, GB_TREE_LINK);
    gb_copy(dir, sizeof(dir), path);
    *strrchr(dir, '/') = '\0';
    const char *rest = gb_tree_link_target(&entry);
    for (; strncmp(rest, "../", 3) == 0; rest += 3)
        *strrchr(dir, '/') = '\0';
    snprintf(joined, sizeof(joined), "%s/%s", dir, rest);
    gb_copy(real, size, joined);
    assert_int_equal(gb_tree_look(made->tree, real, 0, &entry), 0);
    assert_int_equal(entry.kind, GB_TREE_DIR);
}

static void powercap_looks_like_sysfs(void **state) {
    (void)state;
    static const char *const links[][2] = {
        {"/a/sys/class/powercap/intel-rapl", "/a" ZONES},
        {"/a/sys/class/powercap/intel-rapl:1:0",
         "/a" ZONES "/intel-rapl:1/intel-rapl:1:0"},
        {"/a" ZONES "/subsystem", "/a/sys/class/powercap"},
        {"/a" ZONES "/intel-rapl:0/subsystem", "/a/sys/class/powercap"},
        {"/a" ZONES "/intel-rapl:0/intel-rapl:0:0/subsystem",
         "/a/sys/class/powercap"},
        {"/a" ZONES "/intel-rapl:0/device", "/a" ZONES},
        {"/a" ZONES "/intel-rapl:0/intel-rapl:0:0/device",
         "/a" ZONES "/intel-rapl:0"},
    };
    emulated made = make("    like: intel-2s\n");
    gb_tree_entry entry;
    folder_is(&made, "/", 0, "a ");
    folder_is(&made, "/a/sys/class/powercap", 0,
              "intel-rapl intel-rapl:0 intel-rapl:0:0 intel-rapl:1 "
              "intel-rapl:1:0 ");
    for (size_t i = 0; i < GB_COUNT(links); i++) {
        char real[256];
        follow(&made, links[i][0], real, sizeof(real));
        GB_EXPECT_TEXT(links[i][1], real, links[i][0]);
    }
    GB_EXPECT_TEXT("package-0\n", at(&made, ZONES "/intel-rapl:0/name", 0),
                   "name");
    GB_EXPECT_TEXT("dram\n",
                   at(&made, ZONES "/intel-rapl:0/intel-rapl:0:0/name", 0),
                   "name");
    assert_int_equal(gb_tree_look(made.tree, "/a" COUNTER, 0, &entry), 0);
    assert_int_equal(entry.mode, 0400);
    assert_int_equal(gb_tree_look(made.tree, "/a/sys/clas", 0, &entry), ENOENT);
    assert_int_equal(gb_tree_look(made.tree, "/b", 0, &entry), ENOENT);
    end(&made);
}

static void counters_follow_their_power(void **state) {
    (void)state;
    emulated made = make("    like: intel-2s\n"
                         "    domains: {package-0: {power: 100, start_j: 5, "
                         "phase: 0s, jitter: 0s}}\n");
    const uint64_t first = number_at(&made, COUNTER, 0);
    assert_true(first <= 5000000 && first > 5000000 - 62);
    for (int64_t t_ns = 0; t_ns < 20 * S; t_ns += 333333333) {
        const uint64_t value = number_at(&made, COUNTER, t_ns);
        const double truth_uj = 100.0 * (double)(t_ns / 1000000 * 1000);
        assert_true((double)(value - first) > truth_uj - 123);
        assert_true((double)(value - first) < truth_uj + 62);
    }
    end(&made);
}

static void meters_old_and_new(void **state) {
    (void)state;
    emulated made = make("    like: gh200\n");
    char real[256];
    follow(&made, "/a/sys/class/hwmon/hwmon3", real, sizeof(real));
    GB_EXPECT_TEXT("/a/sys/devices/LNXSYSTM:00/ACPI000D:03/hwmon/hwmon3", real,
                   "class link");
    GB_EXPECT_TEXT("Module Power Socket 0\n",
                   at(&made,
                      "/sys/devices/LNXSYSTM:00/ACPI000D:03/hwmon/hwmon3/"
                      "power1_oem_info",
                      0),
                   "label");
    GB_EXPECT_TEXT("558000000\n",
                   at(&made,
                      "/sys/devices/LNXSYSTM:00/ACPI000D:03/hwmon/hwmon3/"
                      "power1_average",
                      S),
                   "sum of all");
    end(&made);
    made = make("    like: gh200\n    hwmon_layout: old\n");
    folder_is(&made, "/a/sys/devices/LNXSYSTM:00/ACPI000D:00/hwmon/hwmon0", 0,
              "device subsystem ");
    follow(&made, "/a/sys/devices/LNXSYSTM:00/ACPI000D:00/hwmon/hwmon0/device",
           real, sizeof(real));
    GB_EXPECT_TEXT("power_meter\n",
                   at(&made, "/sys/devices/LNXSYSTM:00/ACPI000D:00/name", 0),
                   "name below device");
    end(&made);
}

/* Read one after the other, all meters but the first are stale. */
static void one_timer_for_the_meters_of_a_socket(void **state) {
    (void)state;
#define METER                                                                  \
    "/sys/devices/LNXSYSTM:00/ACPI000D:0%d/hwmon/hwmon%d/power1_average"
    emulated made = make("    like: grace\n    meter_timer: 50ms\n");
    char path[6][96];
    for (int i = 0; i < 6; i++)
        snprintf(path[i], sizeof(path[i]), METER, i, i);
    assert_true(number_at(&made, path[0], S) == 150000000);
    assert_true(number_at(&made, path[1], S + 1000) == 0);
    assert_true(number_at(&made, path[2], S + 2000) == 0);
    assert_true(number_at(&made, path[3], S + 2000) == 155000000);
    assert_true(number_at(&made, path[1], S + S / 20 - 1) == 0);
    assert_true(number_at(&made, path[1], S + S / 20) == 20000000);
    end(&made);
}

static void cray_formats(void **state) {
    (void)state;
    emulated made = make(
        "    like: cray-ex\n    domains:\n      energy: {start_j: 4709337659, "
        "phase: 20ms, jitter: 0s}\n    cray: {startup_us: 1780055122858757}\n");
    GB_EXPECT_TEXT("4709352488 J 1763732290020000 us\n",
                   at(&made, CRAY "energy", 10050 * (S / 1000)), "energy");
    GB_EXPECT_TEXT("1480 W 1763732290020000 us\n",
                   at(&made, CRAY "power", 10050 * (S / 1000)), "power");
    GB_EXPECT_TEXT("0 W\n", at(&made, CRAY "power_cap", 0), "cap");
    GB_EXPECT_TEXT("0 W\n", at(&made, CRAY "accel3_power_cap", 0), "cap");
    GB_EXPECT_TEXT("4\n", at(&made, CRAY "generation", 0), "generation");
    GB_EXPECT_TEXT("3\n", at(&made, CRAY "version", 0), "version");
    GB_EXPECT_TEXT("10\n", at(&made, CRAY "raw_scan_hz", 0), "raw_scan_hz");
    GB_EXPECT_TEXT("1780055122858757\n", at(&made, CRAY "startup", 0), "up");
    assert_true(number_at(&made, CRAY "freshness", 100 * S) ==
                number_at(&made, CRAY "freshness", 0) + 1000);
    end(&made);
    made = make("    like: cray-ex\n    cray: {format: legacy}\n    domains: "
                "{energy: {start_j: 598732067, phase: 0s, jitter: 0s}}\n");
    GB_EXPECT_TEXT("598732067 J\n", at(&made, CRAY "energy", 0), "legacy");
    end(&made);
}

static void faults_of_reading(void **state) {
    (void)state;
    static const struct {
        const char *kind;
        int cause;
    } failing[] = {{"eacces", EACCES},
                   {"einval", EINVAL},
                   {"eio", EIO},
                   {"vanish", ENOENT}};
    for (size_t i = 0; i < GB_COUNT(failing); i++) {
        char body[256];
        snprintf(body, sizeof(body),
                 "    like: intel-2s\n    faults: [{fault: %s, on: package-0, "
                 "at: 3s, for: 2s}]\n",
                 failing[i].kind);
        emulated made = make(body);
        number_at(&made, COUNTER, 3 * S - 1);
        errno_is(&made, COUNTER, 3 * S, failing[i].cause);
        errno_is(&made, COUNTER, 5 * S - 1, failing[i].cause);
        number_at(&made, COUNTER, 5 * S);
        number_at(&made, ZONES "/intel-rapl:1/energy_uj", 4 * S);
        end(&made);
    }
    emulated made =
        make("    like: intel-2s\n    faults:\n"
             "    - {fault: empty, on: package-0, at: 1s, for: 1s}\n"
             "    - {fault: garbage, on: '*/name', at: 1s}\n"
             "    - {fault: slow, on: package-1, at: 1s, seconds: "
             "0.5}\n");
    GB_EXPECT_TEXT("", at(&made, COUNTER, S), "empty");
    GB_EXPECT_TEXT("12x34\n", at(&made, ZONES "/intel-rapl:0/name", S),
                   "garbage");
    gb_tree_entry entry;
    gb_tree_look(made.tree, "/a" ZONES "/intel-rapl:1/energy_uj", 0, &entry);
    GB_EXPECT_NEAR(0, gb_tree_delay_s(&entry, 0), 0, "not yet slow");
    GB_EXPECT_NEAR(0.5, gb_tree_delay_s(&entry, S), 0, "slow");
    end(&made);
}

static void faults_of_the_counter(void **state) {
    (void)state;
    emulated made = make(
        "    like: intel-2s\n"
        "    domains:\n"
        "      package-0: {power: 100, start_j: 1000, jitter: 0s, phase: 0s}\n"
        "    faults:\n"
        "    - {fault: jump, on: package-0, at: 2s, energy_j: 500}\n"
        "    - {fault: reset, on: package-0, at: 4s}\n"
        "    - {fault: jump, on: package-0, at: 5s, energy_j: -7}\n"
        "    - {fault: stuck, on: package-0, at: 8s, for: 1s}\n");
    static const struct {
        int64_t t_ns;
        double energy_j;
    } cases[] = {
        {1 * S, 1100}, {2 * S, 1700},        {4 * S, 0},   {5 * S, 93},
        {8 * S, 393},  {8 * S + S / 2, 393}, {9 * S, 493},
    };
    for (size_t i = 0; i < GB_COUNT(cases); i++)
        GB_EXPECT_NEAR(cases[i].energy_j,
                       (double)number_at(&made, COUNTER, cases[i].t_ns) * 1e-6,
                       2e-4, "counter");
    GB_EXPECT_TEXT("2.000 s begin jump package-0\n",
                   at(&made, "/.emulator/log", 3 * S), "log");
    end(&made);
}

static void a_zone_vanishes_with_all_it_has(void **state) {
    (void)state;
    emulated made = make("    like: intel-2s\n    faults: [{fault: vanish, on: "
                         "package-1, at: 3s, for: 2s}]\n");
    gb_tree_entry entry;
    assert_int_equal(gb_tree_look(made.tree,
                                  "/a" ZONES "/intel-rapl:1/energy_uj", 0,
                                  &entry),
                     0);
    folder_is(&made, "/a/sys/class/powercap", 4 * S,
              "intel-rapl intel-rapl:0 intel-rapl:0:0 intel-rapl:1:0 ");
    errno_is(&made, ZONES "/intel-rapl:1", 4 * S, ENOENT);
    /* A descriptor that was kept open, as kernfs. */
    const gb_tree_time time = {4 * S, START, UTC_US};
    gb_str out = {0};
    assert_int_equal(gb_tree_read(made.tree, &entry, &time, &out), ENODEV);
    gb_str_fini(&out);
    folder_is(&made, "/a/sys/class/powercap", 5 * S,
              "intel-rapl intel-rapl:0 intel-rapl:0:0 intel-rapl:1 "
              "intel-rapl:1:0 ");
    end(&made);
}

static void a_controller_restarts(void **state) {
    (void)state;
    emulated made = make("    like: cray-ex\n    faults:\n"
                         "    - {fault: reset, on: '*/pm_counters/*', at: 5s}\n"
                         "    - {fault: stale, on: cpu_energy, at: 2s}\n"
                         "    - {fault: jump, on: '*/generation', at: 1s, "
                         "energy_j: 1}\n");
    GB_EXPECT_TEXT("5\n", at(&made, CRAY "generation", 2 * S), "generation");
    assert_true(number_at(&made, CRAY "startup", 4 * S) ==
                UTC_US - UINT64_C(3600000000));
    assert_true(number_at(&made, CRAY "startup", 6 * S) == UTC_US + 5000000);
    assert_true(number_at(&made, CRAY "freshness", 6 * S) == 10);
    assert_true(strtoull(at(&made, CRAY "energy", 6 * S), NULL, 10) < 1700);
    /* The stamp stays, the value does not. */
    char before[64];
    gb_copy(before, sizeof(before), at(&made, CRAY "cpu_energy", 2 * S));
    const char *after = at(&made, CRAY "cpu_energy", 4 * S);
    assert_string_equal(strchr(before, 'J'), strchr(after, 'J'));
    assert_true(strtoull(after, NULL, 10) - strtoull(before, NULL, 10) >= 379);
    end(&made);
}

static void truth_of_a_window(void **state) {
    (void)state;
    static const char wanted[] =
        "{\n  \"schema\": \"greenbench.truth/1\",\n  \"machine\": \"a\",\n"
        "  \"window_s\": 2,\n  \"node_j\": 24,\n  \"domains\": [\n"
        "    {\"domain\": \"package-0\", \"source\": \"powercap\", "
        "\"energy_j\": 24, \"node\": true},\n";
    emulated made = make("    like: client\n    gain_error: 0.1\n");
    char text[sizeof(wanted)];
    snprintf(text, sizeof(text), "%s",
             at(&made, "/.emulator/truth/6000000000-8000000000", 4 * S));
    GB_EXPECT_TEXT(wanted, text, "the true energy, not the sensor's");
    errno_is(&made, "/.emulator/truth/6000000000-8000000000", 2 * S, EAGAIN);
    errno_is(&made, "/.emulator/truth/4999999999-6000000000", 4 * S, ERANGE);
    errno_is(&made, "/.emulator/truth/6000000000-6000000000", 4 * S, ENOENT);
    errno_is(&made, "/.emulator/truth/6000000000", 4 * S, ENOENT);
    errno_is(&made, "/.emulator/truth/x-7000000000", 4 * S, ENOENT);
    errno_is(&made, "/.emulator/truth/-", 4 * S, ENOENT);
    end(&made);
}

/* Traces that follow the processors here are known where they are recorded. */
static void truth_of_what_was_recorded(void **state) {
    (void)state;
    emulated made = make("    like: intel-2s\n    domains:\n      package-0: "
                         "{power: {cpu: {idle_w: 40, max_w: 140}}}\n");
    gb_error err = {0};
    assert_true(gb_machines_are_live(made.machines));
    for (int i = 0; i <= 400; i++)
        gb_history_append(&made.machines->history, 0.01 * i,
                          i > 200 ? 0.5 : 0.0, &err);
    const char *text =
        at(&made, "/.emulator/truth/6500000000-8500000000", 4 * S);
    /* From 1.5 to 3.5 s, 50 ms late: busy from 2.05 s on. */
    const char *energy = strstr(text, "\"energy_j\": ");
    assert_non_null(energy);
    GB_EXPECT_NEAR(40 * 2 + 50 * 1.45, strtod(energy + 12, NULL), 1e-6,
                   "energy");
    end(&made);
}

static void files_of_ones_own(void **state) {
    (void)state;
    emulated made = make(
        "    cpu: {vendor: GenuineIntel, family: 6, model: 85, sockets: 2, "
        "cores: 2}\n"
        "    files: {/proc/stat: \"cpu 1 2 3 4\\n\"}\n");
    GB_EXPECT_TEXT("cpu 1 2 3 4\n", at(&made, "/proc/stat", 0), "stat");
    const char *cpuinfo = at(&made, "/proc/cpuinfo", 0);
    assert_non_null(strstr(cpuinfo, "vendor_id\t: GenuineIntel\n"));
    assert_non_null(strstr(cpuinfo, "processor\t: 3\n"));
    assert_null(strstr(cpuinfo, "processor\t: 4\n"));
    folder_is(&made, "/a/sys", 0, "devices ");
    end(&made);

    gb_machines *machines = NULL;
    gb_tree *tree = NULL;
    gb_error err = {0};
    static const char text[] = "machines: {a: {like: intel-2s, files: "
                               "{/sys/class/powercap/intel-rapl:0/name: x}}}";
    assert_int_equal(
        gb_machines_parse("m", text, strlen(text), NULL, NULL, &machines, &err),
        GB_OK);
    assert_int_equal(gb_tree_build(machines, &tree, &err), GB_ERR_INVALID);
    gb_machines_free(machines);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(powercap_looks_like_sysfs),
        cmocka_unit_test(counters_follow_their_power),
        cmocka_unit_test(meters_old_and_new),
        cmocka_unit_test(one_timer_for_the_meters_of_a_socket),
        cmocka_unit_test(cray_formats),
        cmocka_unit_test(faults_of_reading),
        cmocka_unit_test(faults_of_the_counter),
        cmocka_unit_test(a_zone_vanishes_with_all_it_has),
        cmocka_unit_test(a_controller_restarts),
        cmocka_unit_test(truth_of_a_window),
        cmocka_unit_test(truth_of_what_was_recorded),
        cmocka_unit_test(files_of_ones_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
