# SPDX-License-Identifier: Apache-2.0
"""One run of greenbench over the virtual cluster: where its processes are, and
whether all of them end."""
import contextlib
import os
import pathlib
import subprocess
import time

import cluster

# What a rank needs of the environment in which mpirun was started.
FORWARDED = ("GREENBENCH_PLUGIN_PATH", "GB_ECHO")


def plugins():
    """The folder of the test plugins."""
    folder = os.environ.get("GB_TEST_PLUGINS") or next(
        (str(path) for path in sorted((cluster.ROOT / "build").glob(
            "*/tests/integration/plugins/modules"))), None)
    if folder is None:
        raise cluster.Unavailable("expected a build with tests in build/")
    return folder


def binary():
    path = os.environ.get("GB_BIN") or cluster.find_binary("greenbench")
    if path is None:
        raise cluster.Unavailable("expected greenbench, built or on the path")
    return path


class Run:
    """mpirun on the first node; ranks go round the nodes. What it prints goes
    to files beside `output`, a folder that all nodes see. program: in place of
    greenbench, which it becomes."""

    def __init__(self, nodes, output, ranks, options, env=None, program=None):
        self.nodes = nodes
        self.output = pathlib.Path(output)
        self.output.mkdir(exist_ok=True)
        self.paths = [pathlib.Path(f"{self.output}.{end}")
                      for end in ("out", "err")]
        environment = {"GREENBENCH_PLUGIN_PATH": plugins(), **(env or {})}
        forward = [word for name in FORWARDED if name in environment
                   for word in ("-x", name)]
        with open(self.paths[0], "w", encoding="utf-8") as out, \
                open(self.paths[1], "w", encoding="utf-8") as err:
            self.process = nodes.popen(
                ["mpirun", *forward, "-n", str(ranks), "--map-by", "node",
                 program or binary(), *options, "-o", str(self.output)],
                env=environment, stdout=out, stderr=err)

    def text(self):
        """All that was printed."""
        return "".join(path.read_text() for path in self.paths)

    def mpirun(self):
        return self.nodes.inner_pid(self.process)

    def ranks(self, node):
        """greenbench's processes on a node, as numbered here."""
        found = []
        for pid in self.nodes.processes(node):
            with contextlib.suppress(OSError):
                name = pathlib.Path(f"/proc/{pid}/comm").read_text()
                if name == "greenbench\n":
                    found.append(pid)
        return found

    def living(self):
        """Nodes that have power."""
        return [node for node in self.nodes.names if not
                (self.nodes.state / "nodes" / node / "dead").exists()]

    def alive(self):
        """Processes of any kind on those."""
        return [pid for node in self.living()
                for pid in self.nodes.processes(node)]

    def names(self):
        """Of the processes that are alive, for messages."""
        found = []
        for pid in self.alive():
            with contextlib.suppress(OSError):
                found.append(pathlib.Path(f"/proc/{pid}/comm").read_text()
                             .strip())
        return " ".join(found) or "mpirun's agent"

    def ends(self, seconds):
        """True when mpirun and every process on every node ended in time."""
        end = time.monotonic() + seconds
        while self.process.poll() is None or self.alive():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def directory(self):
        """The run's own; None if it made none."""
        runs = sorted(self.output.iterdir())
        return runs[0] if runs else None

    def report(self):
        """`greenbench report --json` of it, as it ended."""
        return subprocess.run(
            [binary(), "report", "--json", str(self.directory())],
            capture_output=True, text=True, check=False)
