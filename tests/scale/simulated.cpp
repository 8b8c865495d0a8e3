/* SPDX-License-Identifier: Apache-2.0 */
/* SimGrid as the world: its clock, its hosts' energy, and a count of what
 * crosses its network. */
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <simgrid/kernel/resource/NetworkModelIntf.hpp>
#include <simgrid/plugins/energy.h>
#include <simgrid/s4u.hpp>
#include <unordered_set>
#include <vector>

#include "world.h"

namespace sg4 = simgrid::s4u;

/* SMPI adds an envelope to every message. What is counted is what MPI was given
 * to carry, as a real MPI's monitoring counts it. */
static const double envelope_bytes = 16.0;

/* One process simulates all ranks, one at a time: this is for all of them. */
static double messages, bytes;

struct step {
    const char *what;
    double end_s;           /* on the last rank */
    double messages, bytes; /* of all steps so far */
    bool counted;
};
static std::map<long, step> steps; /* by the second they ended in */

/* The network model asks for its latency factor once for each message it
 * starts: between hosts, and on the loopback of one. */
static double count(double size, const sg4::Host *, const sg4::Host *,
                    const std::vector<sg4::Link *> &,
                    const std::unordered_set<sg4::NetZone *> &) {
    messages += 1.0;
    bytes += size - envelope_bytes;
    return 1.0;
}

void scale_world_open() {
    static bool opened;
    if (!opened)
        sg4::Engine::get_instance()
            ->get_netzone_root()
            ->get_network_model()
            ->set_lat_factor_cb(count);
    opened = true;
}

void scale_node_key(char *key, unsigned size) {
    std::snprintf(key, size, "%s", sg4::this_actor::get_host()->get_cname());
}

double scale_now_s() {
    return sg4::Engine::get_clock();
}

void scale_pass_s(double s) {
    sg4::this_actor::execute(s * sg4::this_actor::get_host()->get_speed());
}

double scale_energy_j() {
    return sg_host_get_consumed_energy(sg4::this_actor::get_host());
}

void scale_mark(const char *what) {
    const double now_s = sg4::Engine::get_clock();
    const long second = static_cast<long>(std::floor(now_s));
    step &mine = steps[second];
    mine.what = what;
    mine.end_s = std::max(mine.end_s, now_s);
    sg4::this_actor::sleep_until(static_cast<double>(second + 1));
    if (!mine.counted) { /* before anybody sends again */
        mine.messages = messages;
        mine.bytes = bytes;
        mine.counted = true;
    }
}

void scale_print_steps() {
    step last = {"", 0.0, 0.0, 0.0, true};
    const char *comma = "";
    for (const auto &[second, now] : steps) {
        std::printf("%s\n  {\"step\": \"%s\", \"seconds\": %.9f, "
                    "\"messages\": %.0f, \"bytes\": %.0f}",
                    comma, now.what, now.end_s - static_cast<double>(second),
                    now.messages - last.messages, now.bytes - last.bytes);
        last = now;
        comma = ",";
    }
}
