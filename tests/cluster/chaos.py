#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kill a run at random moments, and count what it had finished and lost.

usage: chaos.py [--points N] [--seed S] [--nodes N]

Each point starts a run over the virtual cluster and, after a random time, kills
a rank, mpirun or a node, cuts a node's cable, or sends mpirun a signal. What
was finished is known from compute.echo (tests/integration/plugins/echo.c),
which writes it down by itself; what is left is what `greenbench report` reads.
Each run must also end by itself, on every node. Ends with 1 if anything was
lost, unreadable or left running. Where Open MPI 4's mpirun waits for the daemon
of a node that died before there was a rank anywhere, that is told, and no fault
of the run's.
"""
import argparse
import collections
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time

import cluster
import launch

KINDS = ("kill a rank", "kill mpirun", "SIGTERM", "SIGINT", "kill a node",
         "cut a node")
CASES, REPEATS = 5, 12
LIMIT_S = 10  # --trial-timeout; ranks other than 0 have 10 s more
ENDS_WITHIN_S = LIMIT_S + 10 + 10


class Run(launch.Run):
    """A run that can be compared with its truth."""

    def __init__(self, nodes, base, number):
        self.echo = base / f"echo{number}"
        turns = ",".join(str(turn) for turn in range(1, CASES + 1))
        super().__init__(
            nodes, base / f"run{number}", len(nodes.names) + 1,
            ["-b", "compute.echo", "-p", f"compute.echo.turn={turns}",
             "--repeats", str(REPEATS), "--min-time", "20ms", "--idle", "100ms",
             "--trial-timeout", f"{LIMIT_S}s"], {"GB_ECHO": str(self.echo)})

    def truth(self):
        """Finished repetitions of each case."""
        finished = collections.Counter()
        if self.echo.exists():
            for line in self.echo.read_text().splitlines():
                turn, count = line.split()
                finished[turn] = max(finished[turn], int(count))
        return finished

    def kept(self):
        """The same as `report` tells it; an error is one of the program's."""
        if self.directory() is None:
            return collections.Counter()
        done = self.report()
        if done.returncode == 2 and "before it began to measure" in done.stderr:
            return collections.Counter()
        if done.returncode != 0:
            raise RuntimeError(f"report: exit {done.returncode}: {done.stderr}")
        return collections.Counter({
            str(bench["params"]["turn"]): bench["time_s"]["n"]
            for bench in json.loads(done.stdout)["benchmarks"]})


def strike(run, kind, draw):
    """False if there was nothing any more that could be struck."""
    nodes = run.nodes
    if run.process.poll() is not None:
        return False
    node = draw.choice(nodes.names)
    with contextlib.suppress(ProcessLookupError):
        if kind == "kill a rank":
            ranks = run.ranks(node)
            if not ranks:
                return False
            os.kill(draw.choice(ranks), signal.SIGKILL)
        elif kind == "kill a node":
            nodes.kill(node)
        elif kind == "cut a node":
            nodes.cut(node)
        else:
            os.kill(run.mpirun(), {"kill mpirun": signal.SIGKILL,
                                   "SIGTERM": signal.SIGTERM,
                                   "SIGINT": signal.SIGINT}[kind])
    return True


class Tally:
    def __init__(self):
        self.points = self.trials = self.repetitions = 0
        self.lost_trials = self.lost_repetitions = 0
        self.unstarted = 0  # mpirun waits for a daemon, without a rank
        self.faults = []

    def add(self, run, kind, note, ended):
        truth = run.truth()
        try:
            if not ended and run.directory() is None and not any(
                    run.ranks(node) for node in run.living()):
                self.unstarted += 1
            elif not ended:
                raise RuntimeError("it goes on after "
                                   f"{ENDS_WITHIN_S} s: {run.names()}")
            kept = run.kept()
        except RuntimeError as error:
            self.faults.append(f"{kind}, {note}: {error}")
            kept = collections.Counter()
        lost = sum((truth - kept).values())
        self.points += 1
        self.repetitions += sum(truth.values())
        self.lost_repetitions += lost
        for turn, finished in truth.items():
            if finished == REPEATS:
                self.trials += 1
                self.lost_trials += kept[turn] < REPEATS
        if lost:
            self.faults.append(f"{kind}, {note}: finished {dict(truth)}, kept "
                               f"{dict(kept)}")
        return sum(truth.values())

    def ok(self):
        return not self.faults and not self.lost_repetitions


class Field:
    """The cluster, made anew after a node was killed."""

    def __init__(self, count, base):
        self.count, self.base, self.nodes = count, base, None

    def get(self):
        if self.nodes is None:
            self.nodes = cluster.Cluster(self.count, shared=[self.base])
            self.nodes.up()
        return self.nodes

    def drop(self):
        if self.nodes is not None:
            self.nodes.down()
            self.nodes = None


def undisturbed(field, base, tally):
    """How long a run takes that nobody kills; its truth is all there is."""
    began = time.monotonic()
    run = Run(field.get(), base, "-undisturbed")
    ended = run.ends(ENDS_WITHIN_S)
    took_s = time.monotonic() - began
    finished = tally.add(run, "no fault", f"{took_s:.1f} s", ended)
    tally.points = 0
    # The last repetition has no call after it that would say so.
    if run.process.returncode != 0 or finished < CASES * REPEATS - 1:
        raise RuntimeError(f"a run without a fault: exit "
                           f"{run.process.returncode}, {finished} "
                           f"repetitions: {run.text()}")
    return took_s


def chaos(points, seed, count):
    draw = random.Random(seed)
    tally = Tally()
    base = pathlib.Path(tempfile.mkdtemp(prefix="gb-chaos-"))
    field = Field(count, str(base))
    print(f"seed {seed}, {points} points, {count} nodes", flush=True)
    try:
        whole_s = undisturbed(field, base, tally)
        for number in range(points):
            kind = draw.choice(KINDS)
            delay_s = draw.uniform(0.0, whole_s)
            run = Run(field.get(), base, number)
            time.sleep(delay_s)
            struck = strike(run, kind, draw)
            began = time.monotonic()
            ended = run.ends(ENDS_WITHIN_S)
            finished = tally.add(run, kind, f"after {delay_s:.2f} s", ended)
            print(f"{number + 1:3} {kind:12} after {delay_s:5.2f} s: "
                  f"{finished:2} finished, ended "
                  f"{time.monotonic() - began:4.1f} s later"
                  + ("" if struck else " (had ended before)"), flush=True)
            if kind in ("kill a node", "cut a node") or not ended:
                field.drop()
    finally:
        field.drop()
        shutil.rmtree(base, ignore_errors=True)
    for fault in tally.faults:
        print(f"FAULT {fault}")
    if tally.unstarted:
        print(f"{tally.unstarted} times mpirun waited for a daemon, before "
              "there was a rank")
    print(f"{tally.lost_repetitions} finished repetitions lost of "
          f"{tally.repetitions}")
    print(f"{tally.lost_trials} finished trials lost of {tally.trials} over "
          f"{tally.points} kill points")
    return 0 if tally.ok() else 1


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--seed", type=int,
                        default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--nodes", type=int, default=3)
    args = parser.parse_args()
    if args.points < 1 or args.nodes < 2:
        parser.error("expected 1 point and 2 nodes or more")
    if (reason := cluster.why_not()) is not None:
        print(f"skipped: {reason}")
        return 77
    return chaos(args.points, args.seed, args.nodes)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (cluster.Unavailable, RuntimeError) as error:
        sys.exit(f"chaos.py: {error}")
