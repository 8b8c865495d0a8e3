#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How right the energy figures are, and what they cost, on this machine.

Emulated machines (greenbench-emulator) whose true energy is known are measured
with the real program; the figures come last, one line each, with the bar.

usage: scripts/measure_energy.py [--build DIR] [--quick] [PART...]

parts (default: all):
  error     error against the true energy: steady, square wave, three wraps
  coverage  share of 95 % intervals that hold the truth, 1,000 random windows
  sampler   CPU time of the sampler at 10 Hz and at 1 kHz
  slowdown  benchmarks with and without sampling at 100 Hz, interleaved pairs
  faults    each fault of a counter in the middle of a run: what it changes
"""
import argparse
import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

DESCRIPTION = """
description: machines for scripts/measure_energy.py
seed: 7
machines:
  steady:
    like: intel-2s
  square: # both packages and nothing else
    like: intel-2s
    domains:
      package-0:
        power: {square: {low_w: 50, high_w: 250, frequency_hz: 0.7}}
      package-0/dram: off
      package-1: off
      package-1/dram: off
  wraps: # next to nothing, three wraps, next to nothing: no error at the edges
    like: intel-2s
    domains:
      package-0:
        power: {step: {points: [[0, 0.0001], [4, 800], [9, 0.0001]]}}
        unit_nj: 250 # wraps after 2^32 of them, 1073.741824 J
        max_power_w: 2000
      package-0/dram: off
      package-1: off
      package-1/dram: off
  eight:
    like: intel-2s
    domains:
      psys: {zone: 'intel-rapl:2', power: 300}
      package-0/core: {zone: 'intel-rapl:0:1', power: 60}
      package-1/core: {zone: 'intel-rapl:1:1', power: 60}
      package-0/uncore: {zone: 'intel-rapl:0:2', power: 5}
"""


class Tools:
    def __init__(self, build):
        self.build = build
        self.greenbench = build / "bin/greenbench"
        self.emulator = build / "bin/greenbench-emulator"
        self.coverage = build / "tests/support/gb_measure_coverage"
        self.sampler = build / "tests/support/gb_measure_sampler"
        for program in (self.greenbench, self.emulator):
            if not program.exists():
                sys.exit(f"measure_energy.py: expected {program}, found none\n"
                         "  hint: cmake --preset release && cmake --build "
                         "--preset release (the emulator needs libfuse3-dev)")


@contextlib.contextmanager
def emulated(tools):
    with tempfile.TemporaryDirectory(prefix="gb-measure-") as folder:
        description = pathlib.Path(folder) / "machines.yaml"
        mount = pathlib.Path(folder) / "mount"
        description.write_text(DESCRIPTION)
        mount.mkdir()
        process = subprocess.Popen([tools.emulator, description, mount],
                                   stdout=subprocess.PIPE, text=True)
        try:
            if process.stdout.readline().strip() != "ready":
                sys.exit("measure_energy.py: the emulator did not start")
            yield mount
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)


def environment(machine):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith("GREENBENCH_")}
    env["GREENBENCH_SYSROOT"] = str(machine)
    return env


def sensors(tools, machine, seconds, hz=10):
    out = subprocess.run(
        [tools.greenbench, "sensors", "--json", "--measure", f"{seconds}s",
         "--sample-hz", str(hz)], env=environment(machine), check=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    node = json.loads(out)["node"]
    if node["energy_j"] is None:
        sys.exit(f"measure_energy.py: {machine.name} has no energy figure: "
                 f"{node['reason']}")
    begin_ns, end_ns = node["window_ns"]
    truth = json.loads((machine / ".emulator" / "truth" /
                        f"{begin_ns}-{end_ns}").read_text())
    return node, truth


def measure_error(tools, quick):
    windows = 5 if quick else 30
    figures = []
    with emulated(tools) as mount:
        node, truth = sensors(tools, mount / "wraps", 12)
        wraps = node["wraps"]
        lsb = abs(node["energy_j"] - truth["node_j"]) / 1e-6
        print(f"wraps: {node['energy_j']:.6f} J, true {truth['node_j']:.6f} J, "
              f"{node['wraps']} wraps")
        for machine, bar in (("steady", 0.1), ("square", 0.3)):
            worst = 0.0
            for i in range(windows):
                node, truth = sensors(tools, mount / machine,
                                      1 + 0.37 * (i % 6))
                error = 100 * (node["energy_j"] / truth["node_j"] - 1)
                worst = max(worst, abs(error))
                print(f"{machine}: {node['window_s']:.3f} s, {error:+.4f} %")
            figures.append((f"error, {machine} power, worst of {windows} "
                            f"windows from 1 s", f"{worst:.4f} %",
                            f"<= {bar} %", worst <= bar))
    figures.append((f"error through {wraps} wraps",
                    f"{lsb:.2f} LSB", "<= 1 LSB, 3 wraps or more",
                    lsb <= 1 and wraps >= 3))
    return figures


def measure_coverage(tools, quick):
    out = subprocess.run([tools.coverage, "1000"], stdout=subprocess.PIPE,
                         text=True, check=False).stdout.strip()
    print(out)
    share = float(out.splitlines()[-1].split(": ")[1].split()[0])
    return [("95 % intervals that hold the truth, 1,000 random windows",
             f"{100 * share:.1f} %", "93 .. 97 %", 0.93 <= share <= 0.97)]


@contextlib.contextmanager
def plain_copy(machine):
    """The machine as plain files whose counters go on: a read of them costs
    what a read of sysfs does, without the detour over the emulator."""
    with tempfile.TemporaryDirectory(prefix="gb-plain-") as folder:
        copy = pathlib.Path(folder)
        for part in ("sys", "proc"):
            shutil.copytree(machine / part, copy / part, symlinks=True)
        counters = {path: int(path.read_text())
                    for path in (copy / "sys/devices").rglob("energy_uj")}
        stop = threading.Event()

        def count():
            while not stop.wait(0.02):
                for path, value in counters.items():
                    counters[path] = value + 400000
                    with open(path, "r+") as file:
                        file.write(f"{counters[path]}\n")
        thread = threading.Thread(target=count)
        thread.start()
        try:
            yield copy
        finally:
            stop.set()
            thread.join()


def sampler_cost(tools, machine, hz, seconds, rounds):
    """CPU time, medians of rounds in which the reads alone, the sampler, and a
    thread that only wakes up as often follow each other."""
    out = subprocess.run([tools.sampler, str(hz), str(seconds), str(rounds)],
                         env=environment(machine), check=True,
                         stdout=subprocess.PIPE, text=True).stdout.split()
    domains, each_us, share, beyond, rate_hz, idle, both = map(float, out)
    print(f"  {rounds} rounds: {domains:.0f} domains, {each_us:.1f} us of CPU a "
          f"read of all, {rate_hz:.0f} reads/s: {100 * share:.3f} % of a core, "
          f"{100 * beyond:.3f} % beyond the reads; a thread that only wakes up "
          f"as often: {100 * idle:.3f} %; beyond both: {100 * both:.3f} %")
    return domains, share, beyond, idle, both


@contextlib.contextmanager
def busy_cores():
    """All cores compute, as beside the ranks of a run: a thread that wakes up
    finds its core awake, but in the hands of others."""
    with contextlib.ExitStack() as stack:
        for _ in os.sched_getaffinity(0):
            spinner = subprocess.Popen([sys.executable, "-c",
                                        "while True: pass"])
            stack.callback(spinner.wait)
            stack.callback(spinner.kill)
        yield


def measure_sampler(tools, quick):
    rounds = 5 if quick else 15
    with emulated(tools) as mount:
        print("over FUSE, where a read is two switches between processes:")
        sampler_cost(tools, mount / "eight", 10, 5, 1 if quick else 3)
        with plain_copy(mount / "eight") as plain:
            print("plain files, cores that sleep between two ticks:")
            domains, share, _, _, _ = sampler_cost(tools, plain, 10, 5,
                                                   2 if quick else 5)
            _, _, beyond, idle, both = sampler_cost(tools, plain, 1000, 1,
                                                    rounds)
            print("plain files, cores that compute:")
            with busy_cores():
                _, beside, _, _, _ = sampler_cost(tools, plain, 10, 5,
                                                  2 if quick else 5)
                sampler_cost(tools, plain, 1000, 1, rounds)
    return [(f"sampler at 10 Hz, {domains:.0f} domains",
             f"{100 * share:.3f} % of a core", "<= 0.1 %", share <= 0.001),
            (f"sampler at 10 Hz, {domains:.0f} domains, cores that compute",
             f"{100 * beside:.3f} % of a core", "<= 0.1 %", beside <= 0.001),
            ("sampler at 1 kHz, beyond the reads",
             f"{100 * beyond:.3f} % of a core; a thread that only wakes up as "
             f"often takes {100 * idle:.3f} % on this machine", "<= 1 %",
             beyond <= 0.01),
            ("sampler at 1 kHz, beyond the reads and that thread",
             f"{100 * both:.3f} % of a core", "<= 1 %", both <= 0.01)]


def rate(tools, machine, bench, folder, energy):
    subprocess.run(
        [tools.greenbench, "-b", bench, "--repeats", "6", "--min-time", "150ms",
         "--idle", "0", "-e", energy, "--sample-hz", "100", "-o", folder],
        env=environment(machine), check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    newest = max(pathlib.Path(folder).iterdir(), key=lambda p: p.name)
    found = json.loads((newest / "summary.json").read_text())
    return found["benchmarks"][0]["performance"]["median"]


def measure_slowdown(tools, quick):
    pairs = 4 if quick else 20
    figures = []
    with emulated(tools) as mount, tempfile.TemporaryDirectory() as folder:
        for bench in ("compute.fma", "memory.triad"):
            ratios = []
            for i in range(pairs):
                order = ["powercap", "none"] if i % 2 else ["none", "powercap"]
                got = {e: rate(tools, mount / "steady", bench,
                               os.path.join(folder, f"{bench}{i}{e}"), e)
                       for e in order}
                ratios.append(got["powercap"] / got["none"])
            mean = statistics.mean(ratios)
            # Student's t for 95 %, from 20 pairs on 2.09 and falling.
            half = 2.1 * statistics.stdev(ratios) / len(ratios) ** 0.5
            print(f"{bench}: sampled / not sampled "
                  + " ".join(f"{r:.3f}" for r in ratios))
            figures.append((f"{bench} sampled at 100 Hz / not, {pairs} pairs",
                            f"{mean:.4f} +- {half:.4f}", "1 inside",
                            abs(mean - 1) <= half))
    return figures


def measure_faults(tools, _):
    """Each fault in two runs: without --require-energy, below a simulated root,
    and with it, over the real paths. What a run is and gives is the test's."""
    os.environ.update(
        GB_BIN=str(tools.greenbench), GB_EMULATOR=str(tools.emulator),
        GB_TEST_PLUGINS=str(tools.build / "tests/integration/plugins/modules"))
    sys.path[:0] = [str(ROOT / "tests/integration"), str(ROOT / "tests/cluster")]
    import faults_test as test  # needs the environment above
    reason = test.why_not() or test.over_sys.why_not()
    if reason:
        sys.exit(f"measure_energy.py: {reason}")
    faults = [name for name in test.FAULTS if name not in test.CONTROLS]
    jobs = [(run, name) for run in (test.run_simulated, test.run_required)
            for name in test.FAULTS
            if run is test.run_required or name in faults]
    with tempfile.TemporaryDirectory(prefix="gb-faults-") as folder, \
            concurrent.futures.ThreadPoolExecutor(6) as pool:
        def one(job):
            output = os.path.join(folder, job[0].__name__ + job[1])
            done = test.run_with(*job, output)
            return done.code, test.gb.summary(test.gb.only_run_dir(output))
        found = dict(zip(jobs, pool.map(one, jobs)))
    kept, told, codes = 0, 0, {0: 0, 3: 0}
    for (run, name), (code, result) in found.items():
        bench = result["benchmarks"][0]
        status = {s["status"] for s in result["energy_sources"] if s["summed"]}
        wanted = 3 if run is test.run_required and name in faults else 0
        kept += bench["valid"] and bench["performance"]["n"] == test.REPEATS
        codes[wanted] += code == wanted
        told += name in faults and status != {"ok"} and \
            "source" in bench["energy"]["flags"]
        print(f"{run.__name__} {name}: exit {code}, {', '.join(sorted(status))}, "
              f"{bench['energy']['quality']}, {bench['energy']['flags']}")
    runs, hit = len(jobs), len(faults)
    return [("faults that change a status and a label",
             f"{told} of {2 * hit} runs", "all", told == 2 * hit),
            ("exit code 0 without --require-energy, or without a fault",
             f"{codes[0]} of {runs - hit} runs", "all", codes[0] == runs - hit),
            ("exit code 3 with it", f"{codes[3]} of {hit} faults", "all",
             codes[3] == hit),
            ("valid JSON, all figures of the benchmark kept",
             f"{kept} of {runs} runs", "all", kept == runs)]


PARTS = {"error": measure_error, "coverage": measure_coverage,
         "sampler": measure_sampler, "slowdown": measure_slowdown,
         "faults": measure_faults}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build", default=ROOT / "build/release",
                        type=pathlib.Path)
    parser.add_argument("--quick", action="store_true",
                        help="fewer windows, rounds and pairs")
    parser.add_argument("parts", nargs="*", metavar="PART",
                        help=", ".join(PARTS))
    args = parser.parse_args()
    for part in args.parts:
        if part not in PARTS:
            parser.error(f"expected {', '.join(PARTS)}, got '{part}'")
    tools = Tools(args.build)
    figures = []
    for part in args.parts or PARTS:
        begin = time.monotonic()
        print(f"-- {part}", flush=True)
        figures += PARTS[part](tools, args.quick)
        print(f"   took {time.monotonic() - begin:.0f} s", flush=True)
    print("\n== figures")
    for what, value, bar, good in figures:
        print(f"{'ok  ' if good else 'MISS'} {what}: {value} (bar {bar})")
    return 0 if all(good for *_, good in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
