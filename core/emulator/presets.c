/* SPDX-License-Identifier: Apache-2.0 */
/* Machines that others can be like. Units, ranges, labels and layouts as on the
 * real ones: reference/energy.md §1.2, §1.3, §3 and §4. */
#include <string.h>

#include "emulator/describe.h"

static const char intel_2s[] =
    "cpu: {vendor: GenuineIntel, family: 6, model: 85, stepping: 7, sockets: "
    "2,\n"
    "  cores: 4, name: Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz}\n"
    "domains:\n"
    "  package-0: {zone: 'intel-rapl:0', power: 120, unit_nj: 61035, "
    "max_power_w: 250}\n"
    "  package-0/dram: {zone: 'intel-rapl:0:0', power: 20, unit_nj: 15300}\n"
    "  package-1: {zone: 'intel-rapl:1', power: 110, unit_nj: 61035, "
    "max_power_w: 250}\n"
    "  package-1/dram: {zone: 'intel-rapl:1:0', power: 18, unit_nj: 15300}\n";

static const char amd_2s[] =
    "cpu: {vendor: AuthenticAMD, family: 25, model: 1, stepping: 1, sockets: "
    "2,\n"
    "  cores: 4, name: AMD EPYC 7763 64-Core Processor}\n"
    "domains:\n"
    "  package-0: {zone: 'intel-rapl:0', power: 230, unit_nj: 15258}\n"
    "  package-0/core: {zone: 'intel-rapl:0:0', power: 2, unit_nj: 15258}\n"
    "  package-1: {zone: 'intel-rapl:1', power: 220, unit_nj: 15258}\n"
    "  package-1/core: {zone: 'intel-rapl:1:0', power: 2, unit_nj: 15258}\n";

static const char amd_energy_2s[] =
    "cpu: {vendor: AuthenticAMD, family: 23, model: 49, stepping: 0, sockets: "
    "2,\n"
    "  cores: 2, name: AMD EPYC 7742 64-Core Processor}\n"
    "domains:\n"
    "  Ecore000: {source: amd_energy, label: Ecore000, power: 8}\n"
    "  Ecore001: {source: amd_energy, label: Ecore001, power: 7}\n"
    "  Ecore002: {source: amd_energy, label: Ecore002, power: 8}\n"
    "  Ecore003: {source: amd_energy, label: Ecore003, power: 7}\n"
    "  Esocket0: {source: amd_energy, label: Esocket0, power: 100}\n"
    "  Esocket1: {source: amd_energy, label: Esocket1, power: 96}\n";

static const char grace[] =
    "cpu: {vendor: ARM, implementer: 0x41, part: 0xd4f, sockets: 2, cores: 4}\n"
    "domains:\n"
    "  CPU Power Socket 0: {source: power_meter, label: CPU Power Socket 0,\n"
    "    power: 150}\n"
    "  SysIO Power Socket 0: {source: power_meter, label: SysIO Power Socket "
    "0,\n"
    "    power: 20}\n"
    "  Grace Power Socket 0: {source: power_meter, label: Grace Power Socket "
    "0,\n"
    "    power: {sum: [{domain: CPU Power Socket 0},\n"
    "      {domain: SysIO Power Socket 0}, 60]}}\n"
    "  CPU Power Socket 1: {source: power_meter, label: CPU Power Socket 1,\n"
    "    power: 155}\n"
    "  SysIO Power Socket 1: {source: power_meter, label: SysIO Power Socket "
    "1,\n"
    "    power: 21}\n"
    "  Grace Power Socket 1: {source: power_meter, label: Grace Power Socket "
    "1,\n"
    "    power: {sum: [{domain: CPU Power Socket 1},\n"
    "      {domain: SysIO Power Socket 1}, 60]}}\n";

static const char gh200[] =
    "cpu: {vendor: ARM, implementer: 0x41, part: 0xd4f, sockets: 1, cores: 4}\n"
    "domains:\n"
    "  CPU Power Socket 0: {source: power_meter, label: CPU Power Socket 0,\n"
    "    power: 40}\n"
    "  SysIO Power Socket 0: {source: power_meter, label: SysIO Power Socket "
    "0,\n"
    "    power: 15}\n"
    "  Grace Power Socket 0: {source: power_meter, label: Grace Power Socket "
    "0,\n"
    "    power: {sum: [{domain: CPU Power Socket 0},\n"
    "      {domain: SysIO Power Socket 0}, 43]}}\n"
    "  Module Power Socket 0: {source: power_meter, label: Module Power Socket "
    "0,\n"
    "    power: {sum: [{domain: Grace Power Socket 0}, 460]}}\n";

static const char cray_ex[] =
    "cpu: {vendor: AuthenticAMD, family: 25, model: 48, stepping: 1, sockets: "
    "1,\n"
    "  cores: 4, name: AMD EPYC 7A53 64-Core Processor}\n"
    "cray: {format: stamped, version: 3, raw_scan_hz: 10, generation: 4}\n"
    "domains:\n"
    "  cpu_energy: {source: cray_pm, power: 190}\n"
    "  memory_energy: {source: cray_pm, power: 95}\n"
    "  accel0_energy: {source: cray_pm, power: 272}\n"
    "  accel1_energy: {source: cray_pm, power: 268}\n"
    "  accel2_energy: {source: cray_pm, power: 270}\n"
    "  accel3_energy: {source: cray_pm, power: 275}\n"
    "  energy: {source: cray_pm, power: {sum: [{domain: cpu_energy},\n"
    "    {domain: memory_energy}, {domain: accel0_energy},\n"
    "    {domain: accel1_energy}, {domain: accel2_energy},\n"
    "    {domain: accel3_energy}, 110]}}\n";

/* The same silicon through two registers, and psys around both. */
static const char client[] =
    "cpu: {vendor: GenuineIntel, family: 6, model: 140, stepping: 1, sockets: "
    "1,\n"
    "  cores: 4, name: 11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz}\n"
    "domains:\n"
    "  package-0: {zone: 'intel-rapl:0', power: 12, unit_nj: 61035, "
    "max_power_w: 28}\n"
    "  package-0/core: {zone: 'intel-rapl:0:0', unit_nj: 61035,\n"
    "    power: {domain: {name: package-0, share: 0.6}}}\n"
    "  package-0/uncore: {zone: 'intel-rapl:0:1', unit_nj: 61035,\n"
    "    power: {domain: {name: package-0, share: 0.05}}}\n"
    "  psys: {zone: 'intel-rapl:1', unit_nj: 61035,\n"
    "    power: {sum: [{domain: package-0}, 5]}}\n"
    "  mmio:package-0: {zone: 'intel-rapl-mmio:0', label: package-0,\n"
    "    unit_nj: 61035, power: {domain: package-0}}\n";

static const struct {
    const char *name, *text;
} presets[] = {
    {"intel-2s", intel_2s},
    {"amd-2s", amd_2s},
    {"amd-energy-2s", amd_energy_2s},
    {"grace", grace},
    {"gh200", gh200},
    {"cray-ex", cray_ex},
    {"client", client},
};

const char *const gb_em_preset_names[] = {
    "intel-2s", "amd-2s",  "amd-energy-2s", "grace",
    "gh200",    "cray-ex", "client",
};
const size_t gb_em_preset_count =
    sizeof(gb_em_preset_names) / sizeof(gb_em_preset_names[0]);

const char *gb_em_preset(const char *name) {
    for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++)
        if (strcmp(presets[i].name, name) == 0)
            return presets[i].text;
    return NULL;
}
