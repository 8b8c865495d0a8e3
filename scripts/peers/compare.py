# SPDX-License-Identifier: Apache-2.0
"""The program behind scripts/compare_peers.sh, whose --help says what it does."""
import argparse
import fnmatch
import json
import os
import pathlib
import re
import shutil
import statistics
import sys

import programs
import rows
import stats

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUICK_ROUNDS, QUICK_HPL_N = 3, 2000
# Candidates further behind the best than this in a first look stay out.
CLOSE = 0.95


def say(text):
    print(text, file=sys.stderr, flush=True)


def put(record):
    print(json.dumps(record), flush=True)


# --- the command line --------------------------------------------------------

def whole(least, most):
    def parse(text):
        if not text.isdigit() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(
                f"expected {least}..{most}, got '{text}'")
        return int(text)
    return parse


def size_bytes(text):
    found = re.fullmatch(r"(\d+)(B|KiB|MiB|GiB)", text)
    if not found or int(found[1]) == 0:
        raise argparse.ArgumentTypeError(
            f"expected a size such as 64MiB, got '{text}'")
    return int(found[1]) << {"B": 0, "KiB": 10, "MiB": 20, "GiB": 30}[found[2]]


def package_cores():
    """Cores of package 0, one for each core that shares its threads."""
    seen = set()
    for cpu in pathlib.Path("/sys/devices/system/cpu").glob("cpu[0-9]*/topology"):
        try:
            if (cpu / "physical_package_id").read_text().strip() == "0":
                seen.add((cpu / "core_cpus_list").read_text().strip())
        except OSError:
            continue
    return len(seen) or os.cpu_count() or 1


def parse(words):
    parser = argparse.ArgumentParser(
        prog="compare_peers.sh", add_help=False, allow_abbrev=False,
        usage="scripts/compare_peers.sh [option...] [NAME...]")
    parser.add_argument("-g", "--greenbench")
    parser.add_argument("-n", "--rounds", type=whole(1, 1000))
    parser.add_argument("-t", "--threads", type=whole(1, 4096))
    parser.add_argument("-r", "--ranks", type=whole(1, 4096), default=2)
    parser.add_argument("--hpl-n", type=whole(100, 10**6))
    parser.add_argument("--array", type=size_bytes)
    for word in ("--quick", "--no-install", "--list", "--check"):
        parser.add_argument(word, action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args(words)
    options.rounds = options.rounds or (QUICK_ROUNDS if options.quick else 7)
    options.hpl_n = options.hpl_n or (QUICK_HPL_N if options.quick else 8000)
    options.threads = options.threads or package_cores()
    if not options.greenbench:
        built = ROOT / "build/release/bin/greenbench"
        options.greenbench = str(built if built.exists() else "greenbench")
    found = shutil.which(options.greenbench)
    options.greenbench = os.path.abspath(found) if found else options.greenbench
    # Beside it in a build tree; an installation has none.
    options.cblas = os.path.join(os.path.dirname(options.greenbench), os.pardir,
                                 "tests/support/gb_cblas_loop")
    return parser, options


def chosen(parser, every, names):
    """The rows that the names select; an unknown name is an error."""
    def matches(row, name):
        return fnmatch.fnmatchcase(row.name, name) or row.name.startswith(name)
    for name in names:
        if not any(matches(row, name) for row in every):
            parser.error(f"expected names as --list prints them, got '{name}'")
    return [row for row in every
            if not names or any(matches(row, name) for name in names)]


# --- measuring ---------------------------------------------------------------

class Measured:
    """The values of one row, round by round."""

    def __init__(self, row):
        self.row = row
        self.ours = []
        self.theirs = {name: [] for name in row.peers}
        self.ended = None  # {"skipped" or "failed": reason}

    def round(self):
        if self.ended:
            return
        try:
            for name, peer in self.row.peers.items():
                self.theirs[name].append(peer())
            self.ours.append(self.row.ours())
        except programs.Absent as reason:
            self.ended = {"skipped": str(reason)}
        except (programs.Failed, StopIteration, KeyError) as reason:
            self.ended = {"failed": str(reason) or repr(reason)}

    def result(self):
        if self.ended:
            return {"what": self.row.name, **self.ended}
        theirs = {name: statistics.median(values)
                  for name, values in self.theirs.items()}
        best = max(theirs, key=theirs.get)
        found = stats.compare(self.ours, self.theirs[best],
                              self.row.lower_is_better)
        return {"what": self.row.name, "ours": statistics.median(self.ours),
                "peer": best, "peer_value": theirs[best],
                "unit": self.row.unit, "bar": self.row.bar,
                "rounds": len(self.ours), **found}


def keep_best_kernels(row, likwid):
    """One run of each kernel that this likwid and this CPU have, and those near
    the best remain."""
    seen = {}
    for kernel in likwid.names([name.split()[1] for name in row.peers]):
        name = f"likwid-bench {kernel}"
        try:
            seen[name] = row.peers[name]()
        except programs.Failed as reason:
            say(f"{row.name}: without {kernel}: {str(reason)[:100]}")
    if not seen:
        raise programs.Absent("likwid-bench has no kernel for it that runs here")
    best = max(seen.values())
    row.peers = {name: row.peers[name] for name, value in seen.items()
                 if value >= CLOSE * best}


def measure_one(row, setting, rounds):
    measured = Measured(row)
    try:
        if row.name.endswith("/likwid"):
            say(f"{row.name}: a first look at likwid's kernels")
            keep_best_kernels(row, setting.likwid)
            measured = Measured(row)
    except programs.Absent as reason:
        measured.ended = {"skipped": str(reason)}
    except programs.Failed as reason:
        measured.ended = {"failed": str(reason)}
    for number in range(rounds):
        if measured.ended:
            break
        say(f"{row.name}: round {number + 1} of {rounds}")
        measured.round()
    return measured.result()


def measure_hpcc(group, setting, rounds):
    """Its rows side by side: each run of hpcc serves all of them."""
    every = [Measured(row) for row in group]
    for number in range(rounds):
        if all(measured.ended for measured in every):
            break
        say(f"hpcc: round {number + 1} of {rounds}, some minutes")
        try:
            setting.begin_hpcc_round()
        except programs.Absent as reason:
            for measured in every:
                measured.ended = {"skipped": str(reason)}
            break
        except programs.Failed as reason:
            for measured in every:
                measured.ended = {"failed": str(reason)}
            break
        for measured in every:
            say(f"  {measured.row.name}")
            measured.round()
    return [measured.result() for measured in every]


def why_not(row, ours):
    """Why this row cannot be measured, as its result; None: it can."""
    try:  # "network.pingpong.latency/hpcc" is of network.pingpong
        ours.need(".".join(row.name.split("/")[0].split(".")[:2]), [])
        if row.check:
            row.check()
    except programs.Absent as reason:
        return {"what": row.name, "skipped": str(reason)}
    except programs.Failed as reason:
        return {"what": row.name, "failed": str(reason)}
    return None


# --- the whole ---------------------------------------------------------------

def finish(results):
    """Print the last line; the exit code. The worst is the smallest ratio,
    whatever its bar: how far it may fall is another question."""
    compared = [r for r in results if "ratio_median" in r]
    below = [r["what"] for r in compared if r["ratio_median"] < r["bar"]]
    skipped = [r["what"] for r in results if "skipped" in r]
    failed = [r["what"] for r in results if "failed" in r]
    if compared:
        worst = min(compared, key=lambda r: r["ratio_median"])
        put({"worst": worst["ratio_median"], "what": worst["what"],
             "bar": worst["bar"], "below_bar": below, "skipped": skipped,
             "failed": failed})
    else:
        put({"worst": None, "below_bar": [], "skipped": skipped,
             "failed": failed})
    if failed:
        return 2
    if below:
        return 1
    return 77 if skipped else 0


def main():
    parser, options = parse(sys.argv[1:])
    if options.list or options.check:
        selected = chosen(parser, rows.all_rows(rows.Setting(options, None)),
                          options.names)
        if options.list and not options.check:
            for row in selected:
                print(f"{row.name:36} {row.bar:.2f}")
        return 0
    try:
        ours = programs.Greenbench(options.greenbench)
    except (programs.Absent, programs.Failed) as reason:
        say(f"compare_peers.sh: {reason}")
        return 2
    setting = rows.Setting(options, ours)
    selected = chosen(parser, rows.all_rows(setting), options.names)
    results, group = [], []
    for row in selected:
        ended = why_not(row, ours)
        if ended:
            results.append(ended)
            put(ended)
        elif row.group == "hpcc":
            group.append(row)
        else:
            results.append(measure_one(row, setting, options.rounds))
            put(results[-1])
    if group:
        for result in measure_hpcc(group, setting, options.rounds):
            results.append(result)
            put(result)
    return finish(results)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
