# SPDX-License-Identifier: Apache-2.0
"""The work of scripts/compare_scale.sh: build the harness, run it simulated and
for real, and set the steps of different sizes side by side.

usage: compare.py WORK_DIR RANKS...   (in the root of the repository)
"""
import concurrent.futures
import json
import math
import os
import pathlib
import shlex
import subprocess
import sys

# Whole folders, but for the sampler, whose thread SimGrid would not know of.
SOURCES = sorted(
    [str(path) for folder in ("tests/scale", "core/base", "core/model",
                              "core/stats", "core/machine/comm",
                              "core/pipeline/run")
     for path in pathlib.Path(folder).glob("*.c")
     if path.name not in ("sampler.c", "measured.c", "sha256.c")] +
    ["core/codec/json_parts.c", "core/codec/json_plan.c", "core/cli/share.c"])
RANKS_PER_HOST = 16
HOSTS = 256
LOAD_W = 200.0  # of a host all of whose cores work
REPETITIONS_OF_A_RUN = 10
BAR = 1.0  # exponent of log2(ranks)

# Leaf switches of 16 hosts, each linked to 16 switches above: any two hosts
# reach each other at full rate. 100 Gbit/s and 250 ns a link.
PLATFORM = f"""<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <cluster id="tree" prefix="node-" suffix="" radical="0-{HOSTS - 1}"
           speed="1Gf" core="{RANKS_PER_HOST}" bw="12.5GBps" lat="250ns"
           loopback_bw="10GBps" loopback_lat="300ns"
           topology="FAT_TREE" topo_parameters="2;16,16;1,16;1,1">
    <prop id="wattage_per_state" value="100:120:{LOAD_W:.0f}"/>
  </cluster>
</platform>
"""

# The same algorithms in both, those that libraries choose for short messages:
# then the number of messages can be compared. Short messages travel before
# they are asked for: up to 12 KiB, as Open MPI sends them over InfiniBand.
SIMULATED = """--cfg=smpi/privatization:no --cfg=smpi/simulate-computation:no
--cfg=smpi/host-speed:1Gf --cfg=smpi/os:0:5e-7:0 --cfg=smpi/or:0:5e-7:0
--cfg=smpi/async-small-thresh:12288
--cfg=network/crosstraffic:no --cfg=plugin:host_energy
--cfg=smpi/allreduce:rdb --cfg=smpi/barrier:ompi_recursivedoubling
--cfg=smpi/bcast:binomial_tree --cfg=smpi/gather:ompi_binomial
--cfg=smpi/scatter:ompi_binomial --log=root.thresh:error""".split()
REAL = """--oversubscribe --mca coll ^sm,han,adapt
--mca coll_tuned_use_dynamic_rules 1 --mca coll_tuned_allreduce_algorithm 3
--mca coll_tuned_barrier_algorithm 3 --mca coll_tuned_bcast_algorithm 6
--mca coll_tuned_gather_algorithm 2 --mca coll_tuned_scatter_algorithm 2
--mca pml_monitoring_enable 1 --mca pml_monitoring_enable_output 3
--mca pml_monitoring_filename""".split()

work = pathlib.Path(sys.argv[1])
sizes = sorted({int(word) for word in sys.argv[2:]})
failures = []


def call(command):
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"compare_scale.sh: '{shlex.join(command)}' failed:\n"
                 f"{done.stdout}{done.stderr}")
    return done.stdout


def jansson(what):
    return shlex.split(call(["pkg-config", what, "jansson"]))


def build():
    flags = ["-std=gnu17", "-D_GNU_SOURCE", "-DGREENBENCH_HAVE_MPI", "-O2",
             "-Icore", "-Icore/include", "-Itests/scale",
             *jansson("--cflags")]
    libraries = [*jansson("--libs"), "-lm"]
    objects = [str(work / (source.replace("/", "_") + ".o"))
               for source in SOURCES]
    lines = [["smpicc", *flags, "-c", source, "-o", made]
             for source, made in zip(SOURCES, objects)]
    lines.append(["smpicxx", "-std=gnu++17", "-O2", "-Itests/scale", "-c",
                  "tests/scale/simulated.cpp", "-o", str(work / "world.o")])
    lines.append([os.environ["MPICC"], *flags, *SOURCES,
                  "tests/scale/measured.c", "-o", str(work / "real"),
                  *libraries])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(call, lines))
    call(["smpicxx", *objects, str(work / "world.o"), "-o",
          str(work / "simulated"), *libraries])
    (work / "tree.xml").write_text(PLATFORM)
    (work / "hosts").write_text("".join(
        f"node-{host}\n" * RANKS_PER_HOST for host in range(HOSTS)))


# --- simulated ---------------------------------------------------------------

def simulate(ranks):
    """The steps of a run with one repetition: per rank messages and bytes, and
    seconds without those of the benchmark's call."""
    out = call(["smpirun", "-np", str(ranks), "-platform",
                str(work / "tree.xml"), "-hostfile", str(work / "hosts"),
                *SIMULATED, str(work / "simulated"), "1"])
    told = json.loads(out[out.index("{"):])
    if told["ranks"] != ranks or told["repetitions"] != 1:
        sys.exit(f"compare_scale.sh: expected one repetition of {ranks} ranks, "
                 f"got {told}")
    steps = {}
    for step in told["steps"]:
        worked = step["step"] in ("calibrate", "repetition")
        steps[step["step"]] = {
            "messages": step["messages"], "bytes": step["bytes"],
            "seconds": step["seconds"] - (told["call_s"] if worked else 0.0)}
    steps["run"] = {what: sum(step[what] * (REPETITIONS_OF_A_RUN
                                            if name == "repetition" else 1)
                              for name, step in steps.items())
                    for what in ("messages", "bytes", "seconds")}
    watts = told["energy_j"] / told["window_s"]
    return told["nodes"], steps, watts


def show(ranks, nodes, steps):
    for name, step in steps.items():
        print(f"{ranks:6} {nodes:6}  {name:<11} {step['messages'] / ranks:13.1f}"
              f" {step['bytes'] / ranks:12.0f} {step['seconds'] * 1e6:11.1f}",
              flush=True)


def series(name, what, results):
    """(ranks, figure) of a step: messages and bytes per rank, or seconds."""
    return [(ranks, steps[name][what] / (1 if what == "seconds" else ranks))
            for ranks, steps in sorted(results.items())]


def exponent(points):
    """k of the line ln(figure) = a + k ln(log2(ranks)) through all points, by
    least squares: 1 grows as log2(ranks) does, 0 not at all."""
    xs = [math.log(math.log2(ranks)) for ranks, _ in points]
    ys = [math.log(figure) for _, figure in points]
    x, y = (sum(values) / len(values) for values in (xs, ys))
    return (sum((a - x) * (b - y) for a, b in zip(xs, ys)) /
            sum((a - x) ** 2 for a in xs))


def judge_growth(results):
    first, last = min(results), max(results)
    fits = {name: {what: exponent(series(name, what, results))
                   for what in ("messages", "bytes", "seconds")}
            for name in results[first]}
    print(f"\ngrowth from {first} to {last} ranks as a power of log2(ranks), "
          f"which is 1 itself; fitted to {len(results)} sizes")
    for name, fit in fits.items():
        print(f"  {name:<11} messages {fit['messages']:5.2f}   bytes "
              f"{fit['bytes']:5.2f}   time {fit['seconds']:5.2f}")
    verdict = []
    for name, words in (("repetition", "a repetition"), ("run", "a run")):
        fit = fits[name]
        verdict.append(f"{words}: bytes ^{fit['bytes']:.2f}, time "
                       f"^{fit['seconds']:.2f}")
        if max(fit["bytes"], fit["seconds"]) > BAR:
            failures.append(f"{words} grows faster than log2(ranks)")
    return (f"{first} -> {last} ranks, power of log2(ranks): " +
            "; ".join(verdict) + f" (bar <= ^{BAR:.0f}): " +
            ("MISSED" if failures else "met"))


# --- for real ----------------------------------------------------------------

def sent(ranks, what):
    """Messages and bytes of a whole run on this machine, MPI's own included."""
    folder = work / f"sent-{ranks}-{what}"
    folder.mkdir()
    call([os.environ["MPIRUN"], *REAL, str(folder / "rank"), "-n", str(ranks),
          str(work / "real"), what])
    messages = size = 0
    for profile in folder.iterdir():
        for line in profile.read_text().splitlines():
            words = line.split()
            if words and words[0] == "E":  # E from to N bytes N msgs sent ...
                size += int(words[3])
                messages += int(words[5])
    return messages, size


def compare_real(ranks, steps):
    """What two real runs differ by is what the steps between them sent."""
    opened, started, one, three = (sent(ranks, what)
                                   for what in ("open", "start", "1", "3"))
    real = {"start": [b - a for a, b in zip(opened, started)],
            "repetition": [(b - a) / 2 for a, b in zip(one, three)]}
    for name, (messages, size) in real.items():
        step = steps[name]
        same = messages == step["messages"] and size == step["bytes"]
        print(f"{ranks:6}         {name:<11} {messages / ranks:13.1f} "
              f"{size / ranks:12.0f}   {'as simulated' if same else 'NOT'}",
              flush=True)
        if not same:
            failures.append(
                f"{ranks} ranks, {name}: {step['messages']:.0f} messages of "
                f"{step['bytes']:.0f} bytes simulated, {messages:.0f} of "
                f"{size:.0f} real")


def open_mpi():
    """Whether mpirun is one that counts messages."""
    text = subprocess.run([os.environ["MPIRUN"], "--version"], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True).stdout
    return "Open MPI" in text and subprocess.run(
        ["sh", "-c", "ompi_info --param pml monitoring | grep -q monitoring"],
        check=False, stderr=subprocess.DEVNULL).returncode == 0


build()
print(f"SimGrid, fat tree of {HOSTS} hosts, {RANKS_PER_HOST} ranks on a host; "
      f"run: {REPETITIONS_OF_A_RUN} repetitions\n")
print(" ranks  nodes  step        messages/rank   bytes/rank     time us")
results = {}
for ranks in sizes:
    nodes, steps, watts = simulate(ranks)
    show(ranks, nodes, steps)
    results[ranks] = steps
    if abs(watts / LOAD_W - 1.0) > 0.02:
        failures.append(f"{ranks} ranks: {watts:.1f} W a node in the windows, "
                        f"expected {LOAD_W:.0f}")
print(f"\nenergy source: SimGrid's host_energy, {watts:.1f} W a node in the "
      f"windows ({LOAD_W:.0f} W under load)")
if open_mpi():
    print("\nfor real, Open MPI on this machine:")
    for ranks in (16, 64) if max(sizes) >= 1024 else (16,):
        compare_real(ranks, results.get(ranks) or simulate(ranks)[1])
else:
    print("\nnot compared with a real MPI: expected Open MPI with its pml "
          "monitoring, found none")
last_line = judge_growth(results) if len(results) > 1 else ""
for failure in failures:
    print(f"compare_scale.sh: {failure}", file=sys.stderr)
print(last_line)
sys.exit(1 if failures else 0)
