/* SPDX-License-Identifier: Apache-2.0 */
/* Every metric, once: docs/method.md quotes the formulas from here, and a test
 * compares the two. */
#include "pipeline/analyse/analyse.h"

const gb_metric gb_metrics[] = {
    {"time_s", "s", "time_i = max over ranks of run() time",
     "the host's clock around run(), per rank"},
    {"work", "work unit", "work = sum over valid repetitions and ranks",
     "counted by the plugin, checked by verify()"},
    {"performance", "work unit/s", "performance = median_i(work_i / time_i)",
     "repetitions; interval by exact rank, n >= 6"},
    {"node.performance", "work unit/s",
     "performance_n = sum_i(work_n,i) / sum_i(max over its ranks of run() time)",
     "the ranks of node n"},
    {"node.cv", "1", "cv = s_n / mean_n",
     "performance, power or work per joule of the nodes"},
    {"nodes_to_meter", "1",
     "n = ceil(n0 / (1 + (n0 - 1) / N)), n0 = (1.96 * cv / accuracy)^2",
     "cv of power over N nodes; Student's t below 30 for nodes_student"},
    {"energy", "J", "energy = sum_i sum_nodes sum_domains E_domain",
     "counter differences between the marks of each node's leader"},
    {"energy.u", "J",
     "u(E) = sqrt(quantisation^2 + phase^2 + latency^2 + unsampled^2 + "
     "calibration^2)",
     "the budget of each window, k = 1"},
    {"power_w", "W", "power = energy / sum_i window_i",
     "the same windows as the energy"},
    {"efficiency", "work unit/J", "efficiency = work / energy",
     "ratio of the sums over the same repetitions"},
    {"efficiency.u", "work unit/J",
     "u(efficiency) = efficiency * sqrt((calibration/E)^2 + "
     "max(resolution/E, t95(n-1)/2 * s/(mean * sqrt(n)))^2)",
     "s and mean of work_i / E_i; t95 of Student"},
    {"edp_js", "J s", "edp = mean_i(E_i) * mean_i(time_i)", "repetitions"},
    {"power_w.drift", "W",
     "drift = power of the last third of the repetitions - of the first",
     "warned about beyond 1 % and its 95 % interval: resolution and scatter"},
    {"net_j", "J", "net = energy - P_idle * sum_i window_i",
     "P_idle: mean of the idle windows before and after"},
    {"net_u_j", "J",
     "u(net) = sqrt(resolution^2 + (W * resolution_idle)^2 + "
     "(calibration - W * calibration_idle)^2 + (W * (P_after - P_before))^2 "
     "/ 12)",
     "one meter: calibration cancels in part; drift is uniform"},
    {"window_ratio", "1", "window_ratio = mean_i(window_i / time_i)",
     "flagged more than 1 % off"},
    {"latency_s", "s", "latency = mean_i(in_flight_i) / performance",
     "the plugin's word how many units of work wait for each other at a time"},
    {"roofline.fraction", "1",
     "fraction = max(flop/s / peak flop/s, byte/s / peak byte/s)",
     "peaks: compute.fma fp64 and the streams of this run; for network "
     "benchmarks network.bandwidth alone"},
    {"roofline.theoretical_flop_per_s", "flop/s",
     "theoretical = pipes * flop per instruction * cores * clock",
     "clock: compute.clock; pipes: the measured instructions per cycle, "
     "rounded up"},
    {"sampler_cpu_fraction", "1",
     "sampler_cpu_fraction = max over nodes of cpu / wall",
     "CPU clock of the sampler's thread and of the marks"},
};

const size_t gb_metric_count = sizeof(gb_metrics) / sizeof(gb_metrics[0]);
