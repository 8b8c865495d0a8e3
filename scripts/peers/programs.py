# SPDX-License-Identifier: Apache-2.0
"""Run one benchmark once, ours or a peer's, and return what it measured.

All values are in base units: byte/s, flop/s, update/s, s.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile


class Absent(Exception):
    """What is needed for this comparison is not here."""


class Failed(Exception):
    """A program ended badly, took too long, or said nothing of use."""


def run(line, limit_s, cwd=None):
    """The program's output, standard error included."""
    try:
        done = subprocess.run(line, cwd=cwd, timeout=limit_s, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              errors="replace")
    except FileNotFoundError:
        raise Absent(f"no program '{line[0]}'") from None
    except subprocess.TimeoutExpired:
        raise Failed(f"'{line[0]}' took more than {limit_s} s") from None
    if done.returncode != 0:
        tail = " ".join(done.stdout.split()[-60:])
        raise Failed(f"'{line[0]}' ended with {done.returncode}: {tail}")
    return done.stdout


def need_program(name):
    """Its path. For what mpirun starts: mpirun fails, whatever the reason."""
    path = shutil.which(name)
    if path is None:
        raise Absent(f"no program '{name}'")
    return path


def mpirun(ranks, threads=1):
    """One core for each thread of each rank."""
    place = "core" if threads == 1 else f"slot:PE={threads}"
    return ["mpirun", "-n", str(ranks), "--map-by", place, "--bind-to", "core"]


class Greenbench:
    """Ours."""

    def __init__(self, program):
        self.program = program
        listed = json.loads(run([program, "list", "--json"], 60)
                            .partition("{")[2].join(["{", ""]))
        self.params = {bench["id"]: {p["name"] for p in bench["params"]}
                       for bench in listed["benchmarks"]}
        self.modules = {bench["id"]: bench["path"]
                        for bench in listed["benchmarks"]}

    def need(self, bench_id, params):
        if bench_id not in self.params:
            raise Absent(f"this greenbench has no {bench_id}")
        for name in params:
            if name not in self.params[bench_id]:
                raise Absent(f"{bench_id} has no parameter '{name}'")

    def bench(self, bench_id, params, ranks, threads=1, repeats=3,
              min_time="500ms"):
        """Its entry in the summary of one short run."""
        self.need(bench_id, params)
        output = tempfile.mkdtemp(prefix="gb-peers-")
        line = [*mpirun(ranks, threads), self.program, "run", "-b", bench_id,
                "--repeats", str(repeats), "--min-time", min_time, "--idle", "0",
                "-e", "none", "-o", output]
        for name, value in params.items():
            line += ["-p", f"{bench_id}.{name}={value}"]
        try:
            run(line, 900)
            path = next(pathlib.Path(output).glob("*/summary.json"))
            found = json.loads(path.read_text())["benchmarks"][0]
        finally:
            shutil.rmtree(output, ignore_errors=True)
        if not found["valid"]:
            raise Failed(f"{bench_id}: {found['reason']}")
        return found

    def rate(self, bench_id, params, ranks, threads=1, repeats=3):
        found = self.bench(bench_id, params, ranks, threads, repeats)
        return found["performance"]["median"]

    def memory_rate(self, bench_id, ranks):
        """Bytes moved in a second, by the benchmark's own count."""
        found = self.bench(bench_id, {}, ranks)
        moved = found["roofline"]["memory_byte_per_s"]
        if not moved:
            raise Absent(f"{bench_id} does not say how many bytes it moves")
        return moved


def blas_of(program):
    """The folders of the BLAS libraries that it is linked with. Debian has the
    interfaces of one BLAS, libblas and libopenblas, side by side in one."""
    found = set()
    for line in run(["ldd", program], 60).splitlines():
        name, arrow, path = line.strip().partition(" => ")
        if arrow and re.match(r"lib\w*(blas|mkl|blis)", name):
            found.add(os.path.dirname(os.path.realpath(path.split(" (")[0])))
    return found


def need_same_blas(theirs, ours):
    """@p theirs a program, @p ours a module: a ratio of two BLAS libraries says
    nothing of what calls them."""
    found, own = blas_of(need_program(theirs)), blas_of(ours)
    if not own or found != own:
        raise Absent(f"expected {theirs} with our BLAS, in "
                     f"{', '.join(sorted(own)) or 'no library'}, got it in "
                     f"{', '.join(sorted(found)) or 'no library'}")


class Likwid:
    """likwid-bench: one process, its threads pinned within package 0."""

    def __init__(self, threads):
        self.threads = threads
        self.iterations = {}
        self.kernels = None

    def names(self, wanted):
        """Those of @p wanted that this likwid has."""
        if self.kernels is None:
            text = run(["likwid-bench", "-a"], 60)
            self.kernels = {line.split()[0] for line in text.splitlines()
                            if " - " in line}
        return [name for name in wanted if name in self.kernels]

    def run(self, kernel, total_bytes):
        line = ["likwid-bench", "-t", kernel, "-w",
                f"S0:{max(1, total_bytes // 1000)}kB:{self.threads}"]
        # It looks for a number of iterations that takes a second, as long again:
        # once is enough.
        known = self.iterations.get((kernel, total_bytes))
        line += ["-i", known] if known else ["-s", "1"]
        text = run(line, 120)
        found = dict(re.findall(r"^(MFlops/s|MByte/s|Iterations per thread):"
                                r"\s*([\d.]+)", text, re.MULTILINE))
        if "MByte/s" not in found:
            raise Failed(f"likwid-bench {kernel}: no rate in its output")
        self.iterations[(kernel, total_bytes)] = found["Iterations per thread"]
        return 1e6 * float(found["MFlops/s" if kernel.startswith("peakflops")
                                 else "MByte/s"])


def netpipe(message_bytes):
    """One-way seconds for a message of this size between two ranks."""
    need_program("NPopenmpi")
    with tempfile.TemporaryDirectory(prefix="gb-peers-") as folder:
        size = str(message_bytes)
        run([*mpirun(2), "NPopenmpi", "-l", size, "-u", size, "-p", "0",
             "-o", "out"], 120, cwd=folder)
        rows = (pathlib.Path(folder) / "out").read_text().split("\n")
    for row in rows:
        words = row.split()
        if words and words[0] == size:
            # Its time has few digits, its rate, in units of 2^20 bit/s, many.
            return message_bytes * 8 / (float(words[1]) * 2**20)
    raise Failed(f"NPopenmpi: no line for {size} bytes")


def cblas_loop(program, n, ranks):
    """flop/s of all ranks, each calling cblas_dgemm() in a loop."""
    if not os.access(program, os.X_OK):
        raise Absent("no gb_cblas_loop: build greenbench with its tests")
    text = run([*mpirun(ranks), program, str(n), "1.5"], 300)
    rates = [float(word) for word in re.findall(r"^flop/s ([\d.e+]+)$", text,
                                                re.MULTILINE)]
    if len(rates) != ranks:
        raise Failed(f"gb_cblas_loop: expected {ranks} rates, got {len(rates)}")
    return sum(rates)
