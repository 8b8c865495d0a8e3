# SPDX-License-Identifier: Apache-2.0
"""Starting many ranks must not storm the storage that all nodes share: one rank
of a node looks for plugins and reads them, the others touch next to nothing of
the installation. Counted with strace, on an installation in a folder that
stands for that storage."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import gb

RANKS = 4
# Calls that a file server has to answer, by name or by descriptor.
CALLS = "%file,getdents64,fstat,statx,statfs,fstatfs"
MOST_CALLS = 20

EMPTY_MPI = os.environ.get("GB_EMPTY_MPI", "")
MOST_MIB = 8.0  # that a rank may weigh beyond an empty program


def install(folder):
    """The program and its plugins, as `cmake --install` lays them out."""
    built = pathlib.Path(gb.BIN).parent.parent
    prefix = pathlib.Path(folder) / "apps" / "greenbench"
    (prefix / "bin").mkdir(parents=True)
    shutil.copy2(gb.BIN, prefix / "bin" / "greenbench")
    modules = prefix / "lib" / "greenbench" / "plugins"
    modules.mkdir(parents=True)
    for module in sorted((built / "plugins").glob("*.so")):
        shutil.copy2(module, modules)
    return prefix


def traced(folder, program, args):
    """Run on RANKS ranks; the calls of each."""
    script = (f'exec strace -f -qq -y -e trace={CALLS} -o {folder}/trace.'
              '${OMPI_COMM_WORLD_RANK:-$PMI_RANK} "$@"')
    done = subprocess.run(
        [gb.MPIEXEC, "-n", str(RANKS), "sh", "-c", script, "sh", str(program),
         *args], env=gb.environment(), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, timeout=300, check=False)
    return done, [(pathlib.Path(folder) / f"trace.{rank}").read_text(
        errors="replace").splitlines() for rank in range(RANKS)]


@unittest.skipUnless(shutil.which("strace"), "strace is not installed")
@gb.needs_mpi
class Start(gb.Case):
    def calls(self, args):
        """Per rank, the calls that name the installation."""
        with tempfile.TemporaryDirectory(prefix="gb-shared-") as folder:
            prefix = install(folder)
            done, logs = traced(folder, prefix / "bin" / "greenbench",
                                [*args, "-o", self.output])
            self.assertEqual(done.returncode, 0, done.stderr)
            for log in logs:  # a trace of the program, not of nothing
                self.assertTrue(any("/proc/self/exe" in line or "execve(" in line
                                    for line in log))
            return [[line for line in log if str(prefix) in line]
                    for log in logs]

    def check(self, args):
        leader, *others = self.calls(args)
        for rank, calls in enumerate(others, 1):
            print(f"rank {rank}: {len(calls)} calls, the leader: {len(leader)}")
            self.assertLessEqual(len(calls), MOST_CALLS, "\n".join(calls))
            plugins = [c for c in calls if re.search(r"plugins|\.so", c)]
            self.assertEqual(plugins, [])
        # What is counted here is there to be counted.
        self.assertTrue(any("plugins" in c and ".so" in c for c in leader))

    def test_one_rank_of_a_node_reads_the_plugins(self):
        self.check(["-b", "memory.copy,network.allreduce", "--repeats", "2",
                    "--min-time", "1ms", "--idle", "0"])

    def test_however_many_the_plan_names(self):
        self.check(["--suite", "full", "--dry-run"])


def rank_one(program):
    """/proc of rank 1 of a launch that has begun; None: not yet."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if (process / "exe").resolve() == program and re.search(
                    rb"\0(OMPI_COMM_WORLD|PMI)_RANK=1\0",
                    b"\0" + (process / "environ").read_bytes()):
                return process
        except OSError:  # it is gone, or not ours
            pass
    return None


@gb.needs_mpi
class Memory(gb.Case):
    """What a rank that leads no node has resident at most, libraries that it
    shares included, before anything ran."""

    def weigh(self, command, ready):
        """VmHWM of rank 1 of two, MiB, once it is ready()."""
        launch = subprocess.Popen(
            [gb.MPIEXEC, "-n", "2", *command], env=gb.environment(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        program = pathlib.Path(command[0]).resolve()
        deadline = time.monotonic() + 60
        rank = None
        while rank is None or not ready():
            self.assertIsNone(launch.poll(), f"{command} ended before")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
            rank = rank or rank_one(program)
        time.sleep(0.3)
        status = (rank / "status").read_text()
        launch.terminate()
        launch.wait(timeout=60)
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024

    def test_a_rank_that_leads_nobody_is_light(self):
        begin = time.monotonic()
        empty = self.weigh([EMPTY_MPI, "10"],
                           lambda: time.monotonic() - begin > 1.5)
        output = pathlib.Path(self.output)
        own = self.weigh(
            [gb.BIN, "--suite", "default", "--idle", "10s", "-o", str(output)],
            lambda: any('"record":"session"' in records.read_text()
                        for records in output.glob("*/records.jsonl")))
        print(f"rank 1 of 2: {own:.1f} MiB, an empty program: {empty:.1f} MiB")
        self.assertLessEqual(own - empty, MOST_MIB)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    gb.main()
