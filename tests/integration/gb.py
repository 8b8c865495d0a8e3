# SPDX-License-Identifier: Apache-2.0
"""What the integration tests share: run the real binary, alone or under mpirun,
and read what it leaves. Standard library only.

Environment, set by CMake: GB_BIN (greenbench), GB_PLAY (gb_play_tree),
GB_FIXTURES, GB_TEST_PLUGINS (a folder with test plugins), GB_MPIEXEC ("" without
MPI), GB_MPI_YIELDS (a library to preload so that waiting ranks let others run).
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unicodedata
import unittest

import run_schemas

BIN = os.environ.get("GB_BIN", "")
PLAY = os.environ.get("GB_PLAY", "")
FIXTURES = pathlib.Path(os.environ.get("GB_FIXTURES", "."))
TEST_PLUGINS = os.environ.get("GB_TEST_PLUGINS", "")
MPIEXEC = os.environ.get("GB_MPIEXEC", "")

# A run that does everything, as short as it can be.
QUICK = ["--repeats", "6", "--min-time", "20ms", "--idle", "300ms"]


class Outcome:
    """One finished run of the program."""

    def __init__(self, completed):
        self.code = completed.returncode
        self.out = completed.stdout
        self.err = completed.stderr

    def __str__(self):
        return (f"exit {self.code}\n--- stdout\n{self.out}"
                f"\n--- stderr\n{self.err}")


def environment(extra=None):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("GREENBENCH_", "OMPI_", "SLURM_"))}
    # Open MPI refuses root and more ranks than cores unless told; others do not
    # look at these.
    env["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
    env["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    env["OMPI_MCA_rmaps_base_oversubscribe"] = "1"
    env["PRTE_MCA_rmaps_default_mapping_policy"] = ":oversubscribe"
    env.update(extra or {})
    preload = [env.get("LD_PRELOAD"), os.environ.get("GB_MPI_YIELDS")]
    env["LD_PRELOAD"] = ":".join(name for name in preload if name)
    return env


def command(args, ranks=None, mpi_args=()):
    """The command line: alone, or on `ranks` ranks under mpirun."""
    if ranks is None:
        return [BIN, *args]
    return [MPIEXEC, "-n", str(ranks), *mpi_args, BIN, *args]


def seal(run_dir):
    """All digests made anew, as docs/results-format.md tells it."""
    path = run_dir / "manifest.json"
    manifest = json.loads(path.read_text())
    for entry in manifest["files"]:
        file = run_dir / entry["path"]
        if entry["role"] == "result" and file.is_file():
            entry["size_bytes"] = file.stat().st_size
            entry["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    manifest["manifest_sha256"] = "0" * 64
    text = json.dumps(manifest, indent=1) + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    path.write_text(text.replace("0" * 64, digest))


def columns(text):
    """How many a terminal takes for the line: 2 for each wide character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in text)


def keep_codes(folder):
    """Words before a rank's command that leave its exit code in the folder. A
    launcher's own code is what it makes of all: the first rank that ends makes
    it kill the others, and MPICH's returns what these were killed by, or 0, as
    it happens. SIGTERM is sent to the shell, too."""
    return ["sh", "-c", 'trap : USR1 TERM; "$@"; code=$?; '
            'echo $code >"$0/code.$$"; exit $code', str(folder)]


def kept_codes(folder):
    return sorted(path.read_text().strip()
                  for path in pathlib.Path(folder).iterdir())


def run(args, ranks=None, env=None, timeout=120, mpi_args=(), **more):
    done = subprocess.run(command(args, ranks, mpi_args), env=environment(env),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=timeout, **more)
    return Outcome(done)


def only_run_dir(output):
    dirs = sorted(pathlib.Path(output).iterdir())
    assert len(dirs) == 1, f"expected one run directory, got {dirs}"
    return dirs[0]


def summary(run_dir):
    text = (pathlib.Path(run_dir) / "summary.json").read_text()

    def refuse(word):
        raise AssertionError(f"summary.json holds {word}")
    return json.loads(text, parse_constant=refuse)


def bench(result, bench_id, **params):
    """The one benchmark of a summary with this id and these parameters."""
    found = [b for b in result["benchmarks"] if b["id"] == bench_id and
             all(str(b["params"].get(k)) == v for k, v in params.items())]
    assert len(found) == 1, f"{bench_id} {params}: found {len(found)}"
    return found[0]


class Player:
    """A saved machine brought to life (gb_play_tree), as a context."""

    def __init__(self, fixture, dt_s, before_wrap_s=None):
        self.folder = tempfile.mkdtemp(prefix="gb-play-")
        self.root = os.path.join(self.folder, "root")
        line = [PLAY, str(FIXTURES / fixture), self.root,
                "--rate", "1000", "--dt", str(dt_s)]
        if before_wrap_s is not None:
            line += ["--before-wrap", str(before_wrap_s)]
        self.process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
        ready = self.process.stdout.readline().strip()
        assert ready == "ready", f"gb_play_tree said '{ready}'"

    def __enter__(self):
        return self.root

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Case(unittest.TestCase):
    """A test with an output directory of its own. Every run in it fits the
    schemas, however it ended, and one that has a manifest is valid, unless the
    test itself spoils one."""

    def setUp(self):
        self.output = tempfile.mkdtemp(prefix="gb-out-")
        self.addCleanup(shutil.rmtree, self.output, ignore_errors=True)
        test = getattr(self, self._testMethodName)
        if not getattr(test, "spoils_runs", False):
            self.addCleanup(self.check_runs, self.output)

    def check_runs(self, output):
        for run_dir in sorted(pathlib.Path(output).glob("*")):
            found = list(run_schemas.problems(run_dir))
            self.assertEqual(found, [], f"{run_dir.name} does not fit")
            if (run_dir / "manifest.json").is_file():
                done = run(["validate", str(run_dir)])
                self.assertEqual(done.code, 0, str(done))

    def run_ok(self, args, ranks=None, env=None, code=0, timeout=120):
        done = run([*args, "-o", self.output], ranks, env, timeout)
        self.assertEqual(done.code, code, str(done))
        return done


def needs_mpi(test):
    return unittest.skipUnless(MPIEXEC, "this build has no MPI")(test)


def spoils_runs(test):
    """A test that changes what a run left, so that it is not valid."""
    test.spoils_runs = True
    return test


def alone(test):
    """A test that measures so finely that it wants no other beside it."""
    test.wants_no_other = True
    return test


class _Suite(unittest.TestSuite):
    """Several tests at a time: they mostly wait. Class and module fixtures are
    not run."""

    def __init__(self, tests, at_a_time):
        super().__init__(tests)
        self.at_a_time = at_a_time

    def run(self, result, debug=False):
        lock = threading.Lock()

        def one(test):
            part = unittest.TestResult()
            began = time.monotonic()
            test.run(part)
            with lock:
                took_s = time.monotonic() - began
                result.testsRun += part.testsRun
                result.stream.writeln(f"{test} {took_s:.1f} s")
                for kind in ("errors", "failures", "skipped"):
                    found = getattr(part, kind)
                    getattr(result, kind).extend(found)
                    for _, text in found:
                        result.stream.writeln(f"{kind}: {text.splitlines()[-1]}")
        tests = list(self)
        wants = [getattr(getattr(test, test._testMethodName),
                         "wants_no_other", False) for test in tests]
        with concurrent.futures.ThreadPoolExecutor(self.at_a_time) as pool:
            list(pool.map(one, (test for test, apart in zip(tests, wants)
                                if not apart)))
        for test, apart in zip(tests, wants):
            if apart:
                one(test)
        return result


def _flatten(suite):
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            yield from _flatten(part)
        else:
            yield part


def main(at_a_time=1):
    """Run the module's tests; exit 77 if every one was skipped."""
    loader = unittest.TestLoader()
    if at_a_time > 1:
        load = loader.loadTestsFromModule
        loader.loadTestsFromModule = lambda *args, **more: _Suite(
            _flatten(load(*args, **more)), at_a_time)
    program = unittest.main(exit=False, verbosity=2, testLoader=loader)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    if result.testsRun == 0:
        sys.exit("no test ran")
    if len(result.skipped) == result.testsRun:
        sys.exit(77)
