#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How right the verdicts of `greenbench compare` are, and what it costs.

Thousands of pairs of runs are simulated in memory, with normally distributed
logarithms, and judged by the stage that the program uses; two results of 1,000
benchmarks are written to disk and compared by the program. The figures come
last, one line each, with the bar; exit 1 if one is missed.

usage: scripts/measure_compare.py [--build DIR] [--calls N]
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SEED = 20261127
NOISE = "0.02"  # standard deviation of a repetition, relative
BENCHMARKS = 1000
ATTEMPTS = 7  # the least of them: who else uses the core


def simulate(program, calls, benchmarks, repetitions, ratio):
    """Calls with something worse, with something better; benchmarks that were
    found slower, and equivalent: shares."""
    done = subprocess.run(
        [program, str(calls), str(benchmarks), str(repetitions), NOISE,
         str(ratio), str(SEED)], check=True, text=True, stdout=subprocess.PIPE)
    worse, better, slower, equivalent = map(int, done.stdout.split())
    return (worse / calls, better / calls, slower / calls / benchmarks,
            equivalent / calls / benchmarks)


def add_noise(run_dir, seed):
    """Without it nothing would be undecided, which costs the most."""
    chance = random.Random(seed)
    path = pathlib.Path(run_dir) / "records.jsonl"
    lines = []
    for line in path.read_text().splitlines():
        record = json.loads(line)
        if record["record"] == "repetition":
            factor = 1.0 + float(NOISE) * chance.gauss(0.0, 1.0)
            record["elapsed_s"] *= factor
            ranks = record["ranks"]
            ranks["elapsed_s"] = [s * factor for s in ranks["elapsed_s"]]
        lines.append(json.dumps(record))
    path.write_text("\n".join(lines) + "\n")


def time_program(build):
    """Seconds and seconds of CPU of `compare` on two results."""
    with tempfile.TemporaryDirectory() as folder:
        runs = [subprocess.run(
            [build / "tests/support/gb_make_large", folder, name, "1",
             str(BENCHMARKS), "10"], check=True, text=True,
            stdout=subprocess.PIPE).stdout.strip() for name in ("a", "b")]
        for at, run_dir in enumerate(runs):
            add_noise(run_dir, SEED + at)
        took = []
        for _ in range(ATTEMPTS):
            begin = time.monotonic()
            process = subprocess.Popen(
                [build / "bin/greenbench", "compare", *runs, "--json"],
                stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            took.append((time.monotonic() - begin,
                         usage.ru_utime + usage.ru_stime))
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                sys.exit("measure_compare.py: compare failed")
    return min(t for t, _ in took), min(c for _, c in took)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        usage="scripts/measure_compare.py [--build DIR] [--calls N]")
    parser.add_argument("--build", type=pathlib.Path,
                        default=ROOT / "build/release")
    parser.add_argument("--calls", type=int, default=1000)
    options = parser.parse_args()
    program = options.build / "tests/support/gb_measure_compare"
    for needed in (program, options.build / "bin/greenbench"):
        if not needed.is_file():
            print(f"measure_compare.py: expected {needed}, found none\n  hint: "
                  "cmake --preset release && cmake --build --preset release",
                  file=sys.stderr)
            return 2

    calls = options.calls
    lines = []
    for benchmarks, repetitions in ((1, 5), (1, 10), (1, 20), (20, 10)):
        worse, better, _, equivalent = simulate(program, calls, benchmarks,
                                                repetitions, 1.0)
        lines.append((f"identical, {benchmarks} benchmark(s), n = "
                      f"{repetitions}: calls with a false 'worse' "
                      f"{worse:.1%}, 'better' {better:.1%}; performance "
                      f"equivalent {equivalent:.0%}",
                      "worse <= 5 %", worse <= 0.05))
    _, _, found, _ = simulate(program, calls, 1, 20, 0.95)
    lines.append((f"5 % slower, n = 20, alone: found {found:.1%}",
                  ">= 95 %", found >= 0.95))
    _, _, found, _ = simulate(program, 5, BENCHMARKS, 20, 0.95)
    lines.append((f"5 % slower, n = 20, among {BENCHMARKS} benchmarks: found "
                  f"{found:.1%}", ">= 95 %", found >= 0.95))
    seconds, cpu_s = time_program(options.build)
    lines.append((f"compare of two results of {BENCHMARKS} benchmarks with 10 "
                  f"repetitions: {seconds:.2f} s, {cpu_s:.2f} s of CPU",
                  "<= 0.5 s", seconds <= 0.5))

    print(f"{calls} simulated calls, noise 2 %, all metrics, margin 2 %")
    for text, bar, good in lines:
        print(f"{text}  [{bar}: {'kept' if good else 'MISSED'}]")
    return 0 if all(good for _, _, good in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
